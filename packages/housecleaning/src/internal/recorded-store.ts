import { ObjectStoreError } from '../errors.ts';
import type { ObjectBody, ObjectInfo, ObjectStore, PutOptions, StoredObject } from '../object-store.ts';
import { concat } from './gzip.ts';
import { sha256Hex } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

/** One change that a run made or would make. */
export type Mutation =
  | {
      readonly op: 'put';
      readonly key: string;
      readonly bytes: number;
      readonly sha256: string;
      readonly over: string | null;
    }
  | { readonly op: 'delete'; readonly key: string; readonly etag: string | null };

/** A store that notes every change that succeeded. */
export function recordMutations(store: ObjectStore): { readonly store: ObjectStore; readonly mutations: Mutation[] } {
  const mutations: Mutation[] = [];
  return {
    mutations,
    store: {
      capabilities: store.capabilities,
      get: (key, options) => store.get(key, options),
      head: (key, options) => store.head(key, options),
      list: (options) => store.list(options),
      async put(key, body, options) {
        const bytes = await bodyBytes(body);
        const info = await store.put(key, bytes, options);
        const sha256 = options?.sha256 ?? (await sha256Hex(bytes));
        mutations.push({ op: 'put', key, bytes: bytes.length, sha256, over: options?.ifMatch ?? null });
        return info;
      },
      async delete(targets, options) {
        const results = await store.delete(targets, options);
        results.forEach((result, i) => {
          if (result.outcome === 'deleted')
            mutations.push({ op: 'delete', key: result.key, etag: targets[i]?.etag ?? null });
        });
        return results;
      },
    },
  };
}

/** SHA-256 over changes in their order. */
export async function hashMutations(mutations: readonly Mutation[]): Promise<string> {
  return sha256Hex(toUtf8(JSON.stringify(mutations)));
}

/** A store that reads through to another one and keeps what is written to itself: the ground of a dry run. */
export function createOverlayStore(under: ObjectStore, nowMs: number): ObjectStore {
  const written = new Map<string, { readonly info: ObjectInfo; readonly bytes: Uint8Array }>();
  const deleted = new Set<string>();
  const head = async (key: string): Promise<ObjectInfo | undefined> =>
    written.get(key)?.info ?? (deleted.has(key) ? undefined : under.head(key));
  const refuse = (key: string): never => {
    throw new ObjectStoreError('precondition-failed', key, `"${key}" is not in the state that the put expects.`);
  };
  return {
    capabilities: under.capabilities,
    head,
    async get(key, options) {
      const own = written.get(key);
      if (own === undefined) return deleted.has(key) ? undefined : under.get(key, options);
      if (options?.ifMatch !== undefined && options.ifMatch !== own.info.etag) refuse(key);
      return storedObject(own.info, own.bytes);
    },
    async put(key, body, options: PutOptions = {}) {
      const bytes = await bodyBytes(body);
      const before = await head(key);
      if (options.ifAbsent === true && before) refuse(key);
      if (options.ifMatch !== undefined && before?.etag !== options.ifMatch) refuse(key);
      const info = {
        key,
        size: bytes.length,
        etag: `planned-${await sha256Hex(bytes)}`,
        uploadedMs: nowMs,
        metadata: { ...options.metadata },
      };
      written.set(key, { info, bytes });
      deleted.delete(key);
      return info;
    },
    async delete(targets) {
      const results = [];
      for (const { key, etag } of targets) {
        const before = await head(key);
        if (before === undefined) results.push({ key, outcome: 'absent' as const });
        else if (under.capabilities.conditionalDelete && etag !== undefined && etag !== before.etag) {
          results.push({ key, outcome: 'changed' as const });
        } else {
          written.delete(key);
          deleted.add(key);
          results.push({ key, outcome: 'deleted' as const });
        }
      }
      return results;
    },
    async list(options) {
      const page = await under.list(options);
      return { ...page, objects: page.objects.filter((object) => !deleted.has(object.key)) };
    },
  };
}

/** Reads a body to its end. */
async function bodyBytes(body: ObjectBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return concat(parts);
}

/** An opened object over bytes at hand. */
function storedObject(info: ObjectInfo, bytes: Uint8Array): StoredObject {
  return {
    ...info,
    get body() {
      return new ReadableStream<Uint8Array>({
        start(controller) {
          if (bytes.length > 0) controller.enqueue(bytes.slice());
          controller.close();
        },
      });
    },
    bytes: async () => bytes.slice(),
  };
}
