import { OrderflowError } from '../../errors.ts';
import { NO_DEFAULT, requireBetween, requireWhole } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';

/**
 * What a weight falls with:
 * - `level`: the rank on its side, 0 for the best;
 * - `ticks-from-best`: the distance to the best price of its side, 0 for the best;
 * - `ticks-from-mid`: the distance to the mid, half the spread for the best.
 */
export type WeightDistance = 'level' | 'ticks-from-best' | 'ticks-from-mid';

/** `max(0, 1 − x ÷ reach)` at distance x. Sums with it are ratios of integers, so they have an exact form. */
export interface LinearWeights {
  readonly shape: 'linear';
  readonly by: WeightDistance;
  /** Distance at which the weight is 0: a whole number of levels or ticks, at most 10^9. */
  readonly reach: number;
}

/** `decay^x` at distance x. */
export interface ExponentialWeights {
  readonly shape: 'exponential';
  readonly by: WeightDistance;
  /** Weight of a level against the one a step nearer, above 0 to 1. */
  readonly decay: number;
}

/** `1 ÷ (1 + x)` at distance x. */
export interface InverseWeights {
  readonly shape: 'inverse';
  readonly by: WeightDistance;
}

/** How the weight of a level falls with its distance. There is no public standard: state the one you use. */
export type LevelWeights = LinearWeights | ExponentialWeights | InverseWeights;

/**
 * Refuses weights that are none.
 * @throws {@link OrderflowError} `bad-option`.
 */
export function requireWeights(weights: LevelWeights): void {
  // Options come from anywhere, so the static types are a claim, not a fact.
  const { by, shape }: { readonly by: string; readonly shape: string } = weights;
  if (by !== 'level' && by !== 'ticks-from-best' && by !== 'ticks-from-mid') {
    throw badChoice('by', by, "'level', 'ticks-from-best' or 'ticks-from-mid'");
  }
  if (weights.shape === 'linear') {
    requireWhole('reach', weights.reach, 1, NO_DEFAULT);
    requireBetween('reach', weights.reach, 1, 1e9, NO_DEFAULT);
  } else if (weights.shape === 'exponential') requireBetween('decay', weights.decay, Number.MIN_VALUE, 1, NO_DEFAULT);
  else if (shape !== 'inverse') throw badChoice('shape', shape, "'linear', 'exponential' or 'inverse'");
}

/** Twice the distance of the level of rank `i` at `ticks`, which is whole. */
export function twiceDistance(by: WeightDistance, i: number, ticks: number, best: number, other: number): number {
  if (by === 'level') return 2 * i;
  if (by === 'ticks-from-best') return 2 * Math.abs(ticks - best);
  return Math.abs(ticks - best + (ticks - other));
}

/** The weight at a distance. */
export function weightAt(weights: LevelWeights, distance: number): number {
  if (weights.shape === 'linear') return Math.max(0, 1 - distance / weights.reach);
  return weights.shape === 'exponential' ? weights.decay ** distance : 1 / (1 + distance);
}

function badChoice(option: string, value: unknown, expected: string): OrderflowError {
  return new OrderflowError('bad-option', `weights.${option} ${excerpt(value)} is not ${expected}.`, value);
}
