/** Files as inputs of a source, for Node: every decodable byte of a truncated gzip file is delivered. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
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
 * Decompresses gzip (one member or several) and yields every byte that can be decoded, also where the data is cut.
 * @throws `AdaptersError` `truncated-input` or `corrupt-input`, after the last decodable bytes.
 */
export async function* gunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const engine = createGunzip({ chunkSize: 1 << 17 });
  let failure: Error | undefined;
  let ended = false;
  let wake = (): void => {};
  engine.on('readable', () => {
    wake();
  });
  engine.on('end', () => {
    ended = true;
    wake();
  });
  engine.on('error', (error) => {
    failure ??= error;
    wake();
  });

  // An error discards what the engine has buffered, so each chunk's output is taken before the next chunk goes in.
  async function* outputUntil(done: () => boolean): AsyncGenerator<Uint8Array> {
    for (;;) {
      const output = engine.read() as Uint8Array | null;
      if (output) yield output;
      else if (done() || failure) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  }

  try {
    for await (const chunk of bytes) {
      let consumed = false;
      engine.write(chunk, (error) => {
        failure ??= error ?? undefined;
        consumed = true;
        wake();
      });
      yield* outputUntil(() => consumed);
      if (failure) break;
    }
    engine.end();
    yield* outputUntil(() => ended);
  } finally {
    engine.destroy();
  }
  if (failure) {
    const truncated = 'code' in failure && failure.code === 'Z_BUF_ERROR';
    throw damaged(truncated ? 'truncated-input' : 'corrupt-input', failure);
  }
}
