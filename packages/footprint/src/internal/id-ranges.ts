import { addExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';

/** From this many ranges on, a new range in the middle would move too many others. */
const SPILL_AT = 4096;
/** Forgotten ranges at the front of the arrays, at most. */
const CUT_AT = 4096;

/** A set of integers as sorted ranges: what a venue numbers without gaps takes two numbers, however long it runs. */
export class IdRanges {
  /** The highest range, which nearly every id makes longer by one; empty while low > max. */
  #low = Infinity;
  #max = -Infinity;
  /** The ranges below it. */
  #lows: number[];
  #highs: number[];
  /** Where the ranges begin in both: what is before was forgotten, and is cut off seldom, as that moves all the rest. */
  #head = 0;
  readonly #maxRanges: number;
  readonly #spillAt: number;
  /** Single ids below the highest that would each have made a range of their own, once there are many ranges. */
  readonly #spill = new Set<number>();
  /** The lowest id, ranges and spill. */
  #min: number;
  /** Ids between the lowest and the highest that are not in the set, without the forgotten ones. */
  #inGaps: ExactInt = 0;
  /** Ids missing in gaps that were closed to keep the set small. */
  #forgotten: number;
  /** At and below this id the set no longer tells seen from missing. */
  #floor: number | undefined;

  constructor(maxRanges: number = Infinity, json: IdRangesJson = { ranges: [] }, spillAt: number = SPILL_AT) {
    this.#maxRanges = maxRanges;
    this.#spillAt = spillAt;
    this.#lows = json.ranges.filter((_, i) => i % 2 === 0);
    this.#highs = json.ranges.filter((_, i) => i % 2 === 1);
    this.#min = this.#lows[0] ?? Infinity;
    for (let i = 1; i < this.#lows.length; i++) this.#addGap(this.#highs[i - 1]!, this.#lows[i]!);
    this.#low = this.#lows.pop() ?? Infinity;
    this.#max = this.#highs.pop() ?? -Infinity;
    this.#forgotten = json.forgotten ?? 0;
    this.#floor = json.floor;
  }

  /** The highest id, or −∞. */
  get max(): number {
    return this.#max;
  }

  /** Number of ids between the lowest and the highest that are not in the set. */
  get missing(): number {
    return this.#forgotten + Number(this.#inGaps);
  }

  /** True when the id was added for certain. */
  has(id: number): boolean {
    if (this.#floor !== undefined && id <= this.#floor) return false;
    if (id >= this.#low) return id <= this.#max;
    const i = this.#firstEndingAtOrAfter(id);
    return (i < this.#lows.length && this.#lows[i]! <= id) || this.#spill.has(id);
  }

  /** What is missing between the lowest and the highest id, both ends inclusive, ascending; not what was forgotten. */
  gaps(): IdGap[] {
    const ranges = this.#toRanges();
    const gaps: IdGap[] = [];
    for (let i = 2; i < ranges.length; i += 2) gaps.push({ from: ranges[i - 1]! + 1, to: ranges[i]! - 1 });
    return gaps;
  }

  add(id: number): void {
    if (id === this.#max + 1) this.#max = id;
    else if (id > this.#max) this.#begin(id);
    else if (id < this.#low) this.#insert(id);
  }

  /** Adds all from one id to another, both above the highest. */
  addRun(from: number, to: number): void {
    this.add(from);
    this.#max = to;
  }

  toJson(): IdRangesJson {
    return {
      ranges: this.#toRanges(),
      ...(this.#forgotten > 0 ? { forgotten: this.#forgotten } : {}),
      ...(this.#floor === undefined ? {} : { floor: this.#floor }),
    };
  }

  /** Begins a new highest range. */
  #begin(id: number): void {
    if (this.#max === -Infinity) {
      this.#min = id;
    } else {
      this.#addGap(this.#max, id);
      this.#lows.push(this.#low);
      this.#highs.push(this.#max);
    }
    this.#low = this.#max = id;
    this.#forgetTooMany();
  }

  /** Puts an id among the lower ranges. */
  #insert(id: number): void {
    const i = this.#firstEndingAtOrAfter(id);
    if (this.#lowOf(i) <= id || this.#spill.has(id)) return;
    if (id < this.#min) {
      this.#addGap(id, this.#min);
      this.#min = id;
    } else {
      this.#inGaps = subtractExact(this.#inGaps, 1);
    }
    const joinsNext = this.#lowOf(i) === id + 1;
    const joinsPrevious = i > this.#head && this.#highs[i - 1] === id - 1;
    const many = this.#lows.length + 1 >= this.#spillAt && this.#maxRanges === Infinity;
    if (joinsNext && joinsPrevious && !many) {
      this.#setLow(i, this.#lows[i - 1]!);
      this.#lows.splice(i - 1, 1);
      this.#highs.splice(i - 1, 1);
    } else if (joinsNext) {
      this.#setLow(i, id);
    } else if (joinsPrevious) {
      this.#highs[i - 1] = id;
    } else if (many) {
      this.#spill.add(id);
    } else {
      this.#lows.splice(i, 0, id);
      this.#highs.splice(i, 0, id);
      this.#forgetTooMany();
    }
  }

  /** The low end of a range; the one after the lower ranges is the highest. */
  #lowOf(i: number): number {
    return i < this.#lows.length ? this.#lows[i]! : this.#low;
  }

  #setLow(i: number, low: number): void {
    if (i < this.#lows.length) this.#lows[i] = low;
    else this.#low = low;
  }

  /** Low, high, … ascending, with neighbours joined that were kept apart while there were many. */
  #toRanges(): number[] {
    const singles = Float64Array.from(this.#spill).sort();
    const ranges: number[] = [];
    const put = (low: number, high: number): void => {
      if (ranges.length > 0 && ranges[ranges.length - 1] === low - 1) ranges[ranges.length - 1] = high;
      else ranges.push(low, high);
    };
    let next = 0;
    for (let i = this.#head; i < this.#lows.length; i++) {
      const low = this.#lows[i]!;
      for (; next < singles.length && singles[next]! < low; next++) put(singles[next]!, singles[next]!);
      put(low, this.#highs[i]!);
    }
    for (; next < singles.length; next++) put(singles[next]!, singles[next]!);
    if (this.#max !== -Infinity) put(this.#low, this.#max);
    return ranges;
  }

  #addGap(below: number, above: number): void {
    this.#inGaps = addExact(this.#inGaps, subtractExact(subtractExact(above, below), 1));
  }

  #firstEndingAtOrAfter(id: number): number {
    let [from, to] = [this.#head, this.#highs.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#highs[middle]! < id) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  /** Forgets the lowest gap, when there is one range too many. */
  #forgetTooMany(): void {
    if (this.#lows.length - this.#head < this.#maxRanges) return;
    const [first, second] = [this.#head, this.#head + 1];
    const gap = subtractExact(subtractExact(this.#lowOf(second), this.#highs[first]!), 1);
    this.#forgotten += Number(gap);
    this.#inGaps = subtractExact(this.#inGaps, gap);
    this.#setLow(second, this.#lows[first]!);
    this.#head = second;
    this.#floor = Math.max(this.#floor ?? -Infinity, second < this.#highs.length ? this.#highs[second]! : this.#max);
    if (this.#head < CUT_AT) return;
    this.#lows = this.#lows.slice(this.#head);
    this.#highs = this.#highs.slice(this.#head);
    this.#head = 0;
  }
}

/** Ids that did not come, both ends inclusive. */
export interface IdGap {
  readonly from: number;
  readonly to: number;
}

/** Plain JSON of {@link IdRanges}. */
export interface IdRangesJson {
  /** Low, high, low, high, … ascending. */
  readonly ranges: readonly number[];
  readonly forgotten?: number;
  readonly floor?: number;
}
