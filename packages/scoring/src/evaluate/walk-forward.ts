/** Scores made one bar at a time, so that no score can have seen a later bar; and a search for scores that have. */
import { ScoringError } from '../errors.ts';
import { checkPeriod } from '../internal/checks.ts';
import type { NumericBar } from '../tape.ts';
import type { ScoredSeries } from './panel.ts';

/** The bars of one symbol, oldest first. */
export interface BarSeries {
  readonly symbol: string;
  readonly bars: readonly NumericBar[];
}

/** Something that knows a score after each bar: a fresh one for every symbol. */
export interface BarScorer {
  /** Takes the next closed bar and gives the score as of its close; `undefined` while there is none. */
  push(bar: NumericBar): number | undefined;
}

/**
 * The scores of every symbol at every close. A scorer is handed one bar, asked for its score, and only then handed the
 * next: what it says cannot depend on what came later.
 *
 * @example
 * ```ts
 * const bar = (close: number, day: number) =>
 *   ({ startMs: day, endMs: day + 1, open: close, high: close, low: close, close, volume: 1 });
 * const series = [{ symbol: 'X', bars: [bar(5, 0), bar(6, 1), bar(4, 2)] }];
 * const [scored] = walkForward(series, () => ({ push: ({ close }) => (close > 5 ? 100 : 0) }));
 * scored?.scores; // => [0, 100, 0]
 * ```
 */
export function walkForward(series: readonly BarSeries[], create: (symbol: string) => BarScorer): ScoredSeries[] {
  return series.map(({ symbol, bars }) => {
    const scorer = create(symbol);
    return {
      symbol,
      timesMs: bars.map((bar) => bar.endMs),
      closes: bars.map((bar) => bar.close),
      scores: bars.map((bar) => scorer.push(bar)),
    };
  });
}

/** A score that changed when bars were added after it. */
export interface LookAhead {
  /** The bar whose score changed. */
  readonly index: number;
  /** Number of bars that were known when the score was still another. */
  readonly knownBars: number;
  /** The score with `knownBars` bars. */
  readonly before: number | undefined;
  /** The score with all bars. */
  readonly after: number | undefined;
}

/**
 * The first score that a batch function changes when later bars are appended; `undefined` when it looks back only. Every
 * `step`-th prefix of the bars is scored and compared.
 *
 * @throws {@link ScoringError} `bad-option` for a step that is no whole number of at least 1, `bad-value` when there is not
 * one score for each bar.
 */
export function findLookAhead(
  bars: readonly NumericBar[],
  scoreAll: (bars: readonly NumericBar[]) => readonly (number | undefined)[],
  step = 1,
): LookAhead | undefined {
  checkPeriod('step', step);
  const scoresOf = (some: readonly NumericBar[]): readonly (number | undefined)[] => {
    const scores = scoreAll(some);
    if (scores.length === some.length) return scores;
    throw new ScoringError(
      'bad-value',
      `"${scores.length}" scores were made of ${some.length} bars, expected one for each bar. ` +
        'Give undefined where there is none.',
      scores.length,
    );
  };
  const all = scoresOf(bars);
  for (let knownBars = 1; knownBars < bars.length; knownBars += step) {
    const known = scoresOf(bars.slice(0, knownBars));
    for (let index = 0; index < knownBars; index++) {
      if (Object.is(known[index], all[index])) continue;
      return { index, knownBars, before: known[index], after: all[index] };
    }
  }
  return undefined;
}
