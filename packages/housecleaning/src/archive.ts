/**
 * The archive format: one strict gzip member of NDJSON per symbol and day, and the manifest that describes every raw
 * object inside it. Bytes are carried, never parsed: what comes out of an archive is what went in.
 *
 * Every step has a streaming form, whose memory does not grow with the archive, and a form for bytes at hand.
 */
import type { Codec, Decoder } from './codec.ts';
import type { Cell } from './keys.ts';
import { decodePieces, type DecodeOptions } from './internal/decode-archive.ts';
import { createDigester, type ArchiveDigest } from './internal/digester.ts';
import { describeArchive, type DescribedArchive } from './internal/describe-archive.ts';
import { concat } from './internal/gzip.ts';
import type { ArchiveManifest, ArchiveSource } from './internal/manifest.ts';
import { copyOf } from './internal/member-reader.ts';
import { digested, packArchive } from './internal/pack-archive.ts';
import { inSlices } from './internal/slices.ts';

export { describeArchive } from './internal/describe-archive.ts';
export type { DescribedArchive } from './internal/describe-archive.ts';
export { encodeArchive } from './internal/encode-archive.ts';
export type { ArchiveEncoding, EncodeOptions, GzipIdentity } from './internal/encode-archive.ts';
export type { DecodeOptions } from './internal/decode-archive.ts';
export type { ArchiveDigest } from './internal/digester.ts';
export { encodeManifest, parseManifest } from './internal/manifest.ts';
export type { ArchiveManifest, ArchiveSource } from './internal/manifest.ts';
export { addMultisets } from './internal/multiset.ts';

/** Who a raw object is: its identity as the store gave it, and the generation that brings it in. */
export type SourceIdentity = Pick<ArchiveSource, 'key' | 'etag' | 'version' | 'size' | 'uploadedMs' | 'generation'>;

/** A raw object on its way into an archive, to be read when its turn comes, and once more in a second pass. */
export interface SourceOpener {
  readonly source: SourceIdentity;
  /** The raw bytes; a piece may be used again by its owner once the next one was asked for. */
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** A raw object on its way into an archive, in memory. */
export interface ArchiveInput {
  readonly source: SourceIdentity;
  readonly bytes: Uint8Array;
}

/** What the archive is of. */
export interface BuildArchiveOptions {
  readonly cell: Cell;
  readonly generation: number;
  /** SHA-256 of the manifest of the generation before; `null` for the first. */
  readonly supersedes: string | null;
  readonly env: { readonly env: string; readonly bucketId: string };
  /** Most decompressed bytes. */
  readonly maxBytes: number;
  /** @defaultValue `defaultCodec()` */
  readonly codec?: Codec;
  /**
   * Who decodes what `buildArchive` compresses, while it does; what comes out must be what went in.
   * @defaultValue nobody: verify what was stored
   */
  readonly selfVerify?: Decoder;
}

/** An archive in memory, not stored yet. */
export interface BuiltArchive extends DescribedArchive {
  /** The compressed archive. */
  readonly gz: Uint8Array;
}

/**
 * First pass: reads raw objects, given in ascending order of (key, generation, etag), and describes what their archive
 * will hold. The content's digest names the stage before a byte is compressed.
 *
 * @throws HousecleaningError `too-large` beyond `maxBytes`, `bad-archive` for inputs out of order, `unstable-read` for an
 *   object of another size than announced
 */
export async function digestSources(
  inputs: AsyncIterable<SourceOpener> | Iterable<SourceOpener>,
  options: BuildArchiveOptions,
): Promise<ArchiveDigest> {
  const digester = createDigester(options);
  const content = digested(inputs, digester);
  for (let next = await content.next(); !next.done; next = await content.next()) continue;
  return digester.finish();
}

/**
 * Compresses raw objects, given in ascending order of (key, generation, etag), into one archive with its manifest, in one
 * pass; only the archive is held in memory. The same inputs make the same content and sources everywhere, and the same
 * bytes on one platform.
 *
 * @throws HousecleaningError `too-large`, `bad-archive`, `unstable-read`, as {@link digestSources}; `bad-archive` if
 *   `selfVerify` finds that the encoder or this machine made a mistake
 */
export async function buildArchive(
  inputs: AsyncIterable<ArchiveInput | SourceOpener> | Iterable<ArchiveInput | SourceOpener>,
  options: BuildArchiveOptions,
): Promise<BuiltArchive> {
  const { digest, packed } = await packArchive(openersOf(inputs), options);
  const { gz, ...identity } = packed!;
  return { ...(await describeArchive(digest, identity, options)), gz };
}

async function* openersOf(
  inputs: AsyncIterable<ArchiveInput | SourceOpener> | Iterable<ArchiveInput | SourceOpener>,
): AsyncGenerator<SourceOpener, void, undefined> {
  for await (const input of inputs)
    yield 'open' in input ? input : { source: input.source, open: () => piecesOf(input.bytes) };
}

/** A raw object out of an archive. */
export interface ArchivedSource {
  readonly source: ArchiveSource;
  /** The raw bytes, without an added newline. */
  readonly bytes: Uint8Array;
}

/**
 * Decodes an archive source by source, each checked against its own digest before it is handed out. Only when the
 * iteration ends without an error is the whole proven: transport digest, one strict gzip member, content digest,
 * every source, every line count.
 *
 * @throws HousecleaningError `bad-archive`
 */
export async function* decodeArchive(
  gz: Uint8Array,
  manifest: ArchiveManifest,
  options: DecodeOptions = {},
): AsyncGenerator<ArchivedSource, void, undefined> {
  let parts: Uint8Array[] = [];
  for await (const { source, piece, last } of decodePieces(piecesOf(gz), manifest, options)) {
    parts.push(copyOf(piece));
    if (!last) continue;
    yield { source, bytes: parts.length === 1 ? parts[0]! : concat(parts) };
    parts = [];
  }
}

/** A raw object out of an archive that is read as a stream. */
export interface ArchivedSourceOpener extends SourceOpener {
  readonly source: ArchiveSource;
}

/**
 * The raw objects of an archive, in order, decoded as they are read: each is opened (once) before the next one is asked
 * for; what is not read is skipped, and proven all the same. The end of `open()` proves that source, the end of the
 * iteration the whole. For `digestSources`, `encodeArchive` and restoring.
 *
 * @throws HousecleaningError `bad-archive`
 */
export async function* openArchivedSources(
  gz: AsyncIterable<Uint8Array>,
  manifest: ArchiveManifest,
  options: DecodeOptions = {},
): AsyncGenerator<ArchivedSourceOpener, void, undefined> {
  const pieces = decodePieces(gz, manifest, options);
  try {
    for (let current = await pieces.next(); !current.done; current = await pieces.next()) {
      const { source } = current.value;
      let at: typeof current.value | undefined = current.value;
      let isThrough = false;
      const take = async (): Promise<Uint8Array | undefined> => {
        if (isThrough) return undefined;
        if (at === undefined) {
          const next = await pieces.next();
          if (next.done) return undefined;
          at = next.value;
        }
        const { piece, last } = at;
        at = undefined;
        isThrough = last;
        return piece;
      };
      yield {
        source,
        async *open() {
          for (let piece = await take(); piece; piece = await take()) yield piece;
        },
      };
      while (await take()) continue;
    }
  } finally {
    await pieces.return();
  }
}

/** How an archive is verified. */
export interface VerifyOptions extends DecodeOptions {
  /**
   * Told of every piece of every raw object, in order; `last` comes only after the object's digest was compared, maybe with
   * an empty piece.
   */
  readonly onSource?: (source: ArchiveSource, piece: Uint8Array, last: boolean) => void | Promise<void>;
}

/**
 * Decodes an archive as it arrives and compares every digest of its manifest; memory does not grow with it.
 *
 * @throws HousecleaningError `bad-archive`
 */
export async function verifyArchiveStream(
  gz: AsyncIterable<Uint8Array>,
  manifest: ArchiveManifest,
  options: VerifyOptions = {},
): Promise<void> {
  for await (const { source, piece, last } of decodePieces(gz, manifest, options)) {
    if (options.onSource) await options.onSource(source, copyOf(piece), last);
  }
}

/**
 * Decodes everything and compares every digest.
 *
 * @throws HousecleaningError `bad-archive`
 */
export async function verifyArchiveBytes(
  gz: Uint8Array,
  manifest: ArchiveManifest,
  options: VerifyOptions = {},
): Promise<void> {
  await verifyArchiveStream(piecesOf(gz), manifest, options);
}

async function* piecesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield* inSlices(bytes);
}
