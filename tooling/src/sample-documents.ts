/** One valid document of each kind, small enough to check by hand; for tests. */
import type { ArchiveStatus, Footprint, Health, L1, Metrics, Progress, Score, SymbolInfo } from '@tapekit/sdk/schemas';

/** 1.75 bought + 1.5 sold + 0.25 unknown = 3.5; delta 0.25. `index` counts minutes from 2024-08-08T00:00Z. */
export function sampleBar(index = 0, symbol = 'ETHUSDT'): Footprint {
  const t0 = 1_723_075_200_000 + index * 60_000;
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

export const sampleSymbol: SymbolInfo = {
  symbol: 'ETHUSDT',
  tickSize: '0.01',
  lotSize: '0.0001',
  rowTicks: 10,
  intervalMs: 60_000,
  bars: 1,
  firstBarMs: 1_723_075_200_000,
  lastBarMs: 1_723_075_200_000,
};

export const sampleQuote: L1 = {
  time: 1_723_075_260_000,
  symbol: 'ETHUSDT',
  bidPrice: '3000.10',
  bidSize: '2.5',
  askPrice: null,
  askSize: null,
  source: 'binance',
};

export const sampleProgress: Progress = {
  stage: 'replay',
  done: 40,
  total: null,
  unit: 'lines',
  message: 'Reading the session',
};

export const sampleHealth: Health = {
  status: 'ok',
  version: '1.2.3',
  uptimeMs: 5_000,
  checks: { database: 'ok', store: 'ok', job: sampleProgress },
};

export const sampleArchive: ArchiveStatus = {
  outcome: 'ok',
  reason: null,
  finishedAtMs: 1_723_161_600_000,
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
      verifiedAtMs: 1_723_161_590_000,
      problem: null,
    },
  ],
};

/** 60 × 0.75 + 80 × 0.25 = 65; the third component is missing and weighs nothing. */
export const sampleScore: Score = {
  v: 1,
  symbol: 'ETHUSDT',
  asOfMs: 1_723_075_260_000,
  score: 65,
  signal: 'buy',
  coverage: 0.8,
  components: [
    component('flow', 60, 0.6, 0.75, 45),
    component('trend', 80, 0.2, 0.25, 20),
    { ...component('fundamentals', 0, 0.2, 0, 0), score: null, quality: 'missing', inputs: { earnings: null } },
  ],
};

function component(
  name: string,
  score: number,
  weight: number,
  effectiveWeight: number,
  contribution: number,
): Score['components'][number] {
  return {
    name,
    score,
    weight,
    effectiveWeight,
    contribution,
    quality: 'measured',
    reasons: [`${name} is ${score} of 100`],
    inputs: { value: score / 100 },
  };
}

export const sampleMetrics: Metrics = {
  v: 1,
  symbol: 'ETHUSDT',
  input: {
    lines: 12,
    accepted: 10,
    blank: 0,
    quarantined: 2,
    quarantinedBy: { 'bad-json': 1, 'off-grid': 1 },
    otherSymbols: { BTCUSDT: 1 },
    outOfOrder: 0,
    truncated: false,
    firstReceiveNs: '1723075200000000001',
    lastReceiveNs: null,
  },
  counts: { quotes: 2, staleQuotes: 0, bookSnapshots: 1, bookDeltas: 2, trades: 5 },
  trades: {
    n: 5,
    nonMarket: 0,
    idGaps: 0,
    idDuplicates: 0,
    late: 0,
    lateRejected: 0,
    firstTimeMs: 1_723_075_200_100,
    lastTimeMs: 1_723_075_259_000,
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
