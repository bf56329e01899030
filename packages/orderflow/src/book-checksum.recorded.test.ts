/** Kraken's and OKX's own checksums over recorded sessions: each one is the venue's word on the whole top of the book. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { crc32, krakenBookChecksum, krakenChecksum, okxBookChecksum, okxChecksum } from './book-checksum.ts';
import { bookRules, createBook, restoreBook } from './book.ts';
import type { Book, BookEvent, BookOptions } from './book.ts';
import { createGrid } from './grid.ts';
import type { Grid } from './grid.ts';
import type { TickLevel } from './market.ts';

type Levels = readonly (readonly [price: string, size: string])[];
interface Vector {
  readonly bids: Levels;
  readonly asks: Levels;
  readonly string: string;
}
interface Vectors {
  readonly kraken_v1: readonly (Vector & { readonly pair: string; readonly crc32: number })[];
  readonly okx: readonly (Vector & { readonly instId: string; readonly checksum: number })[];
}
interface KrakenAnswers {
  readonly checks: Readonly<Record<string, number>>;
  readonly final: Readonly<Record<string, { asks: Levels; bids: Levels; n: [asks: number, bids: number] }>>;
}

/** The messages that a capture received: lines of `<receive time>: <json>`; what was sent starts with an address. */
function* recordedMessages(file: string): Generator {
  const lines = gunzipSync(readFileSync(recordedPath(`trades_books/${file}`)))
    .toString()
    .split('\n');
  for (const line of lines) {
    if (line !== '' && !line.startsWith('wss:')) yield JSON.parse(line.slice(line.indexOf(': ') + 2));
  }
}

const decimalsOf = (literal: string): number => (literal.split('.')[1] ?? '').length;
const stepOf = (decimals: number): string => `1e-${decimals}`;
const cut = (book: Book, options: BookOptions): Book =>
  restoreBook(JSON.parse(JSON.stringify(book.snapshot())), options);

describe.skipIf(!hasRecordedData)('the checksum vectors', () => {
  const vectors = hasRecordedData ? expectedAnswers<Vectors>('checksum_vectors') : ({} as Vectors);

  test('of Kraken agree, as strings and as numbers', () => {
    expect(vectors.kraken_v1).toHaveLength(18);
    for (const { bids, asks, string, crc32: expected } of vectors.kraken_v1) {
      const [price, size] = asks[0]!;
      const decimals = { priceDecimals: decimalsOf(price), sizeDecimals: decimalsOf(size) };
      const numbers = (levels: Levels) => levels.map(([p, s]) => [Number(p), Number(s)] as const);
      expect(crc32(string)).toBe(expected);
      expect(krakenChecksum({ bids, asks }, decimals)).toBe(expected);
      expect(krakenChecksum({ bids: numbers(bids), asks: numbers(asks) }, decimals)).toBe(expected);
    }
  });

  test('of OKX agree, as strings and through a book', () => {
    expect(vectors.okx).toHaveLength(6);
    for (const { bids, asks, string, checksum } of vectors.okx) {
      expect(crc32(string) | 0).toBe(checksum);
      expect(okxChecksum({ bids, asks })).toBe(checksum);
      const grid = createGrid({ tickSize: '0.001', lotSize: '1' });
      const book = createBook({ grid, rule: bookRules.okx, checksum: okxBookChecksum() });
      const event: BookEvent = { type: 'book-snapshot', symbol: '', timeMs: 0, lastUpdateId: 0, bids, asks, checksum };
      expect(book.push(event).outcome).toBe('snapshot');
    }
  });
});

interface KrakenPart {
  readonly as?: Levels;
  readonly bs?: Levels;
  readonly a?: Levels;
  readonly b?: Levels;
  readonly c?: string;
}

/** Kraken v1: `[channel, part, part?, 'book-1000', pair]`; ids count the messages, the venue has none. */
function* krakenEvents(): Generator<BookEvent & { readonly symbol: string }> {
  let id = 0;
  for (const message of recordedMessages('cryptofeed_KRAKEN.ws.50.0.txt.gz')) {
    if (!Array.isArray(message) || !String(message.at(-2)).startsWith('book-')) continue;
    const { as, bs, a = [], b = [], c }: KrakenPart = Object.assign({}, ...message.slice(1, -2));
    const at = { symbol: String(message.at(-1)), timeMs: 0 };
    const plain = (levels: Levels) => levels.map(([price, size]) => [price, size] as const);
    id += 1;
    if (as && bs) yield { type: 'book-snapshot', ...at, lastUpdateId: id, bids: plain(bs), asks: plain(as) };
    else {
      const sides = { bids: plain(b), asks: plain(a) };
      const ids = { firstUpdateId: id, lastUpdateId: id };
      yield { type: 'book-delta', ...at, ...ids, ...sides, ...(c === undefined ? {} : { checksum: Number(c) }) };
    }
  }
}

function krakenOptions(event: BookEvent): BookOptions & { readonly decimals: readonly [number, number] } {
  const [price, size] = [...event.asks, ...event.bids][0]!.map(String) as [string, string];
  const [priceDecimals, sizeDecimals] = [decimalsOf(price), decimalsOf(size)];
  return {
    grid: createGrid({ tickSize: stepOf(priceDecimals), lotSize: stepOf(sizeDecimals) }),
    rule: bookRules.kraken,
    maxLevels: 1000,
    checksum: krakenBookChecksum({ priceDecimals, sizeDecimals }),
    decimals: [priceDecimals, sizeDecimals],
  };
}

describe.skipIf(!hasRecordedData)('the recorded Kraken session', () => {
  test('agrees with every checksum and ends in the expected books, over cuts', () => {
    const answers = expectedAnswers<KrakenAnswers>('kraken_checksum');
    const books = new Map<string, Book>();
    const optionsOf = new Map<string, ReturnType<typeof krakenOptions>>();
    let events = 0;
    for (const event of krakenEvents()) {
      const options = optionsOf.get(event.symbol) ?? krakenOptions(event);
      optionsOf.set(event.symbol, options);
      let book = books.get(event.symbol) ?? createBook(options);
      if ((events += 1) % 300 === 0) book = cut(book, options);
      books.set(event.symbol, book);
      const { outcome, offGrid } = book.push(event);
      expect([outcome, offGrid]).toEqual([event.type === 'book-snapshot' ? 'snapshot' : 'applied', []]);
    }

    const checks = [...books].map(([pair, book]) => [`${pair} ok`, book.stats().checksumMatches] as const);
    expect(Object.fromEntries(checks.filter(([, count]) => count > 0))).toEqual(answers.checks);
    const final = [...books]
      .filter(([pair]) => pair in answers.final)
      .map(([pair, book]) => [pair, lastOf(pair, book)]);
    expect(Object.fromEntries(final)).toEqual(answers.final);

    function lastOf(pair: string, book: Book): KrakenAnswers['final'][string] {
      const { grid, decimals } = optionsOf.get(pair)!;
      const fixed = (literal: string, places: number): string => {
        const [whole, fraction = ''] = literal.split('.');
        return `${whole}.${fraction.padEnd(places, '0')}`;
      };
      const text = (levels: readonly TickLevel[]): Levels =>
        levels.map(({ priceTicks, sizeLots }) => [
          fixed(grid.formatPrice(priceTicks), decimals[0]),
          fixed(grid.formatSize(sizeLots), decimals[1]),
        ]);
      const { bids, asks } = book.top(3);
      const { bidLevels, askLevels, synced, checksumMismatches } = book.stats();
      expect({ synced, checksumMismatches }).toEqual({ synced: true, checksumMismatches: 0 });
      return { asks: text(asks), bids: text(bids), n: [askLevels, bidLevels] };
    }
  });

  test('of which each 20th update is lost: the book has the ten best levels of the venue, or says that it is lost', () => {
    const truths = new Map<string, Book>();
    const books = new Map<string, Book>();
    let deltas = 0;
    const seen = { lost: 0, mismatches: 0, compared: 0 };
    for (const event of krakenEvents()) {
      const options = krakenOptions(event);
      const truth = truths.get(event.symbol) ?? createBook(options);
      const book = books.get(event.symbol) ?? createBook(options);
      truths.set(event.symbol, truth);
      books.set(event.symbol, book);
      truth.push(event);
      if (event.type === 'book-delta' && (deltas += 1) % 20 === 0) {
        seen.lost += 1;
        continue;
      }
      if (book.push(event).outcome === 'checksum-mismatch') {
        seen.mismatches += 1;
        expect(book.top(10)).toEqual({ bids: [], asks: [] });
        book.push(snapshotOf(truth, options.grid, event.symbol));
      }
      seen.compared += 1;
      expect(book.top(10)).toEqual(truth.top(10));
    }
    expect(seen).toMatchInlineSnapshot(`
      {
        "compared": 2121,
        "lost": 111,
        "mismatches": 93,
      }
    `);
  });
});

/** What a new subscription sends. */
function snapshotOf(book: Book, grid: Grid, symbol: string): BookEvent {
  const { bids, asks } = book.top(Infinity);
  const text = (levels: readonly TickLevel[]): Levels =>
    levels.map(({ priceTicks, sizeLots }) => [grid.formatPrice(priceTicks), grid.formatSize(sizeLots)]);
  return { type: 'book-snapshot', symbol, timeMs: 0, lastUpdateId: 0, bids: text(bids), asks: text(asks) };
}

interface OkxMessage {
  readonly arg?: { readonly channel: string; readonly instId: string };
  readonly action?: 'snapshot' | 'update';
  readonly data?: readonly { readonly bids: Levels; readonly asks: Levels; readonly checksum: number }[];
}

describe.skipIf(!hasRecordedData)('the recorded OKX session', () => {
  test('agrees with every checksum; the strings follow from the grid', () => {
    // Before OKX had `seqId`: a venue without numbers, but for the checksum.
    const grids: Readonly<Record<string, Grid>> = {
      'BTC-USD-220527': createGrid({ tickSize: '0.1', lotSize: '1' }),
      'UNI-USD-SWAP': createGrid({ tickSize: '0.001', lotSize: '1' }),
    };
    const books = new Map<string, Book>();
    let matches = 0;
    for (const message of recordedMessages('cryptofeed_OKX.ws.1.0.txt.gz') as Generator<OkxMessage>) {
      if (message.arg?.channel !== 'books' || !message.data) continue;
      const { instId } = message.arg;
      const options = { grid: grids[instId]!, rule: bookRules.generic, checksum: okxBookChecksum() };
      const book = books.get(instId) ?? createBook(options);
      books.set(instId, matches % 50 === 0 ? cut(book, options) : book);
      const { bids, asks, checksum } = message.data[0]!;
      const levels = { bids: bids.map(([p, s]) => [p, s] as const), asks: asks.map(([p, s]) => [p, s] as const) };
      const event = { symbol: instId, timeMs: 0, lastUpdateId: 0, ...levels, checksum };
      const { outcome } = books
        .get(instId)!
        .push(
          message.action === 'snapshot'
            ? { type: 'book-snapshot', ...event }
            : { type: 'book-delta', firstUpdateId: 0, ...event },
        );
      expect(outcome).toBe(message.action === 'snapshot' ? 'snapshot' : 'applied');
      matches += 1;
    }
    const total = [...books.values()].reduce((sum, book) => sum + book.stats().checksumMatches, 0);
    expect({ matches, total }).toEqual({ matches: 192, total: 192 });
  });
});
