import { createTapekitClient, isTapekitApiError, operations, streamPath, type OperationId } from '@tapekit/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { createApi } from './create-api.ts';
import type { ApiDeps } from './ports.ts';
import { startServer, type RunningServer } from './server.ts';
import {
  sampleArchive as archive,
  sampleBar as bar,
  sampleMetrics as metrics,
  sampleProgress as progress,
  sampleQuote as quote,
  sampleScore as score,
} from '@tapekit/tooling/sample-documents';
import { memoryRepositories, testDeps } from './test-support.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

/** A real server on a free port, and a real client of it. */
async function serve(given: Partial<ApiDeps> = {}) {
  const deps = testDeps(given);
  const server = await startServer({ api: createApi(deps), port: 0 });
  running.push(server);
  return { deps, url: server.url, client: createTapekitClient({ baseUrl: server.url }) };
}
const errorOf = async (reply: Response | Promise<Response>) =>
  ((await (await reply).json()) as { error: { code: string; message: string; requestId?: string } }).error;

describe('the client against the server', () => {
  test('reads every operation, checked against its schema', async () => {
    const { client } = await serve();
    const symbol = 'ETHUSDT';
    const replies: Record<OperationId, unknown> = {
      getHealth: await client.getHealth(),
      listSymbols: await client.listSymbols(),
      listFootprints: await client.listFootprints({ symbol, limit: 2 }),
      getMetrics: await client.getMetrics({ symbol }),
      getQuote: await client.getQuote({ symbol }),
      getScore: await client.getScore({ symbol }),
      getArchive: await client.getArchive(),
    };
    expect(replies).toEqual({
      getHealth: {
        status: 'ok',
        version: '1.2.3',
        uptimeMs: 5_000,
        checks: { database: 'ok', store: 'ok', job: progress },
      },
      listSymbols: { items: await memoryRepositories(5).symbols() },
      listFootprints: { items: [bar(0), bar(1)], nextCursor: String(bar(2).t0) },
      getMetrics: metrics,
      getQuote: quote,
      getScore: score,
      getArchive: archive,
    });
  });

  test('walks the pages, within a range, and ends', async () => {
    const { client } = await serve({ repositories: memoryRepositories(7) });
    const starts = async (input: { from?: number; to?: number; limit?: number; cursor?: string }) => {
      const bars = [];
      for await (const { t0 } of client.footprints({ symbol: 'ETHUSDT', ...input }))
        bars.push((t0 - bar(0).t0) / 60_000);
      return bars;
    };
    expect(await starts({ limit: 3 })).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await starts({ limit: 7 })).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(await starts({ limit: 2, from: bar(1).t0, to: bar(5).t0 })).toEqual([1, 2, 3, 4]);
    expect(await starts({ limit: 2, cursor: String(bar(5).t0) })).toEqual([5, 6]);
    expect(await starts({ from: bar(7).t0 })).toEqual([]);
  });

  test('a page holds 200 bars unless told', async () => {
    const { client } = await serve({ repositories: memoryRepositories(201) });
    expect((await client.listFootprints({ symbol: 'ETHUSDT' })).items).toHaveLength(200);
  });

  test('a system that is not well says so with status 503 and the same body', async () => {
    const { client, url } = await serve({
      checkDatabase: async () => false,
      checkStore: () => Promise.reject(new Error('no bucket')),
    });
    expect(await client.getHealth()).toMatchObject({
      status: 'degraded',
      checks: { database: 'error', store: 'error', job: progress },
    });
    expect((await fetch(`${url}/health`)).status).toBe(503);
  });
});

describe('what cannot be answered', () => {
  test('a parameter off its form is named with its value and what was expected', async () => {
    const { url } = await serve();
    const at = (path: string) => fetch(`${url}${path}`);
    for (const [path, message] of [
      ['/v1/symbols/ETHUSDT/footprints?limit=9999', 'Parameter "limit" is "9999"; expected an integer from 1 to 500.'],
      [
        '/v1/symbols/ETHUSDT/footprints?limt=5',
        'Query parameter "limt" is unknown; listFootprints takes from, to, limit, cursor.',
      ],
      ['/v1/symbols?limit=5', 'Query parameter "limit" is unknown; listSymbols takes no query parameters.'],
      [
        '/v1/symbols/ETHUSDT/footprints?cursor=never',
        'Parameter "cursor" is "never"; expected the "nextCursor" of the page before. Start again without it.',
      ],
      [
        '/v1/symbols/eth%0Ausdt/score',
        'Parameter "symbol" is "eth\\nusdt"; expected an upper-case symbol such as ETHUSDT or BBRI.JK, 1 to 32 of A-Z 0-9 . _ -, no mark at the ends.',
      ],
    ] as const) {
      const reply = await at(path);
      expect([reply.status, await errorOf(reply)]).toEqual([
        400,
        { code: 'bad-request', message, requestId: reply.headers.get('x-request-id') },
      ]);
    }
  });

  test('an unknown symbol is answered with the known ones, a known one with what is missing', async () => {
    const { client } = await serve();
    const caught = await client.getQuote({ symbol: 'XYZ' }).catch((error: unknown) => error);
    expect(isTapekitApiError(caught, 'not-found') && [caught.status, caught.operationId, caught.message]).toEqual([
      404,
      'getQuote',
      'getQuote: Nothing is known of symbol "XYZ". Known: BTCUSDT, ETHUSDT. GET /v1/symbols lists them with their details. (404)',
    ]);
    await expect(client.getScore({ symbol: 'BTCUSDT' })).rejects.toThrow(
      'There is no score of "BTCUSDT" yet. The main job makes it; GET /health says where it stands.',
    );
    const { client: empty } = await serve({
      repositories: { ...memoryRepositories(0), symbols: async () => [] },
    });
    await expect(empty.getScore({ symbol: 'XYZ' })).rejects.toThrow(
      'Nothing is known of symbol "XYZ", nor of any other yet. GET /health says where the main job stands.',
    );
  });

  test('a failure shows its request id and nothing of the inside, which goes to the log', async () => {
    const secret = new Error('password=hunter2 at postgres://10.0.0.7');
    const { url, deps, client } = await serve({
      repositories: { ...memoryRepositories(1), metrics: () => Promise.reject(secret) },
    });
    const reply = await fetch(`${url}/v1/symbols/ETHUSDT/metrics`);
    const text = await reply.text();
    const requestId = reply.headers.get('x-request-id');
    expect([reply.status, JSON.parse(text)]).toEqual([
      500,
      {
        error: {
          code: 'internal',
          message: `The server failed to answer. Its log has the reason under request id "${requestId}".`,
          requestId,
        },
      },
    ]);
    expect(text).not.toMatch(/hunter2|postgres|\.ts|at /);
    expect(deps.entries).toEqual([
      { level: 'error', message: 'GET /v1/symbols/ETHUSDT/metrics failed', requestId, error: secret },
    ]);
    const caught = await client.getMetrics({ symbol: 'ETHUSDT' }).catch((error: unknown) => error);
    expect(isTapekitApiError(caught, 'internal') && caught.requestId).toBe(deps.entries[1]?.requestId);
  });

  test('paths that are not there are answered as data, below and outside /v1', async () => {
    const { url } = await serve();
    for (const path of ['/v1/', '/v1/nothing', '/v1/symbols/', '/v1/symbols/ETHUSDT', '/v2/symbols', '/favicon.ico']) {
      const reply = await fetch(`${url}${path}`, { headers: { accept: 'text/html' } });
      expect([reply.status, (await errorOf(reply)).message]).toEqual([
        404,
        `There is nothing at "${path}". GET /openapi.json lists every path; /docs shows them.`,
      ]);
    }
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is refused everywhere', async (method) => {
    const { url } = await serve();
    for (const path of ['/health', '/v1/symbols', streamPath, '/docs', '/', '/v1/nothing']) {
      const reply = await fetch(`${url}${path}`, { method, ...(method === 'POST' ? { body: '{}' } : {}) });
      expect([reply.status, reply.headers.get('allow'), (await errorOf(reply)).message]).toEqual([
        405,
        'GET, HEAD',
        `"${method}" is not allowed on "${path}": everything here is read with GET.`,
      ]);
    }
  });

  test('HEAD is answered like GET, without a body', async () => {
    const { url, deps } = await serve();
    const reply = await fetch(`${url}/v1/symbols`, { method: 'HEAD' });
    expect([reply.status, await reply.text()]).toEqual([200, '']);
    const stream = await fetch(`${url}${streamPath}`, { method: 'HEAD' });
    expect([stream.status, stream.headers.get('content-type'), await stream.text()]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
      '',
    ]);
    expect(deps.events.subscribers()).toBe(0);
  });
});

describe('the headers', () => {
  test('of every reply forbid sniffing, framing, referrers and reuse by other origins', async () => {
    const { url } = await serve({
      repositories: { ...memoryRepositories(1), archive: () => Promise.reject(new Error()) },
    });
    const abort = new AbortController();
    for (const path of ['/health', '/v1/symbols', '/v1/archive', '/v1/no', '/openapi.json', '/docs', streamPath]) {
      const { headers } = await fetch(`${url}${path}`, { signal: abort.signal });
      expect([path, Object.fromEntries(headers)]).toMatchObject([
        path,
        {
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'cross-origin-resource-policy': 'same-origin',
          'cross-origin-opener-policy': 'same-origin',
          'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
        },
      ]);
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('x-powered-by')).toBeNull();
    }
    abort.abort();
  });

  test('of data forbid caching and let nothing run', async () => {
    const { url } = await serve();
    const { headers } = await fetch(`${url}/v1/symbols`);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
  });

  test('name each request anew', async () => {
    const { url } = await serve();
    const ids = await Promise.all(
      [1, 2, 3].map(async () => (await fetch(`${url}/health`)).headers.get('x-request-id')),
    );
    expect(new Set(ids).size).toBe(3);
  });

  test('a long page is compressed for whoever takes it, a short one is not', async () => {
    const { url } = await serve({ repositories: memoryRepositories(100) });
    const get = (path: string) => fetch(url + path, { headers: { 'accept-encoding': 'gzip' } });
    const long = await get('/v1/symbols/ETHUSDT/footprints');
    expect(long.headers.get('content-encoding')).toBe('gzip');
    expect(((await long.json()) as { items: unknown[] }).items).toHaveLength(100);
    expect((await get('/v1/symbols')).headers.get('content-encoding')).toBeNull();
  });
});

describe('the description of the API', () => {
  test('lists every route that is mounted below /v1 and /health, and no other', async () => {
    const { url, deps } = await serve();
    const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
      info: { version: string };
      paths: Record<string, unknown>;
    };
    const mounted = createApi(deps)
      .routes.filter(({ method, path }) => method === 'GET' && (path.startsWith('/v1/') || path === '/health'))
      .map(({ path }) => path.replace(/:(\w+)/g, '{$1}'));
    expect(mounted.sort()).toEqual(Object.keys(document.paths).sort());
    expect(mounted).toHaveLength(Object.keys(operations).length + 1);
    expect(document.info.version).toBe('1.2.3');
  });

  test('is shown by a page whose scripts come from this server', async () => {
    const { url } = await serve();
    const page = await fetch(`${url}/docs`);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    expect(html).not.toMatch(/https?:|<script>/);
    for (const [, src] of html.matchAll(/<script src="([^"]+)"/g)) {
      const script = await fetch(new URL(src!, `${url}/docs`));
      expect([src, script.status, script.headers.get('content-type')]).toEqual([
        src,
        200,
        'text/javascript; charset=utf-8',
      ]);
      expect((await script.text()).length).toBeGreaterThan(100);
    }
  });

  test('is what "/" leads to where no pages are built', async () => {
    const { url } = await serve();
    const reply = await fetch(url, { redirect: 'manual' });
    expect([reply.status, reply.headers.get('location')]).toEqual([302, '/docs']);
  });
});
