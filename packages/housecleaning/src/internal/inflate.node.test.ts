import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bases, damages, tapeOf } from '../../scripts/gzip-corpus.ts';
import { concat } from './gzip.ts';
import { createStrictInflater } from './inflate.ts';
import { InflateError, type Inflater } from './inflater.ts';

/** What comes out, and how it ended. */
function decode(inflater: Inflater, bytes: Uint8Array, pieceBytes: number): { content: Buffer; end: string } {
  const parts: Uint8Array[] = [];
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes)
      for (const part of inflater.push(bytes.subarray(at, at + pieceBytes))) parts.push(new Uint8Array(part));
    for (const part of inflater.end()) parts.push(new Uint8Array(part));
    return { content: Buffer.concat(parts), end: 'whole' };
  } catch (error) {
    if (!(error instanceof InflateError)) throw error;
    return { content: Buffer.concat(parts), end: `${error.fault}: ${error.message}` };
  }
}

const both = (maxBytes: number) => [createStrictInflater(maxBytes), createStrictInflater(maxBytes, false)] as const;

function expectSame(bytes: Uint8Array, pieceBytes: number, maxBytes: number, what: string): string {
  const [kernel, script] = both(maxBytes).map((inflater) => decode(inflater, bytes, pieceBytes));
  expect(kernel!.end, what).toBe(script!.end);
  if (script!.end === 'whole') expect(kernel!.content.equals(script!.content), what).toBe(true);
  return script!.end;
}

describe('the kernel decodes as JavaScript alone does', () => {
  const tape = tapeOf(30_000);
  const noise = Uint8Array.from({ length: 200_000 }, (_, i) => (Math.imul(i + 1, 2_654_435_761) >>> 13) & 0xff);

  test('every level, strategy, window and kind of block, in pieces of any size', () => {
    const content = concat([tape, noise, new Uint8Array(300_000), tape.subarray(0, 9_999)]);
    const settings = [
      ...[0, 1, 6, 9].map((level) => ({ level })),
      ...[constants.Z_FILTERED, constants.Z_HUFFMAN_ONLY, constants.Z_RLE, constants.Z_FIXED].map((strategy) => ({
        strategy,
      })),
      { windowBits: 9, memLevel: 1 },
      { windowBits: 13, memLevel: 9 },
    ];
    for (const setting of settings) {
      const raw = deflateRawSync(content, setting);
      for (const pieceBytes of [63, 1_000, 65_536, raw.length]) {
        const what = `${JSON.stringify(setting)} in pieces of ${pieceBytes}`;
        expect(expectSame(raw, pieceBytes, content.length, what), what).toBe('whole');
        const answer = decode(createStrictInflater(content.length), raw, pieceBytes);
        expect(answer.content.equals(content), what).toBe(true);
      }
      expect(expectSame(raw, 65_536, content.length - 1, 'a byte too many')).toMatch(/^too-long/);
    }
  });

  test('every third damage of the corpus', async () => {
    let index = 0;
    for (const base of (await bases(4)).filter(({ name }) => /level 1|fixed|long tape|sync flush/.test(name))) {
      for (const { name, gz } of damages(base))
        if (index++ % 3 === 0)
          expectSame(gz.subarray(10, -8), gz.length, base.content.length + 1_000, `${base.name}, ${name}`);
    }
  });

  test('a long stream with any byte changed, whatever it becomes', () => {
    const raw = deflateRawSync(tape);
    const ends = new Set<string>();
    fc.assert(
      fc.property(fc.nat(raw.length - 1), fc.integer({ min: 1, max: 255 }), fc.nat(3_000), (at, change, size) => {
        const changed = Uint8Array.from(raw);
        changed[at]! ^= change;
        ends.add(expectSame(changed, size + 65, tape.length, `byte ${at} ^ ${change}`).split(':')[0]!);
      }),
      { numRuns: 150 },
    );
    expect(ends.size).toBeGreaterThan(1);
  });

  test('several at once, also where one was left in the middle', () => {
    const [a, b] = [tape, tape.subarray(0, 500_000).map((byte) => byte ^ 1)].map((content) => ({
      content: Buffer.from(content),
      raw: deflateRawSync(content),
    })) as [{ content: Buffer; raw: Buffer }, { content: Buffer; raw: Buffer }];
    for (let round = 0; round < 3; round++) {
      const left = createStrictInflater(1e9);
      for (const part of left.push(a.raw.subarray(0, 5_000))) expect(part.length).toBeGreaterThan(0);
      const decoders = [a, b].map(({ raw }) => ({ raw, inflater: createStrictInflater(1e9), out: [] as Uint8Array[] }));
      for (let at = 0; at < Math.max(a.raw.length, b.raw.length); at += 2_000) {
        for (const { raw, inflater, out } of decoders)
          for (const part of inflater.push(raw.subarray(at, at + 2_000))) out.push(new Uint8Array(part));
      }
      for (const { inflater, out } of decoders) for (const part of inflater.end()) out.push(new Uint8Array(part));
      expect(decoders.map(({ out }, i) => Buffer.concat(out).equals([a, b][i]!.content))).toEqual([true, true]);
    }
  });
});
