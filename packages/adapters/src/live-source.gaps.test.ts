import { describe, expect, test } from 'vitest';
import { start } from './internal/live/started.fixture.ts';

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
