import { isObjectStoreError } from '../../errors.ts';
import { bytesOf, digestOf, equal, holds, keysOf, refuses, streamOf, textAt, type StoreCase } from './check.ts';

const racers = 8;

/** Facts about `put`. */
export function putCases(): readonly StoreCase[] {
  return [
    {
      fact: 'gives back the bytes, size and metadata of what was put',
      async prove(store) {
        const info = await store.put('a/b.txt', bytesOf('hello'), { metadata: { one: '1', two: 'ü' } });
        equal([info.key, info.size], ['a/b.txt', 5], 'what put answers');
        const head = await store.head('a/b.txt');
        equal([head?.key, head?.size, head?.etag], ['a/b.txt', 5, info.etag], 'what head answers');
        equal(head?.metadata, { one: '1', two: 'ü' }, 'metadata');
        holds(Math.abs((head?.uploadedMs ?? 0) - info.uploadedMs) < 1_000, 'head and put tell the same time');
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
      fact: `lets exactly one of ${racers} racing ifAbsent puts win`,
      async prove(store) {
        const wins = await race((i) => store.put('k', bytesOf(`writer ${i}`), { ifAbsent: true }));
        equal(wins.length, 1, 'winners');
        equal(await textAt(store, 'k'), `writer ${wins[0]}`, 'bytes');
      },
    },
    {
      fact: `lets exactly one of ${racers} racing ifMatch puts win`,
      async prove(store) {
        const { etag } = await store.put('k', bytesOf('base'));
        const wins = await race((i) => store.put('k', bytesOf(`writer ${i}`), { ifMatch: etag }));
        equal(wins.length, 1, 'winners');
        equal(await textAt(store, 'k'), `writer ${wins[0]}`, 'bytes');
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
      fact: 'takes a stream, also an empty one and one of many pieces',
      async prove(store) {
        const piece = new Uint8Array(100_000).fill(7);
        const info = await store.put('many', streamOf(piece, piece, piece));
        equal(info.size, 300_000, 'size');
        await store.put('none', streamOf());
        equal((await store.head('none'))?.size, 0, 'size of nothing');
        const whole = new Uint8Array(300_000).fill(7);
        await store.put('checked', streamOf(piece, piece, piece), { sha256: await digestOf(whole) });
        const wrong = store.put('wrong', streamOf(piece), { sha256: await digestOf(whole) });
        await refuses(wrong, 'checksum-mismatch', 'a stream of other bytes');
        equal(await keysOf(store), ['checked', 'many', 'none'], 'keys');
      },
    },
    {
      fact: 'stores nothing of a stream that breaks off',
      async prove(store) {
        let pulls = 0;
        const body = new ReadableStream<Uint8Array>({
          pull(controller) {
            if (pulls++ > 1) controller.error(new Error('the feed broke off'));
            else controller.enqueue(bytesOf('half'));
          },
        });
        let failed = false;
        await store.put('k', body).catch(() => (failed = true));
        holds(failed, 'the put rejects');
        equal(await keysOf(store), [], 'keys');
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
          await refuses(store.put(key, bytesOf('x')), 'bad-key', `put ${name}`);
          await refuses(store.get(key), 'bad-key', `get ${name}`);
          await refuses(store.head(key), 'bad-key', `head ${name}`);
          await refuses(store.delete([{ key }]), 'bad-key', `delete ${name}`);
        }
        equal(await keysOf(store), [], 'keys');
      },
    },
    {
      fact: 'takes keys of 1 024 bytes and beyond ASCII',
      async prove(store) {
        const long = Array.from({ length: 5 }, () => 'k'.repeat(204)).join('/');
        const keys = [long, 'a b', 'a+b', 'a%2Fb', 'é', '日本', '😀'];
        equal(bytesOf(long).length, 1_024, 'bytes of the long key');
        for (const key of keys) await store.put(key, bytesOf(key));
        for (const key of keys) equal(await textAt(store, key), key, `bytes of ${key.slice(0, 20)}`);
      },
    },
    {
      fact: 'does nothing for a caller that has already given up',
      async prove(store) {
        const signal = AbortSignal.abort();
        let failures = 0;
        const count = (): void => void (failures += 1);
        await store.put('k', bytesOf('x'), { signal }).then(undefined, count);
        await store.get('k', { signal }).then(undefined, count);
        await store.list({ signal }).then(undefined, count);
        equal(failures, 3, 'rejections');
        equal(await keysOf(store), [], 'keys');
      },
    },
  ];
}

/** Runs all at once; numbers of those that succeeded. Any failure but a lost race is an error. */
async function race(work: (i: number) => Promise<unknown>): Promise<readonly number[]> {
  const results = await Promise.allSettled(Array.from({ length: racers }, (_, i) => work(i)));
  return results.flatMap((result, i) => {
    if (result.status === 'fulfilled') return [i];
    if (isObjectStoreError(result.reason, 'precondition-failed')) return [];
    throw result.reason;
  });
}
