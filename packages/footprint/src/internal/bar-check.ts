/** What is a bar on the grid, for the reducers that take bars. */
import type { ExactInt } from '@tapekit/orderflow/exact';
import { FootprintError } from '../errors.ts';
import type { FootprintRow } from '../footprint-bar.ts';

/** Where a bar lies in time. */
interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Whether these are times of the clock, in their order. */
export function isSpan(startMs: number, endMs: number): boolean {
  // `isFinite` is false for text, too.
  return [startMs, endMs].every((timeMs) => Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15) && endMs >= startMs;
}

/** Whether this is a number of ticks, prints or lots. */
export function isWhole(value: ExactInt): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/**
 * Refuses what no grid can produce: a price between two ticks, a NaN.
 * @param names - The fields that are whole numbers.
 * @throws FootprintError `bad-trade`.
 */
export function checkBar<Name extends string>(
  bar: Span & Readonly<Record<Name, ExactInt>>,
  names: readonly Name[],
): void {
  checkGivenBar(bar);
  if (!isSpan(bar.startMs, bar.endMs)) {
    const message = `Bar from "${bar.startMs}" to "${bar.endMs}" is not a stretch of time in epoch milliseconds.`;
    throw new FootprintError('bad-trade', message, bar.startMs);
  }
  checkWholes('Bar', bar, names);
}

/**
 * Refuses nothing where a bar is expected, before its fields are read.
 * @throws FootprintError `bad-trade`.
 */
export function checkGivenBar(bar: unknown): void {
  if (bar !== undefined && bar !== null) return;
  throw new FootprintError('bad-trade', `Bar "${String(bar)}" is none. Pass an object for each bar.`, bar);
}

const rowNumbers = [
  'priceTicks',
  'buyLots',
  'sellLots',
  'unknownLots',
  'buyTrades',
  'sellTrades',
  'unknownTrades',
] as const;

/**
 * Refuses rows that cannot be added to others, such as those of a footprint that was read from JSON.
 * @throws FootprintError `bad-trade`.
 */
export function checkRowsGiven(rows: readonly FootprintRow[]): void {
  if (!Array.isArray(rows)) {
    throw new FootprintError('bad-trade', `Bar rows "${typeof rows}" are none. Pass a bar with its rows.`, rows);
  }
  for (const row of rows as readonly FootprintRow[]) {
    checkGivenBar(row);
    if (!isWholeRow(row)) checkWholes('Row', row, rowNumbers);
  }
}

/** Spelt out: this is asked of every row. */
function isWholeRow(row: FootprintRow): boolean {
  return (
    Number.isSafeInteger(row.priceTicks) &&
    isWhole(row.buyLots) &&
    isWhole(row.sellLots) &&
    isWhole(row.unknownLots) &&
    Number.isSafeInteger(row.buyTrades) &&
    Number.isSafeInteger(row.sellTrades) &&
    Number.isSafeInteger(row.unknownTrades)
  );
}

/** @throws FootprintError `bad-trade` for the first that is no whole number. */
export function checkWholes<Name extends string>(
  what: 'Bar' | 'Row',
  numbers: Readonly<Record<Name, ExactInt>>,
  names: readonly Name[],
): void {
  for (const name of names) {
    const value: unknown = numbers[name];
    if (isWhole(value as ExactInt)) continue;
    const lost = value === undefined ? ' A footprint that was read from JSON does not keep every number.' : '';
    throw new FootprintError(
      'bad-trade',
      `${what} ${name} "${String(value)}" is not a whole number. Pass bars in ticks and lots of the grid.${lost}`,
      value,
    );
  }
}
