import { describe, expect, test } from 'vitest';
import { replayBinanceCombined } from './binance-combined.ts';
import {
  bytesInput,
  collect,
  depth,
  line,
  ns,
  replay,
  snapshot,
  ticker,
  trade,
  tradeLine,
} from './binance/tape.fixture.ts';

const futuresTrade = (fields: object): string =>
  line('ethusdt@trade', {
    e: 'trade',
    E: 1723161256560,
    T: 1723161256560,
    s: 'ETHUSDT',
    t: 9,
    p: '2681.62',
    q: '1.000',
    X: 'MARKET',
    m: false,
    ...fields,
  });

describe('a record', () => {
  test('carries the line as it stands in the file', async () => {
    const odd = `${ns} { "stream":"ethusdt@trade",  "data":${JSON.stringify(trade)} }`;
    const { records } = await replay(`${tradeLine}\n\n${odd}\n`);
    expect(records.map((record) => ({ ...record, events: [] }))).toEqual([
      { seq: 1, line: 1, file: 'tape', events: [], receiveNs: ns, receiveMs: 1723161254024, raw: tradeLine.slice(20) },
      { seq: 3, line: 3, file: 'tape', events: [], receiveNs: ns, receiveMs: 1723161254024, raw: odd.slice(20) },
    ]);
  });

  test('counts lines through all files and within its own', async () => {
    const inputs = [bytesInput(`${tradeLine}\n${tradeLine}\n`, 64, 'one'), bytesInput(`\n${tradeLine}`, 64, 'two')];
    const { records } = await collect(replayBinanceCombined({ inputs, symbol: 'ETHUSDT' }));
    expect(records.map(({ seq, line, file }) => [seq, line, file])).toEqual([
      [1, 1, 'one'],
      [2, 2, 'one'],
      [4, 2, 'two'],
    ]);
  });

  test('is the same for LF, CRLF, a byte order mark and a missing last line end', async () => {
    const expected = (await replay(`${tradeLine}\n${tradeLine}\n`)).records;
    expect((await replay(`${tradeLine}\r\n${tradeLine}\r\n`)).records).toEqual(expected);
    expect((await replay(`\ufeff${tradeLine}\n${tradeLine}`)).records).toEqual(expected);
  });

  test('keeps the nanoseconds that a number would round', async () => {
    expect(Number(ns).toString()).not.toBe(ns);
    expect((await replay(tradeLine)).records[0]!.receiveNs).toBe(ns);
  });
});

describe('a trade', () => {
  test('was sold by the taker when the buyer was the maker', async () => {
    const { records } = await replay(`${tradeLine}\n${line('ethusdt@trade', { ...trade, m: false })}`);
    expect(records.flatMap((record) => record.events)).toEqual([
      {
        type: 'trade',
        symbol: 'ETHUSDT',
        timeMs: 1723161255611,
        price: '2683.80000000',
        size: '0.00200000',
        side: 'sell',
        id: 1520538925,
      },
      {
        type: 'trade',
        symbol: 'ETHUSDT',
        timeMs: 1723161255611,
        price: '2683.80000000',
        size: '0.00200000',
        side: 'buy',
        id: 1520538925,
      },
    ]);
  });

  test('that nobody traded in the market is flagged and counted apart', async () => {
    const rows = [
      futuresTrade({}),
      futuresTrade({ X: 'INSURANCE_FUND' }),
      futuresTrade({ X: 'NA', p: '0', q: '0' }),
      futuresTrade({ q: '0.000' }),
    ];
    const { records, stats } = await replay(rows.join('\n'));
    expect(records.map((record) => record.events[0]!.nonMarket)).toEqual([undefined, true, true, true]);
    expect(stats.events).toMatchObject({ trade: 1, nonMarketTrade: 3 });
  });

  test('stamped in microseconds has its time in milliseconds', async () => {
    const { records } = await replay(line('ethusdt@trade', { ...trade, T: 1723161255611999 }));
    expect(records[0]!.events[0]).toMatchObject({ timeMs: 1723161255611 });
  });

  test('comes from one of the two trade streams, never from both', async () => {
    const text = `${tradeLine}\n${line('ethusdt@aggTrade', { ...trade, t: undefined, e: 'aggTrade', a: 77, f: 1, l: 2 })}`;
    const byTrade = await replay(text);
    expect(byTrade.records.map((record) => record.events[0]?.type)).toEqual(['trade', undefined]);
    expect(byTrade.stats.unmodelled).toEqual({ aggTrade: 1 });
    const byAggTrade = await replay(text, { tradeStream: 'aggTrade' });
    expect(byAggTrade.records.map(({ events }) => events.map((event) => event.type === 'trade' && event.id))).toEqual([
      [],
      [77],
    ]);
    expect(byAggTrade.stats.unmodelled).toEqual({ trade: 1 });
  });
});

describe('a quote', () => {
  test('of spot has the receive time, of futures the venue time', async () => {
    const futures = { ...ticker, e: 'bookTicker', T: 1723161256310, E: 1723161256311 };
    const { records } = await replay(`${line('ethusdt@bookTicker', ticker)}\n${line('ethusdt@bookTicker', futures)}`);
    const quote = {
      type: 'quote',
      symbol: 'ETHUSDT',
      updateId: 35346513501,
      bidPrice: ticker.b,
      bidSize: ticker.B,
      askPrice: ticker.a,
      askSize: ticker.A,
    };
    expect(records.flatMap((record) => record.events)).toEqual([
      { ...quote, timeMs: 1723161254024 },
      { ...quote, timeMs: 1723161256310 },
    ]);
  });

  test('has no bid where the venue spells an empty side as zeros', async () => {
    const { records } = await replay(line('ethusdt@bookTicker', { ...ticker, b: '0.00000000', B: '0.00000000' }));
    expect(records[0]!.events[0]).toEqual({
      type: 'quote',
      symbol: 'ETHUSDT',
      timeMs: 1723161254024,
      updateId: 35346513501,
      askPrice: ticker.a,
      askSize: ticker.A,
    });
  });
});

describe('a book', () => {
  test('of spot follows the spot rule', async () => {
    const { records, stats } = await replay(
      `${line('ethusdt@depth@100ms', depth)}\n${ns} ${JSON.stringify(snapshot)}\n`,
    );
    expect(records.flatMap((record) => record.events)).toEqual([
      {
        type: 'book-delta',
        symbol: 'ETHUSDT',
        timeMs: 1723161255308,
        firstUpdateId: 499,
        lastUpdateId: 505,
        bids: depth.b,
        asks: depth.a,
      },
      {
        type: 'book-snapshot',
        symbol: 'ETHUSDT',
        timeMs: 1723161254024,
        lastUpdateId: 512,
        bids: snapshot.bids,
        asks: snapshot.asks,
      },
    ]);
    expect(stats.bookRule).toBe('binanceSpot');
  });

  test('of futures follows the futures rule and says which update came before', async () => {
    const futuresSnapshot = { ...snapshot, E: 1723161256567, T: 1723161256561 };
    const text = `${line('ethusdt@depth@0ms', { ...depth, T: 1723161255302, pu: 498 })}\n${ns} ${JSON.stringify(futuresSnapshot)}`;
    const { records, stats } = await replay(text);
    expect(records[0]!.events[0]).toMatchObject({ timeMs: 1723161255302, previousUpdateId: 498 });
    expect(records[1]!.events[0]).toMatchObject({ type: 'book-snapshot', timeMs: 1723161256561 });
    expect(stats.bookRule).toBe('binanceFutures');
  });

  test('has its rule before the first book record is handed on', async () => {
    const source = replayBinanceCombined({
      inputs: [bytesInput(`${ns} ${JSON.stringify(snapshot)}`)],
      symbol: 'ETHUSDT',
    });
    for await (const item of source) expect([item.kind, source.stats().bookRule]).toEqual(['record', 'binanceSpot']);
  });

  test('refuses an update of the other market', async () => {
    const text = `${line('ethusdt@depth', { ...depth, pu: 498 })}\n${line('ethusdt@depth', depth)}`;
    const { entries } = await replay(text);
    expect(entries.map((entry) => [entry.reason, entry.detail])).toEqual([
      ['bad-record', 'data.pu is missing; expected the id of the update before, as in futures'],
    ]);
    const spot = await replay(text, { market: 'spot' });
    expect(spot.entries.map((entry) => entry.detail)).toEqual(['data.pu is 498; expected no such field, as in spot']);
  });

  test('takes no partial book for an update', async () => {
    const rows = [
      line('ethusdt@depth5@100ms', { ...depth, pu: 498 }),
      line('ethusdt@depth20', { lastUpdateId: 5, bids: [['1', '1']], asks: [] }),
    ];
    const { records, stats } = await replay(rows.join('\n'));
    expect(records.flatMap((record) => record.events)).toEqual([]);
    expect(stats.unmodelled).toEqual({ partialDepth: 2 });
    expect(stats.symbols).toEqual({ ETHUSDT: 2 });
  });
});

describe('records that are kept but not modelled', () => {
  test('are counted by kind and stay on the raw tape', async () => {
    const rows = [
      line('ethusdt@kline_1m', { e: 'kline', E: 1, s: 'ETHUSDT', k: {} }),
      line('ethusdt@forceOrder', { e: 'forceOrder', E: 1, o: { s: 'ETHUSDT' } }),
      line('!miniTicker@arr', [{ s: 'BTCUSDT' }]),
      `${ns} {"result":null,"id":1}`,
      line('ethusdt@somethingNew', { e: 'somethingNew' }),
    ];
    const { records, entries, stats } = await replay(rows.join('\n'));
    expect(entries).toEqual([]);
    expect(records.map((record) => record.raw)).toEqual(rows.map((row) => row.slice(20)));
    expect(stats.unmodelled).toEqual({ kline: 1, forceOrder: 1, arr: 1, response: 1, somethingNew: 1 });
  });

  test('ignore keys that Binance adds without notice', async () => {
    const { records } = await replay(line('ethusdt@trade', { ...trade, st: 1, nq: 'x' }));
    expect(records[0]!.events[0]).toMatchObject({ type: 'trade', id: 1520538925 });
  });
});
