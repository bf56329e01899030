/** Where Binance's markets are, and what they allow. Source: Binance API documentation, spot, USD-M and COIN-M. */
import type { VenueChannel } from '../../internal/venue/feed-options.ts';
import { dayMs, hourMs, minuteMs } from '../../internal/venue/rest.ts';

/** Spot, futures margined in dollars, futures margined in the coin. */
export type BinanceMarket = 'spot' | 'usd-m' | 'coin-m';

interface Market {
  /** Host of the streams. */
  readonly wsUrl: string;
  readonly restUrl: string;
  /** Path of each endpoint below its root. */
  readonly root: string;
  /** Which stream path serves a channel: since 2026 USD-M has two. */
  readonly pathOf: (channel: VenueChannel) => string;
  /** Levels of a fetched book, a side: most of them, and the sizes that are offered. */
  readonly depths: readonly number[];
  readonly barsPerPage: number;
}

const futuresDepths = [5, 10, 20, 50, 100, 500, 1000];

export const binanceMarkets: Readonly<Record<BinanceMarket, Market>> = {
  spot: {
    wsUrl: 'wss://stream.binance.com:9443',
    restUrl: 'https://api.binance.com',
    root: '/api/v3',
    pathOf: () => '/stream',
    depths: [5, 10, 20, 50, 100, 500, 1000, 5000],
    barsPerPage: 1000,
  },
  'usd-m': {
    wsUrl: 'wss://fstream.binance.com',
    restUrl: 'https://fapi.binance.com',
    root: '/fapi/v1',
    pathOf: (channel) => (channel === 'book' || channel === 'quotes' ? '/public/stream' : '/market/stream'),
    depths: futuresDepths,
    barsPerPage: 1500,
  },
  'coin-m': {
    wsUrl: 'wss://dstream.binance.com',
    restUrl: 'https://dapi.binance.com',
    root: '/dapi/v1',
    pathOf: () => '/stream',
    depths: futuresDepths,
    barsPerPage: 1500,
  },
};

/** Lengths of a bar by the venue's name; a month has no fixed length. */
export const binanceIntervals: ReadonlyMap<string, number> = new Map([
  ...[1, 3, 5, 15, 30].map((minutes) => [`${minutes}m`, minutes * minuteMs] as const),
  ...[1, 2, 4, 6, 8, 12].map((hours) => [`${hours}h`, hours * hourMs] as const),
  ['1d', dayMs],
  ['3d', 3 * dayMs],
  ['1w', 7 * dayMs],
]);
