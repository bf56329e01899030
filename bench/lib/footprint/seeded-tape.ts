/**
 * Trades of a made-up liquid perpetual, the same for the same seed: tick 0.1, lot 0.001, about 1,389 trades a minute (six
 * million in three days). The number of trades of a minute is lognormal and follows the minute before it (AR(1)); one
 * order in ten sweeps several levels within a millisecond; sizes are lognormal.
 */

/** Columns of trades, in the types that the fast path reads. */
export interface Tape {
  readonly timeMs: Float64Array;
  readonly priceTicks: Int32Array;
  readonly sizeLots: Int32Array;
  /** 1 buy, −1 sell. */
  readonly side: Int8Array;
}

/** Where the tape starts, a whole minute. */
export const TAPE_START_MS = 1_790_000_040_000;
export const MINUTE_MS = 60_000;

const TRADES_A_MINUTE = 6_000_000 / (3 * 1440);
/** Of the log intensity: what is left of it a minute later, and its standard deviation. */
const PERSISTENCE = 0.97;
const SPREAD_OF_LOG = 0.8;

/** The next trades of the tape, in columns that the next call overwrites. */
export class SeededTape {
  #state: number;
  #spare = NaN;
  #minute = 0;
  #log = 0;
  #times = new Float64Array(0);
  #at = 0;
  #mid = 650_000;
  #sweepLeft = 0;
  #sweepSide = 1;
  #sweepTicks = 0;
  #sweepMs = 0;

  constructor(seed = 20_261_120) {
    this.#state = seed | 0;
  }

  /** Fills the columns. */
  fill({ timeMs, priceTicks, sizeLots, side }: Tape): void {
    for (let i = 0; i < timeMs.length; i += 1) {
      while (this.#at >= this.#times.length) this.#nextMinute();
      const ownMs = this.#times[this.#at]!;
      this.#at += 1;
      if (this.#sweepLeft > 0) {
        this.#sweepLeft -= 1;
        if (this.#random() < 0.6) this.#sweepTicks += this.#sweepSide;
      } else {
        this.#sweepMs = ownMs;
        this.#sweepSide = this.#random() < 0.5 ? 1 : -1;
        this.#mid += Math.round(2.5 * this.#normal());
        this.#sweepTicks = this.#mid + (this.#sweepSide > 0 ? 1 : 0);
        if (this.#random() < 0.1) {
          this.#sweepLeft = 1 + Math.floor(-6 * Math.log(1 - this.#random()));
          this.#mid += this.#sweepSide * Math.round(0.25 * this.#sweepLeft);
        }
      }
      // A sweep is one order: its prints share a millisecond.
      timeMs[i] = this.#sweepMs;
      priceTicks[i] = this.#sweepTicks;
      sizeLots[i] = 1 + Math.min(4_000_000, Math.floor(Math.exp(2.8 + 1.7 * this.#normal())));
      side[i] = this.#sweepSide;
    }
  }

  #nextMinute(): void {
    this.#log = PERSISTENCE * this.#log + SPREAD_OF_LOG * Math.sqrt(1 - PERSISTENCE ** 2) * this.#normal();
    const count = Math.round(TRADES_A_MINUTE * Math.exp(this.#log - SPREAD_OF_LOG ** 2 / 2));
    const start = TAPE_START_MS + this.#minute * MINUTE_MS;
    this.#times = Float64Array.from({ length: count }, () => start + Math.floor(MINUTE_MS * this.#random())).sort();
    // An order does not reach into the next minute, nor back into the one before.
    this.#sweepLeft = 0;
    this.#at = 0;
    this.#minute += 1;
  }

  #random(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Two at a time (Box, Muller 1958). */
  #normal(): number {
    if (!Number.isNaN(this.#spare)) {
      const spare = this.#spare;
      this.#spare = NaN;
      return spare;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.#random()));
    const angle = 2 * Math.PI * this.#random();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}

/** Columns with room for so many trades. */
export function emptyTape(trades: number): Tape {
  return {
    timeMs: new Float64Array(trades),
    priceTicks: new Int32Array(trades),
    sizeLots: new Int32Array(trades),
    side: new Int8Array(trades),
  };
}

/** The first trades of the tape. */
export function seededTape(trades: number): Tape {
  const tape = emptyTape(trades);
  new SeededTape().fill(tape);
  return tape;
}

/** The first trades of a tape, without a copy. */
export function beginningOf(tape: Tape, trades: number): Tape {
  return {
    timeMs: tape.timeMs.subarray(0, trades),
    priceTicks: tape.priceTicks.subarray(0, trades),
    sizeLots: tape.sizeLots.subarray(0, trades),
    side: tape.side.subarray(0, trades),
  };
}
