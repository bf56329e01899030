import { describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { createGrid } from '@tapekit/orderflow/grid';
import { createMboBook, mboEventOf } from '@tapekit/orderflow/mbo-book';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import type { SourceEvent } from '../market-source.ts';
import { fileInput } from './node-files.ts';
import { collector } from './databento/decode.fixture.ts';
import type { Collected } from './databento/decode.fixture.ts';
import { newYorkMidnightMs } from './lobster/midnight.ts';
import { createLobsterDecoder, lobsterInput, parseLobsterName } from './lobster.ts';

const options = { symbol: 'AAPL', date: '2012-06-21' };
/** 09:30:00 in New York is 13:30 UTC in summer. */
const open = Date.UTC(2012, 5, 21, 13, 30);

function decode(rows: readonly string[]): Collected {
  const collected = collector();
  const decoder = createLobsterDecoder(options);
  for (const row of rows) decoder.decode(row, 0, collected.sink);
  decoder.end(collected.sink);
  return collected;
}

describe('message rows', () => {
  test('a new order is added on its side at its price', () => {
    const { events } = decode(['34200.004241176,1,16113575,18,5853300,1']);
    expect(events).toEqual([
      {
        type: 'order',
        symbol: 'AAPL',
        timeMs: open + 4.241176,
        action: 'A',
        side: 'B',
        orderId: 16_113_575,
        price: '585.33',
        size: '18',
        flags: 128,
      },
    ]);
  });

  test.each([
    ['2', 'C'],
    ['3', 'C'],
  ])('type %s takes shares of an order away', (type, action) => {
    expect(decode([`34200,${type},7,100,5853300,-1`]).events).toMatchObject([
      { action, side: 'A', orderId: 7, size: '100' },
    ]);
  });

  test('an execution of a sell order is an aggressive buy, a fill and a cancel', () => {
    const { events } = decode(['34200.5009,4,7,100,5853300,-1']);
    expect(events).toMatchObject([
      { type: 'order', action: 'T', side: 'B', orderId: 0, flags: 0 },
      { type: 'trade', timeMs: open + 500, price: '585.33', size: '100', side: 'buy' },
      { type: 'order', action: 'F', side: 'A', orderId: 7, flags: 0 },
      { type: 'order', action: 'C', side: 'A', orderId: 7, flags: 128 },
    ]);
  });

  test('a book of orders follows: 150 of 200 shares executed, 50 left, and a hidden execution that changes none', () => {
    const { events } = decode(['34200,1,7,200,5853300,1', '34201,4,7,150,5853300,1', '34202,5,0,30,5853400,-1']);
    const grid = createGrid({ tickSize: '0.01', lotSize: '1' });
    const book = createMboBook();
    for (const event of events) if (event.type === 'order') book.push(mboEventOf(event, grid));
    expect(book.top(2)).toEqual({ bids: [{ priceTicks: 58_533, sizeLots: 50, orders: 1 }], asks: [] });
    expect(book.stats()).toMatchObject({ buyLots: 30, sellLots: 150 });
    expect(Object.values(book.stats().anomalies).every((count) => count === 0)).toBe(true);
  });

  test('a cross has no aggressor', () => {
    expect(decode(['34200,6,-1,5000,5853300,-1']).events).toMatchObject([
      { type: 'order', action: 'T', side: 'N' },
      { type: 'trade', side: 'unknown', size: '5000' },
    ]);
  });

  test('halts are counted, not taken for prices', () => {
    const { events, unmodelled } = decode(['34200,7,0,0,-1,-1', '34300,7,0,0,0,-1', '34400,7,0,0,1,-1']);
    expect(events).toEqual([]);
    expect(unmodelled).toEqual({ 'trading halt': 1, 'quoting resumes': 1, 'trading resumes': 1 });
  });

  test('rows that are none are refused one by one', () => {
    const { rejected } = decode([
      '86400,1,7,100,5853300,1',
      '34200,8,7,100,5853300,1',
      '34200,1,7,0,5853300,1',
      '34200,1,7,100,-5853300,1',
      '34200,1,0,100,5853300,1',
      '34200,1,7,100,5853300,0',
      '34200,1,7,100,5853300',
    ]);
    expect(rejected.map(({ detail }) => detail)).toEqual([
      'time is "86400"; expected seconds after midnight, below 86400',
      'type is "8"; expected 1 to 7',
      'size is "0"; expected a number of shares above 0',
      'price is "-5853300"; expected a price above 0',
      'orderId is "0"; expected an id above 0 for type 1',
      'direction is "0"; expected 1 or -1',
      'the number of cells is 5; expected 6 (message file) or 4 a level (order book file)',
    ]);
  });
});

describe('order book rows', () => {
  const message = '34200.25,1,7,100,5853300,1';

  test('a row is the book after the message before it; levels that do not exist are left out', () => {
    const { events } = decode([message, '5853400,5,5853300,100,9999999999,0,5853200,7']);
    expect(events[1]).toEqual({
      type: 'book-snapshot',
      symbol: 'AAPL',
      timeMs: open + 250,
      lastUpdateId: 1,
      bids: [
        ['585.33', '100'],
        ['585.32', '7'],
      ],
      asks: [['585.34', '5']],
    });
    expect(decode([message, '9999999999,0,-9999999999,0']).events[1]).toMatchObject({ bids: [], asks: [] });
  });

  test('a row without a message, and levels out of order, are refused', () => {
    expect(decode(['5853400,5,5853300,100']).rejected[0]?.detail).toContain('expected a message row before it');
    expect(decode([message, '5853400,5,5853300,100,5853400,5,5853200,1']).rejected[0]?.detail).toBe(
      'ask 2 is 5853400; expected a price above 5853400, the level before',
    );
  });

  test('files of unequal length are reported', () => {
    expect(decode([message, '5853400,5,5853300,100', message]).rejected).toEqual([
      {
        reason: 'bad-frame',
        detail: 'there are 2 message rows and 1 order book rows; expected as many of each',
      },
    ]);
  });
});

describe('names and days', () => {
  test('the name of a file says what it holds', () => {
    expect(parseLobsterName('/x/AAPL_2012-06-21_34200000_57600000_orderbook_10.csv')).toEqual({
      symbol: 'AAPL',
      date: '2012-06-21',
      fromMs: 34_200_000,
      toMs: 57_600_000,
      kind: 'orderbook',
      levels: 10,
    });
    expect(parseLobsterName('AAPL.csv')).toBeUndefined();
  });

  test('midnight in New York is 04:00 UTC in summer and 05:00 in winter', () => {
    expect(newYorkMidnightMs('2012-06-21')).toBe(Date.UTC(2012, 5, 21, 4));
    expect(newYorkMidnightMs('2012-01-20')).toBe(Date.UTC(2012, 0, 20, 5));
    expect(newYorkMidnightMs('2012-02-30')).toBeUndefined();
  });

  test('a day that is none is refused', () => {
    expect(() => createLobsterDecoder({ symbol: 'AAPL', date: '21.06.2012' })).toThrow(
      `date "21.06.2012" is no day. Pass the one of the file's name, as '2012-06-21'.`,
    );
  });
});

const recorded = (kind: string): string =>
  recordedPath(`trades_books/lobster_AAPL_2012-06-21_34200000_57600000_${kind}_10.csv`);

async function recordedRows(): Promise<string[]> {
  const parts: Uint8Array[] = [];
  const input = lobsterInput(fileInput(recorded('message')), fileInput(recorded('orderbook')));
  for await (const part of input.open() as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts).toString().trimEnd().split('\n');
}

describe.skipIf(!hasRecordedData)('the recorded sample', () => {
  // Counted by awk over the message file: 999 rows; type 1: 471, 3: 369, 4: 98 (45 of sell orders), 5: 61 (33).
  test('parses whole: 471 orders added, 369 deleted, 98 visible and 61 hidden executions, 999 books', async () => {
    const { events, rejected, unmodelled } = decode(await recordedRows());
    const counts: Record<string, number> = {};
    const add = (key: string, n = 1): void => void (counts[key] = (counts[key] ?? 0) + n);
    for (const event of events) {
      if (event.type === 'order') add(event.action);
      else add(event.type);
      if (event.type === 'trade') add(`${event.side} shares`, Number(event.size));
    }
    expect(rejected).toEqual([]);
    expect(unmodelled).toEqual({});
    expect(counts).toEqual({
      A: 471,
      C: 369 + 98,
      F: 98,
      T: 98 + 61,
      trade: 98 + 61,
      'book-snapshot': 999,
      'buy shares': 6_281,
      'sell shares': 4_311,
    });
  });

  test('every visible execution trades at the best price of the book before it, on the side that we say', async () => {
    let book: (SourceEvent & { type: 'book-snapshot' }) | undefined;
    let [decided, fills] = [0, 0];
    const { events } = decode(await recordedRows());
    for (const [i, event] of events.entries()) {
      if (event.type === 'book-snapshot') book = event;
      const next = events[i + 1];
      if (event.type !== 'trade' || next?.type !== 'order' || next.action !== 'F' || !book) continue;
      fills += 1;
      const [ask, bid] = [Number(book.asks[0]![0]), Number(book.bids[0]![0])];
      if (event.side === 'buy' ? Number(event.price) >= ask : Number(event.price) <= bid) decided += 1;
    }
    expect([fills, decided]).toEqual([98, 98]);
  });

  test('every message explains the change of its level between two books', async () => {
    const { events } = decode(await recordedRows());
    let before: (SourceEvent & { type: 'book-snapshot' }) | undefined;
    let changes: { side: 'bids' | 'asks'; price: string; change: number }[] = [];
    let [checked, explained] = [0, 0];
    for (const event of events) {
      if (event.type === 'order' && (event.action === 'A' || event.action === 'C')) {
        const side = event.side === 'B' ? 'bids' : 'asks';
        changes.push({
          side,
          price: event.price as string,
          change: Number(event.size) * (event.action === 'A' ? 1 : -1),
        });
      }
      if (event.type !== 'book-snapshot') continue;
      for (const { side, price, change } of before ? changes : []) {
        const sizeIn = (book: typeof event): number => Number(book[side].find(([at]) => at === price)?.[1] ?? 0);
        checked += 1;
        if (sizeIn(event) - sizeIn(before!) === change) explained += 1;
      }
      before = event;
      changes = [];
    }
    expect([checked, explained]).toEqual([937, 937]);
  });
});

test('damaged rows are refused and counted', async () => {
  const corpus = [
    '34200.004241176,1,16113575,18,5853300,1',
    '34200.5009,4,7,100,5853300,-1',
    '5853400,5,5853300,100,9999999999,0,5853200,7',
    '34200,7,0,0,-1,-1',
  ];
  if (hasRecordedData) corpus.push(...(await recordedRows()).slice(0, 200));
  const result = fuzzDecoder(() => createLobsterDecoder(options), corpus, { seed: 9_101, count: fuzzCount() });
  expect(result.frames).toBe(fuzzCount());
  expect(result.events).toBeGreaterThan(0);
  expect(result.rejected['bad-record']).toBeGreaterThan(0);
});
