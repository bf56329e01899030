import { describe, expect, test } from 'vitest';
import { piecesOfBody } from './streams.ts';

const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251);

function byteStream(onCancel: () => void = () => undefined): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    type: 'bytes',
    autoAllocateChunkSize: 1_000,
    pull(controller) {
      const request = controller.byobRequest!;
      const view = request.view!;
      const count = Math.min(view.byteLength, bytes.length - at);
      new Uint8Array(view.buffer, view.byteOffset, count).set(bytes.subarray(at, at + count));
      at += count;
      if (count === 0) controller.close();
      request.respond(count);
    },
    cancel: onCancel,
  });
}

function plainStream(onCancel: () => void = () => undefined): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (at >= bytes.length) controller.close();
        else controller.enqueue(bytes.slice(at, (at += 70_000)));
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
}

describe.each([
  ['a stream of bytes', byteStream],
  ['a stream of pieces', plainStream],
] as const)('%s', (_, open) => {
  test('is read whole and let go of', async () => {
    const seen: number[] = [];
    const body = open();
    for await (const piece of piecesOfBody(body)) seen.push(...piece);
    expect(seen).toEqual([...bytes]);
    expect(body.locked).toBe(false);
  });

  test('is cancelled by a reader that stops early', async () => {
    let cancelled = 0;
    for await (const piece of piecesOfBody(open(() => cancelled++))) {
      expect(piece.length).toBeGreaterThan(0);
      break;
    }
    expect(cancelled).toBe(1);
  });

  test('ends with the reason of the signal', async () => {
    const { signal, abort } = abortable();
    const pieces = piecesOfBody(open(), signal);
    await pieces.next();
    abort();
    await expect(pieces.next()).rejects.toThrow('enough');
  });
});

test('a stream that waits for ever is left when the signal aborts', async () => {
  const { signal, abort } = abortable();
  const pieces = piecesOfBody(new ReadableStream<Uint8Array>(), signal);
  const waiting = pieces.next();
  abort();
  await expect(waiting).rejects.toThrow('enough');
});

test('a stream of bytes fills one buffer only', async () => {
  const buffers = new Set<number>();
  let pieces = 0;
  for await (const piece of piecesOfBody(byteStream())) {
    buffers.add(piece.buffer.byteLength);
    pieces += 1;
  }
  expect(pieces).toBe(4);
  expect([...buffers]).toEqual([65_536]);
});

function abortable(): { readonly signal: AbortSignal; readonly abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort(new Error('enough')) };
}
