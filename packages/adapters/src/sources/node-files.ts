/** Files as inputs of a source, for Node: what can be decoded of a truncated or damaged gzip file is delivered. */
import { createReadStream } from 'node:fs';
import { constants, crc32, createInflateRaw } from 'node:zlib';
import { type ByteInput, damaged } from '../internal/byte-input.ts';

/**
 * An input that reads a file, gzipped or not. The file is opened when the source comes to it.
 *
 * @example
 * ```ts
 * const source = replayBinanceCombined({ inputs: [fileInput('capture.gz')], symbol: 'ETHUSDT' });
 * ```
 */
export function fileInput(path: string): ByteInput {
  return { name: path, open: () => createReadStream(path, { highWaterMark: 1 << 18 }), gunzip };
}

/**
 * Decompresses gzip (one member or several, zeros between and after them) and yields what can be decoded.
 *
 * - Of data that is cut, every byte that can be decoded.
 * - Of data that is damaged, everything before the damage except up to 16 KiB (of decoded bytes) right before the place
 *   where the decoder notices it. It may notice late: the last bytes delivered can be wrong.
 * - Where only a checksum or a length is wrong, or what follows a member is no gzip, every byte of the member.
 *
 * Nothing after the damage is read, also no member that follows.
 * @throws `AdaptersError` `truncated-input` or `corrupt-input`, after the last of these bytes.
 */
export async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const input = new ByteReader(bytes);
  try {
    await readHeader(input);
    do yield* inflateMember(input);
    while (await nextMember(input));
  } finally {
    await input.close();
  }
}

/** An error drops the decoder's last output if it does not fill a chunk: this much is lost before a damaged place. */
const chunkSize = 1 << 14;
/** Input is given in slices: all output of one is taken before the next goes in. */
const sliceSize = 1 << 16;

/** The deflate data of a member, and its checksum and length. */
async function* inflateMember(input: ByteReader): AsyncGenerator<Uint8Array> {
  const engine = createInflateRaw({ chunkSize, flush: constants.Z_SYNC_FLUSH });
  const state: { output: Uint8Array[]; failure?: Error | undefined; ended: boolean } = { output: [], ended: false };
  let wake = (): void => {};
  engine.on('data', (part: Uint8Array) => state.output.push(part));
  engine.on('end', () => {
    state.ended = true;
    wake();
  });
  engine.on('error', (error) => {
    state.failure ??= error;
    wake();
  });
  let checksum = 0;
  let length = 0;
  try {
    while (!state.ended) {
      if (!(await input.has(1))) throw truncated('unexpected end of file');
      const slice = input.peek(sliceSize);
      const before = engine.bytesWritten;
      // The engine answers a slice in one of three ways: taken, failed, or ended before the last byte of it.
      await new Promise<void>((resolve) => {
        wake = resolve;
        engine.write(slice, (error) => {
          state.failure ??= error ?? undefined;
          resolve();
        });
      });
      for (const part of state.output.splice(0)) {
        checksum = crc32(part, checksum);
        length = (length + part.length) >>> 0;
        yield part;
      }
      if (state.failure) throw damaged('corrupt-input', state.failure);
      input.skip(engine.bytesWritten - before);
    }
  } finally {
    engine.destroy();
  }
  if (!(await input.has(8))) throw truncated('unexpected end of file');
  const trailer = input.take(8);
  if (uint32(trailer, 0) !== checksum) throw corrupt('incorrect data check');
  if (uint32(trailer, 4) !== length) throw corrupt('incorrect length check');
}

/** Reads the header of the member that follows, if one does. */
async function nextMember(input: ByteReader): Promise<boolean> {
  // Tapes and block devices fill up with zeros.
  while ((await input.has(1)) && input.peek(1)[0] === 0) input.skip(1);
  if (!(await input.has(1))) return false;
  await readHeader(input);
  return true;
}

/** RFC 1952, section 2.3: ten fixed bytes, then what the flags announce. */
async function readHeader(input: ByteReader): Promise<void> {
  const take = async (count: number): Promise<Uint8Array> => {
    if (!(await input.has(count))) throw truncated('unexpected end of file');
    return input.take(count);
  };
  const magic = await take(2);
  if (magic[0] !== 0x1f || magic[1] !== 0x8b) throw corrupt('incorrect header check');
  const fixed = await take(8);
  const flags = fixed[1]!;
  if (fixed[0] !== 8) throw corrupt('unknown compression method');
  if ((flags & 0xe0) !== 0) throw corrupt('unknown header flags set');
  if (flags & 4) {
    const size = await take(2);
    await take(size[0]! + size[1]! * 256);
  }
  // The name and the comment end with a zero each.
  for (const flag of [8, 16]) if (flags & flag) while ((await take(1))[0] !== 0);
  if (flags & 2) await take(2);
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
}

function truncated(why: string): Error {
  return damaged('truncated-input', new Error(why));
}

function corrupt(why: string): Error {
  return damaged('corrupt-input', new Error(why));
}

/** Chunks as one run of bytes. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  /** Reads on until `count` bytes are there; false when the input ends before. */
  async has(count: number): Promise<boolean> {
    while (this.#rest.length < count) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#rest = this.#rest.length === 0 ? next.value : Buffer.concat([this.#rest, next.value]);
    }
    return true;
  }

  /** At most `count` of the bytes that are there. */
  peek(count: number): Uint8Array {
    return this.#rest.subarray(0, count);
  }

  take(count: number): Uint8Array {
    const taken = this.peek(count);
    this.skip(count);
    return taken;
  }

  skip(count: number): void {
    this.#rest = this.#rest.subarray(count);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
