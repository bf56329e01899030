/** Which rows were touched in which periods, with what a session's outline needs. */

/** Plain JSON of {@link Touches}. */
export interface TouchesJson {
  /** `[row, period, …]`, rows and periods ascending. */
  readonly rows: readonly (readonly number[])[];
  /** `[period, highTicks, lowTicks]`, ascending. */
  readonly periods: readonly (readonly [period: number, highTicks: number, lowTicks: number])[];
  /** Time and price of the first and the last trade; absent before the first. */
  readonly first?: readonly [timeMs: number, priceTicks: number];
  readonly last?: readonly [timeMs: number, priceTicks: number];
}

export class Touches {
  /** Periods of each row, ascending. */
  readonly #rows = new Map<number, number[]>();
  readonly #periods = new Map<number, { high: number; low: number }>();
  #first: readonly [number, number] | undefined;
  #last: readonly [number, number] | undefined;

  constructor(json?: TouchesJson) {
    if (!json) return;
    for (const [row, ...periods] of json.rows) this.#rows.set(row!, periods);
    for (const [period, high, low] of json.periods) this.#periods.set(period, { high, low });
    [this.#first, this.#last] = [json.first, json.last];
  }

  /** Touches the rows from `lowRow` to `highRow` in a period. */
  add(period: number, lowRow: number, highRow: number, lowTicks: number, highTicks: number): void {
    const range = this.#periods.get(period);
    if (!range) this.#periods.set(period, { high: highTicks + 0, low: lowTicks + 0 });
    else {
      if (highTicks > range.high) range.high = highTicks;
      if (lowTicks < range.low) range.low = lowTicks;
    }
    for (let row = lowRow; row <= highRow; row++) this.#touch(row, period);
  }

  /** Opens and closes the session by time, then by arrival. */
  trade(openMs: number, openTicks: number, closeMs: number, closeTicks: number): void {
    if (!this.#first || openMs < this.#first[0]) this.#first = [openMs, openTicks];
    if (!this.#last || closeMs >= this.#last[0]) this.#last = [closeMs, closeTicks];
  }

  get openTicks(): number | undefined {
    return this.#first?.[1];
  }

  get closeTicks(): number | undefined {
    return this.#last?.[1];
  }

  /** Rows with their periods, both ascending. */
  rows(): readonly (readonly [row: number, periods: readonly number[]])[] {
    return [...this.#rows].sort(([a], [b]) => a - b);
  }

  /** Ascending. */
  periods(): readonly (readonly [period: number, highTicks: number, lowTicks: number])[] {
    return [...this.#periods].sort(([a], [b]) => a - b).map(([period, { high, low }]) => [period, high, low]);
  }

  toJson(): TouchesJson {
    return {
      rows: this.rows().map(([row, periods]) => [row, ...periods]),
      periods: this.periods(),
      ...(this.#first ? { first: this.#first } : {}),
      ...(this.#last ? { last: this.#last } : {}),
    };
  }

  #touch(row: number, period: number): void {
    const periods = this.#rows.get(row);
    if (!periods) {
      this.#rows.set(row, [period]);
      return;
    }
    // In order of time the period is the last one, or a new one after it.
    let i = periods.length;
    while (i > 0 && periods[i - 1]! > period) i--;
    if (i > 0 && periods[i - 1] === period) return;
    periods.splice(i, 0, period);
  }
}
