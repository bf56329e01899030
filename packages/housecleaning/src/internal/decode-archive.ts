import type { Decoder } from '../codec.ts';
import { HousecleaningError } from '../errors.ts';
import type { ArchiveManifest, ArchiveSource } from './manifest.ts';
import { gunzipPieces } from './member-reader.ts';
import { createMultiset } from './multiset.ts';
import { createSha256, type Sha256 } from './sha256.ts';
import { createPacer } from './slices.ts';

/** How an archive is decoded. */
export interface DecodeOptions {
  /** @defaultValue 'native' */
  readonly decoder?: Decoder;
  /**
   * Count and add up the records too. The digests of content and sources imply them; with it the manifest's own figures
   * are proven.
   * @defaultValue true
   */
  readonly multiset?: boolean;
}

/** A piece of a raw object out of an archive. */
export interface SourcePiece {
  readonly source: ArchiveSource;
  /** Raw bytes, without an added newline, until the next piece is asked for; may be empty in the last one. */
  readonly piece: Uint8Array;
  /** The raw object is complete, and its digest is right. */
  readonly last: boolean;
}

/**
 * Decodes an archive piece by piece. The last piece of a source comes only after its digest was compared; only the end
 * of the iteration proves the whole.
 */
export async function* decodePieces(
  gz: AsyncIterable<Uint8Array>,
  manifest: ArchiveManifest,
  options: DecodeOptions = {},
): AsyncGenerator<SourcePiece, void, undefined> {
  const { archive, sources } = manifest;
  const { decoder = 'native', multiset = true } = options;
  const gzHash = createSha256();
  async function* hashed(): AsyncGenerator<Uint8Array, void, undefined> {
    let got = 0;
    for await (const piece of gz) {
      got += piece.length;
      if (got > archive.gzBytes) throw differs(manifest, `it has more than ${archive.gzBytes} bytes`);
      gzHash.update(piece);
      yield piece;
    }
    if (got !== archive.gzBytes) throw differs(manifest, `its size is ${got}, not ${archive.gzBytes} bytes`);
    // Before anything else is said of the bytes: another digest means damage, whatever a decoder makes of it.
    if (gzHash.hex() !== archive.gzSha256) throw differs(manifest, 'its bytes have another SHA-256');
  }

  const content = createSha256();
  const records = multiset ? createMultiset() : undefined;
  const pacer = createPacer();
  let index = 0;
  let hash: Sha256 = createSha256();
  let taken = 0;

  function finishSource(source: ArchiveSource): void {
    if (hash.hex() !== source.sha256) throw differs(manifest, `the bytes of "${source.key}" have another SHA-256`);
    if (records && records.endLines() !== source.lines)
      throw differs(manifest, `"${source.key}" has another number of lines`);
    index += 1;
    hash = createSha256();
    taken = 0;
  }

  for await (const piece of gunzipPieces(hashed(), { maxBytes: archive.bytes, decoder })) {
    await pacer.took(piece.length);
    content.update(piece);
    for (let at = 0; at < piece.length;) {
      const source = sources[index];
      if (source === undefined) throw differs(manifest, 'it holds more than its sources');
      const part = piece.subarray(at, at + Math.min(source.length - taken, piece.length - at));
      at += part.length;
      taken += part.length;
      const last = taken === source.length;
      const raw = last && source.addedNewline ? part.subarray(0, part.length - 1) : part;
      if (raw !== part && part[part.length - 1] !== 10) throw differs(manifest, `"${source.key}" lost its newline`);
      hash.update(raw);
      records?.push(raw);
      if (last) finishSource(source);
      yield { source, piece: raw, last };
    }
  }
  for (let source = sources[index]; source?.length === 0; source = sources[index]) {
    finishSource(source);
    yield { source, piece: new Uint8Array(0), last: true };
  }
  if (index < sources.length) throw differs(manifest, 'it ends before its last source');
  if (content.hex() !== archive.sha256) throw differs(manifest, 'its content has another SHA-256');
  if (records && records.hex() !== manifest.multiset.value)
    throw differs(manifest, 'its records are not the ones that were archived');
}

function differs(manifest: ArchiveManifest, why: string): HousecleaningError {
  return new HousecleaningError(
    'bad-archive',
    `The archive "${manifest.archive.key}" is not what manifest generation ${manifest.generation} declares: ${why}.`,
    manifest.archive.key,
  );
}
