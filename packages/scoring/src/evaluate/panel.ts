/** Series of different lengths on one calendar, as columns. */
import { ScoringError } from '../errors.ts';

/** A symbol's closes and what was known of it at each of them. */
export interface ScoredSeries {
  readonly symbol: string;
  /** Times of the closes, epoch milliseconds UTC, rising. */
  readonly timesMs: readonly number[];
  /** Closing prices, above 0, adjusted for splits and rights so that their quotients are returns. */
  readonly closes: readonly number[];
  /** The score that was known at that close, 0 to 100, `undefined` where there was none. */
  readonly scores: readonly (number | undefined)[];
}

/** All symbols on the union of their times; NaN where a symbol has no bar or no score. */
export interface Panel {
  readonly symbols: readonly string[];
  readonly timesMs: readonly number[];
  /** `closes[symbol][time]`, NaN without a bar. */
  readonly closes: readonly Float64Array[];
  /** The last close up to that time, NaN before the first. */
  readonly lastCloses: readonly Float64Array[];
  /** `scores[symbol][time]`, NaN without a score. */
  readonly scores: readonly Float64Array[];
}

export function alignPanel(series: readonly ScoredSeries[]): Panel {
  const sorted = [...series].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
  sorted.forEach(checkSeries);
  sorted.forEach(({ symbol }, i) => {
    if (sorted[i - 1]?.symbol === symbol) throw fault(symbol, symbol, 'is there twice, expected once');
  });
  const timesMs = [...new Set(sorted.flatMap((one) => [...one.timesMs]))].sort((a, b) => a - b);
  const indexOf = new Map(timesMs.map((timeMs, i) => [timeMs, i]));
  const column = (one: ScoredSeries, values: readonly (number | undefined)[]): Float64Array => {
    const out = new Float64Array(timesMs.length).fill(Number.NaN);
    one.timesMs.forEach((timeMs, i) => (out[indexOf.get(timeMs)!] = values[i] ?? Number.NaN));
    return out;
  };
  const closes = sorted.map((one) => column(one, one.closes));
  return {
    symbols: sorted.map(({ symbol }) => symbol),
    timesMs,
    closes,
    lastCloses: closes.map(carried),
    scores: sorted.map((one) => column(one, one.scores)),
  };
}

function carried(closes: Float64Array): Float64Array {
  let last = Number.NaN;
  return closes.map((close) => (last = Number.isNaN(close) ? last : close));
}

function checkSeries({ symbol, timesMs, closes, scores }: ScoredSeries): void {
  if (closes.length !== timesMs.length || scores.length !== timesMs.length) {
    throw fault(
      symbol,
      `${timesMs.length}, ${closes.length}, ${scores.length}`,
      'are the numbers of times, closes and scores, expected the same number of each',
    );
  }
  timesMs.forEach((timeMs, i) => {
    if (!Number.isFinite(timeMs) || (i > 0 && timeMs <= timesMs[i - 1]!)) {
      throw fault(symbol, timeMs, `is time ${i}, expected one after the time before`);
    }
    const close = closes[i]!;
    if (!(close > 0 && Number.isFinite(close))) throw fault(symbol, close, `is close ${i}, expected a price above 0`);
    const score = scores[i];
    if (score !== undefined && !(score >= 0 && score <= 100)) {
      throw fault(symbol, score, `is score ${i}, expected 0 to 100, or undefined where it is unknown`);
    }
  });
}

function fault(symbol: string, value: unknown, what: string): ScoringError {
  return new ScoringError(
    'bad-value',
    `series "${symbol}": "${String(value)}" ${what}. Mend the series or leave it out.`,
    value,
  );
}
