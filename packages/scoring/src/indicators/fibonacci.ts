/** Fibonacci retracements of the last confirmed swing. */
import { rangeInput, readColumns } from '../internal/bar-input.ts';
import { completeOptions, createStream, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import type { BarColumns, IndicatorBar } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';
import { checkReach, PivotFinder } from '../internal/windows/pivots.ts';

/** Options of {@link fibonacci} and {@link createFibonacci}. */
export interface FibonacciOptions {
  /**
   * Bars on either side that a pivot must stand out from, 1 to 1,000; it is confirmed that many bars later. Of equal
   * extremes the last one is the pivot.
   * @defaultValue 5
   */
  readonly pivotBars?: number;
}

/** The options that apply where none are given. */
export const fibonacciDefaults: Required<FibonacciOptions> = { pivotBars: 5 };

/** The last confirmed swing at every bar, in price units; NaN before there is one. */
export interface FibonacciSeries {
  /** Where the swing began: 100 % retraced. */
  readonly start: IndicatorSeries;
  /** Where it ended: 0 % retraced. A rising swing where it is above the start. */
  readonly end: IndicatorSeries;
}

/** The last confirmed swing; prices in price units, bars counted from 0. */
export interface FibonacciPoint {
  /** Where the swing began: 100 % retraced. */
  readonly start: number;
  readonly startIndex: number;
  /** Where it ended: 0 % retraced. A rising swing where it is above the start. */
  readonly end: number;
  readonly endIndex: number;
}

/** One retracement of a swing. */
export interface FibonacciLevel {
  /** Part of the swing that is taken back, for example 0.618. */
  readonly ratio: number;
  readonly price: number;
}

/** The customary ratios. */
export const fibonacciRatios: readonly number[] = [0.236, 0.382, 0.5, 0.618, 0.786];

/**
 * The prices at which parts of a swing are taken back.
 *
 * @example
 * ```ts
 * fibonacciLevels({ start: 100, end: 200 }, [0.5]); // => [{ ratio: 0.5, price: 150 }]
 * ```
 */
export function fibonacciLevels(
  swing: Pick<FibonacciPoint, 'start' | 'end'>,
  ratios: readonly number[] = fibonacciRatios,
): FibonacciLevel[] {
  const { start, end } = swing;
  return ratios.map((ratio) => ({ ratio, price: end + (start - end) * ratio }));
}

/**
 * The last confirmed swing at every bar from index `2 × pivotBars` on, NaN before there is one.
 *
 * Pivots are told `pivotBars` bars after they happened, when no later bar can take them back: the swing of a bar depends on
 * that bar and earlier ones alone. Of several highs without a low between them the highest counts, mirrored for lows; a bar
 * that is both tells no direction and is passed over. {@link fibonacciLevels} turns a swing into prices.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function fibonacci(bars: Pick<BarColumns, 'high' | 'low'>, options: FibonacciOptions = {}): FibonacciSeries {
  const complete = completeOptions(fibonacciDefaults, options);
  check(complete);
  const { high, low } = readColumns(bars, ['high', 'low']);
  return fibonacciKernel(high, low, complete);
}

/**
 * The last confirmed swing as a stream, with the numbers of {@link fibonacci} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createFibonacci(
  options: FibonacciOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'high' | 'low'>, FibonacciPoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreFibonacci(
  snapshot: IndicatorSnapshot,
  options: FibonacciOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'high' | 'low'>, FibonacciPoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<Pick<IndicatorBar, 'high' | 'low'>, FibonacciPoint, FibonacciOptions> = {
  name: 'fibonacci',
  defaults: fibonacciDefaults,
  input: rangeInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function fibonacciKernel(
  high: Float64Array,
  low: Float64Array,
  options: Required<FibonacciOptions>,
): FibonacciSeries {
  const from = 2 * options.pivotBars;
  const start = new Float64Array(Math.max(0, high.length - from)).fill(Number.NaN);
  const end = start.slice();
  const swings = machine(options);
  for (let i = 0; i < high.length; i++) {
    const point = swings.push({ high: high[i]!, low: low[i]! });
    if (!point) continue;
    start[i - from] = point.start;
    end[i - from] = point.end;
  }
  return { start: { from, values: start }, end: { from, values: end } };
}

function machine(options: Required<FibonacciOptions>): Machine<Pick<IndicatorBar, 'high' | 'low'>, FibonacciPoint> {
  const { pivotBars } = options;
  const pivots = new PivotFinder(pivotBars);
  // Number of pivots in the swing; its start and end: price and bar each; 1 where the end is a high, −1 where a low.
  const past = new Memory(6);
  return {
    ...joinParts([past, pivots]),
    push({ high, low }) {
      past.next();
      const { now } = past;
      const found = pivots.push(high, low);
      const isHigh = !Number.isNaN(found.high);
      if (isHigh === Number.isNaN(found.low)) {
        const price = isHigh ? found.high : found.low;
        const side = isHigh ? 1 : -1;
        const same = now[0]! > 0 && side === now[5];
        if (!same) {
          now[0] = Math.min(2, now[0]! + 1);
          now[1] = now[3]!;
          now[2] = now[4]!;
        }
        if (!same || side * (price - now[3]!) > 0) {
          now[3] = price;
          now[4] = past.count - 1 - pivotBars;
          now[5] = side;
        }
      }
      if (now[0]! < 2) return undefined;
      return { start: now[1]! + 0, startIndex: now[2]!, end: now[3]! + 0, endIndex: now[4]! };
    },
  };
}

function check(options: Required<FibonacciOptions>): void {
  checkReach(options.pivotBars);
}
