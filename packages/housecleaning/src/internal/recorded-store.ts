import { HousecleaningError, ObjectStoreError } from '../errors.ts';
import { parseQuarantineKey } from '../keys.ts';
import type { ObjectInfo, ObjectStore, PutOptions, StoredObject } from '../object-store.ts';
import { createSha256, sha256Hex } from './sha256.ts';
import { collect, streamOf } from './streams.ts';

/** One change that a run made or would make. */
export type Mutation =
  | {
      readonly op: 'put';
      readonly key: string;
      readonly bytes: number;
      /** Of the bytes; empty for a quarantine record, which names its run. */
      readonly sha256: string;
      readonly over: string | null;
    }
  | { readonly op: 'delete'; readonly key: string; readonly etag: string | null };

/** A store that notes every change that succeeded; with `mayDelete` it refuses deletes that are not in it. */
export function recordMutations(
  store: ObjectStore,
  mayDelete?: ReadonlySet<string>,
): { readonly store: ObjectStore; readonly mutations: Mutation[] } {
  const mutations: Mutation[] = [];
  /** What this run put, by the etag that it got: a plan cannot know the etags of a store, but what it would put. */
  const own = new Map<string, string>();
  return {
    mutations,
    store: {
      capabilities: store.capabilities,
      get: (key, options) => store.get(key, options),
      head: (key, options) => store.head(key, options),
      list: (options) => store.list(options),
      async put(key, body, options) {
        let sha256 = options?.sha256;
        let counted: (() => string) | undefined;
        let passed = body;
        if (sha256 === undefined && body instanceof Uint8Array) sha256 = await sha256Hex(body);
        else if (sha256 === undefined) {
          const hash = createSha256();
          const stream = body as ReadableStream<Uint8Array>;
          counted = () => hash.hex();
          passed = streamOf(
            (async function* () {
              for await (const piece of stream) {
                hash.update(piece);
                yield piece;
              }
            })(),
          );
        }
        const info = await store.put(key, passed, options);
        const what = parseQuarantineKey(key)
          ? // It names its run, and so it is another one in every run: that the cell is stopped is what counts.
            { bytes: 0, sha256: '' }
          : { bytes: info.size, sha256: sha256 ?? counted!() };
        const over = options?.ifMatch ?? null;
        mutations.push({ op: 'put', key, ...what, over: (over !== null && own.get(`${key} ${over}`)) || over });
        own.set(`${key} ${info.etag}`, `planned-${what.sha256}`);
        return info;
      },
      async delete(targets, options) {
        const unplanned = mayDelete && targets.find(({ key, etag }) => !mayDelete.has(deleteName(key, etag ?? null)));
        if (unplanned) {
          throw new HousecleaningError(
            'plan-changed',
            `The plan did not hold the delete of "${unplanned.key}"; nothing more was deleted. Make a new plan.`,
            unplanned.key,
          );
        }
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

/** The deletes of a plan, for {@link recordMutations}. */
export function plannedDeletes(mutations: readonly Mutation[]): ReadonlySet<string> {
  return new Set(mutations.flatMap((m) => (m.op === 'delete' ? [deleteName(m.key, m.etag)] : [])));
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
      const bytes = body instanceof Uint8Array ? body : await collect(body);
      const before = await head(key);
      if (options.ifAbsent === true && before) refuse(key);
      if (options.ifMatch !== undefined && before?.etag !== options.ifMatch) refuse(key);
      const sha256 = await sha256Hex(bytes);
      const info = {
        key,
        size: bytes.length,
        etag: `planned-${sha256}`,
        uploadedMs: nowMs,
        metadata: { ...options.metadata },
      };
      // What is published is what was staged: its bytes are held once.
      const same = [...written.values()].find((other) => other.info.etag === info.etag);
      written.set(key, { info, bytes: same?.bytes ?? bytes });
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

function deleteName(key: string, etag: string | null): string {
  return `${etag ?? ''} ${key}`;
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
