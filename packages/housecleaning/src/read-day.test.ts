import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { ObjectStoreError } from './errors.ts';
import { runHousecleaning } from './housecleaning.ts';
import { archiveKey, legacyPartKey, manifestPrefix, rawCellPrefix } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { findDay, readDay, type FoundDay, type ReadDayOptions } from './read-day.ts';
import { createTapeWriter } from './tape-writer.ts';
import { toUtf8 } from './internal/utf8.ts';

const cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
const records = Array.from({ length: 10 }, (_, seq) => `{"seq":${seq}}`);

async function createDay() {
  const clock = { nowMs: Date.parse('2026-11-19T12:00:00Z') };
  const store = createMemoryStore({ clock: () => clock.nowMs });
  const writer = createTapeWriter({ store, symbol: cell.symbol, maxLines: 2 });
  for (const [seq, line] of records.entries()) await writer.append({ date: cell.date, seq, line });
  await writer.flush();
  clock.nowMs = Date.parse('2026-11-22T12:00:00Z');
  const clean = () => {
    clock.nowMs += 3_600_000;
    return runHousecleaning({
      store,
      cells: [cell],
      nowMs: clock.nowMs,
      writers: 'overwriting',
      approve: 'first-run',
      env: { env: 't', bucketId: 'b' },
    });
  };
  return { store, clean };
}

async function readAll(store: ObjectStore, options?: ReadDayOptions): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readDay(store, cell, options)) lines.push(line);
  return lines;
}

test('a layout that there is not is refused, not guessed', async () => {
  const options = { layout: 'zip' } as unknown as ReadDayOptions;
  await expect(findDay(createMemoryStore(), { symbol: 'A', date: '2024-01-02' }, options)).rejects.toThrow(
    'The option layout is "zip"; expected one of archive, parts, file, raw.',
  );
});

describe('readDay', () => {
  test('gives the same records before, during and after the archive is made', async () => {
    const { store, clean } = await createDay();
    expect((await findDay(store, cell)).layout).toBe('raw');
    expect(await readAll(store)).toEqual(records);
    const reading = readDay(store, cell);
    const lines: string[] = [];
    for (let i = 0; i < 3; i++) lines.push((await reading.next()).value as string);
    // Archived and deleted in the middle of the second of five raw objects.
    await clean();
    expect((await store.list({ prefix: rawCellPrefix(cell) })).objects).toEqual([]);
    for await (const line of reading) lines.push(line);
    expect(lines).toEqual(records);
    expect((await findDay(store, cell)).layout).toBe('archive');
    expect(await readAll(store)).toEqual(records);
  });

  test('stops where a raw object is gone and no archive has it, or is another one by now', async () => {
    const { store } = await createDay();
    const reading = readDay(store, cell);
    await reading.next();
    const [, second] = (await store.list({ prefix: rawCellPrefix(cell) })).objects;
    await store.delete([{ key: second!.key }]);
    await reading.next();
    await expect(reading.next()).rejects.toMatchObject({ code: 'unstable-read', subject: second!.key });

    const other = await createDay();
    const again = readDay(other.store, cell);
    await again.next();
    await again.next();
    await other.store.put(second!.key, toUtf8('{"seq":"rewritten"}\n'));
    await other.clean();
    await expect(again.next()).rejects.toMatchObject({ code: 'unstable-read', subject: second!.key });
  });

  test('does not take an object that was overwritten and archived meanwhile for the one that it listed', async () => {
    const { store, clean } = await createDay();
    const key = `${rawCellPrefix(cell)}z.jsonl`;
    await store.put(key, toUtf8('{"seq":10}\n'));
    const reading = readDay(store, cell);
    await reading.next();
    await store.put(key, toUtf8('{"seq":99}\n'));
    await clean();
    const lines: string[] = [];
    const rest = (async () => {
      for await (const line of reading) lines.push(line);
    })();
    await expect(rest).rejects.toMatchObject({ code: 'unstable-read', subject: key });
    expect(lines).toEqual(records.slice(1));
  });

  test('reads the archive alone, tells of parts beside it, and never takes it for a file of an older system', async () => {
    const { store, clean } = await createDay();
    await clean();
    await store.put(legacyPartKey(cell, 1), toUtf8('of an older system'));
    expect(await findDay(store, cell)).toMatchObject({ layout: 'archive', beside: ['parts'] });
    expect(await readAll(store)).toEqual(records);
    await expect(readAll(store, { layout: 'file' })).rejects.toMatchObject({ code: 'not-archived' });
    // Copied without its metadata nothing would prove it.
    const bytes = await (await store.get(archiveKey(cell)))!.bytes();
    await store.put(archiveKey(cell), bytes);
    await expect(readAll(store)).rejects.toMatchObject({ code: 'bad-manifest' });
  });

  describe('warns of a day that may not be all', () => {
    /** Two generations, and what lay in the place of the archive before the second one. */
    async function createTwo() {
      const { store, clean } = await createDay();
      await clean();
      const first = (await store.get(archiveKey(cell)))!;
      const bytes = await first.bytes();
      const rollBack = () => store.put(archiveKey(cell), bytes, { metadata: first.metadata });
      const late = `${rawCellPrefix(cell)}late`;
      await store.put(late, toUtf8('{"seq":10}\n'));
      return { store, clean, rollBack, first, late };
    }
    const warningsOf = async (store: ObjectStore, options?: ReadDayOptions) =>
      (await findDay(store, cell, options)).warnings;

    test('where the archive was rolled back, and reads it all the same', async () => {
      const { store, clean, rollBack, first } = await createTwo();
      expect(await warningsOf(store)).toEqual([]);
      await clean();
      expect(await warningsOf(store)).toEqual([]);
      const second = (await store.head(archiveKey(cell)))!.metadata['manifest']!;
      await rollBack();
      const told: (readonly string[])[] = [];
      expect(await readAll(store, { onFound: ({ warnings }) => told.push(warnings) })).toEqual(records);
      const key = `${manifestPrefix}BTCUSDT/2026-11-19/${second}.json`;
      expect(told).toEqual([
        [
          `The archive of BTCUSDT 2026-11-19 is of generation 1, though manifest "${key}" is of generation 2: a run is at work ` +
            'or was cut short, or the archive was rolled back. verifyCell says which (on the command line: verify).',
        ],
      ]);
      await store.put(key, toUtf8('{'));
      expect((await warningsOf(store))[0]).toContain(`manifest "${key}" cannot be read and may be of a later one`);
      // One that came before the archive's own is of no later generation, and is not read.
      await store.delete([{ key }]);
      expect(await warningsOf(store)).toEqual([]);
      expect(first.metadata['generation']).toBe('1');
    });

    test('not where a manifest was put later and is of no later generation, as of a run that another one overtook', async () => {
      const { store, clean, first } = await createTwo();
      await clean();
      const key = `${manifestPrefix}BTCUSDT/2026-11-19/${first.metadata['manifest']}.json`;
      const document = await (await store.get(key))!.bytes();
      await clean();
      await store.put(key, document);
      expect(await warningsOf(store)).toEqual([]);
    });

    test('where the archive is gone and raw objects are left, unless those were asked for', async () => {
      const { store, late } = await createTwo();
      await store.delete([{ key: archiveKey(cell) }]);
      const told: FoundDay[] = [];
      expect(await readAll(store, { onFound: (day) => told.push(day) })).toEqual(['{"seq":10}']);
      expect(told).toMatchObject([{ layout: 'raw', objects: [{ key: late }] }]);
      expect(told[0]!.warnings[0]).toMatch(
        /^There is no archive of BTCUSDT 2026-11-19, though manifest ".*" is of generation 1: .* or the archive is gone\./,
      );
      expect(await warningsOf(store, { layout: 'raw' })).toEqual([]);
    });

    test('where the archive is gone and parts of an older system are left', async () => {
      const { store, late } = await createTwo();
      await store.delete([{ key: archiveKey(cell) }, { key: late }]);
      await store.put(legacyPartKey(cell, 1), toUtf8('a part'));
      const day = await findDay(store, cell);
      expect(day.layout).toBe('parts');
      expect(day.warnings[0]).toMatch(
        /^There is no archive of BTCUSDT 2026-11-19, though manifest ".*" is of generation 1/,
      );
    });

    test('that it could not look, where its rights end', async () => {
      const { store, clean } = await createTwo();
      await clean();
      const limited: ObjectStore = {
        ...store,
        list: async (options) => {
          if (options?.prefix?.startsWith(manifestPrefix))
            throw new ObjectStoreError('refused', options.prefix, 'Access denied.');
          return store.list(options);
        },
      };
      expect((await findDay(limited, cell)).warnings).toEqual([
        'Whether there is a later generation of BTCUSDT 2026-11-19 is unknown: its manifests may not be listed. Access denied.',
      ]);
    });

    test('by one listing, of which a reader who does not ask needs none', async () => {
      const { store, clean } = await createTwo();
      await clean();
      let asked: string[] = [];
      const counted: ObjectStore = {
        ...store,
        list: (options) => (asked.push(`list ${options?.prefix}`), store.list(options)),
        get: (key, options) => (asked.push(`get ${key}`), store.get(key, options)),
      };
      await readAll(counted);
      const without = asked;
      asked = [];
      await readAll(counted, { onFound: () => undefined });
      expect(without.some((request) => request.startsWith(`list ${manifestPrefix}`))).toBe(false);
      expect(asked.filter((request) => !without.includes(request))).toEqual([
        `list ${manifestPrefix}BTCUSDT/2026-11-19/`,
      ]);
      expect(asked).toHaveLength(without.length + 1);
    });
  });

  test('throws for a damaged archive before it gives a damaged record', async () => {
    const { store, clean } = await createDay();
    await clean();
    const object = (await store.get(archiveKey(cell)))!;
    const bytes = await object.bytes();
    for (let at = 0; at < bytes.length; at++) {
      const damaged = bytes.slice();
      damaged[at]! ^= 0x10;
      await store.put(archiveKey(cell), damaged, { metadata: object.metadata });
      const lines: string[] = [];
      const reading = (async () => {
        for await (const line of readDay(store, cell)) lines.push(line);
      })();
      await expect(reading).rejects.toMatchObject({ code: 'bad-archive' });
      expect(records.slice(0, lines.length)).toEqual(lines);
    }
  });

  test('goes on where a connection broke, and only with the same object', async () => {
    const { store, clean } = await createDay();
    await clean();
    const ranges: unknown[] = [];
    const breaking: ObjectStore = {
      ...store,
      async get(key, options) {
        const object = await store.get(key, options);
        if (!object || key !== archiveKey(cell)) return object;
        ranges.push(options?.range);
        const bytes = await object.bytes();
        let given = false;
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            if (ranges.length > 2) {
              controller.enqueue(bytes);
              controller.close();
              return;
            }
            if (given) {
              controller.error(new Error('reset'));
              return;
            }
            given = true;
            controller.enqueue(bytes.subarray(0, 20));
          },
        });
        return { ...object, body };
      },
    };
    expect(await readAll(breaking)).toEqual(records);
    expect(ranges).toEqual([undefined, { offset: 20 }, { offset: 40 }]);
  });

  test('lets go of the stream when its reader stops early', async () => {
    const { store, clean } = await createDay();
    const noise = Array.from({ length: 40_000 }, (_, i) => `{"n":${(i * 7_919 * 104_729) % 999_983}}`).join('\n');
    await store.put(`${rawCellPrefix(cell)}z.jsonl`, toUtf8(noise));
    await clean();
    let cancelled = 0;
    let served = 0;
    const watched: ObjectStore = {
      ...store,
      async get(key, options) {
        const object = await store.get(key, options);
        if (!object || key !== archiveKey(cell)) return object;
        const bytes = await object.bytes();
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            controller.enqueue(bytes.subarray(served, (served += 4_096)));
            if (served >= bytes.length) controller.close();
          },
          cancel: () => void (cancelled += 1),
        });
        return { ...object, body };
      },
    };
    const size = (await store.head(archiveKey(cell)))!.size;
    for await (const line of readDay(watched, cell)) {
      expect(line).toBe(records[0]);
      break;
    }
    expect(cancelled).toBe(1);
    expect(served).toBeLessThan(size);
  });
});
