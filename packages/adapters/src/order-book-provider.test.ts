import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { AdaptersError } from './errors.ts';
import {
  binanceRestOrderBookProvider,
  type BinanceRestOptions,
  createReplayOrderBookProvider,
} from './order-book-provider.ts';

describe('createReplayOrderBookProvider', () => {
  test('answers with the quote that was observed last, by symbol', async () => {
    const books = createReplayOrderBookProvider();
    books.observe({
      type: 'quote',
      symbol: 'A',
      timeMs: 1,
      bidPrice: '2683.70',
      bidSize: '1',
      askPrice: '2683.80',
      askSize: '1',
    });
    books.observe({
      type: 'quote',
      symbol: 'B',
      timeMs: 2,
      bidPrice: 5,
      bidSize: 1e-7,
      askPrice: '5.10',
      askSize: '2',
    });
    books.observe({
      type: 'quote',
      symbol: 'A',
      timeMs: 3,
      bidPrice: '2683.80000000',
      bidSize: '3.02920000',
      askPrice: '2683.81',
      askSize: '31.40',
    });
    books.observe({ type: 'trade', symbol: 'A', timeMs: 4, price: '9', size: '9', side: 'buy' });
    expect(await books.fetchL1('A')).toEqual({
      time: 3,
      symbol: 'A',
      bidPrice: '2683.8',
      bidSize: '3.0292',
      askPrice: '2683.81',
      askSize: '31.4',
      source: 'replay:binance-combined',
    });
    expect(await books.fetchL1('B')).toMatchObject({ time: 2, bidPrice: '5', bidSize: '0.0000001', askPrice: '5.1' });
  });

  test('does not know a symbol of which it saw no quote', async () => {
    expect(await createReplayOrderBookProvider().fetchL1('A')).toBeUndefined();
  });

  test('leaves out a side that is absent or has size 0', async () => {
    const books = createReplayOrderBookProvider({ source: 'test' });
    books.observe({ type: 'quote', symbol: 'A', timeMs: 1, askPrice: '5', askSize: '0.000' });
    expect(await books.fetchL1('A')).toEqual({ time: 1, symbol: 'A', source: 'test' });
    books.observe({ type: 'quote', symbol: 'A', timeMs: 2, bidPrice: '5' });
    expect(await books.fetchL1('A')).toEqual({ time: 2, symbol: 'A', bidPrice: '5', source: 'test' });
  });
});

describe('binanceRestOrderBookProvider', () => {
  let server: Server | undefined;
  afterEach(async () => {
    server?.closeAllConnections();
    if (server?.listening) await new Promise((closed) => server!.close(closed));
    server = undefined;
  });

  type Handler = (request: IncomingMessage, response: ServerResponse) => void;

  async function serve(handler: Handler, options: Partial<BinanceRestOptions> = {}) {
    server = createServer(handler).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { provider: binanceRestOrderBookProvider({ baseUrl, now: () => 1_700_000_000_000, ...options }), baseUrl };
  }

  const answer = (status: number, body: unknown, headers: Record<string, string> = {}): Handler => {
    return (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  };

  async function failureOf(handler: Handler, options?: Partial<BinanceRestOptions>): Promise<AdaptersError> {
    const { provider, baseUrl } = await serve(handler, options);
    const error: unknown = await provider.fetchL1('ETHUSDT').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(AdaptersError);
    (error as AdaptersError).message = (error as AdaptersError).message.replaceAll(baseUrl, '');
    return error as AdaptersError;
  }

  const ticker = {
    symbol: 'ETHUSDT',
    bidPrice: '2683.80000000',
    bidQty: '3.02920000',
    askPrice: '2683.81000000',
    askQty: '31.43950000',
  };

  test('asks the book ticker and reads the answer of spot', async () => {
    const urls: (string | undefined)[] = [];
    const { provider, baseUrl } = await serve((request, response) => {
      urls.push(request.url);
      answer(200, ticker)(request, response);
    });
    expect(await provider.fetchL1('ETHUSDT')).toEqual({
      time: 1_700_000_000_000,
      symbol: 'ETHUSDT',
      bidPrice: '2683.8',
      bidSize: '3.0292',
      askPrice: '2683.81',
      askSize: '31.4395',
      source: `binance-rest:${new URL(baseUrl).host}`,
    });
    expect(urls).toEqual(['/api/v3/ticker/bookTicker?symbol=ETHUSDT']);
  });

  test('reads the list of COIN-M, with the time of the venue', async () => {
    const coin = { ...ticker, symbol: 'ETHUSD_PERP', pair: 'ETHUSD', time: 1723161256310 };
    const { provider } = await serve(answer(200, [coin]), { path: '/dapi/v1/ticker/bookTicker' });
    expect(await provider.fetchL1('ETHUSD_PERP')).toMatchObject({ symbol: 'ETHUSD_PERP', time: 1723161256310 });
  });

  test('leaves out sides that the venue spells as zeros', async () => {
    const { provider } = await serve(answer(200, { ...ticker, bidPrice: '0.00000000', bidQty: '0.00000000' }));
    expect(await provider.fetchL1('ETHUSDT')).toEqual({
      time: 1_700_000_000_000,
      symbol: 'ETHUSDT',
      askPrice: '2683.81',
      askSize: '31.4395',
      source: expect.any(String) as string,
    });
  });

  test('reads no more than maxBodyBytes of an answer that never ends', async () => {
    let pulled = 0;
    const endless = async (): Promise<Response> =>
      new Response(
        new ReadableStream({
          pull(controller) {
            pulled += 1;
            controller.enqueue(new Uint8Array(1_000).fill(120));
          },
        }),
      );
    const provider = binanceRestOrderBookProvider({
      baseUrl: 'http://venue.test',
      fetch: endless,
      maxBodyBytes: 10_000,
    });
    await expect(provider.fetchL1('ETHUSDT')).rejects.toMatchObject({
      code: 'bad-response',
      message: expect.stringContaining('answered 200 with more than 10000 bytes (maxBodyBytes)') as string,
    });
    expect(pulled).toBeLessThan(20);
  });

  test.each([
    ['timeoutMs', 0],
    ['maxBodyBytes', Number.NaN],
  ])('refuses %s %s', (name, value) => {
    expect(() => binanceRestOrderBookProvider({ baseUrl: 'http://venue.test', [name]: value })).toThrow(
      `${name} "${value}" is no number above 0`,
    );
  });

  test('does not know a symbol that the venue calls invalid', async () => {
    const { provider } = await serve(answer(400, { code: -1121, msg: 'Invalid symbol.' }));
    expect(await provider.fetchL1('NOPE')).toBeUndefined();
  });

  test('passes on how long the venue asks to wait', async () => {
    const limited = await failureOf(answer(429, { code: -1003, msg: 'Too many requests.' }, { 'retry-after': '7' }));
    expect(limited).toMatchObject({ code: 'rate-limited', status: 429, retryAfterMs: 7000 });
    expect(limited.message).toBe(
      '/api/v3/ticker/bookTicker?symbol=ETHUSDT answered 429: too many requests. Wait 7000 ms.',
    );
  });

  test.each([
    [418, { 'retry-after': 'Tue, 14 Nov 2023 22:15:20 GMT' }, 120_000],
    [429, { 'retry-after': 'soon' }, undefined],
    [429, {}, undefined],
  ])('reads %i with %o as a limit of %s ms', async (status, headers, retryAfterMs) => {
    const limited = await failureOf(answer(status, '', headers));
    expect([limited.code, limited.status, limited.retryAfterMs]).toEqual(['rate-limited', status, retryAfterMs]);
  });

  test.each([
    [500, 'down', '/api/v3/ticker/bookTicker?symbol=ETHUSDT answered 500: "down"; expected 200 with a book ticker.'],
    [
      400,
      { code: -1100, msg: 'Illegal characters.' },
      '/api/v3/ticker/bookTicker?symbol=ETHUSDT answered 400: -1100 "Illegal characters."; expected 200 with a book ticker.',
    ],
    [
      200,
      '<html>',
      '/api/v3/ticker/bookTicker?symbol=ETHUSDT answered 200 with "<html>"; expected {"symbol","bidPrice","bidQty","askPrice","askQty"} with decimals in quotes, but it is no such object.',
    ],
    [
      200,
      { ...ticker, symbol: 'BTCUSDT' },
      '/api/v3/ticker/bookTicker?symbol=ETHUSDT answered for BTCUSDT; expected "ETHUSDT".',
    ],
    [200, [], '/api/v3/ticker/bookTicker?symbol=ETHUSDT answered for no symbol; expected "ETHUSDT".'],
  ])('says what it cannot read: %i %o', async (status, body, message) => {
    const error = await failureOf(answer(status, body));
    expect([error.code, error.status, error.message]).toEqual(['bad-response', status, message]);
  });

  test('names the field that has the wrong type', async () => {
    const error = await failureOf(answer(200, { ...ticker, bidPrice: 2683.8 }));
    expect(error.message).toContain('but its "bidPrice" is wrong');
  });

  test('says that the connection broke', async () => {
    const error = await failureOf((request) => request.socket.destroy());
    expect(error.code).toBe('unreachable');
    expect(error.message).toMatch(
      /^\/api\/v3\/ticker\/bookTicker\?symbol=ETHUSDT cannot be reached: .+\. Check the address or try again\.$/,
    );
  });

  test('gives up after timeoutMs', async () => {
    const error = await failureOf(() => undefined, { timeoutMs: 20 });
    expect([error.code, error.message]).toEqual([
      'unreachable',
      '/api/v3/ticker/bookTicker?symbol=ETHUSDT cannot be reached: no answer within 20 ms. Check the address or try again.',
    ]);
  });

  test('throws the reason of the signal when aborted', async () => {
    const controller = new AbortController();
    const { provider } = await serve(() => controller.abort(new Error('closing')));
    await expect(provider.fetchL1('ETHUSDT', { signal: controller.signal })).rejects.toThrow('closing');
  });

  test.each(['', 'api.binance.com', 'ftp://api.binance.com'])('refuses the address "%s"', (baseUrl) => {
    expect(() => binanceRestOrderBookProvider({ baseUrl })).toThrow(
      `baseUrl "${baseUrl}" is no HTTP address. Pass for example 'https://api.binance.com'.`,
    );
  });
});
