/** Prices that are derived from one bar or two; one function per bar and one per column, with the same arithmetic. */
import { gainOf } from './wilder.ts';

/** (High + low + close) ÷ 3, written around the close so that a bar without range has exactly its price. */
export function typicalPrice(high: number, low: number, close: number): number {
  return close + (high - close + (low - close)) / 3;
}

/** The way from the low to the high, the close before included; without a branch, because gaps are coin flips. */
export function trueRange(high: number, low: number, closeBefore: number): number {
  return high - low + gainOf(closeBefore - high) + gainOf(low - closeBefore);
}

/** Where the close lies in its bar: 1 at the high, −1 at the low; 0 for a bar without range. */
export function moneyFlowMultiplier(high: number, low: number, close: number): number {
  return high > low ? (close - low - (high - close)) / (high - low) : 0;
}

export function moneyFlowMultipliers(high: Float64Array, low: Float64Array, close: Float64Array): Float64Array {
  const out = new Float64Array(close.length);
  for (let i = 0; i < out.length; i++) out[i] = moneyFlowMultiplier(high[i]!, low[i]!, close[i]!);
  return out;
}
