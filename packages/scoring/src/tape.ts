/** The score of a tape: everything that bars and order flow can say, in one call. */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import type { ComposeInput, Score, Weights } from './composite.ts';
import { composeScore, compositePresets } from './composite.ts';
import { checkBar } from './internal/numeric-bar.ts';
import type { OrderFlowInput } from './order-flow.ts';
import { scoreOrderFlow } from './order-flow.ts';
import { scoreMomentum, scoreTrend, scoreVolatilityPosition } from './technicals.ts';

/** A bar as plain numbers. */
export interface NumericBar {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly endMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Traded size, in the venue's unit. */
  readonly volume: number;
}

/** What {@link scoreTape} takes. */
export interface ScoreTapeInput extends Pick<
  ComposeInput,
  'leastCoverage' | 'previousSignal' | 'signalScale' | 'symbol'
> {
  /** Oldest first; what is too short for a component makes that component missing. */
  readonly bars: readonly NumericBar[];
  /** Leave out when no order flow is known. */
  readonly orderFlow?: OrderFlowInput | undefined;
  /** Further components, for example a sentiment; `weights` must name them. */
  readonly components?: readonly ComponentScore[];
  /**
   * A weight for each component that shall count; a built-in one without a weight is left out.
   * @defaultValue `compositePresets.tape`
   */
  readonly weights?: Weights;
}

/**
 * The explained score of a symbol from its bars and its order flow: `order-flow`, `momentum`, `trend` and
 * `volatility-position`, as far as they are known.
 *
 * @example
 * ```ts
 * const bars = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20].map((close, i) => ({
 *   startMs: i * 60_000, endMs: (i + 1) * 60_000, open: close - 1, high: close, low: close - 1, close, volume: 5,
 * }));
 * const score = scoreTape({ symbol: 'ETHUSDT', bars, orderFlow: { obi: 0.25, ofiTrend: 0, quality: 'measured' } });
 * score.score; // => 73.333333
 * score.coverage; // => 0.6
 * ```
 * @throws {@link ScoringError} `bad-value` naming the bar, the field and the value; else as `composeScore`.
 */
export function scoreTape(input: ScoreTapeInput): Score {
  const { symbol, bars, orderFlow, weights = compositePresets.tape } = input;
  bars.forEach((bar, i) => checkBar(bar, i, bars[i - 1]));
  const closes = Float64Array.from(bars, (bar) => bar.close);
  const builtIn = [
    orderFlow ? scoreOrderFlow(orderFlow) : missingComponent('order-flow', 'no order flow was given'),
    scoreMomentum(closes),
    scoreTrend(closes),
    scoreVolatilityPosition(closes),
  ];
  return composeScore({
    symbol,
    asOfMs: bars[bars.length - 1]?.endMs,
    components: [...builtIn.filter(({ name }) => Object.hasOwn(weights, name)), ...(input.components ?? [])],
    weights,
    previousSignal: input.previousSignal,
    leastCoverage: input.leastCoverage,
    ...(input.signalScale && { signalScale: input.signalScale }),
  });
}
