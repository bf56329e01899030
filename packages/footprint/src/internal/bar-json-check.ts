/** What every stored bar must be, whoever kept it: restoring refuses the rest. */
import {
  addExact,
  compareExact,
  exactFromJson,
  subtractExact,
  type ExactInt,
  type ExactIntJson,
} from '@tapekit/orderflow/exact';
import type { RowJson } from './ladder.ts';

/** The part of a stored bar that is checked. */
export interface BarSumsJson {
  readonly trades: number;
  readonly buy: ExactIntJson;
  readonly sell: ExactIntJson;
  readonly unknown: ExactIntJson;
  readonly minDelta: ExactIntJson;
  readonly maxDelta: ExactIntJson;
  readonly ohlc: readonly [open: number, high: number, low: number, close: number];
  readonly rows: readonly RowJson[];
}

/**
 * Refuses rows that are none, or that do not add up to the bar, and prices and deltas out of their order.
 * @throws TypeError, which `restored` takes for a damaged snapshot.
 */
export function checkBarJson({ trades, buy, sell, unknown, minDelta, maxDelta, ohlc, rows }: BarSumsJson): void {
  const sums = checkRows(rows);
  const [bought, sold] = [exactFromJson(buy), exactFromJson(sell)];
  const delta = subtractExact(bought, sold);
  const [least, most] = [exactFromJson(minDelta), exactFromJson(maxDelta)];
  const [open, high, low, close] = ohlc;
  const isSound =
    same(sums.lots, [bought, sold, exactFromJson(unknown)]) &&
    sums.trades === trades &&
    compareExact(least, 0) <= 0 &&
    compareExact(most, 0) >= 0 &&
    compareExact(least, delta) <= 0 &&
    compareExact(delta, most) <= 0 &&
    (ohlc as readonly unknown[]).length === 4 &&
    ohlc.every((ticks) => Number.isSafeInteger(ticks)) &&
    low <= Math.min(open, close) &&
    high >= Math.max(open, close);
  if (!isSound) throw new TypeError('a bar that does not add up');
}

/**
 * The sums of stored rows.
 * @throws TypeError for rows that no ladder has.
 */
export function checkRows(rows: readonly RowJson[]): {
  readonly lots: readonly [ExactInt, ExactInt, ExactInt];
  readonly trades: number;
} {
  const lots: [ExactInt, ExactInt, ExactInt] = [0, 0, 0];
  let trades = 0;
  for (const [i, [row, buy, sell, unknown, ...counts]] of rows.entries()) {
    const own = [exactFromJson(buy), exactFromJson(sell), exactFromJson(unknown)];
    const isSound =
      Number.isSafeInteger(row) &&
      (i === 0 || row > rows[i - 1]![0]) &&
      own.every((value) => compareExact(value, 0) >= 0) &&
      counts.every((count) => Number.isSafeInteger(count) && count! >= 0) &&
      counts[0] + counts[1] + counts[2] > 0;
    if (!isSound) throw new TypeError('a row that no ladder has');
    own.forEach((value, column) => {
      lots[column] = addExact(lots[column]!, value);
    });
    trades += counts[0] + counts[1] + counts[2];
  }
  return { lots, trades };
}

/** Whether all values are whole numbers of at least 0; for counts. */
export function areCounts(counts: object): boolean {
  return Object.values(counts as Record<string, unknown>).every((value) => {
    const exact: unknown = typeof value === 'string' ? exactFromJson(value) : value;
    return typeof exact === 'bigint' || (Number.isSafeInteger(exact) && (exact as number) >= 0);
  });
}

function same(a: readonly ExactInt[], b: readonly ExactInt[]): boolean {
  return a.every((value, i) => compareExact(value, b[i]!) === 0);
}
