/**
 * The output of a batch indicator: only what is defined. `values[0]` belongs to the input at index `from`, and there is
 * no padding before it.
 */
export interface IndicatorSeries {
  /** Index in the input of the first value; the same for inputs that are too short to have one. */
  readonly from: number;
  /** One value for each input from `from` on; empty when the input is too short. Always finite. */
  readonly values: Float64Array;
}

/**
 * The value that belongs to the input at `index`; `undefined` during the warm-up and past the end.
 *
 * @example
 * ```ts
 * valueAt({ from: 2, values: Float64Array.of(50, 60) }, 3); // => 60
 * ```
 */
export function valueAt(series: IndicatorSeries, index: number): number | undefined {
  return series.values[index - series.from];
}

/** The newest value; `undefined` when the input was too short to have one. */
export function lastValue(series: IndicatorSeries): number | undefined {
  return series.values[series.values.length - 1];
}
