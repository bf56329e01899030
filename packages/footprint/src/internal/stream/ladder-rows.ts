/** The ladder of the open bar as stored rows, and back. */
import { exactFromJson } from '@tapekit/orderflow/exact';
import type { BarBuilderJson } from '../bar-builder.ts';
import type { OpenBar } from '../columns-engine.ts';
import type { RowJson } from '../ladder.ts';

/** An open bar, summed up. */
export interface BarSums {
  readonly rows: readonly RowJson[];
  readonly buy: number;
  readonly sell: number;
  readonly unknown: number;
  /** Σ (price − low of the bar) × size, over prices as they stand in the ladder. */
  readonly valueAboveLow: number;
}

/** The rows that traded, lowest first. */
export function sumsOf({ ladder, baseTicks, lowTicks, highTicks }: OpenBar, rowTicks: number): BarSums {
  const { lots, trades, unknownLots, unknownTrades } = ladder;
  const rows: RowJson[] = [];
  let [buy, sell, unknown, valueAboveLow] = [0, 0, 0, 0];
  for (let ticks = lowTicks; ticks <= highTicks;) {
    const row = Math.floor(ticks / rowTicks);
    const end = Math.min(highTicks + 1, (row + 1) * rowTicks);
    const sums: [number, number, number, number, number, number] = [0, 0, 0, 0, 0, 0];
    for (; ticks < end; ticks += 1) {
      const at = ticks - baseTicks;
      const slot = at << 1;
      const volume = lots[slot]! + lots[slot + 1]! + unknownLots[at]!;
      if (volume === 0) continue;
      valueAboveLow += (ticks - lowTicks) * volume;
      sums[0] += lots[slot]!;
      sums[1] += lots[slot + 1]!;
      sums[2] += unknownLots[at]!;
      sums[3] += trades[slot]!;
      sums[4] += trades[slot + 1]!;
      sums[5] += unknownTrades[at]!;
    }
    if (sums[0] + sums[1] + sums[2] === 0) continue;
    buy += sums[0];
    sell += sums[1];
    unknown += sums[2];
    rows.push([row, ...sums]);
  }
  return { rows, buy, sell, unknown, valueAboveLow };
}

/** Writes stored rows into an empty ladder, each at its lowest price that the bar can have; false when they do not fit. */
export function fillLadder(open: OpenBar, bar: BarBuilderJson, rowTicks: number): boolean {
  const { ladder, baseTicks, lowTicks, highTicks } = open;
  let [buy, sell, unknown, count] = [0, 0, 0, 0];
  for (const [row, ...cells] of bar.rows) {
    const [buys, sells, unknowns] = [exactFromJson(cells[0]), exactFromJson(cells[1]), exactFromJson(cells[2])];
    const ticks = Math.max(row * rowTicks, lowTicks);
    if (typeof buys !== 'number' || typeof sells !== 'number' || typeof unknowns !== 'number') return false;
    if (!(ticks <= highTicks)) return false;
    const at = ticks - baseTicks;
    ladder.lots[at * 2] = buys;
    ladder.lots[at * 2 + 1] = sells;
    ladder.unknownLots[at] = unknowns;
    ladder.trades[at * 2] = cells[3];
    ladder.trades[at * 2 + 1] = cells[4];
    ladder.unknownTrades[at] = cells[5];
    buy += buys;
    sell += sells;
    unknown += unknowns;
    count += cells[3] + cells[4] + cells[5];
  }
  return buy === bar.buy && sell === bar.sell && unknown === bar.unknown && count === bar.trades;
}
