import type { BuildArchiveOptions, SourceOpener } from '../archive.ts';
import { defaultCodec, type Multiset, type Sha256 } from '../codec.ts';
import { HousecleaningError } from '../errors.ts';
import { compareSources, type ArchiveSource } from './manifest.ts';
import { addMultisets } from './multiset.ts';

/** What a manifest says of the content; the same on every platform. */
export interface ArchiveDigest {
  /** SHA-256 of the content: the name of the stage. */
  readonly sha256: string;
  /** Bytes of the content. */
  readonly bytes: number;
  /** Records. */
  readonly lines: number;
  /** Σ sha256(record) mod 2²⁵⁶ over all records. */
  readonly multiset: string;
  /** The same over the sources of earlier generations: what the multiset of the generation before must be. */
  readonly kept: { readonly multiset: string; readonly lines: number };
  readonly sources: readonly ArchiveSource[];
}

/** Takes sources in order, piece by piece, and describes them. */
export interface Digester {
  begin(source: SourceOpener['source']): void;
  push(piece: Uint8Array): void;
  /** Ends the source; true if a newline follows it in the archive. */
  endSource(): boolean;
  finish(): ArchiveDigest;
}

const newline = Uint8Array.of(10);

/** @throws HousecleaningError `too-large`, `bad-archive` for sources out of order, `unstable-read` for another length */
export function createDigester(options: BuildArchiveOptions): Digester {
  const { cell, maxBytes, generation, codec = defaultCodec() } = options;
  const content = codec.createSha256();
  const records = { kept: codec.createMultiset(), added: codec.createMultiset() };
  const sources: ArchiveSource[] = [];
  let offset = 0;
  let lines = 0;
  let keptLines = 0;
  let open: { readonly source: SourceOpener['source']; readonly hash: Sha256; readonly set: Multiset } | undefined;
  let bytes = 0;
  let lastByte = 10;

  function grow(count: number): void {
    bytes += count;
    if (offset + bytes <= maxBytes) return;
    throw new HousecleaningError(
      'too-large',
      `${cell.symbol} ${cell.date} holds more than ${maxBytes} bytes; raise maxCellBytes where the memory allows it.`,
      cell,
    );
  }

  return {
    begin(source) {
      const before = sources.at(-1);
      if (before && compareSources(before, source) >= 0) {
        const { key } = source;
        throw new HousecleaningError('bad-archive', `The source "${key}" comes out of order; sort by key first.`, key);
      }
      const set = source.generation === generation ? records.added : records.kept;
      open = { source, hash: codec.createSha256(), set };
      bytes = 0;
      lastByte = 10;
    },
    push(piece) {
      if (piece.length === 0) return;
      grow(piece.length);
      lastByte = piece[piece.length - 1]!;
      content.update(piece);
      open!.hash.update(piece);
      open!.set.push(piece);
    },
    endSource() {
      const { source, hash, set } = open!;
      const { key, etag, version, size, uploadedMs } = source;
      if (bytes !== size) {
        const why = `"${key}" has ${size} bytes, but ${bytes} arrived.`;
        throw new HousecleaningError('unstable-read', why, key);
      }
      const addedNewline = lastByte !== 10;
      const added = set.endLines();
      if (addedNewline) {
        grow(1);
        content.update(newline);
      }
      sources.push({
        key,
        etag,
        ...(version === undefined ? {} : { version }),
        size,
        uploadedMs,
        sha256: hash.hex(),
        lines: added,
        offset,
        length: bytes,
        addedNewline,
        generation: source.generation,
      });
      offset += bytes;
      lines += added;
      if (set === records.kept) keptLines += added;
      return addedNewline;
    },
    finish() {
      const kept = records.kept.hex();
      return {
        sha256: content.hex(),
        bytes: offset,
        lines,
        multiset: addMultisets(kept, records.added.hex()),
        kept: { multiset: kept, lines: keptLines },
        sources,
      };
    },
  };
}
