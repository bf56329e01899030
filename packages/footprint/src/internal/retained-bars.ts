/** The latest closed bars, which late trades and corrections may still change. */
import { BarBuilder } from './bar-builder.ts';
import { Ladder } from './ladder.ts';

/** What {@link RetainedBars} needs to know. */
export interface RetainedBarsOptions {
  readonly intervalMs: number;
  readonly retainBars: number;
  readonly tradeSizes: boolean;
}

export class RetainedBars {
  readonly #options: RetainedBarsOptions;
  /** Ascending by start. */
  readonly #bars: BarBuilder[];
  #spareLadder: Ladder | undefined;
  /** End of the newest bar that is no longer retained; a bar before it must not begin again. */
  #letGoUntilMs: number;

  constructor(options: RetainedBarsOptions, bars: readonly BarBuilder[] = [], letGoUntilMs = -Infinity) {
    this.#options = options;
    const firstKept = Math.max(0, bars.length - options.retainBars);
    this.#bars = bars.slice(firstKept);
    this.#letGoUntilMs = bars[firstKept - 1]?.endMs ?? letGoUntilMs;
  }

  get letGoUntilMs(): number {
    return this.#letGoUntilMs;
  }

  /** Oldest first. */
  get bars(): readonly BarBuilder[] {
    return this.#bars;
  }

  withId(id: number | string): BarBuilder | undefined {
    for (const bar of this.#bars) if (bar.hasId(id)) return bar;
    return undefined;
  }

  /** The bar that starts there, a new one where it had no trade yet; undefined when it is too old. */
  at(startMs: number): BarBuilder | undefined {
    const i = this.#bars.findIndex((bar) => bar.startMs >= startMs);
    if (i >= 0 && this.#bars[i]!.startMs === startMs) return this.#bars[i];
    const newer = i < 0 ? 0 : this.#bars.length - i;
    if (newer >= this.#options.retainBars || startMs < this.#letGoUntilMs) return undefined;
    const bar = this.begin(startMs);
    this.add(bar);
    return bar;
  }

  /** A new bar, in the ladder of the last one that was let go. */
  begin(startMs: number): BarBuilder {
    const ladder = this.#spareLadder ?? new Ladder(this.#options.tradeSizes);
    this.#spareLadder = undefined;
    return new BarBuilder(startMs, startMs + this.#options.intervalMs, ladder);
  }

  /** Takes in a closed bar and lets the oldest go, if there are too many. */
  add(bar: BarBuilder): void {
    const i = this.#bars.findIndex(({ startMs }) => startMs > bar.startMs);
    this.#bars.splice(i < 0 ? this.#bars.length : i, 0, bar);
    if (this.#bars.length <= this.#options.retainBars) return;
    const { ladder, endMs } = this.#bars.shift()!;
    this.#letGoUntilMs = endMs;
    ladder.clear();
    this.#spareLadder = ladder;
  }
}
