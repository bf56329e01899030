/**
 * What a universe of daily bars costs: all indicators, the patterns and the score of every symbol; every day scored; and
 * one more bar early and late in a history, without and with broker summaries.
 *
 * Run: node --conditions=source bench/scoring.ts [symbols] [days]
 * Every task runs on each symbol in turn, so that the machine's moods fall on all of them; only shares and ratios of one run
 * mean something.
 */
import { idxBrokerClasses } from '@tapekit/scoring/broker-classes';
import type { BrokerDay } from '@tapekit/scoring/broker-flow';
import { divergenceLines, divergences } from '@tapekit/scoring/divergences';
import { shapes } from '@tapekit/scoring/dtw';
import * as indicators from '@tapekit/scoring/indicators';
import type { ScorePreset } from '@tapekit/scoring/presets';
import { scorePresets } from '@tapekit/scoring/presets';
import { createSymbolScorer, scoreSymbol } from '@tapekit/scoring/score-symbol';
import type { NumericBar } from '@tapekit/scoring/tape';
import { technicalRating } from '@tapekit/scoring/technical-rating';
import { wyckoff } from '@tapekit/scoring/wyckoff';

const symbols = Number(process.argv[2] ?? 1000);
const days = Number(process.argv[3] ?? 1250);
const random = seeded(20_260_101);
/** Every day is scored for one symbol in so many. */
const sampled = 20;

interface Stock {
  readonly bars: readonly NumericBar[];
  readonly columns: ReturnType<typeof indicators.toBarColumns>;
}

const { balanced, tape, 'stock-screener-symmetric': screener } = scorePresets;
const scoreLast =
  (preset: ScorePreset) =>
  ({ bars }: Stock): unknown =>
    scoreSymbol({ symbol: 'X', bars, preset });
const scoreAll =
  (preset: ScorePreset) =>
  ({ bars }: Stock): unknown => {
    const scorer = createSymbolScorer({ symbol: 'X', preset });
    return bars.map((bar) => scorer.push(bar).score);
  };

/** Once for every symbol. The first four are "all indicators, patterns and the score". */
const tasks: Readonly<Record<string, (stock: Stock) => unknown>> = {
  '30 indicators, batch': ({ columns }) => allIndicators(columns),
  'technical rating, batch': ({ columns }) => technicalRating(columns),
  'Wyckoff, divergences, shapes': ({ bars, columns }) => [
    wyckoff(bars),
    linesOf(columns).map((points) => divergences(points)),
    shapes(columns.close),
  ],
  'balanced/1 as of the last day': scoreLast(balanced),
  'tape/1 as of the last day': scoreLast(tape),
  'stock-screener-symmetric/1 as of the last day': scoreLast(screener),
};
const everyDay: Readonly<Record<string, (stock: Stock) => unknown>> = {
  'balanced/1 of every day': scoreAll(balanced),
  'tape/1 of every day': scoreAll(tape),
  'stock-screener-symmetric/1 of every day': scoreAll(screener),
};

const spent = new Map([...Object.keys(tasks), ...Object.keys(everyDay)].map((name) => [name, 0]));
const run = (of: typeof tasks, stock: Stock): void => {
  for (const [name, task] of Object.entries(of)) {
    const startedAt = performance.now();
    task(stock);
    spent.set(name, spent.get(name)! + performance.now() - startedAt);
  }
};
// The first stock only warms up.
run({ ...tasks, ...everyDay }, stockOf(days));
for (const name of spent.keys()) spent.set(name, 0);
for (let i = 0; i < symbols; i++) {
  const stock = stockOf(days);
  run(tasks, stock);
  if (i % sampled === 0) run(everyDay, stock);
}

console.log(`${symbols} symbols × ${days} days\n`);
console.log('task                                              symbols   seconds   µs a bar');
let together = 0;
for (const [name, ms] of spent) {
  const count = name in tasks ? symbols : Math.ceil(symbols / sampled);
  const perBar = (1000 * ms) / (count * days);
  console.log(
    `${name.padEnd(48)}${String(count).padStart(9)}${(ms / 1000).toFixed(2).padStart(10)}${perBar.toFixed(2).padStart(11)}`,
  );
  if (Object.keys(tasks).slice(0, 4).includes(name)) together += ms;
}
console.log(`indicators, patterns and balanced/1 together: ${(together / 1000).toFixed(1)} s`);

console.log('\none more bar, scored, after …                             µs   ratio');
const long = stockOf(100_000).bars;
for (const preset of [balanced, tape, screener]) {
  const scorer = createSymbolScorer({ symbol: 'X', preset });
  let taken = 0;
  let first: number | undefined;
  for (const history of [2000, 10_000, 90_000]) {
    while (taken < history) scorer.advance(long[taken++]!);
    const times = Array.from({ length: 1500 }, () => {
      const bar = long[taken++]!;
      const startedAt = performance.now();
      scorer.push(bar);
      return performance.now() - startedAt;
    });
    const each = 1000 * times.sort((a, b) => a - b)[times.length >> 1]!;
    first ??= each;
    const name = `${preset.id}, ${history} bars`;
    console.log(`${name.padEnd(50)}${each.toFixed(1).padStart(10)}${(each / first).toFixed(2).padStart(8)}`);
  }
}

const brokerCodes = Array.from({ length: 62 }, (_, i) => String.fromCharCode(65 + (i % 26), 65 + Math.floor(i / 26)));
console.log('\none more bar, scored, with 62 brokers a day of …           µs   ratio');
let fewest: number | undefined;
for (const known of [20, 300, 1250]) {
  const bars = long.slice(0, known + 50);
  const summaries = bars.flatMap((bar) => brokerDays(new Date(bar.startMs).toISOString().slice(0, 10)));
  const scorer = createSymbolScorer({ symbol: 'X' });
  for (const bar of bars.slice(0, known)) scorer.advance(bar);
  const startedAt = performance.now();
  scorer.setEvidence({ brokers: { days: summaries, classes: idxBrokerClasses } });
  const reading = performance.now() - startedAt;
  const times = bars.slice(known).map((bar) => {
    const before = performance.now();
    scorer.push(bar);
    return performance.now() - before;
  });
  const each = 1000 * times.sort((a, b) => a - b)[times.length >> 1]!;
  fewest ??= each;
  const name = `balanced/1, ${known} days (read once: ${reading.toFixed(1)} ms)`;
  console.log(`${name.padEnd(50)}${each.toFixed(1).padStart(10)}${(each / fewest).toFixed(2).padStart(8)}`);
}

function brokerDays(date: string): BrokerDay[] {
  return brokerCodes.map((broker, i) => ({
    ...{ symbol: 'X', date, broker, buyShares: 100 + i, sellShares: 161 - i },
    ...{ buyValue: 50 * (100 + i), sellValue: 50 * (161 - i) },
  }));
}

function allIndicators(bars: Stock['columns']): unknown[] {
  const { close } = bars;
  const of = indicators;
  return [
    ...[of.sma, of.ema, of.wma, of.hma, of.rsi, of.stochRsi, of.macd, of.bollinger, of.priceMomentum].map((f) =>
      f(close),
    ),
    ...[of.atr, of.adx, of.stochastic, of.cci, of.williamsR, of.ultimate, of.elderRay].map((f) => f(bars)),
    ...[of.awesome, of.donchian, of.fibonacci, of.ichimoku, of.supertrend, of.supportResistance].map((f) => f(bars)),
    ...[of.mfi, of.cmf, of.adl, of.obv, of.vwma, of.vwap, of.rvol].map((f) => f(bars)),
  ];
}

function linesOf({ high, low, close, volume }: Stock['columns']): Parameters<typeof divergences>[0][] {
  const lines = divergenceLines({ highs: high, lows: low, closes: close, volumes: volume });
  return Object.values(lines);
}

function stockOf(length: number): Stock {
  let close = 1000;
  const bars = Array.from({ length }, (_, day) => {
    const open = close;
    close = Math.max(1, open * (1 + (random() - 0.5) / 20));
    const high = Math.max(open, close) * (1 + random() / 100);
    const low = Math.min(open, close) * (1 - random() / 100);
    const startMs = day * 86_400_000;
    return { startMs, endMs: startMs + 86_400_000, open, high, low, close, volume: Math.floor(1e6 * random()) };
  });
  return { bars, columns: indicators.toBarColumns(bars) };
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 1;
    return (state >>> 8) / 2 ** 23;
  };
}
