import { describe, expect, test } from 'vitest';
import { start } from './internal/live/started.fixture.ts';

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
