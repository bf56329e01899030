/** What needs no platform: the ports, the replay of captures and the store in memory. Stores and databases have subpaths. */
export { AdaptersError, type AdaptersErrorCode, type AdaptersErrorDetails, isAdaptersError } from './errors.ts';
export {
  assertSymbolSeen,
  type InputStats,
  type MarketSource,
  quarantineEntry,
  type QuarantineEntry,
  type QuarantineReason,
  type SourceEvent,
  type SourceItem,
  type SourceStats,
  type TapeRecord,
} from './market-source.ts';
export {
  binanceRestDefaults,
  binanceRestOrderBookProvider,
  type BinanceRestOptions,
  createReplayOrderBookProvider,
  type FetchLike,
  type OrderBookProvider,
  replayOrderBookDefaults,
  type ReplayOrderBookOptions,
  type ReplayOrderBookProvider,
} from './order-book-provider.ts';
export {
  type BinanceBookRule,
  binanceCombinedDefaults,
  type BinanceCombinedOptions,
  type BinanceCombinedSource,
  type BinanceCombinedStats,
  type ByteInput,
  type ByteStream,
  replayBinanceCombined,
  type TradeStream,
} from './sources/binance-combined.ts';
export { createMemoryStore, memoryStoreDefaults, type MemoryStoreOptions } from './stores/memory.ts';
