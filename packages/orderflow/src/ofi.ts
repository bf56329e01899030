/**
 * Order flow imbalance (OFI) at the best quote, after Cont, Kukanov and Stoikov 2014 (doi 10.1093/jjfinec/nbt003): how
 * much the resting demand grew over the resting supply between two quotes, in lots.
 */
import { rowCount } from './columns.ts';
import type { QuoteColumns } from './columns.ts';
import { subtractExact } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { TickQuote } from './market.ts';
import { requireQuoteTicks } from './internal/shared/checks.ts';
import { createExactSums } from './internal/numbers/exact-sums.ts';
import { askFlow, bidFlow } from './internal/flow/level-flow.ts';
import { count, exact, fields, orNull, quoteShape } from './internal/shared/shapes.ts';
import { restored } from './internal/shared/snapshot.ts';

export { createMlofi, mlofiContributions, mlofiDefaults, mlofiOfColumns, restoreMlofi } from './internal/flow/mlofi.ts';
export type { Mlofi, MlofiInterval, MlofiLevels, MlofiOptions, MlofiSnapshot } from './internal/flow/mlofi.ts';

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
   * @throws {@link OrderflowError} `bad-quote` when a price is no whole number of ticks or a size no whole, unsigned
   *   number of lots; the state is as before.
   */
  push(quote: TickQuote | undefined): ExactInt | undefined;
  /**
   * {@link Ofi.push} of a two-sided quote without an object: allocates nothing below 2^53.
   * @throws {@link OrderflowError} `bad-quote` as `push`.
   */
  pushTicks(bidTicks: number, bidLots: number, askTicks: number, askLots: number): ExactInt | undefined;
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

const shape = fields({ last: orNull(quoteShape), sumLots: exact, events: count });

/**
 * The OFI that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version.
 */
export function restoreOfi(snapshot: OfiSnapshot): Ofi {
  return restored(snapshot, 'ofi', shape, () => startOfi(snapshot));
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

/**
 * OFI over a column of quotes: what {@link Ofi.push} gives row by row, and the interval of them all. A row with a `NaN`
 * is a time without a two-sided quote.
 * @throws {@link OrderflowError} `bad-columns`, or `bad-quote` for a row that no grid gives.
 */
export function ofiOfColumns(
  quotes: Omit<QuoteColumns, 'timeMs'>,
): OfiInterval & { readonly contributions: readonly (ExactInt | undefined)[] } {
  const { bidTicks, bidLots, askTicks, askLots } = quotes;
  const rows = rowCount({ timeMs: bidTicks, bidTicks, bidLots, askTicks, askLots });
  const contributions = new Array<ExactInt | undefined>(rows);
  let [lastBidTicks, lastBidLots, lastAskTicks, lastAskLots] = [NaN, NaN, NaN, NaN];
  let [sum, events] = [0, 0];
  // What no grid gives is looked for on the way and judged at the end: then all is done again, with care.
  let [fractions, least, most, farthest] = [0, 0, 0, 0];
  /** How far from 0 the sum has been. */
  let reach = 0;
  for (let i = 0; i < rows; i += 1) {
    const bid = bidTicks[i]!;
    const bidSize = bidLots[i]!;
    const ask = askTicks[i]!;
    const askSize = askLots[i]!;
    const fraction = fractionsOf(bid, bidSize, ask, askSize);
    if (Number.isNaN(fraction)) {
      // Unknown, or infinite: the latter is refused below.
      if (!Number.isNaN(bid + bidSize + ask + askSize)) fractions = NaN;
      lastBidTicks = NaN;
      contributions[i] = undefined;
      continue;
    }
    fractions += fraction;
    least = Math.min(least, bidSize, askSize);
    most = Math.max(most, bidSize, askSize);
    farthest = Math.max(farthest, Math.abs(bid), Math.abs(ask));
    if (Number.isNaN(lastBidTicks)) contributions[i] = undefined;
    else {
      const contribution =
        bidFlow(lastBidTicks, lastBidLots, bid, bidSize) - askFlow(lastAskTicks, lastAskLots, ask, askSize);
      contributions[i] = contribution + 0;
      sum += contribution;
      reach = Math.max(reach, Math.abs(sum));
      events += 1;
    }
    lastBidTicks = bid;
    lastBidLots = bidSize;
    lastAskTicks = ask;
    lastAskLots = askSize;
  }
  const isExact = fractions === 0 && least >= 0 && Math.max(most * 2, reach, farthest) <= Number.MAX_SAFE_INTEGER;
  return isExact ? { contributions, sumLots: sum + 0, events } : carefully(quotes);
}

/** {@link ofiOfColumns} row by row: for sums beyond 2^53, and to say what is wrong where something is. */
function carefully({
  bidTicks,
  bidLots,
  askTicks,
  askLots,
}: Omit<QuoteColumns, 'timeMs'>): ReturnType<typeof ofiOfColumns> {
  const ofi = createOfi();
  const contributions = Array.from({ length: bidTicks.length }, (_, i) => {
    const known = !Number.isNaN(bidTicks[i]! + bidLots[i]! + askTicks[i]! + askLots[i]!);
    return known ? ofi.pushTicks(bidTicks[i]!, bidLots[i]!, askTicks[i]!, askLots[i]!) : ofi.push(undefined);
  });
  return { contributions, ...ofi.flush() };
}

/**
 * {@link ofiOfColumns} without the contributions: the sum over a column of quotes, in one pass.
 *
 * @example
 * ```ts
 * const quotes = { bidTicks: [100, 100], bidLots: [1000, 1200], askTicks: [101, 101], askLots: [1000, 700] };
 * ofiTotalOfColumns(quotes); // => { sumLots: 500, events: 1 }
 * ```
 * @throws {@link OrderflowError} `bad-columns`, or `bad-quote` for a row that no grid gives.
 */
export function ofiTotalOfColumns(quotes: Omit<QuoteColumns, 'timeMs'>): OfiInterval {
  const { bidTicks, bidLots, askTicks, askLots } = quotes;
  const rows = rowCount({ timeMs: bidTicks, bidTicks, bidLots, askTicks, askLots });
  if (rows === 0) return { sumLots: 0, events: 0 };
  let [lastBidTicks, lastBidLots, lastAskTicks, lastAskLots] = [bidTicks[0]!, bidLots[0]!, askTicks[0]!, askLots[0]!];
  let sum = 0;
  // What no grid gives is looked for on the way, without a branch a row: fractions and NaN end up in here.
  let fractions = fractionsOf(lastBidTicks, lastBidLots, lastAskTicks, lastAskLots);
  let [least, most] = [Math.min(lastBidLots, lastAskLots), Math.max(lastBidLots, lastAskLots)];
  let farthest = Math.max(Math.abs(lastBidTicks), Math.abs(lastAskTicks));
  for (let i = 1; i < rows; i += 1) {
    const bid = bidTicks[i]!;
    const bidSize = bidLots[i]!;
    const ask = askTicks[i]!;
    const askSize = askLots[i]!;
    fractions += fractionsOf(bid, bidSize, ask, askSize);
    least = Math.min(least, bidSize, askSize);
    most = Math.max(most, bidSize, askSize);
    farthest = Math.max(farthest, Math.abs(bid), Math.abs(ask));
    sum += bidFlow(lastBidTicks, lastBidLots, bid, bidSize) - askFlow(lastAskTicks, lastAskLots, ask, askSize);
    lastBidTicks = bid;
    lastBidLots = bidSize;
    lastAskTicks = ask;
    lastAskLots = askSize;
  }
  // No partial sum can have left the safe integers.
  const isExact = fractions === 0 && least >= 0 && Math.max(most * 2 * rows, farthest) <= Number.MAX_SAFE_INTEGER;
  return isExact ? { sumLots: sum + 0, events: rows - 1 } : slowTotal(quotes);
}

/** Rows that are unknown, refused or huge. */
function slowTotal(quotes: Omit<QuoteColumns, 'timeMs'>): OfiInterval {
  const { sumLots, events } = ofiOfColumns(quotes);
  return { sumLots, events };
}

/** 0 for four whole numbers. */
function fractionsOf(a: number, b: number, c: number, d: number): number {
  return a - Math.floor(a) + (b - Math.floor(b)) + (c - Math.floor(c)) + (d - Math.floor(d));
}

function startOfi(from: OfiSnapshot | undefined): Ofi {
  // A typed array, not four variables: a variable that holds a double beyond 2^31 is a new object at each change.
  const last = new Float64Array(4);
  let hasLast = from?.last != null;
  if (from?.last) last.set([from.last.bidTicks, from.last.bidLots, from.last.askTicks, from.last.askLots]);
  const sums = createExactSums(1, from && [from.sumLots]);
  let events = from?.events ?? 0;

  const pushTicks: Ofi['pushTicks'] = (bidTicks, bidLots, askTicks, askLots) => {
    requireQuoteTicks(bidTicks, bidLots, askTicks, askLots);
    let contribution: ExactInt | undefined;
    if (hasLast) {
      const bid = bidFlow(last[0]!, last[1]!, bidTicks, bidLots);
      const ask = askFlow(last[2]!, last[3]!, askTicks, askLots);
      contribution = bid - ask;
      if (Number.isSafeInteger(contribution)) sums.add(0, contribution);
      else {
        sums.add(0, bid);
        sums.add(0, -ask);
        contribution = subtractExact(bid, ask);
      }
      events += 1;
    }
    hasLast = true;
    // + 0: a price of −0 would not survive JSON.
    last[0] = bidTicks + 0;
    last[1] = bidLots;
    last[2] = askTicks + 0;
    last[3] = askLots;
    return contribution;
  };

  return {
    push(quote) {
      if (quote) return pushTicks(quote.bidTicks, quote.bidLots, quote.askTicks, quote.askLots);
      hasLast = false;
      return undefined;
    },
    pushTicks,
    flush() {
      const interval = { sumLots: sums.at(0), events };
      sums.clear();
      events = 0;
      return interval;
    },
    get sum() {
      return sums.at(0);
    },
    get events() {
      return events;
    },
    snapshot: () => ({
      v: 1,
      kind: 'ofi',
      last: hasLast ? { bidTicks: last[0]!, bidLots: last[1]!, askTicks: last[2]!, askLots: last[3]! } : null,
      sumLots: sums.toJson()[0]!,
      events,
    }),
  };
}
