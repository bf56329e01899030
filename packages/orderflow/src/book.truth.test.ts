/** Against simulated venues: the book is the one of the venue, or says that it is out of sync. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { krakenBookChecksum, okxBookChecksum } from './book-checksum.ts';
import { bookRules, createBook } from './book.ts';
import type { Book, BookEvent, BookOptions } from './book.ts';
import { createGrid } from './grid.ts';
import { sessionsOf } from './internal/book/venue-simulator.ts';
import type { Session, Venue } from './internal/book/venue-simulator.ts';
import { createSequenceGuard } from './sequence-guard.ts';

const grid = createGrid({ tickSize: '1', lotSize: '1' });
const krakenChecksum = krakenBookChecksum({ priceDecimals: 0, sizeDecimals: 0 });

interface Case extends Venue {
  readonly name: string;
  readonly options?: Partial<BookOptions>;
  /** True where the numbers are of the connection. */
  readonly guarded?: boolean;
}

const proven: readonly Case[] = [
  { name: 'Binance spot', rule: bookRules.binanceSpot },
  { name: 'Binance futures', rule: bookRules.binanceFutures },
  { name: 'Bybit', rule: bookRules.bybit },
  { name: 'Deribit', rule: bookRules.deribit },
  { name: 'Kraken Futures', rule: bookRules.krakenFutures },
  { name: 'OKX by sequence', rule: bookRules.okx },
  { name: 'OKX by both', rule: bookRules.okx, checksum: 'okx', options: { checksum: okxBookChecksum() } },
  { name: 'OKX by checksum', rule: bookRules.generic, checksum: 'okx', options: { checksum: okxBookChecksum() } },
  {
    name: 'Kraken, depth 10',
    rule: bookRules.kraken,
    depth: 10,
    checksum: 'kraken',
    options: { maxLevels: 10, checksum: krakenChecksum },
  },
  {
    name: 'Kraken, depth 3',
    rule: bookRules.kraken,
    depth: 3,
    checksum: 'kraken',
    options: { maxLevels: 3, checksum: krakenChecksum },
  },
  { name: 'Bybit, depth 3', rule: bookRules.bybit, depth: 3, options: { maxLevels: 3 } },
  { name: 'Coinbase Advanced with a guard', rule: bookRules.coinbaseAdvanced, guarded: true },
  { name: 'Bitfinex with a guard', rule: bookRules.bitfinex, guarded: true },
];
const trusting: readonly Case[] = [
  { name: 'BitMEX', rule: bookRules.bitmex, intact: true },
  { name: 'Coinbase Exchange', rule: bookRules.coinbaseExchange, intact: true },
  { name: 'generic', rule: bookRules.generic, intact: true },
];

/** Plays a session to a book and calls back after each message. */
function play(
  session: Session,
  { rule, options, guarded }: Case,
  after: (book: Book, event?: BookEvent) => void,
): Book {
  const book = createBook({ grid, rule, maxBufferedDeltas: 4, ...options });
  const guard = guarded ? createSequenceGuard() : undefined;
  for (const { sequence, event } of session.arrived) {
    if (guard?.push(sequence).outcome === 'gap') book.invalidate();
    if (event) book.push(event);
    after(book, event);
  }
  return book;
}

describe.each([...proven, ...trusting])('$name', (venue) => {
  const sessions = sessionsOf(venue);

  test('the book is the true one at its id, or out of sync and empty; its memory is bounded', () => {
    fc.assert(
      fc.property(sessions, (session) => {
        play(session, venue, (book, event) => {
          const { synced, lastUpdateId, buffered, bidLevels, askLevels } = book.stats();
          expect(book.top(Infinity)).toEqual(synced ? session.truthAt.get(lastUpdateId!) : { bids: [], asks: [] });
          if (synced && event?.type === 'book-delta') {
            // It has not passed over something newer than itself.
            expect(session.rankOf.get(lastUpdateId!)).toBeGreaterThanOrEqual(session.rankOf.get(event.lastUpdateId)!);
          }
          expect(buffered).toBeLessThanOrEqual(4);
          expect(Math.max(bidLevels, askLevels)).toBeLessThanOrEqual(venue.depth ?? 12);
        });
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  test('both happen', () => {
    const seen = { synced: 0, lost: 0, applied: 0, broken: 0 };
    for (const session of fc.sample(sessions, { numRuns: 200, seed: 8 })) {
      const book = play(session, venue, (current) => {
        if (current.stats().synced) seen.synced += 1;
        else seen.lost += 1;
      });
      const { applied, gaps, checksumMismatches, invalidations } = book.stats();
      seen.applied += applied;
      seen.broken += gaps + checksumMismatches + invalidations;
    }
    expect(seen.synced).toBeGreaterThan(100);
    expect(seen.applied).toBeGreaterThan(100);
    if (!venue.intact) expect(seen.broken).toBeGreaterThan(20);
    else expect(seen.broken).toBe(0);
  });
});

test('without a guard, a lost message of a connection goes unseen: this is why there is one', () => {
  const venue: Case = { name: '', rule: bookRules.coinbaseAdvanced };
  let wrong = 0;
  for (const session of fc.sample(sessionsOf(venue), { numRuns: 200, seed: 8 })) {
    play(session, venue, (book) => {
      const { synced, lastUpdateId } = book.stats();
      const truth = session.truthAt.get(lastUpdateId!);
      if (synced && JSON.stringify(book.top(Infinity)) !== JSON.stringify(truth)) wrong += 1;
    });
  }
  expect(wrong).toBeGreaterThan(0);
});
