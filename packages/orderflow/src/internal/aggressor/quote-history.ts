/** The best quotes of a short while, to look up the one that stood at a time in the past. */
import type { TickQuote } from '../../market.ts';
import { requireQuote } from '../shared/checks.ts';
import {
  anything,
  counts,
  fields,
  finite,
  isAscending,
  listOf,
  orNull,
  tupleOf,
  where,
  whole,
} from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** A best bid and offer with a spread: 0 < size on both sides and bid < ask. */
export interface Spread {
  readonly bidTicks: number;
  readonly askTicks: number;
}

/** From `timeMs` on these prices stood; `null` says that there was no usable quote. */
export type QuoteEntry =
  readonly [timeMs: number, bidTicks: number, askTicks: number] | readonly [timeMs: number, null];

/** Counts of a history, since its start. */
export interface QuoteHistoryCounts {
  /** Quotes pushed, also those that follow. */
  readonly quotes: number;
  /** Quotes with a time before the one pushed last; they are left out. */
  readonly lateQuotes: number;
  /** Quotes without a side, with an empty one, locked or crossed: while one stands, there is no quote. */
  readonly unusableQuotes: number;
  /** Changes of price that the bound pushed out while a lookup could still have asked for them. */
  readonly droppedQuotes: number;
}

/** The state of a {@link QuoteHistory}. */
export interface QuoteHistoryState {
  readonly entries: readonly QuoteEntry[];
  readonly latestMs: number | null;
  readonly counts: QuoteHistoryCounts;
}

/** Quotes over time. Made by {@link createQuoteHistory}. */
export interface QuoteHistory {
  push(timeMs: number, quote: TickQuote | undefined): void;
  /** The last quote with a time of at most `timeMs`; `undefined` where there was none, or none that is usable. */
  at(timeMs: number): Spread | undefined;
  /** Forgets what no lookup of `timeMs` or later can find, then the oldest beyond the limit. */
  trim(timeMs: number): void;
  counts(): QuoteHistoryCounts;
  state(): QuoteHistoryState;
}

/**
 * A history that `trim` keeps to at most `limit` changes of price. Quotes that change sizes alone, and all but the last one of the same
 * time, take no room: no lookup can tell them apart.
 */
export function createQuoteHistory(limit: number, from?: QuoteHistoryState): QuoteHistory {
  let entries: QuoteEntry[] = from ? from.entries.map((entry) => [...entry] as unknown as QuoteEntry) : [];
  /** Entries before this one are forgotten. */
  let first = 0;
  let latest = from?.latestMs ?? -Infinity;
  let { quotes, lateQuotes, unusableQuotes, droppedQuotes } = from?.counts ?? {
    quotes: 0,
    lateQuotes: 0,
    unusableQuotes: 0,
    droppedQuotes: 0,
  };

  return {
    push(timeMs, quote) {
      if (quote) requireQuote(quote);
      quotes += 1;
      if (timeMs < latest) {
        lateQuotes += 1;
        return;
      }
      latest = timeMs + 0;
      const usable = quote && quote.bidLots > 0 && quote.askLots > 0 && quote.bidTicks < quote.askTicks;
      if (!usable) unusableQuotes += 1;
      const entry: QuoteEntry = usable ? [latest, quote.bidTicks + 0, quote.askTicks + 0] : [latest, null];
      if (entries.length > first && entries[entries.length - 1]![0] === latest) entries.pop();
      const last = entries.length > first ? entries[entries.length - 1]! : undefined;
      if (last && last[1] === entry[1] && last[2] === entry[2]) return;
      entries.push(entry);
    },
    at(timeMs) {
      let low = first;
      let high = entries.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (entries[middle]![0] <= timeMs) low = middle + 1;
        else high = middle;
      }
      const entry = low > first ? entries[low - 1]! : undefined;
      return entry === undefined || entry[1] === null ? undefined : { bidTicks: entry[1], askTicks: entry[2] };
    },
    trim(timeMs) {
      while (first + 1 < entries.length && entries[first + 1]![0] <= timeMs) first += 1;
      const over = Math.max(0, entries.length - first - limit);
      first += over;
      droppedQuotes += over;
      // Forgotten entries are cut off once they are the larger part.
      if (first * 2 <= entries.length) return;
      entries = entries.slice(first);
      first = 0;
    },
    counts: () => ({ quotes, lateQuotes, unusableQuotes, droppedQuotes }),
    state: () => ({
      entries: entries.slice(first).map((entry) => [...entry] as unknown as QuoteEntry),
      latestMs: latest === -Infinity ? null : latest,
      counts: { quotes, lateQuotes, unusableQuotes, droppedQuotes },
    }),
  };
}

const entryShape: Shape = (value) =>
  Array.isArray(value) && value[1] === null
    ? tupleOf(finite, anything)(value)
    : where(tupleOf(finite, whole, whole), ([, bid, ask]: [number, number, number]) => bid < ask)(value);

/** A history as it is stored: in order of time. */
export const quoteHistoryShape: Shape = fields({
  entries: where(listOf(entryShape), (entries: readonly QuoteEntry[]) =>
    isAscending(entries.map(([timeMs]) => timeMs)),
  ),
  latestMs: orNull(finite),
  counts,
});
