/** The main job, run as a user runs it, against the answers that were computed independently of it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FootprintJson } from '@tapekit/footprint/footprint-json';
import type { Metrics } from '@tapekit/sdk/schemas';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runMain } from './main-process.test-support.ts';

interface Answers {
  readonly files: readonly string[];
  readonly symbol: string;
  readonly tick: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly bookTicker_same_u_comparison: { readonly equal: number; readonly different?: number };
  readonly sequence_gaps: readonly unknown[];
  readonly final_book: {
    readonly lastUpdateId: number;
    readonly n_bids: number;
    readonly n_asks: number;
    readonly bids: readonly (readonly [string, string])[];
    readonly asks: readonly (readonly [string, string])[];
  };
  readonly trades: {
    readonly n: number;
    readonly non_market_or_zero: number;
    readonly trade_id_gaps: number;
    readonly trade_id_dups: number;
    readonly first_T: number;
    readonly last_T: number;
    readonly buy_qty: string;
    readonly sell_qty: string;
    readonly delta: string;
    readonly vwap: string;
    readonly levels: number;
    readonly poc: string;
    readonly poc_qty: string;
  };
  readonly minutes: readonly {
    readonly t: number;
    readonly o: string;
    readonly h: string;
    readonly l: string;
    readonly c: string;
    readonly n: number;
    readonly buy: string;
    readonly sell: string;
    readonly delta: string;
  }[];
}

describe.skipIf(!hasRecordedData).each([
  ['binance_spot_ETHUSDT', '0.0001', '10'],
  ['binance_usdm_ETHUSDT', '0.001', '10'],
  ['binance_cm_ETHUSD_PERP', '1', '10'],
])('the main job on %s', (name, lotSize, rowSize) => {
  let out: string;
  let answers: Answers;
  let metrics: Metrics;
  let bars: readonly FootprintJson[];

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'tapekit-recorded-'));
    answers = expectedAnswers<Answers>(name);
    const inputs = answers.files.flatMap((file) => ['--input', recordedPath(`trades_books/${file}`)]);
    const run = await runMain([
      ...inputs,
      ...['--format', 'binance-combined', '--symbol', answers.symbol, '--tick-size', answers.tick],
      ...['--lot-size', lotSize, '--bar', '60s', '--row-size', rowSize, '--out', out, '--once'],
    ]);
    expect(run.stderr).toBe('');
    expect(run.code).toBe(0);
    metrics = JSON.parse(await readFile(join(out, 'metrics.json'), 'utf8')) as Metrics;
    const lines = (await readFile(join(out, 'footprints.jsonl'), 'utf8')).trimEnd().split('\n');
    bars = lines.map((line) => JSON.parse(line) as FootprintJson);
  });
  afterAll(() => rm(out, { recursive: true, force: true }));

  test('counts every record and refuses none', () => {
    const { counts } = answers;
    expect(metrics.counts).toEqual({
      quotes: counts['bookTicker'],
      staleQuotes: 0,
      bookSnapshots: counts['snapshots'],
      bookDeltas: counts['depth_events'],
      trades: counts['trade_events'],
    });
    expect(metrics.input.quarantined).toBe(0);
    expect(metrics.input.accepted).toBe(metrics.input.lines);
  });

  test('rebuilds the book to the last level and digit', () => {
    const { counts, final_book: book } = answers;
    expect(metrics.book).toMatchObject({
      synced: true,
      lastUpdateId: book.lastUpdateId,
      bidLevels: book.n_bids,
      askLevels: book.n_asks,
      bids: book.bids,
      asks: book.asks,
      droppedBeforeSnapshot: counts['dropped_before_snapshot'],
      firstEventOk: counts['first_event_ok'],
      applied: counts['applied'],
      gaps: answers.sequence_gaps,
      quoteCheck: { equal: answers.bookTicker_same_u_comparison.equal, different: 0 },
    });
  });

  test('gives volume, delta, VWAP and point of control of the session', () => {
    const { trades } = answers;
    expect(metrics.trades).toMatchObject({
      n: trades.n,
      nonMarket: trades.non_market_or_zero,
      idGaps: trades.trade_id_gaps,
      idDuplicates: trades.trade_id_dups,
      firstTimeMs: trades.first_T,
      lastTimeMs: trades.last_T,
      buy: trades.buy_qty,
      sell: trades.sell_qty,
      unknown: '0',
      delta: trades.delta,
      vwap: trades.vwap,
      levels: trades.levels,
      poc: trades.poc,
      pocVolume: trades.poc_qty,
    });
    expect(metrics.cvd).toBe(trades.delta);
  });

  test('gives every minute its prices, volumes and delta', () => {
    const minutes = bars.map(({ t0, open, high, low, close, trades, buy, sell, delta }) => ({
      t: t0,
      o: open,
      h: high,
      l: low,
      c: close,
      n: trades,
      buy,
      sell,
      delta,
    }));
    expect(minutes).toEqual(answers.minutes);
  });
});
