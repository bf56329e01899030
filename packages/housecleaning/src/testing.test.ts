// The suite has to find what is wrong with a store: each of these breaks one promise.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { ObjectStoreError } from './errors.ts';
import type { ObjectBody, ObjectInfo, ObjectStore, PutOptions } from './object-store.ts';
import { conformanceAssertions, objectStoreCases } from './testing.ts';

const suite = { pagedKeys: 1_005, streamBytes: 200_000 } as const;

/** The first fact that a store does not keep. */
async function firstBroken(make: () => ObjectStore): Promise<string | undefined> {
  for (const { fact, prove } of objectStoreCases(suite)) {
    const holds = await prove(make()).then(
      () => true,
      () => false,
    );
    if (!holds) return fact;
  }
  return undefined;
}

/** Options without one of them. */
function without<T extends object>(options: T | undefined, name: keyof T): T {
  const rest = { ...options } as T;
  Reflect.deleteProperty(rest, name);
  return rest;
}

type Put = ObjectStore['put'];
const withPut = (change: (put: Put, store: ObjectStore) => Put) => (store: ObjectStore) => ({
  put: change((...given) => store.put(...given), store),
});

async function bytesOf(body: ObjectBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  return new Uint8Array(await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

/** As much of a stream as came before it broke. */
async function whatCame(body: ObjectBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of body) pieces.push(piece);
  } catch {
    // Taken for the end.
  }
  return new Uint8Array(await new Blob(pieces).arrayBuffer());
}

async function told(info: Promise<ObjectInfo>, change: (info: ObjectInfo) => Partial<ObjectInfo>): Promise<ObjectInfo> {
  const right = await info;
  return { ...right, ...change(right) };
}

const variants: Record<string, (store: ObjectStore) => Partial<ObjectStore>> = {
  // Conditions.
  'ignores ifAbsent': withPut((put) => (key, body, options) => put(key, body, { ...options, ifAbsent: false })),
  'ignores ifMatch of a put': withPut((put) => (key, body, options) => put(key, body, without(options, 'ifMatch'))),
  'takes ifMatch for met where nothing is': withPut((put, store) => async (key, body, options) => {
    const isThere = (await store.head(key)) !== undefined;
    return put(key, body, isThere ? options : without(options, 'ifMatch'));
  }),
  'looks at ifMatch only, where ifAbsent is asked for too': withPut(
    (put) => (key, body, options) =>
      put(key, body, options?.ifMatch === undefined ? options : without(options, 'ifAbsent')),
  ),
  'checks ifAbsent before it writes, in two steps': withPut((put, store) => async (key, body, options = {}) => {
    if (options.ifAbsent && (await store.head(key))) return put(key, body, options);
    await Promise.resolve();
    return put(key, body, { ...options, ifAbsent: false });
  }),
  'checks ifMatch before it writes, in two steps': withPut((put, store) => async (key, body, options = {}) => {
    if (options.ifMatch !== (await store.head(key))?.etag) return put(key, body, options);
    return put(key, body, without(options, 'ifMatch'));
  }),
  'ignores conditions of streams': withPut(
    (put) => (key, body, options) =>
      put(key, body, body instanceof Uint8Array ? options : without(without(options, 'ifAbsent'), 'ifMatch')),
  ),
  'fails for a lost race as if the effect were unknown': withPut(
    (put) => (key, body, options) =>
      put(key, body, options).catch((error: unknown) => {
        const { code, key: about, message } = error as ObjectStoreError;
        throw code === 'precondition-failed'
          ? new ObjectStoreError(code, about, message, { effect: 'unknown' })
          : error;
      }),
  ),
  'names another key in its errors': withPut(
    (put) => (key, body, options) =>
      put(key, body, options).catch((error: unknown) => {
        if (!(error instanceof ObjectStoreError)) throw error;
        throw new ObjectStoreError(error.code, `bucket/${key}`, error.message);
      }),
  ),
  // Bodies.
  'ignores sha256': withPut((put) => (key, body, options) => put(key, body, without(options, 'sha256'))),
  'checks sha256 of bytes only': withPut(
    (put) => (key, body, options) => put(key, body, body instanceof Uint8Array ? options : without(options, 'sha256')),
  ),
  'ignores the size of a body': withPut((put) => (key, body, options) => put(key, body, without(options, 'size'))),
  'cuts a body at its stated size': withPut((put) => async (key, body, options) => {
    const bytes = options?.size === undefined ? body : (await bytesOf(body)).subarray(0, options.size);
    return put(key, bytes, options);
  }),
  'stores what came of a stream that broke': withPut(
    (put) => async (key, body, options) => put(key, await whatCame(body), without(options, 'size')),
  ),
  'stores a stream of stated size when its last byte came, not when it ended': withPut(
    (put) => async (key, body, options) => {
      if (body instanceof Uint8Array || options?.size === undefined) return put(key, body, options);
      const bytes = await whatCame(body);
      return put(key, bytes, bytes.length === options.size ? options : { ...options, size: -1 });
    },
  ),
  'lets an abort go by once a stream has begun': withPut(
    (put) => (key, body, options) => put(key, body, without(options, 'signal')),
  ),
  'leaves an aborted stream open': withPut((put) => async (key, body, options) => {
    const { signal } = options ?? {};
    if (body instanceof Uint8Array || signal === undefined) return put(key, body, options);
    const never = new Promise<never>((_, reject) => {
      if (signal.aborted) reject(signal.reason as Error);
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
    return Promise.race([never, bytesOf(body).then((bytes) => put(key, bytes, without(options, 'signal')))]);
  }),
  'keeps the caller’s buffer': () => {
    const kept = new Map<string, Uint8Array>();
    const under = createMemoryStore();
    return {
      ...under,
      async put(key, body, options) {
        const info = await under.put(key, body, options);
        if (body instanceof Uint8Array) kept.set(key, body);
        return info;
      },
      async get(key, options) {
        const object = await under.get(key, options);
        const bytes = kept.get(key);
        return object && bytes && bytes.length === object.size && options === undefined
          ? { ...object, bytes: async () => bytes.slice() }
          : object;
      },
    };
  },
  'takes a conditional stream of unknown length, though it says otherwise': (store) => ({
    capabilities: { ...store.capabilities, conditionalStream: false },
  }),
  'refuses a conditional stream of unknown length, though it says otherwise': () => {
    const under = createMemoryStore({ conditionalDelete: false });
    return { ...under, capabilities: { ...under.capabilities, conditionalStream: true } };
  },
  // Metadata and facts.
  'loses metadata': withPut((put) => (key, body, options) => put(key, body, without(options, 'metadata'))),
  'loses metadata of streams': withPut(
    (put) => (key, body, options) =>
      put(key, body, body instanceof Uint8Array ? options : without(options, 'metadata')),
  ),
  'trims metadata': withPut((put) => (key, body, options) => {
    const trimmed = Object.entries(options?.metadata ?? {}).map(([name, value]) => [name, value.trim()]);
    return put(key, body, { ...options, metadata: Object.fromEntries(trimmed) as Record<string, string> });
  }),
  'says that it takes more metadata than it does': (store) => ({
    capabilities: { ...store.capabilities, metadataBytes: 65_536 },
  }),
  'says that it takes less metadata than it does': (store) => ({
    capabilities: { ...store.capabilities, metadataBytes: 1_024 },
  }),
  'says that listings have metadata, which they have not': (store) => ({
    async list(options) {
      const page = await store.list(options);
      return { ...page, objects: page.objects.map((object) => ({ ...object, metadata: {} })) };
    },
  }),
  'tells the etag of the write before': withPut((put, store) => async (key, body, options) => {
    const before = await store.head(key);
    return told(put(key, body, options), ({ etag }) => ({ etag: before?.etag ?? etag }));
  }),
  'tells the size of a part': withPut(
    (put) => (key, body, options) => told(put(key, body, options), ({ size }) => ({ size: Math.min(size, 65_536) })),
  ),
  'gives two writes one version': () => {
    const under = createMemoryStore({ conditionalDelete: false });
    const same = <T extends ObjectInfo | undefined>(info: T): T => info && { ...info, version: 'v' };
    return {
      ...under,
      put: async (...given: Parameters<Put>) => same(await under.put(...given)),
      head: async (key: string) => same(await under.head(key)),
    };
  },
  'tells times that run backwards': () => {
    let now = 1_700_000_000_000;
    return createMemoryStore({ clock: () => (now -= 10_000) });
  },
  'takes any key': withPut((put) => (key, body, options) => put(key.replaceAll('//', '/'), body, options)),
  // Reads.
  'ignores ifMatch of a get': (store) => ({ get: (key, options) => store.get(key, without(options, 'ifMatch')) }),
  'ignores ranges': (store) => ({ get: (key, options) => store.get(key, without(options, 'range')) }),
  'tells the length of a range as the size': (store) => ({
    async get(key, options) {
      const object = await store.get(key, options);
      if (!object || !options?.range) return object;
      const bytes = await object.bytes();
      return { ...object, size: bytes.length, bytes: async () => bytes };
    },
  }),
  'throws for a range from the end on': (store) => ({
    async get(key, options) {
      const object = await store.get(key, options);
      if (object && options?.range && options.range.offset >= object.size)
        throw new ObjectStoreError('bad-range', key, '416');
      return object;
    },
  }),
  'throws for a missing key': (store) => ({
    async get(key, options) {
      const object = await store.get(key, options);
      if (!object) throw new Error('404');
      return object;
    },
  }),
  'takes an empty object for a missing one': (store) => ({
    async get(key, options) {
      const object = await store.get(key, options);
      return object?.size === 0 ? undefined : object;
    },
  }),
  'mixes the head of one write with the body of the next': (store) => ({
    async get(key, options) {
      const object = await store.get(key, options);
      return object && { ...object, bytes: async () => (await store.get(key))!.bytes() };
    },
  }),
  'goes on for a caller that has given up': (store) => ({ head: (key) => store.head(key) }),
  // Deletes.
  'ignores the etag of a delete': (store) => ({
    delete: (targets) => store.delete(targets.map(({ key }) => ({ key }))),
  }),
  'looks at the etag, then deletes': (store) => ({
    async delete(targets) {
      const heads = await Promise.all(targets.map(({ key }) => store.head(key)));
      await new Promise((resolve) => setTimeout(resolve, 0));
      return Promise.all(
        targets.map(async ({ key, etag }, i) => {
          if (!heads[i]) return { key, outcome: 'absent' } as const;
          if (etag !== undefined && heads[i].etag !== etag) return { key, outcome: 'changed' } as const;
          await store.delete([{ key }]);
          return { key, outcome: 'deleted' } as const;
        }),
      );
    },
  }),
  'deletes by prefix': (store) => ({
    async delete(targets, options) {
      for (const { key } of targets) {
        for (const object of (await store.list({ prefix: key })).objects) await store.delete([{ key: object.key }]);
      }
      return store.delete(targets, options);
    },
  }),
  'answers deletes in an order of its own': (store) => ({
    delete: async (targets, options) => [...(await store.delete(targets, options))].reverse(),
  }),
  'stops a delete at a changed object': (store) => ({
    async delete(targets, options) {
      const results = [];
      for (const target of targets) {
        results.push(...(await store.delete([target], options)));
        if (results.at(-1)?.outcome === 'changed') break;
      }
      return results;
    },
  }),
  'deletes more keys than a batch has': (store) => ({
    async delete(targets, options) {
      const results = [];
      for (let at = 0; at < targets.length; at += 500) {
        results.push(...(await store.delete(targets.slice(at, at + 500), options)));
      }
      return results;
    },
  }),
  // Listings.
  'forgets the cursor': (store) => ({
    async list(options) {
      return { objects: (await store.list(options)).objects };
    },
  }),
  'begins again for a cursor that it does not know': (store) => ({
    list: (options) => store.list(options).catch(() => store.list(without(options, 'cursor'))),
  }),
  'ends for a cursor that it does not know': (store) => ({
    list: (options) => store.list(options).catch(() => ({ objects: [] })),
  }),
  'ends prefixes at a slash': (store) => ({
    list: (options) =>
      store.list(options?.prefix ? { ...options, prefix: `${options.prefix.replace(/\/$/, '')}/` } : options),
  }),
  'lists by UTF-16': (store) => ({
    async list(options) {
      const page = await store.list(options);
      return { ...page, objects: page.objects.toSorted((a, b) => (a.key < b.key ? -1 : 1)) };
    },
  }),
  'lists what was there a write ago': (store) => {
    let before: readonly ObjectInfo[] = [];
    return {
      async put(key: string, body: ObjectBody, options?: PutOptions) {
        before = (await store.list()).objects;
        return store.put(key, body, options);
      },
      list: async () => ({ objects: before }),
    };
  },
  'lists an object twice over pages': (store) => {
    let last: readonly ObjectInfo[] = [];
    return {
      async list(options) {
        const page = await store.list(options);
        const objects = options?.cursor === undefined ? page.objects : [...last, ...page.objects];
        last = page.objects.slice(-1);
        return { ...page, objects };
      },
    };
  },
  'ignores the limit of a page': (store) => ({ list: (options) => store.list(without(options, 'limit')) }),
};

describe('the conformance suite', () => {
  test('ends, and fails what it should, on a store that ignores signals', async () => {
    const failed: string[] = [];
    for (const { fact, prove } of objectStoreCases({ ...suite, abortMs: 50 })) {
      const store = createMemoryStore();
      const deaf: ObjectStore = {
        ...store,
        get: (key, options) => store.get(key, without(options, 'signal')),
        head: (key) => store.head(key),
        put: (key, body, options) => store.put(key, body, without(options, 'signal')),
        delete: (targets) => store.delete(targets),
        list: (options) => store.list(without(options, 'signal')),
      };
      await prove(deaf).catch((error: unknown) => failed.push(`${fact}: ${String(error)}`));
    }
    expect(failed.some((text) => text.includes('an abort at 0 {} over new: no answer for 50 ms'))).toBe(true);
    expect(failed.length).toBeGreaterThan(1);
  });

  for (const conditionalDelete of [true, false]) {
    test(`finds nothing wrong with a right store that ${conditionalDelete ? 'compares' : 'does not compare'} on delete`, async () => {
      const before = conformanceAssertions();
      expect(await firstBroken(() => createMemoryStore({ conditionalDelete }))).toBeUndefined();
      expect(conformanceAssertions() - before).toBeGreaterThan(500);
    });
  }

  for (const [what, change] of Object.entries(variants)) {
    test(`finds a store that ${what}`, async () => {
      const broken = await firstBroken(() => {
        const store = createMemoryStore();
        return { ...store, ...change(store) };
      });
      expect(broken).toBeDefined();
    });
  }

  test('looks at what operations cost where requests are counted', async () => {
    let sent = 0;
    const costs = async (each: number): Promise<readonly string[]> => {
      const failed: string[] = [];
      const facts = objectStoreCases({ ...suite, requests: () => sent }).slice(objectStoreCases(suite).length);
      expect(facts).toHaveLength(3);
      for (const { fact, prove } of facts) {
        const store = createMemoryStore({ conditionalDelete: false });
        const counted = Object.fromEntries(
          (['get', 'head', 'put', 'delete', 'list'] as const).map((name) => [
            name,
            (first: never, ...rest: never[]) => {
              sent += Array.isArray(first) && (first as unknown[]).length === 0 ? 0 : each;
              return (store[name] as (...given: never[]) => unknown)(first, ...rest);
            },
          ]),
        );
        await prove({ ...store, ...counted }).catch(() => failed.push(fact));
      }
      return failed;
    };
    expect(await costs(1)).toEqual([]);
    expect(await costs(2)).not.toEqual([]);
    expect(await costs(0)).not.toEqual([]);
  });
});
