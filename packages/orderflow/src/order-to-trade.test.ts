import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData } from '@tapekit/tooling/recorded-data';
import { recordedMbo } from '@tapekit/tooling/recorded-mbo';
import { createGrid } from './grid.ts';
import type { MboEvent } from './mbo-book.ts';
import { createMboBook, mboEventOf } from './mbo-book.ts';
import {
  createLevelToTrade,
  createOrderToTrade,
  levelToTradeOf,
  orderToTradeExact,
  orderToTradeOf,
  restoreLevelToTrade,
  restoreOrderToTrade,
} from './order-to-trade.ts';
import type { LevelActivity } from './order-to-trade.ts';

const row = (timeMs: number, action: MboEvent['action'], orderId: number, sizeLots: number, flags = 128): MboEvent => ({
  timeMs,
  action,
  side: 'B',
  orderId,
  priceTicks: 100,
  sizeLots,
  flags,
});

describe('createOrderToTrade', () => {
  test('divides adds, modifies and cancels by trades; a snapshot and the echo of a fill are no messages', () => {
    const ratio = createOrderToTrade();
    const tape = [
      row(0, 'A', 1, 50, 0xa0), // snapshot
      row(1, 'A', 2, 5),
      row(2, 'M', 2, 4),
      row(3, 'A', 3, 6),
      row(4, 'T', 9, 4),
      row(4, 'F', 2, 4),
      row(4, 'C', 2, 4), // echo
      row(5, 'C', 3, 6),
      row(6, 'T', 8, 3),
      row(6, 'F', 1, 3),
      row(6, 'M', 1, 47), // echo
      row(7, 'C', 1, 47),
    ];
    for (const event of tape) ratio.push(event);
    expect(ratio.totals()).toEqual({
      quality: 'exact',
      messages: 5,
      messageLots: 5 + 4 + 6 + 6 + 47,
      trades: 2,
      tradedLots: 7,
      ratio: 2.5,
      volumeRatio: 68 / 7,
    });
    expect(orderToTradeExact(ratio.totals(), 5)).toEqual({ ratio: '2.5', volumeRatio: '9.7143' });
    expect(orderToTradeOf(tape)).toEqual([ratio.totals()]);
  });

  test('has no ratio without a trade', () => {
    const ratio = createOrderToTrade();
    ratio.push(row(0, 'A', 1, 5));
    expect(ratio.flush()).toEqual({ quality: 'exact', messages: 1, messageLots: 5, trades: 0, tradedLots: 0 });
    expect(orderToTradeExact({ messages: 1, messageLots: 5, trades: 0, tradedLots: 0 })).toEqual({});
    ratio.push(row(1, 'T', 1, 0));
    expect(ratio.totals()).toMatchObject({ ratio: 1 });
    expect(ratio.totals().volumeRatio).toBeUndefined();
  });

  test('ends an interval with the first event of a later one, and counts late events in the current one', () => {
    const ratio = createOrderToTrade({ intervalMs: 1000 });
    const ended = [row(999, 'A', 1, 1), row(3000, 'A', 2, 1), row(2500, 'T', 9, 1)].map((event) => ratio.push(event));
    expect(ended).toEqual([
      undefined,
      { startMs: 0, quality: 'exact', messages: 1, messageLots: 1, trades: 0, tradedLots: 0 },
      undefined,
    ]);
    expect(ratio.flush()).toMatchObject({ startMs: 3000, messages: 1, trades: 1, ratio: 1 });
    expect(ratio.lateEvents).toBe(1);
    expect(ratio.totals()).toMatchObject({ messages: 2, trades: 1, ratio: 2 });
  });

  test('refuses options and snapshots of another kind', () => {
    expect(() => createOrderToTrade({ intervalMs: 0.5 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    for (const snapshot of [createOrderToTrade({ intervalMs: 5 }).snapshot(), createLevelToTrade().snapshot()]) {
      expect(() => restoreOrderToTrade(snapshot)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    }
  });
});

describe('createLevelToTrade', () => {
  test('divides changed levels by trades and says that it is a proxy', () => {
    const events: LevelActivity[] = [
      { type: 'levels', timeMs: 0, updates: 4, changedLots: 12 },
      { type: 'trade', timeMs: 1, sizeLots: 3 },
      { type: 'levels', timeMs: 2, updates: 2, changedLots: 3 },
    ];
    expect(levelToTradeOf(events)).toEqual([
      { quality: 'proxy', messages: 6, messageLots: 15, trades: 1, tradedLots: 3, ratio: 6, volumeRatio: 5 },
    ]);
  });

  test('one update without lots leaves the ratio of volume unknown', () => {
    const ratio = createLevelToTrade();
    ratio.push({ type: 'levels', timeMs: 0, updates: 1 });
    ratio.push({ type: 'levels', timeMs: 0, updates: 1, changedLots: 7 });
    ratio.push({ type: 'trade', timeMs: 0, sizeLots: 1 });
    expect(ratio.flush()).toEqual({
      quality: 'proxy',
      messages: 2,
      messageLots: undefined,
      trades: 1,
      tradedLots: 1,
      ratio: 2,
    });
    expect(orderToTradeExact({ messages: 2, messageLots: undefined, trades: 1, tradedLots: 1 })).toEqual({
      ratio: '2',
    });
  });
});

const whole = fc.oneof(fc.nat({ max: 9 }), fc.constant(Number.MAX_SAFE_INTEGER));
const timeMs = fc.oneof(fc.nat({ max: 5000 }), fc.constantFrom(-1, -0, 8.64e15, -8.64e15));
describeReducerContract({
  name: 'createLevelToTrade',
  create: () => createLevelToTrade({ intervalMs: 1000 }),
  restore: (snapshot) => restoreLevelToTrade(snapshot, { intervalMs: 1000 }),
  inputs: fc.array(
    fc.oneof(
      fc.record({ type: fc.constant('trade' as const), timeMs, sizeLots: whole }),
      fc.record(
        { type: fc.constant('levels' as const), timeMs, updates: whole, changedLots: whole },
        { requiredKeys: ['type', 'timeMs', 'updates'] },
      ),
    ),
    { maxLength: 20 },
  ),
  batch: (events) => levelToTradeOf(events, { intervalMs: 1000 }),
  refused: [
    { type: 'trade', timeMs: NaN, sizeLots: 1 },
    { type: 'trade', timeMs: 0, sizeLots: -1 },
    { type: 'levels', timeMs: 0, updates: 0.5 },
    { type: 'levels', timeMs: 1e308, updates: 1 },
    { type: 'levels', timeMs: 0, updates: 1, changedLots: Infinity },
  ],
});

test.skipIf(!hasRecordedData)('ES futures of 2023-12-25: 14.2 messages a trade, 18.4 changed levels a trade', () => {
  const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
  const events = recordedMbo('ESH4_2023-12-25_mbo_to2330Z').map((recorded) => mboEventOf(recorded, grid));
  const [exact] = orderToTradeOf(events);
  expect(exact).toMatchObject({ messages: 26_441, messageLots: 71_215, trades: 1865, tradedLots: 5598 });
  expect(orderToTradeExact(exact!, 6)).toEqual({ ratio: '14.1775', volumeRatio: '12.7215' });

  const book = createMboBook();
  const activity: LevelActivity[] = [];
  for (const event of events) {
    const changes = book.push(event);
    if ((event.flags! & 0x20) !== 0) book.flush();
    else if (changes) activity.push({ type: 'levels', timeMs: event.timeMs, updates: changes.length });
    if (event.action === 'T') activity.push({ type: 'trade', timeMs: event.timeMs, sizeLots: event.sizeLots });
  }
  const [proxy] = levelToTradeOf(activity);
  // An order that moves changes two levels, and fills change levels too.
  expect(proxy).toMatchObject({ quality: 'proxy', messages: 34_276, trades: 1865 });
  expect(orderToTradeExact(proxy!, 6)).toEqual({ ratio: '18.3786' });
});
