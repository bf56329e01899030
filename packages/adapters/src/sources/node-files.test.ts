import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAdaptersError } from '../errors.ts';
import type { SourceItem } from '../market-source.ts';
import { replayBinanceCombined } from './binance-combined.ts';
import { fileInput, gunzip } from './node-files.ts';

let dir: string;
beforeAll(() => void (dir = mkdtempSync(join(tmpdir(), 'node-files-'))));
afterAll(() => rmSync(dir, { recursive: true }));

/** Lines that compress badly, so that cuts fall at many depths of the deflate stream. */
const lines = Array.from({ length: 3000 }, (_, i) => {
  const noise = ((i * 2654435761) >>> 0).toString(36);
  return `17231612540${String(i).padStart(8, '0')} {"stream":"tapeusdt@noise","data":{"e":"noise","s":"TAPEUSDT","n":"${noise}"}}`;
});
const text = `${lines.join('\n')}\n`;
const packed = gzipSync(text);

async function read(path: string): Promise<{ items: SourceItem[]; state: string; problem: string | undefined }> {
  const source = replayBinanceCombined({ inputs: [fileInput(path)], symbol: 'TAPEUSDT' });
  const items: SourceItem[] = [];
  for await (const item of source) items.push(item);
  const [input] = source.stats().inputs;
  return { items, state: input!.state, problem: input!.problem };
}

const accepted = (items: readonly SourceItem[]): string[] =>
  items.flatMap((item) => (item.kind === 'record' ? `${item.record.receiveNs} ${item.record.raw}` : []));

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function decode(bytes: Uint8Array, size: number): Promise<{ decoded: Buffer; code: unknown; message?: string }> {
  const parts: Uint8Array[] = [];
  try {
    for await (const part of gunzip(inChunks(bytes, size))) parts.push(part);
  } catch (error) {
    const { code, message } = error as { code: unknown; message: string };
    return { decoded: Buffer.concat(parts), code, message };
  }
  return { decoded: Buffer.concat(parts), code: undefined };
}

describe('gunzip', () => {
  test('delivers every byte that can be decoded, wherever the data is cut', async () => {
    for (let cut = 11; cut < packed.length; cut += 397) {
      const prefix = packed.subarray(0, cut);
      const decodable = gunzipSync(prefix, { finishFlush: constants.Z_SYNC_FLUSH });
      for (const size of [cut, 1000]) {
        const { decoded, code } = await decode(prefix, size);
        expect(code).toBe('truncated-input');
        expect(decoded.equals(decodable)).toBe(true);
      }
    }
  });

  test('tells a cut inside the last eight bytes from a complete file', async () => {
    for (let missing = 1; missing <= 8; missing++) {
      const { decoded, code } = await decode(packed.subarray(0, packed.length - missing), 65_536);
      expect(code).toBe('truncated-input');
      expect(decoded.toString()).toBe(text);
    }
    const whole = await decode(packed, 65_536);
    expect(whole.code).toBeUndefined();
    expect(whole.decoded.toString()).toBe(text);
  });

  test('reads members that follow each other as one text', async () => {
    const { decoded, code } = await decode(Buffer.concat([gzipSync('one\n'), gzipSync('two\n')]), 7);
    expect(code).toBeUndefined();
    expect(decoded.toString()).toBe('one\ntwo\n');
  });

  test('delivers all of a member whose checksum or length does not fit, and says corrupt', async () => {
    for (const [fromEnd, why] of [
      [6, 'incorrect data check'],
      [3, 'incorrect length check'],
    ] as const) {
      const wrong = Buffer.from(packed);
      wrong[packed.length - fromEnd]! ^= 1;
      for (const size of [1000, packed.length]) {
        const { decoded, code, message } = await decode(wrong, size);
        expect(code).toBe('corrupt-input');
        expect(message).toBe(
          `the gzip data is damaged (${why}); the lines before that point were read. Fetch the file again to have the rest.`,
        );
        expect(decoded.toString()).toBe(text);
      }
    }
  });

  test('delivers all of a member that is followed by what is no gzip', async () => {
    const garbage = Buffer.from(Array.from({ length: 1 << 20 }, (_, i) => 1 + (i % 255)));
    for (const size of [1000, 2 << 20]) {
      const { decoded, code } = await decode(Buffer.concat([packed, garbage]), size);
      expect(code).toBe('corrupt-input');
      expect(decoded.toString()).toBe(text);
    }
  });

  test('takes zeros after and between members for padding', async () => {
    const zeros = Buffer.alloc(700);
    const { decoded, code } = await decode(Buffer.concat([gzipSync('one\n'), zeros, gzipSync('two\n'), zeros]), 100);
    expect(code).toBeUndefined();
    expect(decoded.toString()).toBe('one\ntwo\n');
  });

  test('delivers what is before a damaged place, but for 16 KiB at most', async () => {
    // The second compresses so well that a few bytes of input are more output than the engine's buffer holds.
    for (const plain of [Buffer.from(text), Buffer.from(Array.from({ length: 4_000_000 }, (_, i) => i % 251))]) {
      // A flush ends on a whole byte; after it comes a block of type 3, which does not exist.
      const good = gzipSync(plain, { finishFlush: constants.Z_SYNC_FLUSH });
      const wrong = Buffer.concat([good, Buffer.alloc(100_000, 7)]);
      for (const size of [700, wrong.length]) {
        const { decoded, code } = await decode(wrong, size);
        expect(code).toBe('corrupt-input');
        expect(decoded.length).toBeGreaterThan(plain.length - (1 << 14));
        expect(decoded.equals(plain.subarray(0, decoded.length))).toBe(true);
      }
    }
  });

  test('passes over extra field, name, comment and checksum of a header, however it is cut', async () => {
    const flags = 2 | 4 | 8 | 16;
    const header = [0x1f, 0x8b, 8, flags, 0, 0, 0, 0, 0, 3, 3, 0, 1, 2, 3, 0x61, 0, 0x62, 0x63, 0, 9, 9];
    const member = Buffer.concat([Buffer.from(header), gzipSync('one\n').subarray(10)]);
    for (const size of [1, 7, 100]) expect((await decode(member, size)).decoded.toString()).toBe('one\n');
    for (let cut = 2; cut < header.length; cut++) {
      expect(await decode(member.subarray(0, cut), 5)).toMatchObject({ code: 'truncated-input' });
    }
    for (const [at, value] of [
      [2, 7],
      [3, 0x20],
    ] as const) {
      const wrong = Buffer.from(member);
      wrong[at] = value;
      expect((await decode(wrong, 100)).code).toBe('corrupt-input');
    }
  });

  test('closes its input when the reader leaves early', async () => {
    let closed = false;
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* inChunks(packed, 1000);
      } finally {
        closed = true;
      }
    };
    for await (const part of gunzip(bytes())) {
      expect(part.length).toBeGreaterThan(0);
      break;
    }
    expect(closed).toBe(true);
  });
});

describe('fileInput', () => {
  test('reads gzip and plain files alike', async () => {
    writeFileSync(join(dir, 'whole.gz'), packed);
    writeFileSync(join(dir, 'whole.jsonl'), text);
    const zipped = await read(join(dir, 'whole.gz'));
    expect(accepted(zipped.items)).toEqual(lines);
    expect(zipped.state).toBe('complete');
    expect(accepted((await read(join(dir, 'whole.jsonl'))).items)).toEqual(lines);
  });

  test('loses no complete line of a truncated gzip file and quarantines the broken one', async () => {
    for (const cut of [100, 5_000, 20_000, packed.length - 300, packed.length - 5]) {
      const path = join(dir, `cut-${cut}.gz`);
      writeFileSync(path, packed.subarray(0, cut));
      const decodable = gunzipSync(packed.subarray(0, cut), { finishFlush: constants.Z_SYNC_FLUSH }).toString();
      const complete = decodable.split('\n');
      const partial = complete.pop()!;
      const { items, state, problem } = await read(path);
      const closed = partial.endsWith('}}') ? [partial] : [];
      expect(accepted(items)).toEqual([...complete, ...closed]);
      expect(state).toBe('truncated');
      expect(problem).toContain('ends before its end mark');
      const quarantined = items.flatMap((item) =>
        item.kind === 'quarantined' ? [[item.entry.reason, item.entry.text]] : [],
      );
      expect(quarantined).toEqual(partial === '' || closed.length > 0 ? [] : [['truncated-line', partial]]);
    }
  });

  test('goes on with the next file after a truncated one', async () => {
    writeFileSync(join(dir, 'first.gz'), packed.subarray(0, 9_000));
    writeFileSync(join(dir, 'second.gz'), packed);
    const inputs = [fileInput(join(dir, 'first.gz')), fileInput(join(dir, 'second.gz'))];
    const source = replayBinanceCombined({ inputs, symbol: 'TAPEUSDT' });
    for await (const item of source) expect(item.kind).toMatch(/record|quarantined/);
    expect(source.stats().inputs.map((input) => [input.state, input.lines === 3000])).toEqual([
      ['truncated', false],
      ['complete', true],
    ]);
  });

  test('names a file that is not there', async () => {
    const path = join(dir, 'missing.gz');
    const error = await read(path).catch((thrown: unknown) => thrown);
    expect(isAdaptersError(error, 'unreadable-input')).toBe(true);
    expect((error as Error).message.replaceAll(dir, '')).toBe(
      `input "/missing.gz" cannot be read: ENOENT: no such file or directory, open '/missing.gz'. Check that it exists and may be read.`,
    );
  });

  test('names a folder given as a file', async () => {
    const error = await read(dir).catch((thrown: unknown) => thrown);
    expect(isAdaptersError(error, 'unreadable-input')).toBe(true);
    expect((error as Error).message).toContain('EISDIR');
  });
});
