import { describe, expect, test } from 'vitest';
import { start } from './internal/live/started.fixture.ts';

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
