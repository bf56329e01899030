import { ScoringError } from '../../errors.ts';

/**
 * A piece of a streaming indicator. `undo` takes the last `push` back and is always followed by another `push`; `save`
 * and `load` carry the state between two pushes as plain numbers.
 */
export interface Part {
  undo(): void;
  save(out: number[]): void;
  load(from: SavedNumbers): void;
}

/** The numbers of a snapshot, read in the order in which they were saved. */
export class SavedNumbers {
  private readonly numbers: readonly unknown[];
  private readonly most: number;
  private at = 0;

  /** Numbers beyond ±`most` are refused: no bar that can be pushed leads to them. */
  constructor(numbers: unknown, most: number) {
    this.numbers = Array.isArray(numbers) ? numbers : [];
    this.most = most;
  }

  number(): number {
    const value = this.numbers[this.at++];
    if (typeof value === 'number' && Math.abs(value) <= this.most) return value;
    throw this.refusal(value);
  }

  /** A whole number from 0 to `most`. */
  count(most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.number();
    if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
    throw this.refusal(value);
  }

  /** Throws unless every number was read. */
  end(): void {
    if (this.at !== this.numbers.length) throw this.refusal(this.numbers.length);
  }

  private refusal(value: unknown): ScoringError {
    return new ScoringError(
      'bad-snapshot',
      `snapshot has "${String(value)}" at place ${this.at} of its state, which does not fit the indicator. ` +
        'Pass the snapshot as it was taken.',
      this.numbers,
    );
  }
}

/** `undo`, `save` and `load` of several parts as of one. */
export function joinParts(parts: readonly Part[]): Part {
  return {
    undo: () => {
      for (const part of parts) part.undo();
    },
    save: (out) => {
      for (const part of parts) part.save(out);
    },
    load: (from) => {
      for (const part of parts) part.load(from);
    },
  };
}
