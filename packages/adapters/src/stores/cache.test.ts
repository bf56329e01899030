import { describe, expect, test } from 'vitest';
import { withCache } from './cache.ts';
import { withCounts } from './counting.ts';
import { createMemoryStore, type MemoryStoreOptions } from './memory.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function world(maxBytes = 1_000, options: MemoryStoreOptions = {}) {
  const under = createMemoryStore(options);
  const { store, counts } = withCounts(under);
  const cache = withCache(store, { maxBytes });
  const text = async (key: string, range?: { offset: number; length?: number }): Promise<string | undefined> => {
    const object = await cache.get(key, range ? { range } : {});
    return object && new TextDecoder().decode(await object.bytes());
  };
  return { under, cache, counts, text };
}

describe('withCache', () => {
  test('reads a body once, and asks for its etag after that', async () => {
    const { cache, counts, text } = world();
    await cache.put('k', bytes('hello'));
    for (let i = 0; i < 5; i++) expect(await text('k')).toBe('hello');
    expect(counts).toMatchObject({ get: 1, head: 4, bytesRead: 5 });
    expect(await text('k', { offset: 1, length: 3 })).toBe('ell');
    expect(counts).toMatchObject({ get: 1, head: 5, bytesRead: 5 });
  });

  test('keeps a body that was read as a stream, if it was read to its end', async () => {
    const { cache, counts, text } = world();
    await cache.put('k', bytes('hello'));
    await (await cache.get('k'))!.body.cancel();
    expect(await text('k')).toBe('hello');
    expect(counts.get).toBe(2);
    const read = (await cache.get('k'))!.body as ReadableStream<Uint8Array<ArrayBuffer>>;
    expect(await new Response(read).text()).toBe('hello');
    expect(counts.get).toBe(2);
  });

  test('never gives what another writer has replaced or deleted', async () => {
    const { under, cache, text } = world();
    await cache.put('k', bytes('one'), { metadata: { v: '1' } });
    expect(await text('k')).toBe('one');
    const { etag } = await under.put('k', bytes('two'));
    expect(await text('k')).toBe('two');
    await under.put('k', bytes('two'), { metadata: { v: '2' } });
    expect((await cache.get('k'))?.metadata).toEqual({ v: '2' });
    expect(await text('k')).toBe('two');
    await under.put('k', bytes('three'));
    await expect(cache.get('k', { ifMatch: etag })).rejects.toMatchObject({ code: 'precondition-failed' });
    await under.delete([{ key: 'k' }]);
    expect(await text('k')).toBeUndefined();
  });

  test('keeps a read that ends after the next write under the etag that it had', async () => {
    const { under, cache, text } = world();
    await cache.put('k', bytes('old'));
    const slow = (await cache.get('k'))!;
    await under.put('k', bytes('new'));
    expect(new TextDecoder().decode(await slow.bytes())).toBe('old');
    expect(await text('k')).toBe('new');
  });

  test('reads again what was written again with the same bytes, where writes have versions', async () => {
    const { under, counts, text } = world(1_000, { conditionalDelete: false });
    await under.put('k', bytes('same'));
    await text('k');
    await under.put('k', bytes('same'));
    await text('k');
    expect(counts.get).toBe(2);
  });

  test('lets go of what was not read for longest, and never holds more than its limit', async () => {
    const { cache, counts, text } = world(10);
    for (const key of ['a', 'b', 'c']) await cache.put(key, bytes(`${key}---`));
    for (const key of ['a', 'b', 'a', 'c']) await text(key); // 4 bytes each: "c" pushes "b" out
    expect(counts.get).toBe(3);
    await text('a');
    expect(counts.get).toBe(3);
    await text('b');
    expect(counts.get).toBe(4);
    await cache.put('long', bytes('x'.repeat(11)));
    await text('long');
    await text('long');
    expect(counts.get).toBe(6);
  });

  test('hands out bytes of its own', async () => {
    const { cache, text } = world();
    await cache.put('k', bytes('kept'));
    await text('k');
    (await (await cache.get('k'))!.bytes()).fill(0);
    expect(await text('k')).toBe('kept');
  });

  test('refuses a limit that is none', () => {
    expect(() => withCache(createMemoryStore(), { maxBytes: -1 })).toThrow(
      'maxBytes "-1" is not a whole number of bytes from 0.',
    );
  });
});
