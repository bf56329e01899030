/** Sliding weighted means in constant time; built on blocks, as the plain ones of `block-window.ts`. */
import { BlockPart } from './block-part.ts';
import type { SavedNumbers } from './part.ts';

/** Windows up to this size are summed afresh for every bar: that is cheaper than blocks of two or three. */
const small = 4;

/** The mean of every full window with weights 1 (oldest) to `period` (newest). */
export function linearMeans(x: Float64Array, period: number): Float64Array {
  const out = new Float64Array(Math.max(0, x.length - period + 1));
  const all = (period * (period + 1)) / 2;
  if (period <= small) {
    for (let o = 0, i = period - 1; o < out.length; o++, i++) {
      const newest = x[i]!;
      let sum = 0;
      for (let j = o, weight = 1; j < i; j++, weight++) sum += weight * (x[j]! - newest);
      out[o] = newest + sum / all;
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
      let weighted = 0;
      for (let k = period - 1, i = block - 1; k >= 0; k--, i--) {
        tails[k] = weighted;
        sum += x[i]! - origin;
        weighted += sum;
      }
    }
    const end = Math.min(x.length, block + period);
    let head = 0;
    let slope = 0;
    for (let k = 0, i = block; i < end; i++, k++) {
      const distance = x[i]! - anchor;
      head += distance;
      slope += k * distance;
      if (i < period - 1) continue;
      const behind = period - 1 - k;
      const tail = tails[k]! + ((behind * (behind + 1)) / 2) * shift;
      out[i - period + 1] = anchor + (tail + ((period - k) * head + slope)) / all;
    }
  }
  return out;
}

/** A streaming {@link linearMeans}; NaN until the window is full, and leading NaN are passed over. */
export class LinearWindow extends BlockPart {
  private readonly tails: Float64Array;
  private head = 0;
  private slope = 0;
  private headBefore = 0;
  private slopeBefore = 0;
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
    this.slopeBefore = this.slope;
    if (place === 0) this.head = this.slope = 0;
    const distance = value - anchor;
    this.head += distance;
    this.slope += place * distance;
    const { count, period, ring, tails } = this;
    if (count < period) return Number.NaN;
    if (period <= small) {
      let sum = 0;
      for (let weight = 1, k = place; weight < period; weight++) {
        if (++k === period) k = 0;
        sum += weight * (ring[k]! - value);
      }
      return value + sum / ((period * (period + 1)) / 2);
    }
    const shift = count > period ? this.origin - anchor : 0;
    const behind = period - 1 - place;
    const tail = tails[place]! + ((behind * (behind + 1)) / 2) * shift;
    return anchor + (tail + ((period - place) * this.head + this.slope)) / ((period * (period + 1)) / 2);
  }

  protected sumTails(first: number): void {
    const { period, ring, tails } = this;
    this.origin = ring[period - 1]!;
    let sum = 0;
    let weighted = 0;
    for (let k = period - 1; k >= first; k--) {
      tails[k] = weighted;
      sum += ring[k]! - this.origin;
      weighted += sum;
    }
  }

  protected refill(places: number): void {
    this.head = this.slope = 0;
    for (let k = 0; k < places; k++) {
      const distance = this.ring[k]! - this.ring[0]!;
      this.head += distance;
      this.slope += k * distance;
    }
  }

  protected forget(): void {
    this.head = this.headBefore;
    this.slope = this.slopeBefore;
  }
}

/** The mean of every full window of `x`, weighted by `weight` (0 or more); NaN where a window has no weight at all. */
export function weightedMeans(x: Float64Array, weight: Float64Array, period: number): Float64Array {
  const out = new Float64Array(Math.max(0, x.length - period + 1));
  const tails = new Float64Array(period);
  const tailWeights = new Float64Array(period);
  let shift = 0;
  for (let block = 0; block < x.length; block += period) {
    const anchor = x[block]!;
    if (block > 0) {
      const origin = x[block - 1]!;
      shift = origin - anchor;
      let sum = 0;
      let weights = 0;
      for (let k = period - 1, i = block - 1; k >= 0; k--, i--) {
        tails[k] = sum;
        tailWeights[k] = weights;
        sum += (x[i]! - origin) * weight[i]!;
        weights += weight[i]!;
      }
    }
    const end = Math.min(x.length, block + period);
    let head = 0;
    let headWeight = 0;
    for (let k = 0, i = block; i < end; i++, k++) {
      head += (x[i]! - anchor) * weight[i]!;
      headWeight += weight[i]!;
      if (i < period - 1) continue;
      const tail = tails[k]! + tailWeights[k]! * shift;
      const all = tailWeights[k]! + headWeight;
      out[i - period + 1] = all > 0 ? anchor + (tail + head) / all : Number.NaN;
    }
  }
  return out;
}

/** A streaming {@link weightedMeans}. */
export class WeightedWindow extends BlockPart {
  private readonly weights: Float64Array;
  private readonly tails: Float64Array;
  private readonly tailWeights: Float64Array;
  private head = 0;
  private headWeight = 0;
  private headBefore = 0;
  private headWeightBefore = 0;
  private origin = 0;

  constructor(period: number) {
    super(period);
    this.weights = new Float64Array(period);
    this.tails = new Float64Array(period);
    this.tailWeights = new Float64Array(period);
  }

  push(value: number, weight: number): number {
    const place = this.take(value);
    this.weights[place] = weight + 0;
    const anchor = this.ring[0]!;
    this.headBefore = this.head;
    this.headWeightBefore = this.headWeight;
    if (place === 0) this.head = this.headWeight = 0;
    this.head += (value - anchor) * weight;
    this.headWeight += weight;
    const { count, period, tails, tailWeights } = this;
    if (count < period) return Number.NaN;
    const shift = count > period ? this.origin - anchor : 0;
    const tail = tails[place]! + tailWeights[place]! * shift;
    const all = tailWeights[place]! + this.headWeight;
    return all > 0 ? anchor + (tail + this.head) / all : Number.NaN;
  }

  override save(out: number[]): void {
    super.save(out);
    const { count, period, weights } = this;
    for (let i = count - Math.min(count, period - 1); i < count; i++) out.push(weights[i % period]!);
  }

  override load(from: SavedNumbers): void {
    super.load(from);
    const { count, period, weights } = this;
    for (let i = count - Math.min(count, period - 1); i < count; i++) weights[i % period] = from.number();
    // The sums of the base class were taken before the weights were here.
    this.settle();
  }

  protected sumTails(first: number): void {
    const { period, ring, weights, tails, tailWeights } = this;
    this.origin = ring[period - 1]!;
    let sum = 0;
    let all = 0;
    for (let k = period - 1; k >= first; k--) {
      tails[k] = sum;
      tailWeights[k] = all;
      sum += (ring[k]! - this.origin) * weights[k]!;
      all += weights[k]!;
    }
  }

  protected refill(places: number): void {
    this.head = this.headWeight = 0;
    for (let k = 0; k < places; k++) {
      this.head += (this.ring[k]! - this.ring[0]!) * this.weights[k]!;
      this.headWeight += this.weights[k]!;
    }
  }

  protected forget(): void {
    this.head = this.headBefore;
    this.headWeight = this.headWeightBefore;
  }
}
