import { concat } from '../gzip.ts';
import { fromUtf8 } from '../utf8.ts';
import { bytesOf, equal, holds, refuses, textAt, type StoreCase } from './check.ts';

/** Facts about `get` and `head`. */
export function readCases(): readonly StoreCase[] {
  return [
    {
      fact: 'answers undefined for a missing key, also with conditions',
      async prove(store) {
        await store.put('a/b', bytesOf('x'));
        for (const key of ['a/c', 'a/bb', 'nothing/here']) {
          holds((await store.get(key)) === undefined, `get ${key}`);
          holds((await store.get(key, { ifMatch: 'x' })) === undefined, `get ${key} with ifMatch`);
          holds((await store.head(key)) === undefined, `head ${key}`);
        }
      },
    },
    {
      fact: 'reads with ifMatch only the object with that etag',
      async prove(store) {
        const one = await store.put('k', bytesOf('one'));
        equal(fromUtf8((await (await store.get('k', { ifMatch: one.etag }))?.bytes()) ?? bytesOf('')), 'one', 'bytes');
        await store.put('k', bytesOf('two'));
        await refuses(store.get('k', { ifMatch: one.etag }), 'precondition-failed', 'an old etag');
      },
    },
    {
      fact: 'streams a large object, byte for byte',
      async prove(store) {
        const bytes = new Uint8Array(3_000_000);
        for (let i = 0, x = 1; i < bytes.length; i++) bytes[i] = x = (x * 16_807) % 2_147_483_647;
        await store.put('big', bytes);
        const parts: Uint8Array[] = [];
        for await (const part of (await store.get('big'))!.body) parts.push(part.slice());
        const got = concat(parts);
        equal(got.length, bytes.length, 'length');
        holds(
          got.every((byte, i) => byte === bytes[i]),
          'the same bytes',
        );
      },
    },
    {
      fact: 'reads ranges and still tells the size of the whole',
      async prove(store) {
        await store.put('k', bytesOf('0123456789'));
        const read = async (range: { offset: number; length?: number }): Promise<string> => {
          const object = await store.get('k', { range });
          equal(object?.size, 10, 'size');
          return fromUtf8((await object?.bytes()) ?? bytesOf('missing'));
        };
        equal(await read({ offset: 0, length: 1 }), '0', 'the first byte');
        equal(await read({ offset: 3, length: 4 }), '3456', 'the middle');
        equal(await read({ offset: 7 }), '789', 'to the end');
        equal(await read({ offset: 8, length: 100 }), '89', 'beyond the end');
      },
    },
    {
      fact: 'hands out bytes of its own: changing them changes nothing',
      async prove(store) {
        await store.put('k', bytesOf('kept'));
        (await (await store.get('k'))!.bytes()).fill(0);
        equal(await textAt(store, 'k'), 'kept', 'bytes');
      },
    },
    {
      fact: 'changes the etag when a byte changes and the size does not',
      async prove(store) {
        const one = await store.put('k', bytesOf('aaaa'));
        const two = await store.put('k', bytesOf('aaab'));
        holds(one.etag !== two.etag, 'etags differ');
        equal((await store.head('k'))?.etag, two.etag, 'etag of head');
        equal((await store.get('k'))?.etag, two.etag, 'etag of get');
        equal((await store.list()).objects[0]?.etag, two.etag, 'etag of list');
      },
    },
  ];
}
