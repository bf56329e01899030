import { addExact, exactFromJson, exactToJson, subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import type { TickQuote } from '../../market.ts';
import { requireQuoteTicks } from '../shared/checks.ts';
import { microPriceOptions, modelOf } from './micro-price-model.ts';
import type { MicroPriceModel, MicroPriceOptions } from './micro-price-model.ts';
import { isUsable, lowerState, stateCount, upperState } from './micro-price-states.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { count, counts, exact, fields, listOf, orNull, tupleOf, quoteShape, where } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';

/** What a fit has seen. */
export interface MicroPriceCounts {
  /** Pushes, with or without a quote. */
  readonly pushes: number;
  /** Pushes of no quote, or of one with an empty side: no transition leads to or from them. */
  readonly unknown: number;
  /** Quotes with a bid at or above the ask: no transition leads to or from them. */
  readonly crossed: number;
  /** Transitions left out because of `maxMoveTicks`. */
  readonly outliers: number;
  /** Transitions counted. */
  readonly transitions: number;
  /** Those that moved the mid. */
  readonly midMoves: number;
}

/** A running fit. Made by {@link createMicroPriceFit}. */
export interface MicroPriceFit {
  /**
   * Counts the transition from the last quote to this one. Push `undefined` while there is no two-sided quote.
   * @throws {@link OrderflowError} `bad-quote` for a quote that no grid gives; the state is as before.
   */
  push(quote: TickQuote | undefined): undefined;
  /** Nothing is held back: always `undefined`. */
  flush(): undefined;
  /** The model of what was counted so far. Solves one linear system over the states. */
  model(): MicroPriceModel;
  counts(): MicroPriceCounts;
  /** The state as plain JSON. */
  snapshot(): MicroPriceFitSnapshot;
}

/** The state of a {@link MicroPriceFit}. */
export interface MicroPriceFitSnapshot {
  readonly v: 1;
  readonly kind: 'micro-price-fit';
  readonly options: Required<MicroPriceOptions>;
  readonly last: TickQuote | null;
  readonly counts: MicroPriceCounts;
  /** `[from, to, quarters of a transition]` without a move of the mid. */
  readonly stay: readonly (readonly [from: number, to: number, quarters: number])[];
  /** The same with a move. */
  readonly move: readonly (readonly [from: number, to: number, quarters: number])[];
  /** `[from, Σ of quarters of a transition × ticks]`. */
  readonly jumps: readonly (readonly [from: number, quarterTicks: ExactIntJson])[];
}

/**
 * A fit of the micro-price that has counted nothing. A step is a quote after a quote: push every change of the best
 * quote, or samples at a fixed rate for a clock in time. State is `2·states²` numbers, 25.6 kB with the defaults.
 *
 * States are bucket and spread. Transitions without a move of the mid make Q, those with one R², their jumps R¹k, as
 * counts in whole numbers; `g¹ = (1 − Q)⁻¹ R¹k` is the expected next move, `gⁿ⁺¹ = (1 − Q)⁻¹ R² gⁿ` the one after n
 * moves, and the adjustment the sum of the first `terms` of them. A quote on the edge of the two middle buckets (equal
 * sizes) counts half for each, so with `symmetrise` the mirror of a tape gives the mirror of its prices exactly.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createMicroPriceFit(options: MicroPriceOptions = {}): MicroPriceFit {
  return start(microPriceOptions(options), undefined);
}

const cells = listOf(tupleOf(count, count, count));
const shape = fields({
  last: orNull(where(quoteShape, isUsable)),
  counts,
  stay: cells,
  move: cells,
  jumps: listOf(tupleOf(count, exact)),
});

/**
 * The fit that a snapshot was taken of. `options` may be left out: the snapshot holds them.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, or other options.
 */
export function restoreMicroPriceFit(snapshot: MicroPriceFitSnapshot, options?: MicroPriceOptions): MicroPriceFit {
  return restored(snapshot, 'micro-price-fit', shape, () => {
    if (options) requireSameOptions('micro-price-fit', snapshot.options, microPriceOptions(options));
    return start(storedOptions(microPriceOptions, snapshot.options), snapshot);
  });
}

function start(options: Required<MicroPriceOptions>, from: MicroPriceFitSnapshot | undefined): MicroPriceFit {
  const n = stateCount(options);
  const { maxMoveTicks } = options;
  // In quarters of a transition: either end may lie on the edge of two states.
  const stay = new Float64Array(n * n);
  const move = new Float64Array(n * n);
  const jumps = new Array<ExactInt>(n).fill(0);
  for (const [i, j, quarters] of from?.stay ?? []) stay[i * n + j] = quarters;
  for (const [i, j, quarters] of from?.move ?? []) move[i * n + j] = quarters;
  for (const [i, sum] of from?.jumps ?? []) jumps[i] = exactFromJson(sum);
  let hasLast = from?.last != null;
  const last = { bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0, ...from?.last };
  let [lastLower, lastUpper] = hasLast ? [lowerState(last, options), upperState(last, options)] : [0, 0];
  let { pushes, unknown, crossed, outliers, transitions, midMoves } = from?.counts ?? {
    pushes: 0,
    unknown: 0,
    crossed: 0,
    outliers: 0,
    transitions: 0,
    midMoves: 0,
  };

  const count = (quote: TickQuote, lower: number, upper: number): void => {
    // Twice the jump of the mid.
    const jump = addExact(subtractExact(quote.bidTicks, last.bidTicks), subtractExact(quote.askTicks, last.askTicks));
    if (maxMoveTicks !== null && Math.abs(Number(jump)) > 2 * maxMoveTicks) {
      outliers += 1;
      return;
    }
    const into = jump === 0 ? stay : move;
    // Both ends twice: the same state twice where there is one.
    into[lastLower * n + lower] = into[lastLower * n + lower]! + 1;
    into[lastLower * n + upper] = into[lastLower * n + upper]! + 1;
    into[lastUpper * n + lower] = into[lastUpper * n + lower]! + 1;
    into[lastUpper * n + upper] = into[lastUpper * n + upper]! + 1;
    transitions += 1;
    if (jump === 0) return;
    midMoves += 1;
    // Half of the transition leaves either end: two quarters times half of `jump`.
    jumps[lastLower] = addExact(jumps[lastLower]!, jump);
    jumps[lastUpper] = addExact(jumps[lastUpper]!, jump);
  };

  const triples = (counts: Float64Array): [number, number, number][] => {
    const found: [number, number, number][] = [];
    for (const [i, quarters] of counts.entries()) if (quarters > 0) found.push([Math.floor(i / n), i % n, quarters]);
    return found;
  };

  return {
    push(quote) {
      if (quote) requireQuoteTicks(quote.bidTicks, quote.bidLots, quote.askTicks, quote.askLots);
      pushes += 1;
      if (!quote || !isUsable(quote)) {
        if (quote && quote.bidLots > 0 && quote.askLots > 0) crossed += 1;
        else unknown += 1;
        hasLast = false;
        return undefined;
      }
      const lower = lowerState(quote, options);
      const upper = upperState(quote, options);
      if (hasLast) count(quote, lower, upper);
      hasLast = true;
      last.bidTicks = quote.bidTicks + 0;
      last.bidLots = quote.bidLots;
      last.askTicks = quote.askTicks + 0;
      last.askLots = quote.askLots;
      lastLower = lower;
      lastUpper = upper;
      return undefined;
    },
    flush: () => undefined,
    model: () => modelOf({ stay, move, jumps, transitions, midMoves }, options),
    counts: () => ({ pushes, unknown, crossed, outliers, transitions, midMoves }),
    snapshot: () => ({
      v: 1,
      kind: 'micro-price-fit',
      options: { ...options },
      last: hasLast ? { ...last } : null,
      counts: { pushes, unknown, crossed, outliers, transitions, midMoves },
      stay: triples(stay),
      move: triples(move),
      jumps: jumps.flatMap((sum, i) => (sum === 0 ? [] : [[i, exactToJson(sum)] as const])),
    }),
  };
}
