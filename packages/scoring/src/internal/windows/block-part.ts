import type { Part, SavedNumbers } from './part.ts';

/** What the streaming windows share: the ring of a block, and tails that are summed once per block. */
export abstract class BlockPart implements Part {
  protected readonly period: number;
  /** Values by their place in the block: up to the newest one lies this block, behind it the one before. */
  protected readonly ring: Float64Array;
  protected count = 0;
  /** The block whose windows the tails belong to. */
  private tailsOf = 0;

  constructor(period: number) {
    this.period = period;
    this.ring = new Float64Array(period);
  }

  /** The value in a place; meant for a window that is full. */
  at(place: number): number {
    return this.ring[place]!;
  }

  undo(): void {
    if (this.count === 0) return;
    this.count--;
    this.forget();
  }

  save(out: number[]): void {
    const { count, period, ring } = this;
    out.push(count);
    // The slot that the next value takes is of no use any more.
    for (let i = count - Math.min(count, period - 1); i < count; i++) out.push(ring[i % period]! + 0);
  }

  load(from: SavedNumbers): void {
    const { period, ring } = this;
    this.count = from.count();
    for (let i = this.count - Math.min(this.count, period - 1); i < this.count; i++) ring[i % period] = from.number();
    this.settle();
  }

  /** Takes the sums again from the values. */
  protected settle(): void {
    const place = this.count % this.period;
    const block = this.count - place;
    if (block > 0 && place > 0) {
      this.sumTails(place);
      this.tailsOf = block;
    }
    this.refill(place);
  }

  /** Puts a value in its place and says which place that is. */
  protected take(value: number): number {
    const place = this.count % this.period;
    if (place === 0 && this.count > 0 && this.tailsOf !== this.count) {
      this.sumTails(0);
      this.tailsOf = this.count;
    }
    this.ring[place] = value + 0;
    this.count++;
    return place;
  }

  /** Sums the tails of places from `first` on, out of the values behind them. */
  protected abstract sumTails(first: number): void;
  /** Sums the head again over the first `places` of the ring. */
  protected abstract refill(places: number): void;
  /** Takes the last value out of the head. */
  protected abstract forget(): void;
}
