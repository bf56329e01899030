import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import fc from 'fast-check';
import type { ObjectStore } from './object-store.ts';
import { createTapeWriter, type TapeRecord } from './tape-writer.ts';
import { runHousecleaning } from './housecleaning.ts';
import { readArchive, readArchivedKeys, readDurableSeq, readSegmentKeys } from './restore.ts';
import { fromUtf8 } from './internal/utf8.ts';

const date = '2026-11-19';
const record = (seq: number, more: Partial<TapeRecord> = {}): TapeRecord => ({
  date,
  seq,
  line: `{"seq":${seq}}`,
  ...more,
});

async function contents(store: ObjectStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { key } of (await store.list()).objects) found[key] = fromUtf8(await (await store.get(key))!.bytes());
  return found;
}

describe('createTapeWriter', () => {
  test('cuts after maxLines records and names the object by numbers and digest', async () => {
    const store = createMemoryStore();
    const writer = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 2 });
    for (let seq = 0; seq < 3; seq++) await writer.append(record(seq));
    expect(writer.status()).toEqual({
      durableSeq: 1,
      durableDate: date,
      bufferedLines: 1,
      segments: 1,
      replayedSegments: 0,
      archivedSegments: 0,
      replayedLines: 0,
    });
    expect(await writer.flush()).toMatchObject({ durableSeq: 2, bufferedLines: 0, segments: 2 });
    expect(Object.entries(await contents(store))).toEqual([
      [
        expect.stringMatching(/^raw_tns\/BTCUSDT\/2026-11-19\/000000000000-000000000001-[0-9a-f]{16}\.jsonl$/),
        '{"seq":0}\n{"seq":1}\n',
      ],
      [expect.stringMatching(/\/000000000002-000000000002-[0-9a-f]{16}\.jsonl$/), '{"seq":2}\n'],
    ]);
  });

  test('cuts before a record that would pass maxBytes, and where the day changes', async () => {
    const store = createMemoryStore();
    // "{"seq":0}\n" has 10 bytes: two fit into 25, a third does not.
    const writer = createTapeWriter({ store, symbol: 'BTCUSDT', maxBytes: 25 });
    for (let seq = 0; seq < 4; seq++) await writer.append(record(seq));
    await writer.append(record(4, { date: '2026-11-20' }));
    await writer.append(record(5, { line: `{"long":"${'x'.repeat(100)}"}` }));
    await writer.flush();
    expect(Object.keys(await contents(store)).map((key) => key.slice(0, 53))).toEqual([
      'raw_tns/BTCUSDT/2026-11-19/000000000000-000000000001-',
      'raw_tns/BTCUSDT/2026-11-19/000000000002-000000000003-',
      'raw_tns/BTCUSDT/2026-11-19/000000000005-000000000005-',
      'raw_tns/BTCUSDT/2026-11-20/000000000004-000000000004-',
    ]);
  });

  test('makes the same objects of the same tape', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({ minLength: 1 }).map((s) => JSON.stringify(s)),
          { maxLength: 40 },
        ),
        fc.integer({ min: 1, max: 9 }),
        async (lines, maxLines) => {
          const made = [];
          for (let i = 0; i < 2; i++) {
            const store = createMemoryStore();
            const writer = createTapeWriter({ store, symbol: 'X', maxLines, maxBytes: 60 });
            for (const [seq, line] of lines.entries()) await writer.append({ date, seq, line });
            await writer.flush();
            made.push(await contents(store));
          }
          expect(made[1]).toEqual(made[0]);
          expect(Object.values(made[0]!).join('')).toBe(lines.map((line) => `${line}\n`).join(''));
        },
      ),
      { numRuns: 50 },
    );
  });

  test('acknowledges a replay of the same tape without writing', async () => {
    const store = createMemoryStore();
    for (const expected of [{ segments: 2 }, { segments: 0, replayedSegments: 2, durableSeq: 3 }]) {
      const writer = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 2 });
      for (let seq = 0; seq < 4; seq++) await writer.append(record(seq));
      expect(writer.status()).toMatchObject(expected);
    }
  });

  test('drops a number that was already taken', async () => {
    const writer = createTapeWriter({ store: createMemoryStore(), symbol: 'BTCUSDT' });
    for (const seq of [0, 1, 1, 0, 2]) await writer.append(record(seq));
    expect(await writer.flush()).toMatchObject({ durableSeq: 2, replayedLines: 2 });
  });

  test('keeps every day, also where each begins again at 0', async () => {
    const store = createMemoryStore();
    const writer = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 4 });
    const sent: string[] = [];
    for (const [day, records] of [10, 9, 11].entries()) {
      for (let seq = 0; seq < records; seq++) {
        const line = `{"day":${day},"seq":${seq}}`;
        sent.push(line);
        await writer.append({ date: `2024-01-0${day + 1}`, seq, line });
      }
    }
    expect(await writer.flush()).toMatchObject({ durableSeq: 10, durableDate: '2024-01-03', replayedLines: 0 });
    expect(Object.values(await contents(store)).join('')).toBe(sent.map((line) => `${line}\n`).join(''));
  });

  test('takes a day up again where it was left', async () => {
    const store = createMemoryStore();
    const writer = createTapeWriter({ store, symbol: 'BTCUSDT' });
    for (const [day, seq] of [
      ['2024-01-01', 0],
      ['2024-01-02', 0],
      ['2024-01-01', 1],
    ] as const) {
      await writer.append(record(seq, { date: day }));
    }
    expect(await writer.flush()).toMatchObject({ replayedLines: 0, segments: 3 });
  });

  test('refuses a lower number that was never taken, names both, and goes on', async () => {
    const store = createMemoryStore();
    const writer = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 2 });
    for (const seq of [0, 7]) await writer.append(record(seq));
    const refused = writer.append(record(3));
    await expect(refused).rejects.toMatchObject({ code: 'seq-conflict', subject: 3 });
    await expect(refused).rejects.toThrow('Record 3 of BTCUSDT 2026-11-19 is not above 7, the last one of its day');
    await expect(refused).rejects.toThrow('Give it a number above 7');
    await writer.append(record(8, { line: '{"seq":3}' }));
    expect(await writer.flush()).toMatchObject({ durableSeq: 8, replayedLines: 0 });
    expect(Object.values(await contents(store)).join('')).toBe('{"seq":0}\n{"seq":7}\n{"seq":3}\n');
  });

  test.each([
    ['in the buffer', 9, 1],
    ['the latest of the buffer', 9, 2],
    ['in the store', 2, 0],
  ])('refuses another line under a number that is %s', async (_, maxLines, seq) => {
    const writer = createTapeWriter({ store: createMemoryStore(), symbol: 'BTCUSDT', maxLines });
    for (let i = 0; i < 3; i++) await writer.append(record(i));
    await expect(writer.append(record(seq, { line: '{"other":1}' }))).rejects.toThrow(
      `Record ${seq} of BTCUSDT 2026-11-19 is not above 2, the last one of its day, and no repeat`,
    );
    await writer.append(record(seq));
    expect(await writer.flush()).toMatchObject({ durableSeq: 2, replayedLines: 1 });
  });

  test('loses nothing and repeats nothing of what it took, in any order and through restarts', async () => {
    const act = fc.oneof(
      {
        weight: 12,
        arbitrary: fc.record({
          day: fc.integer({ min: 1, max: 3 }),
          seq: fc.integer({ min: 0, max: 9 }),
          variant: fc.integer({ min: 0, max: 1 }),
        }),
      },
      { weight: 1, arbitrary: fc.constantFrom('flush' as const, 'restart' as const) },
    );
    let refused = 0;
    let repeated = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(act, { maxLength: 60, size: 'max' }),
        fc.integer({ min: 1, max: 4 }),
        async (acts, maxLines) => {
          const store = createMemoryStore();
          const create = (startAfterSeq?: number) =>
            createTapeWriter({
              ...{ store, symbol: 'X', maxLines },
              ...(startAfterSeq === undefined ? {} : { startAfterSeq }),
            });
          let writer = create();
          const taken = new Set<string>();
          for (const one of acts) {
            if (one === 'flush') await writer.flush();
            else if (one === 'restart') {
              repeated += (await writer.flush()).replayedLines;
              writer = create(0);
            } else {
              const line = JSON.stringify(one);
              const resolved = await writer.append({ date: `2024-01-0${one.day}`, seq: one.seq, line }).then(
                () => true,
                (error: unknown) => {
                  expect(error).toMatchObject({ code: 'seq-conflict' });
                  return false;
                },
              );
              if (resolved) taken.add(line);
              else refused += 1;
            }
          }
          repeated += (await writer.flush()).replayedLines;
          const stored = Object.values(await contents(store)).flatMap((text) => text.trim().split('\n'));
          expect(stored.sort()).toEqual([...taken].sort());
        },
      ),
      { numRuns: 100, seed: 5 },
    );
    expect(refused).toBeGreaterThan(100);
    expect(repeated).toBeGreaterThan(10);
  });

  test('keeps records until they are stored, through every kind of failure', async () => {
    const reference = createMemoryStore();
    const write = async (store: ObjectStore) => {
      const writer = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 2 });
      for (let seq = 0; seq < 7; seq++) {
        await writer.append(record(seq)).catch(async () => writer.append(record(seq)));
      }
      await writer.flush().catch(() => writer.flush());
    };
    await write(reference);
    for (const kind of ['error-before', 'error-after', 'short-body', 'bit-flip', 'duplicate'] as const) {
      for (let at = 0; at < 8; at++) {
        const store = createMemoryStore();
        await write(createFaultStore(store, { at, kind }).store);
        expect(await contents(store), `${kind} at ${at}`).toEqual(await contents(reference));
      }
    }
  });

  test('takes nothing new while a complete object cannot be stored', async () => {
    const store: ObjectStore = { ...createMemoryStore(), put: () => Promise.reject(new Error('no network')) };
    const writer = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 2 });
    await writer.append(record(0));
    await expect(writer.append(record(1))).rejects.toThrow('no network');
    await expect(writer.append(record(2))).rejects.toThrow('no network');
    expect(writer.status()).toMatchObject({ bufferedLines: 2, durableSeq: undefined });
  });

  test('refuses records that would break the lines, and names the record', async () => {
    const writer = createTapeWriter({ store: createMemoryStore(), symbol: 'BTCUSDT' });
    await expect(writer.append(record(7, { line: '{}\n{}' }))).rejects.toThrow(
      'The line of record 7 is empty, or holds a newline or a lone surrogate; expected one JSON document.',
    );
    // UTF-8 has no such code point: it would come back as another one.
    await expect(writer.append(record(7, { line: '{"x":"\ud800"}' }))).rejects.toMatchObject({ code: 'bad-option' });
    await expect(writer.append(record(7, { date: '2026-02-30' }))).rejects.toMatchObject({ code: 'bad-key' });
    expect(() => createTapeWriter({ store: createMemoryStore(), symbol: 'btc' })).toThrow(/symbol "btc"/);
    expect(() => createTapeWriter({ store: createMemoryStore(), symbol: 'BTC', maxLines: 0 })).toThrow(/maxLines is 0/);
  });

  test('raises an alarm if other bytes lie under its key', async () => {
    const store = createMemoryStore();
    const writer = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 1 });
    await writer.append(record(0));
    const key = (await store.list()).objects[0]!.key;
    await store.put(key, new Uint8Array(3));
    const again = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 1 });
    await expect(again.append(record(0))).rejects.toMatchObject({ code: 'key-conflict', subject: key });
    expect(again.status().bufferedLines).toBe(1);
  });

  test('does not write again what is archived, and goes on after what is durable', async () => {
    let nowMs = Date.parse('2026-11-19T12:00:00Z');
    const store = createMemoryStore({ clock: () => nowMs });
    const cell = { symbol: 'BTCUSDT', date };
    const first = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 4 });
    for (let seq = 0; seq < 6; seq++) await first.append(record(seq));
    await first.flush();
    nowMs = Date.parse('2026-11-22T12:00:00Z');
    const clean = () =>
      runHousecleaning({
        ...{ store, nowMs, minAgeMs: 0, allowImmediate: true, approve: 'first-run', writers: 'write-once' },
        env: { env: 'test', bucketId: 'b' },
      });
    await clean();
    expect(await readDurableSeq(store, cell)).toBe(5);

    const replay = createTapeWriter({
      store,
      symbol: 'BTCUSDT',
      maxLines: 4,
      archivedKeys: (c) => readArchivedKeys(store, c),
    });
    for (let seq = 0; seq < 4; seq++) await replay.append(record(seq));
    expect(replay.status()).toMatchObject({ segments: 0, archivedSegments: 1, durableSeq: 3 });

    const startAfterSeq = (await readDurableSeq(store, cell))!;
    const next = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 4, startAfterSeq });
    for (let seq = 0; seq < 9; seq++) await next.append(record(seq));
    expect(await next.flush()).toMatchObject({ durableSeq: 8, replayedLines: 6, segments: 1 });
    // What the archive holds is compared, too, and another day is none of its business.
    const other = createTapeWriter({ store, symbol: 'BTCUSDT', maxLines: 4, startAfterSeq });
    await expect(other.append(record(4, { line: '{"other":1}' }))).rejects.toMatchObject({ code: 'seq-conflict' });
    await expect(other.append(record(5, { line: '{"seq":4}' }))).rejects.toMatchObject({ code: 'seq-conflict' });
    await other.append(record(4, { date: '2026-11-22' }));
    expect(other.status()).toMatchObject({ bufferedLines: 1, replayedLines: 0 });
    await clean();
    const lines: string[] = [];
    for await (const line of readArchive(store, cell)) lines.push(line);
    expect(lines).toEqual(Array.from({ length: 9 }, (_, seq) => `{"seq":${seq}}`));
  });
});

describe('a longer capture of the same tape', () => {
  const cell = { symbol: 'BTCUSDT', date };
  const write = async (store: ObjectStore, seqs: readonly number[], more: Partial<TapeRecord> = {}) => {
    const tape = createTapeWriter({
      ...{ store, symbol: cell.symbol, maxLines: 10 },
      archivedKeys: (asked) => readArchivedKeys(store, asked),
      segmentKeys: (asked) => readSegmentKeys(store, asked),
    });
    for (const seq of seqs) await tape.append(record(seq, more));
    return tape.flush();
  };
  const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const clean = (store: ObjectStore) =>
    runHousecleaning({
      ...{ store, cells: [cell], nowMs: Date.UTC(2026, 10, 21), minAgeMs: 0, writers: 'write-once' },
      ...{ allowImmediate: true, approve: 'first-run' },
      env: { env: 'test', bucketId: 'memory' },
    });
  const archivedSeqs = async (store: ObjectStore) => {
    const seqs: number[] = [];
    for await (const line of readArchive(store, cell)) seqs.push((JSON.parse(line) as { seq: number }).seq);
    return seqs;
  };
  const emptyStore = () => createMemoryStore({ clock: () => Date.UTC(2026, 10, 21) });

  test.each([false, true])('repeats nothing, archived in between: %s', async (archivedBetween) => {
    const store = emptyStore();
    await write(store, range(1, 25));
    if (archivedBetween) await clean(store);
    await write(store, range(1, 47));
    const report = await clean(store);
    expect(report.cells[0]).toMatchObject({ state: 'archived', lines: 47, generation: archivedBetween ? 2 : 1 });
    expect(await archivedSeqs(store)).toEqual(range(1, 47));
  });

  test('repeats nothing when writers are killed at any operation of the longer one', async () => {
    const prepare = async () => {
      const store = emptyStore();
      await write(store, range(1, 25));
      await clean(store);
      return store;
    };
    const undisturbed = createFaultStore(await prepare());
    await write(undisturbed.store, range(1, 47));
    expect(undisturbed.log.length).toBeGreaterThan(5);
    for (let at = 0; at < undisturbed.log.length; at++) {
      for (const kind of ['crash-before', 'crash-after'] as const) {
        const store = await prepare();
        await expect(write(createFaultStore(store, { at, kind }).store, range(1, 47))).rejects.toThrow('died');
        await write(store, range(1, 47));
        expect((await clean(store)).cells[0], `${kind} ${at}`).toMatchObject({ generation: 2, lines: 47 });
        expect(await archivedSeqs(store), `${kind} ${at}`).toEqual(range(1, 47));
      }
    }
  });

  test('that differs is refused, and what is stored stays', async () => {
    const store = emptyStore();
    await write(store, range(1, 25));
    await clean(store);
    const other = write(store, range(1, 25), { line: '{"seq":0,"other":true}' });
    await expect(other).rejects.toMatchObject({ code: 'key-conflict' });
    await expect(other).rejects.toThrow('Records 1 to 10 of BTCUSDT 2026-11-19 are not those that are stored');
    expect(await archivedSeqs(store)).toEqual(range(1, 25));
  });

  test('that is shorter is refused rather than stored twice', async () => {
    const store = emptyStore();
    await write(store, range(1, 25));
    await expect(write(store, range(1, 23))).rejects.toMatchObject({ code: 'key-conflict' });
  });
});
