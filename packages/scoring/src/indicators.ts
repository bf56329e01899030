/**
 * Indicators as batch kernels over columns and as streams, with the same numbers bit for bit. Nothing is padded: a batch
 * says at which index it starts, a stream gives `undefined` until it knows.
 */
export { bollinger, bollingerDefaults, createBollinger, restoreBollinger } from './indicators/bollinger.ts';
export type {
  Bollinger,
  BollingerOptions,
  BollingerPoint,
  BollingerSeries,
  BollingerSnapshot,
} from './indicators/bollinger.ts';
export { lastValue, valueAt } from './indicators/indicator-series.ts';
export type { IndicatorSeries } from './indicators/indicator-series.ts';
export { createMacd, macd, macdDefaults, restoreMacd } from './indicators/macd.ts';
export type { Macd, MacdOptions, MacdPoint, MacdSeries, MacdSnapshot } from './indicators/macd.ts';
export { createRsi, restoreRsi, rsi, rsiDefaults } from './indicators/rsi.ts';
export type { Rsi, RsiOptions, RsiSnapshot } from './indicators/rsi.ts';
