import { expect, test } from 'vitest';
import { compareKeys } from '@tapekit/housecleaning/object-store';
import { createRandom } from './random.ts';
import { createSimStore, type SimStore } from './sim-store.ts';

async function listed(store: SimStore, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.openFor('x').list({ prefix, limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.objects.length).toBeLessThanOrEqual(2);
    keys.push(...page.objects.map(({ key }) => key));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return keys;
}

test('a listing is the sorted keys below the prefix, in pages, whatever came and went before', async () => {
  const random = createRandom(1);
  const options = { flavour: 'fs', clock: () => 0, pageSize: 2, maxDeleteBatch: 10 } as const;
  let store = createSimStore(options);
  const model = new Set<string>();
  for (let i = 0; i < 400; i++) {
    const key = `${random.pick(['a', 'ab', 'b', 'ä', '𝄞'])}/${random.pick(['x', 'x0', 'y', '￿'])}${random.below(4)}`;
    if (random.chance(0.6)) {
      model.add(key);
      await store.openFor('x').put(key, Uint8Array.of(i % 7));
    } else {
      model.delete(key);
      await store.openFor('x').delete([{ key }]);
    }
    // What happens to a copy afterwards is nothing to the original.
    if (random.chance(0.1)) {
      const copy = store.copy(options);
      await store.openFor('x').put('zz', Uint8Array.of(1));
      store = copy;
    }
    for (const prefix of ['', 'a', 'a/', 'ab/x', 'none'])
      expect(await listed(store, prefix)).toEqual([...model].filter((one) => one.startsWith(prefix)).sort(compareKeys));
  }
});

test('an object that a refused delete of a file system hides for a moment is not listed then, and comes back', async () => {
  const store = createSimStore({ flavour: 'fs', clock: () => 0, pageSize: 10, maxDeleteBatch: 10 });
  await store.openFor('x').put('a/1', Uint8Array.of(1));
  await store.openFor('x').put('a/2', Uint8Array.of(2));
  const seen: (readonly string[])[] = [];
  const deleting = store.openFor('y', async () => {
    seen.push((await store.openFor('x').list()).objects.map(({ key }) => key));
  });
  expect(await deleting.delete([{ key: 'a/1', etag: 'another' }])).toEqual([{ key: 'a/1', outcome: 'changed' }]);
  expect(seen).toEqual([['a/2']]);
  expect((await store.openFor('x').list()).objects.map(({ key }) => key)).toEqual(['a/1', 'a/2']);
});
