// What a retention rule may take for a damaged archive of ours, judged by zlib: no line of anything else comes out of it.
import fc from 'fast-check';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { judgeDamage } from './judge-damage.ts';
import { createSha256 } from './sha256.ts';
import { inSlices } from './slices.ts';
import { toUtf8 } from './utf8.ts';

const digestOf = (bytes: Uint8Array): string => {
  const hash = createSha256();
  hash.update(bytes);
  return hash.hex();
};

/** Pieces of their own lengths on both sides. */
async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += length)
    for (const piece of inSlices(bytes.slice(at, at + length))) yield piece;
}

const judge = (damaged: Uint8Array, right: Uint8Array, lengths: readonly [number, number] = [7, 11]) =>
  judgeDamage(
    { pieces: inPieces(damaged, lengths[0]), sha256: digestOf(damaged), size: damaged.length },
    { pieces: inPieces(right, lengths[1]), gzSha256: digestOf(right), gzBytes: right.length },
  );

const linesOf = (count: number, of = 'ours'): string[] =>
  Array.from({ length: count }, (_, seq) => `{"${of}":${seq},"price":"${(seq * 7919) % 10_007}.5"}\n`);
const gzipOf = (lines: readonly string[], level = 6): Uint8Array => new Uint8Array(gzipSync(lines.join(''), { level }));
const flipped = (bytes: Uint8Array, ...at: readonly number[]): Uint8Array =>
  bytes.map((byte, i) => (at.includes(i) ? byte ^ 1 : byte));
/** Everything that zlib gives before it stops. */
const partOf = (bytes: Uint8Array): string => {
  try {
    return gunzipSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  } catch {
    return '';
  }
};

const right = gzipOf(linesOf(200));

describe('a file that nobody can read is a damaged archive of ours', () => {
  test.each([
    ['one bit is flipped, in the header', flipped(right, 1)],
    ['one bit is flipped, in the stream', flipped(right, 500)],
    ['one bit is flipped, in the trailer', flipped(right, right.length - 1)],
    ['four bytes of the stream are others', flipped(right, 20, 21, 400, 600)],
    ['it was cut short', right.slice(0, 777)],
    ['it lost its last byte', right.slice(0, -1)],
    ['nothing is left of it', new Uint8Array()],
    ['its end was never written', right.map((byte, i) => (i < 300 ? byte : 0))],
    [
      'a sector of it was never written, and its end is gone',
      right.map((b, i) => (i > 99 && i < 612 ? 0 : b)).slice(0, -9),
    ],
  ])('if %s', async (_, damaged) => {
    expect(await judge(damaged, right)).toBe('own');
  });

  test.each([
    ['five bytes are others', flipped(right, 20, 21, 22, 23, 24)],
    ['its stream and its trailer have other bytes: it may be of other content', flipped(right, 500, right.length - 5)],
    ['it was cut short, and a bit is flipped too', flipped(right, 500).slice(0, -9)],
    ['it is longer', new Uint8Array([...right, 0])],
    ['it is longer by another member', new Uint8Array([...right, ...gzipOf(['{"more":1}\n'])])],
    ['it is a text', toUtf8('{"text":"of somebody"}\n')],
    ['it is of other lines, and cut short', gzipOf(linesOf(100, 'theirs')).slice(0, -8)],
    ['it is of other lines, and its CRC-32 is wrong', flipped(gzipOf(linesOf(100, 'theirs')), -8)],
    [
      'it is a longer day, cut to the same length',
      gzipOf([...linesOf(200), ...linesOf(300, 'more')]).slice(0, right.length),
    ],
    [
      'its beginning was overwritten by a shorter file',
      new Uint8Array([...gzipOf(['{"it":1}\n']), ...right.slice(29)]),
    ],
  ])('and may be something else if %s', async (_, damaged) => {
    expect(await judge(damaged, right)).toBe('other');
  });

  test('unless what arrives on either side is not what its digest names', async () => {
    const damaged = flipped(right, 500);
    const side = (bytes: Uint8Array, length = 64) => ({ pieces: inPieces(bytes, length) });
    const mine = { sha256: digestOf(damaged), size: damaged.length };
    const theirs = { gzSha256: digestOf(right), gzBytes: right.length };
    expect(await judgeDamage({ ...side(right), ...mine }, { ...side(right), ...theirs })).toBe('unknown');
    expect(await judgeDamage({ ...side(damaged), ...mine }, { ...side(damaged), ...theirs })).toBe('unknown');
    expect(await judgeDamage({ ...side(damaged), ...mine }, { ...side(right.slice(0, 90)), ...theirs })).toBe(
      'unknown',
    );
  });

  test('and both sides are let go of, whatever the verdict', async () => {
    for (const damaged of [flipped(right, 500), toUtf8('{"text":"of somebody"}\n'), new Uint8Array()]) {
      const left: string[] = [];
      const watched = async function* (bytes: Uint8Array, name: string): AsyncGenerator<Uint8Array, void, undefined> {
        try {
          yield* inPieces(bytes, 5);
        } finally {
          left.push(name);
        }
      };
      await judgeDamage(
        { pieces: watched(damaged, 'damaged'), sha256: digestOf(damaged), size: damaged.length },
        { pieces: watched(right, 'right'), gzSha256: digestOf(right), gzBytes: right.length },
      );
      expect(left.sort()).toEqual(['damaged', 'right']);
    }
  });
});

const lengths = fc.tuple(fc.integer({ min: 1, max: 97 }), fc.integer({ min: 1, max: 97 }));
/** Also stored blocks and short codes, in which one other character is one other byte. */
const level = fc.constantFrom(0, 1, 6, 9);

test('any bit that flips and any cut leaves a damaged archive of ours', async () => {
  const damage = fc.record({
    count: fc.integer({ min: 1, max: 60 }),
    level,
    lengths,
    at: fc.nat(),
    isCut: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(damage, async (given) => {
      const whole = gzipOf(linesOf(given.count), given.level);
      const at = given.at % whole.length;
      const damaged = given.isCut
        ? whole.slice(0, at)
        : whole.map((byte, i) => (i === at ? byte ^ (1 << (given.at % 8)) : byte));
      expect(await judge(damaged, whole, given.lengths)).toBe('own');
    }),
    { numRuns: 300 },
  );
});

test('no line of other content goes with a copy, however alike and however damaged it is', async () => {
  const kinds = ['others', 'one character', 'one line more', 'one line less'] as const;
  const damages = ['cut', 'cut and filled', 'flip', 'flip in the trailer'] as const;
  const sample = fc.record({
    ...{ count: fc.integer({ min: 1, max: 40 }), where: fc.nat(), at: fc.nat(), bit: fc.nat(7) },
    ...{ kind: fc.constantFrom(...kinds), damage: fc.constantFrom(...damages), level, ofOurs: level, lengths },
  });
  let kept = 0;
  await fc.assert(
    fc.asyncProperty(sample, async (given) => {
      const own = linesOf(given.count);
      const whole = gzipOf(own, given.ofOurs);
      const line = given.where % own.length;
      const foreign =
        given.kind === 'others'
          ? linesOf(given.count, 'them')
          : own.flatMap((text, i) => {
              if (i !== line) return [text];
              if (given.kind === 'one line less') return [];
              return given.kind === 'one character' ? [text.replace('.5', '.6')] : [text, '{"late":1}\n'];
            });
      const theirs = gzipOf(foreign, given.level);
      const at = given.at % theirs.length;
      const flip = (i: number): Uint8Array => theirs.map((byte, n) => (n === i ? byte ^ (1 << given.bit) : byte));
      const damaged = {
        cut: () => theirs.slice(0, at),
        'cut and filled': () => theirs.map((byte, i) => (i < at ? byte : 0)),
        flip: () => flip(at),
        'flip in the trailer': () => flip(theirs.length - 1 - (at % 8)),
      }[given.damage]();
      if ((await judge(damaged, whole, given.lengths)) !== 'own') {
        kept += 1;
        return;
      }
      const comesOut = partOf(damaged);
      expect(foreign.filter((text) => !own.includes(text) && comesOut.includes(text))).toEqual([]);
      // Behind a cut zeros decode to something too.
      if (given.damage === 'cut') expect(own.join('').startsWith(comesOut)).toBe(true);
      expect(['cut', 'cut and filled']).toContain(given.damage);
    }),
    { numRuns: 1_000 },
  );
  expect(kept).toBeGreaterThan(500);
});
