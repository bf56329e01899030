import { createHash } from 'node:crypto';
import { deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { gunzipSync as fflateGunzip } from 'fflate';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isHousecleaningError } from '../errors.ts';
import { concat, createGzipEncoder, gunzipStrictly } from './gzip.ts';
import { inflateExactly, InflateError } from './inflate.ts';
import { createMultiset } from './multiset.ts';
import { createSha256, sha256Hex } from './sha256.ts';

const encode = (...pieces: readonly Uint8Array[]) => {
  const encoder = createGzipEncoder();
  pieces.forEach((piece) => encoder.push(piece));
  return encoder.finish();
};
const decode = (gz: Uint8Array, maxBytes = 1e9) => concat([...gunzipStrictly(gz, maxBytes)]);
const refused = (gz: Uint8Array, maxBytes?: number) => {
  try {
    decode(gz, maxBytes);
    return false;
  } catch (error) {
    if (isHousecleaningError(error, 'bad-archive')) return true;
    throw error;
  }
};
const text = (value: string) => new TextEncoder().encode(value);
/** Lines that compress like a tape: long matches, short matches, literals. */
const tape = (lines: number) =>
  text(
    Array.from({ length: lines }, (_, i) => `{"t":${1_723_075_200_000 + i * 37},"p":"${(i * 7_919) % 10_007}"}\n`).join(
      '',
    ),
  );

describe('gzip', () => {
  test('gives known bytes: one member, no time, no name', () => {
    expect(Buffer.from(encode(text('hello\n'.repeat(10)))).toString('hex')).toBe(
      '1f8b0800000000000003cb48cdc9c9e7228f040030481d563c000000',
    );
  });

  test('gives the same bytes however the content is pushed', () => {
    const content = tape(20_000);
    const whole = encode(content);
    fc.assert(
      fc.property(fc.array(fc.nat(content.length), { maxLength: 6 }), (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), content.length];
        const pieces = at.slice(1).map((end, i) => content.subarray(at[i], end));
        expect(Buffer.compare(encode(...pieces), whole)).toBe(0);
      }),
      { numRuns: 10 },
    );
  });

  test('is read alike by this decoder, zlib and fflate', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000, size: 'max' }), fc.nat(3), (seed, copies) => {
        const content = concat(Array.from({ length: copies + 1 }, () => seed));
        const gz = encode(content);
        for (const answer of [decode(gz), gunzipSync(gz), fflateGunzip(gz)]) {
          expect(Buffer.compare(answer, content)).toBe(0);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('decodes what zlib writes, at every level and over its 32 KiB window', () => {
    const content = concat([tape(5_000), new Uint8Array(100_000), text('x'), tape(3_000)]);
    for (const level of [0, 1, 2, 5, 6, 9]) {
      const raw = deflateRawSync(content, { level });
      expect(Buffer.compare(concat([...inflateExactly(raw, content.length)]), content), `level ${level}`).toBe(0);
    }
  });

  test('refuses every truncation, and every flipped bit that changes the content', () => {
    const content = tape(40);
    const gz = encode(content);
    for (let end = 0; end < gz.length; end++) expect(refused(gz.subarray(0, end)), `cut at ${end}`).toBe(true);
    let unnoticed = 0;
    for (let bit = 0; bit < gz.length * 8; bit++) {
      const damaged = gz.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      if (refused(damaged)) continue;
      // Another distance to the same text: the content is right, and the digest of the compressed bytes tells.
      expect(Buffer.compare(decode(damaged), content), `bit ${bit}`).toBe(0);
      unnoticed += 1;
    }
    expect(unnoticed).toBeLessThan(gz.length / 10);
  });

  test('refuses what other readers let pass: a second member, padding, a tail, names', () => {
    const gz = encode(tape(10));
    expect(refused(concat([gz, gz])), 'the same member twice').toBe(true);
    expect(refused(concat([gz, encode(text('more'))])), 'another member').toBe(true);
    expect(refused(concat([gz, new Uint8Array(1)])), 'one zero byte').toBe(true);
    expect(refused(concat([gz, new Uint8Array(65_536)])), 'zero padding').toBe(true);
    expect(
      refused(concat([gz.subarray(0, gz.length - 8), Uint8Array.of(0), gz.subarray(gz.length - 8)])),
      'a byte inside',
    ).toBe(true);
    const named = concat([gz.subarray(0, 3), Uint8Array.of(8), gz.subarray(4, 10), text('a\0'), gz.subarray(10)]);
    expect(refused(named), 'a file name').toBe(true);
    expect(Buffer.compare(decode(gz), tape(10)), 'and takes the one that is right').toBe(0);
  });

  test('stops a bomb at the declared length', () => {
    const bomb = encode(new Uint8Array(20_000_000));
    expect(bomb.length).toBeLessThan(25_000);
    let out = 0;
    expect(() => {
      for (const piece of gunzipStrictly(bomb, 1_000_000)) out += piece.length;
    }).toThrow(/more than was declared/);
    expect(out).toBeLessThanOrEqual(1_000_000);
  });

  test('ends with an answer or its own error for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          concat([...inflateExactly(bytes, 100_000)]);
        } catch (error) {
          expect(error).toBeInstanceOf(InflateError);
        }
      }),
      { numRuns: 5_000 },
    );
  });

  test('refuses a known size that is wrong in the trailer', () => {
    const gz = gzipSync(text('abc'));
    gz[8] = 0;
    gz[9] = 3;
    expect(Buffer.from(decode(gz)).toString()).toBe('abc');
    gz[gz.length - 4] = 4;
    expect(refused(gz)).toBe(true);
  });
});

describe('sha256', () => {
  test('equals the platform for any input in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), async (pieces) => {
        const hash = createSha256();
        pieces.forEach((piece) => hash.update(piece));
        const whole = concat(pieces);
        expect(hash.hex()).toBe(createHash('sha256').update(whole).digest('hex'));
        expect(await sha256Hex(whole)).toBe(createHash('sha256').update(whole).digest('hex'));
      }),
    );
  });

  test('gives the digest of "abc" of FIPS 180-4', () => {
    const hash = createSha256();
    hash.update(text('abc'));
    expect(hash.hex()).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('multiset', () => {
  test('is the sum of the digests of the lines, in any order and any cut', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `{"i":${i % 250}}`);
    const sum =
      lines.reduce((s, line) => s + BigInt(`0x${createHash('sha256').update(line).digest('hex')}`), 0n) % (1n << 256n);
    const set = createMultiset();
    expect(set.addLines(text(lines.slice(100).join('\n')))).toBe(200);
    expect(set.addLines(text(`\n\n${lines.slice(0, 100).reverse().join('\n\n')}\n`))).toBe(100);
    expect(set.hex()).toBe(sum.toString(16).padStart(64, '0'));
  });

  test('of nothing is zero', () => {
    expect(createMultiset().hex()).toBe('0'.repeat(64));
  });
});
