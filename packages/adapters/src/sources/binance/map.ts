/** Checked Binance records to neutral market events. */
import type { BookLevel } from '@tapekit/orderflow/market';
import type { SourceEvent } from '../../market-source.ts';
import { RecordError } from '../../internal/record-error.ts';
import type {
  BinanceAggTrade,
  BinanceBookTicker,
  BinanceDepthSnapshot,
  BinanceDepthUpdate,
  BinanceLevel,
  BinanceTrade,
} from './schema.ts';

/** `m` says that the buyer was the maker, so the aggressor sold. */
export function mapTrade(trade: BinanceTrade): SourceEvent {
  const event = mapFill(trade, trade.t);
  // Futures print insurance fund and liquidation bookings in the same stream; nobody traded them in the market.
  const nonMarket = isZero(trade.q) || (trade.X !== undefined && trade.X !== 'MARKET');
  if (nonMarket) return { ...event, nonMarket };
  requirePrice(trade.p);
  return event;
}

export function mapAggTrade(trade: BinanceAggTrade): SourceEvent {
  const event = mapFill(trade, trade.a);
  if (isZero(trade.q)) return { ...event, nonMarket: true };
  requirePrice(trade.p);
  return event;
}

/** Nothing trades for nothing here: such a print would drag lows and averages down. */
function requirePrice(price: string): void {
  if (isZero(price)) throw new RecordError('p', price, 'a price above 0 for a print with a size');
}

/** A side without size or price is empty: Binance spells that as zeros. */
export function mapBookTicker(ticker: BinanceBookTicker, receiveMs: number): SourceEvent {
  const bid = !isZero(ticker.b) && !isZero(ticker.B);
  const ask = !isZero(ticker.a) && !isZero(ticker.A);
  return {
    type: 'quote',
    symbol: ticker.s,
    timeMs: venueMs(ticker.T ?? ticker.E) ?? receiveMs,
    updateId: ticker.u,
    ...(bid ? { bidPrice: ticker.b, bidSize: ticker.B } : undefined),
    ...(ask ? { askPrice: ticker.a, askSize: ticker.A } : undefined),
  };
}

export function mapDepthUpdate(update: BinanceDepthUpdate): SourceEvent {
  return {
    type: 'book-delta',
    symbol: update.s,
    timeMs: venueMs(update.T ?? update.E)!,
    firstUpdateId: update.U,
    lastUpdateId: update.u,
    ...(update.pu === undefined ? undefined : { previousUpdateId: update.pu }),
    bids: mapLevels(update.b),
    asks: mapLevels(update.a),
  };
}

/** Spot snapshots name no symbol: one belongs to the symbol that the source was asked for. */
export function mapDepthSnapshot(snapshot: BinanceDepthSnapshot, symbol: string, receiveMs: number): SourceEvent {
  return {
    type: 'book-snapshot',
    symbol: snapshot.symbol ?? symbol,
    timeMs: venueMs(snapshot.T ?? snapshot.E) ?? receiveMs,
    lastUpdateId: snapshot.lastUpdateId,
    bids: mapLevels(snapshot.bids),
    asks: mapLevels(snapshot.asks),
  };
}

function mapFill(fill: Pick<BinanceTrade, 's' | 'p' | 'q' | 'T' | 'm'>, id: number): SourceEvent & { type: 'trade' } {
  return {
    type: 'trade',
    symbol: fill.s,
    timeMs: venueMs(fill.T)!,
    price: fill.p,
    size: fill.q,
    side: fill.m ? 'sell' : 'buy',
    id,
  };
}

/** Streams opened with `timeUnit=MICROSECOND` count microseconds; as milliseconds they would lie after the year 5138. */
function venueMs(time: number | undefined): number | undefined {
  return time !== undefined && time > 1e14 ? Math.floor(time / 1000) : time;
}

/** Old spot snapshots carry an empty list as third item of a level. */
function mapLevels(levels: readonly BinanceLevel[]): readonly BookLevel[] {
  return levels.every((level: readonly string[]) => level.length === 2)
    ? levels
    : levels.map(([price, size]) => [price, size] as const);
}

function isZero(decimal: string): boolean {
  return decimal.charCodeAt(0) === 48 && Number(decimal) === 0;
}
