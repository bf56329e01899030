/** Ready rules. Each field that they read comes out of `alertFields`, `createBarFields`, `brokerFields` or `wyckoffFields`. */
import type { AlertCondition } from './conditions.ts';

/** How much an alert matters. */
export type AlertPriority = 'low' | 'medium' | 'high' | 'critical';

/** When to alert. */
export interface AlertRule {
  /** Stable and unique: it is part of every alert's id. */
  readonly id: string;
  /** What happened, for people. */
  readonly title: string;
  readonly priority: AlertPriority;
  /** All of them must hold, and not all of them the time before; what compares with before may hold every time. */
  readonly all: readonly AlertCondition[];
  /**
   * What begins within so long of an alert of the rule for the symbol is never told, even where it lasts beyond it: it is
   * counted as cooled down.
   * @defaultValue the option `cooldownMs`
   */
  readonly cooldownMs?: number;
}

const atLeast = (field: string, value: number): AlertCondition => ({ field, comparison: 'at-least', value });
const atMost = (field: string, value: number): AlertCondition => ({ field, comparison: 'at-most', value });
const rule = (id: string, priority: AlertPriority, title: string, ...all: readonly AlertCondition[]): AlertRule => ({
  id,
  title,
  priority,
  all,
});

/**
 * Rules over scores, brokers, prices and patterns. They read what `alertFields` gives of a score, `createBarFields` of
 * bars, `brokerFields` of broker summaries (money in rupiah) and `wyckoffFields` of Wyckoff's schematics.
 */
export const defaultAlertRules: readonly AlertRule[] = [
  rule('signal-changed', 'high', 'The signal changed', { field: 'signal', comparison: 'changes' }),
  rule('score-buy', 'medium', 'The score rose to a buy', atLeast('score', 60)),
  rule('score-sell', 'medium', 'The score fell to a sell', atMost('score', 40)),
  rule('coordinated-buying', 'high', 'Several brokers buy together', atLeast('broker.coordinatedBuyers', 3)),
  rule('foreign-inflow', 'high', 'Foreigners bought for 10 billion or more', atLeast('broker.foreignNetValue', 10e9)),
  rule('foreign-outflow', 'medium', 'Foreigners sold for 5 billion or more', atMost('broker.foreignNetValue', -5e9)),
  rule('accumulation', 'high', 'Brokers accumulate', atLeast('broker', 75), atLeast('broker.daysAccumulating', 3)),
  rule('distribution', 'medium', 'Brokers distribute', atMost('broker', 25)),
  rule('concentrated-buyers', 'medium', 'Few brokers do the buying', atLeast('broker.buyerConcentration', 0.2)),
  rule('rsi-overbought', 'medium', 'RSI at 70 or more', atLeast('rsi', 70)),
  rule('rsi-oversold', 'medium', 'RSI at 30 or less', atMost('rsi', 30)),
  rule('macd-up', 'high', 'MACD rose above its signal', {
    field: 'macdHistogram',
    comparison: 'crosses-above',
    value: 0,
  }),
  rule('macd-down', 'high', 'MACD fell below its signal', {
    field: 'macdHistogram',
    comparison: 'crosses-below',
    value: 0,
  }),
  rule('volume-spike', 'medium', 'Volume at 2.5 times the usual or more', atLeast('relativeVolume', 2.5)),
  rule('golden-cross', 'high', 'EMA 20 rose above EMA 50', {
    field: 'ema20',
    comparison: 'crosses-above',
    other: 'ema50',
  }),
  rule('death-cross', 'high', 'EMA 20 fell below EMA 50', {
    field: 'ema20',
    comparison: 'crosses-below',
    other: 'ema50',
  }),
  rule('resistance-broken', 'high', 'Close above the resistance', {
    field: 'close',
    comparison: 'breaks-above',
    other: 'resistance',
  }),
  rule('support-broken', 'high', 'Close below the support', {
    field: 'close',
    comparison: 'breaks-below',
    other: 'support',
  }),
  rule('wyckoff-phase', 'high', 'Another Wyckoff phase', { field: 'wyckoff.phase', comparison: 'changes' }),
  rule('spring', 'critical', 'A spring was confirmed', atLeast('wyckoff.Spring', 1)),
  rule('upthrust', 'critical', 'An upthrust was confirmed', atLeast('wyckoff.UTAD', 1)),
  rule('bollinger-squeeze', 'medium', 'Bollinger bands are narrow', atMost('bollingerBandwidth', 0.05)),
];
