/** Money flow index (Quong and Soudack, 1989): an RSI of the money that changed hands. */
import { readColumns, volumeInput } from '../internal/bar-input.ts';
import { checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { SumWindow, windowSums } from '../internal/windows/block-window.ts';
import { Memory } from '../internal/windows/memory.ts';
import { joinParts } from '../internal/windows/part.ts';
import { typicalPrice } from '../internal/prices.ts';
import type { VolumeBar, VolumeColumns } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link mfi} and {@link createMfi}. */
export interface MfiOptions {
  /**
   * Moves of the typical price in the window, at least 1.
   * @defaultValue 14
   */
  readonly period?: number;
}

/** The options that apply where none are given. */
export const mfiDefaults: Required<MfiOptions> = { period: 14 };

/**
 * 100 × money of rising typical prices ÷ money of all moving ones over the last `period` moves, from index `period` on. A
 * window that moved no money counts as its middle, 50.
 *
 * A typical price that differs from the one before by rounding alone (1e-14 of it) stood still.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function mfi(bars: VolumeColumns, options: MfiOptions = {}): IndicatorSeries {
  const complete = completeOptions(mfiDefaults, options);
  check(complete);
  const { high, low, close, volume } = readColumns(bars, ['high', 'low', 'close', 'volume']);
  return mfiKernel(high, low, close, volume, complete);
}

/**
 * A money flow index as a stream, with the numbers of {@link mfi} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createMfi(options: MfiOptions = {}): IndicatorStream<VolumeBar, number> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreMfi(snapshot: IndicatorSnapshot, options: MfiOptions = {}): IndicatorStream<VolumeBar, number> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<VolumeBar, number, MfiOptions> = {
  name: 'mfi',
  defaults: mfiDefaults,
  input: volumeInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function mfiKernel(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  options: Required<MfiOptions>,
): IndicatorSeries {
  const { period } = options;
  const up = new Float64Array(Math.max(0, close.length - 1));
  const down = new Float64Array(up.length);
  let before = up.length > 0 ? typicalPrice(high[0]!, low[0]!, close[0]!) : 0;
  for (let o = 0, i = 1; o < up.length; o++, i++) {
    const price = typicalPrice(high[i]!, low[i]!, close[i]!);
    const direction = directionOf(price, before);
    before = price;
    const money = price * volume[i]!;
    up[o] = direction > 0 ? money : 0;
    down[o] = direction < 0 ? money : 0;
  }
  const values = windowSums(up, period);
  const falls = windowSums(down, period);
  for (let o = 0; o < values.length; o++) values[o] = strength(values[o]!, falls[o]!);
  return { from: period, values };
}

function machine(options: Required<MfiOptions>): Machine<VolumeBar, number> {
  const up = new SumWindow(options.period);
  const down = new SumWindow(options.period);
  const past = new Memory(1);
  return {
    ...joinParts([past, up, down]),
    push({ high, low, close, volume }) {
      past.next();
      const price = typicalPrice(high, low, close);
      const first = past.count === 1;
      const direction = first ? 0 : directionOf(price, past.now[0]!);
      past.now[0] = price;
      const money = price * volume;
      const rises = up.push(first ? Number.NaN : direction > 0 ? money : 0);
      const falls = down.push(first ? Number.NaN : direction < 0 ? money : 0);
      return known(strength(rises, falls));
    },
  };
}

function check(options: Required<MfiOptions>): void {
  checkPeriod('period', options.period);
}

function directionOf(price: number, before: number): number {
  const change = price - before;
  return Math.abs(change) > 1e-14 * Math.abs(price) ? change : 0;
}

/** Sums of negative prices have their sign turned: what counts is how much moved. */
function strength(up: number, down: number): number {
  const [rises, falls] = [Math.abs(up), Math.abs(down)];
  return rises + falls > 0 ? 100 * (rises / (rises + falls)) : rises + falls === 0 ? 50 : Number.NaN;
}
