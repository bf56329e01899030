/** Random and hostile market by order through everything that reads it. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { addExact, subtractExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { createMboIcebergDetector, mboIcebergsOf, restoreMboIcebergDetector } from '../../iceberg.ts';
import type { IcebergEvent } from '../../iceberg.ts';
import {
  createMboLiquidityOutcome,
  mboLiquidityOutcomeOf,
  restoreMboLiquidityOutcome,
} from '../../liquidity-outcome.ts';
import type { LiquidityOutcome } from '../../liquidity-outcome.ts';
import { createMboBook, restoreMboBook } from '../../mbo-book.ts';
import type { MboAction, MboBook, MboEvent } from '../../mbo-book.ts';
import { createOrderToTrade, orderToTradeOf, restoreOrderToTrade } from '../../order-to-trade.ts';

const sizes = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(-0, Number.MAX_SAFE_INTEGER, 2 ** 52) },
);
const flags = fc.constantFrom(0, 0, 0x80, 0x80, 0x82, 0xa0, 0x20, 0x84, 0xc0);
const timeMs = fc.nat({ max: 5000 });
const ids = fc.oneof(fc.nat({ max: 6 }), fc.constantFrom('3', '03', 5n, '18446744073709551615'));
/** Anything goes. */
const wild: fc.Arbitrary<MboEvent> = fc.record({
  timeMs,
  action: fc.constantFrom<MboAction>('A', 'C', 'M', 'F', 'T', 'N', 'R'),
  side: fc.constantFrom('A', 'B', 'N'),
  orderId: ids,
  priceTicks: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constant(-0)),
  sizeLots: sizes,
  flags,
});
/** Each order stays on its side and mostly at its price, as orders do. */
const tame: fc.Arbitrary<MboEvent> = fc
  .record({
    timeMs,
    action: fc.constantFrom<MboAction>('A', 'A', 'C', 'M', 'M', 'F', 'F', 'F', 'T'),
    orderId: fc.nat({ max: 4 }),
    away: fc.constantFrom(0, 0, 0, 0, 1),
    sizeLots: fc.integer({ min: 1, max: 6 }),
    flags: fc.constantFrom(0, 0x80),
  })
  .map(({ away, ...event }) => ({
    ...event,
    side: event.orderId % 2 === 0 ? 'B' : 'A',
    priceTicks: (event.orderId % 2) + away,
  }));
const tapes = fc.array(fc.oneof({ weight: 9, arbitrary: tame }, { weight: 2, arbitrary: wild }), {
  maxLength: 50,
  size: 'max',
});

const at = { timeMs: 0, action: 'A', side: 'B', orderId: 1, priceTicks: 100, sizeLots: 1 } as const;
const refused: readonly MboEvent[] = [
  { ...at, priceTicks: 0.5 },
  { ...at, priceTicks: NaN },
  { ...at, sizeLots: -1 },
  { ...at, sizeLots: Infinity },
  { ...at, sizeLots: 2 ** 53 },
  { ...at, orderId: -1 },
  { ...at, orderId: 1.5 },
  { ...at, orderId: undefined as never },
  { ...at, flags: 256 },
  { ...at, flags: NaN },
  { ...at, action: 'C', sizeLots: 0.5 },
  { ...at, action: 'M', priceTicks: Infinity },
  { ...at, action: 'F', sizeLots: NaN },
  { ...at, action: 'F', priceTicks: 0.5 },
  { ...at, action: 'T', priceTicks: NaN },
];
const refusedTimes: readonly MboEvent[] = [NaN, Infinity, -Infinity, 1e308].map((timeMs) => ({ ...at, timeMs }));

const seenOf = (book: MboBook) => [book.stats(), book.best(), book.top(3), book.queuePosition(3), book.isConsistent];

describeReducerContract({
  name: 'createMboBook',
  create: () => createMboBook({ maxOrders: 4 }),
  restore: (snapshot) => restoreMboBook(snapshot, { maxOrders: 4 }),
  inputs: tapes,
  push: (book, event) => [book.push(event) ?? null, ...seenOf(book)] as unknown[],
  flush: (book) => book.flush() as unknown as unknown[],
  refused,
  runs: 120,
});

describe('createMboBook on random tapes', () => {
  test('is at every consistent point what its changes add up to, and what its orders add up to', () => {
    fc.assert(
      fc.property(tapes, (tape) => {
        const book = createMboBook();
        const rebuilt = new Map<string, unknown>();
        const ids = [0, 1, 2, 3, 4, 5, 6, '03', '18446744073709551615'];
        for (const event of tape) {
          for (const change of book.push(event) ?? []) {
            const key = `${change.side} ${change.priceTicks}`;
            if (change.orders === 0) rebuilt.delete(key);
            else rebuilt.set(key, { priceTicks: change.priceTicks, sizeLots: change.sizeLots, orders: change.orders });
          }
          if (!book.isConsistent) continue;
          const { bids, asks } = book.top(Infinity);
          expect([...bids, ...asks]).toHaveLength(rebuilt.size);
          for (const bid of bids) expect(bid).toEqual(rebuilt.get(`bid ${bid.priceTicks}`));
          for (const ask of asks) expect(ask).toEqual(rebuilt.get(`ask ${ask.priceTicks}`));
          expect(bids.map((bid) => bid.priceTicks)).toEqual(bids.map((bid) => bid.priceTicks).sort((a, b) => b - a));
          const held = ids.map((id) => book.order(id)).filter((order) => order !== undefined);
          expect(book.stats().orders).toBe(held.length);
          for (const [side, levels] of [
            ['bid', bids],
            ['ask', asks],
          ] as const) {
            for (const level of levels) {
              const queue = held.filter((order) => order.side === side && order.priceTicks === level.priceTicks);
              expect(queue).toHaveLength(level.orders);
              expect(queue.reduce((sum, order) => sum + order.sizeLots, 0)).toBe(level.sizeLots);
              const places = queue.map((order) => book.queuePosition(order.orderId)!.ordersAhead);
              expect(places.sort((a, b) => a - b)).toEqual(places.map((_, i) => i));
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** The two identities of an outcome, to the lot. */
function balance({ bid, ask }: LiquidityOutcome): void {
  for (const side of [bid, ask]) {
    const gained = addExact(addExact(side.openingLots, side.enteredLots), side.addedLots);
    const lost = addExact(addExact(side.leftLots, side.consumedLots), addExact(side.pulledLots, side.undecidedLots));
    expect(subtractExact(gained, lost)).toBe(side.closingLots);
    expect(addExact(addExact(side.consumedLots, side.unmatchedLots), side.waitingLots)).toBe(side.tradedLots);
    expect(side.consumedShare ?? 0.5).toBeGreaterThanOrEqual(0);
    expect(side.consumedShare ?? 0.5).toBeLessThanOrEqual(1);
  }
}

describeReducerContract({
  name: 'createMboLiquidityOutcome',
  create: () => createMboLiquidityOutcome({ maxOrders: 4 }),
  restore: (snapshot) => restoreMboLiquidityOutcome(snapshot, { maxOrders: 4 }),
  inputs: tapes,
  push: (outcome, event) => {
    outcome.push(event);
    return [outcome.totals()];
  },
  flush: (outcome) => outcome.flush(),
  refused,
  runs: 120,
  conserve: (tape, outputs) => {
    outputs.forEach(balance);
    const book = createMboBook({ maxOrders: 4 });
    for (const event of tape) book.push(event);
    book.flush();
    const { bids, asks } = book.top(Infinity);
    const { bid, ask } = outputs.at(-1)!;
    expect([bid.closingLots, ask.closingLots]).toEqual(
      [bids, asks].map((levels) => levels.reduce<ExactInt>((sum, level) => addExact(sum, level.sizeLots), 0)),
    );
    expect(mboLiquidityOutcomeOf(tape, { maxOrders: 4 })).toEqual(outputs.at(-1));
  },
});

describeReducerContract({
  name: 'createMboIcebergDetector',
  create: () => createMboIcebergDetector({ maxOrders: 4 }),
  restore: (snapshot) => restoreMboIcebergDetector(snapshot, { maxOrders: 4 }),
  inputs: tapes,
  push: (detector, event) => [detector.push(event) ?? null, detector.resting()] as unknown[],
  refused: [...refused, ...refusedTimes],
  runs: 120,
  conserve: (tape, outputs) => {
    const told = outputs.filter((_, i) => i % 2 === 0 && outputs[i] !== null) as IcebergEvent[];
    expect(mboIcebergsOf(tape, { maxOrders: 4 })).toEqual(told);
    for (const iceberg of told) {
      expect(iceberg).toMatchObject({ quality: 'native', probability: 1 });
      expect(iceberg.refills).toBeGreaterThan(0);
      expect(iceberg.tradedLots).toBeGreaterThan(0);
    }
  },
});

for (const options of [{}, { intervalMs: 1000 }]) {
  describeReducerContract({
    name: `createOrderToTrade(${JSON.stringify(options)})`,
    create: () => createOrderToTrade(options),
    restore: (snapshot) => restoreOrderToTrade(snapshot, options),
    inputs: tapes,
    refused: [...refused, ...refusedTimes],
    batch: (tape) => orderToTradeOf(tape, options),
    conserve: (tape, intervals, ratio) => {
      const trades = tape.filter(({ action }) => action === 'T');
      expect(intervals.reduce((sum, interval) => sum + interval.trades, 0)).toBe(trades.length);
      expect(ratio.totals().trades).toBe(trades.length);
      const messages = intervals.reduce<ExactInt>((sum, interval) => addExact(sum, interval.messages), 0);
      expect(ratio.totals().messages).toBe(messages);
      expect(messages).toBeLessThanOrEqual(tape.filter(({ action }) => 'ACM'.includes(action)).length);
    },
  });
}

test('the tapes above reach every anomaly, hidden fills and refills', () => {
  const seen = new Set<string>();
  for (const tape of fc.sample(tapes, { numRuns: 200, seed: 1 })) {
    const book = createMboBook({ maxOrders: 4 });
    for (const event of tape) book.push(event);
    for (const [name, count] of Object.entries(book.stats().anomalies)) if (count > 0) seen.add(name);
    if (book.stats().crossedAtLast > 0) seen.add('crossed');
    const { bid, ask } = mboLiquidityOutcomeOf(tape);
    if (bid.consumedLots !== 0 && ask.unmatchedLots !== 0) seen.add('fills');
    if (mboIcebergsOf(tape).some(({ refills }) => refills >= 2)) seen.add('iceberg');
  }
  expect([...seen].sort()).toEqual([
    'crossed',
    'duplicateAdds',
    'emptyOrders',
    'fills',
    'iceberg',
    'overCancels',
    'overflowed',
    'sideChanges',
    'unknownCancels',
    'unknownFills',
    'unknownModifies',
  ]);
});
