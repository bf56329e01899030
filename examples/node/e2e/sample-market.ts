/** A small made-up market behind the real API, for the browser checks: the same documents on every run. */
import type { ArchiveStatus, Footprint, L1, Metrics, Progress, Score, SymbolInfo } from '@tapekit/sdk/schemas';
import { createApi } from '../src/api/create-api.ts';
import { createEventHub, type EventHub } from '../src/api/event-hub.ts';
import type { ReadRepositories } from '../src/api/ports.ts';
import { startServer, type RunningServer } from '../src/api/server.ts';

const firstBarMs = Date.UTC(2026, 10, 20, 2, 0);
const minuteMs = 60_000;

/** Hundredths as a decimal string without trailing zeros: 1250 is "12.5". */
const hundredths = (value: number): string => String(value / 100);

/**
 * Minute `index`: a walk by whole rows of 0.10 with three to seven rows; row `n` of a bar sells 25·(n+1) hundredths and
 * buys 40·(n+1), so a bar of three rows sells 1.5 and buys 2.4. Every third bar has 0.05 of unknown side in its first row.
 * `revision` adds 1.00 to what the first row bought.
 */
export function sampleBar(index: number, revision = 0, symbol = 'ETHUSDT'): Footprint {
  const count = 3 + ((index * 7) % 5);
  const bottom = 26_800 + ((index * 13) % 9) * 2 - 8 + Math.round(6 * Math.sin(index / 5));
  const price = (row: number): string => ((bottom + row) / 10).toFixed(1);
  const unknown = index % 3 === 0 ? 5 : 0;
  const rows = Array.from({ length: count }, (_, row) => ({
    sell: 25 * (row + 1),
    buy: 40 * (row + 1) + (row === 0 ? revision * 100 : 0),
    unknown: row === 0 ? unknown : 0,
  }));
  const total = (side: 'sell' | 'buy'): number => rows.reduce((sum, row) => sum + row[side], 0);
  const [sell, buy] = [total('sell'), total('buy')];
  const t0 = firstBarMs + index * minuteMs;
  return {
    v: 1,
    symbol,
    t0,
    t1: t0 + minuteMs,
    open: price(index % 2 === 0 ? 0 : count - 1),
    high: price(count - 1),
    low: price(0),
    close: price(index % 2 === 0 ? count - 1 : 0),
    volume: hundredths(sell + buy + unknown),
    buy: hundredths(buy),
    sell: hundredths(sell),
    unknown: hundredths(unknown),
    delta: hundredths(buy - sell),
    minDelta: hundredths(-sell),
    maxDelta: hundredths(buy),
    trades: count * 2,
    vwap: `${price(1)}3456789012`,
    poc: price(count - 1),
    vah: price(count - 1),
    val: price(1),
    levels: rows.map((row, at) => ({
      price: price(at),
      buy: hundredths(row.buy),
      sell: hundredths(row.sell),
      unknown: hundredths(row.unknown),
      buyTrades: 1,
      sellTrades: 1,
    })),
  };
}

export const sampleMetrics: Metrics = {
  v: 1,
  symbol: 'ETHUSDT',
  input: {
    lines: 94_212,
    accepted: 94_203,
    blank: 0,
    quarantined: 9,
    quarantinedBy: { 'bad-json': 2, 'off-grid': 7 },
    otherSymbols: { BTCUSDT: 41 },
    outOfOrder: 0,
    truncated: true,
    firstReceiveNs: '1795140000000000001',
    lastReceiveNs: '1795142400000000001',
  },
  counts: { quotes: 58_758, staleQuotes: 0, bookSnapshots: 1, bookDeltas: 6_470, trades: 14_515 },
  trades: {
    n: 14_515,
    nonMarket: 1,
    idGaps: 2,
    idDuplicates: 3,
    late: 4,
    lateRejected: 5,
    firstTimeMs: firstBarMs + 17,
    lastTimeMs: firstBarMs + 2_399_000,
    volume: '123456789.0123',
    buy: '60000000.0001',
    sell: '63456788.0122',
    unknown: '1.0000',
    delta: '-3456788.0121',
    vwap: '2680.774339338222',
    levels: 984,
    poc: '2681',
    pocVolume: '94.8396',
  },
  cvd: '-3456788.0121',
  ofi: { events: 58_757, sum: '-1432.8817' },
  mlofi: { events: 6_468, sums: ['-1432.8817', '-803.1152', '212.4'] },
  book: {
    synced: true,
    lastUpdateId: 35_346_924_199,
    bidLevels: 2,
    askLevels: 2,
    droppedBeforeSnapshot: 2,
    firstEventOk: 1,
    applied: 6_468,
    ignored: 6,
    gaps: [{ line: 7_001, expected: 41, received: 43 }],
    quoteCheck: { equal: 1_056, different: 8 },
    bids: [
      ['2677.6', '13.0449'],
      ['2677.58', '3.7335'],
    ],
    asks: [
      ['2677.61', '4.5232'],
      ['2677.65', '0.004'],
    ],
  },
  obi: { top1: '0.4850723429607294', top5: '-0.2031845218', top20: null },
  vamp: { bbo: '2677.607425211', top5: '2677.5521482212', top20: null },
};

/** What a page must never do with text is run it. */
export const hostileText = '<img src=x onerror="document.title=\'run\'"> & <b>bold</b>';

export const sampleScore: Score = {
  v: 1,
  symbol: 'ETHUSDT',
  asOfMs: firstBarMs + 40 * minuteMs,
  score: 61.38,
  signal: 'buy',
  coverage: 0.75,
  components: [
    {
      name: 'order-flow',
      score: 72.5,
      weight: 0.45,
      effectiveWeight: 0.6,
      contribution: 43.5,
      quality: 'measured',
      reasons: [hostileText],
      inputs: { ofi: 1432.8817, late: null },
    },
    {
      name: 'book',
      score: 44.7,
      weight: 0.3,
      effectiveWeight: 0.4,
      contribution: 17.88,
      quality: 'proxy',
      reasons: ['OBI of the best level'],
      inputs: {},
    },
    {
      name: 'broker-flow',
      score: null,
      weight: 0.25,
      effectiveWeight: 0,
      contribution: 0,
      quality: 'missing',
      reasons: ['No broker summary is known'],
      inputs: { net: null },
    },
  ],
};

export const sampleArchive: ArchiveStatus = {
  outcome: 'partial',
  reason: 'A late source arrived after the archive was verified.',
  finishedAtMs: firstBarMs + 86_400_000,
  cells: [
    {
      symbol: 'ETHUSDT',
      date: '2026-11-19',
      state: 'archived',
      generation: 1,
      sources: 18,
      lines: 41_210,
      rawBytes: 10_482_113,
      gzBytes: 912_004,
      prunedSources: 18,
      verifiedAtMs: firstBarMs + 86_300_000,
      problem: null,
    },
    {
      symbol: 'ETHUSDT',
      date: '2026-11-20',
      state: 'late',
      generation: 2,
      sources: 7,
      lines: 53_002,
      rawBytes: 13_210_411,
      gzBytes: 1_120_334,
      prunedSources: 5,
      verifiedAtMs: null,
      problem: 'Source 000007.jsonl arrived after generation 1.',
    },
  ],
};

const sampleQuote: L1 = {
  time: firstBarMs,
  symbol: 'ETHUSDT',
  bidPrice: '2677.6',
  bidSize: '13.0449',
  askPrice: '2677.61',
  askSize: '4.5232',
  source: 'binance',
};

/** The market while it runs: change what it holds, then tell the page by its events. */
export interface SampleMarket {
  readonly server: RunningServer;
  readonly events: EventHub;
  readonly bars: Footprint[];
  /** Adds a bar, or takes the place of the one with the same start, and announces it. */
  publishBar(bar: Footprint): void;
}

export interface SampleMarketOptions {
  readonly webRoot: string;
  readonly bars: number;
  readonly port?: number;
}

/** Serves the made-up market and the page on a free port of this machine. */
export async function startSampleMarket({
  webRoot,
  bars: count,
  port = 0,
}: SampleMarketOptions): Promise<SampleMarket> {
  const bars = Array.from({ length: count }, (_, index) => sampleBar(index));
  const events = createEventHub();
  const ifAny = <T>(document: T, symbol: string): Promise<T | undefined> =>
    Promise.resolve(symbol === 'ETHUSDT' && bars.length > 0 ? document : undefined);
  const info = (): SymbolInfo => ({
    symbol: 'ETHUSDT',
    tickSize: '0.01',
    lotSize: '0.01',
    rowTicks: 10,
    intervalMs: minuteMs,
    bars: bars.length,
    firstBarMs: bars[0]?.t0 ?? null,
    lastBarMs: bars.at(-1)?.t0 ?? null,
  });
  const repositories: ReadRepositories = {
    symbols: async () => (bars.length === 0 ? [] : [info()]),
    async footprints({ symbol, from = 0, to = Infinity, limit, cursor }) {
      if (symbol !== 'ETHUSDT') return undefined;
      const start = Math.max(from, Number(cursor ?? 0));
      const inRange = bars.filter(({ t0 }) => t0 >= start && t0 < to);
      return { items: inRange.slice(0, limit), nextCursor: inRange[limit] ? String(inRange[limit].t0) : null };
    },
    metrics: (symbol) => ifAny(sampleMetrics, symbol),
    quote: (symbol) => ifAny(sampleQuote, symbol),
    score: (symbol) => ifAny(sampleScore, symbol),
    archive: async () => sampleArchive,
  };
  const progress: Progress = { stage: 'replay', done: 61_230, total: 94_212, unit: 'lines', message: 'Replaying' };
  const api = createApi({
    repositories,
    progress: () => progress,
    checkDatabase: async () => true,
    checkStore: async () => true,
    events,
    version: '0.0.0',
    startedAtMs: firstBarMs,
    now: () => firstBarMs,
    webRoot,
  });
  const server = await startServer({ api, port, drainMs: 100 });
  return {
    server,
    events,
    bars,
    publishBar(bar) {
      const at = bars.findIndex(({ t0 }) => t0 === bar.t0);
      if (at < 0) bars.push(bar);
      else bars[at] = bar;
      events.publish('bar', bar);
    },
  };
}
