/** In-memory stand-ins for the database behind the API, and a hand-cranked clock; for tests. */
import type { ArchiveStatus, Footprint, L1, Metrics, Progress, Score, SymbolInfo } from '@tapekit/sdk/schemas';
import { createEventHub } from './event-hub.ts';
import { BadCursorError, type ApiDeps, type LogEntry, type ReadRepositories } from './ports.ts';

const firstBarMs = 1_723_075_200_000;

/** Minute `index` after 2024-08-08T00:00Z: 1.75 bought + 1.5 sold + 0.25 unknown = 3.5; delta 0.25. */
export function bar(index: number, symbol = 'ETHUSDT'): Footprint {
  const t0 = firstBarMs + index * 60_000;
  return {
    v: 1,
    symbol,
    t0,
    t1: t0 + 60_000,
    open: '3000.02',
    high: '3000.15',
    low: '3000.00',
    close: '3000.11',
    volume: '3.5',
    buy: '1.75',
    sell: '1.5',
    unknown: '0.25',
    delta: '0.25',
    minDelta: '-0.5',
    maxDelta: '0.75',
    trades: 5,
    vwap: '3000.064285714286',
    poc: '3000.00',
    vah: '3000.10',
    val: '3000.00',
    levels: [
      { price: '3000.00', buy: '1.5', sell: '0.5', unknown: '0', buyTrades: 1, sellTrades: 1 },
      { price: '3000.10', buy: '0.25', sell: '1', unknown: '0.25', buyTrades: 1, sellTrades: 1 },
    ],
  };
}

export const progress: Progress = { stage: 'replay', done: 40, total: 120, unit: 'lines', message: 'Reading' };

export const quote: L1 = {
  time: firstBarMs,
  symbol: 'ETHUSDT',
  bidPrice: '3000.10',
  bidSize: '2.5',
  askPrice: null,
  askSize: null,
  source: 'binance',
};

export const archive: ArchiveStatus = {
  outcome: 'ok',
  reason: null,
  finishedAtMs: firstBarMs + 86_400_000,
  cells: [
    {
      symbol: 'ETHUSDT',
      date: '2024-08-08',
      state: 'archived',
      generation: 1,
      sources: 3,
      lines: 1_200,
      rawBytes: 90_000,
      gzBytes: 9_000,
      prunedSources: 3,
      verifiedAtMs: firstBarMs + 86_390_000,
      problem: null,
    },
  ],
};

export const score: Score = {
  v: 1,
  symbol: 'ETHUSDT',
  asOfMs: firstBarMs + 60_000,
  score: 60,
  signal: 'buy',
  coverage: 0.75,
  components: [
    {
      name: 'flow',
      score: 60,
      weight: 0.75,
      effectiveWeight: 1,
      contribution: 60,
      quality: 'measured',
      reasons: ['More was bought than sold'],
      inputs: { delta: 0.25, earnings: null },
    },
  ],
};

export const metrics: Metrics = {
  v: 1,
  symbol: 'ETHUSDT',
  input: {
    lines: 12,
    accepted: 10,
    quarantined: 2,
    quarantinedBy: { 'bad-json': 1, 'off-grid': 1 },
    otherSymbols: {},
    truncated: false,
    firstReceiveNs: '1723075200000000001',
    lastReceiveNs: null,
  },
  counts: { quotes: 2, bookSnapshots: 1, bookDeltas: 2, trades: 5 },
  trades: {
    n: 5,
    nonMarket: 0,
    idGaps: 0,
    idDuplicates: 0,
    late: 0,
    lateRejected: 0,
    firstTimeMs: firstBarMs + 100,
    lastTimeMs: firstBarMs + 59_000,
    volume: '3.5',
    buy: '1.75',
    sell: '1.5',
    unknown: '0.25',
    delta: '0.25',
    vwap: '3000.064285714286',
    levels: 5,
    poc: '3000.02',
    pocVolume: '1.5',
  },
  cvd: '0.25',
  ofi: { events: 2, sum: '-1.25' },
  mlofi: { events: 2, sums: ['-1.25', '0.5'] },
  book: {
    synced: true,
    lastUpdateId: 42,
    bidLevels: 1,
    askLevels: 1,
    droppedBeforeSnapshot: 0,
    firstEventOk: 1,
    applied: 2,
    ignored: 0,
    gaps: [{ line: 7, expected: 41, received: 42 }],
    quoteCheck: { equal: 2, different: 0 },
    bids: [['3000.10', '2.5']],
    asks: [['3000.11', '1']],
  },
  obi: { top1: '0.4285714285714286', top5: null, top20: null },
  vamp: { bbo: '3000.107142857143', top5: null, top20: null },
};

/** ETHUSDT with everything and `bars` bars, and BTCUSDT that has bars only. */
export function memoryRepositories(bars: number): ReadRepositories {
  const held = new Map<string, Footprint[]>([
    ['BTCUSDT', [bar(0, 'BTCUSDT')]],
    ['ETHUSDT', Array.from({ length: bars }, (_, index) => bar(index))],
  ]);
  const only = <T>(document: T, symbol: string): Promise<T | undefined> =>
    Promise.resolve(symbol === 'ETHUSDT' ? document : undefined);
  return {
    symbols: async () =>
      [...held].map(([symbol, { length }]): SymbolInfo => ({
        symbol,
        tickSize: '0.01',
        lotSize: '0.0001',
        rowTicks: 10,
        intervalMs: 60_000,
        bars: length,
        firstBarMs: length === 0 ? null : firstBarMs,
        lastBarMs: length === 0 ? null : firstBarMs + (length - 1) * 60_000,
      })),
    async footprints({ symbol, from = 0, to = Infinity, limit, cursor }) {
      if (cursor !== undefined && !/^\d+$/.test(cursor)) throw new BadCursorError('not a time');
      const start = Math.max(from, Number(cursor ?? 0));
      const inRange = held.get(symbol)?.filter(({ t0 }) => t0 >= start && t0 < to);
      if (!inRange) return undefined;
      return { items: inRange.slice(0, limit), nextCursor: inRange[limit] ? String(inRange[limit].t0) : null };
    },
    metrics: (symbol) => only(metrics, symbol),
    quote: (symbol) => only(quote, symbol),
    score: (symbol) => only(score, symbol),
    archive: async () => archive,
  };
}

/** Timers that run when the test says so. */
export function handTimers(): { every: NonNullable<ApiDeps['every']>; tick(ms: number): void; running(): number } {
  const timers = new Set<{ readonly ms: number; readonly run: () => void }>();
  return {
    every(ms, run) {
      const timer = { ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    tick(ms) {
      for (const timer of [...timers]) if (timer.ms === ms) timer.run();
    },
    running: () => timers.size,
  };
}

/** A system that is well; what a test gives takes its place. */
export function testDeps(given: Partial<ApiDeps> = {}): ApiDeps & { readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  return {
    repositories: memoryRepositories(5),
    progress: () => progress,
    checkDatabase: async () => true,
    checkStore: async () => true,
    events: createEventHub({ capacity: 10, firstId: 1 }),
    version: '1.2.3',
    startedAtMs: 1_000,
    now: () => 6_000,
    log: (entry) => entries.push(entry),
    entries,
    ...given,
  };
}
