/** The book under random streams of stale, repeated, overlapping, following and missing events. */
import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { krakenBookChecksum, okxBookChecksum } from './book-checksum.ts';
import { bookRules, createBook, restoreBook } from './book.ts';
import type { BookChecksum, BookEvent, BookOptions, BookRule } from './book.ts';
import { createDepth } from './depth.ts';
import { createGrid } from './grid.ts';
import type { BookLevel } from './market.ts';
import { sessionsOf } from './internal/book/venue-simulator.ts';
import type { Venue } from './internal/book/venue-simulator.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const at = { symbol: 'ETHUSDT', timeMs: 0 };

// Ids in small steps, so that stale, repeated, overlapping, following and missing deltas all happen.
const price = fc.integer({ min: 9990, max: 10010 }).map((ticks) => grid.formatPrice(ticks));
const size = fc.constantFrom<BookLevel[1]>('0', '1', 2.5, '0.0001', new Decimal('0.007'));
const hostile = fc.constantFrom<BookLevel[1]>(
  '-1',
  -0,
  NaN,
  Infinity,
  2 ** 53,
  1e308,
  5e-324,
  '',
  'abc',
  '1e9999',
  '9'.repeat(500),
);
const level = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(price, size) },
  fc.tuple(hostile, size),
  fc.tuple(price, hostile),
);
const levels = fc.array(level, { maxLength: 4 });
const steps = fc.record({
  what: fc.constantFrom('next', 'next', 'next', 'next', 'repeat', 'skip', 'snapshot'),
  span: fc.integer({ min: 1, max: 3 }),
  back: fc.nat({ max: 4 }),
  bids: levels,
  asks: levels,
  checksum: fc.constantFrom(undefined, undefined, 0, 1, 2, 3, -1, 2 ** 40),
});
const tapes = fc.array(steps, { maxLength: 25 }).map((list) => {
  let id = 10;
  return list.map(({ what, span, back, bids, asks, checksum }): BookEvent => {
    const sent = { bids, asks, ...(checksum === undefined ? {} : { checksum }) };
    if (what === 'snapshot') return { type: 'book-snapshot', ...at, lastUpdateId: id - back, ...sent };
    const previous = what === 'next' ? id : what === 'skip' ? id + 2 : id - span - back;
    id = what === 'repeat' ? id : previous + span;
    const ids = { firstUpdateId: previous + 1, lastUpdateId: previous + span, previousUpdateId: previous };
    return { type: 'book-delta', ...at, ...ids, ...sent };
  });
});

/** Agrees now and then. */
const bidLevels: BookChecksum = {
  name: 'bid levels',
  absent: 0,
  over: () => {
    const depth = createDepth(3);
    return (book) => book.readDepth(depth).bidLevels;
  },
};

/** Ids that no venue sends. */
const noIds = [NaN, 1.5, 2 ** 53, undefined as unknown as number].map((id): BookEvent => ({
  type: 'book-delta',
  ...at,
  firstUpdateId: 11,
  lastUpdateId: id,
  bids: [['100', '1']],
  asks: [],
}));

function describeBook(name: string, options: BookOptions, inputs: fc.Arbitrary<readonly BookEvent[]>): void {
  describeReducerContract({
    name: `createBook with ${name}`,
    create: () => createBook(options),
    restore: (state) => restoreBook(state, options),
    inputs,
    push: (book, event) => [book.push(event), book.stats(), book.best(), book.top(3)],
    refused: noIds,
    runs: 30,
    conserve: (tape, _outputs, book) => {
      const { deltas, applied, droppedBeforeSnapshot, ignored, buffered, overflowed, ...stats } = book.stats();
      expect(applied + droppedBeforeSnapshot + ignored + buffered + overflowed).toBe(deltas);
      expect(deltas + stats.snapshots + stats.staleSnapshots).toBe(tape.length);
      expect(stats.synced ? buffered : 0).toBe(0);
      expect(buffered).toBeLessThanOrEqual(options.maxBufferedDeltas ?? Infinity);
      expect(Math.max(stats.bidLevels, stats.askLevels)).toBeLessThanOrEqual(options.maxLevels ?? Infinity);
      if (!stats.synced) expect([stats.bidLevels, stats.askLevels]).toEqual([0, 0]);
    },
  });
}

for (const rule of Object.values(bookRules)) {
  const options: BookOptions = { grid, rule, maxBufferedDeltas: 5 };
  describeBook(rule.name, options, tapes);
  describeBook(`${rule.name}, maxLevels and a checksum`, { ...options, maxLevels: 3, checksum: bidLevels }, tapes);
}

const whole = createGrid({ tickSize: '1', lotSize: '1' });
const eventsOf = (venue: Venue) =>
  sessionsOf(venue).map(({ arrived }) => arrived.flatMap(({ event }) => (event ? [event] : [])));
const krakenOptions = {
  grid: whole,
  rule: bookRules.kraken,
  maxLevels: 3,
  checksum: krakenBookChecksum({ priceDecimals: 0, sizeDecimals: 0 }),
};
describeBook('Kraken’s checksums', krakenOptions, eventsOf({ rule: bookRules.kraken, depth: 3, checksum: 'kraken' }));
const okxOptions = { grid: whole, rule: bookRules.okx, checksum: okxBookChecksum() };
describeBook('OKX’s checksums', okxOptions, eventsOf({ rule: bookRules.okx, checksum: 'okx' }));

test('the streams above reach every outcome', () => {
  const seenUnder = (rule: BookRule): string[] => {
    const seen = new Set<string>();
    for (const tape of fc.sample(tapes, { numRuns: 100, seed: 1 })) {
      const book = createBook({ grid, rule, maxBufferedDeltas: 5, checksum: bidLevels });
      for (const event of tape) seen.add(`${event.type} ${book.push(event).outcome}`);
      const { overflowed, crossed, offGridLevels, checksumMatches } = book.stats();
      if (overflowed > 0) seen.add('overflowed');
      if (crossed > 0) seen.add('crossed');
      if (offGridLevels > 0) seen.add('off grid');
      if (checksumMatches > 0) seen.add('verified');
    }
    return [...seen].sort();
  };
  const all = [
    'book-delta applied',
    'book-delta buffered',
    'book-delta checksum-mismatch',
    'book-delta dropped',
    'book-delta gap',
    'book-snapshot checksum-mismatch',
    'book-snapshot dropped',
    'book-snapshot gap',
    'book-snapshot snapshot',
    'crossed',
    'off grid',
    'overflowed',
    'verified',
  ];
  // Of an in-stream venue nothing is held and no snapshot is old; without numbers there is no gap.
  const inStream = all.filter((name) => !/buffered|overflowed|book-snapshot (dropped|gap)/.test(name));
  for (const rule of Object.values(bookRules)) {
    const expected = rule.snapshots === 'fetched' ? all : inStream;
    expect([rule.name, ...seenUnder(rule)]).toEqual([
      rule.name,
      ...expected.filter((name) => rule.chain !== 'none' || name !== 'book-delta gap'),
    ]);
  }
});
