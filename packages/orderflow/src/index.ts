export {
  absorptionDefaults,
  absorptionLotsPerTick,
  absorptionLotsPerTickExact,
  absorptionMaxTicks,
  absorptionSeed,
  absorptionSeedExact,
  absorptionsOfColumns,
  createAbsorption,
  restoreAbsorption,
} from './absorption.ts';
export type {
  Absorption,
  AbsorptionCounts,
  AbsorptionEnd,
  AbsorptionEvent,
  AbsorptionOptions,
  AbsorptionRange,
  AbsorptionSnapshot,
  AbsorptionThreshold,
  AbsorptionWindow,
  PrintRow,
  WindowBaselineJson,
} from './absorption.ts';
export { amihud, amihudDefaults, amihudOfColumns, createAmihud, restoreAmihud } from './amihud.ts';
export type {
  Amihud,
  AmihudBar,
  AmihudCounts,
  AmihudOptions,
  AmihudSnapshot,
  WindowLength,
  WindowMeanJson,
} from './amihud.ts';
export { crc32, krakenBookChecksum, krakenChecksum, okxBookChecksum, okxChecksum } from './book-checksum.ts';
export type { ChecksumLevels, KrakenDecimals } from './book-checksum.ts';
export { bookDefaults, bookRules, createBook, restoreBook } from './book.ts';
export type {
  Book,
  BookChecksum,
  BookCounts,
  BookEvent,
  BookOptions,
  BookPushResult,
  BookRule,
  BookState,
  BookStats,
  ChecksumMismatch,
  OffGridLevel,
  SequenceGap,
  StoredBookDelta,
  TickLevel,
} from './book.ts';
export { bulkVolumeDefaults, bulkVolumeOfColumns, createBulkVolume, restoreBulkVolume } from './bulk-volume.ts';
export type {
  BulkBar,
  BulkSharesState,
  BulkSplit,
  BulkVolume,
  BulkVolumeOptions,
  BulkVolumeSnapshot,
} from './bulk-volume.ts';
export {
  classificationConfidences,
  classifyByFlag,
  clnvDefaults,
  clnvOfColumns,
  createClnv,
  createEmo,
  createLeeReady,
  createQuoteRule,
  createTickRule,
  emoOfColumns,
  leeReadyOfColumns,
  quoteClassifierDefaults,
  quoteRuleOfColumns,
  restoreClnv,
  restoreEmo,
  restoreLeeReady,
  restoreQuoteRule,
  restoreTickRule,
  tickRuleOfColumns,
} from './classify.ts';
export type {
  Classification,
  ClassificationBatch,
  ClassificationConfidence,
  ClassificationMethod,
  Classifier,
  ClnvOptions,
  QuoteClassifier,
  QuoteClassifierCounts,
  QuoteClassifierOptions,
  QuoteClassifierSnapshot,
  QuoteClassifierState,
  QuoteEntry,
  QuoteHistoryCounts,
  QuoteHistoryState,
  TickRule,
  TickRuleSnapshot,
  UnsignedTrade,
} from './classify.ts';
export { quoteColumns, rowCount, sideCode, sideOfCode, tradeColumns } from './columns.ts';
export type { BarColumns, DepthColumns, NumberColumn, QuoteColumns, SideColumn, TradeColumns } from './columns.ts';
export {
  createCvd,
  createCvdBySize,
  cvdBySizeOfColumns,
  cvdDefaults,
  cvdOfColumns,
  restoreCvd,
  restoreCvdBySize,
} from './cvd.ts';
export type {
  Cvd,
  CvdBucketTotals,
  CvdBySize,
  CvdBySizeOptions,
  CvdBySizeSnapshot,
  CvdBySizeStep,
  CvdOptions,
  CvdReset,
  CvdSnapshot,
  CvdSumsJson,
  CvdTotals,
} from './cvd.ts';
export {
  createDecayedOfi,
  decayedOfiDefaults,
  decayedOfiOfColumns,
  depthDecayedOfi,
  depthDecayedOfiExact,
  restoreDecayedOfi,
} from './decayed-ofi.ts';
export type { DecayedOfi, DecayedOfiCounts, DecayedOfiOptions, DecayedOfiSnapshot } from './decayed-ofi.ts';
export { createDepth } from './depth.ts';
export type { BookDepth } from './depth.ts';
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
export { createExhaustion, exhaustionDefaults, exhaustionsOfColumns, restoreExhaustion } from './exhaustion.ts';
export type {
  Exhaustion,
  ExhaustionCounts,
  ExhaustionEvent,
  ExhaustionOptions,
  ExhaustionSnapshot,
  ExhaustionTest,
  PushJson,
} from './exhaustion.ts';
export { createGrid } from './grid.ts';
export type { Grid, GridOptions } from './grid.ts';
export {
  createIcebergDetector,
  createMboIcebergDetector,
  icebergDefaults,
  icebergProbability,
  icebergsOf,
  mboIcebergDefaults,
  mboIcebergsOf,
  restoreIcebergDetector,
  restoreMboIcebergDetector,
} from './iceberg.ts';
export type {
  IcebergCandidateJson,
  IcebergDetector,
  IcebergEvent,
  IcebergEvidence,
  IcebergOptions,
  IcebergSnapshot,
  MboIcebergDetector,
  MboIcebergOptions,
  MboIcebergSnapshot,
} from './iceberg.ts';
export {
  bookPressureRatio,
  bookPressureRatioExact,
  depthLots,
  obiOfColumns,
  obiOfDepth,
  obiOfDepthExact,
  orderBookImbalance,
  orderBookImbalanceExact,
  priceBand,
  weightedObiOfColumns,
  weightedObiOfDepth,
  weightedObiOfDepthExact,
} from './imbalance.ts';
export type {
  BookLevels,
  BookRange,
  ExponentialWeights,
  InverseWeights,
  LevelWeights,
  LinearWeights,
  PriceBand,
  TickLevels,
  WeightDistance,
} from './imbalance.ts';
export {
  createImpactNormalisedFlow,
  impactNormalisedFlowDefaults,
  impactNormalisedFlowOfColumns,
  restoreImpactNormalisedFlow,
} from './impact-normalised-flow.ts';
export type {
  FlowInterval,
  FlowIntervalsJson,
  ImpactNormalisedBatch,
  ImpactNormalisedFlow,
  ImpactNormalisedFlowOptions,
  ImpactNormalisedFlowSnapshot,
  ImpactNormalisedInterval,
  KyleFit,
  KyleLength,
  KyleWindowJson,
  LineSumsJson,
} from './impact-normalised-flow.ts';
export {
  createIntegratedOfiFit,
  fitIntegratedOfi,
  fitIntegratedOfiOfColumns,
  integratedOfi,
  integratedOfiFitDefaults,
  integratedOfiOfColumns,
  restoreIntegratedOfiFit,
} from './integrated-ofi.ts';
export type {
  IntegratedOfiFit,
  IntegratedOfiFitOptions,
  IntegratedOfiFitSnapshot,
  IntegratedOfiModel,
  OfiVectorColumns,
} from './integrated-ofi.ts';
export { createKyle, kyleDefaults, kyleLambda, kyleLambdaInPrice, kyleOfColumns, restoreKyle } from './kyle.ts';
export type { Kyle, KyleInterval, KyleOptions, KyleSnapshot } from './kyle.ts';
export {
  createLargeTradeDetector,
  largeTradeDefaults,
  largeTradePresets,
  largeTradesOfColumns,
  restoreLargeTradeDetector,
} from './large-trades.ts';
export type {
  LargeTrade,
  LargeTradeCounts,
  LargeTradeDetector,
  LargeTradeOptions,
  LargeTradeRule,
  LargeTradeSnapshot,
} from './large-trades.ts';
export {
  consumedShareExact,
  createLiquidityOutcome,
  createMboLiquidityOutcome,
  liquidityOutcomeDefaults,
  liquidityOutcomeOf,
  mboLiquidityOutcomeDefaults,
  mboLiquidityOutcomeOf,
  restoreLiquidityOutcome,
  restoreMboLiquidityOutcome,
} from './liquidity-outcome.ts';
export type {
  LiquidityEvent,
  LiquidityOutcome,
  LiquidityOutcomeOptions,
  LiquidityOutcomeSnapshot,
  LiquiditySide,
  LiquiditySumsJson,
  MboLiquidityOutcome,
  MboLiquidityOutcomeOptions,
  MboLiquidityOutcomeSnapshot,
  RunningLiquidityOutcome,
} from './liquidity-outcome.ts';
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
  TickQuote,
  TickTrade,
  Trade,
} from './market.ts';
export {
  createMarkouts,
  markoutAveragesExact,
  markoutsDefaults,
  markoutsOfColumns,
  restoreMarkouts,
} from './markouts.ts';
export type {
  MarkoutAverages,
  MarkoutHorizon,
  MarkoutMeasure,
  Markouts,
  MarkoutsOptions,
  MarkoutsSnapshot,
  MarkoutSums,
  MarkoutSumsJson,
  SettlementCounts,
  SettlementJson,
  SettlementOptions,
  TradeMarkouts,
} from './markouts.ts';
export { createMboBook, mboBookDefaults, mboEventOf, mboFlags, restoreMboBook } from './mbo-book.ts';
export type {
  MboAction,
  MboActionCounts,
  MboAnomalies,
  MboBook,
  MboBookEvent,
  MboBookOptions,
  MboBookSnapshot,
  MboBookStats,
  MboCounts,
  MboEvent,
  MboLevel,
  MboLevelChange,
  MboOrder,
  MboOrderId,
  MboOrderKey,
  MboOrdersJson,
  MboRecord,
  MboSide,
  QueuePosition,
  TouchedLevel,
} from './mbo-book.ts';
export {
  createMicroPriceFit,
  fitMicroPrice,
  microPrice,
  microPriceAdjustment,
  microPriceDecimal,
  microPriceDefaults,
  microPricesOfColumns,
  restoreMicroPriceFit,
} from './micro-price.ts';
export type {
  MicroPriceCounts,
  MicroPriceFit,
  MicroPriceFitSnapshot,
  MicroPriceModel,
  MicroPriceOptions,
} from './micro-price.ts';
export {
  createNormalisedOfi,
  normalisedOfi,
  normalisedOfiExact,
  normalisedOfiOfColumns,
  restoreNormalisedOfi,
} from './normalised-ofi.ts';
export type { NormalisedOfi, NormalisedOfiInterval, NormalisedOfiSnapshot, OfiDepthSums } from './normalised-ofi.ts';
export { createOffGridPolicy, offGridPolicyDefaults, restoreOffGridPolicy, roundPrice, roundSize } from './off-grid.ts';
export type {
  OffGridCounts,
  OffGridPolicy,
  OffGridPolicyOptions,
  OffGridPolicySnapshot,
  OffGridRule,
  OffGridStats,
  PolicyGrid,
  RoundingRule,
} from './off-grid.ts';
export {
  createMlofiBuckets,
  createOfiBuckets,
  flowBucketDefaults,
  mlofiBucketsOfColumns,
  ofiBucketsOfColumns,
  restoreMlofiBuckets,
  restoreOfiBuckets,
} from './ofi-buckets.ts';
export type {
  FlowBucketCounts,
  FlowBucketFrame,
  FlowBucketOptions,
  FlowBucketState,
  MlofiBucket,
  MlofiBucketOptions,
  MlofiBuckets,
  MlofiBucketsSnapshot,
  OfiBucket,
  OfiBuckets,
  OfiBucketsSnapshot,
  TimedDepthColumns,
} from './ofi-buckets.ts';
export {
  createOfiRegression,
  fitDepthRelation,
  flowPointOf,
  midChangeTicks,
  ofiRegressionDefaults,
  ofiRegressionOfColumns,
  r2OfLine,
  regressOfi,
  regressPriceOnFlow,
  restoreOfiRegression,
} from './ofi-regression.ts';
export type {
  DepthPoint,
  DepthRelation,
  FlowPoint,
  FlowPointColumns,
  FlowRegression,
  FlowRegressionOptions,
  LineT,
  OfiRegressionCounts,
  OfiRegressionOptions,
  OfiRegressionSnapshot,
  OfiRegressionWindow,
  RegressionBucket,
  WindowedOfiRegression,
} from './ofi-regression.ts';
export {
  createMlofi,
  createOfi,
  mlofiContributions,
  mlofiDefaults,
  mlofiOfColumns,
  ofiContribution,
  ofiOfColumns,
  ofiTotalOfColumns,
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
  calculateOhlcImbalanceProxyExact,
  calculateTrendNormalized,
  createOhlcvProxy,
  ohlcvProxyDefaults,
  ohlcvProxyOfColumns,
  orderflowInputsFromOhlcv,
  restoreOhlcvProxy,
  splitBarLots,
  splitBarVolume,
} from './ohlcv-proxy.ts';
export type {
  BarLotsSplit,
  BarVolumeSplit,
  OhlcvProxy,
  OhlcvProxyBar,
  OhlcvProxyCounts,
  OhlcvProxyOptions,
  OhlcvProxySnapshot,
  OrderflowProxyInputs,
} from './ohlcv-proxy.ts';
export {
  createLevelToTrade,
  createOrderToTrade,
  levelToTradeOf,
  orderToTradeDefaults,
  orderToTradeExact,
  orderToTradeOf,
  restoreLevelToTrade,
  restoreOrderToTrade,
} from './order-to-trade.ts';
export type {
  LevelActivity,
  OrderToTrade,
  OrderToTradeInterval,
  OrderToTradeOptions,
  OrderToTradeSnapshot,
} from './order-to-trade.ts';
export { createPriceBands, idxPriceBands } from './price-bands.ts';
export type { CanonicalBand, PriceBands, PriceBandsOptions, TickBand } from './price-bands.ts';
export {
  createQueueImbalanceSamples,
  fitQueueImbalance,
  queueImbalance,
  queueImbalanceSamplesDefaults,
  queueImbalanceSamplesOfColumns,
  restoreQueueImbalanceSamples,
  upProbability,
} from './queue-imbalance.ts';
export type {
  QueueImbalanceCounts,
  QueueImbalanceModel,
  QueueImbalanceSample,
  QueueImbalanceSamples,
  QueueImbalanceSamplesOptions,
  QueueImbalanceSamplesSnapshot,
} from './queue-imbalance.ts';
export { createResilience, resilienceDefaults, resilienceOfColumns, restoreResilience } from './resilience.ts';
export type {
  OpenShock,
  OrderSizesJson,
  Resilience,
  ResilienceCounts,
  ResilienceEvent,
  ResilienceOptions,
  ResilienceSnapshot,
} from './resilience.ts';
export { createSequenceGuard, restoreSequenceGuard } from './sequence-guard.ts';
export type { SequenceGuard, SequenceGuardSnapshot, SequenceGuardStats, SequenceResult } from './sequence-guard.ts';
export { snapshotDifference } from './snapshot-difference.ts';
export {
  abdiRanaldoDefaults,
  abdiRanaldoOfColumns,
  abdiRanaldoSquare,
  corwinSchultzDefaults,
  corwinSchultzOfColumns,
  corwinSchultzSpread,
  createAbdiRanaldo,
  createCorwinSchultz,
  createRoll,
  restoreAbdiRanaldo,
  restoreCorwinSchultz,
  restoreRoll,
  rollDefaults,
  rollOfColumns,
  rollSpread,
} from './spread-estimators.ts';
export type {
  AbdiRanaldo,
  AbdiRanaldoEstimate,
  AbdiRanaldoOptions,
  AbdiRanaldoSnapshot,
  BarPairCounts,
  BarPairsJson,
  CorwinSchultz,
  CorwinSchultzCounts,
  CorwinSchultzEstimate,
  CorwinSchultzOptions,
  CorwinSchultzPairOptions,
  CorwinSchultzSnapshot,
  HighLowClose,
  Roll,
  RollEstimate,
  RollOptions,
  RollSnapshot,
  RollWindowOptions,
} from './spread-estimators.ts';
export {
  createSpreads,
  quotedSpread,
  quotedSpreadBps,
  quotedSpreadBpsExact,
  restoreSpreads,
  spreadAround,
  spreadAveragesExact,
  spreadBps,
  spreadBpsExact,
  spreadsDefaults,
  spreadsOfColumns,
} from './spreads.ts';
export type {
  SpreadAverages,
  SpreadMeasure,
  Spreads,
  SpreadsOptions,
  SpreadsSnapshot,
  SpreadsSummary,
  SpreadSums,
  SpreadSumsJson,
  TradeSpreads,
} from './spreads.ts';
export {
  createStandardisedImbalance,
  restoreStandardisedImbalance,
  standardisedImbalanceDefaults,
  standardisedImbalanceOfColumns,
} from './standardised-imbalance.ts';
export type {
  StandardisedImbalance,
  StandardisedImbalanceCounts,
  StandardisedImbalanceOptions,
  StandardisedImbalanceSnapshot,
} from './standardised-imbalance.ts';
export { createSweepDetector, restoreSweepDetector, sweepDefaults, sweepsOfColumns } from './sweeps.ts';
export type { Sweep, SweepCounts, SweepDetector, SweepOptions, SweepSnapshot } from './sweeps.ts';
export {
  createTradeImbalance,
  restoreTradeImbalance,
  tradeImbalanceDefaults,
  tradeImbalanceOfColumns,
} from './trade-imbalance.ts';
export type {
  FlowTotals,
  FlowTotalsJson,
  TradeImbalance,
  TradeImbalanceCounts,
  TradeImbalanceInterval,
  TradeImbalanceOptions,
  TradeImbalances,
  TradeImbalanceSnapshot,
  TradeImbalanceStep,
  TradeImbalanceWindow,
} from './trade-imbalance.ts';
export {
  effectiveVamp,
  effectiveVampExact,
  effectiveVampOfColumns,
  effectiveVampOfDepth,
  fixedQuantityPriceExact,
  fixedQuantityPriceOfColumns,
  fixedQuantityPriceOfDepth,
  vamp,
  vampBbo,
  vampBboExact,
  vampExact,
  vampOfColumns,
  vampOfDepth,
  weightedDepthPrice,
  weightedDepthPriceExact,
  weightedDepthPriceOfColumns,
  weightedDepthPriceOfDepth,
} from './vamp.ts';
export type { NumberQuote, PriceLevel, PriceLevels } from './vamp.ts';
export { createVelocity, restoreVelocity, velocityDefaults, velocityOfColumns } from './velocity.ts';
export type { Burst, Velocity, VelocityCounts, VelocityOptions, VelocitySnapshot, VelocityStep } from './velocity.ts';
export {
  bvcVpinOfColumns,
  createBvcVpin,
  createVpin,
  restoreBvcVpin,
  restoreVpin,
  vpinDefaults,
  vpinExact,
  vpinOfColumns,
} from './vpin.ts';
export type {
  BucketParts,
  BvcVpin,
  BvcVpinBar,
  BvcVpinBatch,
  BvcVpinBucket,
  BvcVpinOptions,
  BvcVpinSnapshot,
  Vpin,
  VpinBatch,
  VpinBucket,
  VpinOptions,
  VpinSnapshot,
} from './vpin.ts';
export { vwapOf } from './vwap.ts';
