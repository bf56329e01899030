import { connect } from 'node:net';
import {
  createTapekitClient,
  isTapekitApiError,
  streamAfterHeader,
  streamPath,
  type ClientClock,
  type StreamGap,
  type StreamRetry,
} from '@tapekit/sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { createApi } from './create-api.ts';
import { createEventHub } from './event-hub.ts';
import type { ApiDeps } from './ports.ts';
import { startServer, type RunningServer } from './server.ts';
import { sampleBar as bar, sampleProgress as progress } from '@tapekit/tooling/sample-documents';
import { handTimers, onKeptPort, testDeps } from './test-support.ts';

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

async function serve(given: Partial<ApiDeps> = {}, port = 0) {
  const timers = handTimers();
  const deps = testDeps({ every: timers.every, ...given });
  const server = await startServer({ api: createApi(deps), port });
  running.push(server);
  return { ...deps, server, url: server.url, timers };
}

/** Time stands still; the pause before a reconnect ends when the test says so. */
function handClock(): ClientClock & { endPause(): void } {
  const timers = new Map<number, { readonly ms: number; readonly run: () => void }>();
  let last = 0;
  return {
    setTimeout: (run, ms) => (timers.set(++last, { ms, run }), last),
    clearTimeout: (id) => void timers.delete(id as number),
    random: () => 0.5,
    endPause() {
      const [id, timer] = [...timers].at(-1)!;
      timers.delete(id);
      timer.run();
    },
  };
}

/** A client whose connection the test can cut, and what it noticed. */
function follow(url: string) {
  const clock = handClock();
  const gaps: StreamGap[] = [];
  const retries: StreamRetry[] = [];
  const sent: (string | undefined)[] = [];
  const end = new AbortController();
  let cable = new AbortController();
  let pause: (() => void) | undefined;
  const client = createTapekitClient({
    baseUrl: url,
    clock,
    fetch: (address, init) => {
      cable = new AbortController();
      sent.push((init.headers as Record<string, string>)['last-event-id']);
      return fetch(address, { ...init, signal: AbortSignal.any([init.signal!, cable.signal]) });
    },
  });
  let opened: (() => void) | undefined;
  const stream = client.stream({
    signal: end.signal,
    onGap: (gap) => gaps.push(gap),
    onOpen: () => opened?.(),
    onRetry: (retry) => {
      retries.push(retry);
      pause?.();
    },
  });
  const untilOpen = () => new Promise<void>((resolve) => (opened = resolve));
  const next = async () => (await stream.next()).value;
  return {
    clock,
    gaps,
    retries,
    sent,
    stream,
    untilOpen,
    next,
    /** Asks for the next event and returns once the connection stands, which may be long before the event. */
    async ask() {
      const opening = untilOpen();
      const event = next();
      await opening;
      return { event };
    },
    /** Resolves when the client has noticed that its connection is gone. */
    untilPause: () => new Promise<void>((resolve) => (pause = resolve)),
    cut: () => cable.abort(),
    end: () => end.abort(),
  };
}

describe('the live stream', () => {
  test('brings each event with its id and its checked data', async () => {
    const { url, events } = await serve();
    const reader = follow(url);
    const { event: first } = await reader.ask();
    events.publish('bar', bar(3));
    events.publish('progress', progress);
    expect([await first, await reader.next()]).toEqual([
      { id: 1, event: 'bar', data: bar(3) },
      { id: 2, event: 'progress', data: progress },
    ]);
    reader.end();
    expect(await reader.stream.next()).toEqual({ done: true, value: undefined });
  });

  test('goes on where it was cut, with nothing lost and nothing twice', async () => {
    const { url, events } = await serve();
    const reader = follow(url);
    const { event: first } = await reader.ask();
    events.publish('progress', { ...progress, done: 1 });
    expect((await first)?.id).toBe(1);

    const [second, paused] = [reader.next(), reader.untilPause()];
    reader.cut();
    await paused;
    events.publish('progress', { ...progress, done: 2 });
    events.publish('progress', { ...progress, done: 3 });
    reader.clock.endPause();

    expect([await second, await reader.next()].map((event) => event?.id)).toEqual([2, 3]);
    expect(reader.sent).toEqual([undefined, '1']);
    expect(reader.gaps).toEqual([]);
    // The server's "retry: 2000", half of it fixed and half random: 1000 + 0.5 × 1000.
    expect(reader.retries).toMatchObject([{ attempt: 1, delayMs: 1500, error: { code: 'network' } }]);
    reader.end();
  });

  test('knows where it stood before any event came', async () => {
    const { url, events } = await serve();
    events.publish('progress', progress);
    const reader = follow(url);
    const { event: first } = await reader.ask();
    const paused = reader.untilPause();
    reader.cut();
    await paused;
    events.publish('progress', progress);
    reader.clock.endPause();
    expect((await first)?.id).toBe(2);
    expect(reader.sent).toEqual([undefined, '1']);
    reader.end();
  });

  test('says what was lost while it was away for longer than the ring reaches back', async () => {
    const { url, events } = await serve({ events: createEventHub({ capacity: 2, firstId: 1 }) });
    const reader = follow(url);
    const { event: first } = await reader.ask();
    events.publish('progress', progress);
    await first;
    const [second, paused] = [reader.next(), reader.untilPause()];
    reader.cut();
    await paused;
    for (let id = 2; id <= 5; id += 1) events.publish('progress', progress);
    reader.clock.endPause();
    expect((await second)?.id).toBe(4);
    expect(reader.gaps).toEqual([{ lastId: 1, afterId: 3 }]);
    reader.end();
  });

  test('ends cleanly when the server closes, and finds the gap when another takes its place', async () => {
    const old = await onKeptPort((port) => serve({}, port));
    const reader = follow(old.url);
    const { event: first } = await reader.ask();
    old.events.publish('progress', progress);
    await first;
    const [second, paused] = [reader.next(), reader.untilPause()];
    await old.server.close();
    await paused;
    expect(reader.retries).toMatchObject([{ attempt: 1, error: undefined }]);
    expect(old.events.subscribers()).toBe(0);

    const { events } = await serve({ events: createEventHub({ firstId: 1_000 }) }, Number(new URL(old.url).port));
    const open = reader.untilOpen();
    reader.clock.endPause();
    await open;
    events.publish('progress', progress);
    expect((await second)?.id).toBe(1_000);
    expect(reader.gaps).toEqual([{ lastId: 1, afterId: 999 }]);
    reader.end();
  });

  test('has a greeting that browsers understand, and a heartbeat every 15 seconds', async () => {
    const { url, events, timers } = await serve();
    events.publish('progress', progress);
    const abort = new AbortController();
    const reply = await fetch(url + streamPath, { signal: abort.signal, headers: { 'last-event-id': '0' } });
    expect(reply.headers.get(streamAfterHeader)).toBe('0');
    expect(reply.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(reply.headers.get('cache-control')).toBe('no-store, no-transform');
    expect(reply.headers.get('content-encoding')).toBeNull();

    const body = reply.body!.pipeThrough(new TextDecoderStream()).getReader();
    const until = async (text: string) => {
      let seen = '';
      while (!seen.includes(text)) seen += (await body.read()).value ?? '';
      return seen;
    };
    expect(await until('}\n\n')).toBe(
      `retry: 2000\nid: 0\n: live events after 0\n\nid: 1\nevent: progress\ndata: ${JSON.stringify(progress)}\n\n`,
    );
    timers.tick(15_000);
    expect(await until('\n\n')).toBe(': heartbeat\n\n');
    abort.abort();
  });

  test('leaves nothing behind when readers come and go', async () => {
    const { url, events, timers } = await serve();
    for (let round = 0; round < 25; round += 1) {
      const abort = new AbortController();
      await fetch(url + streamPath, { signal: abort.signal });
      expect([events.subscribers(), timers.running()]).toEqual([1, 1]);
      abort.abort();
      while (events.subscribers() > 0) await new Promise(setImmediate);
      expect(timers.running()).toBe(0);
    }
  });

  test('refuses an id that is none, and more readers than it has room for', async () => {
    const { url, events } = await serve({ maxStreams: 1 });
    const bad = await fetch(url + streamPath, { headers: { 'last-event-id': 'abc' } });
    expect([bad.status, await bad.json()]).toMatchObject([
      400,
      { error: { message: 'Header "Last-Event-ID" is "abc"; expected the id of an event, a number.' } },
    ]);

    const abort = new AbortController();
    await fetch(url + streamPath, { signal: abort.signal });
    const full = await fetch(url + streamPath);
    expect([full.status, full.headers.get('retry-after'), await full.json()]).toMatchObject([
      503,
      '5',
      { error: { code: 'too-many-streams' } },
    ]);
    abort.abort();
    while (events.subscribers() > 0) await new Promise(setImmediate);
    const again = await fetch(url + streamPath);
    expect(again.status).toBe(200);
    await again.body!.cancel();
  });

  test('a client that finds no room waits as long as it is asked to', async () => {
    const { url } = await serve({ maxStreams: 0 });
    const reader = follow(url);
    const [next, paused] = [reader.stream.next(), reader.untilPause()];
    await paused;
    const [retry] = reader.retries;
    expect(retry?.delayMs).toBe(5_000);
    expect(isTapekitApiError(retry?.error, 'too-many-streams')).toBe(true);
    reader.end();
    expect((await next).done).toBe(true);
  });
});

describe('a reader that is too slow', () => {
  test('is told so and ended when it still reads, and comes back', async () => {
    const { url, events } = await serve({ events: createEventHub({ capacity: 2, firstId: 1 }) });
    const reply = await fetch(url + streamPath);
    for (let id = 1; id <= 4; id += 1) events.publish('progress', progress);
    expect(events.subscribers()).toBe(0);
    expect(await reply.text()).toMatch(/: gap: this reader is too slow\n\n$/);
  });

  test('is cut off when it does not read at all, and gives its place back', async () => {
    const { url, events, timers } = await serve({ maxStreams: 1 });
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write(`GET ${streamPath} HTTP/1.1\r\nHost: ${hostname}\r\n\r\n`);
    await new Promise((resolve) => socket.once('readable', resolve));

    // More than the system's socket buffers hold, so that the server has to wait for this reader.
    const message = 'x'.repeat(1_000_000);
    while (events.subscribers() > 0) {
      events.publish('progress', { ...progress, message });
      await new Promise(setImmediate);
    }
    timers.tick(5_000);
    socket.resume();
    await closed;
    while (timers.running() > 0) await new Promise(setImmediate);
    const next = await fetch(url + streamPath);
    expect(next.status).toBe(200);
    await next.body!.cancel();
  });
});
