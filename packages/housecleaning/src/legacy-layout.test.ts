import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { archiveKey, legacyPartKey, rawCellPrefix } from './keys.ts';
import { missingParts, readLegacyFile, type LegacyPart, type LegacyReadOptions } from './legacy-layout.ts';
import type { ObjectStore } from './object-store.ts';
import { findDay, readDay, type FoundDay, type ReadDayOptions } from './read-day.ts';
import { toUtf8 } from './internal/utf8.ts';

const cell = { symbol: 'ENQ', date: '2026-02-19' };
const text = '{"n":1}\n{"n":2}\n';

/** A gzip file as another tool writes it: any header, any trailer. */
function foreignGzip(
  content: string,
  header: readonly number[],
  over: { crc?: number; size?: number } = {},
): Uint8Array {
  const bytes = toUtf8(content);
  const body = deflateRawSync(bytes);
  const trailer = new DataView(new ArrayBuffer(8));
  trailer.setUint32(0, over.crc ?? crc32(bytes), true);
  trailer.setUint32(4, over.size ?? bytes.length, true);
  return Uint8Array.of(...header, ...body, ...new Uint8Array(trailer.buffer));
}

const plain = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];

async function read(bytes: Uint8Array, options: LegacyReadOptions = {}): Promise<string[]> {
  const store = createMemoryStore();
  const info = await store.put(legacyPartKey(cell, 1), bytes);
  const lines: string[] = [];
  for await (const line of readLegacyFile(store, info, options)) lines.push(line);
  return lines;
}

describe('readLegacyFile', () => {
  test('reads the headers of all tools', async () => {
    const records = ['{"n":1}', '{"n":2}'];
    expect(await read(gzipSync(text))).toEqual(records);
    for (const system of [0, 3, 7, 10, 11, 19, 255]) {
      expect(await read(foreignGzip(text, [...plain.slice(0, 9), system]))).toEqual(records);
    }
    // FNAME "2026.jsonl", a time, "best compression", Windows.
    const name = [...toUtf8('2026.jsonl'), 0];
    expect(await read(foreignGzip(text, [0x1f, 0x8b, 8, 8, 1, 2, 3, 4, 2, 11, ...name]))).toEqual(records);
    // FEXTRA of three bytes, FNAME and FCOMMENT.
    const all = [0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 3, 3, 0, 9, 9, 9, 97, 0, 98, 0];
    expect(await read(foreignGzip(text, all))).toEqual(records);
  });

  test('hands out lines as they are: malformed JSON, comments, broken UTF-8, carriage returns; no blank ones', async () => {
    const gz = gzipSync(
      Buffer.concat([toUtf8('# Hour 07\n{"n":1\n\n\r\n'), Uint8Array.of(0xff, 10), toUtf8('{"n":2}')]),
    );
    expect(await read(gz)).toEqual(['# Hour 07', '{"n":1', '\r', '\ufffd', '{"n":2}']);
    expect(await read(gzipSync(''))).toEqual([]);
  });

  test('hands out the same lines however the bytes are cut', async () => {
    const content = Array.from({ length: 60 }, (_, i) => `{"n":${i},"x":"${'é'.repeat(i)}"}`).join('\n');
    const store = createMemoryStore();
    const info = await store.put(legacyPartKey(cell, 1), gzipSync(content, { level: 0 }));
    for (const size of [1, 7, 1_000]) {
      const cut: ObjectStore = {
        ...store,
        async get(key, options) {
          const object = (await store.get(key, options))!;
          const bytes = await object.bytes();
          let at = 0;
          const body = new ReadableStream<Uint8Array>({
            pull(controller) {
              if (at >= bytes.length) controller.close();
              else controller.enqueue(bytes.subarray(at, (at += size)));
            },
          });
          return { ...object, body };
        },
      };
      const lines: string[] = [];
      for await (const line of readLegacyFile(cut, info)) lines.push(line);
      expect(lines.join('\n')).toBe(content);
    }
  });

  test.each<[string, Uint8Array, LegacyReadOptions, RegExp]>([
    ['a truncated file', gzipSync(text).subarray(0, -9), {}, /cut short/],
    ['a file cut in its trailer', gzipSync(text).subarray(0, -1), {}, /is not read further/],
    ['an empty file', new Uint8Array(0), {}, /cut short/],
    ['two members', Buffer.concat([gzipSync('{"n":1}\n'), gzipSync('{"n":2}\n')]), {}, /a second member/],
    ['padding', Buffer.concat([gzipSync(text), new Uint8Array(512)]), {}, /a second member, padding or a tail/],
    [
      'a bomb',
      gzipSync(new Uint8Array(5_000_000)),
      { maxBytes: 1_000_000 },
      /holds more than was declared, 1000000 bytes/,
    ],
    ['a wrong checksum', foreignGzip(text, plain, { crc: 1 }), {}, /CRC-32 differs/],
    ['a wrong length', foreignGzip(text, plain, { size: 1 }), {}, /length field differs/],
    [
      'a wrong header checksum',
      foreignGzip(text, [0x1f, 0x8b, 8, 2, 0, 0, 0, 0, 0, 3, 0, 0]),
      {},
      /checksum of its header/,
    ],
    ['text', toUtf8(text), {}, /no gzip stream/],
    [
      'an endless line',
      gzipSync('x'.repeat(5_000)),
      { maxLineBytes: 4_999 },
      /more than 4999 bytes; raise maxLineBytes/,
    ],
  ])('refuses %s and names the file', async (_, bytes, options, message) => {
    await expect(read(bytes, options)).rejects.toThrow(message);
    await expect(read(bytes, options)).rejects.toThrow(
      /^"raw_tns_compressed\/ENQ\/2026-02-19_part1\.jsonl\.gz" is not read further: /,
    );
  });

  test('every flipped bit that a gzip file protects is detected', async () => {
    const gz = foreignGzip(text, plain);
    let accepted = 0;
    for (let bit = 8 * plain.length; bit < 8 * gz.length; bit++) {
      const damaged = gz.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      const lines = await read(damaged).catch(() => undefined);
      if (lines && lines.join('\n') !== text.trim()) accepted += 1;
    }
    expect(accepted).toBe(0);
  });
});

describe('readDay', () => {
  async function readAll(
    store: ObjectStore,
    options: ReadDayOptions = {},
  ): Promise<{ lines: string[]; day: FoundDay }> {
    const lines: string[] = [];
    let day: FoundDay | undefined;
    for await (const line of readDay(store, cell, { ...options, onFound: (found) => (day = found) })) lines.push(line);
    return { lines, day: day! };
  }
  const part = (store: ObjectStore, n: number) => store.put(legacyPartKey(cell, n), gzipSync(`{"part":${n}}\n`));

  test('reads the parts 1 to 12 in the order of their numbers', async () => {
    const store = createMemoryStore();
    for (let n = 12; n >= 1; n--) await part(store, n);
    await store.put('raw_tns_compressed/ENQ/2026-02-1_part1.jsonl.gz', toUtf8('of nobody'));
    await store.put('raw_tns_compressed/ENQ/2026-02-19_part01.jsonl.gz', toUtf8('of nobody'));
    await store.put(legacyPartKey({ ...cell, date: '2026-02-20' }, 1), toUtf8('of another day'));
    const { lines, day } = await readAll(store);
    expect(lines).toEqual(Array.from({ length: 12 }, (_, i) => `{"part":${i + 1}}`));
    expect(day).toMatchObject({ layout: 'parts', missingParts: [], beside: [] });
  });

  test('says which parts are missing and reads the others', async () => {
    const store = createMemoryStore();
    for (const n of [2, 3, 6]) await part(store, n);
    const { lines, day } = await readAll(store);
    expect(lines).toHaveLength(3);
    expect(day.missingParts).toEqual([1, 4, 5]);
    const numbered = (...numbers: number[]) => numbers.map((n) => ({ part: n }) as LegacyPart);
    expect(missingParts(numbered(0, 1, 2))).toEqual([]);
    expect(missingParts(numbered(0, 2))).toEqual([1]);
    expect(missingParts([])).toEqual([]);
  });

  test('reads one file of an older system', async () => {
    const store = createMemoryStore();
    await store.put(archiveKey(cell), gzipSync(text), { metadata: { verified: 'true' } });
    expect(await readAll(store)).toMatchObject({ lines: ['{"n":1}', '{"n":2}'], day: { layout: 'file' } });
  });

  test('asks where an older system left a day twice', async () => {
    const store = createMemoryStore();
    await store.put(archiveKey(cell), gzipSync(text));
    await part(store, 1);
    await expect(readAll(store)).rejects.toThrow(
      'ENQ 2026-02-19 lies both in "raw_tns_compressed/ENQ/2026-02-19.jsonl.gz" and in 1 part(s); say with the option layout which of them is right.',
    );
    expect((await readAll(store, { layout: 'parts' })).lines).toEqual(['{"part":1}']);
    expect((await readAll(store, { layout: 'file' })).lines).toEqual(['{"n":1}', '{"n":2}']);
  });

  test('tells of raw objects beside what an older system left', async () => {
    const store = createMemoryStore();
    await part(store, 1);
    await store.put(`${rawCellPrefix(cell)}later.jsonl`, toUtf8('{"late":1}\n'));
    expect((await findDay(store, cell)).beside).toEqual(['raw']);
    expect((await readAll(store, { layout: 'raw' })).lines).toEqual(['{"late":1}']);
  });

  test('says that a day lies nowhere', async () => {
    await expect(readAll(createMemoryStore())).rejects.toThrow(
      'There is nothing of ENQ 2026-02-19: no archive, no parts, no raw object.',
    );
    await expect(readAll(createMemoryStore(), { layout: 'parts' })).rejects.toThrow('ENQ 2026-02-19 as parts.');
  });
});
