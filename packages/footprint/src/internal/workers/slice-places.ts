/** Which slices of a tape are still to be had, how much there is of the others, and so where each begins. */
import type { KeptSlice } from './jobs.ts';

export class SlicePlaces {
  readonly count: number;
  readonly #sizes: (KeptSlice | undefined)[] = [];
  /** Where slices begin, as far as all before them are known; of the last one also where it ends. */
  readonly #starts: KeptSlice[] = [{ bars: 0, rows: 0 }];
  #taken = 0;
  #isRefused = false;
  #tell!: (end: KeptSlice | undefined) => void;
  /** Where the last one ends; `undefined` as soon as one is refused. */
  readonly end: Promise<KeptSlice | undefined>;

  constructor(count: number) {
    this.count = count;
    this.end = new Promise((resolve) => (this.#tell = resolve));
  }

  /** One for a thread that is free; `undefined` where no more are wanted. */
  take(): number | undefined {
    if (this.#isRefused || this.#taken === this.count) return undefined;
    this.#taken += 1;
    return this.#taken - 1;
  }

  /** Hears how much there is of a slice; `undefined` for one that is refused. */
  note(slice: number, size: KeptSlice | undefined): void {
    if (!size) {
      this.#isRefused = true;
      this.#tell(undefined);
      return;
    }
    this.#sizes[slice] = size;
    for (let next = this.#sizes[this.#starts.length - 1]; next; next = this.#sizes[this.#starts.length - 1]) {
      const { bars, rows } = this.#starts.at(-1)!;
      this.#starts.push({ bars: bars + next.bars, rows: rows + next.rows });
    }
    if (this.#starts.length > this.count) this.#tell(this.#starts[this.count]);
  }

  startOf(slice: number): KeptSlice | undefined {
    return this.#starts[slice];
  }

  endOf(slice: number): KeptSlice | undefined {
    return this.#starts[slice + 1];
  }
}
