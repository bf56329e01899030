/** Every indicator of a symbol in one call: for screeners, which ask everything of everybody. */
import { adlKernel } from './indicators/adl.ts';
import type { AdxSeries } from './indicators/adx.ts';
import { adxDefaults, adxKernel } from './indicators/adx.ts';
import { atrDefaults, atrKernel } from './indicators/atr.ts';
import { awesomeDefaults, awesomeKernel } from './indicators/awesome.ts';
import type { BarColumns } from './indicators/bar-columns.ts';
import type { BollingerSeries } from './indicators/bollinger.ts';
import { bollinger } from './indicators/bollinger.ts';
import { cciDefaults, cciKernel } from './indicators/cci.ts';
import { cmfDefaults, cmfKernel } from './indicators/cmf.ts';
import type { DonchianSeries } from './indicators/donchian.ts';
import { donchianDefaults, donchianKernel } from './indicators/donchian.ts';
import type { ElderRaySeries } from './indicators/elder-ray.ts';
import { elderRayDefaults, elderRayKernel } from './indicators/elder-ray.ts';
import { emaDefaults, emaKernel } from './indicators/ema.ts';
import type { FibonacciSeries } from './indicators/fibonacci.ts';
import { fibonacciDefaults, fibonacciKernel } from './indicators/fibonacci.ts';
import { hmaDefaults, hmaKernel } from './indicators/hma.ts';
import type { IchimokuSeries } from './indicators/ichimoku.ts';
import { ichimokuDefaults, ichimokuKernel } from './indicators/ichimoku.ts';
import type { IndicatorSeries } from './indicators/indicator-series.ts';
import { lastValue } from './indicators/indicator-series.ts';
import type { MacdSeries } from './indicators/macd.ts';
import { macd } from './indicators/macd.ts';
import { mfiDefaults, mfiKernel } from './indicators/mfi.ts';
import { obvKernel } from './indicators/obv.ts';
import { priceMomentumDefaults, priceMomentumKernel } from './indicators/price-momentum.ts';
import { rsi } from './indicators/rsi.ts';
import { rvolDefaults, rvolKernel } from './indicators/rvol.ts';
import { smaDefaults, smaKernel } from './indicators/sma.ts';
import { stochRsiDefaults, stochRsiKernel } from './indicators/stoch-rsi.ts';
import type { StochasticSeries } from './indicators/stochastic.ts';
import { stochasticDefaults, stochasticKernel } from './indicators/stochastic.ts';
import type { SupertrendSeries } from './indicators/supertrend.ts';
import { supertrendDefaults, supertrendKernel } from './indicators/supertrend.ts';
import type { SupportResistanceSeries } from './indicators/support-resistance.ts';
import { supportResistanceDefaults, supportResistanceKernel } from './indicators/support-resistance.ts';
import { ultimateDefaults, ultimateKernel } from './indicators/ultimate.ts';
import type { VwapOptions } from './indicators/vwap.ts';
import { vwapDefaults, vwapKernel } from './indicators/vwap.ts';
import { vwmaDefaults, vwmaKernel } from './indicators/vwma.ts';
import { williamsRDefaults, williamsRKernel } from './indicators/williams-r.ts';
import { wmaDefaults, wmaKernel } from './indicators/wma.ts';
import { readColumns } from './internal/bar-input.ts';
import { completeOptions } from './internal/stream.ts';

/** Every indicator with its default options, by name. */
export interface AllIndicators {
  readonly adl: IndicatorSeries;
  readonly adx: AdxSeries;
  readonly atr: IndicatorSeries;
  readonly awesome: IndicatorSeries;
  readonly bollinger: BollingerSeries;
  readonly cci: IndicatorSeries;
  readonly cmf: IndicatorSeries;
  readonly donchian: DonchianSeries;
  readonly elderRay: ElderRaySeries;
  readonly ema: IndicatorSeries;
  readonly fibonacci: FibonacciSeries;
  readonly hma: IndicatorSeries;
  readonly ichimoku: IchimokuSeries;
  readonly macd: MacdSeries;
  readonly mfi: IndicatorSeries;
  readonly obv: IndicatorSeries;
  readonly priceMomentum: IndicatorSeries;
  readonly rsi: IndicatorSeries;
  readonly rvol: IndicatorSeries;
  readonly sma: IndicatorSeries;
  readonly stochRsi: StochasticSeries;
  readonly stochastic: StochasticSeries;
  readonly supertrend: SupertrendSeries;
  readonly supportResistance: SupportResistanceSeries;
  readonly ultimate: IndicatorSeries;
  readonly vwap: IndicatorSeries;
  readonly vwma: IndicatorSeries;
  readonly williamsR: IndicatorSeries;
  readonly wma: IndicatorSeries;
}

/**
 * All indicators of one symbol; the bars are checked once. `vwap` says where its sessions begin.
 *
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a value that cannot be.
 */
export function allIndicators(bars: BarColumns, vwap: VwapOptions = {}): AllIndicators {
  const { startMs, high, low, close, volume } = readColumns(bars, ['startMs', 'high', 'low', 'close', 'volume']);
  return {
    adl: adlKernel(high, low, close, volume),
    adx: adxKernel(high, low, close, adxDefaults),
    atr: atrKernel(high, low, close, atrDefaults),
    awesome: awesomeKernel(high, low, awesomeDefaults),
    bollinger: bollinger(close),
    cci: cciKernel(high, low, close, cciDefaults),
    cmf: cmfKernel(high, low, close, volume, cmfDefaults),
    donchian: donchianKernel(high, low, donchianDefaults),
    elderRay: elderRayKernel(high, low, close, elderRayDefaults),
    ema: emaKernel(close, emaDefaults),
    fibonacci: fibonacciKernel(high, low, fibonacciDefaults),
    hma: hmaKernel(close, hmaDefaults),
    ichimoku: ichimokuKernel(high, low, ichimokuDefaults),
    macd: macd(close),
    mfi: mfiKernel(high, low, close, volume, mfiDefaults),
    obv: obvKernel(close, volume),
    priceMomentum: priceMomentumKernel(close, priceMomentumDefaults),
    rsi: rsi(close),
    rvol: rvolKernel(volume, rvolDefaults),
    sma: smaKernel(close, smaDefaults),
    stochRsi: stochRsiKernel(close, stochRsiDefaults),
    stochastic: stochasticKernel(high, low, close, stochasticDefaults),
    supertrend: supertrendKernel(high, low, close, supertrendDefaults),
    supportResistance: supportResistanceKernel(high, low, close, supportResistanceDefaults),
    ultimate: ultimateKernel(high, low, close, ultimateDefaults),
    vwap: vwapKernel(startMs, high, low, close, volume, completeOptions(vwapDefaults, vwap)),
    vwma: vwmaKernel(close, volume, vwmaDefaults),
    williamsR: williamsRKernel(high, low, close, williamsRDefaults),
    wma: wmaKernel(close, wmaDefaults),
  };
}

/**
 * The newest value of every line, by name: `rsi`, `macd.signal`, `ichimoku.spanA`; `undefined` where it is not known.
 *
 * @example
 * ```ts
 * latestValues({ rsi: { from: 14, values: Float64Array.of(60, 55) } }); // => { rsi: 55 }
 * ```
 */
export function latestValues(
  indicators: Readonly<Record<string, unknown>> | AllIndicators,
): Record<string, number | undefined> {
  const out: Record<string, number | undefined> = {};
  for (const [name, indicator] of Object.entries(indicators) as [string, IndicatorSeries | Lines][]) {
    if (isSeries(indicator)) out[name] = lastValue(indicator);
    else for (const [line, series] of Object.entries(indicator)) out[`${name}.${line}`] = lastValue(series);
  }
  return out;
}

type Lines = Readonly<Record<string, IndicatorSeries>>;

function isSeries(value: IndicatorSeries | Lines): value is IndicatorSeries {
  return value['values'] instanceof Float64Array;
}
