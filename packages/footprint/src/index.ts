export { FootprintError, isFootprintError, type FootprintErrorCode } from './errors.ts';
export type { FootprintBar, FootprintRow } from './footprint-bar.ts';
export { footprintBarsOf, footprintsOfColumns } from './footprint-columns.ts';
export type { BarColumn, FootprintColumns, FootprintColumnsOptions, RowColumn } from './footprint-columns.ts';
export {
  footprintFromJson,
  footprintToJson,
  formatFootprintLine,
  parseFootprintLine,
  type FootprintJson,
  type FootprintJsonContext,
  type FootprintLevelJson,
  type StoredFootprint,
} from './footprint-json.ts';
export {
  createProfile,
  pointOfControl,
  profileDefaults,
  restoreProfile,
  valueArea,
  valueAreaDefaults,
  type Profile,
  type ProfileOptions,
  type ProfileSnapshot,
  type RowJson,
  type ValueArea,
  type ValueAreaMethod,
  type ValueAreaOptions,
  type VolumeProfile,
  type VolumeRow,
} from './profile.ts';
export {
  createTimeBars,
  restoreTimeBars,
  timeBarsDefaults,
  type TimeBars,
  type TimeBarsOptions,
  type TimeBarsSnapshot,
  type TimeBarsStats,
} from './time-bars.ts';
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
