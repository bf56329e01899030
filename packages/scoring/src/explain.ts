/** A score in words. */
import type { Score, WeightedComponent } from './composite.ts';
import { words } from './internal/micro-points.ts';

/**
 * A score as lines to read: the result, then each component with its arithmetic and its reasons.
 *
 * @example
 * ```ts
 * const score = scoreTape({ symbol: 'ETHUSDT', bars: [], orderFlow: { obi: 0.5, quality: 'measured' } });
 * explainScore(score)[0]; // => 'ETHUSDT: 75 of 100, strong-buy, from 40 % of the weight'
 * ```
 */
export function explainScore(score: Score): string[] {
  const headline =
    score.score === undefined
      ? `${score.symbol}: no score, nothing is known`
      : `${score.symbol}: ${words(score.score)} of 100, ${score.signal}, from ${percent(score.coverage)} of the weight`;
  return [headline, ...score.components.map(explainComponent)];
}

function explainComponent(component: WeightedComponent): string {
  const { name, score, weight, effectiveWeight, contribution, quality } = component;
  const reasons = component.reasons.length > 0 ? `: ${component.reasons.join('; ')}` : '';
  if (score === undefined) return `${name}: missing, its weight of ${words(weight)} goes to the others${reasons}`;
  const how = quality === 'proxy' ? ', estimated' : '';
  return `${name}: ${words(score)} × ${percent(effectiveWeight)} = ${words(contribution)} points${how}${reasons}`;
}

function percent(share: number): string {
  return `${String(Number((100 * share).toFixed(1)))} %`;
}
