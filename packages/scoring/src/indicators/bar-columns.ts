import { ScoringError } from '../errors.ts';

/** A column of numbers: a typed array is used as it is, a plain one is copied into one. */
export type Column = readonly number[] | Float64Array;

/**
 * Bars as columns, oldest first, all of one length. An indicator asks for the columns that it reads and no others:
 * `Pick<BarColumns, 'high' | 'low'>`.
 */
export interface BarColumns {
  /** Inclusive start of each bar, epoch milliseconds UTC, not falling. */
  readonly startMs: Column;
  /** Highest price; at least the low of the same bar. */
  readonly high: Column;
  readonly low: Column;
  readonly close: Column;
  /** Traded size, in the venue's unit; 0 or more. */
  readonly volume: Column;
}

/** One bar for a stream; an indicator asks for the fields that it reads: `Pick<IndicatorBar, 'high' | 'low'>`. */
export interface IndicatorBar {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Highest price; at least the low. */
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Traded size, in the venue's unit; 0 or more. */
  readonly volume: number;
}

/** High, low and close as columns. */
export type PriceColumns = Pick<BarColumns, 'high' | 'low' | 'close'>;

/** High, low, close and volume as columns. */
export type VolumeColumns = Pick<BarColumns, 'high' | 'low' | 'close' | 'volume'>;

/** High, low and close of one bar. */
export type PriceBar = Pick<IndicatorBar, 'high' | 'low' | 'close'>;

/** High, low, close and volume of one bar. */
export type VolumeBar = Pick<IndicatorBar, 'high' | 'low' | 'close' | 'volume'>;

/**
 * Bars as the columns that batch indicators read.
 *
 * @example
 * ```ts
 * toBarColumns([{ startMs: 0, high: 3, low: 1, close: 2, volume: 5 }]).close; // => Float64Array.of(2)
 * ```
 * @throws {@link ScoringError} `bad-value` for what is no number; whether a number can be is looked at by the indicators.
 */
export function toBarColumns(bars: readonly IndicatorBar[]): { readonly [Name in keyof BarColumns]: Float64Array } {
  const column = (name: keyof BarColumns): Float64Array =>
    // A typed array takes null for 0 and "12" for 12.
    Float64Array.from(bars, (bar: IndicatorBar | null, i) => {
      const value: unknown = bar?.[name];
      if (typeof value === 'number') return value;
      const message = `${name} "${String(value)}" of bar ${i} is not a number. Leave the bar out, or mend it where it comes from.`;
      throw new ScoringError('bad-value', message, value);
    });
  return {
    startMs: column('startMs'),
    high: column('high'),
    low: column('low'),
    close: column('close'),
    volume: column('volume'),
  };
}
