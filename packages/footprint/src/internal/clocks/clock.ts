/** What a clock of bars is: plain data and a pure function that says which bars a print goes to. */
import type { ExactInt } from '@tapekit/orderflow/exact';
import type { Aggressor } from '@tapekit/orderflow/market';
import { FootprintError } from '../../errors.ts';
import { MAX_BARS_AT_ONCE } from '../option-checks.ts';

/** A print as a clock sees it; whole ticks, whole lots above 0. */
export interface ClockPrint {
  /** Venue event time, epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly priceTicks: number;
  readonly sizeLots: number;
  /** Liquidity taker. */
  readonly side: Aggressor;
}

/** The bar that is open, as a clock sees it before the print. */
export interface OpenBar {
  readonly startMs: number;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  /** Prints in it, parts included. */
  readonly trades: number;
  readonly volumeLots: ExactInt;
  /** Buy − sell. */
  readonly deltaLots: ExactInt;
}

/** The bars before the print. */
export interface BarsSoFar {
  /** Absent before the first print, and between two bars. */
  readonly open: OpenBar | undefined;
  /** Price of the print that arrived last; absent before the first. */
  readonly closeTicks: number | undefined;
  /** Latest time of a print so far, epoch milliseconds UTC; absent before the first. */
  readonly latestMs: number | undefined;
}

/** One bar's part of a print. The open bar takes it; where none is open, one begins. */
export interface BarPart {
  /** Lots of the print that go to this bar; 0 for none. */
  readonly lots: number;
  /** Whether the bar ends with it. */
  readonly closes: boolean;
  /** What the bar opens at, where that is not its first print. High and low reach it. */
  readonly openTicks?: number;
  /** What the bar closes at, where that is not its last print. High and low reach it. */
  readonly closeTicks?: number;
  /** Start of a bar that begins here, where that is not the time of its first print. */
  readonly startMs?: number;
  /** Exclusive end of a bar that begins here; goes with `startMs`. */
  readonly endMs?: number;
}

/**
 * What becomes of a print: `keep` puts it into the open bar (or begins one), `close` ends that bar with it, and parts share
 * it out over bars in this order, all of its lots. The others leave it out, and it is counted under their name.
 */
export type BarPlan = 'keep' | 'close' | 'late' | 'outside' | 'future' | readonly BarPart[];

/** What a clock says to a print. */
export interface ClockStep<State> {
  /** What the clock remembers from here on. */
  readonly state: State;
  readonly plan: BarPlan;
  /** True when the print is of a bar that is closed and goes into a later one. */
  readonly isLate?: boolean;
}

/**
 * When bars end. Both functions are pure: they read the state and give the next one.
 *
 * A clock of one's own is an object of this shape; `createBars` checks that the parts of a print add up to it.
 */
export interface BarClock<State = unknown> {
  /** Name of the clock; compared on restore. */
  readonly kind: string;
  /** What the clock was made with, as plain JSON; compared on restore. */
  readonly options: Readonly<Record<string, string | number | boolean>>;
  /** The state before the first print, plain JSON as every state. */
  readonly start: State;
  /**
   * What becomes of a print.
   * @throws FootprintError `bad-trade` when the print would make more than 100,000 bars.
   */
  step(state: State, print: ClockPrint, bars: BarsSoFar): ClockStep<State>;
  /**
   * Whether a state that came back from storage is one of this clock's; asked once, at restore. Absent where every state is.
   */
  isState?(state: unknown): boolean;
  /** What ends because time has come to `timeMs`; parts without lots. Absent in clocks that do not go by time. */
  advance?(state: State, timeMs: number, bars: BarsSoFar): ClockStep<State>;
}

/** @throws FootprintError `bad-trade` when a print makes more bars than anyone can want. */
export function checkBarsOfPrint(bars: number, field: 'sizeLots' | 'priceTicks', value: number, step: string): void {
  if (bars <= MAX_BARS_AT_ONCE) return;
  throw new FootprintError(
    'bad-trade',
    `Trade ${field} "${value}" makes ${bars} bars of ${step}, expected at most ${MAX_BARS_AT_ONCE} from one print. Take a larger bar, or leave the print out.`,
    value,
  );
}
