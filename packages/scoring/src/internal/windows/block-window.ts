/**
 * Sums over a sliding window in constant time, without ever subtracting what left it: closes are cut into blocks of
 * `period`, so that every window is the tail of one block and the head of the next. Neither the price level nor earlier,
 * wilder bars leave rounding noise, and equal values have exactly their value as mean.
 *
 * Means are taken around the first value of the head's block, which lies in all of its windows; tails around the last
 * value of their own block, because that is known before the next one begins.
 */
import { BlockPart } from './block-part.ts';

/** Windows up to this size are summed afresh for every bar: that is cheaper than blocks of two or three. */
const small = 4;

/** The mean of every full window; `out[i]` belongs to the input at `i + period − 1`. */
export function windowMeans(x: Float64Array, period: number): Float64Array {
  const out = new Float64Array(Math.max(0, x.length - period + 1));
  if (period <= small) {
    for (let o = 0, i = period - 1; o < out.length; o++, i++) {
      const newest = x[i]!;
      let sum = 0;
      for (let j = o; j < i; j++) sum += x[j]! - newest;
      out[o] = newest + sum / period;
    }
    return out;
  }
  const tails = new Float64Array(period);
  let shift = 0;
  for (let block = 0; block < x.length; block += period) {
    const anchor = x[block]!;
    if (block > 0) {
      const origin = x[block - 1]!;
      shift = origin - anchor;
      let sum = 0;
      for (let k = period - 1, i = block - 1; k >= 0; k--, i--) {
        tails[k] = sum;
        sum += x[i]! - origin;
      }
    }
    const end = Math.min(x.length, block + period);
    let head = 0;
    let i = block;
    if (block === 0) for (; i < end && i < period - 1; i++) head += x[i]! - anchor;
    for (let k = i - block; i < end; i++, k++) {
      head += x[i]! - anchor;
      out[i - period + 1] = anchor + (tails[k]! + (period - 1 - k) * shift + head) / period;
    }
  }
  return out;
}

/** How far the newest value of every full window lies above its mean, to the last digits at any price level. */
export function windowDistances(x: Float64Array, period: number): Float64Array {
  const out = new Float64Array(Math.max(0, x.length - period + 1));
  if (period <= small) {
    for (let o = 0, i = period - 1; o < out.length; o++, i++) {
      const newest = x[i]!;
      let sum = 0;
      for (let j = o; j < i; j++) sum += x[j]! - newest;
      out[o] = 0 - sum / period;
    }
    return out;
  }
  const tails = new Float64Array(period);
  let shift = 0;
  for (let block = 0; block < x.length; block += period) {
    const anchor = x[block]!;
    if (block > 0) {
      const origin = x[block - 1]!;
      shift = origin - anchor;
      let sum = 0;
      for (let k = period - 1, i = block - 1; k >= 0; k--, i--) {
        tails[k] = sum;
        sum += x[i]! - origin;
      }
    }
    const end = Math.min(x.length, block + period);
    let head = 0;
    let i = block;
    if (block === 0) for (; i < end && i < period - 1; i++) head += x[i]! - anchor;
    for (let k = i - block; i < end; i++, k++) {
      head += x[i]! - anchor;
      out[i - period + 1] = x[i]! - anchor - (tails[k]! + (period - 1 - k) * shift + head) / period;
    }
  }
  return out;
}

/** The sum of every full window of values of one sign; exactly 0 where all are 0. */
export function windowSums(x: Float64Array, period: number): Float64Array {
  const out = new Float64Array(Math.max(0, x.length - period + 1));
  const tails = new Float64Array(period);
  for (let block = 0; block < x.length; block += period) {
    if (block > 0) {
      let sum = 0;
      for (let k = period - 1, i = block - 1; k >= 0; k--, i--) {
        tails[k] = sum;
        sum += x[i]!;
      }
    }
    const end = Math.min(x.length, block + period);
    let head = 0;
    let i = block;
    if (block === 0) for (; i < end && i < period - 1; i++) head += x[i]!;
    for (let k = i - block; i < end; i++, k++) {
      head += x[i]!;
      out[i - period + 1] = tails[k]! + head;
    }
  }
  return out;
}

/** A streaming {@link windowMeans}; NaN until the window is full, and leading NaN are passed over. */
export class MeanWindow extends BlockPart {
  private readonly tails: Float64Array;
  private above = 0;
  private head = 0;
  private headBefore = 0;
  private origin = 0;

  constructor(period: number) {
    super(period);
    this.tails = new Float64Array(period);
  }

  push(value: number): number {
    if (Number.isNaN(value)) return Number.NaN;
    const place = this.take(value);
    const anchor = this.ring[0]!;
    this.headBefore = this.head;
    if (place === 0) this.head = 0;
    this.head += value - anchor;
    const { count, period, ring, tails, head } = this;
    if (count < period) return Number.NaN;
    if (period <= small) {
      let sum = 0;
      for (let left = 1, k = place; left < period; left++) {
        if (++k === period) k = 0;
        sum += ring[k]! - value;
      }
      this.above = 0 - sum / period;
      return value + sum / period;
    }
    const shift = count > period ? this.origin - anchor : 0;
    const offset = (tails[place]! + (period - 1 - place) * shift + head) / period;
    this.above = value - anchor - offset;
    return anchor + offset;
  }

  /** Takes a value and says how far it lies above the mean; as {@link windowDistances}. */
  pushDistance(value: number): number {
    return Number.isNaN(this.push(value)) ? Number.NaN : this.above;
  }

  protected sumTails(first: number): void {
    const { period, ring, tails } = this;
    this.origin = ring[period - 1]!;
    let sum = 0;
    for (let k = period - 1; k >= first; k--) {
      tails[k] = sum;
      sum += ring[k]! - this.origin;
    }
  }

  protected refill(places: number): void {
    this.head = 0;
    for (let k = 0; k < places; k++) this.head += this.ring[k]! - this.ring[0]!;
  }

  protected forget(): void {
    this.head = this.headBefore;
  }
}

/** A streaming {@link windowSums}; NaN until the window is full, and leading NaN are passed over. */
export class SumWindow extends BlockPart {
  private readonly tails: Float64Array;
  private head = 0;
  private headBefore = 0;

  constructor(period: number) {
    super(period);
    this.tails = new Float64Array(period);
  }

  push(value: number): number {
    if (Number.isNaN(value)) return Number.NaN;
    const place = this.take(value);
    this.headBefore = this.head;
    if (place === 0) this.head = 0;
    this.head += value;
    return this.count < this.period ? Number.NaN : this.tails[place]! + this.head;
  }

  protected sumTails(first: number): void {
    let sum = 0;
    for (let k = this.period - 1; k >= first; k--) {
      this.tails[k] = sum;
      sum += this.ring[k]!;
    }
  }

  protected refill(places: number): void {
    this.head = 0;
    for (let k = 0; k < places; k++) this.head += this.ring[k]!;
  }

  protected forget(): void {
    this.head = this.headBefore;
  }
}
