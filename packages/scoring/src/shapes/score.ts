import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { ScoringError } from '../errors.ts';
import { clampUnit, scoreFromOffset, words } from '../internal/micro-points.ts';
import { shapesDefaults } from './options.ts';
import type { ShapeMatch } from './shapes.ts';
import { checkFade, fade } from '../patterns/fade.ts';

/** Options of {@link scoreShapes}. */
export interface ScoreShapesOptions {
  /**
   * Bars after which a shape has faded.
   * @defaultValue 10
   */
  readonly fadeBars?: number;
  /**
   * Cost at which a shape is worth nothing.
   * @defaultValue 0.05
   */
  readonly maxCost?: number;
}

/** Points that one perfect, fresh shape is worth. */
const pointsOfAShape = 30;

/**
 * The component `shape` at the close of bar `at`: 50 + 30 × Σ (1 − cost ÷ maxCost) × freshness, bull for and bear against,
 * within 0 to 100. `missing` while there is none that has not faded: no pattern is no opinion.
 *
 * @example
 * ```ts
 * const match = { name: 'double-bottom', side: 'bull', from: 0, confirmedAt: 16, cost: 0.025 } as const;
 * scoreShapes([match], 16).score; // => 65
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` for a match whose cost is none.
 */
export function scoreShapes(
  matches: readonly ShapeMatch[],
  at: number,
  { fadeBars = 10, maxCost = shapesDefaults.maxCost }: ScoreShapesOptions = {},
): ComponentScore {
  checkFade('fadeBars', fadeBars);
  if (!(Number.isFinite(maxCost) && maxCost > 0)) {
    const message = `maxCost "${String(maxCost)}" is not a number above 0. Pass for example 0.05.`;
    throw new ScoringError('bad-option', message, maxCost);
  }
  const bad = matches.find(({ cost }) => !(Number.isFinite(cost) && cost >= 0));
  if (bad) {
    const message = `cost "${String(bad.cost)}" of "${bad.name}" is not a number of at least 0. Pass what shapes gave.`;
    throw new ScoringError('bad-value', message, bad.cost);
  }
  const live = matches.filter(({ confirmedAt }) => confirmedAt <= at && fade(at - confirmedAt, fadeBars) > 0);
  if (live.length === 0) return missingComponent('shape', 'no chart shape that has not faded');
  const strengths = new Map<string, number>();
  const reasons: string[] = [];
  for (const { name, side, confirmedAt, cost } of live) {
    const age = at - confirmedAt;
    const strength = (side === 'bull' ? 1 : -1) * Math.max(0, 1 - cost / maxCost) * fade(age, fadeBars);
    strengths.set(name, clampUnit((strengths.get(name) ?? 0) + strength));
    reasons.push(`${name}, mean distance ${words(100 * cost)} % of its height, ${age} bars known`);
  }
  // Numbers by size: the sum does not depend on names, so mirrored shapes sum to exactly the opposite.
  const sum = [...strengths.values()]
    .sort((a, b) => Math.abs(a) - Math.abs(b))
    .reduce((total, value) => total + value, 0);
  const inputs = Object.fromEntries(strengths);
  const rule = `50 + ${pointsOfAShape} × Σ inputs, within 0 to 100`;
  return { name: 'shape', score: scoreFromOffset(pointsOfAShape * sum), quality: 'measured', reasons, inputs, rule };
}
