/**
 * The output of a batch indicator: only what is defined. `values[0]` belongs to the input at index `from`, and there is
 * no padding before it.
 */
export interface IndicatorSeries {
  /** Index in the input of the first value; the same for inputs that are too short to have one. */
  readonly from: number;
  /**
   * One value for each input from `from` on; empty when the input is too short. Finite; NaN only where the indicator
   * says that there is none, for example a volume-weighted mean over bars that traded nothing.
   */
  readonly values: Float64Array;
}

/**
 * The value that belongs to the input at `index`; `undefined` during the warm-up, past the end and where there is none.
 *
 * @example
 * ```ts
 * valueAt({ from: 2, values: Float64Array.of(50, 60) }, 3); // => 60
 * ```
 */
export function valueAt(series: IndicatorSeries, index: number): number | undefined {
  const value = series.values[index - series.from];
  return Number.isNaN(value) ? undefined : value;
}

/** The newest value; `undefined` when the input was too short to have one, or where there is none. */
export function lastValue(series: IndicatorSeries): number | undefined {
  const value = series.values[series.values.length - 1];
  return Number.isNaN(value) ? undefined : value;
}
