import { ScoringError } from '../errors.ts';
import { checkPeriod } from '../internal/checks.ts';

/**
 * Options of `wyckoff` and `createWyckoff`. Distances are in average true ranges, not in percent of the price, so that
 * mirrored prices give mirrored events and quiet instruments are read like loud ones.
 */
export interface WyckoffOptions {
  /**
   * Bars before the current one that volume, true range and closes are averaged over.
   * @defaultValue 20
   */
  readonly lookback?: number;
  /**
   * Volume of a climax, in average volumes.
   * @defaultValue 2
   */
  readonly climaxVolume?: number;
  /**
   * Range of a climax (high − low), in average true ranges.
   * @defaultValue 1.5
   */
  readonly climaxRange?: number;
  /**
   * Volume of a preliminary support or supply, and of a sign of strength or weakness, in average volumes.
   * @defaultValue 1.5
   */
  readonly effortVolume?: number;
  /**
   * How close a test comes to the level that it tests, in average true ranges at the climax.
   * @defaultValue 1
   */
  readonly testTolerance?: number;
  /**
   * Least height of a range (automatic rally to climax), in average true ranges at the climax.
   * @defaultValue 1.5
   */
  readonly leastHeight?: number;
  /**
   * Bars that a price may close outside of the range before the range has failed; within them a return is a spring, an
   * upthrust or a test.
   * @defaultValue 3
   */
  readonly excursionBars?: number;
  /**
   * Bars from the secondary test on before a move through support counts as a spring, and one through resistance as a sign
   * of strength: a cause has to be built.
   * @defaultValue 10
   */
  readonly leastCauseBars?: number;
  /**
   * Bars after the climax within which the automatic rally must end.
   * @defaultValue 30
   */
  readonly rallyBars?: number;
  /**
   * Bars after which a range that did not resolve is given up.
   * @defaultValue 250
   */
  readonly longestBars?: number;
}

/** The options that apply where none are given. */
export const wyckoffDefaults: Required<WyckoffOptions> = {
  lookback: 20,
  climaxVolume: 2,
  climaxRange: 1.5,
  effortVolume: 1.5,
  testTolerance: 1,
  leastHeight: 1.5,
  excursionBars: 3,
  leastCauseBars: 10,
  rallyBars: 30,
  longestBars: 250,
};

/** The names of all options. */
export const wyckoffOptionNames: readonly (keyof WyckoffOptions)[] = Object.keys(
  wyckoffDefaults,
) as (keyof WyckoffOptions)[];

/** Throws `bad-option` for what is outside its documented domain. */
export function checkWyckoff(options: Required<WyckoffOptions>): Required<WyckoffOptions> {
  const { lookback, excursionBars, leastCauseBars, rallyBars, longestBars } = options;
  for (const [name, value] of Object.entries({ lookback, excursionBars, leastCauseBars, rallyBars, longestBars })) {
    checkPeriod(name, value);
  }
  const { climaxVolume, climaxRange, effortVolume, testTolerance, leastHeight } = options;
  for (const [name, value] of Object.entries({
    climaxVolume,
    climaxRange,
    effortVolume,
    testTolerance,
    leastHeight,
  })) {
    if (typeof value === 'number' && value > 0 && value < Infinity) continue;
    throw new ScoringError(
      'bad-option',
      `${name} "${String(value)}" is not a number above 0. Pass a multiple of the average, for example 2.`,
      value,
    );
  }
  return options;
}
