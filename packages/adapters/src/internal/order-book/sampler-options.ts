/** What an order book sampler is told, gives and remembers. */
import type { BookChecksum, BookRule, BookState } from '@tapekit/orderflow/book';
import type { ExactIntJson } from '@tapekit/orderflow/exact';
import type { Grid } from '@tapekit/orderflow/grid';
import type { L1Snapshot, MarketEvent, TickQuote } from '@tapekit/orderflow/market';
import type { OfiSnapshot } from '@tapekit/orderflow/ofi';
import { AdaptersError } from '../../errors.ts';
import type { FlowMetricsRecord } from '../../postgres/tables/flow.ts';

/** What is sampled, and how often. */
export interface OrderBookSamplerOptions {
  readonly symbol: string;
  /** Grid of the quotes and of the book; finer sizes than the lot of the trades are common there. */
  readonly grid: Grid;
  /** Which source it is, part of the key of every record. */
  readonly source: string;
  /** Length of an interval, milliseconds; intervals start at whole multiples of it since 1970 UTC. @defaultValue 1,000 */
  readonly everyMs?: number;
  /** How the venue numbers its book events; without it no book is kept, and OBI and VAMP are those of the best quote. */
  readonly rule?: BookRule;
  /** Verifies the venue's checksums. */
  readonly checksum?: BookChecksum;
  /** Most levels a side of the book, for venues that say nothing of levels that leave the subscribed depth. */
  readonly maxLevels?: number;
  /** Levels a side that OBI and VAMP see. @defaultValue 5 */
  readonly levels?: number;
  /** Where the best bid and offer of L1 and OFI come from: the venue's quotes, or the top of the book. @defaultValue 'quotes' */
  readonly best?: 'quotes' | 'book';
}

/** What is used where an option is absent. */
export const orderBookSamplerDefaults = {
  everyMs: 1_000,
  levels: 5,
  best: 'quotes',
} as const satisfies Partial<OrderBookSamplerOptions>;

/** The end of one interval in which something happened. */
export interface OrderBookSample {
  /** The best quote that held at the end of the interval; absent while it is not known. */
  readonly quote?: L1Snapshot;
  /** Flow of the interval and the book at its end. */
  readonly metrics: FlowMetricsRecord;
}

/** Counts so far. */
export interface OrderBookSamplerCounts {
  readonly quotes: number;
  readonly bookEvents: number;
  /** Quotes that the venue had sent before: an older update id. */
  readonly staleQuotes: number;
  /** Quotes and levels that are not on the grid; a quote is then unknown, a level left out. */
  readonly offGrid: number;
  /** Times that flow became unknown: gaps of the book, lost connections. */
  readonly breaks: number;
}

/** The state as plain JSON. */
export interface OrderBookSamplerState {
  readonly v: 1;
  readonly kind: 'order-book-sampler';
  readonly symbol: string;
  readonly everyMs: number;
  /** End of the interval that is open; null before the first event. */
  readonly endMs: number | null;
  readonly best: L1Snapshot | null;
  readonly tick: TickQuote | null;
  readonly lastQuoteId: number | null;
  readonly ofi: OfiSnapshot;
  /** Null before the first contribution. */
  readonly cumulative: ExactIntJson | null;
  readonly book: BookState | null;
  readonly counts: OrderBookSamplerCounts;
}

/** Samples as events come in. */
export interface OrderBookSampler {
  /** Takes an event; other symbols and kinds are ignored. Gives the sample of the interval that it ended. */
  push(event: MarketEvent): OrderBookSample | undefined;
  /** Something was missed: quote and book are unknown until they come anew, and no flow is counted over the gap. */
  interrupt(): void;
  /**
   * The open interval as it is so far, which stays open: when it ends, its sample comes with the same time and replaces
   * this one.
   */
  flush(): OrderBookSample | undefined;
  snapshot(): OrderBookSamplerState;
  counts(): OrderBookSamplerCounts;
}

/** @throws {@link AdaptersError} `bad-option`. */
export function checkOptions(options: OrderBookSamplerOptions, everyMs: number, levels: number, best: string): void {
  if (!(Number.isSafeInteger(everyMs) && everyMs >= 1)) {
    throw new AdaptersError('bad-option', `everyMs "${everyMs}" is not a whole number of at least 1.`, {
      value: everyMs,
    });
  }
  if (!(Number.isSafeInteger(levels) && levels >= 1)) {
    throw new AdaptersError('bad-option', `levels "${levels}" is not a whole number of at least 1.`, { value: levels });
  }
  if (best !== 'quotes' && best !== 'book') {
    throw new AdaptersError('bad-option', `best "${best}" is none. Pass quotes or book.`, { value: best });
  }
  if (best === 'book' && !options.rule) {
    throw new AdaptersError('bad-option', 'best "book" needs the rule of the book. Pass one of bookRules as rule.');
  }
}
