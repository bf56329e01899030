/**
 * Whole tapes at a time: columns of trades to columns of footprint bars, without an object a trade.
 *
 * The bars are those of `createTimeBars`. Prints in order of time, with whole sizes above 0 and prices of 32 bits, take a
 * fast path; any other tape goes through `createTimeBars` itself, so late prints and sizes of 0 follow its rules.
 */
import { rowCount, sideOfCode } from '@tapekit/orderflow/columns';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { addExact, multiplyExact, subtractExact } from '@tapekit/orderflow/exact';
import type { ExactInt } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import { FootprintError } from './errors.ts';
import type { FootprintBar, FootprintRow } from './footprint-bar.ts';
import { createColumnLists, finishColumns } from './internal/columns-builder.ts';
import type { BarColumn, RowColumn } from './internal/columns-builder.ts';
import { ColumnsEngine } from './internal/columns-engine.ts';
import type { EngineOptions } from './internal/columns-engine.ts';
import { kernelTrades } from './internal/kernel-trades.ts';
import { valueAreaRule } from './internal/value-area.ts';
import { createTimeBars, timeBarsDefaults } from './time-bars.ts';
import type { TimeBarsOptions } from './time-bars.ts';

export type { BarColumn, RowColumn } from './internal/columns-builder.ts';

/** What {@link footprintsOfColumns} is made with: the options of `createTimeBars` that a finished tape leaves open. */
export type FootprintColumnsOptions = Pick<
  TimeBarsOptions,
  'intervalMs' | 'rowTicks' | 'valueAreaPercent' | 'retainBars' | 'maxJumpMs'
>;

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
 * @throws {@link FootprintError} `bad-option`, `bad-trade` for a row that is no print, `out-of-range` when a sum leaves
 *   the safe integers (`createTimeBars` carries on there); OrderflowError `bad-columns`.
 */
export function footprintsOfColumns(trades: TradeColumns, options: FootprintColumnsOptions): FootprintColumns {
  const { intervalMs, rowTicks, valueAreaPercent, retainBars, maxJumpMs } = { ...timeBarsDefaults, ...options };
  // Made first: it checks the options.
  const reference = createTimeBars({
    grid: anyGrid,
    intervalMs,
    rowTicks,
    valueAreaPercent,
    retainBars,
    maxJumpMs,
    dedupe: false,
  });
  const rows = rowCount(trades);
  const fast = inOrder(trades, rows, { intervalMs, rowTicks, rule: valueAreaRule(valueAreaPercent) }, maxJumpMs);
  if (fast) return { ...fast, bars: fast.startMs.length, intervalMs, rowTicks };

  const byStart = new Map<number, FootprintBar>();
  const keep = (bars: readonly FootprintBar[]): void => bars.forEach((bar) => byStart.set(bar.startMs, bar));
  for (let i = 0; i < rows; i += 1) {
    keep(
      reference.pushTicks({
        timeMs: trades.timeMs[i]!,
        priceTicks: trades.priceTicks[i]!,
        sizeLots: trades.sizeLots[i]!,
        side: sideOfCode(trades.side[i]!),
      }),
    );
  }
  keep(reference.flush());
  const bars = [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
  return { ...columnsOfBars(bars), bars: bars.length, intervalMs, rowTicks };
}

/** The bars of a tape without a print that needs the rules of `createTimeBars`. */
function inOrder(
  columns: TradeColumns,
  rows: number,
  options: EngineOptions,
  maxJumpMs: number,
): Record<BarColumn | RowColumn, Float64Array> | undefined {
  const checked = kernelTrades(columns, rows);
  if (!checked?.isOrdered || leaps(checked.trades.timeMs, maxJumpMs)) return undefined;
  const lists = createColumnLists();
  const engine = new ColumnsEngine(options, lists);
  return engine.push(checked) && engine.close() ? finishColumns(lists) : undefined;
}

function leaps(timeMs: Float64Array, maxJumpMs: number): boolean {
  if (timeMs.length < 2 || timeMs[timeMs.length - 1]! - timeMs[0]! <= maxJumpMs) return false;
  for (let i = 1; i < timeMs.length; i += 1) if (timeMs[i]! - timeMs[i - 1]! > maxJumpMs) return true;
  return false;
}

/**
 * The bars of columns as objects, as `createTimeBars` gives them.
 */
export function footprintBarsOf(columns: FootprintColumns): FootprintBar[] {
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

/** The reference path counts in ticks and lots already. */
const anyGrid = createGrid({ tickSize: '1', lotSize: '1' });

function columnsOfBars(bars: readonly FootprintBar[]): Record<BarColumn | RowColumn, Float64Array> {
  const lists = createColumnLists();
  for (const bar of bars) {
    const safe = (name: string, value: ExactInt): number => safeOf(bar.startMs, name, value);
    const value = subtractExact(bar.valueTickLots, multiplyExact(bar.lowTicks, bar.volumeLots));
    const columns: Record<BarColumn, number> = {
      startMs: bar.startMs,
      openTicks: bar.openTicks,
      highTicks: bar.highTicks,
      lowTicks: bar.lowTicks,
      closeTicks: bar.closeTicks,
      buyLots: safe('buyLots', bar.buyLots),
      sellLots: safe('sellLots', bar.sellLots),
      unknownLots: safe('unknownLots', bar.unknownLots),
      minDeltaLots: safe('minDeltaLots', bar.minDeltaLots),
      maxDeltaLots: safe('maxDeltaLots', bar.maxDeltaLots),
      valueAboveLowTickLots: safe('valueAboveLowTickLots', value),
      trades: bar.trades,
      pocTicks: bar.pocTicks,
      vahTicks: bar.vahTicks,
      valTicks: bar.valTicks,
      revision: bar.revision,
      firstRow: lists.rowPriceTicks.length,
    };
    safe('volumeLots', bar.volumeLots);
    for (const [name, number] of Object.entries(columns)) lists[name as BarColumn].push(number);
    for (const row of bar.rows) {
      lists.rowPriceTicks.push(row.priceTicks);
      lists.rowBuyLots.push(Number(row.buyLots));
      lists.rowSellLots.push(Number(row.sellLots));
      lists.rowUnknownLots.push(Number(row.unknownLots));
      lists.rowBuyTrades.push(row.buyTrades);
      lists.rowSellTrades.push(row.sellTrades);
      lists.rowUnknownTrades.push(row.unknownTrades);
    }
  }
  return finishColumns(lists);
}

function safeOf(startMs: number, name: string, value: ExactInt): number {
  if (typeof value === 'number') return value;
  throw new FootprintError(
    'out-of-range',
    `${name} "${value}" of the bar at ${startMs} is no safe integer, a column cannot hold it. Use createTimeBars.`,
    value,
  );
}
