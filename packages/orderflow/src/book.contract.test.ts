/** The book under random streams of stale, repeated, overlapping, following and missing events. */
import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { bookRules, createBook, restoreBook } from './book.ts';
import type { BookEvent } from './book.ts';
import { createGrid } from './grid.ts';
import type { BookLevel } from './market.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const at = { symbol: 'ETHUSDT', timeMs: 0 };

// Ids in small steps, so that stale, repeated, overlapping, following and missing deltas all happen.
const price = fc.integer({ min: 9990, max: 10010 }).map((ticks) => grid.formatPrice(ticks));
const size = fc.constantFrom<BookLevel[1]>('0', '1', 2.5, '0.0001', new Decimal('0.007'));
const levels = fc.array(fc.tuple(price, size), { maxLength: 4 });
const steps = fc.record({
  what: fc.constantFrom('next', 'next', 'next', 'next', 'repeat', 'skip', 'snapshot'),
  span: fc.integer({ min: 1, max: 3 }),
  back: fc.nat({ max: 4 }),
  bids: levels,
  asks: levels,
});
const tapes = fc.array(steps, { maxLength: 25 }).map((list) => {
  let id = 10;
  return list.map(({ what, span, back, bids, asks }): BookEvent => {
    if (what === 'snapshot') return { type: 'book-snapshot', ...at, lastUpdateId: id - back, bids, asks };
    const previous = what === 'next' ? id : what === 'skip' ? id + 2 : id - span - back;
    id = what === 'repeat' ? id : previous + span;
    const ids = { firstUpdateId: previous + 1, lastUpdateId: previous + span, previousUpdateId: previous };
    return { type: 'book-delta', ...at, ...ids, bids, asks };
  });
});

for (const rule of [bookRules.binanceSpot, bookRules.binanceFutures]) {
  const options = { grid, rule, maxBufferedDeltas: 5 };
  describeReducerContract({
    name: `createBook with ${rule.name}`,
    create: () => createBook(options),
    restore: (state) => restoreBook(state, options),
    inputs: tapes,
    push: (book, event) => [book.push(event), book.stats(), book.best(), book.top(3)],
    runs: 100,
    conserve: (tape, _outputs, book) => {
      const {
        deltas,
        applied,
        droppedBeforeSnapshot,
        ignored,
        buffered,
        overflowed,
        synced,
        snapshots,
        staleSnapshots,
      } = book.stats();
      expect(applied + droppedBeforeSnapshot + ignored + buffered + overflowed).toBe(deltas);
      expect(deltas + snapshots + staleSnapshots).toBe(tape.length);
      expect(synced ? buffered : 0).toBe(0);
    },
  });
}

test('the streams above reach every outcome under both rules', () => {
  for (const rule of [bookRules.binanceSpot, bookRules.binanceFutures]) {
    const seen = new Set<string>();
    for (const tape of fc.sample(tapes, { numRuns: 50, seed: 1 })) {
      const book = createBook({ grid, rule, maxBufferedDeltas: 5 });
      for (const event of tape) seen.add(`${event.type} ${book.push(event).outcome}`);
      if (book.stats().overflowed > 0) seen.add('overflowed');
      if (book.stats().crossed > 0) seen.add('crossed');
      if (book.stats().offGridLevels > 0) seen.add('off grid');
    }
    expect([...seen].sort()).toEqual([
      'book-delta applied',
      'book-delta buffered',
      'book-delta dropped',
      'book-delta gap',
      'book-snapshot dropped',
      'book-snapshot gap',
      'book-snapshot snapshot',
      'crossed',
      'off grid',
      'overflowed',
    ]);
  }
});
