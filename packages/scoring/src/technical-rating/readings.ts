/** What the technical rating reads at one bar, in the order of a row; NaN where it is not known yet. */
import { ema } from '../indicators/ema.ts';
import type { VolumeColumns } from '../indicators/bar-columns.ts';
import { adx } from '../indicators/adx.ts';
import { awesome } from '../indicators/awesome.ts';
import { cci } from '../indicators/cci.ts';
import { elderRay } from '../indicators/elder-ray.ts';
import { hma } from '../indicators/hma.ts';
import { ichimoku } from '../indicators/ichimoku.ts';
import type { IndicatorSeries } from '../indicators/indicator-series.ts';
import { macd } from '../indicators/macd.ts';
import { priceMomentum } from '../indicators/price-momentum.ts';
import { rsi } from '../indicators/rsi.ts';
import { sma } from '../indicators/sma.ts';
import { stochRsi } from '../indicators/stoch-rsi.ts';
import { stochastic } from '../indicators/stochastic.ts';
import { ultimate } from '../indicators/ultimate.ts';
import { vwma } from '../indicators/vwma.ts';
import { williamsR } from '../indicators/williams-r.ts';

/** Periods of the simple and of the exponential averages. */
export const averagePeriods = [10, 20, 30, 50, 100, 200] as const;

/** Places in a row: the averages stand first, simple before exponential. */
export const place = {
  averages: 0,
  ema50: 9,
  hma: 12,
  vwma: 13,
  conversion: 14,
  base: 15,
  spanA: 16,
  spanB: 17,
  rsi: 18,
  stochK: 19,
  stochD: 20,
  cci: 21,
  plusDi: 22,
  minusDi: 23,
  adx: 24,
  awesome: 25,
  momentum: 26,
  macd: 27,
  signal: 28,
  stochRsiK: 29,
  stochRsiD: 30,
  williamsR: 31,
  bull: 32,
  bear: 33,
  ultimate: 34,
  close: 35,
  /** Bars up to this one that closed where it closes, itself among them. */
  still: 36,
} as const;

/** Numbers in a row. */
export const rowSize = 37;

/** Bars that have closed where the last one does, from the row before it. */
export function stillFor(close: number, before: Readonly<Float64Array>): number {
  return close === before[place.close]! ? before[place.still]! + 1 : 1;
}

/** The series of every place but the last two, in its order. */
export function readingSeries(bars: { readonly [Name in keyof VolumeColumns]: Float64Array }): IndicatorSeries[] {
  const { close } = bars;
  const cloud = ichimoku(bars);
  const fast = stochastic(bars);
  const moves = adx(bars);
  const lines = macd(close);
  const strength = stochRsi(close);
  const power = elderRay(bars);
  return [
    ...averagePeriods.map((period) => sma(close, { period })),
    ...averagePeriods.map((period) => ema(close, { period })),
    hma(close),
    vwma(bars),
    cloud.conversion,
    cloud.base,
    cloud.spanA,
    cloud.spanB,
    rsi(close),
    fast.k,
    fast.d,
    cci(bars),
    moves.plusDi,
    moves.minusDi,
    moves.adx,
    awesome(bars),
    priceMomentum(close),
    lines.macd,
    lines.signal,
    strength.k,
    strength.d,
    williamsR(bars),
    power.bull,
    power.bear,
    ultimate(bars),
  ];
}
