import { describe, expect, test } from 'vitest';
import { withCounts } from './counting.ts';
import { createMemoryStore } from './memory.ts';

const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length);
const stream = (length: number, piece = 10): ReadableStream<Uint8Array> => {
  let left = length;
  return new ReadableStream({
    pull(controller) {
      const next = Math.min(piece, left);
      left -= next;
      if (next > 0) controller.enqueue(bytes(next));
      else controller.close();
    },
  });
};

describe('withCounts', () => {
  test('counts operations in the classes of the bill, and bytes both ways', async () => {
    const { store, counts } = withCounts(createMemoryStore());
    await store.put('a', bytes(5));
    await store.put('b', stream(7));
    await store.head('a');
    await (await store.get('a'))!.bytes();
    await new Response((await store.get('b'))!.body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer();
    await store.get('a'); // not read
    await store.get('none');
    await store.list();
    await store.delete([{ key: 'a' }, { key: 'b' }]);
    expect(counts).toEqual({
      ...{ get: 4, head: 1, put: 2, delete: 1, list: 1, deletedKeys: 2 },
      ...{ classA: 3, classB: 5, bytesRead: 12, bytesWritten: 12 },
    });
  });

  test.each([
    [100, 1],
    [99, 1],
    // Begin, two parts, complete.
    [101, 4],
    [200, 4],
    [201, 5],
    [1_000, 12],
  ])('counts a stream of %d bytes in parts of 100 as %d writes', async (length, classA) => {
    for (const piece of [7, 1_000]) {
      const { store, counts } = withCounts(createMemoryStore(), { partBytes: 100 });
      await store.put('k', stream(length, piece));
      expect(counts.classA).toBe(classA);
      await store.put('k', stream(length, piece), { size: length });
      expect(counts.classA).toBe(classA + 1);
    }
  });

  test('counts attempts that fail', async () => {
    const { store, counts } = withCounts(createMemoryStore());
    await store.put('k', bytes(3), { ifMatch: 'x' }).catch(() => undefined);
    await store.list({ cursor: 'none of ours' }).catch(() => undefined);
    expect(counts).toMatchObject({ put: 1, list: 1, classA: 2, bytesWritten: 3 });
  });
});
