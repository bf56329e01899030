/** Multi-level order flow imbalance, after Xu, Gould and Howison 2019 (doi 10.1142/S2382626619500114). */
import { OrderflowError } from '../errors.ts';
import { addExact, exactFromJson, exactToJson, subtractExact } from '../exact.ts';
import type { ExactInt, ExactIntJson } from '../exact.ts';
import type { TickLevel } from '../market.ts';
import { excerpt } from './excerpt.ts';
import { askFlow, bidFlow } from './level-flow.ts';
import { requireSnapshot } from './snapshot.ts';

/** The levels of a book on the grid, best first; what `book.top(n)` gives. */
export interface MlofiLevels {
  readonly bids: readonly TickLevel[];
  readonly asks: readonly TickLevel[];
}

/** Options of {@link createMlofi}. */
export interface MlofiOptions {
  /**
   * Number of levels a side, from the best on.
   * @defaultValue 10
   */
  readonly levels?: number;
}

/** What {@link createMlofi} uses where an option is left out. */
export const mlofiDefaults: Required<MlofiOptions> = { levels: 10 };

/** The MLOFI of one interval. */
export interface MlofiInterval {
  /** Σ of the contributions of each level, in lots; index 0 is the best level. */
  readonly sumsLots: readonly ExactInt[];
  /** Number of contributions: pairs of consecutive books. */
  readonly events: number;
}

/** A running MLOFI. Made by {@link createMlofi}. */
export interface Mlofi {
  /**
   * Takes the next book and gives the contribution of each level in lots; `undefined` for the first book.
   *
   * Push `undefined` or a book without any level while there is none (out of sync): the flow over such a time is
   * unknown, and the next book counts as a first. A side with fewer levels than asked for is read as size 0 at a price
   * beyond all others: a level that appears adds its size, one that vanishes takes its size away.
   */
  push(levels: MlofiLevels | undefined): readonly ExactInt[] | undefined;
  /** Ends the interval: gives its sums and starts the next one from zero, with the last book kept. */
  flush(): MlofiInterval;
  /** Σ of the contributions of the interval so far by level, in lots; index 0 is the best level. */
  readonly sums: readonly ExactInt[];
  /** Number of contributions of the interval so far. */
  readonly events: number;
  /** The state as plain JSON. */
  snapshot(): MlofiSnapshot;
}

/** The state of an {@link Mlofi}. Levels as `[priceTicks, sizeLots]`, best first. */
export interface MlofiSnapshot {
  readonly v: 1;
  readonly kind: 'mlofi';
  readonly last: {
    readonly bids: readonly (readonly [priceTicks: number, sizeLots: number])[];
    readonly asks: readonly (readonly [priceTicks: number, sizeLots: number])[];
  } | null;
  readonly sumsLots: readonly ExactIntJson[];
  readonly events: number;
}

/**
 * A running MLOFI that starts at zero.
 *
 * @example
 * ```ts
 * const mlofi = createMlofi({ levels: 1 });
 * const asks = [{ priceTicks: 101, sizeLots: 8 }];
 * mlofi.push({ bids: [{ priceTicks: 100, sizeLots: 10 }], asks }); // => undefined
 * mlofi.push({ bids: [{ priceTicks: 100, sizeLots: 12 }], asks }); // => [2]
 * ```
 * @throws {@link OrderflowError} `bad-option` when `levels` is not a positive integer.
 */
export function createMlofi(options: MlofiOptions = {}): Mlofi {
  return startMlofi(levelsOf(options), undefined);
}

/**
 * The MLOFI that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or number of levels,
 *   `bad-option` as in {@link createMlofi}.
 */
export function restoreMlofi(snapshot: MlofiSnapshot, options: MlofiOptions = {}): Mlofi {
  requireSnapshot(snapshot, 'mlofi');
  const levels = levelsOf(options);
  if (snapshot.sumsLots.length !== levels) {
    throw new OrderflowError(
      'bad-snapshot',
      `snapshot has ${snapshot.sumsLots.length} levels, the options say ${levels}. ` +
        `Restore with the options that the snapshot was made with.`,
      snapshot,
    );
  }
  return startMlofi(levels, snapshot);
}

/**
 * What one book after another contributes to MLOFI, by level in lots: `e = ΔW − ΔV`, with ΔW (bids) = `r` when the
 * level's price rose, `r − r′` when it stayed, `−r′` when it fell, and ΔV (asks) = `−q′`, `q − q′`, `q`. Level 0 is OFI.
 *
 * @param levels - Number of levels a side; a level that a side lacks is size 0 at a price beyond all others.
 */
export function mlofiContributions(previous: MlofiLevels, current: MlofiLevels, levels: number): readonly ExactInt[] {
  const result: ExactInt[] = [];
  for (let m = 0; m < levels; m += 1) {
    const bid = flowAt(bidFlow, previous.bids[m], current.bids[m], -Infinity);
    const ask = flowAt(askFlow, previous.asks[m], current.asks[m], Infinity);
    result.push(subtractExact(bid, ask));
  }
  return result;
}

function flowAt(
  flow: typeof bidFlow,
  previous: TickLevel | undefined,
  current: TickLevel | undefined,
  beyond: number,
): number {
  return flow(
    previous?.priceTicks ?? beyond,
    previous?.sizeLots ?? 0,
    current?.priceTicks ?? beyond,
    current?.sizeLots ?? 0,
  );
}

function startMlofi(levels: number, from: MlofiSnapshot | undefined): Mlofi {
  let last: MlofiLevels | undefined = from?.last
    ? { bids: from.last.bids.map(fromPair), asks: from.last.asks.map(fromPair) }
    : undefined;
  let sums: ExactInt[] = from ? from.sumsLots.map(exactFromJson) : new Array<ExactInt>(levels).fill(0);
  let events = from?.events ?? 0;
  return {
    push(book) {
      const previous = last;
      const known = book !== undefined && (book.bids.length > 0 || book.asks.length > 0);
      last = known ? { bids: copyOf(book.bids, levels), asks: copyOf(book.asks, levels) } : undefined;
      if (!previous || !last) return undefined;
      const contributions = mlofiContributions(previous, last, levels);
      for (let m = 0; m < levels; m += 1) sums[m] = addExact(sums[m]!, contributions[m]!);
      events += 1;
      return contributions;
    },
    flush() {
      const interval = { sumsLots: sums, events };
      sums = new Array<ExactInt>(levels).fill(0);
      events = 0;
      return interval;
    },
    get sums() {
      return [...sums];
    },
    get events() {
      return events;
    },
    snapshot: () => ({
      v: 1,
      kind: 'mlofi',
      last: last ? { bids: last.bids.map(toPair), asks: last.asks.map(toPair) } : null,
      sumsLots: sums.map(exactToJson),
      events,
    }),
  };
}

function levelsOf(options: MlofiOptions): number {
  const levels = options.levels ?? mlofiDefaults.levels;
  if (Number.isInteger(levels) && levels > 0) return levels;
  throw new OrderflowError(
    'bad-option',
    `levels ${excerpt(levels)} is not a positive whole number. Pass how many levels a side to follow, for example 5.`,
    levels,
  );
}

/** Callers may reuse their level objects, so the last book is kept by value. */
function copyOf(side: readonly TickLevel[], levels: number): TickLevel[] {
  const copy: TickLevel[] = [];
  for (let m = 0; m < Math.min(side.length, levels); m += 1) {
    const { priceTicks, sizeLots } = side[m]!;
    copy.push({ priceTicks, sizeLots });
  }
  return copy;
}

function toPair({ priceTicks, sizeLots }: TickLevel): [number, number] {
  return [priceTicks, sizeLots];
}

function fromPair([priceTicks, sizeLots]: readonly [number, number]): TickLevel {
  return { priceTicks, sizeLots };
}
