import { ScoringError } from '../../errors.ts';
import { ExtremeWindow } from './extremes.ts';
import { Memory } from './memory.ts';
import type { Part, SavedNumbers } from './part.ts';

/** What one bar confirmed: the pivot lies `reach` bars before it. NaN where there is none. */
interface Confirmed {
  readonly high: number;
  readonly low: number;
}

/**
 * Pivots of a stream: a high above all of the `reach` bars after it and not below any of the `reach` bars before it, a
 * low the other way round. A bar is known to be a pivot only `reach` bars later, and only then is it told.
 */
export class PivotFinder implements Part {
  private readonly highs: ExtremeWindow;
  private readonly lows: ExtremeWindow;
  private readonly reach: number;
  private readonly confirmed = { high: Number.NaN, low: Number.NaN };

  constructor(reach: number) {
    this.reach = reach;
    this.highs = new ExtremeWindow(2 * reach + 1, 1);
    this.lows = new ExtremeWindow(2 * reach + 1, -1);
  }

  push(high: number, low: number): Confirmed {
    const highest = this.highs.push(high);
    const lowest = this.lows.push(low);
    // Of equal extremes the window keeps the newest: a plateau is a pivot once, at its end.
    this.confirmed.high = this.highs.age() === this.reach ? highest : Number.NaN;
    this.confirmed.low = this.lows.age() === this.reach ? lowest : Number.NaN;
    return this.confirmed;
  }

  undo(): void {
    this.highs.undo();
    this.lows.undo();
  }

  save(out: number[]): void {
    this.highs.save(out);
    this.lows.save(out);
  }

  load(from: SavedNumbers): void {
    this.highs.load(from);
    this.lows.load(from);
  }
}

/** Prices of pivots with the bar that each lies at, oldest first; those that fall out of `lookback` bars are forgotten. */
export class PivotList implements Part {
  private readonly lookback: number;
  private readonly prices: number[] = [];
  private readonly indices: number[] = [];
  private readonly ends = new Memory(2);

  constructor(lookback: number) {
    this.lookback = lookback;
  }

  /** Call once per bar, with the pivot that it confirmed or NaN. */
  push(price: number, index: number, now: number): void {
    const { ends, prices, indices, lookback } = this;
    let [front, back] = ends.now as unknown as [number, number];
    // What undo might still need stays one bar longer.
    if (front > 64 && 2 * front > prices.length) {
      prices.splice(0, front);
      indices.splice(0, front);
      ends.now[0] = 0;
      ends.now[1] = back - front;
      back -= front;
      front = 0;
    }
    ends.next();
    if (!Number.isNaN(price)) {
      prices[back] = price;
      indices[back] = index;
      back++;
    }
    while (front < back && indices[front]! <= now - lookback) front++;
    ends.now[0] = front;
    ends.now[1] = back;
  }

  /** Prices on one side of `price` (`side` 1: at or above), nearest first, at most `most`, none within `apart` of a nearer one. */
  nearest(price: number, side: 1 | -1, most: number, apart: number): number[] {
    const [front, back] = this.ends.now as unknown as [number, number];
    const found = this.prices
      .slice(front, back)
      .filter((level) => side * (level - price) >= 0)
      .sort((a, b) => side * (a - b));
    const out: number[] = [];
    for (const level of found) {
      if (out.length === most) break;
      if (out.every((nearer) => Math.abs(level - nearer) > apart * Math.abs(nearer))) out.push(level + 0);
    }
    return out;
  }

  undo(): void {
    this.ends.undo();
  }

  save(out: number[]): void {
    const [front, back] = this.ends.now as unknown as [number, number];
    out.push(this.ends.count, back - front);
    for (let i = front; i < back; i++) out.push(this.prices[i]! + 0, this.indices[i]!);
  }

  load(from: SavedNumbers): void {
    this.ends.count = from.count();
    const size = from.count(Math.max(1, this.ends.count));
    for (let i = 0; i < size; i++) {
      this.prices[i] = from.number();
      this.indices[i] = from.count();
    }
    this.ends.now[1] = size;
  }
}

/** Throws `bad-option` unless the reach of pivots is a whole number from 1 to 1,000. */
export function checkReach(value: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= 1_000) return;
  throw new ScoringError(
    'bad-option',
    `pivotBars "${String(value)}" is not a whole number from 1 to 1000. Pass for example 5.`,
    value,
  );
}
