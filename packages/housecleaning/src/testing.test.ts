// The suite has to find what is wrong with a store: each of these breaks one promise.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import type { ObjectStore } from './object-store.ts';
import { objectStoreCases } from './testing.ts';

/** Facts that a store does not keep. */
async function broken(make: () => ObjectStore): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { fact, prove } of objectStoreCases({ pagedKeys: 1_005 })) {
    await prove(make()).catch(() => failed.push(fact));
  }
  return failed;
}

/** Options without one of them. */
function without<T extends object>(options: T | undefined, name: keyof T): T {
  const rest = { ...options } as T;
  Reflect.deleteProperty(rest, name);
  return rest;
}

const variants: Record<string, (store: ObjectStore) => Partial<ObjectStore>> = {
  'ignores ifAbsent': (store) => ({
    put: (key, body, options) => store.put(key, body, { ...options, ifAbsent: false }),
  }),
  'ignores ifMatch of a put': (store) => ({
    put: (key, body, options) => store.put(key, body, without(options, 'ifMatch')),
  }),
  'checks ifAbsent before it writes, in two steps': (store) => ({
    async put(key, body, options = {}) {
      if (options.ifAbsent && (await store.head(key))) return store.put(key, body, options);
      await Promise.resolve();
      return store.put(key, body, { ...options, ifAbsent: false });
    },
  }),
  'ignores sha256': (store) => ({ put: (key, body, options) => store.put(key, body, without(options, 'sha256')) }),
  'loses metadata': (store) => ({
    put: (key, body, options) => store.put(key, body, without(options, 'metadata')),
  }),
  'ignores ifMatch of a get': (store) => ({ get: (key, options) => store.get(key, without(options, 'ifMatch')) }),
  'ignores ranges': (store) => ({ get: (key, options) => store.get(key, without(options, 'range')) }),
  'ignores the etag of a delete': (store) => ({
    delete: (targets) => store.delete(targets.map(({ key }) => ({ key }))),
  }),
  'deletes by prefix': (store) => ({
    async delete(targets, options) {
      for (const { key } of targets) {
        for (const object of (await store.list({ prefix: key })).objects) await store.delete([{ key: object.key }]);
      }
      return store.delete(targets, options);
    },
  }),
  'forgets the cursor': (store) => ({
    async list(options) {
      return { objects: (await store.list(options)).objects };
    },
  }),
  'ends prefixes at a slash': (store) => ({
    list: (options) =>
      store.list(options?.prefix ? { ...options, prefix: `${options.prefix.replace(/\/$/, '')}/` } : options),
  }),
  'throws for a missing key': (store) => ({
    async get(key, options) {
      const object = await store.get(key, options);
      if (!object) throw new Error('404');
      return object;
    },
  }),
};

describe('the conformance suite', () => {
  test('finds nothing wrong with a right store', async () => {
    expect(await broken(() => createMemoryStore())).toEqual([]);
  });

  for (const [what, change] of Object.entries(variants)) {
    test(`finds a store that ${what}`, async () => {
      const failed = await broken(() => {
        const store = createMemoryStore();
        return { ...store, ...change(store) };
      });
      expect(failed.length).toBeGreaterThan(0);
    });
  }
});
