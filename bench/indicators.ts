/**
 * RSI 14, MACD 12/26/9 and Bollinger 20/2 over one column of closes, beside trading-signals and technicalindicators.
 *
 * Run: node --conditions=source bench/indicators.ts [bars] [rounds]
 * Variants take turns in every round; the table has medians, and only its ratios mean something.
 */
/* eslint-disable @typescript-eslint/no-unsafe-class-instance-assignment -- technicalindicators declares options as classes */
import { bollinger, createBollinger, createMacd, createRsi, macd, rsi } from '@tapekit/scoring/indicators';
import * as technicalindicators from 'technicalindicators';
import * as signals from 'trading-signals';

type Closes = Float64Array;

/** Every variant returns its last value, so that the variants can be compared and no work is optimised away. */
type Variant = (closes: Closes, list: number[]) => number;

const streamed = (push: (close: number) => number | undefined, closes: Closes): number => {
  let last = Number.NaN;
  for (const close of closes) last = push(close) ?? last;
  return last;
};

const contests: Readonly<Record<string, Readonly<Record<string, Variant>>>> = {
  'RSI 14': {
    batch: (closes) => rsi(closes).values.at(-1)!,
    stream: (closes) => {
      const stream = createRsi();
      return streamed((close) => stream.push(close), closes);
    },
    'trading-signals': (closes) => {
      const peer = new signals.RSI(14, signals.WSMA);
      return streamed((close) => peer.add(close) ?? undefined, closes);
    },
    technicalindicators: (_, list) => technicalindicators.RSI.calculate({ period: 14, values: list }).at(-1)!,
  },
  'MACD 12/26/9': {
    batch: (closes) => macd(closes).macd.values.at(-1)!,
    stream: (closes) => {
      const stream = createMacd();
      return streamed((close) => stream.push(close)?.macd, closes);
    },
    'trading-signals': (closes) => {
      const peer = new signals.MACD(new signals.EMA(12), new signals.EMA(26), new signals.EMA(9));
      return streamed((close) => peer.add(close)?.macd, closes);
    },
    technicalindicators: (_, list) =>
      technicalindicators.MACD.calculate({
        values: list,
        fastPeriod: 12,
        slowPeriod: 26,
        signalPeriod: 9,
        SimpleMAOscillator: false,
        SimpleMASignal: false,
      }).at(-1)!.MACD!,
  },
  'Bollinger 20/2': {
    batch: (closes) => bollinger(closes).upper.values.at(-1)!,
    stream: (closes) => {
      const stream = createBollinger();
      return streamed((close) => stream.push(close)?.upper, closes);
    },
    'trading-signals': (closes) => {
      const peer = new signals.BollingerBands(20, 2);
      return streamed((close) => peer.add(close)?.upper, closes);
    },
    technicalindicators: (_, list) =>
      technicalindicators.BollingerBands.calculate({ period: 20, stdDev: 2, values: list }).at(-1)!.upper,
  },
};

const bars = Number(process.argv[2] ?? 200_000);
const rounds = Number(process.argv[3] ?? 7);
const closes = randomWalk(bars);
const list = [...closes];

console.log(`${bars} bars, ${rounds} rounds, medians\n`);
console.log('indicator       variant              M bars/s   batch is');
for (const [contest, variants] of Object.entries(contests)) {
  const times = new Map(Object.keys(variants).map((name) => [name, [] as number[]]));
  const answers = new Map<string, number>();
  for (let round = -1; round < rounds; round++) {
    for (const [name, variant] of Object.entries(variants)) {
      const startedAt = performance.now();
      const answer = variant(closes, list);
      const elapsed = performance.now() - startedAt;
      answers.set(name, answer);
      // The first round only warms up.
      if (round >= 0) times.get(name)!.push(elapsed);
    }
  }
  const batch = median(times.get('batch')!);
  for (const [name, elapsed] of times) {
    const speed = bars / median(elapsed) / 1_000;
    const ratio = median(elapsed) / batch;
    console.log(
      `${contest.padEnd(16)}${name.padEnd(20)}${speed.toFixed(2).padStart(9)}${ratio.toFixed(1).padStart(10)}×`,
    );
    const [expected, answer] = [answers.get('batch')!, answers.get(name)!];
    if (Math.abs(answer - expected) > 0.01 * Math.abs(expected)) {
      console.log(`${' '.repeat(16)}^ ends at ${answer}, batch at ${expected}`);
    }
  }
}

/** A seeded walk on a tick of 0.01; a different draw for every bar, the same for every run. */
function randomWalk(length: number): Closes {
  let state = 20_260_101;
  let ticks = 2_500_000;
  return Float64Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    ticks += ((state >>> 8) % 401) - 200;
    return ticks / 100;
  });
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
