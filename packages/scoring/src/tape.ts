/** The score of a tape: everything that bars and order flow can say, in one call. */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import type { ComposeInput, Score, Weights } from './composite.ts';
import { composeScore, compositePresets } from './composite.ts';
import { ScoringError } from './errors.ts';
import { isUsable } from './internal/checks.ts';
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
export interface ScoreTapeInput extends Pick<ComposeInput, 'symbol' | 'previousSignal' | 'signalScale'> {
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
  checkBars(bars);
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
    ...(input.signalScale && { signalScale: input.signalScale }),
  });
}

const fields = ['startMs', 'endMs', 'open', 'high', 'low', 'close', 'volume'] as const;

function checkBars(bars: readonly NumericBar[]): void {
  bars.forEach((bar, i) => {
    for (const field of fields) {
      if (typeof bar[field] === 'number' && isUsable(bar[field])) continue;
      throw new ScoringError(
        'bad-value',
        `${field} "${String(bar[field])}" of bar ${i} is not a finite number within ±1e150. ` +
          'Leave the bar out, or mend it where it comes from.',
        bar[field],
      );
    }
    checkShape(bar, i);
    const before = bars[i - 1];
    if (!before || before.startMs < bar.startMs) return;
    throw new ScoringError(
      'bad-value',
      `startMs "${bar.startMs}" of bar ${i} is not after "${before.startMs}" of the bar before it. ` +
        'Sort the bars by startMs, oldest first, without duplicates.',
      bar.startMs,
    );
  });
}

/** No market trades below its low, above its high, or less than nothing. */
function checkShape(bar: NumericBar, i: number): void {
  const { open, high, low, close, volume } = bar;
  const fault =
    high < low
      ? (['high', high, `at or above its low "${low}"`] as const)
      : open < low || open > high
        ? (['open', open, `from its low "${low}" to its high "${high}"`] as const)
        : close < low || close > high
          ? (['close', close, `from its low "${low}" to its high "${high}"`] as const)
          : volume < 0
            ? (['volume', volume, 'at or above 0'] as const)
            : undefined;
  if (!fault) return;
  const [field, value, expected] = fault;
  throw new ScoringError(
    'bad-value',
    `${field} "${value}" of bar ${i} is not ${expected}. Leave the bar out, or mend it where it comes from.`,
    value,
  );
}
