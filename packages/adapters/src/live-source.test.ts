import { describe, expect, test } from 'vitest';
import { start } from './internal/live/started.fixture.ts';
import { settled } from './internal/live/toy-feed.fixture.ts';

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
