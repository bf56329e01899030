/**
 * What the scores said about the next days of 30 Indonesian stocks, as Markdown tables:
 * `node --conditions=source packages/scoring/scripts/evaluate-idx.ts`, with `--write FILE` between the markers of a page.
 * Needs the recorded daily set beside the checkout. `--quick` draws less.
 */
import { parseArgs } from 'node:util';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { writeBetween } from '../../../bench/lib/write-between.ts';
import type { Estimate, Evaluation, HorizonEvaluation, ScoredSeries } from '../src/evaluate.ts';
import { evaluateScores } from '../src/evaluate.ts';
import type { ScorePreset } from '../src/presets.ts';
import { scorePresets } from '../src/presets.ts';
import { createSymbolScorer } from '../src/score-symbol.ts';
import type { IdxDay, IdxStock } from './idx-daily.ts';
import { readIdxDaily } from './idx-daily.ts';

/** A fresh scorer of one stock: asked after each day, before it is given the next. */
type DayScorer = (day: IdxDay) => number | undefined;

interface Contestant {
  readonly name: string;
  readonly create: (symbol: string) => DayScorer;
}

const byPreset = (name: string, preset: ScorePreset, withBook = false): Contestant => ({
  name,
  create(symbol) {
    const scorer = createSymbolScorer({ symbol, preset });
    return ({ bar, closingImbalance: obi }) => {
      if (withBook) scorer.setEvidence(obi === undefined ? {} : { orderFlow: { obi, quality: 'measured' } });
      return scorer.push(bar).score;
    };
  },
});

const alone = (name: string): ScorePreset => ({ id: `${name}/1`, title: name, weights: { [name]: 1 }, parts: {} });

/** 50 + 50 × x, kept to 0 to 100. */
const centred = (x: number): number => 50 + 50 * Math.max(-1, Math.min(1, x));

const contestants: readonly Contestant[] = [
  byPreset('`balanced`, bars alone', scorePresets.balanced),
  byPreset('`balanced`, with the closing book', scorePresets.balanced, true),
  byPreset('`tape`, with the closing book', scorePresets.tape, true),
  byPreset('`stock-screener`, bars alone', scorePresets['stock-screener']),
  byPreset('`stock-screener-symmetric`, bars alone', scorePresets['stock-screener-symmetric']),
  ...['technical-rating', 'momentum', 'trend', 'volatility-position', 'wyckoff'].map((name) =>
    byPreset(`\`${name}\` alone`, alone(name)),
  ),
  byPreset('`order-flow` alone: closing book', alone('order-flow'), true),
  byPreset('`order-flow` alone: shape of the bars', alone('order-flow')),
  {
    name: 'foreign net ÷ volume, 20 days',
    create: () => {
      const window: IdxDay[] = [];
      return (day) => {
        window.push(day);
        if (window.length > 20) window.shift();
        const volume = window.reduce((sum, { bar }) => sum + bar.volume, 0);
        const net = window.reduce((sum, { foreignNet }) => sum + foreignNet, 0);
        return window.length < 20 ? undefined : centred(net / volume);
      };
    },
  },
  {
    name: 'return of the last 20 days',
    create: () => {
      const closes: number[] = [];
      return ({ bar }) => {
        closes.push(bar.close);
        return closes.length > 20 ? centred(2 * (bar.close / closes[closes.length - 21]! - 1)) : undefined;
      };
    },
  },
];

const { values: args } = parseArgs({
  options: { write: { type: 'string' }, quick: { type: 'boolean', default: false } },
});
if (!hasRecordedData)
  throw new Error('The recorded daily set is not beside the checkout; there is nothing to evaluate.');
const stocks = readIdxDaily(recordedPath('ohlcv/idx_daily'));
const horizons = [1, 5, 20];
const draws = args.quick ? { resamples: 200, shuffles: 19 } : { resamples: 2000, shuffles: 199 };
const reports = contestants.map((contestant) => {
  const report = evaluateScores(walk(stocks, contestant), { horizons, ...draws });
  if (args.write === undefined) process.stderr.write(`${contestant.name}\n`);
  return { name: contestant.name, report };
});
const text = [about(stocks, reports[0]!.report), table(reports), counting(reports)].join('\n\n');
if (args.write === undefined) console.log(text);
else writeBetween(args.write, 'evaluation', text);

function walk(of: readonly IdxStock[], { create }: Contestant): ScoredSeries[] {
  return of.map(({ symbol, days }) => {
    const scorer = create(symbol);
    return {
      symbol,
      timesMs: days.map(({ bar }) => bar.endMs),
      closes: days.map(({ bar }) => bar.close),
      scores: days.map((day) => scorer(day)),
    };
  });
}

function about(of: readonly IdxStock[], { options, fromMs, toMs }: Evaluation): string {
  const day = (timeMs: number | undefined): string => new Date(timeMs!).toISOString().slice(0, 10);
  const days = of.reduce((sum, stock) => sum + stock.days.length, 0);
  const adjusted = of.reduce((sum, stock) => sum + stock.adjustments, 0);
  return [
    `- **Universe**: ${of.length} stocks of the Indonesia Stock Exchange (${of.map(({ symbol }) => symbol).join(', ')}),`,
    `  ${thousands(days)} stock-days, ${day(fromMs)} to ${day(toMs)}. They were chosen later, as large and known: the set has`,
    '  survivors only.',
    `- **Prices**: closes, adjusted at ${adjusted} splits, rights and other changes of the reference price; no dividends.`,
    `- **Trade**: at the close of the next day, held 1, 5 or 20 days; top and bottom of ${options.quantiles} groups.`,
    `- **Costs**: ${options.buyCostPercent} % to buy, ${options.sellCostPercent} % to sell, on what is replaced. Short sales are`,
    '  taken as possible and free, which they are not there.',
    `- **Intervals**: ${100 * options.confidence} %, circular block bootstrap, ${options.resamples} draws.`,
    `- **p**: share of ${options.shuffles} relabellings (each stock is given the scores of another) with a rank IC as far from 0.`,
  ].join('\n');
}

function table(all: readonly { readonly name: string; readonly report: Evaluation }[]): string {
  const head = [
    'score',
    'days',
    'dates',
    'rank IC',
    'p',
    'rank IC by fifth of the time',
    'top − bottom, %',
    'after costs, %',
    'long only after costs, %',
    'hit rate, %',
    'turnover, %',
  ];
  const rows = all.flatMap(({ name, report }) => report.horizons.map((one) => row(name, one)));
  return [head, head.map((_, i) => (i === 0 ? '---' : '--:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function row(name: string, one: HorizonEvaluation): string[] {
  return [
    name,
    String(one.horizon),
    thousands(one.dates),
    interval(one.rankIc, 3),
    one.control?.pValue?.toFixed(3) ?? '–',
    one.foldRankIcs
      .map((value) => (value === undefined ? '–' : decimal(value, 2).replace(/^−(0\.00)$/, '$1')))
      .join(' '),
    interval(one.spreadPercent, 2),
    interval(one.spreadAfterCostsPercent, 2),
    interval(one.excessAfterCostsPercent, 2),
    interval(one.hitRate, 1, 100),
    one.turnover === undefined ? '–' : (100 * one.turnover).toFixed(0),
  ];
}

/** How many of the figures stand out, and how many would by luck. */
function counting(all: readonly { readonly report: Evaluation }[]): string {
  const every = all.flatMap(({ report }) => report.horizons).filter(({ rankIc }) => rankIc.low !== undefined);
  const apart = (of: Estimate): boolean => of.low! > 0 || of.high! < 0;
  const ics = every.filter(({ rankIc }) => apart(rankIc)).length;
  const control = every.filter(({ control }) => (control?.pValue ?? 1) <= 0.05).length;
  const both = every.filter(({ rankIc, control }) => apart(rankIc) && (control?.pValue ?? 1) <= 0.05);
  const positive = both.filter(({ rankIc }) => rankIc.value! > 0).length;
  const paid = every.filter(({ spreadAfterCostsPercent: net }) => net.low! > 0).length;
  const longOnly = every.filter(({ excessAfterCostsPercent: net }) => net.low! > 0).length;
  return [
    `Of ${every.length} rows, ${ics} have an interval of the rank IC without 0, ${control} a p of at most .05, ${both.length} both: ${positive} of`,
    `these above 0, ${both.length - positive} below. By luck alone about ${(0.05 * every.length).toFixed(0)} would have either. After costs, ${paid} have a`,
    `spread and ${longOnly} a long-only return that is above 0 with its whole interval.`,
  ].join('\n');
}

function interval({ value, low, high }: Estimate, digits: number, times = 1): string {
  if (value === undefined) return '–';
  const print = (x: number): string => decimal(times * x, digits);
  return low === undefined || high === undefined ? print(value) : `${print(value)} [${print(low)}, ${print(high)}]`;
}

function decimal(x: number, digits: number): string {
  return x.toFixed(digits).replace('-', '−');
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
