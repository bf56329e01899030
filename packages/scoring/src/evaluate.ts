/**
 * Does a score predict anything? Rank correlation with later returns by horizon, quantile spreads before and after
 * costs, hit rates and turnover, with block-bootstrap intervals and a control whose scores belong to other symbols.
 */
import { ScoringError } from './errors.ts';
import type { Estimate } from './evaluate/bootstrap.ts';
import { bootstrapRatio, quantile } from './evaluate/bootstrap.ts';
import type { CrossSection, SectionOptions } from './evaluate/cross-sections.ts';
import { crossSections, relabelledIc } from './evaluate/cross-sections.ts';
import type { Panel, ScoredSeries } from './evaluate/panel.ts';
import { alignPanel } from './evaluate/panel.ts';
import { permutation, seededRandom } from './evaluate/random.ts';
import { checkPeriod } from './internal/checks.ts';
import { withDefaults } from './internal/options.ts';

export type { Estimate } from './evaluate/bootstrap.ts';
export type { ScoredSeries } from './evaluate/panel.ts';
export { findLookAhead, walkForward } from './evaluate/walk-forward.ts';
export type { BarScorer, BarSeries, LookAhead } from './evaluate/walk-forward.ts';

/** Options of {@link evaluateScores}. */
export interface EvaluationOptions {
  /**
   * Bars that a position is held, each at least 1.
   * @defaultValue [1, 5, 10, 20]
   */
  readonly horizons?: readonly number[];
  /**
   * Bars between the close that made the score and the close that it is traded at. With 0 the score trades at a price
   * that it needed to know first.
   * @defaultValue 1
   */
  readonly entryDelayBars?: number;
  /**
   * Groups of equal size that a date's symbols are divided into by score, at least 2. Equal scores stay together.
   * @defaultValue 5
   */
  readonly quantiles?: number;
  /**
   * Dates with fewer comparable symbols are left out; at least `quantiles`.
   * @defaultValue 10
   */
  readonly minSymbols?: number;
  /**
   * Cost of buying, percent of the value.
   * @defaultValue 0.15
   */
  readonly buyCostPercent?: number;
  /**
   * Cost of selling, percent of the value, with taxes.
   * @defaultValue 0.25
   */
  readonly sellCostPercent?: number;
  /**
   * Contiguous stretches of dates that the rank IC is also given for, at least 1.
   * @defaultValue 5
   */
  readonly folds?: number;
  /**
   * Bootstrap draws behind every interval; 0 leaves the intervals out.
   * @defaultValue 2000
   */
  readonly resamples?: number;
  /**
   * Share of the draws inside an interval, between 0 and 1.
   * @defaultValue 0.95
   */
  readonly confidence?: number;
  /**
   * Relabellings of the control; 0 leaves it out.
   * @defaultValue 200
   */
  readonly shuffles?: number;
  /**
   * Seed of the draws: the same seed gives the same report.
   * @defaultValue 1
   */
  readonly seed?: number;
}

/** The options that apply where none are given. */
export const evaluationDefaults: Required<EvaluationOptions> = {
  horizons: [1, 5, 10, 20],
  entryDelayBars: 1,
  quantiles: 5,
  minSymbols: 10,
  buyCostPercent: 0.15,
  sellCostPercent: 0.25,
  folds: 5,
  resamples: 2000,
  confidence: 0.95,
  shuffles: 200,
  seed: 1,
};

/** What a score was worth over one horizon. */
export interface HorizonEvaluation {
  /** Bars that positions were held. */
  readonly horizon: number;
  /** Dates with enough symbols and a full horizon after them. */
  readonly dates: number;
  /** Scores with a return, over all dates. */
  readonly observations: number;
  /** Mean rank correlation of score and return over dates, −1 to 1. */
  readonly rankIc: Estimate;
  /** Mean rank IC of each fold, oldest first; `undefined` where a fold has none. */
  readonly foldRankIcs: readonly (number | undefined)[];
  /** Return of the highest quantile less that of the lowest, percent per horizon, before costs. */
  readonly spreadPercent: Estimate;
  /** The same after the costs of both sides' turnover. */
  readonly spreadAfterCostsPercent: Estimate;
  /** Return of the highest quantile less the mean of all symbols, percent per horizon, after costs: long only. */
  readonly excessAfterCostsPercent: Estimate;
  /** Share of buy and sell signals whose return beat (fell behind) the median of all symbols. */
  readonly hitRate: Estimate;
  /** Buy and sell signals behind the hit rate. */
  readonly signals: number;
  /** Share of the highest quantile that is replaced when it is rebalanced every horizon, 0 to 1. */
  readonly turnover: number | undefined;
  /** The control; `undefined` when it was left out. */
  readonly control: EvaluationControl | undefined;
  /** Exits at the last price from before, because the symbol did not trade then. */
  readonly staleExits: number;
}

/** Rank ICs of the same scores under the names of other symbols. */
export interface EvaluationControl {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Share of relabellings whose rank IC is as far from 0 as the real one, or farther; never 0. */
  readonly pValue: number | undefined;
}

/** The report on a score, version 1. */
export interface Evaluation {
  readonly v: 1;
  readonly symbols: number;
  /** First and last close, epoch milliseconds UTC. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly options: Required<EvaluationOptions>;
  readonly horizons: readonly HorizonEvaluation[];
}

/**
 * What scores said about the returns after them. Scores must have been known at their close: make them with
 * {@link walkForward}, or try the function that made them with {@link findLookAhead}.
 *
 * Entry is `entryDelayBars` closes after the score, exit `horizon` closes later, on the union of all symbols' times. A
 * symbol that does not trade at the entry is left out on that date; one that does not trade at the exit is valued at its
 * last price and counted.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` naming the series.
 */
export function evaluateScores(series: readonly ScoredSeries[], options: EvaluationOptions = {}): Evaluation {
  const all = withDefaults(evaluationDefaults, options);
  checkOptions(all);
  const panel = alignPanel(series);
  return {
    v: 1,
    symbols: panel.symbols.length,
    fromMs: panel.timesMs[0],
    toMs: panel.timesMs.at(-1),
    options: all,
    horizons: all.horizons.map((horizon) => evaluateHorizon(panel, horizon, all)),
  };
}

function evaluateHorizon(panel: Panel, horizon: number, options: Required<EvaluationOptions>): HorizonEvaluation {
  const { quantiles, minSymbols, entryDelayBars: delay, resamples, confidence, seed } = options;
  const how: SectionOptions = { horizon, delay, quantiles, minSymbols };
  const sections = crossSections(panel, how);
  const random = seededRandom(seed + horizon);
  const blockLength = Math.max(2 * horizon, Math.round(Math.cbrt(sections.length)), 1);
  const estimate = (tops: readonly number[], bottoms: readonly number[]): Estimate =>
    bootstrapRatio(tops, bottoms, { blockLength, resamples, confidence }, random);
  const meanOver = (values: readonly number[]): Estimate =>
    estimate(
      values,
      values.map(() => 1),
    );

  const ranked = sections.filter(({ rankIc }) => rankIc !== undefined);
  const ics = ranked.map(({ rankIc }) => rankIc!);
  const traded = sections.flatMap(({ top, bottom, ...rest }) =>
    top === undefined || bottom === undefined ? [] : [{ ...rest, top, bottom }],
  );
  const replaced = turnovers(traded, horizon);
  const roundTrip = options.buyCostPercent + options.sellCostPercent;
  const rankIc = meanOver(ics);
  return {
    horizon,
    dates: sections.length,
    observations: sum(sections.map(({ symbols }) => symbols)),
    rankIc,
    foldRankIcs: foldMeans(ics, options.folds),
    spreadPercent: meanOver(traded.map(({ top, bottom }) => 100 * (top - bottom))),
    spreadAfterCostsPercent: meanOver(
      traded.map(({ top, bottom }, i) => 100 * (top - bottom) - roundTrip * (replaced[i]!.top + replaced[i]!.bottom)),
    ),
    excessAfterCostsPercent: meanOver(
      traded.map(({ top, mean }, i) => 100 * (top - mean) - roundTrip * replaced[i]!.top),
    ),
    hitRate: estimate(
      sections.map(({ hits }) => hits),
      sections.map(({ signals }) => signals),
    ),
    signals: sum(sections.map(({ signals }) => signals)),
    turnover: traded.length > 0 ? sum(replaced.map(({ top }) => top)) / traded.length : undefined,
    control: control(panel, rankIc.value, how, options),
    staleExits: sum(sections.map(({ staleExits }) => staleExits)),
  };
}

/** How much of each quantile is new against the same date's quantile one horizon before; all of it at first. */
function turnovers(
  sections: readonly Pick<CrossSection, 'time' | 'topSymbols' | 'bottomSymbols'>[],
  horizon: number,
): { top: number; bottom: number }[] {
  const byTime = new Map(sections.map((section) => [section.time, section]));
  const fresh = (now: readonly number[], before: readonly number[] | undefined): number =>
    before === undefined ? 1 : now.filter((symbol) => !before.includes(symbol)).length / Math.max(1, now.length);
  return sections.map(({ time, topSymbols, bottomSymbols }) => {
    const before = byTime.get(time - horizon);
    return { top: fresh(topSymbols, before?.topSymbols), bottom: fresh(bottomSymbols, before?.bottomSymbols) };
  });
}

function control(
  panel: Panel,
  rankIc: number | undefined,
  how: SectionOptions,
  { shuffles, confidence, seed }: Required<EvaluationOptions>,
): EvaluationControl | undefined {
  const random = seededRandom(seed ^ 0x5bd1e995);
  const drawn: number[] = [];
  for (let k = 0; k < shuffles; k++) {
    const one = relabelledIc(panel, permutation(panel.symbols.length, random), how);
    if (one !== undefined) drawn.push(one);
  }
  if (drawn.length === 0) return undefined;
  drawn.sort((a, b) => a - b);
  const asFar = rankIc === undefined ? 0 : drawn.filter((one) => Math.abs(one) >= Math.abs(rankIc)).length;
  return {
    mean: sum(drawn) / drawn.length,
    low: quantile(drawn, (1 - confidence) / 2)!,
    high: quantile(drawn, (1 + confidence) / 2)!,
    pValue: rankIc === undefined ? undefined : (1 + asFar) / (1 + drawn.length),
  };
}

function foldMeans(values: readonly number[], folds: number): (number | undefined)[] {
  return Array.from({ length: folds }, (_, k) => {
    const part = values.slice(Math.floor((values.length * k) / folds), Math.floor((values.length * (k + 1)) / folds));
    return part.length > 0 ? sum(part) / part.length : undefined;
  });
}

function checkOptions(options: Required<EvaluationOptions>): void {
  options.horizons.forEach((horizon) => checkPeriod('horizon', horizon));
  checkPeriod('folds', options.folds);
  const atLeast = (name: keyof EvaluationOptions, least: number, whole: boolean): void => {
    const value = options[name] as number;
    if (value >= least && (whole ? Number.isSafeInteger(value) : Number.isFinite(value))) return;
    throw new ScoringError(
      'bad-option',
      `${name} "${String(value)}" is not a ${whole ? 'whole' : 'finite'} number of at least ${least}. ` +
        `Leave it out for ${String(evaluationDefaults[name])}.`,
      value,
    );
  };
  atLeast('entryDelayBars', 0, true);
  atLeast('quantiles', 2, true);
  atLeast('minSymbols', options.quantiles, true);
  atLeast('buyCostPercent', 0, false);
  atLeast('sellCostPercent', 0, false);
  atLeast('resamples', 0, true);
  atLeast('shuffles', 0, true);
  atLeast('seed', 0, true);
  if (typeof options.confidence === 'number' && options.confidence > 0 && options.confidence < 1) return;
  throw new ScoringError(
    'bad-option',
    `confidence "${String(options.confidence)}" is not between 0 and 1. Pass for example 0.95.`,
    options.confidence,
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
