import {
  bytesOf,
  digestOf,
  equal,
  holds,
  keysOf,
  refuses,
  rejection,
  textAt,
  type StoreCase,
  type SuiteSettings,
} from './check.ts';

/** Keys that an address, a form, XML or a shell would read as something else. */
const oddKeys = [
  'a b',
  'a+b',
  'a%2Fb',
  'a%',
  'a&b',
  'a<b>c',
  `a"b'c`,
  'a?b=c',
  'a#b',
  'a;b',
  'a=b',
  'a~b',
  'a*b',
  'a(b)!',
  'a@b:c',
  'a,b$',
  '.hidden',
  'trailing ',
  ' leading',
  'é',
  '日本/東京',
  '😀',
];

/** Facts about `put`. */
export function putCases({ keyBytes }: SuiteSettings): readonly StoreCase[] {
  return [
    {
      fact: 'gives back the bytes, size and metadata of what was put',
      async prove(store) {
        const info = await store.put('a/b.txt', bytesOf('hello'), { metadata: { one: '1', two: 'ü' } });
        equal([info.key, info.size], ['a/b.txt', 5], 'what put answers');
        const head = await store.head('a/b.txt');
        equal([head?.key, head?.size, head?.etag], ['a/b.txt', 5, info.etag], 'what head answers');
        equal(head?.metadata, { one: '1', two: 'ü' }, 'metadata');
        holds(Math.abs((head?.uploadedMs ?? 0) - info.uploadedMs) < 5_000, 'head and put tell the same time');
        equal(await textAt(store, 'a/b.txt'), 'hello', 'bytes');
      },
    },
    {
      fact: 'stores an empty object',
      async prove(store) {
        equal((await store.put('empty', bytesOf(''))).size, 0, 'size');
        equal(await textAt(store, 'empty'), '', 'bytes');
      },
    },
    {
      fact: 'replaces bytes, etag and metadata together',
      async prove(store) {
        const one = await store.put('k', bytesOf('one'), { metadata: { v: '1' } });
        const two = await store.put('k', bytesOf('two!'), { metadata: { v: '2' } });
        holds(one.etag !== two.etag, 'other bytes have another etag');
        const head = await store.head('k');
        equal([head?.size, head?.etag, head?.metadata], [4, two.etag, { v: '2' }], 'head after the second put');
        equal(await textAt(store, 'k'), 'two!', 'bytes');
      },
    },
    {
      fact: 'puts with ifAbsent only where nothing is',
      async prove(store) {
        await store.put('k', bytesOf('first'), { ifAbsent: true });
        await refuses(store.put('k', bytesOf('second'), { ifAbsent: true }), 'precondition-failed', 'a second put');
        await refuses(
          store.put('k', bytesOf('first'), { ifAbsent: true }),
          'precondition-failed',
          'the same bytes again',
        );
        equal(await textAt(store, 'k'), 'first', 'bytes');
      },
    },
    {
      fact: 'puts with ifMatch only over the object with that etag',
      async prove(store) {
        const one = await store.put('k', bytesOf('one'));
        const two = await store.put('k', bytesOf('two'), { ifMatch: one.etag });
        await refuses(store.put('k', bytesOf('three'), { ifMatch: one.etag }), 'precondition-failed', 'an old etag');
        await refuses(store.put('none', bytesOf('x'), { ifMatch: two.etag }), 'precondition-failed', 'a missing key');
        equal(await textAt(store, 'k'), 'two', 'bytes');
        equal(await keysOf(store), ['k'], 'keys');
      },
    },
    {
      fact: 'accepts a right SHA-256 and refuses a wrong one without storing anything',
      async prove(store) {
        const body = bytesOf('checked');
        await store.put('right', body, { sha256: await digestOf(body) });
        const wrong = await digestOf(bytesOf('other'));
        await refuses(store.put('wrong', body, { sha256: wrong }), 'checksum-mismatch', 'a wrong digest');
        await refuses(store.put('right', bytesOf('new'), { sha256: wrong }), 'checksum-mismatch', 'over an object');
        equal(await keysOf(store), ['right'], 'keys');
        equal(await textAt(store, 'right'), 'checked', 'bytes');
      },
    },
    {
      fact: 'copies the bytes: a buffer may be used again after the put',
      async prove(store) {
        const buffer = bytesOf('before');
        await store.put('k', buffer);
        buffer.fill(0);
        equal(await textAt(store, 'k'), 'before', 'bytes');
      },
    },
    {
      fact: 'refuses keys that are no plain path, everywhere',
      async prove(store) {
        const half = '\ud800';
        const bad = [
          '',
          '/a',
          'a/',
          'a//b',
          '.',
          '..',
          'a/../b',
          './a',
          'a\\b',
          'a\u0000b',
          'a\nb',
          `a${half}`,
          'k'.repeat(1_025),
        ];
        for (const key of bad) {
          const name = JSON.stringify(key.slice(0, 20));
          await refuses(store.put(key, bytesOf('x')), 'bad-key', `put ${name}`, key);
          await refuses(store.get(key), 'bad-key', `get ${name}`, key);
          await refuses(store.head(key), 'bad-key', `head ${name}`, key);
          await refuses(store.delete([{ key: 'other' }, { key }]), 'bad-key', `delete ${name}`);
        }
        equal(await keysOf(store), [], 'keys');
      },
    },
    {
      fact: `takes keys of ${keyBytes} bytes and beyond ASCII`,
      async prove(store) {
        // Segments that a file system takes too.
        const long = 'k'.repeat(keyBytes).replace(/(.{200})./g, '$1/');
        equal(bytesOf(long).length, keyBytes, 'bytes of the long key');
        const keys = [long, ...oddKeys];
        for (const key of keys) {
          const name = key.slice(0, 20);
          const info = await store.put(key, bytesOf(key), { ifAbsent: true });
          equal(info.key, key, `key of the answer to put ${name}`);
          equal(await textAt(store, key), key, `bytes of ${name}`);
          equal((await store.head(key))?.etag, info.etag, `etag of ${name}`);
        }
        equal([...(await keysOf(store))].sort(), [...keys].sort(), 'keys');
        await store.delete(keys.map((key) => ({ key })));
        equal(await keysOf(store), [], 'keys after the delete');
      },
    },
    {
      fact: 'does nothing for a caller that has already given up',
      async prove(store) {
        await store.put('old', bytesOf('kept'));
        const reason = new Error('given up');
        const signal = AbortSignal.abort(reason);
        const asked = {
          put: () => store.put('k', bytesOf('x'), { signal }),
          'put over an object': () => store.put('old', bytesOf('x'), { signal }),
          get: () => store.get('old', { signal }),
          head: () => store.head('old', { signal }),
          delete: () => store.delete([{ key: 'old' }], { signal }),
          list: () => store.list({ signal }),
        };
        for (const [what, ask] of Object.entries(asked)) {
          holds((await rejection(ask(), what)) === reason, `${what}: tells the reason of the abort`);
        }
        equal(await textAt(store, 'old'), 'kept', 'bytes');
        equal(await keysOf(store), ['old'], 'keys');
      },
    },
    {
      fact: 'tells one write from another by its version, where it has versions',
      async prove(store) {
        const one = await store.put('k', bytesOf('same'), { metadata: { write: '1' } });
        const two = await store.put('k', bytesOf('same'), { metadata: { write: '2' } });
        const head = await store.head('k');
        equal([head?.etag, head?.version], [two.etag, two.version], 'head after the second write');
        equal((await store.get('k'))?.version, two.version, 'version of get');
        equal(head?.metadata, { write: '2' }, 'metadata');
        holds(one.version === undefined || one.version !== two.version, 'two writes have two versions');
        holds((one.version === undefined) === (two.version === undefined), 'all writes have versions, or none');
        // The etag may be that of the bytes: a condition on it does not tell the two writes apart.
        const isOfBytes = one.etag === two.etag;
        const put = store.put('k', bytesOf('new'), { ifMatch: one.etag });
        if (isOfBytes) equal((await put).size, 3, 'a put with the etag of the same bytes');
        else await refuses(put, 'precondition-failed', 'a put with the etag of another write', 'k');
      },
    },
    {
      fact: 'never tells a time that goes backwards',
      async prove(store) {
        let before = 0;
        for (let i = 0; i < 5; i++) {
          const info = await store.put('k', bytesOf(String(i)));
          const told = (await store.head('k'))!.uploadedMs;
          holds(Number.isFinite(told) && told >= before, `write ${i} is at ${told}, the one before at ${before}`);
          holds(Math.abs(told - info.uploadedMs) < 5_000, 'head and put tell the same time');
          before = told;
        }
      },
    },
  ];
}
