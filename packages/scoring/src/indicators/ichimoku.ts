/** Ichimoku kinko hyo (Goichi Hosoda): averages of extremes, and the cloud that they drew some bars ago. */
import { ScoringError } from '../errors.ts';
import { rangeInput, readColumns } from '../internal/bar-input.ts';
import { checkBars, checkPeriod } from '../internal/checks.ts';
import { completeOptions, createStream, known, restoreStream } from '../internal/stream.ts';
import { roomFor } from '../internal/room.ts';
import type { Machine, StreamDefinition } from '../internal/stream.ts';
import { ExtremeWindow, fillMiddles, middleOf } from '../internal/windows/extremes.ts';
import { joinParts } from '../internal/windows/part.ts';
import { Delay } from '../internal/windows/recursive.ts';
import type { BarColumns, IndicatorBar } from './bar-columns.ts';
import type { IndicatorSeries } from './indicator-series.ts';
import type { IndicatorSnapshot, IndicatorStream } from './indicator-stream.ts';

/** Options of {@link ichimoku} and {@link createIchimoku}. */
export interface IchimokuOptions {
  /**
   * Bars of the conversion line (tenkan), at least 1.
   * @defaultValue 9
   */
  readonly conversionPeriod?: number;
  /**
   * Bars of the base line (kijun), not less than the conversion line.
   * @defaultValue 26
   */
  readonly basePeriod?: number;
  /**
   * Bars of span B, not less than the base line.
   * @defaultValue 52
   */
  readonly spanPeriod?: number;
  /**
   * Bars that the spans are drawn ahead, 0 to 1,000,000; charts that count the current bar as the first draw with 25.
   * @defaultValue 26
   */
  readonly displacement?: number;
}

/** The options that apply where none are given. */
export const ichimokuDefaults: Required<IchimokuOptions> = {
  conversionPeriod: 9,
  basePeriod: 26,
  spanPeriod: 52,
  displacement: 26,
};

/** The lines of a batch Ichimoku in price units. */
export interface IchimokuSeries {
  /** Middle of the extremes of `conversionPeriod` bars (tenkan). */
  readonly conversion: IndicatorSeries;
  /** Middle of the extremes of `basePeriod` bars (kijun). */
  readonly base: IndicatorSeries;
  /** The cloud over this bar: `leadingA` of `displacement` bars ago. */
  readonly spanA: IndicatorSeries;
  /** The cloud over this bar: `leadingB` of `displacement` bars ago. */
  readonly spanB: IndicatorSeries;
  /** Mean of conversion and base, to be drawn `displacement` bars ahead. */
  readonly leadingA: IndicatorSeries;
  /** Middle of the extremes of `spanPeriod` bars, to be drawn `displacement` bars ahead. */
  readonly leadingB: IndicatorSeries;
}

/** The Ichimoku of one bar in price units; each line is `undefined` until it is known. */
export interface IchimokuPoint {
  readonly conversion: number;
  readonly base: number | undefined;
  /** The cloud over this bar: `leadingA` of `displacement` bars ago. */
  readonly spanA: number | undefined;
  /** The cloud over this bar: `leadingB` of `displacement` bars ago. */
  readonly spanB: number | undefined;
  readonly leadingA: number | undefined;
  readonly leadingB: number | undefined;
}

/**
 * The lines of every bar. Nothing looks ahead: the cloud of a bar is made of the spans of `displacement` bars before, and
 * the lagging span is left to the reader, who compares the close with the price `displacement` bars ago.
 *
 * Every line starts where it is known: `conversion` at `conversionPeriod − 1`, `base` and `leadingA` at `basePeriod − 1`,
 * `leadingB` at `spanPeriod − 1`, the spans of the cloud `displacement` bars after the leading ones.
 *
 * @param reuse - A result that is done with: the new one is written into its memory where that is large enough.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function ichimoku(
  bars: Pick<BarColumns, 'high' | 'low'>,
  options: IchimokuOptions = {},
  reuse?: IchimokuSeries,
): IchimokuSeries {
  const complete = completeOptions(ichimokuDefaults, options);
  check(complete);
  const { high, low } = readColumns(bars, ['high', 'low']);
  return ichimokuKernel(high, low, complete, reuse);
}

/**
 * An Ichimoku as a stream, with the numbers of {@link ichimoku} bit for bit.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createIchimoku(
  options: IchimokuOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'high' | 'low'>, IchimokuPoint> {
  return createStream(definition, options);
}

/**
 * A stream that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreIchimoku(
  snapshot: IndicatorSnapshot,
  options: IchimokuOptions = {},
): IndicatorStream<Pick<IndicatorBar, 'high' | 'low'>, IchimokuPoint> {
  return restoreStream(definition, snapshot, options);
}

const definition: StreamDefinition<Pick<IndicatorBar, 'high' | 'low'>, IchimokuPoint, IchimokuOptions> = {
  name: 'ichimoku',
  defaults: ichimokuDefaults,
  input: rangeInput,
  check,
  machine,
};

/** The batch over columns that were checked. */
export function ichimokuKernel(
  high: Float64Array,
  low: Float64Array,
  options: Required<IchimokuOptions>,
  reuse?: IchimokuSeries,
): IchimokuSeries {
  const { conversionPeriod, basePeriod, spanPeriod, displacement } = options;
  const room = (period: number, used?: IndicatorSeries): Float64Array =>
    roomFor(Math.max(0, high.length - period + 1), used?.values, [high, low]);
  const conversion = room(conversionPeriod, reuse?.conversion);
  const base = room(basePeriod, reuse?.base);
  const leadingB = room(spanPeriod, reuse?.leadingB);
  fillMiddles(high, low, [conversionPeriod, basePeriod, spanPeriod], [conversion, base, leadingB]);
  const ahead = basePeriod - conversionPeriod;
  const leadingA = room(basePeriod, reuse?.leadingA);
  for (let o = 0; o < base.length; o++) leadingA[o] = middleOf(conversion[o + ahead]!, base[o]!);
  const drawn = (values: Float64Array): Float64Array => values.subarray(0, Math.max(0, values.length - displacement));
  return {
    conversion: { from: conversionPeriod - 1, values: conversion },
    base: { from: basePeriod - 1, values: base },
    spanA: { from: basePeriod - 1 + displacement, values: drawn(leadingA) },
    spanB: { from: spanPeriod - 1 + displacement, values: drawn(leadingB) },
    leadingA: { from: basePeriod - 1, values: leadingA },
    leadingB: { from: spanPeriod - 1, values: leadingB },
  };
}

function machine(options: Required<IchimokuOptions>): Machine<Pick<IndicatorBar, 'high' | 'low'>, IchimokuPoint> {
  const { conversionPeriod, basePeriod, spanPeriod, displacement } = options;
  const windows = [conversionPeriod, basePeriod, spanPeriod].map((period) => ({
    high: new ExtremeWindow(period, 1),
    low: new ExtremeWindow(period, -1),
  }));
  const pastA = new Delay(displacement);
  const pastB = new Delay(displacement);
  return {
    ...joinParts([...windows.flatMap((window) => [window.high, window.low]), pastA, pastB]),
    push({ high, low }) {
      const lines = windows.map((window) => middleOf(window.high.push(high), window.low.push(low)));
      const [conversion, base, leadingB] = lines as [number, number, number];
      const leadingA = middleOf(conversion, base);
      const spanA = pastA.push(leadingA);
      const spanB = pastB.push(leadingB);
      if (Number.isNaN(conversion)) return undefined;
      return {
        conversion,
        base: known(base),
        spanA: known(spanA),
        spanB: known(spanB),
        leadingA: known(leadingA),
        leadingB: known(leadingB),
      };
    },
  };
}

function check(options: Required<IchimokuOptions>): void {
  const { conversionPeriod, basePeriod, spanPeriod } = options;
  checkPeriod('conversionPeriod', conversionPeriod);
  checkPeriod('basePeriod', basePeriod);
  checkPeriod('spanPeriod', spanPeriod);
  checkBars('displacement', options.displacement);
  if (conversionPeriod <= basePeriod && basePeriod <= spanPeriod) return;
  throw new ScoringError(
    'bad-option',
    `periods "${conversionPeriod}, ${basePeriod}, ${spanPeriod}" fall somewhere. Pass for example 9, 26 and 52.`,
    [conversionPeriod, basePeriod, spanPeriod],
  );
}
