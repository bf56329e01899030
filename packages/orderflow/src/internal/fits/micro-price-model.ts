import { OrderflowError } from '../../errors.ts';
import { subtractExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { requireBetween, requireWhole } from '../shared/checks.ts';
import { mirrored, stateCount } from './micro-price-states.ts';
import { termsOf } from './micro-price-terms.ts';

/** How a micro-price is learned. */
export interface MicroPriceOptions {
  /**
   * Buckets of equal width that the imbalance `Qb ÷ (Qb + Qa)` from 0 to 1 is cut into, 2 to 100.
   * @defaultValue 10
   */
  readonly imbalanceBuckets?: number;
  /**
   * Spreads of 1 to this many ticks have states of their own; wider ones share the last. At most 400 states, which are
   * buckets times spreads.
   * @defaultValue 4
   */
  readonly maxSpreadTicks?: number;
  /**
   * Moves of the mid that are looked ahead, 1 to 1000: the terms of the series. 1 is the expected next mid, which fits
   * best where only the next move matters; more of them tend to the martingale price.
   * @defaultValue 6
   */
  readonly terms?: number;
  /**
   * Whether every transition counts once more in the mirror (I ↔ 1 − I, dM ↔ −dM): the market has no side, so the
   * adjustments are antisymmetric and the series converges. Without it a trend of the recording becomes part of the
   * price.
   * @defaultValue true
   */
  readonly symmetrise?: boolean;
  /**
   * Transitions that move the mid by more than this many ticks are left out, as the source does beyond one tick: they
   * are sweeps and gaps, which pull the price away from where it mostly goes. `null` counts them all.
   * @defaultValue null
   */
  readonly maxMoveTicks?: number | null;
}

/** The options of a fit that are used where none are given. */
export const microPriceDefaults: Required<MicroPriceOptions> = {
  imbalanceBuckets: 10,
  maxSpreadTicks: 4,
  terms: 6,
  symmetrise: true,
  maxMoveTicks: null,
};

/** A fitted micro-price; plain JSON. */
export interface MicroPriceModel {
  readonly v: 1;
  readonly kind: 'micro-price';
  readonly options: Required<MicroPriceOptions>;
  /**
   * What is added to the mid, in ticks, by state: `(spread − 1)·imbalanceBuckets + bucket`. `null` for a state that was
   * never left by a transition; 0 for one that never led to a move of the mid.
   */
  readonly adjustmentsTicks: readonly (number | null)[];
  /** Transitions from one quote to the next that were counted. */
  readonly transitions: number;
  /** Those that moved the mid. */
  readonly midMoves: number;
  /** Largest magnitude of the last term of the series, in ticks: what the next terms could add is of this size. */
  readonly lastTermTicks: number;
}

/** What a fit counts, over states. */
export interface MicroPriceTransitions {
  /** Quarters of transitions without a move of the mid, row-major: either end may lie on the edge of two states. */
  readonly stay: Float64Array;
  /** The same with a move. */
  readonly move: Float64Array;
  /** Σ of quarters of a transition × ticks that the mid moved, by state. */
  readonly jumps: readonly ExactInt[];
  readonly transitions: number;
  readonly midMoves: number;
}

/**
 * The options with defaults filled in.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function microPriceOptions(options: MicroPriceOptions): Required<MicroPriceOptions> {
  const { imbalanceBuckets, maxSpreadTicks, terms, symmetrise, maxMoveTicks } = { ...microPriceDefaults, ...options };
  requireWhole('imbalanceBuckets', imbalanceBuckets, 2);
  requireWhole('maxSpreadTicks', maxSpreadTicks);
  requireWhole('terms', terms);
  if (maxMoveTicks !== null) requireBetween('maxMoveTicks', maxMoveTicks, 0.5);
  const states = imbalanceBuckets * maxSpreadTicks;
  if (imbalanceBuckets > 100 || states > 400 || terms > 1000) {
    throw new OrderflowError(
      'bad-option',
      `imbalanceBuckets ${imbalanceBuckets} × maxSpreadTicks ${maxSpreadTicks} with ${terms} terms is too large: ` +
        `at most 100 buckets, 400 states and 1000 terms. Lower maxSpreadTicks; wider spreads share the last state.`,
      states,
    );
  }
  return { imbalanceBuckets, maxSpreadTicks, terms, symmetrise, maxMoveTicks };
}

/** The model of counted transitions. */
export function modelOf(
  { stay, move, jumps, transitions, midMoves }: MicroPriceTransitions,
  options: Required<MicroPriceOptions>,
): MicroPriceModel {
  const n = stateCount(options);
  const mirror = (state: number): number => mirrored(state, options);
  const withMirror = (counts: Float64Array): Float64Array =>
    options.symmetrise
      ? counts.map((value, i) => value + counts[mirror(Math.floor(i / n)) * n + mirror(i % n)]!)
      : counts;
  const [stays, moves] = [withMirror(stay), withMirror(move)];
  const rows = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < n; j += 1) sum += stays[i * n + j]! + moves[i * n + j]!;
    return sum;
  });
  const sums = jumps.map((jump, i) => Number(options.symmetrise ? subtractExact(jump, jumps[mirror(i)]!) : jump));
  const solved = termsOf({ rows, stay: stays, move: moves, jumps: sums }, n, options.terms);
  // Elimination does not see the symmetry, so it may be off in the last digit.
  const even = (values: Float64Array, i: number): number =>
    (options.symmetrise ? (values[i]! - values[mirror(i)]!) / 2 : values[i]!) + 0;
  const lastTerm = solved?.terms.at(-1) ?? new Float64Array(0);
  return {
    v: 1,
    kind: 'micro-price',
    options: { ...options },
    adjustmentsTicks: Array.from(rows, (row, i) => (solved && row > 0 ? even(solved.sum, i) : null)),
    transitions,
    midMoves,
    lastTermTicks: lastTerm.reduce((most, _, i) => Math.max(most, Math.abs(even(lastTerm, i))), 0),
  };
}
