/**
 * Order flow imbalance (OFI) at the best quote, after Cont, Kukanov and Stoikov 2014 (doi 10.1093/jjfinec/nbt003): how
 * much the resting demand grew over the resting supply between two quotes, in lots.
 */
import { addExact, exactFromJson, exactToJson, subtractExact } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { TickQuote } from './market.ts';
import { askFlow, bidFlow } from './internal/level-flow.ts';
import { requireSnapshot } from './internal/snapshot.ts';

export { createMlofi, mlofiContributions, mlofiDefaults, restoreMlofi } from './internal/mlofi.ts';
export type { Mlofi, MlofiInterval, MlofiLevels, MlofiOptions, MlofiSnapshot } from './internal/mlofi.ts';

/** The OFI of one interval. */
export interface OfiInterval {
  /** Σ of the contributions, in lots. */
  readonly sumLots: ExactInt;
  /** Number of contributions: pairs of consecutive quotes. */
  readonly events: number;
}

/** A running OFI. Made by {@link createOfi}. */
export interface Ofi {
  /**
   * Takes the next quote and gives its contribution in lots; `undefined` for the first quote.
   *
   * Push `undefined` while there is no two-sided quote (a side is empty, the book is out of sync): the flow over such
   * a time is unknown, and the next quote counts as a first. Crossed and locked quotes contribute like any other, since
   * each side is compared with its own past only.
   */
  push(quote: TickQuote | undefined): ExactInt | undefined;
  /** Ends the interval: gives its sum and starts the next one from zero, with the last quote kept. */
  flush(): OfiInterval;
  /** Σ of the contributions of the interval so far, in lots. */
  readonly sum: ExactInt;
  /** Number of contributions of the interval so far. */
  readonly events: number;
  /** The state as plain JSON. */
  snapshot(): OfiSnapshot;
}

/** The state of an {@link Ofi}. */
export interface OfiSnapshot {
  readonly v: 1;
  readonly kind: 'ofi';
  readonly last: TickQuote | null;
  readonly sumLots: ExactIntJson;
  readonly events: number;
}

/**
 * A running OFI that starts at zero.
 *
 * @example
 * ```ts
 * const ofi = createOfi();
 * ofi.push({ bidTicks: 100, bidLots: 1000, askTicks: 101, askLots: 1000 }); // => undefined
 * ofi.push({ bidTicks: 100, bidLots: 1200, askTicks: 101, askLots: 1000 }); // => 200
 * ofi.push({ bidTicks: 100, bidLots: 1200, askTicks: 101, askLots: 700 }); // => 300
 * ofi.sum; // => 500
 * ```
 */
export function createOfi(): Ofi {
  return startOfi(undefined);
}

/**
 * The OFI that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version.
 */
export function restoreOfi(snapshot: OfiSnapshot): Ofi {
  requireSnapshot(snapshot, 'ofi');
  return startOfi(snapshot);
}

/**
 * What one quote after another contributes to OFI, in lots:
 * `1{Pb ≥ Pb′}·Qb − 1{Pb ≤ Pb′}·Qb′ − 1{Pa ≤ Pa′}·Qa + 1{Pa ≥ Pa′}·Qa′`.
 *
 * @example
 * ```ts
 * const before = { bidTicks: 100, bidLots: 1000, askTicks: 101, askLots: 1000 };
 * ofiContribution(before, { bidTicks: 101, bidLots: 1500, askTicks: 102, askLots: 800 }); // => 2500
 * ```
 */
export function ofiContribution(previous: TickQuote, current: TickQuote): ExactInt {
  return subtractExact(
    bidFlow(previous.bidTicks, previous.bidLots, current.bidTicks, current.bidLots),
    askFlow(previous.askTicks, previous.askLots, current.askTicks, current.askLots),
  );
}

function startOfi(from: OfiSnapshot | undefined): Ofi {
  let last = from?.last ? copyOf(from.last) : undefined;
  let sum = exactFromJson(from?.sumLots ?? 0);
  let events = from?.events ?? 0;
  return {
    push(quote) {
      const previous = last;
      last = quote && copyOf(quote);
      if (!previous || !last) return undefined;
      const contribution = ofiContribution(previous, last);
      sum = addExact(sum, contribution);
      events += 1;
      return contribution;
    },
    flush() {
      const interval = { sumLots: sum, events };
      sum = events = 0;
      return interval;
    },
    get sum() {
      return sum;
    },
    get events() {
      return events;
    },
    snapshot: () => ({ v: 1, kind: 'ofi', last: last ? copyOf(last) : null, sumLots: exactToJson(sum), events }),
  };
}

/** Callers may reuse their quote object, so the last one is kept by value. */
function copyOf({ bidTicks, bidLots, askTicks, askLots }: TickQuote): TickQuote {
  return { bidTicks, bidLots, askTicks, askLots };
}
