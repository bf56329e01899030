import { ScoringError } from '../errors.ts';
import { checkPeriod } from '../internal/checks.ts';

/**
 * `return`: close to close, of the close before. `volume`: size traded. `range`: true range of the close before. `gap`:
 * close to the next open, of the close.
 */
export type AnomalyKind = 'gap' | 'range' | 'return' | 'volume';

/** Options of `anomalies` and `createAnomalies`. */
export interface AnomalyOptions {
  /**
   * Bars before the current one that it is measured against, at least 2.
   * @defaultValue 60
   */
  readonly lookback?: number;
  /**
   * Standard deviations from which a return counts, on either side.
   * @defaultValue 3
   */
  readonly returnZ?: number;
  /**
   * Standard deviations above the mean from which a volume counts.
   * @defaultValue 4
   */
  readonly volumeZ?: number;
  /**
   * Standard deviations above the mean from which a true range counts.
   * @defaultValue 3.5
   */
  readonly rangeZ?: number;
  /**
   * Standard deviations from which a gap counts, on either side.
   * @defaultValue 3
   */
  readonly gapZ?: number;
}

/** The options that apply where none are given. */
export const anomalyDefaults: Required<AnomalyOptions> = { lookback: 60, returnZ: 3, volumeZ: 4, rangeZ: 3.5, gapZ: 3 };

/** The names of all options. */
export const anomalyOptionNames: readonly (keyof AnomalyOptions)[] = [
  'lookback',
  'returnZ',
  'volumeZ',
  'rangeZ',
  'gapZ',
];

/** Throws `bad-option` for what is outside its documented domain. */
export function checkAnomalies(options: Required<AnomalyOptions>): Required<AnomalyOptions> {
  const { lookback, ...limits } = options;
  checkPeriod('lookback', lookback);
  for (const [name, value] of Object.entries({ ...limits, lookback: lookback - 1 })) {
    if (typeof value === 'number' && value > 0 && value < Infinity) continue;
    throw new ScoringError(
      'bad-option',
      name === 'lookback'
        ? `lookback "${lookback}" is not at least 2: one bar has no deviation. Pass for example 60.`
        : `${name} "${String(value)}" is not a number above 0. Pass standard deviations, for example 3.`,
      value,
    );
  }
  return options;
}
