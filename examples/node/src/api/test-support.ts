/** In-memory stand-ins for the database behind the API, and a hand-cranked clock; for tests. */
import type { Footprint, SymbolInfo } from '@tapekit/sdk/schemas';
import {
  sampleArchive,
  sampleBar,
  sampleMetrics,
  sampleProgress,
  sampleQuote,
  sampleScore,
} from '@tapekit/tooling/sample-documents';
import { createEventHub } from './event-hub.ts';
import { BadCursorError, type ApiDeps, type LogEntry, type ReadRepositories } from './ports.ts';

const firstBarMs = 1_723_075_200_000;

/** ETHUSDT with everything and `bars` bars, and BTCUSDT that has bars only. */
export function memoryRepositories(bars: number): ReadRepositories {
  const held = new Map<string, Footprint[]>([
    ['BTCUSDT', [sampleBar(0, 'BTCUSDT')]],
    ['ETHUSDT', Array.from({ length: bars }, (_, index) => sampleBar(index))],
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
    metrics: (symbol) => only(sampleMetrics, symbol),
    quote: (symbol) => only(sampleQuote, symbol),
    score: (symbol) => only(sampleScore, symbol),
    archive: async () => sampleArchive,
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
    progress: () => sampleProgress,
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

/**
 * Starts a server where another one may take its place later: on a port below those that systems hand out, so that nobody
 * gets it in between.
 */
export async function onKeptPort<Server>(start: (port: number) => Promise<Server>): Promise<Server> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(20_000 + Math.floor(Math.random() * 10_000));
    } catch (error) {
      if (tries === 10) throw error;
    }
  }
}
