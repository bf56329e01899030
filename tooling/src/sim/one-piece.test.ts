// Read as the platform's own stream of one piece is read, and the answers compared.
import { describe, expect, test } from 'vitest';
import { onePiece } from './one-piece.ts';

function platformStreamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

type Stream = ReadableStream<Uint8Array>;

/** The answer, or the kind of error. */
async function answerOf(ask: () => unknown): Promise<unknown> {
  try {
    return await ask();
  } catch (error) {
    return (error as Error).name;
  }
}

const uses: Readonly<Record<string, (stream: Stream) => Promise<unknown>>> = {
  'is read to its end': async (stream) => {
    const reader = stream.getReader();
    return [await reader.read(), await reader.read(), await reader.read()];
  },
  'is iterated': async (stream) => {
    const pieces = [];
    for await (const piece of stream) pieces.push(piece);
    return [pieces, stream.locked];
  },
  'is left after the first piece': async (stream) => {
    const seen = [];
    for await (const piece of stream) {
      seen.push(piece);
      break;
    }
    return [seen, stream.locked, await stream.getReader().read()];
  },
  'is cancelled before it is read': async (stream) => {
    const locked = stream.locked;
    await stream.cancel();
    return [locked, await stream.getReader().read()];
  },
  'is cancelled by its reader': async (stream) => {
    const reader = stream.getReader();
    await reader.cancel();
    return reader.read();
  },
  'is locked by a reader until that lets go': async (stream) => {
    const reader = stream.getReader();
    const meanwhile = [stream.locked, await answerOf(() => stream.getReader()), await answerOf(() => stream.cancel())];
    reader.releaseLock();
    return [meanwhile, stream.locked, await answerOf(() => reader.read()), await stream.getReader().read()];
  },
  'is asked to fill a buffer': async (stream) => {
    const refused = await answerOf(() => stream.getReader({ mode: 'byob' }));
    return [refused, stream.locked, await stream.getReader().read()];
  },
};

describe('a stream of one piece', () => {
  test.each(Object.keys(uses))('answers as the one of the platform where it %s', async (name) => {
    for (const bytes of [Uint8Array.of(1, 2, 3), new Uint8Array(0)])
      expect(await uses[name]!(onePiece(bytes))).toEqual(await uses[name]!(platformStreamOf(bytes)));
  });
});
