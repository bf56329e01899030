/**
 * Whole tapes at a time: columns of trades to columns of footprint bars, without an object a trade.
 *
 * The bars are those of `createTimeBars`. Prints in order of time, with whole sizes above 0 and prices of 32 bits, take a
 * fast path; any other tape goes through `createTimeBars` itself, so late prints and sizes of 0 follow its rules.
 */
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { addExact, multiplyExact, subtractExact } from '@tapekit/orderflow/exact';
import type { FootprintBar, FootprintRow } from './footprint-bar.ts';
import type { BarColumn, RowColumn } from './internal/columns-builder.ts';
import { checkFootprintColumns } from './internal/columns-check.ts';
import { footprintsThrough, inOrder } from './internal/columns-door.ts';
import type { TimeBarsOptions } from './time-bars.ts';

export type { BarColumn, RowColumn } from './internal/columns-builder.ts';

/** What {@link footprintsOfColumns} is made with: the options of `createTimeBars` that a finished tape leaves open. */
export type FootprintColumnsOptions = Pick<
  TimeBarsOptions,
  'intervalMs' | 'rowTicks' | 'valueAreaPercent' | 'retainBars' | 'maxJumpMs'
>;

/** What {@link footprintsOfColumns} may be given besides. */
export interface FootprintColumnsReuse {
  /**
   * What an earlier call gave and nobody reads any more: its memory is taken for the new bars, as far as they fit into it.
   * Whatever becomes of the call, its arrays must not be read afterwards. For loops over many tapes: fresh memory costs
   * about as much as the bars in it. Columns that were not made by this function are left as they are.
   * @defaultValue none: the bars get memory of their own
   */
  readonly reuse?: FootprintColumns;
}

/**
 * Bars as columns, and the rows of all bars behind each other. Every value is a whole number: ticks, lots, counts, epoch
 * milliseconds UTC.
 *
 * `valueAboveLowTickLots` is Σ (price − low of the bar) × size; with low × volume added it is the traded value. The rows
 * of bar `i` are at `[firstRow[i], firstRow[i + 1])` of the `row…` columns, from the lowest to the highest price.
 */
export type FootprintColumns = Readonly<Record<BarColumn | RowColumn, Float64Array>> & {
  /** Number of bars. */
  readonly bars: number;
  /** Length of a bar in milliseconds. */
  readonly intervalMs: number;
  /** Height of a row in ticks. */
  readonly rowTicks: number;
};

/**
 * Footprint bars of a whole tape, each once, with what late prints changed in it.
 *
 * @example
 * ```ts
 * const trades = { timeMs: [0, 1000], priceTicks: [21, 20], sizeLots: [3, 1], side: [1, -1] };
 * const { bars, buyLots, pocTicks } = footprintsOfColumns(trades, { intervalMs: 60_000 });
 * [bars, buyLots[0], pocTicks[0]]; // => [1, 3, 21]
 * ```
 * @throws {@link FootprintError} `bad-option`, also for trades without one of the four columns; `bad-trade` for a row that
 *   is no print; `out-of-range` when a sum leaves the safe integers (`createTimeBars` carries on there); OrderflowError
 *   `bad-columns`.
 */
export function footprintsOfColumns(
  trades: TradeColumns,
  options: FootprintColumnsOptions & FootprintColumnsReuse,
): FootprintColumns {
  return footprintsThrough(inOrder, trades, options);
}

/**
 * The bars of columns as objects, as `createTimeBars` gives them.
 * @throws {@link FootprintError} `bad-option` for `columns` that are none.
 */
export function footprintBarsOf(columns: FootprintColumns): FootprintBar[] {
  checkFootprintColumns('Argument columns', columns);
  const { intervalMs, firstRow } = columns;
  const at = (name: BarColumn | RowColumn, i: number): number => columns[name][i]!;
  return Array.from({ length: columns.bars }, (_, i): FootprintBar => {
    const [buyLots, sellLots, unknownLots] = [at('buyLots', i), at('sellLots', i), at('unknownLots', i)];
    const volumeLots = buyLots + sellLots + unknownLots;
    const lowTicks = at('lowTicks', i);
    const rows = Array.from({ length: firstRow[i + 1]! - firstRow[i]! }, (_row, j): FootprintRow => {
      const row = firstRow[i]! + j;
      return {
        priceTicks: at('rowPriceTicks', row),
        buyLots: at('rowBuyLots', row),
        sellLots: at('rowSellLots', row),
        unknownLots: at('rowUnknownLots', row),
        buyTrades: at('rowBuyTrades', row),
        sellTrades: at('rowSellTrades', row),
        unknownTrades: at('rowUnknownTrades', row),
      };
    });
    return {
      startMs: at('startMs', i),
      endMs: at('startMs', i) + intervalMs,
      openTicks: at('openTicks', i),
      highTicks: at('highTicks', i),
      lowTicks,
      closeTicks: at('closeTicks', i),
      volumeLots,
      buyLots,
      sellLots,
      unknownLots,
      deltaLots: subtractExact(buyLots, sellLots),
      minDeltaLots: at('minDeltaLots', i),
      maxDeltaLots: at('maxDeltaLots', i),
      trades: at('trades', i),
      valueTickLots: addExact(at('valueAboveLowTickLots', i), multiplyExact(lowTicks, volumeLots)),
      pocTicks: at('pocTicks', i),
      vahTicks: at('vahTicks', i),
      valTicks: at('valTicks', i),
      revision: at('revision', i),
      rows,
    };
  });
}
