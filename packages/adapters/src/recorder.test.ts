import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { afterAll, describe, expect, test } from 'vitest';
import { createManualClock } from './internal/live/manual-clock.ts';
import { brief, settled, toyConnect, toyFeed } from './internal/live/toy-feed.fixture.ts';
import { recordedFrames } from './internal/venue/recordings.fixture.ts';
import { createLiveSource } from './live-source.ts';
import type { MarketSource, SourceItem } from './market-source.ts';
import { createRecorder, recordSource } from './recorder.ts';
import { replayRecording, type ReplayOptions } from './replay.ts';
import { binanceFeed } from './sources/binance.ts';
import { createFsStore } from './stores/fs.ts';
import { createMemoryStore } from './stores/memory.ts';

const startMs = Date.UTC(2026, 0, 1, 23, 59, 58);
const name = 'toy:tape';

function sourceOf(items: readonly SourceItem[]): MarketSource {
  return {
    stats: () => {
      throw new Error('not asked for here');
    },
    async *[Symbol.asyncIterator]() {
      yield* items;
    },
  };
}

function record(seq: number, raw: string, receiveMs: number, more: object = {}): SourceItem {
  return {
    kind: 'record',
    record: { seq, line: seq, file: 'toy#1', receiveNs: `${receiveMs}000000`, receiveMs, raw, events: [], ...more },
  };
}

async function gather(source: AsyncIterable<SourceItem>): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for await (const item of source) items.push(item);
  return items;
}

const replayOf = (store: ReplayOptions['store'], more: Partial<ReplayOptions> = {}): Promise<SourceItem[]> =>
  gather(replayRecording({ store, name, feed: toyFeed(), ...more }));

const rawOf = (items: readonly SourceItem[]): string[] =>
  items.flatMap((item) =>
    item.kind === 'record' ? [item.record.raw] : item.kind === 'quarantined' ? [item.entry.text] : [],
  );

describe('a recording', () => {
  test('gives back every frame byte for byte, across midnight, odd text and bytes', async () => {
    const store = createMemoryStore();
    const raws = ['{"trades":[1]}', '{ "trades" : [2] }', '\ud800 half a pair', 'line\nfeed \u0000', '€😀', ''];
    const items = raws.map((raw, i) => record(i + 1, raw, startMs + i * 1_000));
    const binary = record(7, btoa('\xff\x00{'), startMs + 9_000, { encoding: 'base64' });
    expect(await gather(recordSource(sourceOf([...items, binary]), { store, name }))).toEqual([...items, binary]);
    const keys = (await store.list({ prefix: 'raw_tns/' })).objects.map(({ key }) =>
      key.replace(/-[0-9a-f]{16}\./, '-….'),
    );
    expect(keys).toEqual(
      [
        'raw_tns/~74oy~3Atape/2026-01-01/000000000001-000000000002-….jsonl',
        'raw_tns/~74oy~3Atape/2026-01-02/000000000003-000000000007-….jsonl',
      ].map((key) => key.replace('~74oy~3Atape', keys[0]!.split('/')[1]!)),
    );
    const back = await replayOf(store);
    expect(rawOf(back)).toEqual([...raws, btoa('\xff\x00{')]);
    expect(back.map(brief)).toEqual([
      'trade 1',
      'trade 2',
      ...Array.from({ length: 5 }, () => 'quarantined bad-frame'),
    ]);
    expect(rawOf(await replayOf(store, { fromDay: '2026-01-02' }))).toHaveLength(5);
  });

  test('of a live source replays as the same items: gaps between connections, quarantine, refused records', async () => {
    const store = createMemoryStore();
    const { connect, sockets } = toyConnect();
    const clock = createManualClock(startMs);
    const feed = toyFeed({ tradeIdsRiseByOne: true });
    const done = new AbortController();
    const live = createLiveSource(feed, { connect, clock, random: () => 0.5, signal: done.signal, maxFrameBytes: 100 });
    const seen: SourceItem[] = [];
    const reading = (async () => {
      for await (const item of recordSource(live, { store, name })) {
        seen.push(item);
        if (item.kind === 'status' && item.status.state === 'reconnecting') setImmediate(() => clock.advance(60_000));
      }
    })();
    await settled();
    await settled();
    sockets[0]!.open({ trades: [1, 2] }, { bad: 2 }, { bad: 1, trades: [3] }, 'no json', `{"x":"${'y'.repeat(200)}"}`);
    await settled();
    sockets[0]!.listener.closed({ detail: 'gone' });
    for (let i = 0; i < 5; i += 1) await settled();
    sockets[1]!.open({ trades: [7] });
    for (let i = 0; i < 5; i += 1) await settled();
    done.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    const replay = replayRecording({ store, name, feed });
    const back = await gather(replay);
    const tape = seen.filter((item) => item.kind !== 'status');
    expect(tape.map(brief)).toEqual([
      'trade 1, trade 2',
      'quarantined bad-record',
      'trade 3',
      'quarantined bad-frame',
      'quarantined too-long',
      'gap reconnect 3..7 missing 3',
      'trade 7',
    ]);
    expect(back).toEqual(tape);
    const { lines, records, quarantined, events, gaps } = live.stats();
    expect(replay.stats()).toMatchObject({ lines, records, quarantined, events, gaps, source: 'replay:toy' });
  });

  test('goes on after the last frame that is stored, and a new run is a new connection', async () => {
    const store = createMemoryStore();
    for (const ids of [[1, 2], [5]]) {
      await gather(
        recordSource(sourceOf(ids.map((id, i) => record(i + 1, `{"trades":[${id}]}`, startMs + id))), { store, name }),
      );
    }
    const back = await replayOf(store, { feed: toyFeed({ tradeIdsRiseByOne: true }) });
    expect(back.map(brief)).toEqual(['trade 1', 'trade 2', 'gap reconnect 2..5 missing 2', 'trade 5']);
    expect(back.flatMap((item) => (item.kind === 'record' ? [item.record.seq] : []))).toEqual([1, 2, 3]);
  });

  test('loses to a crash no more than maxAgeMs', async () => {
    const store = createMemoryStore();
    const recorder = await createRecorder({ store, name, maxAgeMs: 5_000 });
    for (const [i, ms] of [0, 4_000, 5_000, 5_001, 9_000].entries())
      await recorder.record(record(i + 1, `{"n":${i}}`, startMs - 60_000 + ms));
    // Nobody calls flush: the process is gone.
    expect(recorder.status()).toMatchObject({ durableSeq: 3, bufferedLines: 2 });
    expect(rawOf(await replayOf(store))).toHaveLength(3);
  });

  test('with a line that no recorder wrote sets it aside and goes on', async () => {
    const store = createMemoryStore();
    await gather(recordSource(sourceOf([record(1, '{"trades":[1]}', startMs)]), { store, name }));
    const [object] = (await store.list({ prefix: 'raw_tns/' })).objects;
    const bytes = await (await store.get(object!.key))!.bytes();
    const other = createMemoryStore();
    await other.put(
      object!.key.replace(/[0-9a-f]{16}\.jsonl/, 'other.jsonl'),
      new TextEncoder().encode(`{"v":2}\n[]\n${new TextDecoder().decode(bytes)}`),
    );
    expect((await replayOf(other)).map(brief)).toEqual([
      'quarantined bad-envelope',
      'quarantined bad-envelope',
      'trade 1',
    ]);
  });

  test('is read once by a replay', async () => {
    const store = createMemoryStore();
    await gather(recordSource(sourceOf([record(1, '{"trades":[1]}', startMs)]), { store, name }));
    const replay = replayRecording({ store, name, feed: toyFeed() });
    await gather(replay);
    await expect(gather(replay)).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('the pace of a replay', () => {
  const recorded = async (gaps: readonly number[]): Promise<ReturnType<typeof createMemoryStore>> => {
    const store = createMemoryStore();
    let atMs = startMs - 3_600_000;
    const items = gaps.map((gap, i) => record(i + 1, `{"trades":[${i}]}`, (atMs += gap)));
    await gather(recordSource(sourceOf(items), { store, name }));
    return store;
  };

  test.each([
    ['its own', { speed: 1 }, [0, 1_000, 3_000, 63_000]],
    ['ten times as fast', { speed: 10 }, [0, 100, 300, 6_300]],
    ['holes cut short', { speed: 1, maxPauseMs: 5_000 }, [0, 1_000, 3_000, 8_000]],
    ['as fast as pulled', {}, [0, 0, 0, 0]],
  ] as const)('is %s', async (_name, options, expected) => {
    let now = 0;
    const clock = {
      now: () => now,
      setTimeout: (run: () => void, ms: number) =>
        queueMicrotask(() => {
          now += ms;
          run();
        }),
      clearTimeout: () => {},
    };
    const times: number[] = [];
    for await (const item of replayRecording({
      store: await recorded([0, 1_000, 2_000, 60_000]),
      name,
      feed: toyFeed(),
      clock,
      ...options,
    }))
      if (item.kind === 'record') times.push(now);
    expect(times).toEqual(expected);
  });

  test('ends with the signal while it waits', async () => {
    const controller = new AbortController();
    const clock = {
      now: () => 0,
      setTimeout: () => queueMicrotask(() => controller.abort(new Error('enough'))),
      clearTimeout: () => {},
    };
    await expect(replayOf(await recorded([0, 1_000]), { speed: 1, clock, signal: controller.signal })).rejects.toThrow(
      'enough',
    );
  });

  test('is kept over a hole of 30 days, with timers that the platform has', async () => {
    const waits: number[] = [];
    let now = 0;
    const clock = {
      now: () => now,
      setTimeout(run: () => void, ms: number) {
        waits.push(ms);
        queueMicrotask(() => {
          now += ms;
          run();
        });
      },
      clearTimeout: () => {},
    };
    await replayOf(await recorded([0, 2_592_000_000]), { speed: 1, clock });
    expect(waits).toEqual([2_000_000_000, 592_000_000]);
  });

  test.each([
    [{ fromDay: 'garbage' }, 'fromDay "garbage" is no day'],
    [{ toDay: '2026-13-45' }, 'toDay "2026-13-45" is no day'],
    [{ fromDay: '2026-02-30' }, 'fromDay "2026-02-30" is no day'],
    [{ fromDay: '2026-02-02', toDay: '2026-02-01' }, 'fromDay "2026-02-02" is after toDay "2026-02-01"'],
  ])('is of days that there are: not of %o', (days, message) => {
    expect(() => replayRecording({ store: createMemoryStore(), name, feed: toyFeed(), ...days })).toThrow(message);
  });

  test('is of a recording that there is', async () => {
    await expect(replayOf(createMemoryStore(), {})).rejects.toMatchObject({
      code: 'unreadable-input',
      message: expect.stringContaining(`holds no recording "${name}"`) as string,
    });
  });

  test('is no number below or at 0', () => {
    expect(() => replayRecording({ store: createMemoryStore(), name, feed: toyFeed(), speed: 0 })).toThrow(
      'speed "0" is no number above 0',
    );
  });
});

describe.skipIf(!hasRecordedData)('a real session', () => {
  const folders: string[] = [];
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  test('of 1,535 frames comes back from a folder byte for byte, with the same events', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'recorder-'));
    folders.push(folder);
    const frames = recordedFrames(recordedPath('trades_books/cryptofeed_BINANCE_FUTURES.ws.1.0.txt.gz'));
    const symbols = [...new Set(frames.flatMap(({ text }) => /"s":"([A-Z]+)"/.exec(text)?.[1] ?? []))];
    const feed = binanceFeed({ market: 'usd-m', symbols, channels: ['trades'] });
    const items = frames.map(({ text, receiveMs }, i) => record(i + 1, text, receiveMs));
    await gather(
      recordSource(sourceOf(items), { store: createFsStore({ root: folder }), name: feed.name, maxLines: 200 }),
    );
    const replay = replayRecording({ store: createFsStore({ root: folder }), name: feed.name, feed });
    expect(rawOf(await gather(replay))).toEqual(frames.map(({ text }) => text));
    expect(replay.stats()).toMatchObject({ lines: frames.length, quarantined: 0, gaps: { reconnect: 0, sequence: 0 } });
    expect(replay.stats().events.bookDelta).toBe(frames.filter(({ text }) => text.includes('@depth')).length);
  });
});
