import type { Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { readArchiveSources } from '../restore.ts';
import { readSource } from './reading.ts';
import { createSha256 } from './sha256.ts';
import type { StoredSegment } from './stored-segments.ts';

export { readSegmentKeys } from '../restore.ts';

/** Tells whether a record is stored already. */
export interface StoredLines {
  /**
   * True if the segment holds this line where the record of this number can be. Between numbers with gaps nothing else
   * tells a record from its neighbours.
   */
  holds(cell: Cell, segment: StoredSegment, seq: number, line: Uint8Array): Promise<boolean>;
}

/** Reads segments from the store, or from the archive where they are pruned; keeps digests of what was read last. */
export function createStoredLines(store: ObjectStore): StoredLines {
  let raw: { readonly key: string; readonly lines: BigUint64Array } | undefined;
  let archive: { readonly date: string; readonly byKey: ReadonlyMap<string, BigUint64Array> } | undefined;

  async function linesOfSegment(cell: Cell, key: string): Promise<BigUint64Array> {
    if (raw?.key === key) return raw.lines;
    const listed = await store.head(key);
    const read = listed && (await readSource(store, listed));
    if (read) {
      raw = { key, lines: digestLines(read.bytes) };
      return raw.lines;
    }
    let lines = archive?.date === cell.date ? archive.byKey.get(key) : undefined;
    if (lines === undefined) {
      const byKey = new Map<string, BigUint64Array>();
      for await (const { source, bytes } of readArchiveSources(store, cell)) byKey.set(source.key, digestLines(bytes));
      archive = { date: cell.date, byKey };
      lines = byKey.get(key);
    }
    return lines ?? new BigUint64Array();
  }

  return {
    async holds(cell, { key, firstSeq, lastSeq }, seq, line) {
      const lines = await linesOfSegment(cell, key);
      const wanted = digestLine(line);
      const first = Math.max(0, lines.length - 1 - (lastSeq - seq));
      const last = Math.min(lines.length - 1, seq - firstSeq);
      return lines.subarray(first, last + 1).includes(wanted);
    },
  };
}

function digestLines(bytes: Uint8Array): BigUint64Array {
  const digests: bigint[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(10, start);
    const end = found < 0 ? bytes.length : found;
    digests.push(digestLine(bytes.subarray(start, end)));
    start = end + 1;
  }
  return new BigUint64Array(digests);
}

/** The first 64 bits of the SHA-256. */
function digestLine(line: Uint8Array): bigint {
  const hash = createSha256();
  hash.update(line);
  return BigInt(`0x${hash.hex().slice(0, 16)}`);
}
