/** What needs no platform: the ports, live sources and replays, and the store in memory. Venues, stores and databases have subpaths. */
export { AdaptersError, isAdaptersError } from './errors.ts';
export type { AdaptersErrorCode, AdaptersErrorDetails } from './errors.ts';
export { createHttpClient, httpClientDefaults } from './http-client.ts';
export type { HttpAnswer, HttpClient, HttpClientOptions, HttpFetch, HttpRequest } from './http-client.ts';
export { createLiveSource, liveSourceDefaults } from './live-source.ts';
export type {
  ChannelPosition,
  Connect,
  LiveClock,
  LiveSocket,
  LiveSource,
  LiveSourceOptions,
  LiveStats,
  ResumeToken,
  SocketEnd,
  SocketListener,
  SocketTarget,
} from './live-source.ts';
export { assertSymbolSeen, quarantineEntry } from './market-source.ts';
export type {
  DisconnectReason,
  EventCount,
  GapEdge,
  InputStats,
  MarketSource,
  QuarantineEntry,
  QuarantineReason,
  RefusedRecord,
  SourceBar,
  SourceEvent,
  SourceGap,
  SourceItem,
  SourceOrder,
  SourceStats,
  SourceStatus,
  TapeRecord,
} from './market-source.ts';
export {
  binanceRestDefaults,
  binanceRestOrderBookProvider,
  createReplayOrderBookProvider,
  createSourceOrderBookProvider,
  replayOrderBookDefaults,
} from './order-book-provider.ts';
export type {
  BinanceRestOptions,
  DepthProvider,
  FetchLike,
  L2Level,
  L2Snapshot,
  OrderBookProvider,
  ReplayOrderBookOptions,
  ReplayOrderBookProvider,
  SourceInstrument,
  SourceOrderBookOptions,
  SourceOrderBookProvider,
} from './order-book-provider.ts';
export { createRecorder, recorderDefaults, recordSource } from './recorder.ts';
export type { Recorder, RecorderOptions } from './recorder.ts';
export { replayDefaults, replayRecording } from './replay.ts';
export type { RecordingReplay, ReplayOptions } from './replay.ts';
export { binanceCombinedDefaults, replayBinanceCombined } from './sources/binance-combined.ts';
export type {
  BinanceBookRule,
  BinanceCombinedOptions,
  BinanceCombinedSource,
  BinanceCombinedStats,
  ByteInput,
  ByteStream,
  TradeStream,
} from './sources/binance-combined.ts';
export { createMemoryStore, memoryStoreDefaults } from './stores/memory.ts';
export type { MemoryStoreOptions } from './stores/memory.ts';
export type {
  BarsAnswer,
  BarsQuery,
  BookAnswer,
  BookQuery,
  Rejection,
  SourceBook,
  SourceTrade,
  TradesAnswer,
  TradesQuery,
  VenueClient,
  VenueClientOptions,
} from './venue-client.ts';
export type { FeedControl, FeedFrames, FrameDecoder, FrameSink, RejectReason, VenueFeed } from './venue-feed.ts';
export { createVenueCalendar } from './venues/calendar.ts';
export type { DatedHours, VenueCalendar, VenueCalendarOptions, VenueHours, VenuePhase } from './venues/calendar.ts';
