export { bookDefaults, bookRules, createBook, restoreBook } from './book.ts';
export type {
  Book,
  BookCounts,
  BookEvent,
  BookOptions,
  BookPushResult,
  BookRule,
  BookState,
  BookStats,
  OffGridLevel,
  StoredBookDelta,
} from './book.ts';
export { createTickRule, restoreTickRule } from './classify.ts';
export type {
  Classification,
  ClassificationConfidence,
  ClassificationMethod,
  TickRule,
  TickRuleSnapshot,
} from './classify.ts';
export { createCvd, cvdDefaults, restoreCvd } from './cvd.ts';
export type { Cvd, CvdOptions, CvdReset, CvdSnapshot, CvdTotals } from './cvd.ts';
export { isOrderflowError, OrderflowError } from './errors.ts';
export type { OrderflowErrorCode } from './errors.ts';
export {
  addExact,
  compareExact,
  divideExact,
  exactFromJson,
  exactToJson,
  multiplyExact,
  subtractExact,
} from './exact.ts';
export type { ExactInt, ExactIntJson } from './exact.ts';
export { createGrid } from './grid.ts';
export type { Grid, GridOptions } from './grid.ts';
export { orderBookImbalance, orderBookImbalanceExact } from './imbalance.ts';
export type {
  Aggressor,
  Bar,
  BookDelta,
  BookLevel,
  BookSnapshot,
  DecimalInput,
  L1Snapshot,
  MarketEvent,
  Quote,
  Side,
  TickLevel,
  TickQuote,
  TickTrade,
  Trade,
} from './market.ts';
export {
  createMlofi,
  createOfi,
  mlofiContributions,
  mlofiDefaults,
  ofiContribution,
  restoreMlofi,
  restoreOfi,
} from './ofi.ts';
export type {
  Mlofi,
  MlofiInterval,
  MlofiLevels,
  MlofiOptions,
  MlofiSnapshot,
  Ofi,
  OfiInterval,
  OfiSnapshot,
} from './ofi.ts';
export {
  calculateOhlcImbalanceProxy,
  calculateTrendNormalized,
  ohlcvProxyDefaults,
  orderflowInputsFromOhlcv,
  splitBarVolume,
} from './ohlcv-proxy.ts';
export type { BarVolumeSplit, OhlcvProxyOptions, OrderflowProxyInputs } from './ohlcv-proxy.ts';
export {
  effectiveVamp,
  effectiveVampExact,
  vamp,
  vampBbo,
  vampBboExact,
  vampExact,
  weightedDepthPrice,
  weightedDepthPriceExact,
} from './vamp.ts';
export type { NumberQuote, PriceLevel, PriceLevels, TickLevels } from './vamp.ts';
export { vwapOf } from './vwap.ts';
