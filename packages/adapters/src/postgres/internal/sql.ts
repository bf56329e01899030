/** Small pieces of SQL that several repositories share. */

/** Rows of one statement; the bound keeps the text of a batch of bars with deep ladders at a few megabytes. */
const rowsPerStatement = 500;

/**
 * Records in the one order in which all writers take their row locks, so that two of them never wait for each other.
 * Records with the same key keep their order.
 */
export function inLockOrder<T>(
  records: readonly T[],
  keyOf: (record: T) => readonly [symbol: string, timeMs: number, source?: string],
): T[] {
  return records
    .map((record) => ({ record, key: keyOf(record) }))
    .sort((a, b) => compare(a.key[0], b.key[0]) || a.key[1] - b.key[1] || compare(a.key[2] ?? '', b.key[2] ?? ''))
    .map(({ record }) => record);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Cuts records into batches of `rowsPerStatement`. */
export function batches<T>(records: readonly T[]): T[][] {
  const result: T[][] = [];
  for (let at = 0; at < records.length; at += rowsPerStatement) result.push(records.slice(at, at + rowsPerStatement));
  return result;
}

/**
 * Splits records so that no key occurs twice in a part: one statement may touch a row once. The n-th part holds the n-th
 * record of every key, so writing the parts in order is writing the records in order.
 */
export function withoutRepeats<T>(records: readonly T[], keyOf: (record: T) => string): T[][] {
  const seen = new Map<string, number>();
  const parts: T[][] = [];
  for (const record of records) {
    const key = keyOf(record);
    const nth = seen.get(key) ?? 0;
    seen.set(key, nth + 1);
    (parts[nth] ??= []).push(record);
  }
  return parts;
}
