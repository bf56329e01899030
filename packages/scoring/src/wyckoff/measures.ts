/** One bar in the direction of a side: prices are negated for distribution, so that one set of rules serves both. */
export interface Oriented {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

/** What the bars before the current one were like; never includes the current one. */
export interface Measures {
  readonly averageVolume: number;
  readonly averageRange: number;
  readonly meanClose: number;
  readonly lowestLow: number;
  readonly highestHigh: number;
}

/**
 * Measures of the `lookback` bars that end before index `end`; `undefined` when there are fewer. The true range of each
 * needs the close before it, so one more bar must be there.
 */
export function measuresOf(bars: readonly Oriented[], end: number, lookback: number): Measures | undefined {
  const start = end - lookback;
  if (start < 1) return undefined;
  let [volume, range, close] = [0, 0, 0];
  let [lowestLow, highestHigh] = [Infinity, -Infinity];
  let before = bars[start - 1]!.close;
  for (let i = start; i < end; i++) {
    const bar = bars[i]!;
    volume += bar.volume;
    range += Math.max(bar.high, before) - Math.min(bar.low, before);
    close += bar.close;
    if (bar.low < lowestLow) lowestLow = bar.low;
    if (bar.high > highestHigh) highestHigh = bar.high;
    before = bar.close;
  }
  return {
    averageVolume: volume / lookback,
    averageRange: range / lookback,
    meanClose: close / lookback,
    lowestLow,
    highestHigh,
  };
}

/** The same in the direction of distribution. */
export function mirroredMeasures(m: Measures): Measures {
  return { ...m, meanClose: -m.meanClose, lowestLow: -m.highestHigh, highestHigh: -m.lowestLow };
}

/** The bar in the direction of distribution. */
export function mirroredBar({ high, low, close, volume }: Oriented): Oriented {
  return { high: -low, low: -high, close: -close, volume };
}
