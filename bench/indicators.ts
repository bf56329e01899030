/**
 * Indicators over columns of bars, beside trading-signals and technicalindicators, for all that they share.
 *
 * Run: node --conditions=source bench/indicators.ts [bars] [rounds] [name]
 * Variants take turns in every round; the table has medians of processor time, and only its ratios mean something.
 *
 * Everybody's input is made beforehand in the form that it takes, and everybody ends with all values of all its lines in
 * memory, in the form that it gives:
 * - batch: columns in, columns out, inputs checked and outputs allocated in every run; or, with `reuse`, outputs written into
 *   those of the run before, as in a loop over many symbols. The goals are those of the quicker one;
 * - stream and trading-signals: `push` and `add`, whose answer is the newest value (an object where there are several
 *   lines), for one close or bar object after the other; the answers are kept in an array;
 * - technicalindicators: its `calculate`, which takes and gives plain arrays.
 */
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- technicalindicators declares options as classes */
import * as ours from '@tapekit/scoring/indicators';
import * as peer from 'technicalindicators';
import * as signals from 'trading-signals';
import { allIndicators, latestValues } from '@tapekit/scoring/screener';
import { technicalRating } from '@tapekit/scoring/technical-rating';
import type { Candle } from './lib/indicators.ts';
import { checked, cpuMs, goals, median, randomBars, repeatsOf, warmUp } from './lib/indicators.ts';

const bars = Number(process.argv[2] ?? 200_000);
const rounds = Number(process.argv[3] ?? 5);
const only = process.argv[4];
const { columns, lists, objects } = randomBars(bars);
const { close } = columns;

/** Every variant returns its last value, so that the variants can be compared and no work is optimised away. */
type Variant = () => number;

const closes = <Answer>(push: (close: number) => Answer): Answer => {
  const answers: Answer[] = [];
  for (let i = 0; i < bars; i++) answers.push(push(close[i]!));
  return answers.at(-1)!;
};
const candles = <Answer>(push: (bar: Candle) => Answer): Answer => {
  const answers: Answer[] = [];
  for (let i = 0; i < bars; i++) answers.push(push(objects[i]!));
  return answers.at(-1)!;
};
const end = (series: ours.IndicatorSeries): number => ours.lastValue(series)!;
/** Each run in the memory of the one before, as in a loop over many symbols. */
function again<Made>(make: (used: Made | undefined) => Made, line: (made: Made) => ours.IndicatorSeries): Variant {
  let used: Made | undefined;
  return () => end(line((used = make(used))));
}

const contests: Readonly<Record<string, Readonly<Record<string, Variant>>>> = {
  'RSI 14': {
    batch: () => end(ours.rsi(close)),
    'batch, reuse': again(
      (used: ours.IndicatorSeries | undefined) => ours.rsi(close, {}, used),
      (made) => made,
    ),
    stream: () => {
      const stream = ours.createRsi();
      return closes((x) => stream.push(x))!;
    },
    'trading-signals': () => {
      const other = new signals.RSI(14, signals.WSMA);
      return closes((x) => other.add(x))!;
    },
    technicalindicators: () => peer.RSI.calculate({ period: 14, values: lists.close }).at(-1)!,
  },
  'MACD 12/26/9': {
    batch: () => end(ours.macd(close).macd),
    'batch, reuse': again(
      (used: ours.MacdSeries | undefined) => ours.macd(close, {}, used),
      (made) => made.macd,
    ),
    stream: () => {
      const stream = ours.createMacd();
      return closes((x) => stream.push(x))!.macd;
    },
    'trading-signals': () => {
      const other = new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9));
      return closes((x) => other.add(x))!.macd;
    },
    technicalindicators: () =>
      peer.MACD.calculate({
        values: lists.close,
        fastPeriod: 12,
        slowPeriod: 26,
        signalPeriod: 9,
        SimpleMAOscillator: false,
        SimpleMASignal: false,
      }).at(-1)!.MACD!,
  },
  'Bollinger 20/2': {
    batch: () => end(ours.bollinger(close).upper),
    'batch, reuse': again(
      (used: ours.BollingerSeries | undefined) => ours.bollinger(close, {}, used),
      (made) => made.upper,
    ),
    stream: () => {
      const stream = ours.createBollinger();
      return closes((x) => stream.push(x))!.upper;
    },
    'trading-signals': () => {
      const other = new signals.BollingerBands(20, 2);
      return closes((x) => other.add(x))!.upper;
    },
    technicalindicators: () =>
      peer.BollingerBands.calculate({ period: 20, stdDev: 2, values: lists.close }).at(-1)!.upper,
  },
  'SMA 20': {
    batch: () => end(ours.sma(close)),
    stream: () => {
      const stream = ours.createSma();
      return closes((x) => stream.push(x))!;
    },
    'trading-signals': () => {
      const other = new signals.SMA(20);
      return closes((x) => other.add(x))!;
    },
    technicalindicators: () => peer.SMA.calculate({ period: 20, values: lists.close }).at(-1)!,
  },
  'EMA 20': {
    batch: () => end(ours.ema(close)),
    stream: () => {
      const stream = ours.createEma();
      return closes((x) => stream.push(x))!;
    },
    'trading-signals': () => {
      const other = new signals.EMA(20);
      return closes((x) => other.add(x))!;
    },
    technicalindicators: () => peer.EMA.calculate({ period: 20, values: lists.close }).at(-1)!,
  },
  'WMA 20': {
    batch: () => end(ours.wma(close)),
    stream: () => {
      const stream = ours.createWma();
      return closes((x) => stream.push(x))!;
    },
    'trading-signals': () => {
      const other = new signals.WMA(20);
      return closes((x) => other.add(x))!;
    },
    technicalindicators: () => peer.WMA.calculate({ period: 20, values: lists.close }).at(-1)!,
  },
  'HMA 9': {
    batch: () => end(ours.hma(close)),
    stream: () => {
      const stream = ours.createHma();
      return closes((x) => stream.push(x))!;
    },
    'trading-signals': () => {
      const other = new signals.HMA(9);
      return closes((x) => other.add(x))!;
    },
  },
  'VWMA 20': {
    batch: () => end(ours.vwma(columns)),
    stream: () => {
      const stream = ours.createVwma();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.VWMA(20);
      return candles((bar) => other.add(bar))!;
    },
  },
  'Momentum 10': {
    batch: () => end(ours.priceMomentum(close)),
    stream: () => {
      const stream = ours.createPriceMomentum();
      return closes((x) => stream.push(x))!;
    },
    'trading-signals': () => {
      const other = new signals.MOM(10);
      return closes((x) => other.add(x))!;
    },
  },
  'ATR 14': {
    batch: () => end(ours.atr(columns)),
    'batch, reuse': again(
      (used: ours.IndicatorSeries | undefined) => ours.atr(columns, {}, used),
      (made) => made,
    ),
    stream: () => {
      const stream = ours.createAtr();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.ATR(14, signals.WSMA);
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () =>
      peer.ATR.calculate({ period: 14, high: lists.high, low: lists.low, close: lists.close }).at(-1)!,
  },
  'ADX 14': {
    batch: () => end(ours.adx(columns).adx),
    'batch, reuse': again(
      (used: ours.AdxSeries | undefined) => ours.adx(columns, {}, used),
      (made) => made.adx,
    ),
    stream: () => {
      const stream = ours.createAdx();
      return candles((bar) => stream.push(bar))!.adx!;
    },
    'trading-signals': () => {
      const other = new signals.ADX(14, signals.WSMA);
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () =>
      peer.ADX.calculate({ period: 14, high: lists.high, low: lists.low, close: lists.close }).at(-1)!.adx,
  },
  'Stochastic 14/3/3': {
    batch: () => end(ours.stochastic(columns).d),
    stream: () => {
      const stream = ours.createStochastic();
      return candles((bar) => stream.push(bar))!.d!;
    },
    'trading-signals': () => {
      const other = new signals.StochasticOscillator({ kPeriod: 14, kSlowingPeriod: 3, dPeriod: 3 });
      return candles((bar) => other.add(bar))!.stochD;
    },
  },
  'Stochastic 14/1/3': {
    batch: () => end(ours.stochastic(columns, { kSmoothing: 1 }).d),
    technicalindicators: () =>
      peer.Stochastic.calculate({
        period: 14,
        signalPeriod: 3,
        high: lists.high,
        low: lists.low,
        close: lists.close,
      }).at(-1)!.d,
  },
  'StochRSI 14/14/3/3': {
    batch: () => end(ours.stochRsi(close).d),
    stream: () => {
      const stream = ours.createStochRsi();
      return closes((x) => stream.push(x))!.d!;
    },
    'trading-signals': () => {
      const other = new signals.StochasticRSI(14, signals.WSMA, { k: new signals.SMA(3), d: new signals.SMA(3) });
      closes((x) => other.add(x));
      return 100 * other.smoothing.d.getResultOrThrow();
    },
    technicalindicators: () =>
      peer.StochasticRSI.calculate({
        values: lists.close,
        rsiPeriod: 14,
        stochasticPeriod: 14,
        kPeriod: 3,
        dPeriod: 3,
      }).at(-1)!.d,
  },
  'CCI 20': {
    batch: () => end(ours.cci(columns)),
    stream: () => {
      const stream = ours.createCci();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.CCI(20);
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () =>
      peer.CCI.calculate({ period: 20, high: lists.high, low: lists.low, close: lists.close }).at(-1)!,
  },
  'Williams %R 14': {
    batch: () => end(ours.williamsR(columns)),
    stream: () => {
      const stream = ours.createWilliamsR();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.WilliamsR(14);
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () =>
      peer.WilliamsR.calculate({ period: 14, high: lists.high, low: lists.low, close: lists.close }).at(-1)!,
  },
  'MFI 14': {
    batch: () => end(ours.mfi(columns)),
    stream: () => {
      const stream = ours.createMfi();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.MFI(14);
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () => peer.MFI.calculate({ period: 14, ...lists }).at(-1)!,
  },
  OBV: {
    batch: () => end(ours.obv(columns)),
    stream: () => {
      const stream = ours.createObv();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.OBV(14);
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () => peer.OBV.calculate({ close: lists.close, volume: lists.volume }).at(-1)!,
  },
  ADL: {
    batch: () => end(ours.adl(columns)),
    stream: () => {
      const stream = ours.createAdl();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.AD();
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () => peer.ADL.calculate(lists).at(-1)!,
  },
  'CMF 20': {
    batch: () => end(ours.cmf(columns)),
    stream: () => {
      const stream = ours.createCmf();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.CMF(20);
      return candles((bar) => other.add(bar))!;
    },
  },
  VWAP: {
    batch: () => end(ours.vwap(columns, { sessionMs: 0 })),
    stream: () => {
      const stream = ours.createVwap({ sessionMs: 0 });
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.VWAP();
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () => peer.VWAP.calculate(lists).at(-1)!,
  },
  'RVOL 20': {
    batch: () => end(ours.rvol(columns)),
    stream: () => {
      const stream = ours.createRvol();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.RVOL(20);
      return candles((bar) => other.add(bar.volume))!;
    },
  },
  'Ultimate 7/14/28': {
    batch: () => end(ours.ultimate(columns)),
    stream: () => {
      const stream = ours.createUltimate();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.UltimateOscillator();
      return candles((bar) => other.add(bar))!;
    },
  },
  'Awesome 5/34': {
    batch: () => end(ours.awesome(columns)),
    stream: () => {
      const stream = ours.createAwesome();
      return candles((bar) => stream.push(bar))!;
    },
    'trading-signals': () => {
      const other = new signals.AO(5, 34);
      return candles((bar) => other.add(bar))!;
    },
    technicalindicators: () =>
      peer.AwesomeOscillator.calculate({ high: lists.high, low: lists.low, fastPeriod: 5, slowPeriod: 34 }).at(-1)!,
  },
  'Elder-ray 13': {
    batch: () => end(ours.elderRay(columns).bull),
    stream: () => {
      const stream = ours.createElderRay();
      return candles((bar) => stream.push(bar))!.bull;
    },
    'trading-signals': () => {
      const other = new signals.ElderRay(13);
      return candles((bar) => other.add(bar))!.bullPower;
    },
  },
  'Donchian 20': {
    batch: () => end(ours.donchian(columns).upper),
    stream: () => {
      const stream = ours.createDonchian();
      return candles((bar) => stream.push(bar))!.upper;
    },
    'trading-signals': () => {
      const other = new signals.DonchianChannels(20);
      return candles((bar) => other.add(bar))!.upper;
    },
  },
  'Supertrend 10/3': {
    batch: () => end(ours.supertrend(columns).line),
    stream: () => {
      const stream = ours.createSupertrend();
      return candles((bar) => stream.push(bar))!.line;
    },
    'trading-signals': () => {
      const other = new signals.SuperTrend({ interval: 10, multiplier: 3 });
      return candles((bar) => other.add(bar))!.supertrend;
    },
  },
  'Ichimoku 9/26/52': {
    batch: () => end(ours.ichimoku(columns).leadingB),
    'batch, reuse': again(
      (used: ours.IchimokuSeries | undefined) => ours.ichimoku(columns, {}, used),
      (made) => made.leadingB,
    ),
    stream: () => {
      const stream = ours.createIchimoku();
      return candles((bar) => stream.push(bar))!.leadingB!;
    },
    'trading-signals': () => {
      const other = new signals.IchimokuCloud();
      return candles((bar) => other.add(bar))!.spanB;
    },
    technicalindicators: () =>
      peer.IchimokuCloud.calculate({
        high: lists.high,
        low: lists.low,
        conversionPeriod: 9,
        basePeriod: 26,
        spanPeriod: 52,
        displacement: 26,
      }).at(-1)!.spanB,
  },
};

const peers = { 'trading-signals': true, technicalindicators: true };
console.log(`${bars} bars, ${rounds} rounds, medians\n`);
console.log('indicator           variant              M bars/s   batch is      goal');
let missed = 0;
const chosen = Object.entries(contests).filter(([contest]) => !only || contest.includes(only));
// Who screens uses many indicators: what a library shares between its own has met all of them before the clock starts.
for (const [, variants] of chosen) for (const variant of Object.values(variants)) warmUp(variant);
for (const [contest, variants] of chosen) {
  const names = Object.keys(variants);
  const times = new Map(names.map((name) => [name, [] as number[]]));
  const answers = new Map<string, number>();
  const repeats = new Map(names.map((name) => [name, repeatsOf(variants[name]!)]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, variant] of Object.entries(variants)) {
      const startedAt = cpuMs();
      for (let i = 0; i < repeats.get(name)!; i++) answers.set(name, variant());
      times.get(name)!.push((cpuMs() - startedAt) / repeats.get(name)!);
    }
  }
  const batch = median(times.get('batch, reuse') ?? times.get('batch')!);
  for (const [name, elapsed] of times) {
    const speed = bars / median(elapsed) / 1_000;
    const ratio = median(elapsed) / batch;
    const goal = goals[contest];
    const due = goal !== undefined && name in peers;
    const verdict = due ? `${goal}× ${ratio >= goal ? 'met' : 'MISSED'}` : '';
    if (due && ratio < goal) missed++;
    console.log(
      `${contest.padEnd(20)}${name.padEnd(20)}${speed.toFixed(2).padStart(9)}${ratio.toFixed(1).padStart(10)}×  ${verdict.padStart(10)}`,
    );
    const note = checked(contest, name, answers.get('batch')!, answers.get(name)!);
    if (note) console.log(`${' '.repeat(20)}^ ${note}`);
  }
}
console.log(missed === 0 ? '\nevery goal met' : `\n${missed} goals missed`);

const symbols = 1_000;
const days = randomBars(1_250).columns;
let seen = 0;
const screenStartedAt = cpuMs();
for (let symbol = 0; symbol < symbols; symbol++) {
  seen += Object.keys(latestValues(allIndicators(days))).length;
}
const screened = cpuMs();
for (let symbol = 0; symbol < symbols; symbol++) seen += technicalRating(days).rating.values.length;
const rated = cpuMs();
console.log(
  `\n${symbols} symbols × 1250 days: every indicator ${((screened - screenStartedAt) / symbols).toFixed(2)} ms a symbol, ` +
    `the technical rating ${((rated - screened) / symbols).toFixed(2)} ms a symbol (${seen} values seen)`,
);
