/**
 * The technical rating as TradingView describes it (help article 43000614331): 15 moving averages and 11 oscillators vote
 * −1, 0 or 1; each group is the mean of its votes, the rating the mean of the groups.
 */
import { ScoringError } from './errors.ts';
import type { VolumeBar, VolumeColumns } from './indicators/bar-columns.ts';
import type { IndicatorSeries } from './indicators/indicator-series.ts';
import { readColumns, volumeInput } from './internal/bar-input.ts';
import { checkReplaceable } from './internal/open-bar.ts';
import { fromSnapshot } from './internal/snapshots.ts';
import type { Signal } from './signal.ts';
import { place, readingSeries, stillFor } from './technical-rating/readings.ts';
import { readRating } from './technical-rating/snapshot.ts';
import type { ReadingSnapshot } from './technical-rating/streams.ts';
import { emptyRow, openReadings } from './technical-rating/streams.ts';
import { averageVotes, castVotes, voteNames } from './technical-rating/votes.ts';

/** One vote: for, against or neither. */
export type RatingVote = -1 | 0 | 1;

/** The rating of one bar. */
export interface TechnicalRating {
  /** Mean of the groups that are known, −1 to 1. */
  readonly rating: number;
  /** The rating in a word, see {@link ratingSignal}. */
  readonly signal: Signal;
  /** Mean of the votes of the moving averages, −1 to 1; `undefined` while none is known. */
  readonly movingAverages: number | undefined;
  /** Mean of the votes of the oscillators, −1 to 1; `undefined` while none is known. */
  readonly oscillators: number | undefined;
  /** Part of the 26 votes that are known, above 0 and up to 1. */
  readonly coverage: number;
  /** The votes that are known, by name: `sma10` … `ichimoku`, `rsi` … `ultimate`. */
  readonly votes: Readonly<Record<string, RatingVote>>;
}

/** The ratings of all bars; NaN where a group has no vote. */
export interface TechnicalRatingSeries {
  readonly rating: IndicatorSeries;
  readonly movingAverages: IndicatorSeries;
  readonly oscillators: IndicatorSeries;
}

/** A streaming technical rating. Made by {@link createTechnicalRating}. */
export interface TechnicalRatingStream {
  /**
   * Takes the next bar and gives its rating; `undefined` while no vote is known.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(bar: VolumeBar): TechnicalRating | undefined;
  /**
   * Puts another bar in the place of the last one, for a bar that is still open.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(bar: VolumeBar): TechnicalRating | undefined;
  /** The state as plain JSON; {@link restoreTechnicalRating} carries on from it. */
  snapshot(): TechnicalRatingSnapshot;
}

/** State of a streaming technical rating, version 1. */
export interface TechnicalRatingSnapshot {
  readonly v: 1;
  readonly indicator: 'technicalRating';
  /** Bars taken so far. */
  readonly count: number;
  /** The states of its indicators. */
  readonly readings: readonly ReadingSnapshot[];
  /** What they said at the last bar and at the two before it, newest first; `null` where it was not known. */
  readonly rows: readonly (readonly (number | null)[])[];
}

/** Bars before the first vote: the shortest average takes ten. */
const from = 9;

/**
 * The ratings of all bars from index 9 on. A vote that is not known yet is left out of its group, and a group without
 * votes out of the rating: what is missing is never taken for neutral.
 *
 * Votes for: an average below the close; Ichimoku with price > conversion > base > span A > span B; RSI below 30 and
 * rising; stochastic below 20 with %K crossing above %D; CCI below −100 and rising; +DI crossing above −DI with an ADX
 * above 20; the awesome oscillator crossing above 0 or in a saucer above it; rising momentum; MACD above its signal;
 * StochRSI as the stochastic while the close is below its EMA 50; Williams %R below −80 and rising; bear power below 0 and
 * rising while the close is above its EMA 50; ultimate oscillator above 70. Votes against are the mirror image. What an
 * exponential average still remembers after as many equal closes as its period is no vote, as with a simple one.
 *
 * @throws {@link ScoringError} `bad-value` with the index of a value that cannot be.
 */
export function technicalRating(bars: VolumeColumns): TechnicalRatingSeries {
  const columns = readColumns(bars, ['high', 'low', 'close', 'volume']);
  const { close } = columns;
  const series = readingSeries(columns);
  const count = Math.max(0, close.length - from);
  const [rating, averages, oscillators] = [0, 0, 0].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const votes = new Float64Array(voteNames.length);
  let [now, before, earlier] = [emptyRow(), emptyRow(), emptyRow()];
  for (let i = 0; i < close.length; i++) {
    [now, before, earlier] = [earlier, now, before];
    for (let k = 0; k < series.length; k++) {
      const { from: first, values } = series[k]!;
      now[k] = i < first ? Number.NaN : values[i - first]!;
    }
    now[place.close] = close[i]!;
    now[place.still] = stillFor(close[i]!, before);
    if (i < from) continue;
    castVotes({ now, before, earlier }, votes);
    const count = tally(votes);
    rating[i - from] = count.rating;
    averages[i - from] = count.averages;
    oscillators[i - from] = count.oscillators;
  }
  return {
    rating: { from, values: rating },
    movingAverages: { from, values: averages },
    oscillators: { from, values: oscillators },
  };
}

/** A streaming technical rating; the same numbers as {@link technicalRating}, bit for bit. */
export function createTechnicalRating(): TechnicalRatingStream {
  return start(0, undefined, [emptyRow(), emptyRow(), emptyRow()]);
}

/**
 * A streaming technical rating that carries on from a snapshot.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreTechnicalRating(snapshot: TechnicalRatingSnapshot): TechnicalRatingStream {
  const { count, readings, rows } = readRating(snapshot);
  return fromSnapshot('technicalRating', () => start(count, readings, rows));
}

/**
 * A rating in a word: `strong-sell` < −0.5 ≤ `sell` < −0.1 ≤ `neutral` ≤ 0.1 < `buy` ≤ 0.5 < `strong-buy`.
 *
 * These are the thresholds of the vote, as charts know them, and not those of a score: 0.15 is a `buy` here, and its
 * score of 57.5 is `neutral` by `signalOf`, the scale of every score.
 *
 * @example
 * ```ts
 * ratingSignal(0.5); // => 'buy'
 * ```
 * @throws {@link ScoringError} `bad-value` for a rating outside −1 to 1.
 */
export function ratingSignal(rating: number): Signal {
  if (!(typeof rating === 'number' && Math.abs(rating) <= 1)) {
    const message = `rating "${String(rating)}" is not a number from −1 to 1. An unknown rating has no signal.`;
    throw new ScoringError('bad-value', message, rating);
  }
  if (rating > 0.5) return 'strong-buy';
  if (rating > 0.1) return 'buy';
  if (rating < -0.5) return 'strong-sell';
  return rating < -0.1 ? 'sell' : 'neutral';
}

function start(
  initialCount: number,
  snapshots: readonly ReadingSnapshot[] | undefined,
  rows: [Float64Array, Float64Array, Float64Array],
): TechnicalRatingStream {
  const readings = openReadings(snapshots);
  const votes = new Float64Array(voteNames.length);
  let count = initialCount;
  let [now, before, earlier] = rows;

  const take = (bar: VolumeBar, replace: boolean): TechnicalRating | undefined => {
    now.fill(Number.NaN);
    for (const reading of readings) reading.read(bar, now, replace);
    now[place.close] = bar.close;
    now[place.still] = stillFor(bar.close, before);
    castVotes({ now, before, earlier }, votes);
    return ratingOf(votes);
  };
  return {
    push(bar) {
      checkBar(bar, count);
      [now, before, earlier] = [earlier, now, before];
      count++;
      return take(bar, false);
    },
    replaceLast(bar) {
      checkReplaceable(count);
      checkBar(bar, count - 1);
      return take(bar, true);
    },
    snapshot: () => ({
      v: 1,
      indicator: 'technicalRating',
      count,
      readings: readings.map((reading) => reading.snapshot()),
      rows: [now, before, earlier].map((row) => Array.from(row, (value) => (Number.isNaN(value) ? null : value + 0))),
    }),
  };
}

/** All columns of one bar are looked at before any indicator takes it. */
function checkBar({ high, low, close, volume }: VolumeBar, index: number): void {
  volumeInput.copy({ high, low, close, volume }, index);
}

interface Tally {
  readonly rating: number;
  readonly averages: number;
  readonly oscillators: number;
  readonly known: number;
}

function tally(votes: Float64Array): Tally {
  let [forAverages, averages, forOscillators, oscillators] = [0, 0, 0, 0];
  for (let i = 0; i < votes.length; i++) {
    const vote = votes[i]!;
    if (Number.isNaN(vote)) continue;
    if (i < averageVotes) {
      forAverages += vote;
      averages++;
    } else {
      forOscillators += vote;
      oscillators++;
    }
  }
  const known = averages + oscillators;
  const groups = { averages: forAverages / averages, oscillators: forOscillators / oscillators, known };
  if (averages === 0 || oscillators === 0)
    return { ...groups, rating: averages === 0 ? groups.oscillators : groups.averages };
  // One division: a rating on a threshold is exactly on it.
  const rating = (forAverages * oscillators + forOscillators * averages) / (2 * averages * oscillators);
  return { ...groups, rating };
}

function ratingOf(votes: Float64Array): TechnicalRating | undefined {
  const { rating, averages, oscillators, known } = tally(votes);
  if (known === 0) return undefined;
  const cast: Record<string, RatingVote> = {};
  voteNames.forEach((name, i) => {
    if (!Number.isNaN(votes[i]!)) cast[name] = (votes[i]! + 0) as RatingVote;
  });
  return {
    rating: rating + 0,
    signal: ratingSignal(rating),
    movingAverages: Number.isNaN(averages) ? undefined : averages + 0,
    oscillators: Number.isNaN(oscillators) ? undefined : oscillators + 0,
    coverage: known / votes.length,
    votes: cast,
  };
}
