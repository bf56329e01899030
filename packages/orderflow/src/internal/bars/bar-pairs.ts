/** Estimates from pairs of neighbouring bars, over a window of pairs. */
import { isUsableBar } from './bar-checks.ts';
import type { HighLowClose } from './bar-checks.ts';
import { countsOf, fields, finite, orNull, tupleOf, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** What became of the bars. */
export interface BarPairCounts {
  /** Bars pushed, since the start. */
  readonly bars: number;
  /** Bars left out because they did not trade, at prices above 0 or at all; the next bar pairs with the one before. */
  readonly unusableBars: number;
  /** Bars that were not known; no pair is made across one. */
  readonly unknownBars: number;
  /** Pairs made. */
  readonly pairs: number;
}

/** The state of {@link BarPairs}. */
export interface BarPairsJson {
  readonly last: readonly [high: number, low: number, close: number] | null;
  readonly counts: BarPairCounts;
}

/** The sequence of usable bars. Made by {@link createBarPairs}. */
export interface BarPairs {
  readonly counts: BarPairCounts;
  /** The usable bar before this one and this one; `undefined` when they make no pair. */
  push(bar: HighLowClose | undefined): readonly [HighLowClose, HighLowClose] | undefined;
  toJson(): BarPairsJson;
}

/** Pairs of bars; `isWanted` may leave out more of them. */
export function createBarPairs(isWanted: (bar: HighLowClose) => boolean, from?: BarPairsJson): BarPairs {
  let last: HighLowClose | undefined = from?.last
    ? { high: from.last[0], low: from.last[1], close: from.last[2] }
    : undefined;
  const counts = { ...(from?.counts ?? { bars: 0, unusableBars: 0, unknownBars: 0, pairs: 0 }) };
  return {
    get counts() {
      return { ...counts };
    },
    push(bar) {
      const usable = bar !== undefined && isUsableBar(bar) && isWanted(bar);
      counts.bars += 1;
      if (!bar) {
        counts.unknownBars += 1;
        last = undefined;
      } else if (!usable) counts.unusableBars += 1;
      else {
        const before = last;
        last = { high: bar.high, low: bar.low, close: bar.close };
        if (before) counts.pairs += 1;
        return before && [before, last];
      }
      return undefined;
    },
    toJson: () => ({ last: last ? [last.high, last.low, last.close] : null, counts: { ...counts } }),
  };
}

/** Pairs of bars as they are stored: the last bar is a usable one. */
export const barPairsShape: Shape = fields({
  last: orNull(
    where(tupleOf(finite, finite, finite), ([high, low, close]: [number, number, number]) =>
      isUsableBar({ high, low, close }),
    ),
  ),
  counts: countsOf('bars', 'unusableBars', 'unknownBars', 'pairs'),
});
