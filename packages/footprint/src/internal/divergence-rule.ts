/** What a delta divergence is: options, results, and the decision over a window of bars. */
import { addExact, compareExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { FootprintBar } from '../footprint-bar.ts';
import { checkWhole, checkWord } from './option-checks.ts';

/** A divergence between two pivots. */
export interface PivotDivergenceOptions {
  readonly rule: 'pivots';
  /** Bars before a pivot that it must exceed, at least 1. */
  readonly leftBars: number;
  /** Bars after a pivot that must not exceed it, at least 1: by so many bars it is known late. */
  readonly rightBars: number;
  /** What is compared at the two pivots: the delta of the bar, or the sum of all deltas up to its end. */
  readonly measure: 'delta' | 'cvd';
}

/** A divergence of one bar from those before it. */
export interface BreakoutDivergenceOptions {
  readonly rule: 'breakout';
  /** Bars before it whose extreme a bar must exceed, at least 1. */
  readonly lookbackBars: number;
}

/** Which rule, and how far it looks. */
export type DivergenceOptions = PivotDivergenceOptions | BreakoutDivergenceOptions;

/** One of the two bars of a divergence. */
export interface DivergencePoint {
  /** Start of the bar, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Its high (`bear`) or low (`bull`), in ticks. */
  readonly priceTicks: number;
  /** Its delta, or with `measure: 'cvd'` the cumulative delta at its end, in lots. */
  readonly deltaLots: ExactInt;
}

/** One divergence. */
export interface DivergenceEvent {
  /** `bear`: a new high that buying does not confirm; `bull`: a new low that selling does not confirm. */
  readonly side: 'bear' | 'bull';
  /** The extreme before: the previous pivot, or the furthest of the bars looked back at (the latest of equals). */
  readonly from: DivergencePoint;
  /** The new extreme. */
  readonly to: DivergencePoint;
  /** End of the bar with which it was known, epoch milliseconds UTC. */
  readonly confirmedMs: number;
}

/** The columns of a bar that the rules read. */
export type DivergenceBar = Pick<FootprintBar, 'startMs' | 'endMs' | 'highTicks' | 'lowTicks' | 'deltaLots'>;

/** The two ends that a bar can be an extreme at; a low is a high of the negative price. */
const ENDS = [
  { side: 'bear', sign: 1, price: (bar: DivergenceBar): number => bar.highTicks },
  { side: 'bull', sign: -1, price: (bar: DivergenceBar): number => bar.lowTicks },
] as const;

/** The latest pivot at either end, if there is one. */
export type Pivots = Partial<Record<DivergenceEvent['side'], DivergencePoint>>;

/** The options in one order of fields, so that they compare as JSON. */
export function checkDivergenceOptions(options: DivergenceOptions): DivergenceOptions {
  checkWord('rule', options.rule, ['pivots', 'breakout']);
  if (options.rule === 'breakout') {
    checkWhole('lookbackBars', options.lookbackBars, 1);
    return { rule: options.rule, lookbackBars: options.lookbackBars };
  }
  const { rule, leftBars, rightBars, measure } = options;
  checkWhole('leftBars', leftBars, 1);
  checkWhole('rightBars', rightBars, 1);
  checkWord('measure', measure, ['delta', 'cvd']);
  return { rule, leftBars, rightBars, measure };
}

/** How many bars the rule looks at. */
export function windowBars(options: DivergenceOptions): number {
  return 1 + (options.rule === 'breakout' ? options.lookbackBars : options.leftBars + options.rightBars);
}

/** The divergences of the newest bar, the last of a full window; `bear` before `bull`. */
export function breakouts(window: readonly DivergenceBar[]): DivergenceEvent[] {
  const newest = window.at(-1)!;
  return ENDS.flatMap(({ side, sign, price }) => {
    const before = window.slice(0, -1).reduce((best, bar) => (sign * (price(bar) - price(best)) >= 0 ? bar : best));
    const isNew = sign * (price(newest) - price(before)) > 0;
    if (!isNew || sign * compareExact(newest.deltaLots, 0) > 0) return [];
    const point = (bar: DivergenceBar): DivergencePoint => pointOf(bar, price(bar), bar.deltaLots);
    return [{ side, from: point(before), to: point(newest), confirmedMs: newest.endMs }];
  });
}

/** The divergences of the bar at `leftBars` of a full window, and what its pivots leave behind. */
export function pivotDivergences(
  window: readonly DivergenceBar[],
  cvdBefore: ExactInt,
  pivots: Pivots,
  { leftBars, measure }: PivotDivergenceOptions,
): { readonly events: DivergenceEvent[]; readonly pivots: Pivots } {
  const events: DivergenceEvent[] = [];
  const after = { ...pivots };
  const centre = window[leftBars]!;
  for (const { side, sign, price } of ENDS) {
    const isPivot = window.every((bar, i) => {
      const over = sign * (price(centre) - price(bar));
      return i < leftBars ? over > 0 : over >= 0;
    });
    if (!isPivot) continue;
    const deltaLots =
      measure === 'delta'
        ? centre.deltaLots
        : window.slice(0, leftBars + 1).reduce((sum, bar) => addExact(sum, bar.deltaLots), cvdBefore);
    const [from, to] = [pivots[side], pointOf(centre, price(centre), deltaLots)];
    after[side] = to;
    if (!from || sign * (to.priceTicks - from.priceTicks) <= 0) continue;
    if (sign * compareExact(to.deltaLots, from.deltaLots) >= 0) continue;
    events.push({ side, from, to, confirmedMs: window.at(-1)!.endMs });
  }
  return { events, pivots: after };
}

function pointOf({ startMs }: DivergenceBar, priceTicks: number, deltaLots: ExactInt): DivergencePoint {
  return { startMs, priceTicks, deltaLots: addExact(deltaLots, 0) };
}
