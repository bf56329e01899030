/**
 * Confidence intervals by the circular block bootstrap (Politis and Romano 1992): whole blocks of dates are drawn, so
 * that returns which overlap, and days that resemble their neighbours, stay together.
 */
import type { Random } from './random.ts';

/** A figure and the interval that it lies in; `undefined` where there is too little to say. */
export interface Estimate {
  readonly value: number | undefined;
  /** Lower end of the confidence interval. */
  readonly low: number | undefined;
  /** Upper end of the confidence interval. */
  readonly high: number | undefined;
}

export interface BootstrapOptions {
  readonly blockLength: number;
  readonly resamples: number;
  readonly confidence: number;
}

/**
 * Σ `tops` ÷ Σ `bottoms` over dates in order, with percentiles of the same over resampled dates. With `bottoms` of 1 it
 * is a mean. Fewer than two blocks of dates have no interval.
 */
export function bootstrapRatio(
  tops: readonly number[],
  bottoms: readonly number[],
  options: BootstrapOptions,
  random: Random,
): Estimate {
  const n = tops.length;
  const value = ratio(sum(tops), sum(bottoms));
  const { blockLength, resamples, confidence } = options;
  if (value === undefined || resamples === 0 || n < 2 * blockLength) return { value, low: undefined, high: undefined };

  const topsBefore = cumulated(tops);
  const bottomsBefore = cumulated(bottoms);
  const drawn: number[] = [];
  for (let k = 0; k < resamples; k++) {
    let top = 0;
    let bottom = 0;
    for (let left = n; left > 0; left -= blockLength) {
      const from = Math.floor(random() * n);
      const to = from + Math.min(blockLength, left);
      top += topsBefore[to]! - topsBefore[from]!;
      bottom += bottomsBefore[to]! - bottomsBefore[from]!;
    }
    const one = ratio(top, bottom);
    if (one !== undefined) drawn.push(one);
  }
  drawn.sort((a, b) => a - b);
  return { value, low: quantile(drawn, (1 - confidence) / 2), high: quantile(drawn, (1 + confidence) / 2) };
}

/** The value below which a share of `sorted` lies, between neighbours along a line. */
export function quantile(sorted: readonly number[], share: number): number | undefined {
  if (sorted.length === 0) return undefined;
  const at = share * (sorted.length - 1);
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}

/** Sums of all values before each index, over two rounds of the circle. */
function cumulated(values: readonly number[]): Float64Array {
  const n = values.length;
  const sums = new Float64Array(2 * n + 1);
  for (let i = 0; i < 2 * n; i++) sums[i + 1] = sums[i]! + values[i % n]!;
  return sums;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function ratio(top: number, bottom: number): number | undefined {
  return bottom > 0 ? top / bottom : undefined;
}
