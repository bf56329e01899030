/**
 * The tape as columns: one typed array a field, one row an event. What streams take one by one, batch forms take so.
 *
 * In a column that is read, `NaN` says unknown: a typed array has no other way. Batch forms give `undefined` for it.
 */
import { OrderflowError } from './errors.ts';
import type { Aggressor, TickQuote, TickTrade } from './market.ts';
import { excerpt } from './internal/shared/excerpt.ts';

/** Numbers by row; a typed array is the fast choice. */
export type NumberColumn = readonly number[] | Float64Array | Int32Array | Uint32Array;

/** Aggressors by row: 1 for `buy`, −1 for `sell`, 0 for `unknown`. */
export type SideColumn = readonly number[] | Int8Array;

/** Prints on the grid as columns of equal length. */
export interface TradeColumns {
  /** Venue event time, epoch milliseconds UTC. */
  readonly timeMs: NumberColumn;
  /** Price in ticks. */
  readonly priceTicks: NumberColumn;
  /** Unsigned size in lots. */
  readonly sizeLots: NumberColumn;
  /** Liquidity taker: 1 buy, −1 sell, 0 unknown. */
  readonly side: SideColumn;
}

/** Best quotes on the grid as columns of equal length; `NaN` in any of the four says that there is no such quote. */
export interface QuoteColumns {
  /** Venue event time, epoch milliseconds UTC. */
  readonly timeMs: NumberColumn;
  readonly bidTicks: NumberColumn;
  readonly bidLots: NumberColumn;
  readonly askTicks: NumberColumn;
  readonly askLots: NumberColumn;
}

/** Books on the grid as columns: row-major, `levels` entries a row, best first. */
export interface DepthColumns {
  /** Entries a row on each side. */
  readonly levels: number;
  /** Bid prices in ticks; `NaN` from the first level on that the side lacks. */
  readonly bidTicks: NumberColumn;
  readonly bidLots: NumberColumn;
  /** Ask prices in ticks; `NaN` from the first level on that the side lacks. */
  readonly askTicks: NumberColumn;
  readonly askLots: NumberColumn;
}

/** Bars as columns of equal length, in floating point. */
export interface BarColumns {
  readonly open?: NumberColumn;
  readonly high: NumberColumn;
  readonly low: NumberColumn;
  readonly close: NumberColumn;
  /** Traded size, in the venue's unit. */
  readonly volume: NumberColumn;
}

/** The code of an aggressor in a {@link SideColumn}. */
export function sideCode(side: Aggressor): -1 | 0 | 1 {
  return side === 'buy' ? 1 : side === 'sell' ? -1 : 0;
}

/** The aggressor of a code; anything that is neither 1 nor −1 is unknown. */
export function sideOfCode(code: number): Aggressor {
  return code === 1 ? 'buy' : code === -1 ? 'sell' : 'unknown';
}

/**
 * Prints as columns.
 *
 * @example
 * ```ts
 * const { side } = tradeColumns([{ timeMs: 0, priceTicks: 100, sizeLots: 5, side: 'sell' }]);
 * side[0]; // => -1
 * ```
 */
export function tradeColumns(trades: readonly TickTrade[]): TradeColumns {
  const timeMs = new Float64Array(trades.length);
  const priceTicks = new Float64Array(trades.length);
  const sizeLots = new Float64Array(trades.length);
  const side = new Int8Array(trades.length);
  for (const [i, trade] of trades.entries()) {
    timeMs[i] = trade.timeMs;
    priceTicks[i] = trade.priceTicks;
    sizeLots[i] = trade.sizeLots;
    side[i] = sideCode(trade.side);
  }
  return { timeMs, priceTicks, sizeLots, side };
}

/**
 * Quotes as columns; `undefined` (no two-sided quote) becomes a row of `NaN`, with its time kept.
 * @throws {@link OrderflowError} `bad-columns` for a flat row `{ timeMs, bidTicks, … }`.
 */
export function quoteColumns(
  quotes: readonly { readonly timeMs: number; readonly quote: TickQuote | undefined }[],
): QuoteColumns {
  const timeMs = new Float64Array(quotes.length);
  const bidTicks = new Float64Array(quotes.length).fill(NaN);
  const bidLots = new Float64Array(quotes.length).fill(NaN);
  const askTicks = new Float64Array(quotes.length).fill(NaN);
  const askLots = new Float64Array(quotes.length).fill(NaN);
  for (const [i, row] of quotes.entries()) {
    const { timeMs: time, quote } = row;
    timeMs[i] = time;
    if (!quote) {
      // A flat row is a quote that would be lost.
      if ('bidTicks' in row) {
        throw new OrderflowError(
          'bad-columns',
          `row ${i} of quotes has bidTicks, but no quote. Pass rows of { timeMs, quote }, with undefined for no quote.`,
          row,
        );
      }
      continue;
    }
    bidTicks[i] = quote.bidTicks;
    bidLots[i] = quote.bidLots;
    askTicks[i] = quote.askTicks;
    askLots[i] = quote.askLots;
  }
  return { timeMs, bidTicks, bidLots, askTicks, askLots };
}

/**
 * The number of rows of columns that belong together; of {@link DepthColumns}, rows × levels.
 * @throws {@link OrderflowError} `bad-columns` when two columns differ in length, or one is no list of numbers.
 */
export function rowCount(columns: TradeColumns | QuoteColumns | DepthColumns | BarColumns): number {
  let rows: number | undefined;
  let first = '';
  for (const [name, column] of Object.entries(columns) as [string, unknown][]) {
    if (column === undefined || (name === 'levels' && typeof column === 'number')) continue;
    requireColumn(name, column);
    if (rows === undefined) {
      rows = column.length;
      first = name;
    } else if (column.length !== rows) {
      throw new OrderflowError(
        'bad-columns',
        `column ${name} has ${column.length} rows, column ${first} has ${rows}. Pass columns of equal length.`,
        column.length,
      );
    }
  }
  return rows ?? 0;
}

/** Typed arrays that hold whole numbers as they are; a `Float32Array` rounds times, an unsigned one turns −1 into 255. */
const SIGNED = [Float64Array, Int32Array, Int16Array, Int8Array] as const;
const UNSIGNED = [Uint32Array, Uint16Array, Uint8Array] as const;

function requireColumn(name: string, column: unknown): asserts column is NumberColumn | SideColumn {
  if (Array.isArray(column)) {
    requireNumbers(name, column);
    return;
  }
  const kinds = name === 'side' ? SIGNED : [...SIGNED, ...UNSIGNED];
  if (kinds.some((kind) => column instanceof kind)) return;
  const what = ArrayBuffer.isView(column) ? column.constructor.name : typeof column;
  throw new OrderflowError(
    'bad-columns',
    `column ${name} is a ${what}, which does not hold such numbers as they are. ` +
      `Pass ${name === 'side' ? 'an Int8Array' : 'a Float64Array, an Int32Array'} or a list.`,
    column,
  );
}

/** A typed array holds numbers; a list may hold the names of sides, which would all count as unknown. */
function requireNumbers(name: string, column: readonly unknown[]): void {
  const row = column.findIndex((value) => typeof value !== 'number');
  if (row < 0) return;
  throw new OrderflowError(
    'bad-columns',
    `column ${name} holds ${excerpt(column[row])} in row ${row}, which is no number. ` +
      `Pass numbers, NaN where one is unknown; sides as 1, −1 and 0 (sideCode).`,
    column[row],
  );
}
