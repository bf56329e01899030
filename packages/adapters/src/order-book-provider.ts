/** Where the best bid and offer of a symbol comes from: a replay, or a venue's REST endpoint. */
import type { L1Snapshot, MarketEvent } from '@tapekit/orderflow/market';
import { l1Side } from './internal/l1-side.ts';

export {
  binanceRestDefaults,
  binanceRestOrderBookProvider,
  type BinanceRestOptions,
  type FetchLike,
} from './internal/binance-rest.ts';

export {
  createSourceOrderBookProvider,
  type SourceInstrument,
  type SourceOrderBookOptions,
  type SourceOrderBookProvider,
} from './internal/order-book/source-provider.ts';

/** Anything that can say the best bid and offer of a symbol. */
export interface OrderBookProvider {
  /**
   * The best bid and offer; `undefined` when the provider does not know the symbol. A side that is empty is absent.
   * @throws `AdaptersError` `rate-limited`, `bad-response` or `unreachable`; the signal's reason when aborted.
   */
  fetchL1(symbol: string, options?: { readonly signal?: AbortSignal }): Promise<L1Snapshot | undefined>;
}

/** One level of a book: decimal strings. */
export type L2Level = readonly [price: string, size: string];

/** The first levels of a book. */
export interface L2Snapshot {
  /** Epoch milliseconds UTC at which the book was so. */
  readonly time: number;
  readonly symbol: string;
  /** Best first; empty when there is no order on that side. */
  readonly bids: readonly L2Level[];
  /** Best first. */
  readonly asks: readonly L2Level[];
  /** Last update id that the book includes, where the venue gives one. */
  readonly lastUpdateId?: number;
  /** Which source said so, for example `bybit:linear`. */
  readonly source: string;
}

/** An {@link OrderBookProvider} that also knows what rests behind the best bid and offer. */
export interface DepthProvider extends OrderBookProvider {
  /**
   * At most `depth` levels a side; `undefined` while the book of the symbol is not known.
   * @throws `AdaptersError` `bad-option` for a depth below 1, and as `fetchL1`.
   */
  fetchL2(symbol: string, depth: number, options?: { readonly signal?: AbortSignal }): Promise<L2Snapshot | undefined>;
}

/** A provider that is fed by a replay. */
export interface ReplayOrderBookProvider extends OrderBookProvider {
  /** Remembers a quote; other events are ignored, so every event of a source may be passed. */
  observe(event: MarketEvent): void;
}

/** How {@link createReplayOrderBookProvider} signs its answers. */
export interface ReplayOrderBookOptions {
  /** `source` of the snapshots. @defaultValue `'replay:binance-combined'` */
  readonly source?: string;
}

/** What {@link createReplayOrderBookProvider} uses where an option is absent. */
export const replayOrderBookDefaults = {
  source: 'replay:binance-combined',
} as const satisfies ReplayOrderBookOptions;

/**
 * A provider that answers with the quote that was observed last, by symbol.
 *
 * @example
 * ```ts
 * const books = createReplayOrderBookProvider();
 * books.observe({ type: 'quote', symbol: 'ETHUSDT', timeMs: 1_000, bidPrice: '2683.80', bidSize: '3' });
 * await books.fetchL1('ETHUSDT'); // => { time: 1000, symbol: 'ETHUSDT', bidPrice: '2683.8', bidSize: '3', … }
 * ```
 */
export function createReplayOrderBookProvider(options: ReplayOrderBookOptions = {}): ReplayOrderBookProvider {
  const { source } = { ...replayOrderBookDefaults, ...options };
  const quotes = new Map<string, Extract<MarketEvent, { type: 'quote' }>>();
  return {
    observe(event) {
      if (event.type === 'quote') quotes.set(event.symbol, event);
    },
    async fetchL1(symbol, { signal } = {}) {
      signal?.throwIfAborted();
      const quote = quotes.get(symbol);
      if (!quote) return undefined;
      return {
        time: quote.timeMs,
        symbol,
        ...l1Side('bid', quote.bidPrice, quote.bidSize),
        ...l1Side('ask', quote.askPrice, quote.askSize),
        source,
      };
    },
  };
}
