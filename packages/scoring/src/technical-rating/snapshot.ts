import { ScoringError } from '../errors.ts';
import { place, rowSize } from './readings.ts';
import type { ReadingSnapshot } from './streams.ts';
import { readingCount } from './streams.ts';

/** What a snapshot of a technical rating says; its readings are as many as there are, each of as many bars. */
export interface SavedRating {
  readonly count: number;
  readonly readings: readonly ReadingSnapshot[];
  readonly rows: [Float64Array, Float64Array, Float64Array];
}

/** Larger than any reading of bars that can be pushed. */
const largest = 1e160;

/** Throws `bad-snapshot` for what no snapshot says; the readings look at their own snapshots. */
export function readRating(snapshot: unknown): SavedRating {
  const { v, indicator, count, readings, rows } = fieldsOf(snapshot);
  // Spread, because `every` passes over holes.
  const isSound =
    v === 1 &&
    indicator === 'technicalRating' &&
    isCount(count) &&
    Array.isArray(readings) &&
    readings.length === readingCount &&
    [...(readings as unknown[])].every((reading) => countOf(reading) === count) &&
    Array.isArray(rows) &&
    rows.length === 3 &&
    [...(rows as unknown[])].every((row, age) => isRow(row, count - age));
  if (isSound) {
    const read = rows.map((row: (number | null)[]) => Float64Array.from(row, (value) => value ?? Number.NaN));
    return { count, readings: readings as ReadingSnapshot[], rows: read as SavedRating['rows'] };
  }
  throw new ScoringError(
    'bad-snapshot',
    `snapshot of "${String(indicator)}" version "${String(v)}" is not one of "technicalRating" version 1. ` +
      'Pass the snapshot as it was taken.',
    snapshot,
  );
}

/** A row of the bar that was the `count`-th; all unknown before the first. */
function isRow(row: unknown, count: number): boolean {
  if (!Array.isArray(row) || row.length !== rowSize) return false;
  if (count <= 0) return [...(row as unknown[])].every((value) => value === null);
  const still: unknown = row[place.still];
  return (
    isCount(still) &&
    still >= 1 &&
    still <= count &&
    row[place.close] !== null &&
    [...(row as unknown[])].every(
      (value) => value === null || (typeof value === 'number' && Math.abs(value) <= largest),
    )
  );
}

/** Bars that a reading has taken, by either kind of snapshot. */
function countOf(reading: unknown): unknown {
  const { count, state } = fieldsOf(reading);
  return count ?? fieldsOf(state)['count'];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
