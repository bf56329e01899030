import { concat } from './gzip.ts';
import { webInflate, type InflateRaw } from './inflate-web.ts';
import { asInflateError, InflateError } from './inflater.ts';
import { builtins, type Zlib } from './platform.ts';
import { release } from './release.ts';
import { sliceBytes } from './slices.ts';

/** Compressed bytes up to which a stream is decoded in one call: at most 33 MB come out of them. */
const smallBytes = 32_768;

/** Room for what zlib gives back at a time: every answer is a turn of two threads. */
const outputBytes = sliceBytes;

/** The platform's own decoder; `undefined` where there is none that says where the stream ended. */
export async function nativeInflate(): Promise<InflateRaw | undefined> {
  return nodeInflate() ?? (await webInflate());
}

/** By zlib on a thread of the platform. */
export function nodeInflate(): InflateRaw | undefined {
  const zlib = builtins().zlib;
  if (!zlib) return undefined;
  return async function* inflate(source) {
    const reader = source[Symbol.asyncIterator]();
    const first: Uint8Array[] = [];
    let bytes = 0;
    let isAll = false;
    while (!isAll && bytes <= smallBytes) {
      const next = await reader.next();
      if (next.done) isAll = true;
      else {
        first.push(new Uint8Array(next.value));
        bytes += next.value.length;
      }
    }
    if (isAll) {
      // Starting a thread for a small stream takes longer than decoding it.
      yield inflateAtOnce(zlib, concat(first));
      return;
    }
    yield* inflateOnThread(zlib, continued(first, reader));
  };
}

function inflateAtOnce(zlib: Zlib, bytes: Uint8Array): Uint8Array {
  try {
    // With `info` zlib says how much of the input it read.
    const { buffer, engine } = zlib.inflateRawSync(bytes, { info: true }) as unknown as {
      readonly buffer: Uint8Array;
      readonly engine: { readonly bytesWritten: number };
    };
    if (engine.bytesWritten !== bytes.length) throw new InflateError('tail', 'bytes follow its end');
    return buffer;
  } catch (error) {
    throw asInflateError(error);
  }
}

async function* continued(
  first: readonly Uint8Array[],
  reader: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* first;
    for (let next = await reader.next(); !next.done; next = await reader.next()) yield next.value;
  } finally {
    await reader.return?.();
  }
}

async function* inflateOnThread(
  zlib: Zlib,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = zlib.createInflateRaw({ chunkSize: outputBytes });
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  let fed = 0;
  // Of two functions that run in turns.
  const feeding: { isDone: boolean; failure?: { readonly error: unknown } } = { isDone: false };
  let wake: (() => void) | undefined;
  stream.on('close', () => wake?.());
  const isOver = (): boolean => stream.destroyed;
  const feed = async (): Promise<void> => {
    try {
      for await (const piece of source) {
        if (isOver()) return;
        fed += piece.length;
        // Until zlib has read it all: the piece is its owner's again after that.
        await new Promise<void>((resolve) => {
          wake = resolve;
          stream.write(piece, () => resolve());
        });
        if (isOver()) return;
      }
      feeding.isDone = true;
      stream.end();
    } catch (error) {
      feeding.failure = { error };
      stream.destroy(error as Error);
    }
  };
  const fedAll = feed();
  try {
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      const { value } = next;
      yield value;
      // zlib fills a buffer in several pieces; behind the last one it is nobody's.
      if (value.byteOffset + value.length === value.buffer.byteLength) release(value);
    }
    // zlib stops reading where the stream ends, without a word.
    if (!feeding.isDone || stream.bytesWritten !== fed) throw new InflateError('tail', 'bytes follow its end');
  } catch (error) {
    if (feeding.failure) throw feeding.failure.error;
    throw asInflateError(error);
  } finally {
    stream.destroy();
    wake?.();
    await fedAll;
  }
}
