/** Books and best quotes of any source, kept as its items come in. */
import { type Book, type BookChecksum, type BookRule, createBook } from '@tapekit/orderflow/book';
import type { Grid } from '@tapekit/orderflow/grid';
import type { L1Snapshot } from '@tapekit/orderflow/market';
import { AdaptersError } from '../../errors.ts';
import type { MarketSource, SourceEvent, SourceItem } from '../../market-source.ts';
import type { DepthProvider } from '../../order-book-provider.ts';
import { l1Side } from '../l1-side.ts';
import { l2Of } from './l2.ts';

/** How the books of one instrument are kept. */
export interface SourceInstrument {
  readonly grid: Grid;
  /** How the venue numbers its book events: one of `bookRules`. */
  readonly rule: BookRule;
  /** Verifies the venue's checksums. @defaultValue nothing is verified */
  readonly checksum?: BookChecksum;
  /** Most levels a side, for venues that say nothing of levels that leave the subscribed depth. */
  readonly maxLevels?: number;
}

/** What {@link createSourceOrderBookProvider} keeps. */
export interface SourceOrderBookOptions {
  /** `source` of the snapshots, for example `bybit:linear`. */
  readonly source: string;
  /** Instruments whose book is kept, by symbol. Best quotes are kept of every symbol. */
  readonly instruments?: Readonly<Record<string, SourceInstrument>>;
}

/** A provider that is fed by a source. */
export interface SourceOrderBookProvider extends DepthProvider {
  /** Takes the next item: a record, a gap, or a change of the connection. Cheap: the loop that feeds others may call it. */
  observe(item: SourceItem): void;
  /** Takes a single event, where there are no items. */
  observeEvent(event: SourceEvent): void;
  /** Reads a source to its end; another consumer of the same source calls {@link observe} instead. */
  follow(source: MarketSource): Promise<void>;
}

/**
 * A provider that answers from what a source brought: the quote or the top of the book that came last, and the levels of
 * the book while it is complete. Behind a gap the book is unknown until the venue sends a snapshot, and while the connection
 * is down so is everything: the answer is then `undefined`, never what the market was before.
 *
 * @example
 * ```ts no-run
 * const books = createSourceOrderBookProvider({
 *   source: 'bybit:linear',
 *   instruments: { BTCUSDT: { grid: createGrid({ tickSize: '0.1', lotSize: '0.001' }), rule: bookRules.bybit } },
 * });
 * void books.follow(createLiveSource(feed));
 * await books.fetchL2('BTCUSDT', 10);
 * ```
 */
export function createSourceOrderBookProvider(options: SourceOrderBookOptions): SourceOrderBookProvider {
  const { source, instruments = {} } = options;
  const books = new Map<string, { readonly book: Book; readonly grid: Grid; timeMs: number }>();
  const best = new Map<string, L1Snapshot>();
  for (const [symbol, { grid, rule, checksum, maxLevels }] of Object.entries(instruments)) {
    const more = { ...(checksum ? { checksum } : {}), ...(maxLevels === undefined ? {} : { maxLevels }) };
    books.set(symbol, { book: createBook({ grid, rule, ...more }), grid, timeMs: 0 });
  }

  const forget = (symbol: string): void => {
    books.get(symbol)?.book.invalidate();
    best.delete(symbol);
  };

  const observeEvent = (event: SourceEvent): void => {
    if (event.type === 'quote') {
      best.set(event.symbol, {
        time: event.timeMs,
        symbol: event.symbol,
        ...l1Side('bid', event.bidPrice, event.bidSize),
        ...l1Side('ask', event.askPrice, event.askSize),
        source,
      });
    } else if (event.type === 'book-snapshot' || event.type === 'book-delta') {
      const kept = books.get(event.symbol);
      if (!kept) return;
      const { outcome } = kept.book.push(event);
      if (outcome === 'applied' || outcome === 'snapshot') {
        kept.timeMs = event.timeMs;
        best.set(event.symbol, topOf(kept.book, kept.grid, { time: event.timeMs, symbol: event.symbol, source }));
      } else if (!kept.book.stats().synced) {
        best.delete(event.symbol);
      }
    }
  };

  const observe = (item: SourceItem): void => {
    if (item.kind === 'record') for (const event of item.record.events) observeEvent(event);
    else if (item.kind === 'gap') {
      const { symbol, channel, open } = item.gap;
      // A silence says nothing new: the end of the connection before it did.
      if (open === true || channel === 'trade' || channel === 'bar') return;
      // Quotes that were missed are no hole in the book, which may have its snapshot already.
      if (channel === 'quote') best.delete(symbol);
      else forget(symbol);
    } else if (item.kind === 'status' && item.status.state === 'disconnected') {
      for (const symbol of new Set([...books.keys(), ...best.keys()])) forget(symbol);
    }
  };

  return {
    observe,
    observeEvent,
    async follow(items) {
      for await (const item of items) observe(item);
    },
    async fetchL1(symbol, { signal } = {}) {
      signal?.throwIfAborted();
      return best.get(symbol);
    },
    async fetchL2(symbol, depth, { signal } = {}) {
      signal?.throwIfAborted();
      if (!(Number.isInteger(depth) && depth >= 1)) {
        throw new AdaptersError('bad-option', `depth "${depth}" is not a number of levels. Pass 1 or more.`, {
          value: depth,
        });
      }
      const kept = books.get(symbol);
      return kept && l2Of(kept.book, kept.grid, depth, { time: kept.timeMs, symbol, source });
    },
  };
}

function topOf(book: Book, grid: Grid, from: Pick<L1Snapshot, 'time' | 'symbol' | 'source'>): L1Snapshot {
  const { bids, asks } = book.top(1);
  const [bid, ask] = [bids[0], asks[0]];
  return {
    time: from.time,
    symbol: from.symbol,
    ...(bid && { bidPrice: grid.formatPrice(bid.priceTicks), bidSize: grid.formatSize(bid.sizeLots) }),
    ...(ask && { askPrice: grid.formatPrice(ask.priceTicks), askSize: grid.formatSize(ask.sizeLots) }),
    source: from.source,
  };
}
