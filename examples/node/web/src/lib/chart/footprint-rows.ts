/** Ladder rows as they are drawn: merged where they would be too thin to read, with their sums exact. */
import type { Footprint } from '@tapekit/sdk/schemas';
import type { PriceSteps } from '../bars.ts';
import { addDecimals } from '../decimal.ts';

/** One drawn row. */
export interface DrawnRow {
  /** Lower and upper edge, in price, half a tick below the lowest tick of the row and above the highest. */
  readonly bottom: number;
  readonly top: number;
  /** Exact sums, as text and for shading. */
  readonly sellText: string;
  readonly buyText: string;
  readonly sell: number;
  readonly buy: number;
  readonly unknown: number;
  readonly poc: boolean;
  readonly inValueArea: boolean;
}

/** Draws `merge` ladder rows as one. Rows come lowest first; prices without a trade have none. */
export function drawnRows(bar: Footprint, steps: PriceSteps, merge: number): DrawnRow[] {
  const groupOf = (price: string): number => Math.floor(Math.round(Number(price) / steps.row) / merge);
  const groups = new Map<number, Footprint['levels'][number][]>();
  for (const level of bar.levels) {
    const group = groupOf(level.price);
    const members = groups.get(group);
    if (members) members.push(level);
    else groups.set(group, [level]);
  }
  const poc = groupOf(bar.poc);
  const vah = groupOf(bar.vah);
  const val = groupOf(bar.val);
  return [...groups].map(([group, levels]): DrawnRow => {
    const sellText = levels.length === 1 ? levels[0]!.sell : addDecimals(levels.map((level) => level.sell));
    const buyText = levels.length === 1 ? levels[0]!.buy : addDecimals(levels.map((level) => level.buy));
    // A trade prints at its tick: the row reaches half a tick around the ticks that it holds.
    const bottom = group * merge * steps.row - steps.tick / 2;
    return {
      bottom,
      top: bottom + merge * steps.row,
      sellText,
      buyText,
      sell: Number(sellText),
      buy: Number(buyText),
      unknown: levels.reduce((sum, level) => sum + Number(level.unknown), 0),
      poc: group === poc,
      inValueArea: group >= val && group <= vah,
    };
  });
}

/** Remembers drawn rows per bar and merge factor: panning draws the same rows again and again. */
export function createRowCache(): (bar: Footprint, steps: PriceSteps, merge: number) => DrawnRow[] {
  let cache = new WeakMap<Footprint, DrawnRow[]>();
  let key = '';
  return (bar, steps, merge) => {
    const now = `${steps.tick} ${steps.row} ${merge}`;
    if (now !== key) {
      cache = new WeakMap();
      key = now;
    }
    let rows = cache.get(bar);
    if (!rows) cache.set(bar, (rows = drawnRows(bar, steps, merge)));
    return rows;
  };
}
