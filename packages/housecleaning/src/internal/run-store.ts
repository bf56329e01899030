import type { ObjectStore } from '../object-store.ts';

/** What a run may do with its store. Deleting is not among it: only `prune.ts` and `retention.ts` can. */
export type RunStore = Omit<ObjectStore, 'delete'>;

/** A store that can no longer delete, also for code that the types do not stop. */
export function withoutDelete(store: ObjectStore): RunStore {
  return {
    capabilities: store.capabilities,
    get: (key, options) => store.get(key, options),
    head: (key, options) => store.head(key, options),
    put: (key, body, options) => store.put(key, body, options),
    list: (options) => store.list(options),
  };
}

/** A store that only reads, for those who take a whole store and are to change nothing. */
export function readOnly(store: ObjectStore): ObjectStore {
  const refuse = (): Promise<never> => Promise.reject(new Error('This store is for reading only; this is a defect.'));
  return { ...withoutDelete(store), put: refuse, delete: refuse };
}
