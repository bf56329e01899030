import { bytesOf, equal, refuses, streamOf, textAt, type StoreCase } from './check.ts';
import type { ObjectStore, PutOptions } from '../../object-store.ts';

/** What a key may be before a put: how it gets there, and the etags that a writer may remember. */
const states: Readonly<Record<string, (store: ObjectStore, key: string) => Promise<Known>>> = {
  'a key that never was': async () => ({ now: undefined, before: madeUp }),
  'an object': async (store, key) => {
    const { etag } = await store.put(key, bytesOf('one'));
    return { now: etag, before: madeUp };
  },
  'an object that was replaced': async (store, key) => {
    const { etag: before } = await store.put(key, bytesOf('zero'));
    const { etag } = await store.put(key, bytesOf('one'), { ifMatch: before });
    return { now: etag, before };
  },
  'an object that was deleted': async (store, key) => {
    const { etag: before } = await store.put(key, bytesOf('one'));
    await store.delete([{ key }]);
    return { now: undefined, before };
  },
};

interface Known {
  /** Etag of what is there; `undefined` where nothing is. */
  readonly now: string | undefined;
  /** An etag that nothing has any more. */
  readonly before: string;
}

const madeUp = 'f'.repeat(32);

const conditions: Readonly<Record<string, (known: Known) => { readonly asked: PutOptions; readonly isMet: boolean }>> =
  {
    'no condition': () => ({ asked: {}, isMet: true }),
    'ifAbsent: false': () => ({ asked: { ifAbsent: false }, isMet: true }),
    ifAbsent: ({ now }) => ({ asked: { ifAbsent: true }, isMet: now === undefined }),
    'ifMatch of what is there': ({ now }) => ({ asked: { ifMatch: now ?? madeUp }, isMet: now !== undefined }),
    'ifMatch of what was there': ({ before }) => ({ asked: { ifMatch: before }, isMet: false }),
    'ifAbsent and ifMatch': ({ now, before }) => ({ asked: { ifAbsent: true, ifMatch: now ?? before }, isMet: false }),
  };

const bodies: Readonly<Record<string, (text: string) => [Uint8Array | ReadableStream<Uint8Array>, PutOptions]>> = {
  bytes: (text) => [bytesOf(text), {}],
  'a stream with its size': (text) => [streamOf(bytesOf(text)), { size: text.length }],
};

/** The whole table of conditional puts: what was there, what is asked, and what is put. */
export function conditionCases(): readonly StoreCase[] {
  return Object.entries(states).map(([state, prepare]) => ({
    fact: `puts over ${state} exactly where the condition holds`,
    async prove(store) {
      let row = 0;
      for (const [condition, ask] of Object.entries(conditions)) {
        for (const [kind, make] of Object.entries(bodies)) {
          const key = `k/${++row}`;
          const known = await prepare(store, key);
          const { asked, isMet } = ask(known);
          const [body, stated] = make('new');
          const what = `${kind} with ${condition} over ${state}`;
          const put = store.put(key, body, { ...asked, ...stated });
          if (isMet) {
            const info = await put;
            equal(await textAt(store, key), 'new', `${what}: bytes`);
            equal((await store.head(key))?.etag, info.etag, `${what}: etag`);
          } else {
            await refuses(put, 'precondition-failed', what, key);
            equal((await store.head(key))?.etag, known.now, `${what}: what is there`);
          }
        }
      }
    },
  }));
}
