/** Three ways to a raw deflate stream; what each makes depends on the content alone, not on how it is cut. */
import { Deflate } from 'fflate';
import { gzipLevel } from './gzip.ts';
import { builtins, type Zlib } from './platform.ts';
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
/** `Z_FILTERED` takes no match of five bytes or fewer: digits that happen to be the same. A little smaller, and sooner. */
const common = { level: gzipLevel, strategy: 1 } as const;
/** How far back deflate can refer, and where we look how long records are. */
const windowBytes = 32_768;

/** How far back a block refers, as zlib has it, and the memory that pays for that. */
type Reach = Readonly<(typeof reaches)[keyof typeof reaches]>;

const reaches = {
  near: { windowBits: 11, memLevel: 8 },
  middle: { windowBits: 14, memLevel: 9 },
  far: { windowBits: 15, memLevel: 9 },
} as const;

/**
 * Ten records, or some forty of longer ones. Of short ones the near are as good as the far, take fewer bits to name, and are
 * found sooner: level 6 looks at 128 places, wherever they are.
 */
function reachFor(block: Uint8Array): Reach {
  const sample = block.subarray(0, windowBytes);
  let records = 1;
  for (let at = sample.indexOf(10); at >= 0; at = sample.indexOf(10, at + 1)) records += 1;
  const mean = sample.length / records;
  return mean <= 200 ? reaches.near : mean <= 400 ? reaches.middle : reaches.far;
}

/** Ends a raw deflate stream behind a flush: a last block with nothing in it. */
const emptyLastBlock = Uint8Array.of(3, 0);

/**
 * By zlib on the threads of the platform: blocks that know nothing of each other, joined by sync flushes. Which of the
 * streams compresses a block does not show in its bytes. `undefined` where there is no zlib.
 */
export function nodeDeflate(): DeflateRaw | undefined {
  const { zlib, os } = builtins();
  if (!zlib) return undefined;
  const atOnce = Math.min(4, Math.max(1, os?.availableParallelism?.() ?? 1)) + 2;
  return async function* deflate(source) {
    const lanes: Lane[] = [];
    const running: Promise<readonly Uint8Array[]>[] = [];
    let isFirst = true;
    try {
      for await (const block of inBlocks(source, blockBytes, atOnce + 1)) {
        const reach = reachFor(block);
        if (isFirst && block.length <= smallBytes) {
          // There is no second one, and waking a thread takes longer.
          yield zlib.deflateRawSync(block, { ...common, ...reach });
          return;
        }
        isFirst = false;
        let lane = lanes.find((one) => one.reach === reach && !one.isBusy());
        if (!lane) lanes.push((lane = createLane(zlib, reach)));
        const result = lane.deflate(block);
        // Waited for in order; a later one may fail first.
        result.catch(() => undefined);
        running.push(result);
        while (running.length >= atOnce) for (const part of given(await running.shift()!)) yield part;
      }
      for (const result of running) for (const part of given(await result)) yield part;
      yield isFirst ? zlib.deflateRawSync(new Uint8Array(0), { ...common, ...reaches.far }) : emptyLastBlock.slice();
    } finally {
      for (const lane of lanes) lane.close();
    }
  };
}

/** A stream of zlib, one block at a time. */
interface Lane {
  readonly reach: Reach;
  isBusy(): boolean;
  deflate(block: Uint8Array): Promise<readonly Uint8Array[]>;
  close(): void;
}

/**
 * Streams are used again and again: what belongs to one, some KiB each, waits for a full collection, however short its
 * life was.
 */
function createLane(zlib: Zlib, reach: Reach): Lane {
  // One job of a thread for each block: a flush of its own would have to wait for our thread in between.
  const flush = zlib.constants.Z_SYNC_FLUSH;
  const stream = zlib.createDeflateRaw({ ...common, ...reach, chunkSize: outputBytes, flush });
  let parts: Uint8Array[] = [];
  let isBusy = false;
  let fail: (error: Error) => void = () => undefined;
  stream.on('data', (part: Uint8Array) => parts.push(part)).on('error', (error) => fail(error));
  return {
    reach,
    isBusy: () => isBusy,
    deflate: (block) =>
      new Promise((resolve, reject) => {
        isBusy = true;
        fail = reject;
        stream.write(block, () => {
          if (stream.destroyed) {
            reject(new Error('The stream was closed.'));
            return;
          }
          // What was not told yet.
          for (let part = stream.read() as Uint8Array | null; part; part = stream.read() as Uint8Array | null)
            parts.push(part);
          resolve(parts);
          parts = [];
          stream.reset();
          isBusy = false;
        });
      }),
    close: () => void stream.destroy(),
  };
}

/** Zlib's own buffers: behind the last part of one, nobody needs it when the next one was asked for. */
function* given(parts: readonly Uint8Array[]): Generator<Uint8Array, void, undefined> {
  for (const part of parts) {
    yield part;
    if (part.byteOffset + part.length === part.buffer.byteLength) release(part);
  }
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
