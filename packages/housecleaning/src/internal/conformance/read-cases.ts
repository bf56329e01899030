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
      fact: 'reads ranges, as bytes and as a stream, and still tells the size of the whole',
      async prove(store) {
        const { etag } = await store.put('k', bytesOf('0123456789'), { metadata: { a: 'b' } });
        const ranges: readonly (readonly [number, number | undefined, string])[] = [
          [0, undefined, '0123456789'],
          [0, 1, '0'],
          [0, 10, '0123456789'],
          [0, 11, '0123456789'],
          [3, 4, '3456'],
          [7, undefined, '789'],
          [8, 100, '89'],
          [9, 1, '9'],
          [9, undefined, '9'],
          [10, undefined, ''],
          [10, 5, ''],
          [1_000, undefined, ''],
          [1_000, 7, ''],
        ];
        for (const [offset, length, expected] of ranges) {
          const range = length === undefined ? { offset } : { offset, length };
          const what = JSON.stringify(range);
          const object = await store.get('k', { range });
          equal([object?.size, object?.etag, object?.metadata], [10, etag, { a: 'b' }], `${what}: the object`);
          equal(fromUtf8(await object!.bytes()), expected, `${what}: bytes`);
          const stream = (await store.get('k', { range, ifMatch: etag }))!.body;
          equal(fromUtf8(await readAll(stream)), expected, `${what}: stream`);
        }
      },
    },
    {
      fact: 'reads no range of an empty or a missing object, and of a changed one only what it is asked for',
      async prove(store) {
        await store.put('empty', bytesOf(''));
        equal((await (await store.get('empty', { range: { offset: 0 } }))!.bytes()).length, 0, 'an empty object');
        equal(
          (await (await store.get('empty', { range: { offset: 5, length: 5 } }))!.bytes()).length,
          0,
          'beyond its end',
        );
        holds((await store.get('none', { range: { offset: 0 } })) === undefined, 'a missing object');
        holds(
          (await store.get('none', { range: { offset: 9 }, ifMatch: 'x' })) === undefined,
          'a missing object with ifMatch',
        );
        const one = await store.put('k', bytesOf('one'));
        await store.put('k', bytesOf('two'));
        for (const range of [{ offset: 0 }, { offset: 1, length: 1 }, { offset: 100 }]) {
          const read = store.get('k', { range, ifMatch: one.etag });
          await refuses(read, 'precondition-failed', `an old etag with ${JSON.stringify(range)}`, 'k');
        }
      },
    },
    {
      fact: 'refuses ranges that are none',
      async prove(store) {
        await store.put('k', bytesOf('0123456789'));
        const bad = [
          { offset: -1 },
          { offset: 0.5 },
          { offset: NaN },
          { offset: Infinity },
          { offset: 0, length: 0 },
          { offset: 0, length: -1 },
          { offset: 0, length: 1.5 },
          { offset: 0, length: NaN },
        ];
        for (const range of bad) {
          const what = `offset ${range.offset}, length ${range.length}`;
          await refuses(store.get('k', { range }), 'bad-range', what, 'k');
        }
      },
    },
    {
      fact: 'leaves an object alone whose body is not read, or not to its end',
      async prove(store) {
        const bytes = new Uint8Array(300_000).fill(7);
        const { etag } = await store.put('k', bytes);
        for (let i = 0; i < 3; i++) equal((await store.get('k'))?.size, bytes.length, 'an object that is not read');
        const reader = (await store.get('k'))!.body.getReader();
        const first = await reader.read();
        holds(!first.done && first.value.length > 0 && first.value[0] === 7, 'the first piece');
        await reader.cancel();
        await (await store.get('k'))!.body.cancel();
        const again = (await store.get('k', { ifMatch: etag }))!;
        equal((await again.bytes()).length, bytes.length, 'bytes of the next read');
        equal((await store.head('k'))?.etag, etag, 'etag');
      },
    },
    {
      fact: 'tells the same of an object in put, get, head and list',
      async prove(store) {
        const put = await store.put('k', bytesOf('told'), { metadata: { a: '1', b: '' } });
        const [get, head] = [(await store.get('k'))!, (await store.head('k'))!];
        const [entry] = (await store.list()).objects;
        for (const [what, info] of Object.entries({ get, head, list: entry! })) {
          equal([info.key, info.size, info.etag], ['k', 4, put.etag], `${what}: key, size and etag`);
          holds(Math.abs(info.uploadedMs - put.uploadedMs) < 5_000, `${what}: time`);
          const isTold = what !== 'list' || store.capabilities.listsMetadata;
          equal(
            sorted(info.metadata),
            isTold
              ? [
                  ['a', '1'],
                  ['b', ''],
                ]
              : [],
            `${what}: metadata`,
          );
          holds(info.version === undefined || info.version === put.version, `${what}: version`);
        }
        equal(fromUtf8(await get.bytes()), 'told', 'bytes');
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

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part.slice());
  return concat(parts);
}

function sorted(metadata: Readonly<Record<string, string>>): readonly (readonly [string, string])[] {
  return Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
}
