/** The way of a tape: through a fast path where it takes it, else print by print through `createTimeBars`. */
import { rowCount, sideOfCode } from '@tapekit/orderflow/columns';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { multiplyExact, subtractExact } from '@tapekit/orderflow/exact';
import type { ExactInt } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import { FootprintError } from '../errors.ts';
import type { FootprintBar } from '../footprint-bar.ts';
import type { FootprintColumns, FootprintColumnsOptions } from '../footprint-columns.ts';
import { createTimeBars, timeBarsDefaults } from '../time-bars.ts';
import { createColumnLists, finishColumns } from './columns-builder.ts';
import type { BarColumn, RowColumn } from './columns-builder.ts';
import { ColumnsEngine } from './columns-engine.ts';
import type { EngineOptions } from './columns-engine.ts';
import { kernelTrades } from './kernel-trades.ts';
import { valueAreaRule } from './value-area.ts';

/** The bars of a tape without a print that needs the rules of `createTimeBars`; `undefined` for any other. */
export type FastPath = (
  columns: TradeColumns,
  rows: number,
  options: EngineOptions,
  maxJumpMs: number,
) => Record<BarColumn | RowColumn, Float64Array> | undefined;

/** The bars of a tape, by `fast` where it takes it. */
export function footprintsThrough(
  fast: FastPath,
  trades: TradeColumns,
  options: FootprintColumnsOptions,
): FootprintColumns {
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
  const bars = fast(trades, rows, { intervalMs, rowTicks, rule: valueAreaRule(valueAreaPercent) }, maxJumpMs);
  if (bars) return { ...bars, bars: bars.startMs.length, intervalMs, rowTicks };

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
  const sorted = [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
  return { ...columnsOfBars(sorted), bars: sorted.length, intervalMs, rowTicks };
}

/** The fast path in TypeScript. */
export const inOrder: FastPath = (columns, rows, options, maxJumpMs) => {
  const checked = kernelTrades(columns, rows);
  if (!checked?.isOrdered || leaps(checked.trades.timeMs, maxJumpMs)) return undefined;
  const lists = createColumnLists();
  const engine = new ColumnsEngine(options, lists);
  return engine.push(checked) && engine.close() ? finishColumns(lists) : undefined;
};

/** True when a print lies more than `maxJumpMs` behind the one before it. */
export function leaps(timeMs: Float64Array, maxJumpMs: number): boolean {
  if (timeMs.length < 2 || timeMs[timeMs.length - 1]! - timeMs[0]! <= maxJumpMs) return false;
  for (let i = 1; i < timeMs.length; i += 1) if (timeMs[i]! - timeMs[i - 1]! > maxJumpMs) return true;
  return false;
}

/** The reference path counts in ticks and lots already. */
const anyGrid = createGrid({ tickSize: '1', lotSize: '1' });

/** The columns of bars; throws `out-of-range` for a sum that is no safe integer. */
export function columnsOfBars(bars: readonly FootprintBar[]): Record<BarColumn | RowColumn, Float64Array> {
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
