/** Which partitions a table should have: the plan alone, over dates, so that it can be read and tested. */
import { AdaptersError } from '../../errors.ts';

/** How long one partition is. */
export type PartitionLength = 'day' | 'week' | 'month' | 'year';

/** `[fromMs, toMs)` in epoch milliseconds UTC. */
export interface PartitionRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What is there and what is wanted. */
export interface PartitionPlanInput {
  readonly length: PartitionLength;
  /** Partitions that there are, the default partition left out. */
  readonly existing: readonly PartitionRange[];
  /** Times, one for each range at least, of the rows that are in the default partition. */
  readonly restTimesMs: readonly number[];
  readonly nowMs: number;
  /** Partitions are made for this long in advance, in milliseconds. */
  readonly aheadMs: number;
  /** What is older is dropped; everything is kept unless given. */
  readonly keepMs?: number;
}

/** What to do, in this order. */
export interface PartitionPlan {
  /** Partitions that are wholly older than what is kept. */
  readonly drop: readonly PartitionRange[];
  /** Rows of the default partition before this time go; absent when everything is kept. */
  readonly dropRestBeforeMs?: number;
  /** Ranges that are split off the default partition, oldest first; none overlaps an existing one. */
  readonly create: readonly PartitionRange[];
}

/** Plans the partitions of one table. */
export function planPartitions(input: PartitionPlanInput): PartitionPlan {
  const { length, existing, restTimesMs, nowMs, aheadMs, keepMs } = input;
  const cutoffMs = keepMs === undefined ? undefined : nowMs - keepMs;
  const drop = cutoffMs === undefined ? [] : existing.filter(({ toMs }) => toMs <= cutoffMs);
  const kept = existing.filter((range) => !drop.includes(range));
  const wanted = new Map<number, PartitionRange>();
  const want = (atMs: number): PartitionRange => {
    const range = partitionOf(atMs, length);
    if (cutoffMs === undefined || range.toMs > cutoffMs) wanted.set(range.fromMs, range);
    return range;
  };
  for (const atMs of restTimesMs) want(atMs);
  for (let atMs = nowMs; atMs <= nowMs + aheadMs;) atMs = want(atMs).toMs;
  // Partitions of another length may be there since the length was changed: what they leave is still wanted.
  const create = [...wanted.values()].flatMap((range) => without(range, kept)).sort((a, b) => a.fromMs - b.fromMs);
  return { drop, ...(cutoffMs === undefined ? {} : { dropRestBeforeMs: cutoffMs }), create };
}

/** The partition that holds a time: UTC days, weeks from Monday on, months or years. */
export function partitionOf(atMs: number, length: PartitionLength): PartitionRange {
  const at = new Date(atMs);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (Number.isNaN(year)) {
    throw new AdaptersError('bad-option', `time "${atMs}" is no time. Expected epoch milliseconds.`, { value: atMs });
  }
  const start = (y: number, m: number, d: number) => {
    const date = new Date(0);
    date.setUTCFullYear(y, m, d);
    return date.getTime();
  };
  switch (length) {
    case 'day':
      return { fromMs: start(year, month, day), toMs: start(year, month, day + 1) };
    case 'week': {
      const monday = day - ((at.getUTCDay() + 6) % 7);
      return { fromMs: start(year, month, monday), toMs: start(year, month, monday + 7) };
    }
    case 'month':
      return { fromMs: start(year, month, 1), toMs: start(year, month + 1, 1) };
    case 'year':
      return { fromMs: start(year, 0, 1), toMs: start(year + 1, 0, 1) };
    default:
      throw new AdaptersError('bad-option', `length "${String(length)}" is none. Pass day, week, month or year.`, {
        value: length,
      });
  }
}

/** What remains of a range when others are cut out of it. */
function without(range: PartitionRange, taken: readonly PartitionRange[]): PartitionRange[] {
  let parts = [range];
  for (const { fromMs, toMs } of taken) {
    parts = parts.flatMap((part) =>
      fromMs >= part.toMs || toMs <= part.fromMs
        ? [part]
        : [
            { fromMs: part.fromMs, toMs: Math.max(part.fromMs, fromMs) },
            { fromMs: Math.min(part.toMs, toMs), toMs: part.toMs },
          ].filter((piece) => piece.fromMs < piece.toMs),
    );
  }
  return parts;
}
