/** Recorded sessions of venues without a checksum, held against what the same venue says on its other channels. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { bookRules, createBook } from './book.ts';
import type { Book, BookEvent, BookRule } from './book.ts';
import { createGrid } from './grid.ts';
import type { Grid } from './grid.ts';
import type { BookLevel, TickQuote } from './market.ts';

/** The messages that a capture received: lines of `<receive time>: <json>`; what was sent starts with an address. */
function* recordedMessages(file: string): Generator {
  const lines = gunzipSync(readFileSync(recordedPath(`trades_books/${file}`)))
    .toString()
    .split('\n');
  for (const line of lines) {
    if (line !== '' && !line.startsWith('wss:')) yield JSON.parse(line.slice(line.indexOf(': ') + 2));
  }
}

const at = { timeMs: 0, lastUpdateId: 0 };

/** Books by symbol, with every best quote that each one had. */
function createBooks(gridOf: (symbol: string) => Grid, rule: BookRule) {
  const books = new Map<string, Book>();
  const bests = new Map<string, TickQuote[]>();
  return {
    books,
    push(event: BookEvent): Book {
      const book = books.get(event.symbol) ?? createBook({ grid: gridOf(event.symbol), rule });
      books.set(event.symbol, book);
      const { outcome, offGrid } = book.push(event);
      expect([outcome, offGrid]).toEqual([event.type === 'book-snapshot' ? 'snapshot' : 'applied', []]);
      const [best, list] = [book.best(), bests.get(event.symbol) ?? []];
      bests.set(event.symbol, list);
      if (best) list.push(best);
      return book;
    },
    /** How many of the quotes the book showed, in their order. */
    shown(symbol: string, quotes: readonly Partial<TickQuote>[]): number {
      const list = bests.get(symbol) ?? [];
      let from = 0;
      let count = 0;
      for (const quote of quotes) {
        const found = list.findIndex(
          (best, i) =>
            i >= from &&
            best.bidTicks === quote.bidTicks &&
            best.askTicks === quote.askTicks &&
            (quote.bidLots === undefined || best.bidLots === quote.bidLots) &&
            (quote.askLots === undefined || best.askLots === quote.askLots),
        );
        if (found < 0) continue;
        from = found;
        count += 1;
      }
      return count;
    },
    totals: () =>
      [...books.values()].reduce(
        (sum, book) => {
          const { snapshots, applied, crossed, gaps } = book.stats();
          return {
            snapshots: sum.snapshots + snapshots,
            applied: sum.applied + applied,
            crossed: sum.crossed + crossed,
            gaps: sum.gaps + gaps,
          };
        },
        { snapshots: 0, applied: 0, crossed: 0, gaps: 0 },
      ),
  };
}

interface BitmexMessage {
  readonly table?: 'orderBookL2' | 'quote' | 'trade';
  readonly action: 'partial' | 'insert' | 'update' | 'delete';
  readonly filter?: { readonly symbol: string };
  readonly data: readonly {
    readonly symbol: string;
    readonly id: number;
    readonly side: 'Buy' | 'Sell';
    readonly size?: number;
    readonly price?: number;
    readonly bidPrice: number;
    readonly bidSize: number;
    readonly askPrice: number;
    readonly askSize: number;
  }[];
}

test.skipIf(!hasRecordedData)('BitMEX: the book shows every quote of the quote channel, in its order', () => {
  // Futures on coins are priced in bitcoin.
  const [inBitcoin, inMoney] = ['1e-10', '1e-5'].map((tickSize) => createGrid({ tickSize, lotSize: '1' }));
  const gridOf = (symbol: string): Grid => (symbol.endsWith('U21') ? inBitcoin! : inMoney!);
  const books = createBooks(gridOf, bookRules.bitmex);
  const priceOf = new Map<string, number>();
  const quotes = new Map<string, TickQuote[]>();
  for (const { table, action, filter, data } of recordedMessages(
    'cryptofeed_BITMEX.ws.1.0.txt.gz',
  ) as Generator<BitmexMessage>) {
    if (table === 'quote') {
      for (const row of data) {
        const list = quotes.get(row.symbol) ?? [];
        quotes.set(row.symbol, list);
        list.push({
          bidTicks: gridOf(row.symbol).toTicks(row.bidPrice),
          bidLots: row.bidSize,
          askTicks: gridOf(row.symbol).toTicks(row.askPrice),
          askLots: row.askSize,
        });
      }
    }
    if (table !== 'orderBookL2') continue;
    for (const symbol of new Set(action === 'partial' ? [filter!.symbol] : data.map((row) => row.symbol))) {
      const rows = data.filter((row) => row.symbol === symbol);
      const levels = (side: 'Buy' | 'Sell'): BookLevel[] =>
        rows
          .filter((row) => row.side === side)
          .map((row) => {
            const key = `${symbol} ${row.id}`;
            if (row.price !== undefined) priceOf.set(key, row.price);
            return [priceOf.get(key)!, row.size ?? 0];
          });
      const event = { symbol, ...at, bids: levels('Buy'), asks: levels('Sell') };
      books.push(
        action === 'partial' ? { type: 'book-snapshot', ...event } : { type: 'book-delta', firstUpdateId: 0, ...event },
      );
    }
  }
  const shown = [...quotes].map(([symbol, list]) => [symbol, books.shown(symbol, list), list.length] as const);
  for (const [symbol, count, all] of shown) expect([symbol, count]).toEqual([symbol, all]);
  expect(shown.reduce((sum, [, count]) => sum + count, 0)).toBe(436);
  expect(books.totals()).toEqual({ snapshots: 10, applied: 1969, crossed: 0, gaps: 0 });
});

interface CoinbaseMessage {
  readonly type: 'snapshot' | 'l2update' | 'ticker' | 'match';
  readonly product_id: string;
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
  readonly changes: readonly (readonly ['buy' | 'sell', string, string])[];
  readonly best_bid: string;
  readonly best_ask: string;
}

test.skipIf(!hasRecordedData)(
  'Coinbase Exchange: the book shows the best prices of every live ticker, in order',
  () => {
    const [inBitcoin, inMoney] = ['0.00000001', '0.0001'].map((tickSize) => createGrid({ tickSize, lotSize: '1e-8' }));
    const gridOf = (symbol: string): Grid => (symbol.endsWith('-BTC') ? inBitcoin! : inMoney!);
    const books = createBooks(gridOf, bookRules.coinbaseExchange);
    const tickers = new Map<string, Partial<TickQuote>[]>();
    const feed = recordedMessages('cryptofeed_COINBASE.ws.28.0.txt.gz') as Generator<CoinbaseMessage>;
    for (const { type, product_id: symbol, bids, asks, changes, best_bid, best_ask } of feed) {
      if (type === 'ticker') {
        const list = tickers.get(symbol) ?? [];
        tickers.set(symbol, list);
        list.push({ bidTicks: gridOf(symbol).toTicks(best_bid), askTicks: gridOf(symbol).toTicks(best_ask) });
      }
      if (type === 'snapshot') books.push({ type: 'book-snapshot', symbol, ...at, bids, asks });
      if (type !== 'l2update') continue;
      const of = (side: 'buy' | 'sell') =>
        changes.flatMap(([which, price, size]): BookLevel[] => (which === side ? [[price, size]] : []));
      books.push({ type: 'book-delta', symbol, ...at, firstUpdateId: 0, bids: of('buy'), asks: of('sell') });
    }
    // The first ticker of a product tells of its last trade before the snapshot.
    const live = [...tickers].map(([symbol, list]) => [symbol, list.slice(1)] as const);
    for (const [symbol, list] of live) expect([symbol, books.shown(symbol, list)]).toEqual([symbol, list.length]);
    expect(live.reduce((sum, [, list]) => sum + list.length, 0)).toBe(29);
    expect(books.totals()).toEqual({ snapshots: 7, applied: 5457, crossed: 0, gaps: 0 });
  },
);

interface BybitRow {
  readonly price: string;
  readonly side: 'Buy' | 'Sell';
  readonly size?: number;
}
interface BybitMessage {
  readonly topic?: string;
  readonly type: 'snapshot' | 'delta';
  readonly cross_seq: string;
  readonly data: {
    readonly order_book: readonly BybitRow[];
    readonly delete: readonly BybitRow[];
    readonly update: readonly BybitRow[];
    readonly insert: readonly BybitRow[];
  };
}

describe.skipIf(!hasRecordedData)('Bybit, before v5', () => {
  test('has 25 levels a side after each event; it deletes and updates levels that are there, and inserts new ones', () => {
    // `cross_seq` rises over all instruments, as the numbers of a connection do.
    const rule: BookRule = { ...bookRules.bybitTop, name: 'bybit-25', resetId: -1 };
    // Sizes as fine as 15.2300005 are on the wire.
    const grid = createGrid({ tickSize: '0.0001', lotSize: '1e-7' });
    const books = createBooks(() => grid, rule);
    const counts = { delete: 0, update: 0, insert: 0 };
    for (const { topic, type, cross_seq, data } of recordedMessages(
      'cryptofeed_BYBIT.ws.25.0.txt.gz',
    ) as Generator<BybitMessage>) {
      if (!topic?.startsWith('orderBookL2_25.')) continue;
      const symbol = topic.slice(topic.indexOf('.') + 1);
      const levels = (side: 'Buy' | 'Sell', rows: readonly BybitRow[]) =>
        rows.filter((row) => row.side === side).map((row): BookLevel => [row.price, row.size ?? 0]);
      const ids = { firstUpdateId: Number(cross_seq), lastUpdateId: Number(cross_seq) };
      const sides = (rows: readonly BybitRow[]) => ({ bids: levels('Buy', rows), asks: levels('Sell', rows) });
      if (type === 'snapshot') {
        const rows = data.order_book;
        books.push({ type: 'book-snapshot', symbol, timeMs: 0, ...ids, ...sides(rows) });
      } else {
        const { bids, asks } = books.books.get(symbol)!.top(Infinity);
        const there = new Set([...bids, ...asks].map(({ priceTicks }) => priceTicks));
        const held = (row: BybitRow): boolean => there.has(grid.toTicks(row.price));
        expect([...data.delete, ...data.update].every(held)).toBe(true);
        const deleted = new Set(data.delete.map((row) => row.price));
        expect(data.insert.some((row) => held(row) && !deleted.has(row.price))).toBe(false);
        counts.delete += data.delete.length;
        counts.update += data.update.length;
        counts.insert += data.insert.length;
        const rows = [...data.delete, ...data.update, ...data.insert];
        books.push({ type: 'book-delta', symbol, timeMs: 0, ...ids, ...sides(rows) });
      }
      const { bidLevels, askLevels } = books.books.get(symbol)!.stats();
      expect([bidLevels, askLevels]).toEqual([25, 25]);
    }
    expect(counts).toEqual({ delete: 4127, update: 11688, insert: 4127 });
    expect(books.totals()).toEqual({ snapshots: 8, applied: 3252, crossed: 0, gaps: 0 });
  });
});
