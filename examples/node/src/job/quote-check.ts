/**
 * Proves the rebuilt book against the venue's own best quotes: whenever the book stands at an update id for which a
 * quote came before, prices and sizes must be equal. Quotes run ahead of depth events, so they wait here.
 */
import type { TickQuote } from '@tapekit/orderflow/market';

export interface QuoteCheck {
  /** Remembers the venue's best quotes at an update id. */
  quote(updateId: number, quote: TickQuote): void;
  /** The book's best quotes at an update id, right after an event was applied. */
  book(updateId: number, best: TickQuote | undefined): void;
  result(): { equal: number; different: number };
}

/** Quotes kept while no book event has caught up with them; older ones go first. */
const maxWaiting = 50_000;

/** A check with nothing compared yet. */
export function createQuoteCheck(): QuoteCheck {
  const waiting = new Map<number, TickQuote>();
  let equal = 0;
  let different = 0;
  return {
    quote(updateId, quote) {
      waiting.delete(updateId);
      waiting.set(updateId, quote);
      if (waiting.size > maxWaiting) waiting.delete(waiting.keys().next().value!);
    },
    book(updateId, best) {
      const quote = waiting.get(updateId);
      if (quote) {
        if (best && sameQuote(quote, best)) equal += 1;
        else different += 1;
      }
      for (const id of waiting.keys()) {
        if (id > updateId) break;
        waiting.delete(id);
      }
    },
    result: () => ({ equal, different }),
  };
}

function sameQuote(a: TickQuote, b: TickQuote): boolean {
  return a.bidTicks === b.bidTicks && a.bidLots === b.bidLots && a.askTicks === b.askTicks && a.askLots === b.askLots;
}
