import { piecesOfBody } from '@tapekit/housecleaning/object-store';
import type { ObjectBody, ObjectInfo, PutOptions, StoredObject } from '@tapekit/housecleaning/object-store';
import { createSha256 } from './sha256.ts';
import { checksumMismatch, sizeMismatch } from './store-errors.ts';

/** What a put promises of its body. */
export type BodyPromise = Pick<PutOptions, 'size' | 'sha256' | 'signal'>;

/** Pieces of a body, each until the next one is asked for. */
export async function* piecesOf(body: ObjectBody, signal?: AbortSignal): AsyncGenerator<Uint8Array, undefined> {
  signal?.throwIfAborted();
  if (body instanceof Uint8Array) yield body;
  else yield* piecesOfBody(body, signal);
}

/**
 * Pieces of a body whose last one comes only when the body has ended with the size and digest that were promised: who
 * hands them on piece by piece has not handed on the whole of anything else.
 */
export async function* provenPieces(
  key: string,
  body: ObjectBody,
  { size, sha256, signal }: BodyPromise,
): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
  const digest = sha256 === undefined ? undefined : createSha256();
  let seen = 0;
  let held: Uint8Array<ArrayBuffer> | undefined;
  for await (const piece of piecesOf(body, signal)) {
    if (piece.length === 0) continue;
    seen += piece.length;
    if (size !== undefined && seen > size) throw sizeMismatch(key, size, 'more');
    // Copied, as the source may fill its buffer again while this piece is held back; `slice` of a Node Buffer is a view.
    const next = new Uint8Array(piece);
    digest?.update(next);
    if (held) yield held;
    held = next;
  }
  if (size !== undefined && seen !== size) throw sizeMismatch(key, size, seen);
  const actual = digest?.hex();
  if (sha256 !== undefined && actual !== sha256) throw checksumMismatch(key, sha256, actual!);
  if (held) yield held;
}

/** Reads a body to its end; bytes are copied, so that the caller may reuse its buffer. */
export async function readBody(
  key: string,
  body: ObjectBody,
  { size, signal }: BodyPromise = {},
): Promise<Uint8Array<ArrayBuffer>> {
  let whole: Uint8Array<ArrayBuffer>;
  if (body instanceof Uint8Array) {
    whole = new Uint8Array(body);
  } else {
    const pieces: Uint8Array[] = [];
    for await (const piece of provenPieces(key, body, {
      ...(size === undefined ? {} : { size }),
      ...(signal ? { signal } : {}),
    }))
      pieces.push(piece);
    whole = joined(pieces);
  }
  if (size !== undefined && size !== whole.length) throw sizeMismatch(key, size, whole.length);
  return whole;
}

/** All pieces in one array. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A stream over a generator, which is told when the stream is cancelled. */
export function streamFrom(pieces: AsyncGenerator<Uint8Array, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

/** What {@link mapStream} does with what goes by. */
export interface StreamWatcher {
  /** Gives the piece that is handed on. */
  readonly piece: (piece: Uint8Array) => Uint8Array;
  /** At the end; what it throws breaks the stream. */
  readonly end?: () => void;
  /** Gives the error that is handed on. */
  readonly failed?: (error: unknown) => unknown;
}

/** The stream, watched; cancelling it cancels the one below at once. */
export function mapStream(
  body: ReadableStream<Uint8Array>,
  { piece, end, failed = (error) => error }: StreamWatcher,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const read = await reader.read().catch((error: unknown) => {
          throw failed(error);
        });
        if (!read.done) {
          controller.enqueue(piece(read.value));
          return;
        }
        end?.();
        controller.close();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Waits for a put; one that fails cancels a stream that it has not begun to read. */
export async function withBody<T>(body: ObjectBody, put: Promise<T>): Promise<T> {
  try {
    return await put;
  } catch (error) {
    if (!(body instanceof Uint8Array) && !body.locked) void body.cancel(error).catch(() => undefined);
    throw error;
  }
}

/** An opened object over bytes that nobody else changes. */
export function storedObject(info: ObjectInfo, bytes: Uint8Array): StoredObject {
  return {
    ...info,
    get body() {
      return streamOfBytes(bytes);
    },
    bytes: async () => bytes.slice(),
  };
}

/** A stream of a copy of bytes. */
export function streamOfBytes(bytes: Uint8Array = new Uint8Array()): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}
