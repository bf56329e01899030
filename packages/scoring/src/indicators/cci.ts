/** Commodity channel index of Lambert (Commodities, October 1980). */
import { priceInput, readColumns } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { MeanWindow, windowDistances } from '../internal/windows/block-window.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { PriceBar, PriceColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link cci} and {@link createCci}. */
export interface CciOptions {
  /**
   * Bars in the window, at least 1.
   * @defaultValue 20
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const cciDefaults: Required<CciOptions> = { period: 20 };

/**
 * (Typical price − its mean) ÷ (0.015 × mean deviation) over the last `period` bars, from index `period − 1` on; 0 where
 * the window has no deviation.
 *
 * A bar costs `period` steps: a mean deviation cannot be carried on from the bar before.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function cci(bars: PriceColumns, options: CciOptions = {}): IndicatorSeries {
  const complete = completeOptions(cciDefaults, options);
  check(complete);
  const { high, low, close } = readColumns(bars, ['high', 'low', 'close']);
  return cciKernel(high, low, close, complete);
}

/**
 * A commodity channel index as a stream, with the numbers of {@link cci} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createCci(options: CciOptions = {}): IndicatorStream<PriceBar, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreCci(snapshot: IndicatorSnapshot, options: CciOptions = {}): IndicatorStream<PriceBar, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<PriceBar, number, CciOptions> = {
  name: 'cci',
  defaults: cciDefaults,
  input: priceInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function cciKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  options: Required<CciOptions>,
): IndicatorSeries {
  const { period } = options;
  const typical = new Float64Array(close.length);
  for (let i = 0; i < typical.length; i++) typical[i] = thrice(high[i]!, low[i]!, close[i]!);
  const values = windowDistances(typical, period);
  for (let o = 0; o < values.length; o++) {
    const above = values[o]!;
    const newest = typical[o + period - 1]!;
    let even = 0;
    let odd = 0;
    let i = o;
    for (const end = o + period - 1; i < end; i += 2) {
      even += Math.abs(typical[i]! - newest + above);
      odd += Math.abs(typical[i + 1]! - newest + above);
    }
    if (i < o + period) even += Math.abs(typical[i]! - newest + above);
    values[o] = ratio(above, even + odd, period);
  }
  return { from: period - 1, values };
}

function machine(options: Required<CciOptions>): Machine<PriceBar, number> {
  const { period } = options;
  const window = new MeanWindow(period);
  const past = new Memory(0);
  // The window keeps the typical prices by their place in its block.
  return {
    ...joinParts([window, past]),
    push({ high, low, close }) {
      past.next();
      const price = thrice(high, low, close);
      const above = window.pushDistance(price);
      if (Number.isNaN(above)) return undefined;
      let even = 0;
      let odd = 0;
      let i = past.count % period;
      const step = (): number => {
        const distance = Math.abs(window.at(i) - price + above);
        if (++i === period) i = 0;
        return distance;
      };
      let left = period;
      for (; left > 1; left -= 2) {
        even += step();
        odd += step();
      }
      if (left === 1) even += step();
      return ratio(above, even + odd, period);
    },
  };
}

function check(options: Required<CciOptions>): void {
  checkPeriod('period', options.period);
}

/** Three times the typical price: the ratio is the same, and nothing is lost to a third. */
function thrice(high: number, low: number, close: number): number {
  return high + low + close;
}

function ratio(distance: number, deviations: number, period: number): number {
  return deviations > 0 ? distance / (0.015 * (deviations / period)) : 0;
}
