import { describe, expect, test } from 'vitest';
import { createManualClock } from './internal/live/manual-clock.ts';
import { brief, settled, toyConnect, toyFeed, type ToySocket } from './internal/live/toy-feed.fixture.ts';
import { createLiveSource, type LiveSource, type LiveSourceOptions } from './live-source.ts';
import type { SourceItem } from './market-source.ts';
import type { VenueFeed } from './venue-feed.ts';

/** A source over toy sockets, read one item at a time. */
function start(options: LiveSourceOptions & { feed?: Partial<VenueFeed>; pause?: boolean } = {}): {
  source: LiveSource;
  /** All items so far. */
  items: SourceItem[];
  sockets: ToySocket[];
  clock: ReturnType<typeof createManualClock>;
  /** The next items, in a few words. */
  take: (count: number) => Promise<string[]>;
  /** All that is there now, without waiting for more. */
  all: () => Promise<string[]>;
  leave: () => Promise<void>;
} {
  const { feed, pause = true, ...rest } = options;
  const { connect, sockets } = toyConnect({ pause });
  const clock = createManualClock();
  const source = createLiveSource(toyFeed(feed), { connect, clock, random: () => 0.5, ...rest });
  const iterator = source[Symbol.asyncIterator]();
  const items: SourceItem[] = [];
  let pending: Promise<IteratorResult<SourceItem>> | undefined;
  const next = async (): Promise<string> => {
    const asked = pending ?? iterator.next();
    pending = undefined;
    const result = await asked;
    if (result.done) return 'end';
    items.push(result.value);
    return brief(result.value);
  };
  return {
    source,
    items,
    sockets,
    clock,
    async take(count) {
      const texts: string[] = [];
      while (texts.length < count) texts.push(await next());
      return texts;
    },
    async all() {
      const texts: string[] = [];
      for (;;) {
        pending ??= iterator.next();
        const ready = await Promise.race([pending.then(done, done), settled().then(() => false)]);
        if (!ready) return texts;
        texts.push(await next());
        if (texts.at(-1) === 'end') return texts;
      }
    },
    async leave() {
      await iterator.return?.();
    },
  };
}

const done = (): boolean => true;

describe('a connection', () => {
  test('opens, asks for what the feed wants, and hands on frames in order, byte for byte', async () => {
    const { all, sockets, source } = start();
    await all();
    sockets[0]!.open('{ "trades" : [1, 2] }', { trades: [3] });
    expect(await all()).toEqual(['connected 1', 'trade 1, trade 2', 'trade 3']);
    expect(sockets[0]!.sent).toEqual(['subscribe']);
    expect(source.stats()).toMatchObject({
      lines: 2,
      records: 2,
      quarantined: 0,
      frames: 2,
      connected: true,
      symbols: { TAPE: 3 },
    });
  });

  test('sends the answers that the decoder asks for, and the pings of the feed', async () => {
    const { all, sockets, clock } = start({ feed: { ping: { everyMs: 4_000, frame: () => 'ping' } } });
    await all();
    sockets[0]!.open({ control: { kind: 'reply', frame: 'pong 1' } });
    clock.advance(8_000);
    expect(sockets[0]!.sent).toEqual(['subscribe', 'pong 1', 'ping', 'ping']);
  });

  test('on which nothing comes is ended by the watchdog, and the next one waits its turn', async () => {
    const { all, sockets, clock } = start();
    await all();
    sockets[0]!.open();
    clock.advance(6_000);
    sockets[0]!.push({ trades: [1] });
    clock.advance(9_999);
    expect(sockets[0]!.calls).not.toContain('terminate');
    clock.advance(1);
    expect(await all()).toEqual([
      'connected 1',
      'trade 1',
      'disconnected silence: nothing came for 10000 ms; the feed allows 10000',
      'reconnecting 1 in 500',
    ]);
    expect(sockets).toHaveLength(1);
    clock.advance(500);
    await all();
    expect(sockets).toHaveLength(2);
  });

  test('is kept by pongs of the protocol, unless the feed has a ping of its own', async () => {
    for (const [feed, alive] of [
      [{}, true],
      [{ ping: { everyMs: 1e9, frame: () => 'ping' } }, false],
    ] as const) {
      const { all, sockets, clock } = start({ feed });
      await all();
      sockets[0]!.open();
      clock.advance(9_000);
      sockets[0]!.listener.sign();
      clock.advance(9_000);
      expect(sockets[0]!.calls.includes('terminate')).toBe(!alive);
    }
  });

  test('on which nothing comes is ended in time also when the clock is set back by an hour', async () => {
    const { all, sockets, clock } = start();
    await all();
    sockets[0]!.open({ trades: [1] });
    clock.advance(4_000);
    clock.set(-3_600_000);
    clock.advance(16_000);
    expect((await all())[2]).toContain('disconnected silence');
  });

  test('that does not open in time is given up', async () => {
    const { all, sockets, clock } = start();
    await all();
    clock.advance(20_000);
    expect(await all()).toEqual(['disconnected failed: no connection within 20000 ms', 'reconnecting 1 in 500']);
    expect(sockets[0]!.calls).toEqual(['terminate']);
  });
});

describe('waits between connections', () => {
  test('double before the draw, and start anew after a stable connection', async () => {
    const { all, sockets, clock } = start({ feed: { silenceMs: 1e9 } });
    const waits: string[] = [];
    for (let i = 0; i < 4; i += 1) {
      await all();
      sockets[i]!.listener.closed({ detail: 'refused' });
      waits.push((await all()).at(-1)!);
      clock.advance(4_000);
    }
    await all();
    sockets[4]!.open();
    clock.advance(30_000);
    sockets[4]!.listener.closed({ detail: 'gone' });
    waits.push((await all()).at(-1)!);
    expect(waits).toEqual(
      [500, 1_000, 2_000, 4_000, 500].map((ms, i) => `reconnecting ${i === 4 ? 1 : i + 1} in ${ms}`),
    );
  });

  test('are at least what the venue asks for', async () => {
    const { all, sockets } = start();
    await all();
    sockets[0]!.listener.closed({ detail: '429', retryAfterMs: 7_000 });
    expect((await all()).at(-1)).toBe('reconnecting 1 in 7000');
  });

  test('are not as long as a venue likes: beyond maxRetryAfterMs the source ends and says how long', async () => {
    const { all, take, sockets } = start();
    await all();
    sockets[0]!.listener.closed({ detail: '503', retryAfterMs: 2_600_000_000 });
    expect(await take(1)).toEqual(['disconnected failed: 503']);
    await expect(take(1)).rejects.toMatchObject({ code: 'rate-limited', retryAfterMs: 2_600_000_000 });
    expect(sockets).toHaveLength(1);
  });

  test('of 30 days are waited for where maxRetryAfterMs allows them, with timers that the platform has', async () => {
    const { all, sockets, clock } = start({ maxRetryAfterMs: Infinity });
    await all();
    sockets[0]!.listener.closed({ detail: '503', retryAfterMs: 2_592_000_000 });
    await all();
    clock.advance(2_591_999_999);
    await all();
    expect(sockets).toHaveLength(1);
    clock.advance(1);
    await all();
    expect(sockets).toHaveLength(2);
  });

  test('come after an address that never comes', async () => {
    const signals: (AbortSignal | undefined)[] = [];
    const { all, take, clock } = start({
      maxAttempts: 1,
      openTimeoutMs: 300,
      feed: {
        url(signal) {
          signals.push(signal);
          return new Promise<string>(() => {});
        },
      },
    });
    await all();
    clock.advance(300);
    const detail = 'no address: url() gave none within 300 ms (openTimeoutMs)';
    expect(await all()).toEqual([`disconnected failed: ${detail}`, 'reconnecting 1 in 500']);
    expect(signals[0]!.aborted).toBe(true);
    clock.advance(500);
    await all();
    clock.advance(300);
    expect(await take(1)).toEqual([`disconnected failed: ${detail}`]);
    await expect(take(1)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('end with maxAttempts', async () => {
    const { all, take, sockets, clock } = start({ maxAttempts: 2 });
    for (let i = 0; i < 2; i += 1) {
      await all();
      sockets[i]!.listener.closed({ detail: 'ECONNREFUSED' });
      await all();
      clock.advance(60_000);
    }
    await all();
    sockets[2]!.listener.closed({ detail: 'ECONNREFUSED' });
    expect(await take(1)).toEqual(['disconnected failed: ECONNREFUSED']);
    await expect(take(1)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('come after an address that cannot be had, too', async () => {
    let asked = 0;
    const { all, sockets, clock } = start({
      feed: { url: () => ((asked += 1) === 1 ? Promise.reject(new Error('no token')) : 'ws://toy.test/?token=2') },
    });
    expect(await all()).toEqual(['disconnected failed: no address: no token', 'reconnecting 1 in 500']);
    clock.advance(500);
    await all();
    expect(sockets.map(({ target }) => target.url)).toEqual(['ws://toy.test/?token=2']);
  });
});

describe('gaps', () => {
  test('stand before the first record of their channel, and say how much is missing where ids rise by one', async () => {
    const { all, sockets, clock } = start({ feed: { tradeIdsRiseByOne: true } });
    await all();
    sockets[0]!.open({ trades: [1, 2] });
    sockets[0]!.listener.closed({ detail: 'gone' });
    await all();
    clock.advance(1_000);
    await all();
    sockets[1]!.open({ control: { kind: 'heartbeat' } }, { trades: [6, 7] }, { trades: [8] });
    expect(await all()).toEqual([
      'connected 2',
      'record',
      'gap reconnect 2..6 missing 3',
      'trade 6, trade 7',
      'trade 8',
    ]);
  });

  test('are none in number when the venue repeats the last trades, and unknown where ids say nothing', async () => {
    for (const [rises, missing] of [
      [true, 0],
      [false, '?'],
    ] as const) {
      const { all, sockets, clock, source } = start({ feed: { tradeIdsRiseByOne: rises } });
      await all();
      sockets[0]!.open({ trades: [1, 2] });
      sockets[0]!.listener.closed({ detail: 'gone' });
      await all();
      clock.advance(1_000);
      await all();
      sockets[1]!.open({ trades: [2] });
      expect((await all())[1]).toBe(`gap reconnect 2..2 missing ${missing}`);
      expect(source.stats().gaps).toEqual({ reconnect: 1, resume: 0, sequence: 0 });
    }
  });

  test('between two processes are known from the resume token, which counts only what was dealt with', async () => {
    const first = start();
    await first.all();
    first.sockets[0]!.open({ trades: [1] }, { trades: [2] });
    // The consumer holds trade 2 in its hands and dies.
    await first.take(3);
    const token = JSON.parse(JSON.stringify(first.source.resumeToken())) as never;
    await first.leave();
    expect(token).toEqual({
      v: 1,
      feed: 'toy',
      channels: [{ symbol: 'TAPE', channel: 'trade', id: '1', timeMs: expect.any(Number) as number }],
    });
    const second = start({ resume: token, feed: { tradeIdsRiseByOne: true } });
    await second.all();
    second.sockets[0]!.open({ trades: [5] });
    expect(await second.all()).toEqual(['connected 1', 'gap resume 1..5 missing 3', 'trade 5']);
  });

  test('are told without their end when the channel stays silent, and with it when it goes on', async () => {
    const { all, items, sockets, clock, source } = start({ feed: { silenceMs: 1e9 } });
    await all();
    sockets[0]!.open({ trades: [1] });
    sockets[0]!.listener.closed({ detail: 'gone' });
    await all();
    clock.advance(1_000);
    await all();
    sockets[1]!.open({ control: { kind: 'heartbeat' } });
    clock.advance(9_999);
    expect(await all()).toEqual(['connected 2', 'record']);
    clock.advance(1);
    expect(await all()).toEqual(['gap reconnect 1..? missing ?']);
    expect(items.at(-1)).toMatchObject({ gap: { channel: 'trade', symbol: 'TAPE', before: {}, open: true } });
    clock.advance(60_000);
    expect(await all()).toEqual([]);
    sockets[1]!.push({ trades: [9] });
    expect(await all()).toEqual(['gap reconnect 1..9 missing ?', 'trade 9']);
    expect(source.stats().gaps).toEqual({ reconnect: 2, resume: 0, sequence: 0 });
  });

  test('are told before the end of a connection that brought nothing, once for all of them', async () => {
    const { all, sockets, clock } = start();
    await all();
    sockets[0]!.open({ trades: [1] });
    sockets[0]!.listener.closed({ detail: 'gone' });
    for (const expected of [['gap reconnect 1..? missing ?', 'disconnected failed: no'], ['disconnected failed: no']]) {
      await all();
      clock.advance(4_000);
      await all();
      sockets.at(-1)!.listener.closed({ detail: 'no' });
      expect((await all()).slice(0, -1)).toEqual(expected);
    }
  });

  test('from a resume token are told before the end of a source that never came to a connection', async () => {
    const resume = { v: 1, feed: 'toy', channels: [{ symbol: 'TAPE', channel: 'book', id: '7', timeMs: 1 }] } as const;
    const { all, sockets } = start({ resume });
    await all();
    sockets[0]!.listener.closed({ detail: 'no' });
    expect((await all())[0]).toBe('gap resume 7..? missing ?');
  });

  test.each([
    [null, 'resume is "null"'],
    [{ v: 1, feed: 'toy' }, 'resume has the channels "undefined"'],
    [{ v: 1, feed: 'toy', channels: 'x' }, 'resume has the channels "x"'],
    [{ v: 1, feed: 'toy', channels: [null] }, 'resume has a channel 0'],
    [{ v: 1, feed: 'toy', channels: [{ symbol: 5, channel: 'trade' }] }, 'resume has a channel 0'],
  ])('cannot be known from the token %o', (resume, message) => {
    expect(() => start({ resume: resume as never })).toThrow(
      expect.objectContaining({ code: 'bad-option', message: expect.stringContaining(message) as string }) as Error,
    );
  });

  test('on the wire, which the decoder finds, stand before their record', async () => {
    const { all, sockets } = start();
    await all();
    const gap = { kind: 'gap', symbol: 'TAPE', channel: 'trades', afterId: '3', beforeId: '9', detail: 'lost' };
    sockets[0]!.open({ trades: [9], control: gap });
    expect(await all()).toEqual(['connected 1', 'gap sequence 3..9 missing ?', 'trade 9']);
  });

  test('are refused from a token of another feed', () => {
    expect(() => start({ resume: { v: 1, feed: 'other', channels: [] } })).toThrow(
      'resume is a token of "other", version 1',
    );
  });
});

describe('a slow consumer', () => {
  const trades = (from: number, count: number): unknown[] =>
    Array.from({ length: count }, (_, i) => ({ trades: [from + i] }));

  test('holds the network back, and gets everything', async () => {
    const { all, take, sockets, source } = start({ maxQueuedItems: 10 });
    await all();
    sockets[0]!.open(...trades(1, 12));
    expect(sockets[0]!.calls).toEqual(['pause']);
    await take(7);
    expect(sockets[0]!.calls).toEqual(['pause']);
    await take(3);
    expect(sockets[0]!.calls).toEqual(['pause', 'resume']);
    expect(await all()).toEqual(['trade 10', 'trade 11', 'trade 12']);
    expect(source.stats()).toMatchObject({ pauses: 1, unread: 0, records: 12 });
  });

  test('is no silence of the venue', async () => {
    const { all, sockets, clock } = start({ maxQueuedItems: 2 });
    await all();
    sockets[0]!.open(...trades(1, 5));
    clock.advance(100_000);
    expect(sockets[0]!.calls.filter((call) => call !== 'ping')).toEqual(['pause']);
  });

  test('ends the connection where the network cannot be held back; all that came is delivered, the rest is a gap', async () => {
    const { all, sockets, clock, source } = start({
      pause: false,
      maxQueuedBytes: 2_000,
      feed: { tradeIdsRiseByOne: true },
    });
    await all();
    sockets[0]!.open(...trades(1, 20));
    const got = (await all()).filter((item) => item.startsWith('trade'));
    const { unread, queue, frames } = source.stats();
    expect(got.length).toBeGreaterThan(3);
    expect(got.length + unread).toBe(frames);
    expect(got).toEqual(got.map((_, i) => `trade ${i + 1}`));
    expect(queue.mostBytes).toBeLessThan(2_600);
    clock.advance(1_000);
    await all();
    sockets[1]!.open({ trades: [21] });
    expect((await all())[1]).toBe(`gap reconnect ${got.length}..21 missing ${20 - got.length}`);
    expect(source.stats().disconnects).toEqual({ overflow: 1 });
  });
});

describe('what a frame says', () => {
  test('goes to quarantine when nothing of it is of use, and stays a record when something is', async () => {
    const { all, items, source, sockets } = start();
    await all();
    sockets[0]!.open({ bad: 3 }, { bad: 1, trades: [1] });
    await all();
    expect(items).toMatchObject([
      { kind: 'status' },
      {
        kind: 'quarantined',
        entry: {
          seq: 1,
          line: 1,
          file: 'toy#1',
          reason: 'bad-record',
          detail: 'record 0 is bad (and 2 more)',
          text: '{"bad":3}',
        },
      },
      { kind: 'record', record: { seq: 2, refused: [{ reason: 'bad-record', detail: 'record 0 is bad' }] } },
    ]);
    expect(source.stats()).toMatchObject({
      lines: 2,
      records: 1,
      quarantined: 1,
      refusedRecords: 2,
      reasons: { 'bad-record': 1 },
    });
  });

  test('is refused, not thrown, when the decoder has a bug', async () => {
    const { all, sockets } = start();
    await all();
    sockets[0]!.open({ throw: 1 }, { trades: [1] });
    expect(await all()).toEqual(['connected 1', 'quarantined bad-frame', 'trade 1']);
  });

  test('of no return ends the source with the venue in words', async () => {
    const { all, take, sockets } = start();
    await all();
    sockets[0]!.open({ control: { kind: 'refused', detail: 'no such symbol', fatal: true } });
    expect(await all().catch((error: unknown) => error)).toMatchObject({ code: 'feed-refused' });
    expect(sockets[0]!.calls).toEqual(['terminate']);
    expect(await take(1)).toEqual(['end']);
  });

  test('of an end to come is passed on, and a new connection takes over before it', async () => {
    const { all, sockets, clock } = start({ feed: { silenceMs: 1e9 } });
    await all();
    sockets[0]!.open({ control: { kind: 'expires', atMs: clock.now() + 60_000, detail: 'token ends' } });
    expect(await all()).toEqual(['connected 1', 'record', 'expires: token ends']);
    clock.advance(54_999);
    expect(sockets[0]!.calls).not.toContain('close');
    clock.advance(1);
    expect(await all()).toEqual(['disconnected expired: token ends', 'reconnecting 1 in 500']);
    expect(sockets[0]!.calls).toContain('close');
  });
});

describe('a book out of step', () => {
  const resync = { control: { kind: 'resync', symbol: 'TAPE', channel: 'book', detail: 'hole' } };

  test('is fetched, and tried again with waits until it is there', async () => {
    let asked = 0;
    const { all, sockets, clock, source } = start({
      feed: {
        silenceMs: 1e9,
        snapshot: async () => {
          asked += 1;
          if (asked < 3) throw new Error('503');
          return '{"trades":[99]}';
        },
      },
    });
    await all();
    sockets[0]!.open(resync, resync);
    const resynced = 'resync: hole';
    expect(await all()).toEqual(['connected 1', 'record', resynced, 'record', resynced, 'resync-failed: 503']);
    clock.advance(500);
    expect(await all()).toEqual(['resync-failed: 503']);
    clock.advance(1_000);
    expect(await all()).toEqual(['trade 99']);
    expect([asked, source.stats().fetched]).toEqual([3, 1]);
  });

  test('is fetched again when the first request is never answered', async () => {
    const signals: AbortSignal[] = [];
    const { all, sockets, clock } = start({
      feed: {
        silenceMs: 1e9,
        snapshot(_symbol, _channel, signal) {
          signals.push(signal);
          return signals.length < 3 ? new Promise<string>(() => {}) : Promise.resolve('{"trades":[99]}');
        },
      },
    });
    await all();
    sockets[0]!.open(resync);
    await all();
    clock.advance(30_000);
    expect(await all()).toEqual(['resync-failed: no snapshot within 30000 ms']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    clock.advance(500 + 30_000);
    expect(await all()).toEqual(['resync-failed: no snapshot within 30000 ms']);
    clock.advance(1_000);
    expect(await all()).toEqual(['trade 99']);
  });

  test('is subscribed to anew until its snapshot comes, with waits that grow', async () => {
    const { all, sockets, clock } = start({
      feed: {
        silenceMs: 1e9,
        resubscribe: () => ['again'],
        decoder: () => ({
          decode(frame, timeMs, sink) {
            const book = { symbol: 'TAPE', timeMs, lastUpdateId: 1, bids: [], asks: [] };
            if (frame === 'book') sink.event({ type: 'book-snapshot', ...book });
            else sink.control(resync.control as never);
          },
        }),
      },
    });
    await all();
    sockets[0]!.open('lost');
    const asked = (): number => sockets[0]!.sent.filter((frame) => frame === 'again').length;
    const seen = [asked()];
    // The first wait for an answer; then 500 and 1,000 ms and the next waits, with a chance of one half.
    for (const ms of [29_999, 1, 499, 1, 30_000, 999, 1]) {
      clock.advance(ms);
      seen.push(asked());
    }
    expect(seen).toEqual([1, 1, 1, 1, 2, 2, 2, 3]);
    sockets[0]!.push('book');
    clock.advance(1_000_000);
    expect(asked()).toBe(3);
    expect((await all()).filter((item) => item.startsWith('resync-failed'))).toHaveLength(2);
  });

  test('is subscribed to anew where it is pushed', async () => {
    const { all, sockets } = start({ feed: { resubscribe: (symbol, channel) => [`again ${symbol} ${channel}`] } });
    await all();
    sockets[0]!.open(resync);
    await all();
    expect(sockets[0]!.sent).toEqual(['subscribe', 'again TAPE book']);
  });

  test('takes a new connection where nothing else helps', async () => {
    const { all, sockets } = start();
    await all();
    sockets[0]!.open(resync);
    expect((await all()).at(-2)).toContain('disconnected closed: the book of TAPE is out of step');
    expect(sockets[0]!.calls).toEqual(['terminate']);
  });
});

describe('a secret of the feed that the venue echoes', () => {
  const token = 'TOPSECRET1234567';
  const secret = { secrets: () => [token], headers: { Authorization: 'Bearer HEADERSECRET99' } };
  const shown = `${token.slice(0, 12)} HEADERSECRET99`;

  test('shows in no status, no error, no quarantine entry and no end of a connection', async () => {
    const { all, items, source, sockets, clock } = start({
      feed: {
        ...secret,
        decoder: () => ({
          decode(_frame, _receiveMs, sink) {
            sink.reject('venue-error', `${token} bad, ${shown}`);
            const gap = { symbol: 'TAPE', channel: 'book', afterId: undefined, beforeId: undefined } as const;
            sink.control({ kind: 'gap', ...gap, detail: token });
            sink.control({ kind: 'expires', atMs: undefined, detail: token });
            sink.control({ kind: 'refused', detail: token, fatal: false });
          },
        }),
      },
    });
    await all();
    sockets[0]!.open('x');
    sockets[0]!.listener.closed({ detail: `the venue closed with code 4001 "${shown}` });
    await all();
    clock.advance(500);
    expect(items).toHaveLength(7);
    expect(JSON.stringify([items, source.stats()])).not.toMatch(/TOPS|HEADERS/);
    expect(JSON.stringify(items)).toContain('••• bad, ••• •••');
  });

  test('shows in no error of a source that ends', async () => {
    const fatal = start({ feed: secret });
    await fatal.all();
    fatal.sockets[0]!.open({ control: { kind: 'refused', detail: `token ${token} bad`, fatal: true } });
    await expect(fatal.all()).rejects.toMatchObject({
      code: 'feed-refused',
      message: expect.not.stringContaining('TOPS') as string,
    });
    const address = start({ feed: { ...secret, url: () => Promise.reject(new Error(`no ${token}`)) } });
    expect((await address.all())[0]).toBe('disconnected failed: no address: no •••');
  });
});

describe('the end', () => {
  test('by the signal throws its reason, drops what waits and closes the socket', async () => {
    const controller = new AbortController();
    const { all, take, sockets } = start({ signal: controller.signal });
    await all();
    sockets[0]!.open({ trades: [1] });
    controller.abort(new Error('enough'));
    await expect(all()).rejects.toThrow('enough');
    expect(sockets[0]!.calls).toEqual(['terminate']);
    expect(await take(1)).toEqual(['end']);
  });

  test('by the signal comes also while it waits for an address, or for the next connection', async () => {
    for (const feed of [{ url: () => new Promise<string>(() => {}) }, { url: () => Promise.reject(new Error('no')) }]) {
      const controller = new AbortController();
      const { all } = start({ feed, signal: controller.signal });
      await all();
      controller.abort(new Error('enough'));
      await expect(all()).rejects.toThrow('enough');
    }
  });

  test('by leaving the loop closes the socket', async () => {
    const { all, leave, sockets } = start();
    await all();
    sockets[0]!.open({ trades: [1] }, { trades: [2] });
    const [first] = await Promise.all([all()]);
    expect(first).toHaveLength(3);
    sockets[0]!.push({ trades: [3] });
    await settled();
    await leave();
    expect(sockets[0]!.calls).toEqual(['terminate']);
  });

  test('is final: a source is read once', async () => {
    const { source } = start();
    await expect(async () => source[Symbol.asyncIterator]()).rejects.toMatchObject({ code: 'closed' });
  });
});

test.each([
  ['maxQueuedItems', 0],
  ['backoffMs', -1],
  ['silence of NaN', Number.NaN],
  ['maxBackoffMs', Infinity],
])('refuses %s %s', (name, value) => {
  const option = name.startsWith('silence') ? 'stableMs' : name;
  expect(() => start({ [option]: value })).toThrow(`${option} "${value}" is no number`);
});
