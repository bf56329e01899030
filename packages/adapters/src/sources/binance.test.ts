import { bookRules, createBook } from '@tapekit/orderflow/book';
import { createGrid } from '@tapekit/orderflow/grid';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import { decodeAll, recordedFrames, recordedPayloads } from '../internal/venue/recordings.fixture.ts';
import type { SourceEvent } from '../market-source.ts';
import { binanceFeed, createBinanceClient, parseBinanceBars, parseBinanceBook, parseBinanceTrades } from './binance.ts';
import { binanceDecoder } from './binance/decoder.ts';
import { depth, ticker, trade } from './binance/tape.fixture.ts';

const frame = (stream: string, data: unknown): string => JSON.stringify({ stream, data });
const decoder = (more: Partial<Parameters<typeof binanceDecoder>[0]> = {}): ReturnType<typeof binanceDecoder> =>
  binanceDecoder({ market: 'spot', symbols: ['ETHUSDT'], tradeStream: 'trade', ...more });

describe('binanceFeed', () => {
  test('subscribes by symbol and channel, 200 streams a request', () => {
    const feed = binanceFeed({ symbols: ['BTCUSDT', 'ETHUSDT'], channels: ['trades', 'book', 'quotes', 'bars'] });
    expect(feed.url()).toBe('wss://stream.binance.com:9443/stream');
    expect(feed.opening()).toEqual([
      JSON.stringify({
        method: 'SUBSCRIBE',
        params: ['aggTrade', 'depth@100ms', 'bookTicker', 'kline_1m'].flatMap((name) => [
          `btcusdt@${name}`,
          `ethusdt@${name}`,
        ]),
        id: 1,
      }),
    ]);
    const many = binanceFeed({ symbols: Array.from({ length: 201 }, (_, i) => `S${i}`), channels: ['trades'] });
    expect(many.opening().map((text) => (JSON.parse(String(text)) as { params: string[] }).params.length)).toEqual([
      200, 1,
    ]);
  });

  test('has one address for each kind of channel of USD-M, and says so', () => {
    const market = 'usd-m';
    expect(binanceFeed({ market, symbols: ['A'], channels: ['book', 'quotes'] }).url()).toBe(
      'wss://fstream.binance.com/public/stream',
    );
    expect(binanceFeed({ market, symbols: ['A'], channels: ['trades'] }).url()).toBe(
      'wss://fstream.binance.com/market/stream',
    );
    expect(() => binanceFeed({ market, symbols: ['A'], channels: ['trades', 'book'] })).toThrow(
      'served on two addresses',
    );
  });

  test('fetches a book as a frame that names its symbol', async () => {
    const asked: unknown[] = [];
    const feed = binanceFeed({
      market: 'usd-m',
      symbols: ['ETHUSDT'],
      channels: ['book'],
      http: {
        send: async ({ url, query }) => {
          asked.push(url, query);
          return {
            status: 200,
            headers: new Headers(),
            body: '{"lastUpdateId":512,"E":1723161256567,"T":1723161256561,"bids":[],"asks":[]}',
          };
        },
      },
    });
    const { events } = decodeAll(feed.decoder(), [
      String(await feed.snapshot!('ETHUSDT', 'book', new AbortController().signal)),
    ]);
    expect(asked).toEqual(['https://fapi.binance.com/fapi/v1/depth', { symbol: 'ETHUSDT', limit: 1000 }]);
    expect(events).toEqual([
      { type: 'book-snapshot', symbol: 'ETHUSDT', timeMs: 1723161256561, lastUpdateId: 512, bids: [], asks: [] },
    ]);
  });
});

describe('the decoder', () => {
  test('reads combined and raw streams alike', () => {
    const combined = decodeAll(decoder(), [frame('ethusdt@trade', trade), frame('ethusdt@bookTicker', ticker)]);
    const raw = decodeAll(decoder(), [JSON.stringify(trade)]);
    expect(combined.events[0]).toEqual(raw.events[0]);
    expect(combined.events[1]).toMatchObject({ type: 'quote', bidPrice: '2683.80000000', askSize: '31.43950000' });
  });

  test('reads a bar, final or not', () => {
    const k = {
      t: 1638747660000,
      T: 1638747719999,
      s: 'ETHUSDT',
      i: '1m',
      o: '1',
      c: '2',
      h: '3',
      l: '0.5',
      v: '10',
      x: true,
    };
    const { events } = decodeAll(decoder(), [frame('ethusdt@kline_1m', { e: 'kline', E: 1, s: 'ETHUSDT', k })]);
    expect(events).toEqual([
      {
        type: 'bar',
        symbol: 'ETHUSDT',
        startMs: 1638747660000,
        endMs: 1638747720000,
        open: '1',
        high: '3',
        low: '0.5',
        close: '2',
        volume: '10',
        final: true,
      },
    ]);
  });

  test('finds trades that are missing, and none where one comes twice', () => {
    const rows = [7, 8, 8, 11].map((t) => frame('ethusdt@trade', { ...trade, t }));
    expect(decodeAll(decoder(), rows).controls).toEqual([
      {
        kind: 'gap',
        symbol: 'ETHUSDT',
        channel: 'trades',
        afterId: '8',
        beforeId: '11',
        detail: 'trade 11 after 8; 2 are missing',
      },
    ]);
  });

  test('asks for a book when updates begin, when one is missing, and when the fetched one is too old', () => {
    const update = (U: number, u: number): string => frame('ethusdt@depth@100ms', { ...depth, U, u });
    const book = (lastUpdateId: number): string =>
      `{"snapshot":"ETHUSDT","data":{"lastUpdateId":${lastUpdateId},"bids":[],"asks":[]}}`;
    const { controls, events, counts } = decodeAll(decoder(), [
      update(10, 12),
      book(8),
      book(9),
      update(13, 15),
      update(12, 12),
      update(17, 18),
    ]);
    expect(controls.map((control) => `${control.kind} ${'detail' in control ? control.detail : ''}`)).toEqual([
      'resync a book begins',
      'resync the fetched book ends at 8, before the first update 10',
      'gap depth update 17 to 18 does not follow on 15',
      'resync depth update 17 to 18 does not follow on 15',
    ]);
    expect(events).toHaveLength(5);
    expect(counts.unmodelled).toEqual({ 'depth snapshot that is too old': 1 });
  });

  test('knows answers: subscribed, refused for good, alive, about to shut down', () => {
    const { controls, counts } = decodeAll(decoder(), [
      '{"result":null,"id":1}',
      '{"result":["a@trade"],"id":0}',
      '{"error":{"code":2,"msg":"Invalid request"},"id":1}',
      frame('!', { e: 'serverShutdown', E: 1 }),
    ]);
    expect(controls.map((control) => control.kind)).toEqual(['subscribed', 'heartbeat', 'refused', 'expires']);
    expect(counts.rejected).toEqual({ 'venue-error': 1 });
  });

  test('refuses other symbols and updates of another market', () => {
    const { counts } = decodeAll(decoder(), [
      frame('btcusdt@trade', { ...trade, s: 'BTCUSDT' }),
      frame('ethusdt@depth', { ...depth, pu: 498 }),
    ]);
    expect(counts).toMatchObject({ events: {}, rejected: { 'other-symbol': 1, 'bad-record': 1 } });
  });
});

describe('the REST client', () => {
  const scripted = (...bodies: string[]): { client: ReturnType<typeof createBinanceClient>; asked: unknown[] } => {
    const asked: unknown[] = [];
    const http = {
      send: async ({ query }: { query?: unknown }) => {
        asked.push(query);
        return { status: 200, headers: new Headers(), body: bodies[asked.length - 1] ?? '[]' };
      },
    };
    return { client: createBinanceClient({ http, now: () => 1_700_000_090_000 }), asked };
  };
  const row = (a: number, T = 1_700_000_000_000): unknown => ({ a, p: '1.5', q: '2', f: a, l: a, T, m: false });

  test('fills a gap of trades by id, and stops before the first one that is known', async () => {
    const page = (from: number): string => JSON.stringify(Array.from({ length: 1000 }, (_, i) => row(from + i)));
    const { client, asked } = scripted(page(6), page(1006));
    const ids: unknown[] = [];
    for await (const { trades } of client.trades('A', { afterId: '5', beforeId: '1010' }))
      ids.push(...trades.map(({ id }) => id));
    expect([ids.length, ids[0], ids.at(-1)]).toEqual([1004, 6, 1009]);
    expect(asked).toEqual([6, 1006].map((fromId) => ({ symbol: 'A', fromId, limit: 1000 })));
  });

  test('reads trades of a time in hours', async () => {
    const hour = 3_600_000;
    const start = 1_700_000_000_000;
    const { client, asked } = scripted(JSON.stringify([row(1, start)]), JSON.stringify([row(2, start + hour)]));
    const ids: unknown[] = [];
    for await (const { trades } of client.trades('A', { startMs: start, endMs: start + 2 * hour }))
      ids.push(...trades.map(({ id }) => id));
    expect(ids).toEqual([1, 2]);
    expect(asked).toMatchObject([
      { startTime: start, endTime: start + hour - 1 },
      { startTime: start + hour, endTime: start + 2 * hour - 1 },
    ]);
  });

  test('tells the open bar from final ones, and keeps the rows beside a bad one', () => {
    const bar = (t: number, high = '3'): unknown => [t, '1', high, '0.5', '2', '10', t + 59_999, '0', 1, '0', '0', '0'];
    const body = JSON.stringify([bar(1_699_999_980_000), bar(1_700_000_040_000, 'high'), bar(1_700_000_040_000)]);
    const { bars, rejected } = parseBinanceBars(body, 'A', 1_700_000_090_000);
    expect(bars.map(({ startMs, final }) => [startMs, final])).toEqual([
      [1_699_999_980_000, true],
      [1_700_000_040_000, false],
    ]);
    expect(rejected).toHaveLength(1);
  });

  test('throws what Binance says', () => {
    expect(() => parseBinanceTrades('{"code":-1121,"msg":"Invalid symbol."}', 'A')).toThrow(
      'Binance answered "-1121 Invalid symbol."',
    );
    expect(() => parseBinanceBook('{"code":-1003,"msg":"Too many requests."}', 'A', 0)).toThrow(
      expect.objectContaining({ code: 'rate-limited' }) as Error,
    );
  });
});

describe.skipIf(!hasRecordedData)('recordings', () => {
  test.each([
    ['spot', 'binance_spot_ETHUSDT', 'binanceSpot', '0.00000001'],
    ['usd-m', 'binance_usdm_ETHUSDT', 'binanceFutures', '0.001'],
    ['coin-m', 'binance_cm_ETHUSD_PERP', 'binanceFutures', '1'],
  ] as const)(
    'of %s decode whole: counts as expected, no gap, and the book equals every bookTicker of the same id',
    (market, name, rule, lotSize) => {
      const expected = expectedAnswers<{
        files: string[];
        symbol: string;
        bookTicker_same_u_comparison: { equal: number };
        counts: Record<string, number>;
        trades: { n: number; non_market_or_zero: number };
      }>(name);
      const frames = expected.files.flatMap((file) =>
        gunzipSync(readFileSync(recordedPath(`trades_books/${file}`)))
          .toString()
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => ({ receiveMs: Number(line.slice(0, 13)), text: line.slice(20) })),
      );
      const decoded = decodeAll(binanceDecoder({ market, symbols: [expected.symbol], tradeStream: 'trade' }), frames);
      const { counts, controls, events } = decoded;
      expect(counts.events).toEqual({
        trade: expected.trades.n,
        ...(expected.trades.non_market_or_zero > 0 ? { nonMarket: expected.trades.non_market_or_zero } : {}),
        quote: expected.counts['bookTicker'],
        'book-delta': expected.counts['depth_events'],
        'book-snapshot': expected.counts['snapshots'],
      });
      expect([counts.rejected, counts.unmodelled]).toEqual([{}, {}]);
      expect(controls.filter(({ kind }) => kind !== 'resync')).toEqual([]);
      const { compared, different } = compareBook(events, rule, lotSize);
      expect(compared).toBeGreaterThanOrEqual(expected.bookTicker_same_u_comparison.equal);
      expect(different).toBe(0);
    },
  );

  test.each([
    ['spot', 'BINANCE'],
    ['usd-m', 'BINANCE_FUTURES'],
  ] as const)('of four symbols of %s decode whole, without a gap', (market, name) => {
    const frames = recordedFrames(recordedPath(`trades_books/cryptofeed_${name}.ws.1.0.txt.gz`));
    const symbols = [...new Set(frames.flatMap(({ text }) => /"s":"([A-Z]+)"/.exec(text)?.[1] ?? []))];
    const decoded = decodeAll(binanceDecoder({ market, symbols, tradeStream: 'aggTrade' }), frames);
    expect(symbols).toHaveLength(4);
    expect(decoded.counts.rejected).toEqual({});
    expect(decoded.counts.controls).toEqual({ resync: 4 });
    // Counted by channel with `zgrep -c`.
    const of = (channel: string): number => frames.filter(({ text }) => text.includes(`@${channel}`)).length;
    expect(decoded.counts.events).toMatchObject({
      trade: of('aggTrade'),
      quote: of('bookTicker'),
      'book-delta': of('depth'),
      bar: of('kline'),
    });
    const modelled = Object.values(decoded.counts.events).reduce((sum, n) => sum + n, 0);
    expect(
      modelled + (decoded.counts.unmodelled['markPriceUpdate'] ?? 0) + (decoded.counts.unmodelled['forceOrder'] ?? 0),
    ).toBe(frames.length);
  });

  test('of single messages decode, or are of kinds that we do not model', () => {
    const payloads = [...recordedPayloads(recordedPath('fixtures/exchange_payloads.ndjson'), 'binance')].filter(
      ([file]) => file.endsWith('_stream.json') || file.startsWith('kline_stream'),
    );
    const decoded = decodeAll(
      binanceDecoder({ market: 'usd-m', symbols: ['BTCUSDT', 'BNBUSDT'], tradeStream: 'aggTrade' }),
      payloads.map(([, text]) => text),
    );
    expect(payloads.length).toBeGreaterThanOrEqual(9);
    expect(decoded.counts.rejected).toEqual({});
  });
});

/** Keeps the book of a capture and holds it against every bookTicker of the same update id. */
function compareBook(
  events: readonly SourceEvent[],
  rule: 'binanceSpot' | 'binanceFutures',
  lotSize: string,
): { compared: number; different: number } {
  const grid = createGrid({ tickSize: '0.01', lotSize });
  const book = createBook({ grid, rule: bookRules[rule] });
  const quotes = new Map(events.flatMap((event) => (event.type === 'quote' ? [[event.updateId, event] as const] : [])));
  let [compared, different] = [0, 0];
  for (const event of events) {
    if (event.type !== 'book-snapshot' && event.type !== 'book-delta') continue;
    book.push(event);
    const { synced, lastUpdateId } = book.stats();
    const quote = synced ? quotes.get(lastUpdateId) : undefined;
    const best = book.best();
    if (!quote || !best || event.type === 'book-snapshot') continue;
    compared += 1;
    const same =
      best.bidTicks === grid.toTicks(quote.bidPrice!) &&
      best.askTicks === grid.toTicks(quote.askPrice!) &&
      best.bidLots === grid.toLots(quote.bidSize!) &&
      best.askLots === grid.toLots(quote.askSize!);
    if (!same) different += 1;
  }
  return { compared, different };
}

describe('under fuzz', () => {
  const book =
    '{"snapshot":"ETHUSDT","data":{"lastUpdateId":498,"bids":[["2683.80","3.02"]],"asks":[["2683.81","31.4"]]}}';
  const corpus = [
    frame('ethusdt@trade', trade),
    frame('ethusdt@aggTrade', { ...trade, e: 'aggTrade', a: 77, f: 1, l: 2 }),
    frame('ethusdt@bookTicker', ticker),
    frame('ethusdt@depth@100ms', depth),
    frame('ethusdt@kline_1m', {
      e: 'kline',
      s: 'ETHUSDT',
      k: { t: 1638747660000, T: 1638747719999, s: 'ETHUSDT', o: '1', c: '2', h: '3', l: '0.5', v: '10', x: true },
    }),
    book,
    '{"result":null,"id":1}',
    '{"error":{"code":2,"msg":"Invalid request"},"id":1}',
  ];

  test.each(['trade', 'aggTrade'] as const)(
    'the decoder of %s never throws, loses no frame and makes no impossible event',
    (tradeStream) => {
      const count = fuzzCount();
      const result = fuzzDecoder(() => decoder({ tradeStream }), corpus, { seed: 20_261_121, count });
      expect(result.frames).toBe(count);
      expect(result.events).toBeGreaterThan(count / 20);
      expect(result.rejected['bad-frame']).toBeGreaterThan(count / 20);
      expect(result.rejected['bad-record']).toBeGreaterThan(count / 20);
    },
  );

  test('the readers of REST answers refuse by record or by answer, and never otherwise', () => {
    const answers: [string, (body: string) => unknown][] = [
      ['[{"a":1,"p":"1.5","q":"2","f":1,"l":1,"T":1700000000000,"m":false}]', (body) => parseBinanceTrades(body, 'A')],
      [
        '[[1638747660000,"1","3","0.5","2","10",1638747719999,"0",1,"0","0","0"]]',
        (body) => parseBinanceBars(body, 'A', 0),
      ],
      [
        '{"lastUpdateId":498,"bids":[["2683.80","3.02"]],"asks":[["2683.81","31.4"]]}',
        (body) => parseBinanceBook(body, 'A', 1),
      ],
    ];
    for (const [good, parse] of answers) {
      const asDecoder = {
        decode(
          body: string | Uint8Array,
          _ms: number,
          sink: { unmodelled(kind: string): void; reject(reason: 'bad-frame', detail: string): void },
        ): void {
          try {
            parse(String(body));
            sink.unmodelled('answer');
          } catch (error) {
            if ((error as { name?: string }).name !== 'AdaptersError') throw error;
            sink.reject('bad-frame', (error as Error).message.slice(0, 500));
          }
        },
      };
      expect(fuzzDecoder(() => asDecoder, [good], { seed: 7, count: fuzzCount() }).frames).toBe(fuzzCount());
    }
  });
});
