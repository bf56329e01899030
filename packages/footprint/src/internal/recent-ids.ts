/** The ids of a tape in bounded memory. */
import { IdRanges, type IdRangesJson } from './id-ranges.ts';

/** Numeric ids are kept as at most so many ranges; below a gap that was forgotten, ids count as new. */
const MAX_RANGES = 4096;
/** Latest ids that are text. */
const MAX_NAMES = 8192;

export class RecentIds {
  readonly #ranges: IdRanges;
  readonly #names: Set<string>;

  constructor(json?: RecentIdsJson) {
    this.#ranges = new IdRanges(MAX_RANGES, json?.numbers);
    this.#names = new Set(json?.names);
  }

  has(id: number | string): boolean {
    return typeof id === 'number' ? this.#ranges.has(id) : this.#names.has(id);
  }

  add(id: number | string): void {
    if (typeof id === 'number') {
      this.#ranges.add(id);
      return;
    }
    this.#names.add(id);
    if (this.#names.size <= MAX_NAMES) return;
    for (const oldest of this.#names) {
      this.#names.delete(oldest);
      break;
    }
  }

  toJson(): RecentIdsJson {
    return { numbers: this.#ranges.toJson(), names: [...this.#names] };
  }
}

/** Plain JSON of {@link RecentIds}. */
export interface RecentIdsJson {
  readonly numbers: IdRangesJson;
  /** Oldest first. */
  readonly names: readonly string[];
}
