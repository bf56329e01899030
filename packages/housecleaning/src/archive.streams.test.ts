import { expect, describe, test } from 'vitest';
import {
  addMultisets,
  buildArchive,
  describeArchive,
  digestSources,
  encodeArchive,
  openArchivedSources,
  verifyArchiveStream,
  type ArchiveDigest,
  type ArchiveInput,
  type ArchiveManifest,
  type EncodeOptions,
  type SourceOpener,
} from './archive.ts';
import { codecOf, type Codec } from './codec.ts';
import { rawCellPrefix } from './keys.ts';
import { concat } from './internal/gzip.ts';
import { toUtf8 } from './internal/utf8.ts';

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

/** The same inputs as openers, in pieces of `size` bytes from a buffer that is used again. */
const openers = (inputs: readonly ArchiveInput[], size = 1_000): SourceOpener[] =>
  inputs.map(({ source, bytes }) => ({
    source,
    async *open() {
      const shared = new Uint8Array(size);
      for (let at = 0; at < bytes.length; at += size) {
        const piece = shared.subarray(0, Math.min(size, bytes.length - at));
        piece.set(bytes.subarray(at, at + size));
        yield piece;
        shared.fill(0);
      }
    },
  }));

async function* inPieces(bytes: Uint8Array, size = 1_000): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const encodeAll = async (inputs: readonly SourceOpener[], digest: ArchiveDigest, how: EncodeOptions = {}) => {
  const { body, done } = encodeArchive(inputs, digest, how);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return { gz: concat(parts), identity: await done };
};

/** A tape of several sources, some empty, some without a last newline, together more than a block of the encoder. */
const sessions = (count = 40): ArchiveInput[] =>
  Array.from({ length: count }, (_, i) => {
    const lines = Array.from(
      { length: i % 7 === 3 ? 0 : 700 + i },
      (_, j) => `{"i":${i},"t":${j * 37},"p":"${(j * 7_919) % 10_007}"}`,
    );
    return input(String(i).padStart(3, '0'), toUtf8(lines.join('\n') + (i % 3 === 0 && lines.length > 0 ? '\n' : '')));
  });

describe('the streaming forms', () => {
  test.each(['node', 'web', 'portable'] as const)(
    'say the same as the forms in memory, by the codec %s',
    async (name) => {
      const codec = codecOf(name);
      const inputs = sessions();
      const built = await buildArchive(inputs, { ...options, codec });
      for (const size of [97, 100_000]) {
        const digest = await digestSources(openers(inputs, size), { ...options, codec });
        const { gz, identity } = await encodeAll(openers(inputs, size), digest, { codec });
        const described = await describeArchive(digest, identity, options);
        expect(described.manifest).toEqual(built.manifest);
        expect(described.manifestSha256).toBe(built.manifestSha256);
        expect(Buffer.compare(gz, built.gz)).toBe(0);
      }
    },
  );

  test('promise the same content and sources by every codec, not the same gzip bytes', async () => {
    const described = await Promise.all(
      (['node', 'web', 'portable'] as const).map(async (name) => {
        const { manifest } = await buildArchive(sessions(), { ...options, codec: codecOf(name) });
        return { ...manifest, archive: { ...manifest.archive, gzSha256: '', gzBytes: 0 } };
      }),
    );
    expect(described[1]).toEqual(described[0]);
    expect(described[2]).toEqual(described[0]);
  });

  test('call for the manifest when all is proven, before the last bytes', async () => {
    const inputs = sessions();
    const digest = await digestSources(openers(inputs), options);
    let given = 0;
    let givenBefore = -1;
    let identity: unknown;
    const { body, done } = encodeArchive(openers(inputs), digest, {
      beforeEnd: async (id) => {
        await Promise.resolve();
        [givenBefore, identity] = [given, id];
      },
    });
    for await (const part of body) given += part.length;
    expect(await done).toEqual(identity);
    expect(given).toBe((await done).gzBytes);
    expect(givenBefore).toBe(given - 8);
  });

  test('fail the body where the manifest cannot be put, with its error', async () => {
    const inputs = sessions(3);
    const digest = await digestSources(openers(inputs), options);
    let given = 0;
    const { body, done } = encodeArchive(openers(inputs), digest, {
      beforeEnd: () => Promise.reject(new RangeError('the store is full')),
    });
    await expect(
      (async () => {
        for await (const part of body) given += part.length;
      })(),
    ).rejects.toThrow(new RangeError('the store is full'));
    await expect(done).rejects.toThrow(new RangeError('the store is full'));
    expect(given).toBeGreaterThan(0);
  });

  test('settle when nobody reads on', async () => {
    const inputs = sessions();
    const digest = await digestSources(openers(inputs), options);
    const { body, done } = encodeArchive(openers(inputs), digest);
    for await (const part of body) if (part.length > 10) break;
    await expect(done).rejects.toThrow('The body of the archive was not read to its end.');
  });

  test('notice a source that is not what the first pass read, by name', async () => {
    const inputs = sessions(6);
    const digest = await digestSources(openers(inputs), options);
    const other = (index: number, bytes: Uint8Array) => inputs.map((one, i) => (i === index ? { ...one, bytes } : one));
    const flipped = inputs[2]!.bytes.slice();
    flipped[100]! ^= 1;
    const cases: readonly (readonly [string, readonly ArchiveInput[], string])[] = [
      ['a flipped bit', other(2, flipped), '002'],
      ['a byte less', other(2, inputs[2]!.bytes.slice(1)), '002'],
      ['a byte more', other(2, concat([inputs[2]!.bytes, Uint8Array.of(10)])), '002'],
      ['bytes in an empty one', other(3, Uint8Array.of(10)), '003'],
      ['one that is gone', inputs.slice(0, 5), '005'],
      ['one that is new', [...inputs, input('006', toUtf8('x'))], '006'],
      [
        'another identity',
        inputs.map((one, i) => (i === 1 ? { ...one, source: { ...one.source, etag: 'new' } } : one)),
        '001',
      ],
    ];
    for (const [what, changed, name] of cases) {
      const key = `${rawCellPrefix(cell)}${name}`;
      await expect(encodeAll(openers(changed), digest), what).rejects.toMatchObject({
        code: 'unstable-read',
        subject: key,
      });
    }
  });

  test.each(['native', 'fflate', 'strict'] as const)(
    'notice an encoder that lies, by the decoder %s',
    async (selfVerify) => {
      const inputs = sessions();
      const codec = codecOf('node');
      const digest = await digestSources(openers(inputs), options);
      const lying = (spoil: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>): Codec => ({
        ...codec,
        deflate: (source) => codec.deflate(spoil(source)),
      });
      const broken: Codec = {
        ...codec,
        async *deflate(source) {
          let index = 0;
          for await (const part of codec.deflate(source)) {
            const copy = part.slice();
            if (index++ === 1) copy[copy.length >> 1]! ^= 4;
            yield copy;
          }
        },
      };
      const swaps = lying(async function* (source) {
        for await (const piece of source) {
          const copy = piece.slice();
          copy[copy.length >> 1]! ^= 1;
          yield copy;
        }
      });
      const forgets = lying(async function* (source) {
        let index = 0;
        for await (const piece of source) if (index++ !== 5) yield piece;
      });
      for (const bad of [broken, swaps, forgets]) {
        let isAsked = false;
        const encoding = encodeAll(openers(inputs), digest, {
          codec: bad,
          selfVerify,
          beforeEnd: () => void (isAsked = true),
        });
        await expect(encoding).rejects.toMatchObject({ code: 'bad-archive' });
        expect(isAsked).toBe(false);
      }
    },
  );

  test('refuse an object of another size than announced, and sources out of order', async () => {
    const [a, b] = [input('a', toUtf8('1\n')), input('b', toUtf8('2\n'))];
    const short = { ...a, source: { ...a.source, size: 3 } };
    await expect(digestSources(openers([short]), options)).rejects.toThrow(
      `"${a.source.key}" has 3 bytes, but 2 arrived.`,
    );
    await expect(digestSources(openers([b, a]), options)).rejects.toMatchObject({ code: 'bad-archive' });
    await expect(digestSources(openers([a, b]), { ...options, maxBytes: 3 })).rejects.toMatchObject({
      code: 'too-large',
    });
  });

  test('tell what a generation kept and what it added: the records of the one before, whatever their order', async () => {
    const first = await buildArchive([input('b', toUtf8('2\n3')), input('d', toUtf8('4\n'))], options);
    const late = [input('a', toUtf8('1\n'), 2), input('c', toUtf8('3\n'), 2)];
    const base: SourceOpener[] = [];
    for await (const { source, open } of openArchivedSources(inPieces(first.gz), first.manifest)) {
      const parts: Uint8Array[] = [];
      for await (const part of open()) parts.push(part);
      base.push({ source, open: () => inPieces(concat(parts)) });
    }
    const inputs = [...base, ...openers(late)].sort((x, y) => (x.source.key < y.source.key ? -1 : 1));
    const digest = await digestSources(inputs, { ...options, generation: 2, supersedes: first.manifestSha256 });
    expect(digest.kept).toEqual({ multiset: first.manifest.multiset.value, lines: 3 });
    const added = await buildArchive(late, options);
    expect(addMultisets(digest.kept.multiset, added.manifest.multiset.value)).toBe(digest.multiset);
  });

  test('give the sources of an archive one after the other, read or not', async () => {
    const inputs = sessions(12);
    const { gz, manifest } = await buildArchive(inputs, options);
    const seen: string[] = [];
    let index = 0;
    for await (const { source, open } of openArchivedSources(inPieces(gz, 500), manifest)) {
      const { bytes } = inputs[index]!;
      seen.push(source.key);
      const parts: Uint8Array[] = [];
      // Every third is not opened, every other third only begun.
      if (index % 3 > 0) {
        for await (const part of open()) {
          parts.push(part);
          if (index % 3 === 1) break;
        }
      }
      if (index % 3 === 2) expect(Buffer.compare(concat(parts), bytes)).toBe(0);
      index += 1;
    }
    expect(seen).toEqual(inputs.map(({ source }) => source.key));
  });

  test('prove a source before they say that it is complete', async () => {
    const inputs = sessions(5);
    const { gz, manifest } = await buildArchive(inputs, options);
    const sources = manifest.sources.map((s, i) => (i === 2 ? { ...s, sha256: '0'.repeat(64) } : s));
    const complete: string[] = [];
    let bytes = 0;
    await expect(
      verifyArchiveStream(
        inPieces(gz),
        { ...manifest, sources },
        {
          onSource: (source, piece, last) => {
            bytes += piece.length;
            if (last) complete.push(source.key);
          },
        },
      ),
    ).rejects.toThrow(`the bytes of "${sources[2]!.key}" have another SHA-256`);
    expect(complete).toEqual([sources[0]!.key, sources[1]!.key]);
    expect(bytes).toBeGreaterThanOrEqual(sources[0]!.size + sources[1]!.size);
  });

  test('leave the records out where they are told to, and nothing else', async () => {
    const { gz, manifest } = await buildArchive(sessions(5), options);
    const wrong: ArchiveManifest = { ...manifest, multiset: { ...manifest.multiset, value: '0'.repeat(64) } };
    await verifyArchiveStream(inPieces(gz), wrong, { multiset: false });
    await expect(verifyArchiveStream(inPieces(gz), wrong)).rejects.toThrow('its records are not the ones');
    const content = { ...manifest, archive: { ...manifest.archive, sha256: '0'.repeat(64) } };
    await expect(verifyArchiveStream(inPieces(gz), content, { multiset: false })).rejects.toThrow(
      'content has another',
    );
  });
});
