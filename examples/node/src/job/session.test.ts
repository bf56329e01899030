import { describe, expect, test } from 'vitest';
import { createGrid } from '@tapekit/orderflow/grid';
import type { Trade } from '@tapekit/orderflow/market';
import { createSession } from './session.ts';
import type { Outcome, PublishedBar } from './session.ts';

const grid = createGrid({ tickSize: '1', lotSize: '1' });
const session = () => createSession({ symbol: 'X', grid, intervalMs: 60_000, rowTicks: 1 });
const trade = (id: number, timeMs: number, size = '1'): Trade => ({
  ...{ symbol: 'X', price: '100', side: 'buy', id, timeMs, size },
});
const quote = (bidSize: string) => ({
  ...{ symbol: 'X', timeMs: 0, bidPrice: '99', bidSize, askPrice: '101', askSize: '1' },
});

/** The last revision of each bar, by start. */
function lastRevisions(outcomes: readonly Outcome[]): PublishedBar[] {
  return [...new Map(outcomes.flatMap(({ bars }) => bars).map((bar) => [bar.bar.t0, bar])).values()];
}

describe('createSession', () => {
  test('gives each bar the flow up to its close; the flows add up to the whole, late trades or not', () => {
    const tape = session();
    const outcomes = [
      tape.quote(quote('10')),
      tape.trade(trade(1, 1_000)),
      tape.quote(quote('15')),
      tape.trade(trade(3, 61_000)), // closes minute 0 with an OFI of 5
      tape.quote(quote('22')),
      tape.trade(trade(2, 2_000)), // late: revises minute 0
      tape.quote(quote('20')),
      tape.flush(),
    ];
    const bars = lastRevisions(outcomes);
    expect(bars.map(({ bar, revision, ofi }) => [bar.t0, revision, ofi])).toEqual([
      [0, 1, '5'],
      [60_000, 0, '5'],
    ]);
    expect(tape.metrics().ofi.sum).toBe('10');
  });

  test('keeps the known side of a quote whose other side is missing', () => {
    const tape = session();
    tape.quote({ symbol: 'X', timeMs: 5, bidPrice: '99', bidSize: '3' });
    tape.trade(trade(1, 1_000));
    const [bar] = tape.flush().bars;
    expect(bar?.quote).toEqual({
      time: 5,
      symbol: 'X',
      bidPrice: '99',
      bidSize: '3',
      source: 'replay:binance-combined',
    });
    expect(tape.metrics().ofi.events).toBe(0);
  });

  test('refuses what is off the grid and stays as it was', () => {
    const tape = session();
    expect(tape.trade({ ...trade(1, 1_000), price: '100.5' }).refused).toMatchObject({ reason: 'off-grid' });
    expect(tape.metrics().trades).toMatchObject({ n: 0, volume: '0', vwap: null, poc: null });
  });
});
