import type { StrayEntry } from '../object-store.ts';

/** What lies below `raw_tns/` and is never archived or deleted by a run. */
export interface ForeignEntries {
  /** Objects under keys of no symbol and day, or of a day that is still to come. */
  readonly keys: number;
  /** Entries that are no objects: in a folder, links and names that are no keys. */
  readonly strays: number;
  /** The first ten of both, quoted, strays with what they are. */
  readonly names: readonly string[];
}

/** Counts foreign entries and remembers the first of them. */
export interface ForeignTally {
  readonly addKey: (key: string) => void;
  readonly addStray: (stray: StrayEntry) => void;
  readonly found: () => ForeignEntries;
}

/** Nothing foreign, or nobody looked. */
export const noForeign: ForeignEntries = { keys: 0, strays: 0, names: [] };

/** Most entries that are named. */
const maxNames = 10;

/** Begins to count. */
export function tallyForeign(): ForeignTally {
  let keys = 0;
  let strays = 0;
  const names: string[] = [];
  const tell = (text: string): void => {
    if (names.length < maxNames) names.push(text);
  };
  return {
    addKey(key) {
      keys += 1;
      tell(JSON.stringify(key));
    },
    addStray({ name, why }) {
      strays += 1;
      tell(`${JSON.stringify(name)} (${why})`);
    },
    found: () => ({ keys, strays, names: [...names] }),
  };
}
