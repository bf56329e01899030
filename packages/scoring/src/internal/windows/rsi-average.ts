import type { WilderState } from '../wilder.ts';
import { noMoves, stepWilder, vanished } from '../wilder.ts';
import type { Part, SavedNumbers } from './part.ts';

/** A streaming RSI as a piece of other indicators; NaN for the first `period` closes. */
export class RsiAverage implements Part {
  private readonly period: number;
  private now: WilderState & { value: number } = { ...noMoves, value: 50 };
  private before: WilderState & { value: number } = { ...noMoves, value: 50 };

  constructor(period: number) {
    this.period = period;
  }

  push(close: number): number {
    const { now, before, period } = this;
    const moved = close !== now.last || now.count === period;
    stepWilder(now, before, close, period);
    before.value = now.value;
    const moves = before.up + before.down;
    if (moved && before.count > period && moves > vanished) before.value = 100 * (before.up / moves);
    this.before = now;
    this.now = before;
    return before.count > period ? before.value : Number.NaN;
  }

  undo(): void {
    const { now, before } = this;
    this.now = before;
    this.before = now;
  }

  save(out: number[]): void {
    const { count, last, up, down, value } = this.now;
    out.push(count, last + 0, up, down, value);
  }

  load(from: SavedNumbers): void {
    const count = from.count();
    this.now = { count, last: from.number(), up: from.number(), down: from.number(), value: from.number() };
  }
}
