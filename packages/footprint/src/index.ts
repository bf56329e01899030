export { auctionDefaults, unfinishedAuctions } from './auctions.ts';
export type { AuctionEnd, AuctionOptions, Auctions } from './auctions.ts';
export {
  barSignal,
  barSignalDefaults,
  barSignals,
  barSignalsDefaults,
  createBarSignals,
  restoreBarSignals,
} from './bar-signal.ts';
export type {
  BarSignal,
  BarSignalBar,
  BarSignalInput,
  BarSignalOptions,
  BarSignalPart,
  BarSignals,
  BarSignalsOptions,
  BarSignalsSnapshot,
  BarSignalsStats,
  BarSignalTag,
} from './bar-signal.ts';
export { averageTradeLots, barStats, deltaLots, deltaPercent, maxTradeLots, volumeLots } from './bar-stats.ts';
export type { BarStats, LotsByAggressor } from './bar-stats.ts';
export { imbalanceColumnsDefaults, imbalanceFlag, imbalancesOfColumns } from './columns-imbalances.ts';
export type { ImbalanceColumnsOptions } from './columns-imbalances.ts';
export { concatFootprintColumns, createColumnBars, restoreColumnBars } from './columns-stream.ts';
export type {
  ColumnBars,
  ColumnBarsOptions,
  ColumnBarsSnapshot,
  ColumnBarsStats,
  NumberedTradeColumns,
} from './columns-stream.ts';
export {
  createDivergence,
  divergenceDefaults,
  divergencePresets,
  divergences,
  restoreDivergence,
} from './divergence.ts';
export type {
  BreakoutDivergenceOptions,
  Divergence,
  DivergenceBarJson,
  DivergenceEvent,
  DivergenceInput,
  DivergenceOptions,
  DivergencePoint,
  DivergencePointJson,
  DivergenceSnapshot,
  DivergenceStats,
  PivotDivergenceOptions,
} from './divergence.ts';
export { FootprintError, isFootprintError } from './errors.ts';
export type { FootprintErrorCode } from './errors.ts';
export {
  barsDefaults,
  barsOfColumns,
  createBars,
  deltaClock,
  expectedFlowDefaults,
  fixedImbalanceClock,
  fixedRunsClock,
  imbalanceClock,
  rangeClock,
  rangeClockDefaults,
  renkoClock,
  restoreBars,
  runsClock,
  sessionClock,
  sessionClockDefaults,
  tickClock,
  tickLotsOf,
  timeClock,
  valueClock,
  volumeClock,
} from './event-bars.ts';
export type {
  BarClock,
  BarPart,
  BarPlan,
  Bars,
  BarsOptions,
  BarsSnapshot,
  BarsSoFar,
  BarsStats,
  ClockPrint,
  ClockStep,
  EmptyIntervals,
  EventBar,
  ExpectedFlowOptions,
  ExpectedFlowState,
  FixedFlowOptions,
  FlowMeasure,
  OpenBar,
  RangeClockOptions,
  RangeJump,
  RenkoState,
  RepeatingSessions,
  RunState,
  SessionClockOptions,
  SessionClockState,
  TimeClockOptions,
} from './event-bars.ts';
export type { BarIntegrity, FootprintBar, FootprintRow } from './footprint-bar.ts';
export {
  decodeFootprintBlocks,
  decodeFootprints,
  encodeFootprints,
  footprintBinaryDefaults,
} from './footprint-binary.ts';
export type { FootprintBinaryContext, FootprintBlock } from './footprint-binary.ts';
export { footprintBarsOf, footprintsOfColumns } from './footprint-columns.ts';
export type {
  BarColumn,
  FootprintColumns,
  FootprintColumnsOptions,
  FootprintColumnsReuse,
  RowColumn,
} from './footprint-columns.ts';
export { footprintFromJson, footprintToJson, formatFootprintLine, parseFootprintLine } from './footprint-json.ts';
export type { FootprintJson, FootprintJsonContext, FootprintLevelJson, StoredFootprint } from './footprint-json.ts';
export { formatOhlcvCsv, formatOhlcvLines, ohlcvColumns, ohlcvNumbers, ohlcvRows } from './footprint-ohlcv.ts';
export type { OhlcvColumn, OhlcvOptions, OhlcvRow } from './footprint-ohlcv.ts';
export { foreignDefaults, readForeignFootprint, readForeignLines } from './foreign-footprints.ts';
export type {
  ForeignFootprint,
  ForeignLayout,
  ForeignOptions,
  ForeignProblem,
  ForeignRow,
  RefusedLine,
} from './foreign-footprints.ts';
export {
  imbalanceDefaults,
  imbalanceFlags,
  imbalancePresets,
  imbalances,
  stackDefaults,
  stackedImbalances,
} from './imbalances.ts';
export type {
  ImbalanceFlags,
  ImbalanceMark,
  ImbalanceOptions,
  ImbalanceRow,
  ImbalanceRule,
  ImbalanceZone,
  StackOptions,
} from './imbalances.ts';
export { mergeBars, mergeProfiles } from './merge-bars.ts';
export type { MergeOptions } from './merge-bars.ts';
export { createNakedPocs, nakedPocsDefaults, restoreNakedPocs } from './naked-pocs.ts';
export type {
  NakedPocs,
  NakedPocsOptions,
  NakedPocsSnapshot,
  NakedPocsStats,
  PocBar,
  PocPeriod,
  PocTouched,
  TouchRange,
} from './naked-pocs.ts';
export {
  createProfile,
  pointOfControl,
  profileDefaults,
  restoreProfile,
  valueArea,
  valueAreaDefaults,
} from './profile.ts';
export type {
  Profile,
  ProfileOptions,
  ProfileSnapshot,
  RowJson,
  RowRule,
  ValueArea,
  ValueAreaMethod,
  ValueAreaOptions,
  VolumeProfile,
  VolumeRow,
} from './profile.ts';
export { requestFootprint, requestFootprintDefaults } from './request-footprint.ts';
export type { RequestedFootprint, RequestedRow, RequestFootprintOptions } from './request-footprint.ts';
export {
  createSessionProfiles,
  restoreSessionProfiles,
  sessionProfilesDefaults,
  sessionProfilesOfColumns,
} from './session-profiles.ts';
export type {
  LiveSessionJson,
  SessionProfile,
  SessionProfiles,
  SessionProfilesOptions,
  SessionProfilesSnapshot,
  SessionProfilesStats,
} from './session-profiles.ts';
export { idxRegularHours, sessionsOfDates } from './sessions.ts';
export type { Session, SessionDates, SessionHours, TimeRange } from './sessions.ts';
export { createTimeBars, restoreTimeBars, timeBarsDefaults } from './time-bars.ts';
export type {
  EmptyBarPolicy,
  IdGap,
  LatePolicy,
  TimeBars,
  TimeBarsOptions,
  TimeBarsSnapshot,
  TimeBarsStats,
} from './time-bars.ts';
export {
  createTpoProfile,
  restoreTpoProfile,
  tpoLetter,
  tpoProfileDefaults,
  tpoProfileOfColumns,
} from './tpo-profile.ts';
export type {
  PocTie,
  SinglePrints,
  TickRange,
  TpoBar,
  TpoPeriod,
  TpoProfile,
  TpoProfileBuilder,
  TpoProfileOptions,
  TpoProfileSnapshot,
  TpoProfileStats,
  TpoRow,
} from './tpo-profile.ts';
export { createTradeLines, restoreTradeLines, tradeLineFields, tradeLinesDefaults } from './trade-lines.ts';
export type {
  MalformedLine,
  MalformedReason,
  TradeLineFields,
  TradeLines,
  TradeLinesOptions,
  TradeLinesSnapshot,
  TradeLinesStats,
} from './trade-lines.ts';
