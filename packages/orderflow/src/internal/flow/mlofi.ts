/** Multi-level order flow imbalance, after Xu, Gould and Howison 2019 (doi 10.1142/S2382626619500114). */
import { rowCount } from '../../columns.ts';
import type { DepthColumns, NumberColumn } from '../../columns.ts';
import { createDepth } from '../../depth.ts';
import type { BookDepth } from '../../depth.ts';
import { OrderflowError } from '../../errors.ts';
import { subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import type { TickLevel } from '../../market.ts';
import { requireLevel, requireLevelCount, requireLevels } from '../shared/checks.ts';
import { createExactSums } from '../numbers/exact-sums.ts';
import { askFlow, bidFlow } from './level-flow.ts';
import { count, exact, fields, listOf, orNull, tupleOf, whole } from '../shared/shapes.ts';
import { restored } from '../shared/snapshot.ts';
import { requireBook } from '../depth/book-range.ts';

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
   * @throws {@link OrderflowError} `bad-quote` when a price is no whole number of ticks or a size no whole, unsigned
   *   number of lots; the state is as before.
   */
  push(levels: MlofiLevels | undefined): readonly ExactInt[] | undefined;
  /**
   * {@link Mlofi.push} of a buffer that `book.readDepth` filled; true when there were contributions. Allocates nothing
   * while sums stay below 2^53.
   *
   * @param into - Where the contributions of the levels go, if asked for: as doubles, so exact below 2^53.
   * @throws {@link OrderflowError} `bad-quote` as `push`.
   */
  pushDepth(depth: BookDepth, into?: Float64Array): boolean;
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

const levelRows = listOf(tupleOf(whole, count));
const shape = fields({
  last: orNull(fields({ bids: levelRows, asks: levelRows })),
  sumsLots: listOf(exact),
  events: count,
});

/**
 * The MLOFI that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or number of levels,
 *   `bad-option` as in {@link createMlofi}.
 */
export function restoreMlofi(snapshot: MlofiSnapshot, options: MlofiOptions = {}): Mlofi {
  return restored(snapshot, 'mlofi', shape, () => {
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
  });
}

/**
 * What one book after another contributes to MLOFI, by level in lots: `e = ΔW − ΔV`, with ΔW (bids) = `r` when the
 * level's price rose, `r − r′` when it stayed, `−r′` when it fell, and ΔV (asks) = `−q′`, `q − q′`, `q`. Level 0 is OFI.
 *
 * @param levels - Number of levels a side; a level that a side lacks is size 0 at a price beyond all others.
 */
export function mlofiContributions(previous: MlofiLevels, current: MlofiLevels, levels: number): readonly ExactInt[] {
  const [before, after] = [createDepth(levels), createDepth(levels)];
  for (const [book, depth] of [
    [previous, before],
    [current, after],
  ] as const) {
    depth.bidLevels = copyLevels(book.bids, depth.bidTicks, depth.bidLots);
    depth.askLevels = copyLevels(book.asks, depth.askTicks, depth.askLots);
  }
  return Array.from({ length: levels }, (_, m) =>
    subtractExact(bidFlowAt(before, after, m), askFlowAt(before, after, m)),
  );
}

/**
 * MLOFI over books as columns: what {@link Mlofi.push} gives row by row, and the interval of them all. A row without any
 * level is a time without a book.
 * @throws {@link OrderflowError} `bad-columns` when the columns differ in length or hold no whole number of rows,
 *   `bad-quote` for a level that no grid gives, `bad-option` as in {@link createMlofi}.
 */
export function mlofiOfColumns(
  columns: DepthColumns,
  options: MlofiOptions = {},
): MlofiInterval & { readonly contributions: readonly (readonly ExactInt[] | undefined)[] } {
  const { levels: width, bidTicks, bidLots, askTicks, askLots } = columns;
  const depth = createDepth(width);
  const rows = rowCount(columns) / width;
  if (!Number.isInteger(rows)) {
    throw new OrderflowError(
      'bad-columns',
      `columns hold ${bidTicks.length} entries, no multiple of ${width} levels. Pass ${width} entries a row.`,
      bidTicks.length,
    );
  }
  const mlofi = startMlofi(levelsOf(options), undefined);
  const contributions = new Array<readonly ExactInt[] | undefined>(rows);
  for (let row = 0; row < rows; row += 1) {
    depth.bidLevels = copyRow(bidTicks, bidLots, row * width, depth.bidTicks, depth.bidLots);
    depth.askLevels = copyRow(askTicks, askLots, row * width, depth.askTicks, depth.askLots);
    contributions[row] = mlofi.pushDepth(depth) ? mlofi.last() : undefined;
  }
  return { contributions, ...mlofi.flush() };
}

function copyRow(
  ticks: NumberColumn,
  lots: NumberColumn,
  from: number,
  intoTicks: Float64Array,
  intoLots: Float64Array,
): number {
  let m = 0;
  for (; m < intoTicks.length && !Number.isNaN(ticks[from + m]!); m += 1) {
    intoTicks[m] = ticks[from + m]!;
    intoLots[m] = lots[from + m]!;
  }
  return m;
}

function startMlofi(levels: number, from: MlofiSnapshot | undefined): Mlofi & { last(): readonly ExactInt[] } {
  let scratch = createDepth(levels);
  let previous = createDepth(levels);
  let current = createDepth(levels);
  let hasLast = from?.last != null;
  if (from?.last) {
    current.bidLevels = copyPairs(from.last.bids, current.bidTicks, current.bidLots);
    current.askLevels = copyPairs(from.last.asks, current.askTicks, current.askLots);
  }
  const sums = createExactSums(levels, from?.sumsLots);
  let events = from?.events ?? 0;

  /** Makes a checked copy of the book the current one; a refused book leaves the state as it was. */
  const take = (book: MlofiLevels | BookDepth): boolean => {
    const next = scratch;
    requireBook(book);
    if ('capacity' in book) copyDepth(book, next);
    else {
      next.bidLevels = copyLevels(book.bids, next.bidTicks, next.bidLots);
      next.askLevels = copyLevels(book.asks, next.askTicks, next.askLots);
    }
    if (next.bidLevels === 0 && next.askLevels === 0) {
      hasLast = false;
      return false;
    }
    scratch = previous;
    previous = current;
    current = next;
    const follows = hasLast;
    hasLast = true;
    if (!follows) return false;
    const common = Math.min(previous.bidLevels, previous.askLevels, current.bidLevels, current.askLevels);
    for (let m = 0; m < levels; m += 1) {
      // Most levels stay as they were from one update to the next.
      if (m < common && isSame(previous, current, m)) continue;
      sums.add(m, bidFlowAt(previous, current, m));
      sums.add(m, -askFlowAt(previous, current, m));
    }
    events += 1;
    return true;
  };
  /** Of the two books that the last push compared. */
  const last = (): ExactInt[] =>
    Array.from({ length: levels }, (_, m) =>
      subtractExact(bidFlowAt(previous, current, m), askFlowAt(previous, current, m)),
    );

  return {
    push(book) {
      if (book) return take(book) ? last() : undefined;
      hasLast = false;
      return undefined;
    },
    pushDepth(depth, into) {
      if (!take(depth)) return false;
      const count = into ? Math.min(into.length, levels) : 0;
      for (let m = 0; m < count; m += 1) into![m] = bidFlowAt(previous, current, m) - askFlowAt(previous, current, m);
      return true;
    },
    last,
    flush() {
      const interval = { sumsLots: sums.values(), events };
      sums.clear();
      events = 0;
      return interval;
    },
    get sums() {
      return sums.values();
    },
    get events() {
      return events;
    },
    snapshot: () => ({
      v: 1,
      kind: 'mlofi',
      last: hasLast
        ? {
            bids: pairsOf(current.bidTicks, current.bidLots, current.bidLevels),
            asks: pairsOf(current.askTicks, current.askLots, current.askLevels),
          }
        : null,
      sumsLots: sums.toJson(),
      events,
    }),
  };
}

/** True when both sides have the same level, where all have one. */
function isSame(previous: BookDepth, current: BookDepth, m: number): boolean {
  return (
    previous.bidLots[m] === current.bidLots[m] &&
    previous.askLots[m] === current.askLots[m] &&
    previous.bidTicks[m] === current.bidTicks[m] &&
    previous.askTicks[m] === current.askTicks[m]
  );
}

/** A level that a side lacks is size 0 at a price beyond all others. */
function bidFlowAt(previous: BookDepth, current: BookDepth, m: number): number {
  const had = m < previous.bidLevels;
  const has = m < current.bidLevels;
  if (had && has)
    return bidFlow(previous.bidTicks[m]!, previous.bidLots[m]!, current.bidTicks[m]!, current.bidLots[m]!);
  return has ? current.bidLots[m]! : had ? 0 - previous.bidLots[m]! : 0;
}

function askFlowAt(previous: BookDepth, current: BookDepth, m: number): number {
  const had = m < previous.askLevels;
  const has = m < current.askLevels;
  if (had && has)
    return askFlow(previous.askTicks[m]!, previous.askLots[m]!, current.askTicks[m]!, current.askLots[m]!);
  return has ? current.askLots[m]! : had ? 0 - previous.askLots[m]! : 0;
}

function levelsOf(options: MlofiOptions): number {
  const levels = options.levels ?? mlofiDefaults.levels;
  requireLevelCount('levels', levels);
  return levels;
}

/** Callers may reuse their levels and their buffer, so the last book is kept by value. */
function copyLevels(side: readonly TickLevel[], ticks: Float64Array, lots: Float64Array): number {
  const count = Math.min(side.length, ticks.length);
  for (let m = 0; m < count; m += 1) {
    const { priceTicks, sizeLots } = side[m]!;
    requireLevel(priceTicks, sizeLots);
    ticks[m] = priceTicks;
    lots[m] = sizeLots;
  }
  return count;
}

function copyDepth(from: BookDepth, into: BookDepth): void {
  into.bidLevels = copyColumns(from.bidLevels, from.bidTicks, from.bidLots, into.bidTicks, into.bidLots);
  into.askLevels = copyColumns(from.askLevels, from.askTicks, from.askLots, into.askTicks, into.askLots);
}

function copyColumns(
  levels: number,
  fromTicks: Float64Array,
  fromLots: Float64Array,
  ticks: Float64Array,
  lots: Float64Array,
): number {
  const count = Math.min(levels, ticks.length);
  requireLevels(fromTicks, fromLots, 0, count);
  for (let m = 0; m < count; m += 1) {
    ticks[m] = fromTicks[m]!;
    lots[m] = fromLots[m]!;
  }
  return count;
}

function copyPairs(pairs: readonly (readonly [number, number])[], ticks: Float64Array, lots: Float64Array): number {
  for (const [m, [priceTicks, sizeLots]] of pairs.entries()) {
    ticks[m] = priceTicks;
    lots[m] = sizeLots;
  }
  return Math.min(pairs.length, ticks.length);
}

function pairsOf(ticks: Float64Array, lots: Float64Array, count: number): [number, number][] {
  return Array.from({ length: count }, (_, m) => [ticks[m]!, lots[m]!]);
}
