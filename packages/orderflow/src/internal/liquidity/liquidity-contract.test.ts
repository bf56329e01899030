/** Random and hostile L2 books and trades through everything that pairs them. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { addExact, subtractExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import { createIcebergDetector, icebergsOf, restoreIcebergDetector } from '../../iceberg.ts';
import { createLiquidityOutcome, liquidityOutcomeOf, restoreLiquidityOutcome } from '../../liquidity-outcome.ts';
import type { LiquidityEvent } from '../../liquidity-outcome.ts';
import type { TickLevel } from '../../market.ts';

const lots = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 8 }) }, fc.constantFrom(-0, Number.MAX_SAFE_INTEGER));
const timeMs = fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 60 }) }, fc.constantFrom(-5, -0, 0.5, 8.64e15));
/** Any subset of five prices, also crossed with the other side. */
const side = (sign: 1 | -1): fc.Arbitrary<TickLevel[]> =>
  fc
    .uniqueArray(fc.record({ priceTicks: fc.integer({ min: -2, max: 2 }), sizeLots: lots }), {
      selector: (level) => level.priceTicks,
      maxLength: 4,
    })
    .map((levels) => levels.sort((a, b) => sign * (b.priceTicks - a.priceTicks)));
const events: fc.Arbitrary<LiquidityEvent> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record(
      { type: fc.constant('depth' as const), timeMs, bids: side(1), asks: side(-1), complete: fc.boolean() },
      { requiredKeys: ['type', 'timeMs', 'bids', 'asks'] },
    ),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('trade' as const),
      timeMs,
      priceTicks: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constant(-0)),
      sizeLots: lots,
      side: fc.constantFrom('buy' as const, 'sell' as const, 'sell' as const, 'unknown' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('gap' as const), timeMs }) },
);
/** Times that mostly go on, since a tape of random times is late most of the time. */
const tapes = fc
  .array(events, { maxLength: 40, size: 'max' })
  .map((tape) => tape.map((event, i) => ({ ...event, timeMs: event.timeMs + i * 20 * (event.timeMs > 1e15 ? 0 : 1) })));

const depth = { type: 'depth', timeMs: 0, bids: [], asks: [] } as const;
const trade = { type: 'trade', timeMs: 0, priceTicks: 0, sizeLots: 1, side: 'buy' } as const;
const level = { priceTicks: 0, sizeLots: 1 };
const refused: readonly LiquidityEvent[] = [
  { ...depth, timeMs: NaN },
  { ...depth, timeMs: 1e308 },
  { ...depth, bids: [level, level] },
  { ...depth, asks: [level, { ...level, priceTicks: -1 }] },
  { ...depth, bids: [level], asks: [{ ...level, sizeLots: -1 }] },
  { ...depth, bids: [{ ...level, priceTicks: 0.5 }] },
  { ...depth, asks: [{ ...level, sizeLots: Infinity }] },
  { ...trade, timeMs: -Infinity },
  { ...trade, sizeLots: -1 },
  { ...trade, sizeLots: 2 ** 53 },
  { ...trade, priceTicks: NaN },
  { type: 'gap', timeMs: NaN },
];

describeReducerContract({
  name: 'createLiquidityOutcome',
  create: () => createLiquidityOutcome({ matchWithinMs: 50, maxWaiting: 4 }),
  restore: (snapshot) => restoreLiquidityOutcome(snapshot, { matchWithinMs: 50, maxWaiting: 4 }),
  inputs: tapes,
  push: (outcome, event) => {
    outcome.push(event);
    return [outcome.totals()];
  },
  flush: (outcome) => outcome.flush(),
  refused,
  runs: 150,
  conserve: (tape, outputs, outcome) => {
    for (const { bid, ask } of outputs) {
      for (const { openingLots, enteredLots, addedLots, leftLots, closingLots, ...lost } of [bid, ask]) {
        const gone = addExact(leftLots, addExact(lost.consumedLots, addExact(lost.pulledLots, lost.undecidedLots)));
        expect(subtractExact(addExact(openingLots, addExact(enteredLots, addedLots)), gone)).toBe(closingLots);
        for (const value of Object.values(lost)) expect(value).toBeGreaterThanOrEqual(0);
        expect(lost.consumedShare ?? 0).toBeLessThanOrEqual(1);
      }
    }
    const last = outputs.at(-1)!;
    expect(liquidityOutcomeOf(tape, { matchWithinMs: 50, maxWaiting: 4 })).toEqual(last);
    const sum = (sizes: readonly number[]): ExactInt => sizes.reduce<ExactInt>(addExact, 0);
    const trades = tape.filter((event) => event.type === 'trade');
    expect(addExact(addExact(last.bid.tradedLots, last.ask.tradedLots), last.unknownLots)).toBe(
      sum(trades.map((event) => event.sizeLots)),
    );
    expect([last.bid.waitingLots, last.bid.undecidedLots, last.ask.waitingLots]).toEqual([0, 0, 0]);
    const book = tape.findLast((event) => event.type !== 'trade');
    const lotsOf = (levels: readonly TickLevel[]) => sum(levels.map(({ sizeLots }) => sizeLots));
    const [bids, asks] = book?.type === 'depth' ? [book.bids, book.asks] : [[], []];
    expect([last.bid.closingLots, last.ask.closingLots]).toEqual([lotsOf(bids), lotsOf(asks)]);
    // Flushed by now: the closing lots open the next interval.
    expect(outcome.totals().bid.openingLots).toBe(last.bid.closingLots);
  },
});

const options = { matchWithinMs: 50, maxWaiting: 4, minProbability: 0, refillWithinMs: 60, idleMs: 300 };
describeReducerContract({
  name: 'createIcebergDetector',
  create: () => createIcebergDetector(options),
  restore: (snapshot) => restoreIcebergDetector(snapshot, options),
  inputs: tapes,
  batch: (tape) => icebergsOf(tape, options),
  refused,
  runs: 150,
  conserve: (tape, found) => {
    const traded = tape.reduce<ExactInt>((sum, event) => addExact(sum, event.type === 'trade' ? event.sizeLots : 0), 0);
    for (const { probability, tradedLots, displayedLots, refills, firstMs, lastMs } of found) {
      expect(probability).toBeGreaterThanOrEqual(0);
      expect(probability).toBeLessThan(1);
      expect(tradedLots).toBeLessThanOrEqual(Number(traded));
      expect(lastMs).toBeGreaterThanOrEqual(firstMs);
      expect([tradedLots, displayedLots, refills].every(Number.isSafeInteger)).toBe(true);
    }
  },
});

test('the tapes above reach waiting, unmatched, overflowing and late events, and probabilities above 0', () => {
  const seen = new Set<string>();
  for (const tape of fc.sample(tapes, { numRuns: 200, seed: 1 })) {
    const outcome = createLiquidityOutcome({ matchWithinMs: 50, maxWaiting: 4 });
    for (const event of tape) {
      outcome.push(event);
      const { bid } = outcome.totals();
      for (const [name, value] of Object.entries(bid)) if (value > 0) seen.add(name);
    }
    if (outcome.overflowed > 0) seen.add('overflowed');
    if (outcome.lateEvents > 0) seen.add('late');
    if (icebergsOf(tape, options).some(({ probability }) => probability > 0.3)) seen.add('iceberg');
  }
  expect([...seen].sort()).toEqual([
    'addedLots',
    'closingLots',
    'consumedLots',
    'consumedShare',
    'enteredLots',
    'iceberg',
    'late',
    'leftLots',
    'overflowed',
    'pulledLots',
    'tradedLots',
    'undecidedLots',
    'unmatchedLots',
    'waitingLots',
  ]);
});
