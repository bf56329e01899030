/**
 * A streaming indicator: the numbers of its batch form, bit for bit, one bar at a time. A bar costs the same after ten
 * bars as after a million.
 */
export interface IndicatorStream<Input, Output> {
  /**
   * Takes the next close or bar and gives the values; `undefined` while they are not known.
   * @throws ScoringError `bad-value`; the state stays as it was.
   */
  push(input: Input): Output | undefined;
  /**
   * Puts another close or bar in the place of the last one, for a bar that is still open.
   * @throws ScoringError `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(input: Input): Output | undefined;
  /** The state as plain JSON; the `restore…` of the same indicator carries on from it. */
  snapshot(): IndicatorSnapshot;
}

/** State of a streaming indicator, version 1. Its numbers are for `restore…` alone. */
export interface IndicatorSnapshot {
  readonly v: 1;
  /** Name of the indicator, for example `atr`. */
  readonly indicator: string;
  /** All options that it was made with. */
  readonly options: Readonly<Record<string, number>>;
  /** Bars taken so far. */
  readonly count: number;
  /** What it carried before the last bar. */
  readonly state: readonly number[];
  /** The fields of the last bar, which `replaceLast` may still take back. */
  readonly last: readonly number[];
}
