/** The list of footprint bars that the page holds: oldest first, one per start time. */
import type { Footprint, SymbolInfo } from '@tapekit/sdk/schemas';
import { addDecimals, fractionDigits, subtractDecimals } from './decimal.ts';

/**
 * Puts bars into a list that is sorted by start time: a bar with a known start replaces the older revision of itself, a
 * new one takes its place in time. Returns a new list; the inputs stay untouched.
 */
export function upsertBars(bars: readonly Footprint[], incoming: readonly Footprint[]): Footprint[] {
  if (incoming.length === 0) return [...bars];
  const byStart = new Map(bars.map((bar) => [bar.t0, bar]));
  for (const bar of incoming) byStart.set(bar.t0, bar);
  return [...byStart.values()].sort((left, right) => left.t0 - right.t0);
}

/** Index of the bar that starts at `t0`, or -1. */
export function indexOfBar(bars: readonly Footprint[], t0: number | undefined): number {
  if (t0 === undefined) return -1;
  let low = 0;
  let high = bars.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const at = bars[middle]!.t0;
    if (at === t0) return middle;
    if (at < t0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Cumulative volume delta at the end of each bar, exact, starting from 0 before the first. */
export function cumulativeDeltas(bars: readonly Footprint[]): string[] {
  let sum = '0';
  return bars.map((bar) => (sum = addDecimals([sum, bar.delta])));
}

/** One row of the ladder as it is shown: the API's strings, and the delta that follows from them exactly. */
export interface LadderRow {
  readonly price: string;
  readonly sell: string;
  readonly buy: string;
  readonly unknown: string;
  readonly delta: string;
  readonly sellTrades: number;
  readonly buyTrades: number;
  readonly mark: 'poc' | 'vah' | 'val' | undefined;
  readonly inValueArea: boolean;
  /** Share of the bar's largest one-sided row volume, 0 to 1. */
  readonly sellShare: number;
  readonly buyShare: number;
}

/** The ladder of a bar, highest price first. */
export function ladderRows(bar: Footprint): LadderRow[] {
  const most = Math.max(...bar.levels.map((level) => Math.max(Number(level.buy), Number(level.sell))), 0) || 1;
  const poc = Number(bar.poc);
  const vah = Number(bar.vah);
  const val = Number(bar.val);
  return bar.levels
    .map((level): LadderRow => {
      const price = Number(level.price);
      return {
        price: level.price,
        sell: level.sell,
        buy: level.buy,
        unknown: level.unknown,
        delta: subtractDecimals(level.buy, level.sell),
        sellTrades: level.sellTrades,
        buyTrades: level.buyTrades,
        mark: price === poc ? 'poc' : price === vah ? 'vah' : price === val ? 'val' : undefined,
        inValueArea: price >= val && price <= vah,
        sellShare: Number(level.sell) / most,
        buyShare: Number(level.buy) / most,
      };
    })
    .reverse();
}

/** How an instrument's prices are drawn. */
export interface PriceSteps {
  readonly tick: number;
  /** Height of one footprint row, in price. */
  readonly row: number;
  /** Digits behind the point of a price. */
  readonly digits: number;
}

/** The price steps that an instrument's grid gives. */
export function priceSteps(info: Pick<SymbolInfo, 'tickSize' | 'rowTicks'>): PriceSteps {
  const tick = Number(info.tickSize);
  return { tick, row: tick * Math.max(info.rowTicks, 1), digits: fractionDigits(info.tickSize) };
}
