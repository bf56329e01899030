import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync, constants } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAdaptersError } from '../errors.ts';
import { dbnFile, unzstd } from './databento-node.ts';

const text = (n: number): Buffer => Buffer.from('tape '.repeat(n));
const withChecksum = { params: { [constants.ZSTD_c_checksumFlag]: 1 } };

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 65_536): Promise<{ text: string; error: unknown }> {
  const parts: Uint8Array[] = [];
  let error: unknown;
  try {
    for await (const part of unzstd(inChunks(bytes, size))) parts.push(part);
  } catch (thrown) {
    error = thrown;
  }
  return { text: Buffer.concat(parts).toString(), error };
}

describe('zstd', () => {
  const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const frames = Buffer.concat([
    zstdCompressSync(text(10)),
    skippable,
    zstdCompressSync(text(200_000), withChecksum),
    zstdCompressSync(Buffer.alloc(0)),
    zstdCompressSync(text(1), withChecksum),
  ]);

  test.each([1, 5, 65_536])('gives the content of all frames, in chunks of %i bytes', async (size) => {
    const all = await read(frames, size);
    expect(all.error).toBeUndefined();
    expect(all.text === text(200_011).toString()).toBe(true);
  });

  test('a cut anywhere is reported, after what came before', async () => {
    const whole = zstdCompressSync(text(10));
    for (let length = 5; length < frames.length; length += 1) {
      const cut = frames.subarray(0, length);
      const { text: got, error } = await read(cut);
      const isBetweenFrames = error === undefined;
      if (!isBetweenFrames) expect(isAdaptersError(error, 'truncated-input')).toBe(true);
      if (length >= whole.length) expect(got.startsWith(text(10).toString())).toBe(true);
    }
    expect((await read(frames.subarray(0, whole.length))).error).toBeUndefined();
    expect((await read(frames.subarray(0, whole.length + 2))).error).toMatchObject({ code: 'truncated-input' });
  });

  test('damage is reported', async () => {
    const damaged = Buffer.from(zstdCompressSync(text(1_000), withChecksum));
    damaged[damaged.length - 1]! ^= 1;
    expect((await read(damaged)).error).toMatchObject({ code: 'corrupt-input' });
    expect((await read(Buffer.concat([zstdCompressSync(text(1)), Buffer.from('more')]))).error).toMatchObject({
      code: 'corrupt-input',
      message:
        'the zstd data is damaged (a frame begins with 0x65726f6d, which zstd does not know); what was decoded before that ' +
        'point was read. Fetch the file again to have the rest.',
    });
  });

  test('what is not compressed comes out as it is', async () => {
    for (const size of [1, 3, 100])
      expect(await read(Buffer.from('DBN and more'), size)).toEqual({ text: 'DBN and more', error: undefined });
    expect(await read(Buffer.from('DB'))).toEqual({ text: 'DB', error: undefined });
    expect(await read(Buffer.alloc(0))).toEqual({ text: '', error: undefined });
  });

  test('a reader that leaves early leaves nothing open', async () => {
    let closed = false;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* inChunks(frames, 16);
      } finally {
        closed = true;
      }
    };
    for await (const part of unzstd(source())) if (part.length > 0) break;
    expect(closed).toBe(true);
  });
});

describe('a file', () => {
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'dbn-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  test('is opened by its path', async () => {
    const path = join(folder, 'x.dbn.zst');
    writeFileSync(path, zstdCompressSync(text(3)));
    const parts: Uint8Array[] = [];
    for await (const part of dbnFile(path).open() as AsyncIterable<Uint8Array>) parts.push(part);
    expect(Buffer.concat(parts).toString()).toBe('tape tape tape ');
  });

  test('that is not there is named', async () => {
    const path = join(folder, 'missing.dbn');
    const reading = (dbnFile(path).open() as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]().next();
    await expect(reading).rejects.toMatchObject({ code: 'unreadable-input', value: path });
  });
});
