/** Averages that remember everything: exponential, Wilder's, and running totals. */
import type { Part, SavedNumbers } from './part.ts';

/**
 * Distance of every value from its EMA, from index `period − 1` on (k = 2 ÷ (period + 1), started with the simple mean).
 * It follows `(distance + change) × (1 − k)`, stays exact to the last digits at any price level and is exactly 0 where
 * nothing ever moved.
 */
export function emaDistances(x: Float64Array, period: number): Float64Array {
  const out = new Float64Array(Math.max(0, x.length - period + 1));
  if (out.length === 0) return out;
  let last = x[0]!;
  let above = 0;
  for (let i = 1; i < period; i++) {
    above += i * (x[i]! - last);
    last = x[i]!;
  }
  above /= period;
  out[0] = above + 0;
  const keep = (period - 1) / (period + 1);
  for (let i = period, o = 1; i < x.length; i++, o++) {
    const value = x[i]!;
    above = (above + (value - last)) * keep;
    last = value;
    out[o] = above + 0;
  }
  return out;
}

/** The EMA of every value from index `period − 1` on. */
export function emaColumn(x: Float64Array, period: number): Float64Array {
  const out = emaDistances(x, period);
  for (let o = 0, i = period - 1; o < out.length; o++, i++) out[o] = x[i]! - out[o]!;
  return out;
}

/** A streaming {@link emaColumn}; NaN until `period` values are known, and leading NaN are passed over. */
export class EmaAverage implements Part {
  private readonly period: number;
  private count = 0;
  private last = 0;
  private above = 0;
  private lastBefore = 0;
  private aboveBefore = 0;

  constructor(period: number) {
    this.period = period;
  }

  push(value: number): number {
    if (Number.isNaN(value)) return Number.NaN;
    const { period, count } = this;
    this.lastBefore = this.last;
    this.aboveBefore = this.above;
    const change = count === 0 ? 0 : value - this.last;
    if (count >= period) this.above = (this.above + change) * ((period - 1) / (period + 1));
    else {
      this.above += count * change;
      if (count === period - 1) this.above /= period;
    }
    this.last = value + 0;
    this.count = count + 1;
    return this.count < period ? Number.NaN : value - this.above;
  }

  /** Takes a value and says how far it lies above the average; as {@link emaDistances}. */
  pushDistance(value: number): number {
    return Number.isNaN(this.push(value)) ? Number.NaN : this.above + 0;
  }

  undo(): void {
    if (this.count === 0) return;
    this.count--;
    this.last = this.lastBefore;
    this.above = this.aboveBefore;
  }

  save(out: number[]): void {
    out.push(this.count, this.last, this.above + 0);
  }

  load(from: SavedNumbers): void {
    this.count = from.count();
    this.last = from.number();
    this.above = from.number();
  }
}

/**
 * Wilder's average as a stream: the mean of the first `period` values, then 1 ÷ `period` of each next. NaN until then, and
 * leading NaN are passed over.
 */
export class WilderAverage implements Part {
  private readonly period: number;
  private count = 0;
  private average = 0;
  private averageBefore = 0;

  constructor(period: number) {
    this.period = period;
  }

  push(value: number): number {
    if (Number.isNaN(value)) return Number.NaN;
    const { period, count } = this;
    this.averageBefore = this.average;
    if (count >= period) this.average = this.average * (1 - 1 / period) + value * (1 / period);
    else {
      this.average += value;
      if (count === period - 1) this.average /= period;
    }
    this.count = count + 1;
    return this.count < period ? Number.NaN : this.average;
  }

  undo(): void {
    if (this.count === 0) return;
    this.count--;
    this.average = this.averageBefore;
  }

  save(out: number[]): void {
    out.push(this.count, this.average + 0);
  }

  load(from: SavedNumbers): void {
    this.count = from.count();
    this.average = from.number();
  }
}

/** A running total that keeps what each addition rounds away (Knuth's two-sum), so that it never drifts. */
export class RunningTotal implements Part {
  private total = 0;
  private lost = 0;
  private totalBefore = 0;
  private lostBefore = 0;

  add(value: number): number {
    const before = this.total;
    this.totalBefore = before;
    this.lostBefore = this.lost;
    const sum = before + value;
    const part = sum - before;
    this.lost += before - (sum - part) + (value - part);
    this.total = sum;
    return sum + this.lost + 0;
  }

  undo(): void {
    this.total = this.totalBefore;
    this.lost = this.lostBefore;
  }

  save(out: number[]): void {
    out.push(this.total + 0, this.lost + 0);
  }

  load(from: SavedNumbers): void {
    this.total = from.number();
    this.lost = from.number();
  }
}

/** The values of a {@link RunningTotal} over a column. */
export function runningTotals(x: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  let total = 0;
  let lost = 0;
  for (let i = 0; i < x.length; i++) {
    const value = x[i]!;
    const sum = total + value;
    const part = sum - total;
    lost += total - (sum - part) + (value - part);
    total = sum;
    out[i] = sum + lost + 0;
  }
  return out;
}

/** The value `distance` pushes ago; NaN until there is one. */
export class Delay implements Part {
  private readonly distance: number;
  private readonly ring: Float64Array;
  private count = 0;

  constructor(distance: number) {
    this.distance = distance;
    this.ring = new Float64Array(distance + 1);
  }

  push(value: number): number {
    if (Number.isNaN(value)) return Number.NaN;
    const size = this.distance + 1;
    this.ring[this.count % size] = value + 0;
    this.count++;
    return this.count <= this.distance ? Number.NaN : this.ring[this.count % size]!;
  }

  undo(): void {
    // The slot that the last value took is the one that the next takes.
    if (this.count > 0) this.count--;
  }

  save(out: number[]): void {
    const { count, distance, ring } = this;
    out.push(count);
    for (let i = count - Math.min(count, distance); i < count; i++) out.push(ring[i % (distance + 1)]!);
  }

  load(from: SavedNumbers): void {
    const { distance, ring } = this;
    this.count = from.count();
    for (let i = this.count - Math.min(this.count, distance); i < this.count; i++) {
      ring[i % (distance + 1)] = from.number();
    }
  }
}
