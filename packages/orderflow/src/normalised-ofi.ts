/**
 * Multi-level OFI in units of the depth that it meets, after Cont, Cucuringu and Zhang 2023
 * (doi 10.1080/14697688.2023.2236159): `of_m = OFI_m ÷ Q̄`, where Q̄ is the average of `(Qb + Qa) ÷ 2` over the
 * contributing books of the window and the M levels. A flow of 1 is as large as an average level; instruments and hours
 * become comparable.
 */
import type { DepthColumns } from './columns.ts';
import type { BookDepth } from './depth.ts';
import { OrderflowError } from './errors.ts';
import { divideExact, multiplyExact } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import { createMlofi, mlofiDefaults, restoreMlofi } from './ofi.ts';
import type { MlofiInterval, MlofiLevels, MlofiOptions, MlofiSnapshot } from './ofi.ts';
import { columnsOf, mapBooks } from './internal/depth/book-range.ts';
import { createExactSums } from './internal/numbers/exact-sums.ts';
import { ratioOf } from './internal/numbers/ratio.ts';
import { exactCount, fields } from './internal/shared/shapes.ts';
import { restored } from './internal/shared/snapshot.ts';

/** What normalised OFI is made of: the sums of one window. */
export interface OfiDepthSums extends MlofiInterval {
  /** Σ of (bid size + ask size) over the M levels of the contributing books, in lots; a missing level counts as 0. */
  readonly depthSumLots: ExactInt;
}

/** The normalised OFI of one interval. */
export interface NormalisedOfiInterval extends OfiDepthSums {
  /** Q̄, the average size of a level: `depthSumLots ÷ (2 · M · events)`, in lots; `undefined` without a contribution. */
  readonly averageDepthLots: number | undefined;
  /** `OFI_m ÷ Q̄` by level, best first; `undefined` without a contribution or without any depth. */
  readonly values: readonly number[] | undefined;
}

/** A running normalised OFI. Made by {@link createNormalisedOfi}. */
export interface NormalisedOfi {
  /**
   * Takes the next book and gives the normalised OFI of the window with it; `undefined` before the first contribution and
   * while all contributing books were without size. Books are read as `createMlofi` reads them: `undefined` or a book
   * without any level is a break.
   * @throws {@link OrderflowError} `bad-quote` for a level that no grid gives; the state is as before.
   */
  push(book: MlofiLevels | undefined): readonly number[] | undefined;
  /**
   * Takes a buffer that `book.readDepth` filled; true when it contributed. Allocates nothing while sums stay below 2^53.
   * @throws {@link OrderflowError} `bad-quote` as `push`.
   */
  pushDepth(depth: BookDepth): boolean;
  /** Ends the window: gives it and starts the next one from zero, with the last book kept. */
  flush(): NormalisedOfiInterval;
  /** The normalised OFI of the window so far, by level. */
  readonly values: readonly number[] | undefined;
  /** Number of contributions of the window so far. */
  readonly events: number;
  /** The state as plain JSON. */
  snapshot(): NormalisedOfiSnapshot;
}

/** The state of a {@link NormalisedOfi}. */
export interface NormalisedOfiSnapshot {
  readonly v: 1;
  readonly kind: 'normalised-ofi';
  readonly mlofi: MlofiSnapshot;
  readonly depthSumLots: ExactIntJson;
}

/**
 * The normalised OFI of a window: `OFI_m · 2 · M · events ÷ depthSumLots` by level, from exact sums in one division.
 * `undefined` without a contribution or without any depth.
 *
 * @example
 * ```ts
 * // Two books with 2 levels; (Qb + Qa) sums to 32 over both: Q̄ = 32 ÷ (2 · 2 · 2) = 4.
 * normalisedOfi({ sumsLots: [6, -2], events: 2, depthSumLots: 32 }); // => [1.5, -0.5]
 * ```
 */
export function normalisedOfi(window: OfiDepthSums): readonly number[] | undefined {
  const { sumsLots, depthSumLots } = window;
  const scale = scaleOf(window);
  return scale === undefined ? undefined : sumsLots.map((lots) => ratioOf(multiplyExact(lots, scale), depthSumLots)!);
}

/**
 * {@link normalisedOfi} as decimal strings of 16 significant digits, rounded half to even.
 *
 * @example
 * ```ts
 * normalisedOfiExact({ sumsLots: [1, -2], events: 1, depthSumLots: 12 }); // => ['0.3333333333333333', '-0.6666666666666667']
 * ```
 */
export function normalisedOfiExact(window: OfiDepthSums): readonly string[] | undefined {
  const scale = scaleOf(window);
  return scale === undefined
    ? undefined
    : window.sumsLots.map((lots) => divideExact(multiplyExact(lots, scale), window.depthSumLots));
}

/**
 * A normalised OFI over the books between two calls of `flush`. For windows of time, see `createMlofiBuckets`. State:
 * two books and one sum a level.
 *
 * @example
 * ```ts
 * const flow = createNormalisedOfi({ levels: 1 });
 * const asks = [{ priceTicks: 101, sizeLots: 8 }];
 * flow.push({ bids: [{ priceTicks: 100, sizeLots: 10 }], asks }); // => undefined
 * flow.push({ bids: [{ priceTicks: 100, sizeLots: 12 }], asks }); // => [0.2]
 * flow.flush().averageDepthLots; // => 10
 * ```
 * @throws {@link OrderflowError} `bad-option` when `levels` is not a positive integer.
 */
export function createNormalisedOfi(options: MlofiOptions = {}): NormalisedOfi {
  return startNormalisedOfi(options, undefined);
}

const shape = fields({ depthSumLots: exactCount });

/**
 * The normalised OFI that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or number of levels.
 */
export function restoreNormalisedOfi(snapshot: NormalisedOfiSnapshot, options: MlofiOptions = {}): NormalisedOfi {
  return restored(snapshot, 'normalised-ofi', shape, () => startNormalisedOfi(options, snapshot));
}

/**
 * Normalised OFI over books as columns: what {@link NormalisedOfi.push} gives row by row, and the interval of them all.
 * @throws {@link OrderflowError} `bad-columns`, or as `push` does.
 */
export function normalisedOfiOfColumns(
  columns: DepthColumns,
  options: MlofiOptions = {},
): { readonly values: readonly (readonly number[] | undefined)[]; readonly interval: NormalisedOfiInterval } {
  const flow = createNormalisedOfi(options);
  const values = mapBooks(columns, (depth) => (flow.pushDepth(depth) ? flow.values : undefined));
  return { values, interval: flow.flush() };
}

/** `2 · M · events`; `undefined` where there is no Q̄ to divide by. */
function scaleOf({ sumsLots, events, depthSumLots }: OfiDepthSums): ExactInt | undefined {
  if (!Number.isSafeInteger(events) || events < 0) {
    throw new OrderflowError('bad-value', `events ${events} is not a whole number. Pass an interval as flush gave it.`);
  }
  // Sizes are unsigned, so depths that sum to 0 are all 0.
  return events > 0 && depthSumLots > 0 ? multiplyExact(2 * sumsLots.length, events) : undefined;
}

function startNormalisedOfi(options: MlofiOptions, from: NormalisedOfiSnapshot | undefined): NormalisedOfi {
  const levels = options.levels ?? mlofiDefaults.levels;
  const mlofi = from ? restoreMlofi(from.mlofi, options) : createMlofi(options);
  const depthSum = createExactSums(1, from && [from.depthSumLots]);

  const sums = (): OfiDepthSums => ({ sumsLots: mlofi.sums, events: mlofi.events, depthSumLots: depthSum.at(0) });
  const pushDepth: NormalisedOfi['pushDepth'] = (depth) => {
    if (!mlofi.pushDepth(depth)) return false;
    for (let m = 0; m < Math.min(levels, depth.bidLevels); m += 1) depthSum.add(0, depth.bidLots[m]!);
    for (let m = 0; m < Math.min(levels, depth.askLevels); m += 1) depthSum.add(0, depth.askLots[m]!);
    return true;
  };

  return {
    push: (book) => (pushDepth(columnsOf(book ?? noBook)) ? normalisedOfi(sums()) : undefined),
    pushDepth,
    flush() {
      const window = sums();
      mlofi.flush();
      depthSum.clear();
      const { events, depthSumLots } = window;
      return {
        ...window,
        averageDepthLots: ratioOf(depthSumLots, multiplyExact(2 * levels, events)),
        values: normalisedOfi(window),
      };
    },
    get values() {
      return normalisedOfi(sums());
    },
    get events() {
      return mlofi.events;
    },
    snapshot: () => ({
      v: 1,
      kind: 'normalised-ofi',
      mlofi: mlofi.snapshot(),
      depthSumLots: depthSum.toJson()[0]!,
    }),
  };
}

const noBook: MlofiLevels = { bids: [], asks: [] };
