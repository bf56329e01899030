/** The way of a tape: through a fast path where it takes it, else print by print through `createTimeBars`. */
import { rowCount, sideOfCode } from '@tapekit/orderflow/columns';
import type { TradeColumns } from '@tapekit/orderflow/columns';
import { multiplyExact, subtractExact } from '@tapekit/orderflow/exact';
import type { ExactInt } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import { FootprintError } from '../errors.ts';
import type { FootprintBar } from '../footprint-bar.ts';
import type { FootprintColumns, FootprintColumnsOptions, FootprintColumnsReuse } from '../footprint-columns.ts';
import { createTimeBars, timeBarsDefaults } from '../time-bars.ts';
import { ColumnOutputs, roomOf } from './columns-builder.ts';
import type { BarColumn, Columns } from './columns-builder.ts';
import { ColumnsEngine } from './columns-engine.ts';
import type { EngineOptions } from './columns-engine.ts';
import { kernelTrades } from './kernel-trades.ts';
import { valueAreaRule } from './value-area.ts';

/**
 * Writes the bars of a tape without a print that needs the rules of `createTimeBars` behind what is in `outputs`; false,
 * and nothing is written, for any other.
 */
export type FastPath = (
  columns: TradeColumns,
  rows: number,
  options: EngineOptions,
  maxJumpMs: number,
  outputs: ColumnOutputs,
) => boolean;

/** What was made here: each array of it has a buffer of its own. */
const made = new WeakSet<FootprintColumns>();

/** The bars of a tape, by `fast` where it takes it. */
export function footprintsThrough(
  fast: FastPath,
  trades: TradeColumns,
  options: FootprintColumnsOptions & FootprintColumnsReuse,
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
  const rows = tradeCount(trades);
  const { reuse } = options;
  const rule = valueAreaRule(valueAreaPercent);
  const outputs = new ColumnOutputs(reuse && made.delete(reuse) ? roomOf(reuse) : undefined);
  if (fast(trades, rows, { intervalMs, rowTicks, rule }, maxJumpMs, outputs)) {
    const { bars } = outputs;
    const result = { ...outputs.finish(), bars, intervalMs, rowTicks };
    made.add(result);
    return result;
  }

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
export const inOrder: FastPath = (columns, rows, options, maxJumpMs, outputs) => {
  const checked = kernelTrades(columns, rows);
  if (!checked || leaps(checked.trades.timeMs, maxJumpMs)) return false;
  const engine = new ColumnsEngine(options, outputs);
  return outputs.orNothing(() => engine.push(checked, true) && engine.close(1));
};

/** A fast path that leaves what it refuses to TypeScript. */
export function orInOrder(fast: FastPath): FastPath {
  return (...tape) => fast(...tape) || inOrder(...tape);
}

/** The number of prints; a tape without its columns would have none. */
export function tradeCount(trades: TradeColumns): number {
  for (const name of ['timeMs', 'priceTicks', 'sizeLots', 'side'] as const) {
    if (((trades as Partial<TradeColumns> | null | undefined) ?? {})[name] !== undefined) continue;
    throw new FootprintError(
      'bad-option',
      `trades have no column ${name}. Pass columns timeMs, priceTicks, sizeLots and side, as tradeColumns gives them.`,
      trades,
    );
  }
  return rowCount(trades);
}

/** True when a print lies more than `maxJumpMs` behind the one before it. */
export function leaps(timeMs: Float64Array, maxJumpMs: number): boolean {
  if (timeMs.length < 2 || timeMs[timeMs.length - 1]! - timeMs[0]! <= maxJumpMs) return false;
  for (let i = 1; i < timeMs.length; i += 1) if (timeMs[i]! - timeMs[i - 1]! > maxJumpMs) return true;
  return false;
}

/** The reference path counts in ticks and lots already. */
const anyGrid = createGrid({ tickSize: '1', lotSize: '1' });

/** The columns of bars; throws `out-of-range` for a sum that is no safe integer. */
export function columnsOfBars(bars: readonly FootprintBar[]): Columns {
  const outputs = new ColumnOutputs();
  for (const bar of bars) {
    const safe = (name: string, value: ExactInt): number => safeOf(bar.startMs, name, value);
    const value = subtractExact(bar.valueTickLots, multiplyExact(bar.lowTicks, bar.volumeLots));
    const values: Record<BarColumn, number> = {
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
      firstRow: outputs.rows,
    };
    safe('volumeLots', bar.volumeLots);
    const columns = outputs.reserve(1, bar.rows.length);
    for (const [name, number] of Object.entries(values)) columns[name as BarColumn][outputs.bars] = number;
    outputs.bars += 1;
    for (const row of bar.rows) {
      const at = outputs.rows;
      columns.rowPriceTicks[at] = row.priceTicks;
      columns.rowBuyLots[at] = Number(row.buyLots);
      columns.rowSellLots[at] = Number(row.sellLots);
      columns.rowUnknownLots[at] = Number(row.unknownLots);
      columns.rowBuyTrades[at] = row.buyTrades;
      columns.rowSellTrades[at] = row.sellTrades;
      columns.rowUnknownTrades[at] = row.unknownTrades;
      outputs.rows += 1;
    }
  }
  return outputs.finish();
}

function safeOf(startMs: number, name: string, value: ExactInt): number {
  if (typeof value === 'number') return value;
  throw new FootprintError(
    'out-of-range',
    `${name} "${value}" of the bar at ${startMs} is no safe integer, a column cannot hold it. Use createTimeBars.`,
    value,
  );
}
