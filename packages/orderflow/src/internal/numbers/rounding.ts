/** What becomes of a value between two steps of a grid. */
import { OrderflowError } from '../../errors.ts';
import { excerpt } from '../shared/excerpt.ts';
import type { Bracket } from '../grid/grid-axis.ts';

/**
 * How a value between two steps moves to one: `floor` towards −∞, `ceil` towards +∞, `nearest` to the nearer one, and
 * from halfway to the one that is an even multiple of the step (half to even, so that many roundings lean to no side).
 */
export type RoundingRule = 'floor' | 'ceil' | 'nearest';

/**
 * The step that the rule gives; the value is at `low` exactly when `rest` is 0, and then no rule moves it.
 * @throws {@link OrderflowError} `bad-option` when the rule is none.
 */
export function roundedSteps({ low, high, rest, gap, lowIsEven }: Bracket, rule: RoundingRule): bigint {
  requireRule(rule, roundingRules);
  if (rest === 0n || rule === 'floor') return low;
  if (rule === 'ceil') return high;
  const twice = rest * 2n;
  return twice < gap || (twice === gap && lowIsEven) ? low : high;
}

export const roundingRules: readonly RoundingRule[] = ['floor', 'ceil', 'nearest'];

/**
 * Refuses a rule that is none of those allowed.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function requireRule(rule: string, allowed: readonly string[]): void {
  if (allowed.includes(rule)) return;
  throw new OrderflowError('bad-option', `rule ${excerpt(rule)} is none of ${allowed.join(', ')}. Pass one.`, rule);
}
