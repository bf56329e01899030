/** Three ways to a raw deflate stream; what each makes depends on the content alone, not on how it is cut. */
import { Deflate } from 'fflate';
import { gzipLevel } from './gzip.ts';
import { builtins } from './platform.ts';
import { release } from './release.ts';
import { inBlocks, nextTurn, sliceBytes } from './slices.ts';

/** Content to raw deflate; a piece is there until the next one is asked for. */
export type DeflateRaw = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** Content that is compressed by one thread at a time. */
const blockBytes = 512 * 1024;
/** Room for what a thread gives back at a time; most blocks need no second. */
const outputBytes = 128 * 1024;
/** Content that is compressed in one call. */
const smallBytes = 65_536;
/** With more memory than usual, 384 KiB a thread: a little smaller, and sooner. */
const setting = { level: gzipLevel, memLevel: 9 } as const;
/** How far back deflate can refer. */
const windowBytes = 32_768;

/**
 * By zlib on the threads of the platform: blocks with the window before them as a dictionary, joined by sync flushes, the
 * scheme of pigz. `undefined` where there is no zlib.
 */
export function nodeDeflate(): DeflateRaw | undefined {
  const { zlib, os } = builtins();
  if (!zlib) return undefined;
  const atOnce = Math.min(4, Math.max(1, os?.availableParallelism?.() ?? 1)) + 1;
  const { Z_FINISH, Z_SYNC_FLUSH } = zlib.constants;
  const deflateBlock = (block: Uint8Array, dictionary: Uint8Array | undefined, last: boolean): Promise<Uint8Array[]> =>
    new Promise((resolve, reject) => {
      const stream = zlib.createDeflateRaw({
        ...setting,
        chunkSize: outputBytes,
        finishFlush: last ? Z_FINISH : Z_SYNC_FLUSH,
        ...(dictionary && { dictionary }),
      });
      const parts: Uint8Array[] = [];
      stream.on('data', (part: Uint8Array) => parts.push(part)).on('error', reject);
      stream.on('end', () => resolve(parts));
      stream.end(block);
    });
  return async function* deflate(source) {
    const running: Promise<Uint8Array[]>[] = [];
    let window: Uint8Array | undefined;
    let waiting: Uint8Array | undefined;
    const start = (block: Uint8Array, last: boolean): void => {
      const result = deflateBlock(block, window, last);
      // Waited for in order; a later one may fail first.
      result.catch(() => undefined);
      running.push(result);
      window = block.subarray(Math.max(0, block.length - windowBytes));
    };
    for await (const block of inBlocks(source, blockBytes, atOnce + 3)) {
      if (waiting) start(waiting, false);
      waiting = block;
      while (running.length >= atOnce) yield* given(await running.shift()!);
    }
    const rest = waiting ?? new Uint8Array(0);
    if (running.length === 0 && !window && rest.length <= smallBytes) {
      // Waking a thread for it takes longer.
      yield zlib.deflateRawSync(rest, setting);
      return;
    }
    start(rest, true);
    for (const result of running) yield* given(await result);
  };
}

/** Zlib's own buffers, which nobody needs when the next one was asked for. */
function* given(parts: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
  yield* parts;
  for (const buffer of new Set(parts.map((part) => part.buffer))) release(new Uint8Array(buffer));
}

/** By the platform's `CompressionStream`; `undefined` where there is none. */
export function webDeflate(): DeflateRaw | undefined {
  if (typeof CompressionStream === 'undefined') return undefined;
  try {
    new CompressionStream('deflate-raw');
  } catch {
    return undefined;
  }
  return (source) => throughTransform(inBlocks(source, sliceBytes, 4), new CompressionStream('deflate-raw'));
}

/** By fflate, everywhere. */
export async function* portableDeflate(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [];
  const deflate = new Deflate({ level: gzipLevel }, (part) => {
    if (part.length > 0) parts.push(part);
  });
  let before: Uint8Array | undefined;
  for await (const block of inBlocks(source, sliceBytes, 3)) {
    if (before) {
      deflate.push(before);
      await nextTurn();
    }
    yield* parts;
    parts = [];
    before = block;
  }
  deflate.push(before ?? new Uint8Array(0), true);
  yield* parts;
}

/** Pumps a source through a transform of the platform; whoever fails, both ends are let go. */
export async function* throughTransform(
  source: AsyncIterable<Uint8Array>,
  transform: {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array<ArrayBuffer>>;
  },
): AsyncGenerator<Uint8Array, void, undefined> {
  const writer = transform.writable.getWriter();
  const reader = transform.readable.getReader();
  let failure: { readonly error: unknown } | undefined;
  const feeding = (async () => {
    try {
      for await (const piece of source) await writer.write(piece as Uint8Array<ArrayBuffer>);
      await writer.close();
    } catch (error) {
      failure ??= { error };
      await writer.abort(error).catch(() => undefined);
    }
  })();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    await feeding;
    if (failure) throw failure.error;
  } catch (error) {
    throw failure?.error ?? error;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
