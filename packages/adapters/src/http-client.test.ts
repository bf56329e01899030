import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { isAdaptersError } from './errors.ts';
import { createHttpClient, type HttpClient, type HttpClientOptions, httpClientDefaults } from './http-client.ts';

type Step = { status: number; headers?: Record<string, string>; body?: string } | 'broken';

/** A client before a server that answers as the script says, with a clock that only waiting moves. */
function scripted(
  steps: readonly Step[],
  options: HttpClientOptions = {},
): {
  http: HttpClient;
  sent: { url: string; init: RequestInit; atMs: number }[];
  waits: number[];
} {
  let clock = Date.UTC(2026, 0, 1);
  const sent: { url: string; init: RequestInit; atMs: number }[] = [];
  const waits: number[] = [];
  const http = createHttpClient({
    now: () => clock,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      waits.push(ms);
      clock += ms;
    },
    random: () => 0.5,
    fetch: async (url, init) => {
      const step = steps[Math.min(sent.length, steps.length - 1)]!;
      sent.push({ url, init, atMs: clock });
      if (step === 'broken') throw new TypeError('fetch failed', { cause: new Error(`connect ECONNREFUSED ${url}`) });
      return new Response(step.body ?? '', { status: step.status, ...(step.headers ? { headers: step.headers } : {}) });
    },
    ...options,
  });
  return { http, sent, waits };
}

const url = 'https://api.example.com/v1/bars';

describe('createHttpClient', () => {
  test('gives status, headers and body of a 2xx, and leaves out query values that are undefined', async () => {
    const { http, sent } = scripted([{ status: 200, body: '{"a":1}', headers: { 'x-weight': '7' } }]);
    const answer = await http.send({ url, query: { symbol: 'BTC/USD', limit: 10, to: undefined } });
    expect([answer.status, answer.headers.get('x-weight'), answer.body]).toEqual([200, '7', '{"a":1}']);
    expect(sent.map((one) => one.url)).toEqual([`${url}?symbol=BTC%2FUSD&limit=10`]);
  });

  test('sends again after a broken connection, 500 and 429, with waits that double before the draw', async () => {
    const { http, sent, waits } = scripted(['broken', { status: 500 }, { status: 429 }, { status: 200, body: 'ok' }]);
    expect((await http.send({ url })).body).toBe('ok');
    // Half of 500, 1,000 and 2,000 ms.
    expect(waits).toEqual([250, 500, 1_000]);
    expect(sent).toHaveLength(4);
  });

  test.each([
    ['seconds', '7', 7_000],
    ['a date', 'Thu, 01 Jan 2026 00:00:09 GMT', 9_000],
  ])('waits as long as Retry-After says in %s', async (_name, header, expected) => {
    const { http, waits } = scripted([{ status: 429, headers: { 'retry-after': header } }, { status: 200 }]);
    await http.send({ url });
    expect(waits).toEqual([expected]);
  });

  test('holds back other requests to a host that asked to wait, and none to another host', async () => {
    const steps: Step[] = [{ status: 429, headers: { 'retry-after': '20' } }, { status: 200 }];
    const { http, waits } = scripted(steps, { maxAttempts: 1 });
    await expect(http.send({ url })).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 20_000, status: 429 });
    await http.send({ url: 'https://other.example.com/' });
    expect(waits).toEqual([]);
    await http.send({ url });
    expect(waits).toEqual([20_000]);
  });

  test('does not wait longer than maxRetryAfterMs, and never goes on after 418', async () => {
    const long = scripted([{ status: 429, headers: { 'retry-after': '3600' } }]);
    await expect(long.http.send({ url })).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 3_600_000 });
    const banned = scripted([{ status: 418 }]);
    await expect(banned.http.send({ url })).rejects.toMatchObject({ code: 'rate-limited', status: 418 });
    expect([long.sent.length, banned.sent.length]).toEqual([1, 1]);
  });

  test('refuses at once, unsent and unslept, what would have to wait longer than maxRetryAfterMs', async () => {
    const steps: Step[] = [{ status: 429, headers: { 'retry-after': '86400' } }, { status: 200 }];
    const { http, sent, waits } = scripted(steps);
    await expect(http.send({ url })).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 86_400_000 });
    for (let i = 0; i < 3; i += 1) {
      await expect(http.send({ url })).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 86_400_000 });
    }
    await expect(http.send({ url })).rejects.toThrow(
      `${url} was not asked: api.example.com wants no request for 86400000 ms, and maxRetryAfterMs is 60000. Wait 86400000 ms.`,
    );
    expect([sent.length, waits]).toEqual([1, []]);
  });

  test.each(['2600000', '3000000000', '9'.repeat(400)])(
    'sends one request to a server that asks to wait %s s',
    async (seconds) => {
      const { http, sent } = scripted([{ status: 429, headers: { 'retry-after': seconds } }]);
      for (let i = 0; i < 20; i += 1) await expect(http.send({ url })).rejects.toMatchObject({ code: 'rate-limited' });
      expect(sent).toHaveLength(1);
    },
  );

  test('waits no longer because the clock was set back', async () => {
    let now = Date.UTC(2026, 0, 1);
    const waits: number[] = [];
    const http = createHttpClient({
      requestsPerSecond: 1,
      burst: 1,
      now: () => now,
      sleep: async (ms) => void waits.push((now += ms) && ms),
      fetch: async () => new Response('ok'),
    });
    await http.send({ url });
    now -= 3_600_000;
    await http.send({ url });
    await http.send({ url });
    expect(waits).toEqual([1_000, 1_000]);
  });

  test('gives up after maxAttempts', async () => {
    const { http, sent } = scripted([{ status: 503, body: 'maintenance' }], { maxAttempts: 3 });
    await expect(http.send({ url })).rejects.toThrow(`${url} answered 503; expected 2xx: "maintenance".`);
    expect(sent).toHaveLength(3);
  });

  test('sends a POST again only where the server did nothing, or where the request says that it may', async () => {
    const post = { url, method: 'POST', body: '{}' } as const;
    const failed = scripted([{ status: 500 }]);
    await expect(failed.http.send(post)).rejects.toMatchObject({ status: 500 });
    expect(failed.sent).toHaveLength(1);
    const busy = scripted([{ status: 503 }, { status: 200 }]);
    await busy.http.send(post);
    const query = scripted(['broken', { status: 200 }]);
    await query.http.send({ ...post, repeatable: true });
    expect([busy.sent.length, query.sent.length]).toEqual([2, 2]);
  });

  test('does not send again what the server refuses', async () => {
    const { http, sent } = scripted([{ status: 404, body: '{"msg":"no such symbol"}' }]);
    const error: unknown = await http.send({ url }).catch((reason: unknown) => reason);
    expect(isAdaptersError(error, 'bad-response')).toBe(true);
    expect(error).toMatchObject({ status: 404, value: '{"msg":"no such symbol"}' });
    expect(sent).toHaveLength(1);
  });

  test('lets a burst through and then keeps the rate of each host', async () => {
    const { http, sent, waits } = scripted([{ status: 200 }], { requestsPerSecond: 2, burst: 3 });
    const started = Date.UTC(2026, 0, 1);
    for (let i = 0; i < 6; i += 1) await http.send({ url });
    expect(sent.map(({ atMs }) => atMs - started)).toEqual([0, 0, 0, 500, 1_000, 1_500]);
    expect(waits).toEqual([500, 500, 500]);
  });

  test('shows no secret: not in the address, not in an echoed body, not in the cause', async () => {
    const secrets = { secretQuery: { apikey: 'k3y/+value' }, secretHeaders: { authorization: 'Bearer t0ken-abc' } };
    for (const step of ['broken', { status: 400, body: 'key k3y/+value and t0ken-abc are wrong' }] as const) {
      const { http, sent } = scripted([step], { maxAttempts: 1 });
      const error = (await http
        .send({ url, query: { symbol: 'A' }, ...secrets })
        .catch((reason: unknown) => reason)) as Error;
      const shown = `${error.message} ${String((error.cause as Error | undefined)?.message)} ${JSON.stringify(error)}`;
      expect(shown).not.toMatch(/k3y|t0ken/);
      expect(shown).toContain('symbol=A');
      expect(sent[0]!.url).toContain('apikey=k3y%2F%2Bvalue');
      expect(new Headers(sent[0]!.init.headers).get('authorization')).toBe('Bearer t0ken-abc');
      expect(sent[0]!.init.redirect).toBe('manual');
    }
  });

  test('shows no part of a secret that stands where the body is cut, and no value of a cookie', async () => {
    const secretHeaders = { authorization: 'Bearer SECRETSECRETSECRET', cookie: 'sid=COOKIESECRET; a=b' };
    const body = `${'x'.repeat(290)} SECRETSECRETSECRET ${'y'.repeat(3_776)} COOKIESECRET`;
    const { http } = scripted([{ status: 400, body }]);
    const error = await http.send({ url, secretHeaders }).catch((reason: unknown) => reason);
    expect(`${(error as Error).message} ${JSON.stringify(error)}`).not.toMatch(/SECR|COOK/);
  });

  test('refuses a body beyond the limit, whether the server announces it or not', async () => {
    const { http } = scripted([{ status: 200, body: 'x'.repeat(101) }], { maxBodyBytes: 100 });
    await expect(http.send({ url })).rejects.toThrow('its body is longer than 100 bytes (maxBodyBytes)');
  });

  test('throws the reason of the signal, also while it waits', async () => {
    const controller = new AbortController();
    const { http, sent } = scripted([{ status: 500 }], {
      sleep: async (_ms, signal) => {
        controller.abort(new Error('no longer wanted'));
        signal?.throwIfAborted();
      },
    });
    await expect(http.send({ url, signal: controller.signal })).rejects.toThrow('no longer wanted');
    expect(sent).toHaveLength(1);
  });

  test.each([
    ['maxAttempts', 0],
    ['requestsPerSecond', 0],
    ['burst', 1.5],
    ['timeoutMs', Number.NaN],
    ['timeoutMs', 0],
    ['backoffMs', Infinity],
    ['maxBackoffMs', Infinity],
  ])('refuses %s %s', (name, value) => {
    expect(() => createHttpClient({ [name]: value })).toThrow(`${name} "${value}" is no`);
  });

  test('refuses a key with a line feed before anything is sent, without showing it', async () => {
    const { http, sent } = scripted([{ status: 200 }]);
    const failure = http.send({ url, secretHeaders: { authorization: 'Bearer k3y\n' } });
    await expect(failure).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.not.stringContaining('k3y') as string,
    });
    expect(sent).toHaveLength(0);
  });

  test.each([3e9, Infinity])('takes a timeout of %s ms as one that does not come soon', async (timeoutMs) => {
    const { http } = scripted([{ status: 200, body: 'ok' }], { timeoutMs });
    expect((await http.send({ url })).body).toBe('ok');
  });

  test('refuses an address with credentials in it without showing it', async () => {
    const { http } = scripted([{ status: 200 }]);
    await expect(http.send({ url: 'https://user:pa55@example.com' })).rejects.toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.not.stringContaining('pa55') as string }) as Error,
    );
  });
});

describe('a real server', () => {
  let close = (): Promise<void> => Promise.resolve();
  afterEach(() => close());

  const serve = async (answer: RequestListener): Promise<string> => {
    const server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  };

  test('that cuts its answer short is asked again', async () => {
    let asked = 0;
    const address = await serve((_request, response) => {
      asked += 1;
      if (asked === 1) {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half', () => response.destroy());
      } else response.end('whole');
    });
    const http = createHttpClient({ backoffMs: 0 });
    expect((await http.send({ url: address })).body).toBe('whole');
    expect(asked).toBe(2);
  });

  test('that never answers is given up at the timeout', async () => {
    const address = await serve(() => {});
    const http = createHttpClient({ timeoutMs: 20, maxAttempts: 1 });
    await expect(http.send({ url: address })).rejects.toThrow('no answer within 20 ms');
  });
});

test('every default is the documented one', () => {
  expect(httpClientDefaults).toMatchObject({ maxAttempts: 5, backoffMs: 500, maxBackoffMs: 30_000, timeoutMs: 30_000 });
});
