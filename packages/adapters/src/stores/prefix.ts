/** A store inside another: every key lies below a prefix, which nobody sees. Several tenants or tests share one bucket. */
import { assertDeleteTargets, assertObjectKey, type ObjectStore } from '@tapekit/housecleaning/object-store';
import { AdaptersError } from '../errors.ts';
import { infoOf } from '../internal/object-info.ts';
import { withBody } from '../internal/store-body.ts';
import { aboutKey } from '../internal/store-errors.ts';

/**
 * Wraps a store. Keys may be shorter than elsewhere by the length of the prefix; cursors are those of the store below.
 * It separates, it does not protect: whoever has the store below has everything.
 *
 * @example
 * ```ts
 * const store = withPrefix(createMemoryStore(), 'tenants/7/');
 * await store.put('raw_tns/BTC/2026-01-01/1.jsonl', bytes); // tenants/7/raw_tns/BTC/2026-01-01/1.jsonl below
 * ```
 * @param prefix - segments, each with its slash; the slash at the end keeps `tenants/7` apart from `tenants/70`
 * @throws AdaptersError `bad-option`
 */
export function withPrefix(store: ObjectStore, prefix: string): ObjectStore {
  if (!isPrefix(prefix)) {
    const message = `The prefix ${JSON.stringify(prefix)} has to be segments of a key, each with a slash at its end.`;
    throw new AdaptersError('bad-option', message, { value: prefix });
  }
  /** Errors speak of the key that the caller knows. */
  const below = async <T>(key: string, work: (key: string) => Promise<T>): Promise<T> => {
    assertObjectKey(key);
    try {
      return await work(prefix + key);
    } catch (error) {
      throw aboutKey(error, key);
    }
  };
  const outside = <T extends { readonly key: string }>(object: T): T => {
    if (object.key.startsWith(prefix)) return { ...object, key: object.key.slice(prefix.length) };
    throw new Error(`The store below answered with "${object.key}", which is not below "${prefix}".`);
  };
  const { capabilities } = store;

  return {
    capabilities,
    get: (key, options) =>
      below(key, async (full) => {
        const object = await store.get(full, options);
        return (
          object && {
            ...outside(infoOf(object)),
            get body() {
              return object.body;
            },
            bytes: () => object.bytes(),
          }
        );
      }),
    head: (key, options) =>
      below(key, async (full) => {
        const info = await store.head(full, options);
        return info && outside(info);
      }),
    put: (key, body, options) =>
      withBody(
        body,
        below(key, async (full) => outside(await store.put(full, body, options))),
      ),
    async delete(targets, options) {
      assertDeleteTargets(targets, capabilities.maxDeleteBatch);
      const full = targets.map((target) => ({ ...target, key: prefix + target.key }));
      try {
        return (await store.delete(full, options)).map(outside);
      } catch (error) {
        const key = (error as { key?: unknown }).key;
        throw typeof key === 'string' && key.startsWith(prefix) ? aboutKey(error, key.slice(prefix.length)) : error;
      }
    },
    async list(options = {}) {
      const page = await store.list({ ...options, prefix: prefix + (options.prefix ?? '') });
      const strays = page.strays?.map((stray) => ({
        ...stray,
        // A link above the prefix has no name below it.
        name: stray.name.startsWith(prefix) ? stray.name.slice(prefix.length) : stray.name,
      }));
      return { ...page, objects: page.objects.map(outside), ...(strays ? { strays } : {}) };
    },
  };
}

function isPrefix(prefix: string): boolean {
  try {
    assertObjectKey(`${prefix}k`);
    return prefix.endsWith('/');
  } catch {
    return false;
  }
}
