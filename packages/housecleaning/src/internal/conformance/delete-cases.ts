import { bytesOf, equal, holds, keysOf, textAt, type StoreCase } from './check.ts';

/** Facts about `delete`. */
export function deleteCases(): readonly StoreCase[] {
  return [
    {
      fact: 'deletes the keys that are named and no other',
      async prove(store) {
        for (const key of ['a', 'aa', 'b/1', 'b/11', 'b/2']) await store.put(key, bytesOf(key));
        const results = await store.delete([{ key: 'a' }, { key: 'b/1' }]);
        equal(
          results,
          [
            { key: 'a', outcome: 'deleted' },
            { key: 'b/1', outcome: 'deleted' },
          ],
          'answers',
        );
        equal(await keysOf(store), ['aa', 'b/11', 'b/2'], 'keys');
        holds((await store.get('a')) === undefined && (await store.head('b/1')) === undefined, 'they are gone');
      },
    },
    {
      fact: 'takes a missing key for deleted or absent, and an empty list for nothing',
      async prove(store) {
        await store.put('k', bytesOf('x'));
        const [result] = await store.delete([{ key: 'missing' }]);
        holds(
          result?.outcome === (store.capabilities.conditionalDelete ? 'absent' : result?.outcome),
          'a store that looks says absent',
        );
        holds(result?.outcome !== 'changed', 'a missing key did not change');
        equal(await store.delete([]), [], 'answer to nothing');
        equal(await keysOf(store), ['k'], 'keys');
      },
    },
    {
      fact: 'honours the etag of a delete exactly where it says so',
      async prove(store) {
        const one = await store.put('k', bytesOf('one'));
        const two = await store.put('k', bytesOf('two'));
        const [stale] = await store.delete([{ key: 'k', etag: one.etag }]);
        if (store.capabilities.conditionalDelete) {
          equal(stale?.outcome, 'changed', 'answer to an old etag');
          equal(await textAt(store, 'k'), 'two', 'bytes');
          equal((await store.head('k'))?.etag, two.etag, 'etag');
          equal(
            (await store.delete([{ key: 'k', etag: two.etag }]))[0]?.outcome,
            'deleted',
            'answer to the right etag',
          );
        }
        holds((await store.get('k')) === undefined, 'it is gone');
      },
    },
    {
      fact: 'lets a deleted key be put again with ifAbsent',
      async prove(store) {
        await store.put('k', bytesOf('one'), { ifAbsent: true, metadata: { v: '1' } });
        await store.delete([{ key: 'k' }]);
        await store.put('k', bytesOf('two'), { ifAbsent: true });
        equal((await store.head('k'))?.metadata, {}, 'metadata');
        equal(await textAt(store, 'k'), 'two', 'bytes');
      },
    },
  ];
}
