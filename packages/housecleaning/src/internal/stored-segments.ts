import { parseRawKey } from '../keys.ts';

/** A raw segment that is stored, raw or archived, and the numbers that it covers. */
export interface StoredSegment {
  readonly key: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
}

/** Segments of `createTapeWriter` among raw keys. */
export function segmentsOf(keys: Iterable<string>): StoredSegment[] {
  return [...keys].flatMap((key) => {
    const parsed = parseRawKey(key);
    return parsed ? [{ key, firstSeq: parsed.firstSeq, lastSeq: parsed.lastSeq }] : [];
  });
}
