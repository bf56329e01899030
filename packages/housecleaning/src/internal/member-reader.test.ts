import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bases,
  decoders,
  endlessBomb,
  foreignHeaders,
  inPieces,
  judge,
  member,
  tapeOf,
} from '../../scripts/gzip-corpus.ts';
import { fuzz } from '../../scripts/fuzz-gzip.ts';
import { concat, gzipHeader } from './gzip.ts';
import { webInflate } from './inflate-web.ts';
import { createStrictInflater } from './inflate.ts';
import { InflateError } from './inflater.ts';
import { gunzipStrictly, type GunzipOptions } from './member-reader.ts';

const read = async (gz: Uint8Array, options: Partial<GunzipOptions> = {}, pieceBytes = 1_000) => {
  const parts: Uint8Array[] = [];
  for await (const part of gunzipStrictly(inPieces(gz, pieceBytes), { maxBytes: 1e9, ...options })) parts.push(part);
  return concat(parts);
};
/** Bytes that do not compress. */
const noise = (length: number, seed: number) => {
  let state = seed + 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 8;
  });
};
const text = (value: string) => new TextEncoder().encode(value);

describe.each(decoders)('the decoder %s', (decoder) => {
  test('takes what is right, in pieces of any size', async () => {
    for (const { name, gz, content } of await bases()) {
      for (const pieceBytes of [1, 7, 100, 1_000_000]) {
        expect(await judge(gz, content, { decoder }, pieceBytes), `${name} in pieces of ${pieceBytes}`).toBe('same');
      }
    }
  });

  test('takes content over many windows and blocks', async () => {
    const content = concat([tapeOf(5_000), new Uint8Array(100_000), text('x'), tapeOf(3_000)]);
    for (const level of [0, 1, 2, 5, 6, 9]) {
      const gz = member(deflateRawSync(content, { level }), content);
      for (const pieceBytes of [999, 65_536]) {
        expect(await judge(gz, content, { decoder }, pieceBytes), `level ${level}`).toBe('same');
      }
    }
  });

  test('says what is wrong', async () => {
    const gz = member(deflateRawSync(tapeOf(10)), tapeOf(10));
    const why = async (bytes: Uint8Array, options: Partial<GunzipOptions> = {}) => {
      const error: unknown = await read(bytes, { decoder, ...options }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'HousecleaningError', code: 'bad-archive' });
      return /refused: (.*)\. Read it again/.exec((error as Error).message)?.[1];
    };
    expect(await why(gz.subarray(0, 60))).toMatch(/^it is cut short: it ends in the middle of a (block|code)$/);
    expect(await why(gz.subarray(0, 60), { gzBytes: gz.length })).toBe(
      `it is cut short: 60 of ${gz.length} bytes arrived`,
    );
    expect(await why(gz.subarray(0, 11))).toBe('it is cut short: 11 bytes are fewer than any archive');
    expect(await why(concat([gz, gz]))).toBe('bytes follow its end: a second member, padding or a tail');
    expect(await why(concat([gz, gz]), { gzBytes: gz.length })).toBe(
      `it has more than the ${gz.length} bytes declared`,
    );
    expect(await why(concat([gz, new Uint8Array(1)]))).toBe('bytes follow its end: a second member, padding or a tail');
    expect(await why(gz, { maxBytes: 100 })).toBe('it holds more than was declared, 100 bytes');
    expect(await why(gzipSync('x', { level: 1 }))).toBe('its header is not the one that this package writes');
    const wrong = gz.slice();
    wrong[wrong.length - 1]! ^= 1;
    expect(await why(wrong)).toBe('its length field differs from its content');
    wrong[wrong.length - 8]! ^= 1;
    expect(await why(wrong)).toBe('its CRC-32 differs from its content');
  });

  test('finds the end of a long stream too', async () => {
    const content = concat(Array.from({ length: 40 }, (_, i) => concat([tapeOf(500 + i), noise(3_000, i)])));
    const gz = member(deflateRawSync(content), content);
    expect(gz.length).toBeGreaterThan(100_000);
    const [body, trailer] = [gz.subarray(0, -8), gz.subarray(-8)];
    const wrong = {
      'two members': concat([gz, gz]),
      'a byte behind': concat([gz, Uint8Array.of(0)]),
      'a byte before the trailer': concat([body, Uint8Array.of(0), trailer]),
      'half a header before the trailer': concat([body, trailer, gz.subarray(0, 9), trailer]),
      'a byte less': gz.subarray(0, -1),
      'a byte of the stream less': concat([body.subarray(0, -1), trailer]),
    };
    for (const pieceBytes of [1_000, 65_536, gz.length * 2]) {
      expect(await judge(gz, content, { decoder }, pieceBytes)).toBe('same');
      for (const [name, bytes] of Object.entries(wrong)) {
        expect(await judge(bytes, content, { decoder }, pieceBytes), name).toBe('refused');
      }
    }
  });

  test('stops a bomb at the declared length', async () => {
    const zeros = new Uint8Array(20_000_000);
    const bomb = member(deflateRawSync(zeros), zeros);
    expect(bomb.length).toBeLessThan(25_000);
    let out = 0;
    const pieces = gunzipStrictly(inPieces(bomb, 65_536), { maxBytes: 1_000_000, decoder });
    await expect(
      (async () => {
        for await (const piece of pieces) out += piece.length;
      })(),
    ).rejects.toThrow('it holds more than was declared, 1000000 bytes');
    expect(out).toBeLessThanOrEqual(1_000_000);
  });

  test('lets go of a bomb without end, and of its source', async () => {
    let blocks = 0;
    const endless = endlessBomb(() => (blocks += 1));
    const pieces = gunzipStrictly(endless, { maxBytes: 5_000_000, decoder });
    await expect(
      (async () => {
        for await (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(262_144);
      })(),
    ).rejects.toThrow('it holds more than was declared, 5000000 bytes');
    // A MiB each; what the first 32 KiB and a few pieces on their way may hold comes on top.
    expect(blocks).toBeLessThan(100);
    expect((await endless.next()).done).toBe(true);
  });

  test('passes on what its source throws', async () => {
    const failing = async function* () {
      yield gzipHeader.slice();
      for (let i = 0; i < 60; i++) yield deflateRawSync(tapeOf(100), { finishFlush: 2 });
      throw new RangeError('the disk is gone');
    };
    await expect(
      (async () => {
        for await (const piece of gunzipStrictly(failing(), { maxBytes: 1e9, decoder })) expect(piece).toBeDefined();
      })(),
    ).rejects.toThrow(new RangeError('the disk is gone'));
  });

  test('lets go of its source when its reader has enough', async () => {
    let isReleased = false;
    const source = async function* () {
      try {
        yield gzipHeader.slice();
        for (;;) yield deflateRawSync(tapeOf(1_000), { finishFlush: 2 });
      } finally {
        isReleased = true;
      }
    };
    for await (const piece of gunzipStrictly(source(), { maxBytes: 1e12, decoder })) if (piece.length > 0) break;
    expect(isReleased).toBe(true);
  });

  test('reads the headers of other tools where it is told to', async () => {
    const content = tapeOf(20);
    const gz = member(deflateRawSync(content), content);
    for (const { name, header } of foreignHeaders()) {
      const foreign = concat([header, gz.subarray(10)]);
      expect(await judge(foreign, content, { decoder }), name).toBe('refused');
      for (const pieceBytes of [1, 1_000]) {
        expect(await judge(foreign, content, { decoder, header: 'any' }, pieceBytes), name).toBe('same');
      }
      expect(await judge(concat([foreign, foreign]), content, { decoder, header: 'any' }), `two, ${name}`).toBe(
        'refused',
      );
      for (let cut = 0; cut < header.length; cut++)
        expect(await judge(foreign.subarray(0, cut), content, { decoder, header: 'any' })).toBe('refused');
    }
    const checked = foreignHeaders()
      .find(({ name }) => name === 'all of them')!
      .header.slice();
    checked[12]! ^= 1;
    expect(await judge(concat([checked, gz.subarray(10)]), content, { decoder, header: 'any' })).toBe('refused');
    const reserved = gz.slice();
    reserved[3] = 0x20;
    expect(await judge(reserved, content, { decoder, header: 'any' })).toBe('refused');
    const endless = concat([Uint8Array.of(0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3), new Uint8Array(2_000_000).fill(65)]);
    await expect(read(endless, { decoder, header: 'any' })).rejects.toThrow('its header has no end');
  });
});

test('no damaged stream is taken as something else, by any of the three', async () => {
  // Every cut, every flipped bit, members, padding, tails, headers, trailers; scripts/fuzz-gzip.ts does all twenty bases.
  const all = await bases();
  const some = all.filter(({ name }) => /nothing|one byte|^noise|fixed|full flush|node, 1 lines/.test(name));
  expect(some).toHaveLength(6);
  const { wrong, inputs, decoded, refused, harmless, stricter } = await fuzz(some, 1_000);
  expect(wrong).toEqual([]);
  expect(inputs).toBeGreaterThan(6_000);
  expect(refused + harmless).toBe(decoded);
  // Padding and a length's complement: the content is right, and the digest of the compressed bytes tells.
  expect(stricter).toBeLessThan(inputs / 100);
});

test('only the strict decoder looks at the bits behind the end of a block', async () => {
  const content = text('hello\n'.repeat(10));
  const gz = member(deflateRawSync(content), content);
  const padded = gz.slice();
  padded[padded.length - 9]! |= 0x80;
  expect(await Promise.all(decoders.map((decoder) => judge(padded, content, { decoder })))).toEqual([
    'same',
    'same',
    'refused',
  ]);
});

test('the strict decoder ends with an answer or its own error for any bytes in any pieces', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 200 }), (bytes, size) => {
      const inflater = createStrictInflater(100_000);
      try {
        for (let at = 0; at < bytes.length; at += size) [...inflater.push(bytes.subarray(at, at + size))].at(0);
        [...inflater.end()].at(0);
      } catch (error) {
        expect(error).toBeInstanceOf(InflateError);
      }
    }),
    { numRuns: 5_000 },
  );
});

test("the platform's DecompressionStream decodes only where it refuses a tail", async () => {
  const inflate = await webInflate();
  const content = tapeOf(2_000);
  const raw = deflateRawSync(content);
  const run = async (bytes: Uint8Array) => {
    const parts: Uint8Array[] = [];
    for await (const part of inflate!(inPieces(bytes, 500))) parts.push(part);
    return concat(parts);
  };
  if (inflate === undefined) return;
  expect(Buffer.compare(await run(raw), content)).toBe(0);
  await expect(run(concat([raw, Uint8Array.of(0)]))).rejects.toBeInstanceOf(InflateError);
  await expect(run(raw.subarray(0, 100))).rejects.toBeInstanceOf(InflateError);
});
