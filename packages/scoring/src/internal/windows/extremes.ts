/** Highest and lowest values of a sliding window. Columns: van Herk and Gil-Werman; streams: a monotonic deque. */
import type { Part, SavedNumbers } from './part.ts';

/** The highest value of every full window; `out[i]` belongs to the input at `i + period − 1`. */
export function windowHighs(x: Float64Array, period: number): Float64Array {
  const out = new Float64Array(Math.max(0, x.length - period + 1));
  highsInto(out, x, 0, x.length, period, new Float64Array(period));
  return out;
}

/** The lowest value of every full window; `out[i]` belongs to the input at `i + period − 1`. */
export function windowLows(x: Float64Array, period: number): Float64Array {
  const out = new Float64Array(Math.max(0, x.length - period + 1));
  lowsInto(out, x, 0, x.length, period, new Float64Array(period));
  return out;
}

function highsInto(
  out: Float64Array,
  x: Float64Array,
  start: number,
  stop: number,
  period: number,
  tails: Float64Array,
): void {
  for (let block = start; block < stop; block += period) {
    const end = Math.min(stop, block + period);
    let head = x[block]!;
    if (block === start) {
      for (let i = start + 1; i < end; i++) if (x[i]! > head) head = x[i]!;
      if (end === start + period) out[0] = head;
      continue;
    }
    let tail = x[block - 1]!;
    for (let k = period - 2, i = block - 1; k >= 0; k--, i--) {
      if (x[i]! > tail) tail = x[i]!;
      tails[k] = tail;
    }
    const last = Math.min(end, block + period - 1);
    let o = block - start - period + 1;
    for (let i = block, k = 0; i < last; i++, k++, o++) {
      const value = x[i]!;
      if (value > head) head = value;
      tail = tails[k]!;
      out[o] = tail > head ? tail : head;
    }
    if (last < end) out[o] = x[last]! > head ? x[last]! : head;
  }
}

function lowsInto(
  out: Float64Array,
  x: Float64Array,
  start: number,
  stop: number,
  period: number,
  tails: Float64Array,
): void {
  for (let block = start; block < stop; block += period) {
    const end = Math.min(stop, block + period);
    let head = x[block]!;
    if (block === start) {
      for (let i = start + 1; i < end; i++) if (x[i]! < head) head = x[i]!;
      if (end === start + period) out[0] = head;
      continue;
    }
    let tail = x[block - 1]!;
    for (let k = period - 2, i = block - 1; k >= 0; k--, i--) {
      if (x[i]! < tail) tail = x[i]!;
      tails[k] = tail;
    }
    const last = Math.min(end, block + period - 1);
    let o = block - start - period + 1;
    for (let i = block, k = 0; i < last; i++, k++, o++) {
      const value = x[i]!;
      if (value < head) head = value;
      tail = tails[k]!;
      out[o] = tail < head ? tail : head;
    }
    if (last < end) out[o] = x[last]! < head ? x[last]! : head;
  }
}

/** Bars that are worked on at a time: what lies between two steps stays in the cache, and no column is made for it. */
const chunk = 1_024;

/**
 * Walks over the windows of a pair of columns in chunks. `visit` gets the highest highs and lowest lows of `count` windows,
 * the first of which ends at the bar `first`; the arrays are overwritten by the next chunk.
 */
export function visitExtremes(
  high: Float64Array,
  low: Float64Array,
  period: number,
  visit: (highs: Float64Array, lows: Float64Array, first: number, count: number) => void,
): void {
  const { length } = high;
  const size = Math.min(chunk, Math.max(0, length - period + 1));
  const [highs, lows, tails] = [new Float64Array(size), new Float64Array(size), new Float64Array(period)];
  for (let first = period - 1; first < length; first += chunk) {
    const stop = Math.min(length, first + chunk);
    highsInto(highs, high, first - period + 1, stop, period, tails);
    lowsInto(lows, low, first - period + 1, stop, period, tails);
    visit(highs, lows, first, stop - first);
  }
}

/**
 * Writes the middles of the extremes of several windows, each at least as long as the one before; `out[k][i]` belongs to the bar
 * `i + periods[k] − 1`. A longer window is the higher of two shorter ones that overlap, in steps that at most double.
 */
export function fillMiddles(
  high: Float64Array,
  low: Float64Array,
  periods: readonly number[],
  out: readonly Float64Array[],
): void {
  const { length } = high;
  const longest = periods[periods.length - 1]!;
  const size = Math.min(length, chunk + longest);
  const [highs, lows] = [new Float64Array(size), new Float64Array(size)];
  for (let first = 0; first < length; first += chunk) {
    const stop = Math.min(length, first + chunk);
    const start = Math.max(0, first - longest + 1);
    highs.set(high.subarray(start, stop));
    lows.set(low.subarray(start, stop));
    let width = 1;
    periods.forEach((period, k) => {
      while (width < period) {
        const next = Math.min(period, 2 * width);
        widen(highs, lows, next - width, stop - start - next + 1);
        width = next;
      }
      const from = Math.max(first, period - 1);
      middlesInto(out[k]!, from - period + 1, highs, lows, from - period + 1 - start, stop - from);
    });
  }
}

/**
 * In place: each value becomes the extreme of itself and the one `gap` places on. The place is computed, not branched to:
 * which of two prices is higher is a coin flip to the CPU as well.
 */
function widen(highs: Float64Array, lows: Float64Array, gap: number, count: number): void {
  for (let i = 0; i < count; i++) {
    highs[i] = highs[i + (gap & -Number(highs[i + gap]! > highs[i]!))]!;
    lows[i] = lows[i + (gap & -Number(lows[i + gap]! < lows[i]!))]!;
  }
}

function middlesInto(
  out: Float64Array,
  at: number,
  highs: Float64Array,
  lows: Float64Array,
  from: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[at + i] = middleOf(highs[from + i]!, lows[from + i]!);
}

/** Halfway between two prices. */
export function middleOf(high: number, low: number): number {
  return (high + low) / 2;
}

/** A streaming window that knows its highest value; with `sign` −1 its lowest. NaN until the window is full. */
export class ExtremeWindow implements Part {
  private readonly period: number;
  private readonly sign: 1 | -1;
  /** Candidates, falling from the front on: an older one behind a higher one can never win again. Signed. */
  private readonly values: Float64Array;
  private readonly indices: Float64Array;
  private readonly mask: number;
  private count = 0;
  private front = 0;
  private back = 0;
  // One push writes one slot and moves two ends: that is all that there is to take back.
  private frontBefore = 0;
  private backBefore = 0;
  private slotValue = 0;
  private slotIndex = 0;

  constructor(period: number, sign: 1 | -1) {
    this.period = period;
    this.sign = sign;
    let capacity = 2;
    while (capacity < period + 1) capacity *= 2;
    this.mask = capacity - 1;
    this.values = new Float64Array(capacity);
    this.indices = new Float64Array(capacity);
  }

  push(value: number): number {
    if (Number.isNaN(value)) return Number.NaN;
    const { values, indices, mask, period, sign } = this;
    const signed = sign * value;
    let { front, back } = this;
    this.frontBefore = front;
    this.backBefore = back;
    while (back > front && values[(back - 1) & mask]! <= signed) back--;
    const slot = back & mask;
    this.slotValue = values[slot]!;
    this.slotIndex = indices[slot]!;
    values[slot] = signed;
    indices[slot] = this.count;
    back++;
    if (indices[front & mask]! <= this.count - period) front++;
    this.front = front;
    this.back = back;
    this.count++;
    return this.count < period ? Number.NaN : sign * values[front & mask]! + 0;
  }

  /** Bars since the extreme, 0 for the last one; −1 until the window is full. */
  age(): number {
    if (this.count < this.period) return -1;
    return this.count - 1 - this.indices[this.front & this.mask]!;
  }

  undo(): void {
    if (this.count === 0) return;
    const slot = (this.back - 1) & this.mask;
    this.values[slot] = this.slotValue;
    this.indices[slot] = this.slotIndex;
    this.front = this.frontBefore;
    this.back = this.backBefore;
    this.count--;
  }

  save(out: number[]): void {
    const { front, back, count, mask } = this;
    out.push(count, back - front);
    for (let i = front; i < back; i++) out.push(this.values[i & mask]! + 0, count - this.indices[i & mask]!);
  }

  load(from: SavedNumbers): void {
    this.count = from.count();
    this.front = 0;
    this.back = from.count(Math.min(this.period, this.count));
    for (let i = 0; i < this.back; i++) {
      this.values[i] = from.number();
      this.indices[i] = this.count - from.count(this.period);
    }
  }
}
