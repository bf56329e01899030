import { createHash } from 'node:crypto';
import { constants, crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { gunzipSync as fflateGunzip } from 'fflate';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decoders, judge, tapeOf } from '../scripts/gzip-corpus.ts';
import { addMultisets, codecOf, defaultCodec, type Codec } from './codec.ts';
import { concat } from './internal/gzip.ts';

const codecs = (['node', 'web', 'portable'] as const).map(codecOf);
const text = (value: string) => new TextEncoder().encode(value);
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

const encode = async (codec: Codec, ...pieces: readonly Uint8Array[]) => {
  async function* source() {
    yield* pieces;
  }
  const parts: Uint8Array[] = [];
  for await (const part of codec.deflate(source())) parts.push(new Uint8Array(part));
  return concat(parts);
};

test('the default is the platform, and the three are there', () => {
  expect(defaultCodec().name).toBe('node');
  expect(codecs.map(({ name }) => name)).toEqual(['node', 'web', 'portable']);
  expect(() => codecOf('zip' as 'node')).toThrow('This platform has no codec "zip"; use defaultCodec().');
});

describe.each(codecs)('the codec $name', (codec) => {
  test('makes one gzip member without time and name, which zlib and fflate read', async () => {
    for (const content of [new Uint8Array(0), text('hello\n'.repeat(10)), tapeOf(30_000)]) {
      const gz = await encode(codec, content);
      expect(Buffer.from(gz.subarray(0, 10)).toString('hex')).toBe('1f8b0800000000000003');
      for (const answer of [gunzipSync(gz), fflateGunzip(gz)]) expect(Buffer.compare(answer, content)).toBe(0);
      for (const decoder of decoders) expect(await judge(gz, content, { decoder }, 10_000)).toBe('same');
    }
  });

  test('makes the same bytes however the content is cut', async () => {
    const content = tapeOf(40_000);
    const whole = await encode(codec, content);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(content.length), { maxLength: 6 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), content.length];
        const pieces = at.slice(1).map((end, i) => content.subarray(at[i], end));
        expect(Buffer.compare(await encode(codec, ...pieces), whole)).toBe(0);
      }),
      { numRuns: 8 },
    );
  });

  test('compresses a tape as well as gzip -6 does, within a few percent', async () => {
    const content = tapeOf(60_000);
    const size = (await encode(codec, content)).length;
    const { gzipSync } = await import('node:zlib');
    expect(size / gzipSync(content, { level: 6 }).length).toBeLessThan(1.1);
  });

  test('fails with the error of its source, also while blocks are being compressed', async () => {
    async function* failing() {
      for (let i = 0; i < 4; i++) yield new Uint8Array(600_000);
      throw new RangeError('the disk is gone');
    }
    await expect(
      (async () => {
        for await (const part of codec.deflate(failing())) expect(part.length).toBeGreaterThan(0);
      })(),
    ).rejects.toThrow(new RangeError('the disk is gone'));
  });

  test('has the digests of the standards', () => {
    const hash = codec.createSha256();
    hash.update(text('ab'));
    hash.update(text('c'));
    expect(hash.hex()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(codec.crc32(text('123456789'), 0)).toBe(0xcbf43926);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
        const first = codec.crc32(bytes.subarray(0, cut), 0);
        expect(codec.crc32(bytes.subarray(cut), first)).toBe(crc32(bytes));
      }),
    );
  });

  test('adds up the digests of the lines, in any order and any cut', () => {
    const line = fc.oneof(
      fc.string({ maxLength: 200 }).map((value) => value.replaceAll('\n', '')),
      fc.integer({ min: 1, max: 400 }).map((length) => 'x'.repeat(length)),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), fc.array(fc.nat(4_000), { maxLength: 5 }), (lines, cuts) => {
        const bytes = text(lines.join('\n'));
        const set = codec.createMultiset();
        const at = [0, ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
        at.slice(1).forEach((end, i) => set.push(bytes.subarray(at[i], end)));
        const records = lines.filter((value) => value !== '');
        expect(set.endLines()).toBe(records.length);
        expect(set.hex()).toBe(sumOf(records));
      }),
      { numRuns: 300 },
    );
  });

  test('adds up lines of any length, and two sums', () => {
    const lines = ['x'.repeat(10_000_000), 'y'.repeat(70_000), 'z'];
    const [a, b] = [codec.createMultiset(), codec.createMultiset()];
    for (const piece of chunks(text(`${lines[0]}\n${lines[1]}`), 60_001)) a.push(piece);
    b.push(text(lines[2]!));
    expect([a.endLines(), b.endLines()]).toEqual([2, 1]);
    expect(addMultisets(a.hex(), b.hex())).toBe(sumOf(lines));
    expect(codec.createMultiset().hex()).toBe('0'.repeat(64));
    expect(addMultisets('f'.repeat(64), `${'0'.repeat(63)}1`)).toBe('0'.repeat(64));
  });

  test('adds up more records than a double counts exactly in one go', () => {
    const set = codec.createMultiset();
    const block = text('a\n'.repeat(100_000));
    for (let i = 0; i < 11; i++) set.push(block);
    expect(set.endLines()).toBe(1_100_000);
    expect(set.hex()).toBe(((BigInt(`0x${sha256('a')}`) * 1_100_000n) % (1n << 256n)).toString(16).padStart(64, '0'));
  });
});

describe('blocks of the codec node', () => {
  /** Records of these many bytes, like a tape's: counters, numbers, and what is the same in all of them. */
  const records = (bytes: number, total: number) => {
    const lines = Array.from({ length: Math.ceil(total / bytes) }, (_, i) => {
      const start = `{"seq":${i},"p":"${(i * 7_919) % 10_007}","q":${(i * i) % 997},"c":"`;
      return start.padEnd(bytes - 4, sha256(`${i % 3}`)).concat('"}\n');
    });
    return text(lines.join(''));
  };
  const noise = Uint8Array.from({ length: 1_500_000 }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 13) & 0xff).map(
    (byte) => (byte === 10 ? 0 : byte),
  );

  test('are what zlib makes of each alone, with a window that fits its records, whichever stream took it', async () => {
    // Four blocks of 512 KiB of short records, three of longer ones, three of noise, three of long ones, then short again.
    const block = 524_288;
    const near = { windowBits: 11, memLevel: 8 };
    const kinds = [
      [records(120, 4 * block), near],
      [records(300, 3 * block), { windowBits: 14, memLevel: 9 }],
      [noise, { windowBits: 15, memLevel: 9 }],
      [records(1_500, 3 * block), { windowBits: 15, memLevel: 9 }],
      [records(120, 4 * block), near],
    ] as const;
    const whole: { bytes: Uint8Array; reach: { windowBits: number; memLevel: number } }[] = [];
    for (const [bytes, reach] of kinds)
      for (let at = 0; at + block <= bytes.length; at += block)
        whole.push({ bytes: bytes.subarray(at, at + block), reach });
    whole.push({ bytes: text('{"last":1}\n'), reach: near });
    const content = concat(whole.map(({ bytes }) => bytes));
    const setting = { level: 6, strategy: constants.Z_FILTERED, finishFlush: constants.Z_SYNC_FLUSH };
    const expected = concat([
      ...whole.map(({ bytes, reach }) => deflateRawSync(bytes, { ...setting, ...reach })),
      Uint8Array.of(3, 0),
    ]);
    for (const cut of [content.length, 700_001]) {
      const gz = await encode(codecOf('node'), ...chunks(content, cut));
      expect(Buffer.compare(gz.subarray(10, -8), expected)).toBe(0);
      expect(Buffer.compare(gunzipSync(gz), content)).toBe(0);
    }
  });

  test.each([80, 120, 190, 300, 390, 600])('of records of %i bytes are no larger than gzip -6', async (bytes) => {
    const content = records(bytes, 1_200_000);
    const size = (await encode(codecOf('node'), content)).length;
    expect(size / gzipSync(content, { level: 6 }).length).toBeLessThan(1.02);
  });
});

test('a line that goes on in the next piece is not changed by what its owner does with the first', () => {
  const set = defaultCodec().createMultiset();
  const piece = Buffer.from('hello ');
  set.push(piece);
  piece.fill(0);
  set.push(text('world'));
  set.endLines();
  expect(set.hex()).toBe(sha256('hello world'));
});

function sumOf(lines: readonly string[]): string {
  const sum = lines.reduce((s, value) => s + BigInt(`0x${sha256(value)}`), 0n) % (1n << 256n);
  return sum.toString(16).padStart(64, '0');
}

function* chunks(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
