import { request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { createApi } from './create-api.ts';
import { ServerStartError, startServer } from './server.ts';
import { sampleQuote as quote } from '@tapekit/tooling/sample-documents';
import { memoryRepositories, onKeptPort, testDeps } from './test-support.ts';

describe('the server', () => {
  test('says where it answers, on this machine only unless told', async () => {
    const api = createApi(testDeps());
    const server = await startServer({ api, port: 0 });
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    await server.close();
    const everywhere = await startServer({ api, host: '0.0.0.0', port: 0 });
    expect(everywhere.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await everywhere.close();
  });

  test('names the port that is taken and the option that changes it', async () => {
    const api = createApi(testDeps());
    const first = await onKeptPort((free) => startServer({ api, port: free }));
    const port = Number(new URL(first.url).port);
    const caught = await startServer({ api, port }).catch((error: unknown) => error);
    expect(caught).toBeInstanceOf(ServerStartError);
    expect(caught).toMatchObject({
      code: 'EADDRINUSE',
      message: `Port ${port} on 127.0.0.1 is in use. Stop the program that holds it, or choose another with --port N (0 takes a free one).`,
    });
    await first.close();
    const again = await startServer({ api, port });
    await again.close();
    await again.close();
  });

  test('names an address that is not of this machine', async () => {
    const started = startServer({ api: createApi(testDeps()), host: '192.0.2.1', port: 0 });
    await expect(started).rejects.toThrow(
      /^Cannot listen on 192\.0\.2\.1, port 0: .*\. Choose an address of this machine\.$/,
    );
  });

  test('answers what is under way before it closes', async () => {
    let asked = (): void => undefined;
    let release = (): void => undefined;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const held = new Promise<void>((resolve) => (release = resolve));
    const slow = {
      ...memoryRepositories(1),
      async quote() {
        asked();
        await held;
        return quote;
      },
    };
    const server = await startServer({ api: createApi(testDeps({ repositories: slow })), port: 0 });
    const reply = fetch(`${server.url}/v1/symbols/ETHUSDT/quote`);
    await reached;
    const closed = server.close();
    release();
    expect(await (await reply).json()).toEqual(quote);
    await closed;
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  });

  test('does not wait for connections that carry no request, nor for live streams', async () => {
    const server = await startServer({ api: createApi(testDeps()), port: 0, drainMs: 2 ** 31 - 1 });
    const { port } = new URL(server.url);
    const early = connect(Number(port), '127.0.0.1');
    const gone = new Promise((resolve) => early.once('close', resolve));
    await (await fetch(`${server.url}/health`)).text();
    const stream = await fetch(`${server.url}/v1/stream`);
    await server.close();
    await gone;
    expect(await stream.text()).toMatch(/: the server is closing\n\n$/);
  });

  test('cuts off what never ends', async () => {
    let asked = (): void => undefined;
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const never = {
      ...memoryRepositories(1),
      quote: () => (asked(), new Promise<never>(() => undefined)),
    };
    const server = await startServer({ api: createApi(testDeps({ repositories: never })), port: 0, drainMs: 1 });
    const reply = fetch(`${server.url}/v1/symbols/ETHUSDT/quote`).then(
      () => 'answered',
      () => 'cut',
    );
    await reached;
    await server.close();
    expect(await reply).toBe('cut');
  });

  test('refuses a malformed Host header as data, with the headers of every reply', async () => {
    const server = await startServer({ api: createApi(testDeps()), port: 0 });
    const reply = await new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }>(
      (resolve, reject) => {
        request(`${server.url}/health`, { headers: { host: 'a b/c' } }, (message) => {
          let body = '';
          message.setEncoding('utf8').on('data', (part: string) => (body += part));
          message.on('end', () => resolve({ status: message.statusCode!, headers: message.headers, body }));
        })
          .on('error', reject)
          .end();
      },
    );
    expect(reply.status).toBe(400);
    expect(reply.headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' });
    expect(JSON.parse(reply.body)).toMatchObject({ error: { code: 'bad-request' } });
    await server.close();
  });
});
