import type { Part, SavedNumbers } from './part.ts';

/** A few numbers that an indicator carries from bar to bar, and the same as they were before the last bar. */
export class Memory implements Part {
  /** Bars taken. */
  count = 0;
  readonly now: Float64Array;
  private readonly before: Float64Array;

  constructor(size: number) {
    this.now = new Float64Array(size);
    this.before = new Float64Array(size);
  }

  /** Call once at the start of every bar, before `now` is written. */
  next(): void {
    for (let i = 0; i < this.now.length; i++) this.before[i] = this.now[i]!;
    this.count++;
  }

  undo(): void {
    for (let i = 0; i < this.now.length; i++) this.now[i] = this.before[i]!;
    this.count--;
  }

  save(out: number[]): void {
    out.push(this.count);
    for (const value of this.now) out.push(value + 0);
  }

  load(from: SavedNumbers): void {
    this.count = from.count();
    for (let i = 0; i < this.now.length; i++) this.now[i] = from.number();
  }
}
