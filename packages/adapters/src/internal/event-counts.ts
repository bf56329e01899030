/** Counts of a source: events by kind, and things by name. */
import type { EventCount, SourceEvent } from '../market-source.ts';

/** A hostile feed can name a new symbol or kind in every record; counts by name stay bounded. */
const maxNames = 1000;

export function noEvents(): Record<EventCount, number> {
  return { trade: 0, nonMarketTrade: 0, quote: 0, bookSnapshot: 0, bookDelta: 0, bar: 0, order: 0 };
}

export function eventCountOf(event: SourceEvent): EventCount {
  switch (event.type) {
    case 'trade':
      return event.nonMarket ? 'nonMarketTrade' : 'trade';
    case 'book-snapshot':
      return 'bookSnapshot';
    case 'book-delta':
      return 'bookDelta';
    default:
      return event.type;
  }
}

/** One more of `name`; after 1,000 names the rest is `(others)`. */
export function countName(counts: Map<string, number>, name: string): void {
  const key = counts.has(name) || counts.size < maxNames ? name : '(others)';
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
