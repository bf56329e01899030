import { bytesOf, equal, holds, keysOf, listed, longStream, type StoreCase, type SuiteSettings } from './check.ts';
import type { ObjectStore } from '../../object-store.ts';

/** Most requests that an operation may cost once the store is warm. */
const budgets: Readonly<Record<string, readonly [number, (store: ObjectStore) => Promise<unknown>]>> = {
  // A service that does not date its answers is asked for the time.
  put: [2, (store) => store.put('new', bytesOf('x'))],
  'put with ifAbsent': [2, (store) => store.put('absent', bytesOf('x'), { ifAbsent: true })],
  'put of a stream with its size': [2, (store) => store.put('sized', longStream(200_000).body, { size: 200_000 })],
  'put of a short stream': [2, (store) => store.put('short', longStream(200_000).body)],
  head: [1, (store) => store.head('k')],
  'head of a missing key': [1, (store) => store.head('none')],
  get: [1, async (store) => (await store.get('k'))!.bytes()],
  'get of a missing key': [1, (store) => store.get('none')],
  'get of a range': [1, async (store) => (await store.get('k', { range: { offset: 1, length: 1 } }))!.bytes()],
  list: [1, (store) => store.list({ prefix: 'k' })],
  'delete of nothing': [0, (store) => store.delete([])],
};

/** Facts about what a store sends; only where somebody counts its requests. */
export function requestCases({ requests, pagedKeys, streamBytes }: SuiteSettings): readonly StoreCase[] {
  if (requests === undefined) return [];
  const cost = async (work: () => Promise<unknown>): Promise<number> => {
    const before = requests();
    await work();
    return requests() - before;
  };
  return [
    {
      fact: 'sends no more requests than an operation needs',
      async prove(store) {
        await store.put('k', bytesOf('123'));
        await store.head('warm');
        for (const [what, [most, work]] of Object.entries(budgets)) {
          const sent = await cost(() => work(store));
          holds(sent <= most, `${what} sent ${sent} requests, expected at most ${most}`);
          holds(sent > 0 || most === 0, `${what} was asked of the store`);
        }
      },
    },
    {
      fact: 'sends one request for a page and one for a batch',
      async prove(store) {
        const keys = Array.from({ length: Math.min(pagedKeys, 60) }, (_, i) => `p/${String(i).padStart(3, '0')}`);
        for (const key of keys) await store.put(key, bytesOf('x'));
        let pages = 0;
        const sent = await cost(async () => (pages = (await listed(store, 'p/', 20)).pages));
        equal(sent, pages, 'requests of a listing');
        holds(pages <= keys.length / 20 + 1, `${keys.length} keys in ${pages} pages of 20`);
        const deletes = await cost(() => store.delete(keys.map((key) => ({ key }))));
        holds(
          deletes <= (store.capabilities.conditionalDelete ? 3 * keys.length : 1),
          `${deletes} requests of a delete`,
        );
        equal(await keysOf(store), [], 'keys');
      },
    },
    {
      fact: 'sends a long stream as begin, parts and complete, and one of stated size at once',
      async prove(store) {
        const parts = Math.ceil(streamBytes / (5 * 1024 ** 2));
        const unknown = await cost(() => store.put('parts', longStream(streamBytes).body));
        holds(unknown <= parts + 3, `${unknown} requests for at most ${parts} parts`);
        const stated = await cost(() => store.put('once', longStream(streamBytes).body, { size: streamBytes }));
        holds(stated <= 2, `${stated} requests for a stream of stated size`);
        equal((await store.head('parts'))?.size, (await store.head('once'))?.size, 'sizes');
      },
    },
  ];
}
