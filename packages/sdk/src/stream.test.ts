import { describe, expect, test } from 'vitest';
import { createTapekitClient, type StreamOptions, type StreamRetry } from './client.ts';
import { streamAfterHeader, type StreamEvent } from './contract.ts';
import { isSdkError } from './errors.ts';
import { sampleBar, sampleProgress } from '@tapekit/tooling/sample-documents';

type Reply = () => Response | Promise<Response>;

const progressAt = (id: number) => `id: ${id}\nevent: progress\ndata: ${JSON.stringify(sampleProgress)}\n\n`;
const headers = { 'content-type': 'text/event-stream' };
/** A connection that delivers the pieces and ends. */
const stream = (...pieces: string[]) => new Response(new Blob(pieces).stream(), { headers });
/** A connection that starts after an id. */
const after = (id: number, ...pieces: string[]) =>
  new Response(new Blob(pieces).stream(), { headers: { ...headers, [streamAfterHeader]: String(id) } });
/** A connection on which nothing ever comes. */
const silence = () => new Response(new ReadableStream(), { headers });
const refuse = (status: number, extra = {}) =>
  Response.json({ error: { code: 'busy', message: 'Come back.' } }, { status, headers: extra });

/** Follows a stream whose connections are the replies, one after the other; the last ends it. */
async function follow(replies: readonly Reply[], options: StreamOptions = {}, validate = true) {
  const end = new AbortController();
  const events: StreamEvent[] = [];
  const gaps: unknown[] = [];
  const retries: StreamRetry[] = [];
  const resumedAfter: unknown[] = [];
  const pauses: number[] = [];
  let opens = 0;
  const client = createTapekitClient({
    baseUrl: '',
    validate,
    fetch: async (_url, init) => {
      resumedAfter.push((init.headers as Record<string, string>)['last-event-id']);
      const reply = replies[resumedAfter.length - 1];
      if (reply) return reply();
      end.abort();
      return stream();
    },
    clock: {
      // Only pauses before a reconnect run, and at once; time limits stand still.
      setTimeout(run, ms) {
        if (ms === 10_000 || ms === (options.silenceMs ?? 45_000)) return 0;
        pauses.push(ms);
        queueMicrotask(run);
        return 0;
      },
      clearTimeout: () => undefined,
      random: () => 1,
    },
  });
  let error: unknown;
  try {
    for await (const event of client.stream({
      signal: end.signal,
      onGap: (gap) => gaps.push(gap),
      onOpen: () => (opens += 1),
      onRetry: (retry) => retries.push(retry),
      ...options,
    })) {
      events.push(event);
    }
  } catch (caught) {
    error = caught;
  }
  return { events, ids: events.map(({ id }) => id), gaps, retries, resumedAfter, pauses, opens, error };
}

function caught(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('the live stream', () => {
  test('reads events however they are cut into pieces', async () => {
    const bar = `id: 8\r\nevent: bar\r\ndata: ${JSON.stringify(sampleBar())}\r\n\r\n`;
    const { events } = await follow([
      () =>
        stream('\uFEFF: hello\n\nid: 7\nev', 'ent: progress\ndata: ', JSON.stringify(sampleProgress), '\n', '\n', bar),
    ]);
    expect(events).toEqual([
      { id: 7, event: 'progress', data: sampleProgress },
      { id: 8, event: 'bar', data: sampleBar() },
    ]);
  });

  test('keeps a letter whole whose bytes come apart', async () => {
    const bytes = new TextEncoder().encode(
      `id: 1\nevent: progress\ndata: ${JSON.stringify({ ...sampleProgress, message: 'naïve €' })}\n\n`,
    );
    const oneByOne = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    const { events } = await follow([() => new Response(oneByOne, { headers })]);
    expect(events).toMatchObject([{ data: { message: 'naïve €' } }]);
  });

  test('resumes after the last event, over connections that end, break and are refused', async () => {
    const { ids, resumedAfter, gaps, opens } = await follow([
      () => stream(progressAt(1), progressAt(2)),
      () => Promise.reject(new TypeError('fetch failed')),
      () => refuse(503),
      () => stream(progressAt(3)),
    ]);
    expect(ids).toEqual([1, 2, 3]);
    expect(resumedAfter).toEqual([undefined, '2', '2', '2', '3']);
    expect(gaps).toEqual([]);
    expect(opens).toBe(3);
  });

  test('starts after the id that the caller knows', async () => {
    const { resumedAfter, gaps } = await follow([() => stream(progressAt(42))], { lastEventId: 41 });
    expect(resumedAfter).toEqual(['41', '42']);
    expect(gaps).toEqual([]);
  });

  test('takes an event twice for a gap, and a jump too, and says what is missing', async () => {
    const { ids, gaps } = await follow([() => stream(progressAt(1), progressAt(4)), () => stream(progressAt(2))]);
    expect(ids).toEqual([1, 4, 2]);
    expect(gaps).toEqual([
      { lastId: 1, afterId: 3 },
      { lastId: 4, afterId: 1 },
    ]);
  });

  test('believes the server where a reply starts, before any event', async () => {
    const { gaps, resumedAfter, ids } = await follow([() => after(5), () => after(5), () => after(9, progressAt(10))]);
    expect(resumedAfter).toEqual([undefined, '5', '5', '10']);
    expect(gaps).toEqual([{ lastId: 5, afterId: 9 }]);
    expect(ids).toEqual([10]);
  });

  test('takes the starting id from the greeting where the header does not come through', async () => {
    const { resumedAfter } = await follow([() => stream('retry: 2000\nid: 5\n: hello\n\n')]);
    expect(resumedAfter).toEqual([undefined, '5']);
  });

  test('passes over events that this version does not know, and counts them', async () => {
    const { ids, gaps } = await follow([
      () => stream(progressAt(1), 'id: 2\nevent: weather\ndata: rain\n\n', progressAt(3)),
    ]);
    expect(ids).toEqual([1, 3]);
    expect(gaps).toEqual([]);
  });
});

describe('the pauses between connections', () => {
  test('double from one second to thirty, and begin anew after an event', async () => {
    const fail = () => Promise.reject(new TypeError('fetch failed'));
    const { pauses, retries } = await follow([
      fail,
      fail,
      fail,
      fail,
      fail,
      fail,
      fail,
      () => stream(progressAt(1)),
      fail,
    ]);
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 1_000, 2_000]);
    expect(retries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 1, 2]);
    expect(isSdkError(retries[0]!.error, 'network')).toBe(true);
    expect(retries[7]!.error).toBeUndefined();
  });

  test('start from what the server names, and wait as long as it asks', async () => {
    const { pauses } = await follow([
      () => stream('retry: 3000\n\n', progressAt(1)),
      () => refuse(429, { 'retry-after': '60' }),
      () => refuse(503, { 'retry-after': '999999' }),
    ]);
    expect(pauses).toEqual([3_000, 60_000, 300_000]);
  });

  test('are never left out: a server that names none is asked again after 100 ms', async () => {
    const { pauses } = await follow([() => stream('retry: 0\n\n'), () => stream('retry: 0\n\n', progressAt(1))]);
    expect(pauses).toEqual([100, 100]);
    const short = await follow([() => stream('retry: 0\n\n', progressAt(1))], { minDelayMs: 10, maxDelayMs: 25 });
    expect(short.pauses).toEqual([25]);
  });

  test.each([
    [
      { silenceMs: 0 },
      'Option "silenceMs" is "0"; expected 1 to 2147483647 milliseconds. Leave it out for the default.',
    ],
    [
      { minDelayMs: 0 },
      'Option "minDelayMs" is "0"; expected 1 to 2147483647 milliseconds. Leave it out for the default.',
    ],
    [
      { maxDelayMs: NaN },
      'Option "maxDelayMs" is "NaN"; expected 1000 to 2147483647 milliseconds. Leave it out for the default.',
    ],
    [
      { minDelayMs: 50, maxDelayMs: 49 },
      'Option "maxDelayMs" is "49"; expected 50 to 2147483647 milliseconds. Leave it out for the default.',
    ],
    [
      { silenceMs: Infinity },
      'Option "silenceMs" is "Infinity"; expected 1 to 2147483647 milliseconds. Leave it out for the default.',
    ],
  ])('refuse %o', (options, message) => {
    const client = createTapekitClient({ baseUrl: '', fetch: async () => stream() });
    const error = caught(() => client.stream(options));
    expect(isSdkError(error, 'bad-option')).toBe(true);
    expect((error as Error).message).toBe(message);
  });

  test('keep to the limits that the caller sets', async () => {
    const fail = () => Promise.reject(new TypeError('fetch failed'));
    const { pauses } = await follow([fail, fail, fail], { minDelayMs: 10, maxDelayMs: 25 });
    expect(pauses).toEqual([10, 20, 25]);
  });
});

describe('the end of the live stream', () => {
  test.each([
    ['refused for good', () => refuse(404), 'streamEvents: Come back. (404)'],
    [
      'no event stream',
      () => new Response('<html>', { headers: { 'content-type': 'text/html' } }),
      'streamEvents: the reply is text/html; expected text/event-stream. "baseUrl" may not lead to the API.',
    ],
    ['no JSON', () => stream('id: 3\nevent: bar\ndata: {\n\n'), 'streamEvents: event 3 "bar" is not JSON.'],
    ['without an id', () => stream('event: bar\ndata: {}\n\n'), 'streamEvents: an event "bar" has no numeric id.'],
    [
      'off its schema',
      () => stream(`id: 3\nevent: progress\ndata: ${JSON.stringify({ ...sampleProgress, done: -1 })}\n\n`),
      'streamEvents: event 3 "progress": done is -1; expected at least 0.',
    ],
  ])('is an error where trying again is no use: %s', async (_name, reply, message) => {
    const { error, resumedAfter } = await follow([reply, () => stream(progressAt(1))]);
    expect((error as Error).message).toBe(message);
    expect(resumedAfter).toHaveLength(1);
  });

  test('may come from the caller: before it starts, while it waits, and between two events', async () => {
    const aborted = AbortSignal.abort();
    expect(await follow([() => stream(progressAt(1))], { signal: aborted })).toMatchObject({
      ids: [],
      resumedAfter: [],
    });

    const end = new AbortController();
    const client = createTapekitClient({ baseUrl: '', fetch: async () => silence() });
    const waiting = client.stream({ signal: end.signal, onOpen: () => queueMicrotask(() => end.abort()) }).next();
    expect(await waiting).toEqual({ done: true, value: undefined });

    const between = new AbortController();
    const seen: number[] = [];
    const two = createTapekitClient({ baseUrl: '', fetch: async () => stream(progressAt(1), progressAt(2)) });
    for await (const { id } of two.stream({ signal: between.signal })) {
      seen.push(id);
      between.abort();
    }
    expect(seen).toEqual([1]);
  });

  test('closes the connection, also when the caller leaves its loop', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(progressAt(1))),
      cancel: () => {
        cancelled = true;
      },
    });
    const client = createTapekitClient({ baseUrl: '', fetch: async () => new Response(body, { headers }) });
    for await (const { id } of client.stream()) {
      expect(id).toBe(1);
      break;
    }
    expect(cancelled).toBe(true);
  });

  test('a connection without a sign of life is given up and made again', async () => {
    const retries: StreamRetry[] = [];
    const end = new AbortController();
    let connections = 0;
    const client = createTapekitClient({
      baseUrl: '',
      fetch: async () => (++connections === 1 ? silence() : stream(progressAt(1))),
      clock: {
        // On the first connection every wait is over at once, but for the limit of the request itself.
        setTimeout(run, ms) {
          if (ms !== 10_000 && connections === 1) queueMicrotask(run);
          return ms;
        },
        clearTimeout: () => undefined,
        random: () => 0,
      },
    });
    const first = await client.stream({ signal: end.signal, onRetry: (retry) => retries.push(retry) }).next();
    expect(retries).toMatchObject([
      { delayMs: 500, error: { code: 'timeout', message: 'streamEvents: no event or heartbeat within 45000 ms.' } },
    ]);
    expect(connections).toBe(2);
    expect(first.done).toBe(false);
  });
});
