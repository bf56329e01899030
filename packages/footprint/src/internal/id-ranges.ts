/** A set of integers as sorted ranges: what a venue numbers without gaps takes two numbers, however long it runs. */
export class IdRanges {
  readonly #lows: number[];
  readonly #highs: number[];
  readonly #maxRanges: number;
  /** Ids missing in gaps that were closed to keep the set small. */
  #forgotten: number;
  /** At and below this id the set no longer tells seen from missing. */
  #floor: number | undefined;

  constructor(maxRanges: number = Infinity, json: IdRangesJson = { ranges: [] }) {
    this.#maxRanges = maxRanges;
    this.#lows = json.ranges.filter((_, i) => i % 2 === 0);
    this.#highs = json.ranges.filter((_, i) => i % 2 === 1);
    this.#forgotten = json.forgotten ?? 0;
    this.#floor = json.floor;
  }

  /** The highest id, or −∞. */
  get max(): number {
    return this.#highs.length === 0 ? -Infinity : this.#highs[this.#highs.length - 1]!;
  }

  /** Number of ids between the lowest and the highest that are not in the set. */
  get missing(): number {
    let missing = this.#forgotten;
    for (let i = 1; i < this.#lows.length; i++) missing += this.#lows[i]! - this.#highs[i - 1]! - 1;
    return missing;
  }

  /** True when the id was added for certain. */
  has(id: number): boolean {
    if (this.#floor !== undefined && id <= this.#floor) return false;
    const i = this.#firstEndingAtOrAfter(id);
    return i < this.#lows.length && this.#lows[i]! <= id;
  }

  add(id: number): void {
    const last = this.#highs.length - 1;
    if (last >= 0 && id === this.#highs[last]! + 1) {
      this.#highs[last] = id;
      return;
    }
    if (last < 0 || id > this.#highs[last]!) {
      this.#lows.push(id);
      this.#highs.push(id);
    } else {
      this.#insert(id);
    }
    if (this.#lows.length > this.#maxRanges) this.#forgetLowestGap();
  }

  toJson(): IdRangesJson {
    return {
      ranges: this.#lows.flatMap((low, i) => [low, this.#highs[i]!]),
      ...(this.#forgotten > 0 ? { forgotten: this.#forgotten } : {}),
      ...(this.#floor === undefined ? {} : { floor: this.#floor }),
    };
  }

  #insert(id: number): void {
    const i = this.#firstEndingAtOrAfter(id);
    if (this.#lows[i]! <= id) return;
    const joinsNext = this.#lows[i] === id + 1;
    const joinsPrevious = i > 0 && this.#highs[i - 1] === id - 1;
    if (joinsNext && joinsPrevious) {
      this.#highs[i - 1] = this.#highs[i]!;
      this.#lows.splice(i, 1);
      this.#highs.splice(i, 1);
    } else if (joinsNext) {
      this.#lows[i] = id;
    } else if (joinsPrevious) {
      this.#highs[i - 1] = id;
    } else {
      this.#lows.splice(i, 0, id);
      this.#highs.splice(i, 0, id);
    }
  }

  #firstEndingAtOrAfter(id: number): number {
    let [from, to] = [0, this.#highs.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#highs[middle]! < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #forgetLowestGap(): void {
    this.#forgotten += this.#lows[1]! - this.#highs[0]! - 1;
    this.#lows.splice(1, 1);
    this.#highs.splice(0, 1);
    this.#floor = Math.max(this.#floor ?? -Infinity, this.#highs[0]!);
  }
}

/** Plain JSON of {@link IdRanges}. */
export interface IdRangesJson {
  /** Low, high, low, high, … ascending. */
  readonly ranges: readonly number[];
  readonly forgotten?: number;
  readonly floor?: number;
}
