/** Databento's files as they are downloaded, for Node: compressed with zstd or not. */
import { createReadStream } from 'node:fs';
import * as zlib from 'node:zlib';
import { AdaptersError, isAdaptersError } from '../errors.ts';
import type { ByteInput } from '../internal/byte-input.ts';
import { isZstdStart } from './databento/dbn-splitter.ts';
import { createZstdFrames } from './databento/zstd-frames.ts';
import type { ZstdPiece } from './databento/zstd-frames.ts';

/**
 * An input that reads a `.dbn`, `.dbn.zst` or `.csv.zst` file and gives its bytes decompressed.
 *
 * @example
 * ```ts
 * const decoder = createDbnDecoder();
 * for await (const chunk of dbnFile('glbx-mdp3-20240701.mbo.dbn.zst').open()) decoder.decode(chunk, 0, sink);
 * decoder.end(sink);
 * ```
 */
export function dbnFile(path: string): ByteInput {
  return { name: path, open: () => unzstd(readFileChunks(path)) };
}

/**
 * Decompresses zstd, all frames of it; bytes that do not begin like zstd come out as they are.
 * @throws {@link AdaptersError} `truncated-input` or `corrupt-input` after the last bytes that could be decoded;
 *   `not-installed` where Node has no zstd (before 22.15).
 */
export async function* unzstd(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, undefined> {
  const chunks = bytes[Symbol.asyncIterator]();
  try {
    // The first four bytes may come one by one.
    let head: Uint8Array = new Uint8Array(0);
    while (head.length < 4) {
      const next = await chunks.next();
      if (next.done === true) break;
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    if (head.length === 0) return;
    if (head.length < 4 || !isZstdStart(head)) {
      yield head;
      for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
      return;
    }
    const pieces = piecesOf(head, chunks);
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) {
      yield* decompressFrame(piece.value, pieces);
    }
  } finally {
    await chunks.return?.();
  }
}

async function* readFileChunks(path: string): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `input "${path}" cannot be read: ${why}. Check that it exists and may be read.`;
    throw new AdaptersError('unreadable-input', message, { cause, value: path });
  }
}

async function* piecesOf(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<ZstdPiece, undefined> {
  const frames = createZstdFrames();
  for (let chunk: Uint8Array | undefined = head; chunk;) {
    let pieces: readonly ZstdPiece[];
    try {
      pieces = frames.push(chunk);
    } catch (cause) {
      throw damaged('corrupt-input', cause);
    }
    yield* pieces;
    const next = await rest.next();
    chunk = next.done === true ? undefined : next.value;
  }
  if (!frames.isWhole()) throw damaged('truncated-input', new Error('it ends inside a frame'));
}

/** Decompresses the frame that `first` begins; takes its other pieces from `pieces`. */
async function* decompressFrame(
  first: ZstdPiece,
  pieces: AsyncGenerator<ZstdPiece, undefined>,
): AsyncGenerator<Uint8Array, undefined> {
  const engine = first.skippable ? undefined : zstdEngine();
  const fed: { failure?: Error } = {};
  // The engine takes no more than it has room for, so that a small piece cannot become a large heap.
  const feeding = (async () => {
    try {
      for (let piece: ZstdPiece | undefined = first; piece;) {
        if (engine) await written(engine, piece.bytes);
        if (piece.endsFrame || engine?.destroyed === true) break;
        const next: IteratorResult<ZstdPiece, undefined> = await pieces.next();
        piece = next.value;
      }
    } catch (error) {
      fed.failure = error as Error;
    } finally {
      engine?.end();
    }
  })();
  try {
    if (engine) yield* engine as AsyncIterable<Uint8Array>;
  } catch (cause) {
    throw isAdaptersError(fed.failure) ? fed.failure : damaged('corrupt-input', cause);
  } finally {
    engine?.destroy();
    await feeding;
  }
  if (fed.failure !== undefined) throw fed.failure;
}

/** Resolves when the engine has taken the bytes, or takes no more; its failure reaches who reads from it. */
function written(engine: zlib.ZstdDecompress, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    // After a failure the engine may forget whom to call back.
    engine.once('close', resolve);
    engine.write(bytes, () => {
      engine.off('close', resolve);
      resolve();
    });
  });
}

function zstdEngine(): zlib.ZstdDecompress {
  // Node has zstd from 22.15 on; the package itself runs on older ones.
  const make = (zlib as { createZstdDecompress?: typeof zlib.createZstdDecompress }).createZstdDecompress;
  if (make) return make();
  throw new AdaptersError(
    'not-installed',
    `Node ${process.version} cannot decompress zstd; expected 22.15 or later. Update Node, or decompress the file first ` +
      '(zstd -d) and read the .dbn file.',
    { value: process.version },
  );
}

function damaged(code: 'truncated-input' | 'corrupt-input', cause: unknown): AdaptersError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const what = code === 'truncated-input' ? 'ends before its end mark' : 'is damaged';
  return new AdaptersError(
    code,
    `the zstd data ${what} (${why}); what was decoded before that point was read. Fetch the file again to have the rest.`,
    { cause },
  );
}
