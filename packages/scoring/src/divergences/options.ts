import { ScoringError } from '../errors.ts';
import { checkPeriod } from '../internal/checks.ts';

/** Options of `divergences` and `createDivergences`. */
export interface DivergenceOptions {
  /**
   * Bars before a pivot that it must exceed.
   * @defaultValue 3
   */
  readonly leftBars?: number;
  /**
   * Bars after a pivot that must not exceed it; the divergence is known that many bars later. Of equal extremes the first
   * one is the pivot.
   * @defaultValue 3
   */
  readonly rightBars?: number;
  /**
   * Most bars between the two pivots, up to 1,000,000.
   * @defaultValue 60
   */
  readonly maxBars?: number;
}

/** The options that apply where none are given. */
export const divergenceDefaults: Required<DivergenceOptions> = { leftBars: 3, rightBars: 3, maxBars: 60 };

/** The names of all options. */
export const divergenceOptionNames: readonly (keyof DivergenceOptions)[] = ['leftBars', 'rightBars', 'maxBars'];

/** Throws `bad-option` for what is outside its documented domain. */
export function checkDivergences(options: Required<DivergenceOptions>): Required<DivergenceOptions> {
  for (const name of divergenceOptionNames) checkPeriod(name, options[name]);
  const { leftBars, maxBars } = options;
  if (maxBars > leftBars) return options;
  throw new ScoringError(
    'bad-option',
    `maxBars "${maxBars}" is not above leftBars "${leftBars}": no two pivots are that close. Pass for example 60 and 3.`,
    maxBars,
  );
}
