/** A stream that asks for the next piece when somebody wants it. */
export function streamOf(pieces: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const next = await iterator.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Bytes that are asked for at a time, where the reader brings the buffer. */
const readBytes = 65_536;

/**
 * The pieces of a body, each until the next one is asked for. A stream of bytes fills one buffer again and again: pieces
 * of their own would pile up outside of the collector's heap. Gives up at once when the signal aborts, also while it
 * waits; whoever stops early lets go of the source.
 */
export async function* piecesOfBody(
  body: ReadableStream<Uint8Array>,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  const reads = fillingReads(body) ?? plainReads(body);
  const cancel = (reason?: unknown): void => void reads.cancel(reason).catch(() => undefined);
  // Cancelling ends a read that waits.
  const giveUp = (): void => cancel(signal?.reason);
  signal?.addEventListener('abort', giveUp, { once: true });
  let isOver = false;
  try {
    for (;;) {
      const read = await reads.next().catch((error: unknown) => {
        signal?.throwIfAborted();
        isOver = true;
        throw error;
      });
      signal?.throwIfAborted();
      isOver = read.done;
      if (read.done) return;
      yield read.value!;
    }
  } finally {
    signal?.removeEventListener('abort', giveUp);
    if (isOver) reads.release();
    else if (signal?.aborted === true) cancel(signal.reason);
    else await reads.cancel().catch(() => undefined);
  }
}

interface Reads {
  next(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
  release(): void;
}

function plainReads(body: ReadableStream<Uint8Array>): Reads {
  const reader = body.getReader();
  return { next: () => reader.read(), cancel: (reason) => reader.cancel(reason), release: () => reader.releaseLock() };
}

/** `undefined` for a stream that gives buffers of its own. */
function fillingReads(body: ReadableStream<Uint8Array>): Reads | undefined {
  let reader: ReadableStreamBYOBReader;
  try {
    reader = body.getReader({ mode: 'byob' });
  } catch {
    return undefined;
  }
  let buffer: ArrayBuffer = new ArrayBuffer(readBytes);
  return {
    async next() {
      const result = await reader.read(new Uint8Array(buffer));
      if (result.value) buffer = result.value.buffer;
      return result;
    },
    cancel: (reason) => reader.cancel(reason),
    release: () => reader.releaseLock(),
  };
}

/** Reads to the end; pieces are copied, as their owner may use them again. */
export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    parts.push(new Uint8Array(piece));
    length += piece.length;
  }
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
