/** Nearest support and resistance: pivots that the price has not gone through. */
import { ScoringError } from '../errors.ts';
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';
import { checkReach, PivotFinder, PivotList } from '../internal/windows/pivots.ts';

/** Options of {@link supportResistance} and {@link createSupportResistance}. */
export interface SupportResistanceOptions {
  /**
   * Bars on either side that a pivot must stand out from, 1 to 1,000; it is confirmed that many bars later. Of equal
   * extremes the last one is the pivot.
   * @defaultValue 5
   */
  readonly pivotBars?: number;
  /**
   * Bars that a pivot counts for, at least 1.
   * @defaultValue 250
   */
  readonly lookback?: number;
  /**
   * Levels on either side that a stream lists, at least 1.
   * @defaultValue 3
   */
  readonly levels?: number;
  /**
   * Levels nearer than this part of a nearer one are the same level: 0.02 for 2 %; 0 or more.
   * @defaultValue 0.02
   */
  readonly apart?: number;
}

/** The options that apply where none are given. */
export const supportResistanceDefaults: Required<SupportResistanceOptions> = {
  pivotBars: 5,
  lookback: 250,
  levels: 3,
  apart: 0.02,
};

/** The nearest levels at every bar, in price units; NaN where there is none. */
export interface SupportResistanceSeries {
  /** Highest pivot low at or below the close. */
  readonly support: IndicatorSeries;
  /** Lowest pivot high at or above the close. */
  readonly resistance: IndicatorSeries;
}

/** The levels around one close, nearest first, in price units. */
export interface SupportResistancePoint {
  /** Pivot lows at or below the close, falling. */
  readonly supports: readonly number[];
  /** Pivot highs at or above the close, rising. */
  readonly resistances: readonly number[];
}

/**
 * The nearest level on either side at every bar from index `2 × pivotBars` on; NaN where there is none.
 *
 * Supports are pivot lows at or below the close, resistances pivot highs at or above it. A pivot is told `pivotBars` bars
 * after it happened, when no later bar can take it back.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function supportResistance(bars: PriceColumns, options: SupportResistanceOptions = {}): SupportResistanceSeries {
  const complete = completeOptions(supportResistanceDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return supportResistanceKernel(high, low, close, complete);
}

/**
 * The nearest levels as a stream, with the numbers of {@link supportResistance} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createSupportResistance(
  options: SupportResistanceOptions = {},
): IndicatorStream<PriceBar, SupportResistancePoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreSupportResistance(
  snapshot: IndicatorSnapshot,
  options: SupportResistanceOptions = {},
): IndicatorStream<PriceBar, SupportResistancePoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, SupportResistancePoint, SupportResistanceOptions> = {
  name: 'supportResistance',
  defaults: supportResistanceDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function supportResistanceKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  options: Required<SupportResistanceOptions>,
): SupportResistanceSeries {
  const { pivotBars, lookback } = options;
  const from = 2 * pivotBars;
  const support = new Float64Array(Math.max(0, close.length - from)).fill(Number.NaN);
  const resistance = support.slice();
  const pivots = new PivotFinder(pivotBars);
  const sides = [new PivotPrices(), new PivotPrices()] as const;
  for (let i = 0; i < close.length; i++) {
    const found = pivots.push(high[i]!, low[i]!);
    sides[0].take(found.low, i - pivotBars, i - lookback);
    sides[1].take(found.high, i - pivotBars, i - lookback);
    if (i < from) continue;
    support[i - from] = sides[0].nearest(close[i]!, -1);
    resistance[i - from] = sides[1].nearest(close[i]!, 1);
  }
  return { support: { from, values: support }, resistance: { from, values: resistance } };
}

function machine(options: Required<SupportResistanceOptions>): Machine<PriceBar, SupportResistancePoint> {
  const { pivotBars, lookback, levels, apart } = options;
  const pivots = new PivotFinder(pivotBars);
  const lows = new PivotList(lookback);
  const highs = new PivotList(lookback);
  const past = new Memory(0);
  return {
    ...joinParts([past, pivots, lows, highs]),
    push({ high, low, close }) {
      past.next();
      const now = past.count - 1;
      const found = pivots.push(high, low);
      lows.push(found.low, now - pivotBars, now);
      highs.push(found.high, now - pivotBars, now);
      if (now < 2 * pivotBars) return undefined;
      return { supports: lows.nearest(close, -1, levels, apart), resistances: highs.nearest(close, 1, levels, apart) };
    },
  };
}

function check(options: Required<SupportResistanceOptions>): void {
  checkReach(options.pivotBars);
  checkPeriod('lookback', options.lookback);
  checkPeriod('levels', options.levels);
  const { apart } = options;
  if (typeof apart === 'number' && apart >= 0 && apart < 1) return;
  throw new ScoringError(
    'bad-option',
    `apart "${String(apart)}" is not a part of 1, from 0 on. Pass for example 0.02 for 2 %.`,
    apart,
  );
}

/** Pivots of one side for a batch, oldest first. */
class PivotPrices {
  private readonly prices: number[] = [];
  private readonly indices: number[] = [];
  private front = 0;

  take(price: number, index: number, oldest: number): void {
    if (!Number.isNaN(price)) {
      this.prices.push(price);
      this.indices.push(index);
    }
    while (this.front < this.indices.length && this.indices[this.front]! <= oldest) this.front++;
  }

  nearest(price: number, side: 1 | -1): number {
    let best = Number.NaN;
    let distance = Number.POSITIVE_INFINITY;
    for (let i = this.prices.length - 1; i >= this.front; i--) {
      const away = side * (this.prices[i]! - price);
      if (away >= 0 && away < distance) {
        distance = away;
        best = this.prices[i]! + 0;
      }
    }
    return best;
  }
}
