/**
 * Indicators as batch kernels over columns and as streams, with the same numbers bit for bit. Nothing is padded: a batch
 * says at which index it starts, a stream gives `undefined` until it knows.
 */
export { adl, createAdl, restoreAdl } from './indicators/adl.ts';
export { adx, adxDefaults, createAdx, restoreAdx } from './indicators/adx.ts';
export type { AdxOptions, AdxPoint, AdxSeries } from './indicators/adx.ts';
export { atr, atrDefaults, createAtr, restoreAtr } from './indicators/atr.ts';
export type { AtrOptions } from './indicators/atr.ts';
export { awesome, awesomeDefaults, createAwesome, restoreAwesome } from './indicators/awesome.ts';
export type { AwesomeOptions } from './indicators/awesome.ts';
export { toBarColumns } from './indicators/bar-columns.ts';
export type {
  BarColumns,
  Column,
  IndicatorBar,
  PriceBar,
  PriceColumns,
  VolumeBar,
  VolumeColumns,
} from './indicators/bar-columns.ts';
export { bollinger, bollingerDefaults, createBollinger, restoreBollinger } from './indicators/bollinger.ts';
export type {
  Bollinger,
  BollingerOptions,
  BollingerPoint,
  BollingerSeries,
  BollingerSnapshot,
} from './indicators/bollinger.ts';
export { cci, cciDefaults, createCci, restoreCci } from './indicators/cci.ts';
export type { CciOptions } from './indicators/cci.ts';
export { cmf, cmfDefaults, createCmf, restoreCmf } from './indicators/cmf.ts';
export type { CmfOptions } from './indicators/cmf.ts';
export { createDonchian, donchian, donchianDefaults, restoreDonchian } from './indicators/donchian.ts';
export type { DonchianOptions, DonchianPoint, DonchianSeries } from './indicators/donchian.ts';
export { createElderRay, elderRay, elderRayDefaults, restoreElderRay } from './indicators/elder-ray.ts';
export type { ElderRayOptions, ElderRayPoint, ElderRaySeries } from './indicators/elder-ray.ts';
export { createEma, ema, emaDefaults, restoreEma } from './indicators/ema.ts';
export type { EmaOptions } from './indicators/ema.ts';
export {
  createFibonacci,
  fibonacci,
  fibonacciDefaults,
  fibonacciLevels,
  fibonacciRatios,
  restoreFibonacci,
} from './indicators/fibonacci.ts';
export type { FibonacciLevel, FibonacciOptions, FibonacciPoint, FibonacciSeries } from './indicators/fibonacci.ts';
export { createHma, hma, hmaDefaults, restoreHma } from './indicators/hma.ts';
export type { HmaOptions } from './indicators/hma.ts';
export { createIchimoku, ichimoku, ichimokuDefaults, restoreIchimoku } from './indicators/ichimoku.ts';
export type { IchimokuOptions, IchimokuPoint, IchimokuSeries } from './indicators/ichimoku.ts';
export { lastValue, valueAt } from './indicators/indicator-series.ts';
export type { IndicatorSeries } from './indicators/indicator-series.ts';
export type { IndicatorSnapshot, IndicatorStream } from './indicators/indicator-stream.ts';
export { createMacd, macd, macdDefaults, restoreMacd } from './indicators/macd.ts';
export type { Macd, MacdOptions, MacdPoint, MacdSeries, MacdSnapshot } from './indicators/macd.ts';
export { createMfi, mfi, mfiDefaults, restoreMfi } from './indicators/mfi.ts';
export type { MfiOptions } from './indicators/mfi.ts';
export { createObv, obv, restoreObv } from './indicators/obv.ts';
export {
  createPriceMomentum,
  priceMomentum,
  priceMomentumDefaults,
  restorePriceMomentum,
} from './indicators/price-momentum.ts';
export type { PriceMomentumOptions } from './indicators/price-momentum.ts';
export { createRsi, restoreRsi, rsi, rsiDefaults } from './indicators/rsi.ts';
export type { Rsi, RsiOptions, RsiSnapshot } from './indicators/rsi.ts';
export { createRvol, restoreRvol, rvol, rvolDefaults } from './indicators/rvol.ts';
export type { RvolOptions } from './indicators/rvol.ts';
export { createSma, restoreSma, sma, smaDefaults } from './indicators/sma.ts';
export type { SmaOptions } from './indicators/sma.ts';
export { createStochRsi, restoreStochRsi, stochRsi, stochRsiDefaults } from './indicators/stoch-rsi.ts';
export type { StochRsiOptions } from './indicators/stoch-rsi.ts';
export { createStochastic, restoreStochastic, stochastic, stochasticDefaults } from './indicators/stochastic.ts';
export type { StochasticOptions, StochasticPoint, StochasticSeries } from './indicators/stochastic.ts';
export { createSupertrend, restoreSupertrend, supertrend, supertrendDefaults } from './indicators/supertrend.ts';
export type { SupertrendOptions, SupertrendPoint, SupertrendSeries } from './indicators/supertrend.ts';
export {
  createSupportResistance,
  restoreSupportResistance,
  supportResistance,
  supportResistanceDefaults,
} from './indicators/support-resistance.ts';
export type {
  SupportResistanceOptions,
  SupportResistancePoint,
  SupportResistanceSeries,
} from './indicators/support-resistance.ts';
export { createUltimate, restoreUltimate, ultimate, ultimateDefaults } from './indicators/ultimate.ts';
export type { UltimateOptions } from './indicators/ultimate.ts';
export { createVwap, restoreVwap, vwap, vwapDefaults } from './indicators/vwap.ts';
export type { VwapOptions } from './indicators/vwap.ts';
export { createVwma, restoreVwma, vwma, vwmaDefaults } from './indicators/vwma.ts';
export type { VwmaOptions } from './indicators/vwma.ts';
export { createWilliamsR, restoreWilliamsR, williamsR, williamsRDefaults } from './indicators/williams-r.ts';
export type { WilliamsROptions } from './indicators/williams-r.ts';
export { createWma, restoreWma, wma, wmaDefaults } from './indicators/wma.ts';
export type { WmaOptions } from './indicators/wma.ts';
