export { missingComponent } from './component.ts';
export type { ComponentScore, Quality } from './component.ts';
export { composeScore, compositePresets, scoreToJson } from './composite.ts';
export type { ComposeInput, Score, ScoreComponentJson, ScoreJson, WeightedComponent, Weights } from './composite.ts';
export { isScoringError, ScoringError } from './errors.ts';
export type { ScoringErrorCode } from './errors.ts';
export { explainScore } from './explain.ts';
export {
  bollinger,
  bollingerDefaults,
  createBollinger,
  createMacd,
  createRsi,
  lastValue,
  macd,
  macdDefaults,
  restoreBollinger,
  restoreMacd,
  restoreRsi,
  rsi,
  rsiDefaults,
  valueAt,
} from './indicators.ts';
export type {
  Bollinger,
  BollingerOptions,
  BollingerPoint,
  BollingerSeries,
  BollingerSnapshot,
  IndicatorSeries,
  Macd,
  MacdOptions,
  MacdPoint,
  MacdSeries,
  MacdSnapshot,
  Rsi,
  RsiOptions,
  RsiSnapshot,
} from './indicators.ts';
export { orderFlowPoints, scoreOrderFlow } from './order-flow.ts';
export type { OrderFlowInput } from './order-flow.ts';
export { signalOf, signalScaleDefaults } from './signal.ts';
export type { Signal, SignalScale } from './signal.ts';
export { scoreTape } from './tape.ts';
export type { NumericBar, ScoreTapeInput } from './tape.ts';
export { momentumDefaults, scoreMomentum, scoreTrend, scoreVolatilityPosition, trendDefaults } from './technicals.ts';
export type { MomentumOptions, TrendOptions } from './technicals.ts';
