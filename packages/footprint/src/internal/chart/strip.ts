/** A ladder as plain arrays, with rows merged when they are too low to draw; floats, as only pixels come of them. */
import { imbalanceFlags } from '../../imbalances.ts';
import type { FootprintLadder } from './footprint-item.ts';

/** Bits of {@link Strip.flags}. */
export const flag = { buy: 1, sell: 2, poc: 4, inArea: 8 } as const;

/** Rows of a bar, from the lowest to the highest. */
export interface Strip {
  /** Ladder rows in one of these. */
  readonly merge: number;
  /** Height of a row, in ticks. */
  readonly stepTicks: number;
  readonly count: number;
  /** Lowest ladder row that a row may hold, in ticks; a multiple of `stepTicks`. */
  readonly ticks: Float64Array;
  readonly sell: Float64Array;
  readonly buy: Float64Array;
  readonly unknown: Float64Array;
  readonly flags: Uint8Array;
  /** Largest volume of one side, and of a row. */
  readonly mostSide: number;
  readonly mostRow: number;
  readonly mostDelta: number;
  readonly hasUnknown: boolean;
}

/** Strips by ladder; each ladder keeps the unmerged one and the last that was merged. */
export function createStrips(): (ladder: FootprintLadder, merge: number) => Strip {
  const plain = new WeakMap<FootprintLadder, Strip>();
  const merged = new WeakMap<FootprintLadder, Strip>();
  return (ladder, merge) => {
    const kept = merge === 1 ? plain : merged;
    let strip = kept.get(ladder);
    if (strip?.merge !== merge) {
      strip = buildStrip(ladder, merge);
      kept.set(ladder, strip);
    }
    return strip;
  };
}

/** The rows of a ladder, `merge` of them as one; the merged ones begin at multiples of their height. */
export function buildStrip({ bar, rowTicks, area, imbalances }: FootprintLadder, merge: number): Strip {
  const stepTicks = rowTicks * merge;
  const size = bar.rows.length;
  const ticks = new Float64Array(size);
  const [sell, buy, unknown] = [new Float64Array(size), new Float64Array(size), new Float64Array(size)];
  const flags = new Uint8Array(size);
  const marks = imbalanceFlags(bar.rows, imbalances, { rowTicks });
  let at = -1;
  for (const [i, row] of bar.rows.entries()) {
    const from = Math.floor(row.priceTicks / stepTicks) * stepTicks;
    if (at < 0 || ticks[at] !== from) ticks[++at] = from;
    sell[at]! += Number(row.sellLots);
    buy[at]! += Number(row.buyLots);
    unknown[at]! += Number(row.unknownLots);
    const { buy: isBuy, sell: isSell } = marks[i]!;
    flags[at]! |=
      (isBuy ? flag.buy : 0) |
      (isSell ? flag.sell : 0) |
      (row.priceTicks === area?.pocTicks ? flag.poc : 0) |
      (area && row.priceTicks >= area.valTicks && row.priceTicks <= area.vahTicks ? flag.inArea : 0);
  }
  const count = at + 1;
  let [mostSide, mostRow, mostDelta, hasUnknown] = [0, 0, 0, false];
  for (let i = 0; i < count; i += 1) {
    mostSide = Math.max(mostSide, sell[i]!, buy[i]!, unknown[i]!);
    mostRow = Math.max(mostRow, sell[i]! + buy[i]! + unknown[i]!);
    mostDelta = Math.max(mostDelta, Math.abs(buy[i]! - sell[i]!));
    if (unknown[i]! > 0) hasUnknown = true;
  }
  return { merge, stepTicks, count, ticks, sell, buy, unknown, flags, mostSide, mostRow, mostDelta, hasUnknown };
}
