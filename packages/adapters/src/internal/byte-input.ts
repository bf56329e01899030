/** Opening inputs: byte streams of any kind, with gzip told by its magic bytes. */
import { AdaptersError, isAdaptersError } from '../errors.ts';

/** Bytes as they come from a file, a body or memory. */
export type ByteStream = AsyncIterable<Uint8Array> | ReadableStream<Uint8Array>;

/** Something that a source can read once. */
export interface ByteInput {
  /** What messages and records call it, for example the path. */
  readonly name: string;
  /** The bytes as stored; gzip is recognised by its first two bytes. */
  open(): ByteStream;
  /**
   * Decompresses gzip; the platform's `DecompressionStream` unless given. It throws `AdaptersError` `truncated-input`
   * or `corrupt-input` after the last bytes that it could decode. `DecompressionStream` drops up to a few kilobytes
   * before a cut; `fileInput` of `sources/node-files` drops none.
   */
  readonly gunzip?: (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;
}

/** What is learned about an input while it is read. */
export interface InputProgress {
  onBytes(stored: number): void;
  onGzip(): void;
}

/**
 * The decoded bytes of an input.
 * @throws {@link AdaptersError} `truncated-input`, `corrupt-input`, or `unreadable-input` with the cause.
 */
export async function* decodedBytes(input: ByteInput, progress: InputProgress): AsyncGenerator<Uint8Array> {
  const stored = counted(input, progress);
  const head: Uint8Array[] = [];
  try {
    for (let have = 0; have < 2;) {
      const { done, value } = await stored.next();
      if (done) break;
      head.push(value);
      have += value.length;
    }
    const [first, second] = head.flatMap((part) => [...part.subarray(0, 2)]);
    const all = withHead(head, stored);
    if (first === 0x1f && second === 0x8b) {
      progress.onGzip();
      yield* (input.gunzip ?? gunzipWithPlatform)(all);
    } else {
      yield* all;
    }
  } finally {
    await stored.return(undefined);
  }
}

async function* counted(input: ByteInput, progress: InputProgress): AsyncGenerator<Uint8Array, undefined> {
  try {
    for await (const chunk of iterate(input.open())) {
      progress.onBytes(chunk.length);
      if (chunk.length > 0) yield chunk;
    }
  } catch (cause) {
    if (isAdaptersError(cause)) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AdaptersError(
      'unreadable-input',
      `input "${input.name}" cannot be read: ${why}. Check that it exists and may be read.`,
      { cause, value: input.name },
    );
  }
}

async function* withHead(
  head: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  yield* head;
  yield* rest;
}

async function* iterate(stream: ByteStream): AsyncGenerator<Uint8Array, undefined> {
  if (Symbol.asyncIterator in stream) {
    yield* stream as AsyncIterable<Uint8Array>;
    return;
  }
  // Not every engine can iterate a `ReadableStream`, but all have readers.
  const reader = (stream as ReadableStream<Uint8Array>).getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function* gunzipWithPlatform(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decompressor = new DecompressionStream('gzip');
  const writer = (decompressor.writable as WritableStream<Uint8Array>).getWriter();
  const fed: { all: boolean; failure?: AdaptersError } = { all: false };
  const feeding = (async () => {
    try {
      for await (const chunk of bytes) await writer.write(chunk);
      fed.all = true;
      await writer.close();
    } catch (error) {
      // A failure of the decompressor rejects the writer, too; only the failure of the source is its own.
      if (isAdaptersError(error)) fed.failure = error;
      await writer.abort(error).catch(() => undefined);
    }
  })();
  try {
    yield* iterate(decompressor.readable as ReadableStream<Uint8Array>);
  } catch (cause) {
    throw fed.failure ?? damaged(fed.all ? 'truncated-input' : 'corrupt-input', cause);
  } finally {
    await feeding;
  }
}

/** The error of a gzip stream that ends early or makes no sense. */
export function damaged(code: 'truncated-input' | 'corrupt-input', cause: unknown): AdaptersError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const what = code === 'truncated-input' ? 'ends before its end mark' : 'is damaged';
  return new AdaptersError(
    code,
    `the gzip data ${what} (${why}); the lines before that point were read. Fetch the file again to have the rest.`,
    { cause },
  );
}
