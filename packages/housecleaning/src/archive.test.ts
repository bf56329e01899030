import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { readFileSync } from 'node:fs';
import {
  buildArchive,
  decodeArchive,
  encodeManifest,
  parseManifest,
  verifyArchiveBytes,
  type ArchiveInput,
} from './archive.ts';
import { codecOf } from './codec.ts';
import { isHousecleaningError } from './errors.ts';
import { rawCellPrefix } from './keys.ts';
import { concat } from './internal/gzip.ts';
import { fromUtf8, toUtf8 } from './internal/utf8.ts';

const cell = { symbol: 'ETHUSDT', date: '2024-08-08' };
const options = {
  cell,
  generation: 1,
  supersedes: null,
  env: { env: 'test', bucketId: 'tape' },
  maxBytes: 100_000_000,
};

const input = (name: string, bytes: Uint8Array, generation = 1): ArchiveInput => ({
  source: { key: `${rawCellPrefix(cell)}${name}`, etag: `e-${name}`, size: bytes.length, uploadedMs: 1, generation },
  bytes,
});

describe('buildArchive', () => {
  test('describes every source: where its bytes lie, how many records, which digest', async () => {
    const { manifest, gz } = await buildArchive(
      [input('a', toUtf8('{"i":1}\n{"i":2}\n')), input('b', toUtf8('{"i":3}'))],
      options,
    );
    expect(gunzipSync(gz).toString()).toBe('{"i":1}\n{"i":2}\n{"i":3}\n');
    expect(manifest.archive).toMatchObject({ bytes: 24, lines: 3, members: 1, level: 6, gzBytes: gz.length });
    expect(
      manifest.sources.map(({ offset, length, size, lines, addedNewline }) => [
        offset,
        length,
        size,
        lines,
        addedNewline,
      ]),
    ).toEqual([
      [0, 16, 16, 2, false],
      [16, 8, 7, 1, true],
    ]);
    expect(manifest.day).toEqual({ tz: 'UTC', startMs: 1_723_075_200_000, endMs: 1_723_161_600_000 });
  });

  test('lets others have a turn every 256 KiB, also while it is decoded', async () => {
    // 2 MiB in lines of 64 bytes: eight slices, each for records and once more for content.
    const bytes = toUtf8(`${'x'.repeat(63)}\n`.repeat(32_768));
    let turns = 0;
    let isOver = false;
    setImmediate(function count() {
      turns += 1;
      if (!isOver) setImmediate(count);
    });
    try {
      for (const name of ['node', 'portable'] as const) {
        turns = 0;
        const { gz, manifest } = await buildArchive([input('a', bytes)], { ...options, codec: codecOf(name) });
        expect(manifest.archive).toMatchObject({ bytes: 2_097_152, lines: 32_768 });
        expect(turns, `building, ${name}`).toBeGreaterThanOrEqual(7);
        for (const decoder of ['native', 'fflate', 'strict'] as const) {
          turns = 0;
          await verifyArchiveBytes(gz, manifest, { decoder });
          expect(turns, `verifying, ${decoder}`).toBeGreaterThanOrEqual(7);
        }
      }
    } finally {
      isOver = true;
    }
  });

  test('gives the same manifest and archive for the same sources', async () => {
    const sources = [input('a', toUtf8('x\n')), input('b', toUtf8('y'))];
    const [one, two] = [await buildArchive(sources, options), await buildArchive(sources, options)];
    expect(two.manifestSha256).toBe(one.manifestSha256);
    expect(Buffer.compare(two.gz, one.gz)).toBe(0);
  });

  test('refuses sources out of order and cells beyond the cap', async () => {
    await expect(buildArchive([input('b', toUtf8('x')), input('a', toUtf8('y'))], options)).rejects.toMatchObject({
      code: 'bad-archive',
    });
    await expect(buildArchive([input('a', toUtf8('12345'))], { ...options, maxBytes: 5 })).rejects.toThrow(
      'ETHUSDT 2024-08-08 holds more than 5 bytes; raise maxCellBytes where the memory allows it.',
    );
  });
});

describe('decodeArchive', () => {
  test('gives back every source byte for byte, whatever the bytes are', async () => {
    const hostile = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: 'binary', maxLength: 100 }).map(toUtf8),
      fc.constantFrom('', '\n', '\n\n', '\ufeff{}', '{}\r\n{}', '{"__proto__":1}', '-0', '1e400', '\u2028').map(toUtf8),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 6 }), async (bodies) => {
        const { gz, manifest } = await buildArchive(
          bodies.map((bytes, i) => input(String(i), bytes)),
          options,
        );
        const again = parseManifest(encodeManifest(manifest), cell);
        const out: Uint8Array[] = [];
        for await (const { bytes } of decodeArchive(gz, again)) out.push(bytes);
        expect(out.map((bytes) => [...bytes])).toEqual(bodies.map((bytes) => [...bytes]));
      }),
      { numRuns: 300 },
    );
  });

  test('refuses every flipped bit of the compressed bytes', async () => {
    const { gz, manifest } = await buildArchive([input('a', toUtf8('{"i":1}\n'.repeat(20)))], options);
    for (const decoder of ['native', 'fflate', 'strict'] as const) {
      for (let bit = 0; bit < gz.length * 8; bit++) {
        const damaged = gz.slice();
        damaged[bit >> 3]! ^= 1 << (bit & 7);
        await expect(verifyArchiveBytes(damaged, manifest, { decoder })).rejects.toMatchObject({ code: 'bad-archive' });
      }
      for (const wrong of [gz.subarray(1), gz.subarray(0, -1), concat([gz, gz]), concat([gz, new Uint8Array(1)])]) {
        await expect(verifyArchiveBytes(wrong, manifest, { decoder })).rejects.toMatchObject({ code: 'bad-archive' });
      }
    }
  });

  test('refuses a manifest that declares anything else, by name', async () => {
    const { gz, manifest } = await buildArchive([input('a', toUtf8('1\n')), input('b', toUtf8('2\n'))], options);
    const [a, b] = manifest.sources;
    const zero = '0'.repeat(64);
    const wrong = [
      [{ ...manifest, sources: [a!, { ...b!, sha256: zero }] }, /bytes of .*\/b" have another SHA-256/],
      [{ ...manifest, sources: [a!, { ...b!, lines: 2 }] }, /another number of lines/],
      [{ ...manifest, sources: [a!] }, /more than its sources/],
      [{ ...manifest, archive: { ...manifest.archive, sha256: zero } }, /content has another SHA-256/],
      [{ ...manifest, archive: { ...manifest.archive, gzSha256: zero } }, /its bytes have another SHA-256/],
      [{ ...manifest, multiset: { ...manifest.multiset, value: zero } }, /records are not the ones/],
    ] as const;
    for (const [changed, message] of wrong) await expect(verifyArchiveBytes(gz, changed)).rejects.toThrow(message);
  });
});

describe('parseManifest', () => {
  test('refuses every mutation that does not agree with itself', async () => {
    const { manifestBytes } = await buildArchive([input('a', toUtf8('1\n')), input('b', toUtf8('2'))], options);
    const document = JSON.parse(fromUtf8(manifestBytes)) as Record<string, unknown>;
    const paths: string[][] = [];
    const walk = (value: unknown, path: string[]): void => {
      if (typeof value !== 'object' || value === null) return void paths.push(path);
      for (const [key, inner] of Object.entries(value)) walk(inner, [...path, key]);
    };
    walk(document, []);
    // Facts that stand for themselves: any text or number is as good as another until the archive is read.
    const free = /etag|uploadedMs|env|bucketId|gzBytes|sha256|gzSha256|value|tool/;
    for (const path of paths) {
      for (const replacement of [undefined, null, -1, 'x', {}, [], 9e99]) {
        const copy = structuredClone(document);
        let at = copy;
        for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
        if (free.test(path.at(-1)!) && typeof replacement === typeof at[path.at(-1)!]) continue;
        if (path.at(-1) === 'supersedes' && replacement === null) continue;
        if (path.at(-1) === 'tool') continue;
        at[path.at(-1)!] = replacement;
        expect(
          () => parseManifest(toUtf8(JSON.stringify(copy)), cell),
          `${path.join('.')} = ${JSON.stringify(replacement)}`,
        ).toThrow(/manifest was refused/);
      }
    }
  });

  test('answers arbitrary bytes with its own error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json().map(toUtf8), fc.uint8Array()), (bytes) => {
        try {
          parseManifest(bytes, cell);
        } catch (error) {
          expect(isHousecleaningError(error, 'bad-manifest')).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

test.skipIf(!hasRecordedData)('archives a recorded session exactly and small', async () => {
  const raw = gunzipSync(readFileSync(recordedPath('trades_books/binance_spot_ethusdt_20240808.gz')));
  const sources: ArchiveInput[] = [];
  for (let start = 0; start < raw.length;) {
    const near = raw.indexOf(10, Math.min(start + 1_000_000, raw.length - 1));
    const end = near < 0 ? raw.length : near + 1;
    sources.push(input(String(sources.length).padStart(6, '0'), raw.subarray(start, end)));
    start = end;
  }
  const { gz, manifest } = await buildArchive(sources, { ...options, maxBytes: 1e9 });
  let at = 0;
  for await (const { bytes } of decodeArchive(gz, manifest)) {
    expect(Buffer.compare(bytes, raw.subarray(at, at + bytes.length))).toBe(0);
    at += bytes.length;
  }
  expect(at).toBe(raw.length);
  expect(gz.length).toBeLessThan(raw.length / 4);
});
