/** What counts as an imbalance, as data, and the comparison that follows from it. */
import { compareExact, multiplyExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import { FootprintError } from '../errors.ts';
import { imbalancePresets } from './imbalance-presets.ts';
import { checkNames, checkWhole, checkWord, exactRatio, lowestTerms, type Ratio } from './option-checks.ts';

/**
 * When buyers outweigh sellers, or sellers buyers, between two rows. Numbers that are not volume are in the unit of
 * `basis`; all comparisons are exact.
 */
export interface ImbalanceRule {
  /**
   * Which rows are compared:
   * - `diagonal`: buys of a row with sells of the row below, sells of a row with buys of the row above: what two sides
   *   did to one spread;
   * - `same-row`: buys and sells of one row.
   */
  readonly mode: 'diagonal' | 'same-row';
  /** How much one side must outweigh the other, above 0, with at most 6 decimals; see `ratioMeaning`. */
  readonly ratio: number | string;
  /**
   * - `multiple`: `ratio` times the opposite volume: 3 asks for 90 against 30;
   * - `excess-percent`: so many percent more than it: 300 asks for 120 against 30.
   */
  readonly ratioMeaning: 'multiple' | 'excess-percent';
  /** Whether exactly `ratio` is enough (`gte`) or not (`gt`). */
  readonly compare: 'gt' | 'gte';
  /**
   * What a side that did not trade is taken for when it is the opposite one:
   * - `skip`: nothing to compare with, no imbalance;
   * - `as-one`: 1 lot, or 1 print with `basis: 'count'`;
   * - `infinite`: outweighed by any volume.
   *
   * A row between two traded ones that did not trade is a row of zeros. Nothing never outweighs anything.
   */
  readonly zero: 'skip' | 'as-one' | 'infinite';
  /**
   * The row below the lowest and the one above the highest: not there (`skip`, no imbalance against it), or without
   * volume (`zero`), to be taken as `zero` says. Of no effect in `same-row` mode.
   */
  readonly outside: 'skip' | 'zero';
  /** Least volume in lots, whatever the `basis`; 0 for none. */
  readonly minVolume: number;
  /** Whose volume `minVolume` is about: that of the outweighing `side`, or all of the marked `row`, the unknown included. */
  readonly minVolumeOf: 'side' | 'row';
  /** Least difference between the two sides; 0 for none. */
  readonly minDifference: number;
  /** Least volume of the opposite side, so that 6 against 0 is no signal; 0 for none. */
  readonly minOpposite: number;
  /** What is compared: lots, or number of prints. */
  readonly basis: 'volume' | 'count';
  /** Which row a diagonal imbalance is marked at: that of the outweighing `aggressor`, or the `lower` of the two. */
  readonly attribution: 'aggressor' | 'lower';
  /** Of a row with both marks (its buys against the row below, its sells against that above) keep both, or the `buy`. */
  readonly whenBoth: 'both' | 'buy';
}

/** Throws for a name that no rule has, and for the first option outside its domain; gives the least multiple of the opposite volume. */
export function checkImbalanceRule(rule: ImbalanceRule): Ratio {
  checkNames('An imbalance rule', rule, imbalancePresets.tradingView);
  checkWord('mode', rule.mode, ['diagonal', 'same-row']);
  checkWord('ratioMeaning', rule.ratioMeaning, ['multiple', 'excess-percent']);
  checkWord('compare', rule.compare, ['gt', 'gte']);
  checkWord('zero', rule.zero, ['skip', 'as-one', 'infinite']);
  checkWord('outside', rule.outside, ['skip', 'zero']);
  checkWord('minVolumeOf', rule.minVolumeOf, ['side', 'row']);
  checkWord('basis', rule.basis, ['volume', 'count']);
  checkWord('attribution', rule.attribution, ['aggressor', 'lower']);
  checkWord('whenBoth', rule.whenBoth, ['both', 'buy']);
  checkWhole('minVolume', rule.minVolume, 0);
  checkWhole('minDifference', rule.minDifference, 0);
  checkWhole('minOpposite', rule.minOpposite, 0);
  const { numerator, denominator } = exactRatio('ratio', rule.ratio);
  if (numerator === 0) throw new FootprintError('bad-option', `ratio "${rule.ratio}" is not above 0.`, rule.ratio);
  return rule.ratioMeaning === 'multiple'
    ? { numerator, denominator }
    : lowestTerms(100 * denominator + numerator, 100 * denominator);
}

/** Whether `dominant` outweighs `opposite`, apart from `minVolume`. */
export function outweighs(dominant: ExactInt, opposite: ExactInt, rule: ImbalanceRule, multiple: Ratio): boolean {
  if (dominant === 0 || opposite < rule.minOpposite) return false;
  if (rule.minDifference > 0 && compareExact(subtractExact(dominant, opposite), rule.minDifference) < 0) return false;
  if (opposite === 0 && rule.zero !== 'as-one') return rule.zero === 'infinite';
  const order = compareExact(
    multiplyExact(dominant, multiple.denominator),
    multiplyExact(opposite === 0 ? 1 : opposite, multiple.numerator),
  );
  return rule.compare === 'gte' ? order >= 0 : order > 0;
}
