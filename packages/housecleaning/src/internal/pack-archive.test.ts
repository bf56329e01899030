import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestSources, encodeArchive, type SourceOpener } from '../archive.ts';
import { codecOf, type Codec } from '../codec.ts';
import { rawCellPrefix } from '../keys.ts';
import { packArchive } from './pack-archive.ts';
import { collect } from './streams.ts';

const cell = { symbol: 'ETHUSDT', date: '2024-08-08' };
const build = { cell, generation: 1, supersedes: null, env: { env: 'test', bucketId: 'tape' }, maxBytes: 1e12 };
const options = { ...build, selfVerify: 'strict' } as const;

/** Raw objects in pieces of `size` bytes from one buffer that is used again, and overwritten behind the reader. */
const openers = (bodies: readonly Uint8Array[], size = 1_000, onOpen?: () => void): SourceOpener[] =>
  bodies.map((bytes, index) => {
    const name = String(index).padStart(3, '0');
    const key = `${rawCellPrefix(cell)}${name}`;
    return {
      source: { key, etag: `e-${name}`, size: bytes.length, uploadedMs: 1, generation: 1 },
      async *open() {
        onOpen?.();
        const shared = new Uint8Array(size);
        for (let at = 0; at < bytes.length; at += size) {
          const piece = shared.subarray(0, Math.min(size, bytes.length - at));
          piece.set(bytes.subarray(at, at + size));
          yield piece;
          shared.fill(0);
        }
      },
    };
  });

/** Bytes that hardly compress, the same in every run. */
const noise = (length: number): Uint8Array => {
  let state = 1;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  });
};

async function inTwoPasses(bodies: readonly Uint8Array[], codec: Codec) {
  const digest = await digestSources(openers(bodies), { ...build, codec });
  const { body, done } = encodeArchive(openers(bodies), digest, { codec });
  const gz = await collect(body);
  return { digest, packed: { gz, ...(await done) } };
}

describe('one pass', () => {
  test.each(['node', 'web', 'portable'] as const)(
    'makes what two passes make, however the sources are cut, by the codec %s',
    async (name) => {
      const codec = codecOf(name);
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 3_000 }),
        fc.constantFrom(new Uint8Array(0), Uint8Array.of(10), noise(70_000)),
        fc.integer({ min: 1, max: 20_000 }).map((lines) => new TextEncoder().encode('{"i":1}\n'.repeat(lines))),
      );
      await fc.assert(
        fc.asyncProperty(
          fc.array(body, { maxLength: 4 }),
          fc.constantFrom(97, 5_000, 300_000),
          async (bodies, size) => {
            const two = await inTwoPasses(bodies, codec);
            const { digest, packed } = await packArchive(openers(bodies, size), { ...options, codec });
            expect(digest).toEqual(two.digest);
            expect(packed).toMatchObject({ gzSha256: two.packed.gzSha256, gzBytes: two.packed.gzBytes });
            expect(Buffer.compare(packed!.gz, two.packed.gz)).toBe(0);
          },
        ),
        { numRuns: name === 'portable' ? 8 : 20 },
      );
    },
  );

  test.each(['node', 'web', 'portable'] as const)(
    'gives the archive up where it grows beyond what may be held, and digests all the same, by the codec %s',
    async (name) => {
      const codec = codecOf(name);
      const bodies = [noise(700_000), noise(500_000), noise(10)];
      const two = await inTwoPasses(bodies, codec);
      const { gzBytes } = two.packed;
      for (const maxGzBytes of [0, 10, 400_000, gzBytes - 1]) {
        let opened = 0;
        const inputs = openers(bodies, 100_000, () => (opened += 1));
        const { digest, packed } = await packArchive(inputs, { ...options, codec, maxGzBytes });
        expect(packed, String(maxGzBytes)).toBeUndefined();
        expect(digest).toEqual(two.digest);
        expect(opened).toBe(3);
      }
      const whole = await packArchive(openers(bodies), { ...options, codec, maxGzBytes: gzBytes });
      expect(Buffer.compare(whole.packed!.gz, two.packed.gz)).toBe(0);
    },
  );

  test('stops compressing what is given up', async () => {
    const codec = codecOf('node');
    let compressed = 0;
    const counted: Codec = {
      ...codec,
      deflate: (source) =>
        codec.deflate(
          (async function* () {
            for await (const piece of source) {
              compressed += piece.length;
              yield piece;
            }
          })(),
        ),
    };
    const bodies = Array.from({ length: 12 }, () => noise(1_000_000));
    await packArchive(openers(bodies, 100_000), { ...options, codec: counted, maxGzBytes: 100_000 });
    // What was on its way when the first block came out.
    expect(compressed).toBeLessThan(5_000_000);
  });
});

describe('the proof of one pass', () => {
  const codec = codecOf('node');
  const bodies = [noise(700_000), noise(800_001)];
  const spoiled = (spoil: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>): Codec => ({
    ...codec,
    deflate: (source) => codec.deflate(spoil(source)),
  });
  const liars: Record<string, Codec> = {
    'breaks its output': {
      ...codec,
      async *deflate(source) {
        let index = 0;
        for await (const part of codec.deflate(source)) {
          const copy = part.slice();
          if (index++ === 1) copy[copy.length >> 1]! ^= 4;
          yield copy;
        }
      },
    },
    'flips a bit of the content': spoiled(async function* (source) {
      for await (const piece of source) {
        const copy = piece.slice();
        copy[copy.length >> 1]! ^= 1;
        yield copy;
      }
    }),
    'forgets a piece': spoiled(async function* (source) {
      let index = 0;
      for await (const piece of source) if (index++ !== 5) yield piece;
    }),
    'stops before the end': spoiled(async function* (source) {
      let index = 0;
      for await (const piece of source) {
        if (index++ === 700) return;
        yield piece;
      }
    }),
    'adds a newline': spoiled(async function* (source) {
      yield* source;
      yield Uint8Array.of(10);
    }),
  };

  test.each(Object.keys(liars))('finds an encoder that %s', async (how) => {
    for (const selfVerify of ['strict', 'native', 'fflate'] as const) {
      const packing = packArchive(openers(bodies), { ...options, codec: liars[how]!, selfVerify });
      await expect(packing).rejects.toMatchObject({ code: 'bad-archive' });
    }
  });

  test('fails with what a source says, whatever the encoder makes of it, and lets go of the sources', async () => {
    const swallows: Codec = spoiled(async function* (source) {
      try {
        yield* source;
      } catch {
        // As if that were the end.
      }
    });
    const wraps: Codec = spoiled(async function* (source) {
      try {
        yield* source;
      } catch (error) {
        throw new Error('wrapped', { cause: error });
      }
    });
    for (const one of [codec, codecOf('web'), codecOf('portable'), swallows, wraps]) {
      for (const maxGzBytes of [100, Infinity]) {
        let isLeft = false;
        const inputs = async function* (): AsyncGenerator<SourceOpener, void, undefined> {
          try {
            const [first, second] = openers(bodies);
            yield first!;
            yield {
              ...second!,
              async *open() {
                yield bodies[1]!.subarray(0, 500_000);
                throw new RangeError('the store is gone');
              },
            };
          } finally {
            isLeft = true;
          }
        };
        const packing = packArchive(inputs(), { ...options, codec: one, maxGzBytes });
        await expect(packing).rejects.toThrow(new RangeError('the store is gone'));
        expect(isLeft).toBe(true);
      }
    }
  });

  test('lets go of the sources when the encoder fails', async () => {
    let isLeft = false;
    const inputs = async function* (): AsyncGenerator<SourceOpener, void, undefined> {
      try {
        yield* openers(bodies);
      } finally {
        isLeft = true;
      }
    };
    const fails: Codec = {
      ...codec,
      async *deflate(source) {
        let index = 0;
        for await (const part of codec.deflate(source)) {
          yield part;
          if (index++ === 1) throw new Error('no memory');
        }
      },
    };
    await expect(packArchive(inputs(), { ...options, codec: fails })).rejects.toThrow('no memory');
    expect(isLeft).toBe(true);
  });

  test('refuses an object of another size, sources out of order and more than may be', async () => {
    const [one, two] = openers(bodies);
    const short = { ...one!, source: { ...one!.source, size: 700_001 } };
    await expect(packArchive([short], options)).rejects.toMatchObject({ code: 'unstable-read' });
    await expect(packArchive([two!, one!], options)).rejects.toMatchObject({ code: 'bad-archive' });
    for (const maxBytes of [1_000_000, 1_500_001.5, 699_999])
      await expect(packArchive(openers(bodies), { ...options, maxBytes })).rejects.toMatchObject({ code: 'too-large' });
    const exact = await packArchive(openers(bodies), { ...options, maxBytes: 1_500_003 });
    expect(exact.digest.bytes).toBeLessThanOrEqual(1_500_003);
    expect(exact.digest.bytes).toBeGreaterThanOrEqual(1_500_001);
  });
});
