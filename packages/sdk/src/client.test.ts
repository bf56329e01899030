import { describe, expect, test } from 'vitest';
import { createTapekitClient, type ClientOptions } from './client.ts';
import { isSdkError, isTapekitApiError, SdkError, TapekitApiError } from './errors.ts';
import {
  sampleArchive,
  sampleBar,
  sampleHealth,
  sampleQuote,
  sampleScore,
  sampleSymbol,
} from '@tapekit/tooling/sample-documents';

type Call = { readonly url: string; readonly init: RequestInit };

/** A client whose server is a function. */
function clientOf(answer: (call: Call) => Response | Promise<Response>, options: Partial<ClientOptions> = {}) {
  const calls: Call[] = [];
  const client = createTapekitClient({
    baseUrl: 'http://api.test',
    ...options,
    fetch: async (url, init) => {
      calls.push({ url, init });
      return answer({ url, init });
    },
  });
  return { client, calls };
}
const json = (body: unknown, status = 200, headers = {}) => Response.json(body, { status, headers });
const caughtBy = async (promise: Promise<unknown>) =>
  promise.then(
    () => 'no error',
    (error: unknown) => error,
  );
const symbol = 'ETHUSDT';

describe('a call', () => {
  test.each([0, -1, NaN, Infinity, 2 ** 31])(
    'refuses a time limit of %d ms, of the client and of the call',
    async (timeoutMs) => {
      const message = `Option "timeoutMs" is "${timeoutMs}"; expected 1 to 2147483647 milliseconds. Leave it out for the default.`;
      expect(() => createTapekitClient({ baseUrl: '', timeoutMs })).toThrow(message);
      const { client, calls } = clientOf(() => json(sampleHealth));
      const error = await caughtBy(client.getHealth({ timeoutMs }));
      expect(isSdkError(error, 'bad-option')).toBe(true);
      expect((error as SdkError).message).toBe(message);
      expect((error as SdkError).operationId).toBe('getHealth');
      expect(calls).toEqual([]);
    },
  );

  test('goes where the contract says, with its parameters in path and query', async () => {
    const { client, calls } = clientOf(() => json({ items: [], nextCursor: null }));
    await client.listFootprints({ symbol: 'BBRI.JK', from: 0, to: 1_723_075_200_000, limit: 2, cursor: 'a+b/c=' });
    await client.listFootprints({ symbol, cursor: undefined });
    expect(calls.map(({ url }) => url)).toEqual([
      'http://api.test/v1/symbols/BBRI.JK/footprints?from=0&to=1723075200000&limit=2&cursor=a%2Bb%2Fc%3D',
      'http://api.test/v1/symbols/ETHUSDT/footprints',
    ]);
    expect(calls[0]!.init).toMatchObject({
      method: 'GET',
      redirect: 'manual',
      headers: { accept: 'application/json' },
    });
  });

  test.each([
    ['', '/health'],
    ['/', '/health'],
    ['/desk/', '/desk/health'],
    ['https://api.test/v0//', 'https://api.test/v0/health'],
  ])('starts from the base address "%s"', async (baseUrl, url) => {
    const { client, calls } = clientOf(() => json(sampleHealth), { baseUrl });
    await client.getHealth();
    expect(calls[0]!.url).toBe(url);
  });

  test('carries the key and the headers it is given, in headers alone', async () => {
    const { client, calls } = clientOf(() => json(sampleArchive), { apiKey: 'ofk_secret', headers: { 'x-desk': '7' } });
    await client.getArchive();
    expect(calls[0]!.init.headers).toEqual({ 'x-desk': '7', 'x-api-key': 'ofk_secret', accept: 'application/json' });
    expect(calls[0]!.url).not.toContain('ofk_secret');
  });

  test('returns what the schema describes and drops what a newer server adds', async () => {
    const { client } = clientOf(() => json({ ...sampleQuote, addedLater: 1 }));
    expect(await client.getQuote({ symbol })).toEqual(sampleQuote);
    const { client: trusting } = clientOf(() => json({ ...sampleQuote, addedLater: 1 }), { validate: false });
    expect(await trusting.getQuote({ symbol })).toEqual({ ...sampleQuote, addedLater: 1 });
  });

  test("takes the platform's fetch as it is at the moment of the call", async () => {
    const client = createTapekitClient({ baseUrl: 'http://api.test' });
    const platform = globalThis.fetch;
    try {
      globalThis.fetch = async function (this: unknown) {
        expect(this === undefined || this === globalThis).toBe(true);
        return json({ items: [sampleSymbol] });
      };
      expect(await client.listSymbols()).toEqual({ items: [sampleSymbol] });
    } finally {
      globalThis.fetch = platform;
    }
  });
});

describe('all pages of footprints', () => {
  test('come in order, each asked for when the one before is read', async () => {
    const pages: Record<string, unknown> = {
      '': { items: [sampleBar(0), sampleBar(1)], nextCursor: 'p2' },
      p2: { items: [], nextCursor: 'p3' },
      p3: { items: [sampleBar(2)], nextCursor: null },
    };
    const { client, calls } = clientOf(({ url }) => json(pages[new URL(url).searchParams.get('cursor') ?? '']));
    const bars = client.footprints({ symbol, from: 5, limit: 2 });
    expect((await bars.next()).value).toEqual(sampleBar(0));
    expect((await bars.next()).value).toEqual(sampleBar(1));
    expect(calls).toHaveLength(1);
    expect((await bars.next()).value).toEqual(sampleBar(2));
    expect((await bars.next()).done).toBe(true);
    expect(calls.map(({ url }) => new URL(url).search)).toEqual([
      '?from=5&limit=2',
      '?from=5&limit=2&cursor=p2',
      '?from=5&limit=2&cursor=p3',
    ]);
  });

  test('end with an error where a page leads to itself', async () => {
    const { client } = clientOf(() => json({ items: [sampleBar()], nextCursor: 'p1' }));
    const read = async () => {
      for await (const bar of client.footprints({ symbol })) expect(bar).toEqual(sampleBar());
    };
    expect(await caughtBy(read())).toMatchObject({
      code: 'bad-response',
      message: 'listFootprints: the page after cursor "p1" leads to itself.',
    });
  });
});

describe('an error reply', () => {
  test('becomes a typed error with the words and the request id of the server', async () => {
    const body = { error: { code: 'not-found', message: 'Nothing is known of "XYZ".', requestId: 'r-1' } };
    const { client } = clientOf(() => json(body, 404));
    const error = await caughtBy(client.getScore({ symbol: 'XYZ' }));
    expect(error).toBeInstanceOf(TapekitApiError);
    expect(error).toMatchObject({
      status: 404,
      code: 'not-found',
      operationId: 'getScore',
      requestId: 'r-1',
      retryAfterMs: undefined,
      message: 'getScore: Nothing is known of "XYZ". (404)',
    });
    expect([isTapekitApiError(error), isTapekitApiError(error, 'not-found'), isTapekitApiError(error, 'x')]).toEqual([
      true,
      true,
      false,
    ]);
    expect(isSdkError(error)).toBe(false);
  });

  test('keeps its status where something in between answers in its own words', async () => {
    const { client } = clientOf(
      () => new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'retry-after': '7' } }),
    );
    expect(await caughtBy(client.getArchive())).toMatchObject({
      status: 502,
      code: 'http-502',
      retryAfterMs: 7_000,
      message: 'getArchive: the server answered with status 502 and no reason (502)',
    });
  });

  test('of the health check is an answer when it has the body of one', async () => {
    const degraded = { ...sampleHealth, status: 'degraded', checks: { ...sampleHealth.checks, database: 'error' } };
    const { client } = clientOf(() => json(degraded, 503));
    expect(await client.getHealth()).toEqual(degraded);
    const { client: behindProxy } = clientOf(() => new Response('busy', { status: 503 }));
    expect(await caughtBy(behindProxy.getHealth())).toMatchObject({ status: 503, code: 'http-503' });
    const { client: other } = clientOf(() => json(sampleArchive, 503));
    expect(await caughtBy(other.getArchive())).toMatchObject({ status: 503 });
  });
});

describe('what cannot be understood or reached', () => {
  test.each([
    [
      { ...sampleScore, components: [{ ...sampleScore.components[0], score: 'high' }] },
      'getScore: components.0.score is "high"; expected a value of type number. Are client and server of one version?',
    ],
    [
      { ...sampleScore, signal: 'hold' },
      'getScore: signal is "hold"; expected one of "strong-sell", "sell", "neutral", "buy", "strong-buy". Are client and server of one version?',
    ],
    [[], 'getScore: the body is []; expected a value of type object. Are client and server of one version?'],
  ])('names the field of a reply that is off its schema (%#)', async (body, message) => {
    const { client } = clientOf(() => json(body));
    const error = await caughtBy(client.getScore({ symbol }));
    expect([isSdkError(error, 'bad-response'), (error as Error).message]).toEqual([true, message]);
  });

  test('names the decimal that is none', async () => {
    const { client } = clientOf(() => json({ ...sampleQuote, bidPrice: '1e5' }));
    await expect(client.getQuote({ symbol })).rejects.toThrow(
      /^getQuote: bidPrice is "1e5"; expected text like \/.*\/\./,
    );
  });

  test('shows the start of a reply that is no JSON', async () => {
    const { client } = clientOf(() => new Response(`<!doctype html>${'x'.repeat(500)}`));
    expect(await caughtBy(client.listSymbols())).toMatchObject({
      code: 'bad-response',
      message: `listSymbols: the reply "<!doctype html>${'x'.repeat(43)}… is not JSON.`,
    });
  });

  test('does not follow a redirect, which could carry the key elsewhere', async () => {
    const { client, calls } = clientOf(
      () => new Response(null, { status: 302, headers: { location: 'http://evil.test' } }),
      {
        apiKey: 'ofk_secret',
      },
    );
    expect(await caughtBy(client.listSymbols())).toMatchObject({
      code: 'bad-response',
      message:
        'listSymbols: http://api.test/v1/symbols answered with a redirect, which is not followed. Set "baseUrl" to where it leads.',
    });
    expect(calls).toHaveLength(1);
  });

  test('says that the server is not there, and keeps the cause', async () => {
    const refused = new TypeError('fetch failed');
    const { client } = clientOf(() => Promise.reject(refused), { apiKey: 'ofk_secret' });
    const error = await caughtBy(client.listSymbols());
    expect(error).toMatchObject({
      code: 'network',
      operationId: 'listSymbols',
      cause: refused,
      message:
        'listSymbols: http://api.test/v1/symbols cannot be reached, or the connection broke. Is the server running?',
    });
    expect(JSON.stringify(error) + String(error)).not.toContain('ofk_secret');
  });

  test('says so when a reply breaks off half way', async () => {
    const { client } = clientOf(() => {
      const body = new ReadableStream({
        pull: (controller) => controller.error(new Error('reset')),
      });
      return new Response(body);
    });
    expect(await caughtBy(client.listSymbols())).toMatchObject({ code: 'network' });
  });

  test.each(['', '..', 'ethusdt', 'A/B'])('refuses the symbol "%s" before anything is sent', async (bad) => {
    const { client, calls } = clientOf(() => json(sampleQuote));
    const error = await caughtBy(client.getQuote({ symbol: bad }));
    expect([isSdkError(error, 'bad-argument'), (error as Error).message]).toEqual([
      true,
      `getQuote: "symbol" is "${bad}"; expected an upper-case symbol such as ETHUSDT or BBRI.JK, 1 to 32 of A-Z 0-9 . _ -, no mark at the ends.`,
    ]);
    expect(calls).toEqual([]);
  });

  test.each([
    ['127.0.0.1:8080', 'does not start with http://, https:// or a single /'],
    ['//api.test', 'does not start with http://, https:// or a single /'],
    ['http://api.test?key=ofk_secret', 'has a query or a fragment'],
    ['http://me:ofk_secret@api.test', 'holds a user name or password; use "apiKey" or "headers"'],
  ])('refuses the base address "%s" without repeating it', (baseUrl, problem) => {
    const make = () => createTapekitClient({ baseUrl });
    expect(make).toThrow(SdkError);
    expect(make).toThrow(
      `Option "baseUrl" ${problem}. Expected an address such as "http://127.0.0.1:8080", or "" for the origin of the page.`,
    );
  });
});

describe('the limits of a call', () => {
  /** A server that never answers, and a clock whose timers the test runs. */
  function silent(options: Partial<ClientOptions> = {}) {
    const timers = new Map<number, { readonly run: () => void; readonly ms: number }>();
    let last = 0;
    const made = clientOf(
      ({ init }) =>
        new Promise((_, reject) => {
          init.signal!.addEventListener('abort', () => reject(init.signal!.reason as Error));
        }),
      {
        clock: {
          setTimeout: (run, ms) => (timers.set(++last, { run, ms }), last),
          clearTimeout: (id) => void timers.delete(id as number),
          random: () => 0,
        },
        ...options,
      },
    );
    return { ...made, timers };
  }

  test('end it after ten seconds, or after what the client or the call says', async () => {
    for (const [options, callOptions, ms] of [
      [{}, {}, 10_000],
      [{ timeoutMs: 50 }, {}, 50],
      [{ timeoutMs: 50 }, { timeoutMs: 7 }, 7],
    ] as const) {
      const { client, timers } = silent(options);
      const call = caughtBy(client.listSymbols(callOptions));
      const [timer] = [...timers.values()];
      expect(timer!.ms).toBe(ms);
      timer!.run();
      expect(await call).toMatchObject({
        code: 'timeout',
        message: `listSymbols: no complete reply from http://api.test/v1/symbols within ${ms} ms. Is the server busy? "timeoutMs" sets the limit.`,
      });
      expect(timers.size).toBe(0);
    }
  });

  test("end it with the caller's own reason", async () => {
    const { client, timers, calls } = silent();
    const abort = new AbortController();
    const call = caughtBy(client.listSymbols({ signal: abort.signal }));
    abort.abort(new Error('the page was left'));
    expect(await call).toEqual(new Error('the page was left'));
    expect(timers.size).toBe(0);
    expect(await caughtBy(client.listSymbols({ signal: abort.signal }))).toEqual(new Error('the page was left'));
    expect(calls).toHaveLength(1);
  });
});
