import { bytesOf, equal, holds, keysOf, refuses, textAt, type StoreCase } from './check.ts';

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
      fact: 'answers for every target in its order, changed and absent ones among them',
      async prove(store) {
        const etags = new Map<string, string>();
        for (const key of ['d', 'b', 'a', 'c']) etags.set(key, (await store.put(key, bytesOf(key))).etag);
        await store.put('c', bytesOf('changed'));
        const targets = ['c', 'none', 'a', 'd'].map((key) => ({ key, etag: etags.get(key) ?? 'f'.repeat(32) }));
        const answers = await store.delete(targets);
        equal(
          answers.map(({ key }) => key),
          ['c', 'none', 'a', 'd'],
          'keys of the answers',
        );
        const outcomes = answers.map(({ outcome }) => outcome);
        if (store.capabilities.conditionalDelete) {
          equal(outcomes, ['changed', 'absent', 'deleted', 'deleted'], 'outcomes');
          equal(await textAt(store, 'c'), 'changed', 'the changed object');
        } else {
          holds(!outcomes.includes('changed'), 'a store that does not compare never says changed');
          equal(await textAt(store, 'c'), undefined, 'it deletes a changed object: only write-once keys are safe here');
        }
        equal(await keysOf(store), store.capabilities.conditionalDelete ? ['b', 'c'] : ['b'], 'keys');
      },
    },
    {
      fact: 'refuses more targets than a batch, and any bad key, before it deletes anything',
      async prove(store) {
        await store.put('k', bytesOf('x'));
        const { maxDeleteBatch } = store.capabilities;
        holds(Number.isSafeInteger(maxDeleteBatch) && maxDeleteBatch >= 1, 'a batch has a size');
        const many = Array.from({ length: maxDeleteBatch + 1 }, (_, i) => ({ key: i === 0 ? 'k' : `none/${i}` }));
        await refuses(store.delete(many), 'refused', 'one target too many');
        equal(await textAt(store, 'k'), 'x', 'bytes');
        await refuses(store.delete([{ key: 'k' }, { key: 'bad//key' }]), 'bad-key', 'a bad key');
        equal(await keysOf(store), ['k'], 'keys');
        equal((await store.delete(many.slice(0, maxDeleteBatch))).length, maxDeleteBatch, 'answers to a full batch');
        equal(await keysOf(store), [], 'keys after a full batch');
      },
    },
    {
      fact: 'deletes one object once, however often it is asked to',
      async prove(store) {
        const { etag } = await store.put('k', bytesOf('x'));
        await store.put('kk', bytesOf('y'));
        equal((await store.delete([{ key: 'k', etag }]))[0]?.outcome, 'deleted', 'the first delete');
        for (const target of [{ key: 'k', etag }, { key: 'k' }]) {
          const [again] = await store.delete([target]);
          holds(again?.outcome !== 'changed', `${JSON.stringify(target)} again`);
          holds(!store.capabilities.conditionalDelete || again?.outcome === 'absent', 'a store that looks says absent');
        }
        equal(await keysOf(store), ['kk'], 'keys');
        holds((await store.get('k')) === undefined, 'get');
        holds((await store.head('k')) === undefined, 'head');
        await refuses(
          store.put('k', bytesOf('new'), { ifMatch: etag }),
          'precondition-failed',
          'a put over what is gone',
          'k',
        );
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
