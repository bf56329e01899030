import { compareKeys } from '../../object-store.ts';
import { bytesOf, equal, holds, keysOf, listed, refuses, type StoreCase, type SuiteSettings } from './check.ts';

/** Facts about `list`. */
export function listCases({ pagedKeys }: SuiteSettings): readonly StoreCase[] {
  return [
    {
      fact: `lists and deletes ${pagedKeys} keys over pages, each once and in order`,
      async prove(store) {
        const keys = Array.from({ length: pagedKeys }, (_, i) => `p/${String(i).padStart(6, '0')}`);
        await inGroups(keys, 50, (key) => store.put(key, bytesOf(key)));
        await store.put('q', bytesOf('other'));
        const { objects, pages } = await listed(store, 'p/');
        equal(
          objects.map(({ key }) => key),
          keys,
          'keys',
        );
        holds(pages > 1 || pagedKeys <= 1_000, 'a page holds at most 1 000 keys');
        equal(objects[7]?.size, keys[7]?.length, 'size in a listing');
        equal(await keysOf(store, 'p/', 333), keys, 'keys over pages of 333');
        equal(await keysOf(store, 'p/0000'), keys.slice(0, 100), 'keys below a longer prefix');
        const { length } = (await store.list({ prefix: 'p/', limit: 5 })).objects;
        holds(length > 0 && length <= 5, `${length} objects on a page of 5`);
        for (let at = 0; at < keys.length; at += store.capabilities.maxDeleteBatch) {
          await store.delete(keys.slice(at, at + store.capabilities.maxDeleteBatch).map((key) => ({ key })));
        }
        equal(await keysOf(store), ['q'], 'what is left');
      },
    },
    {
      fact: 'gives the same listing whatever the size of its pages',
      async prove(store) {
        const keys = ['a/1/x', 'a/2', 'b-', 'b.c/1', 'b/1', 'b0', 'c'];
        for (const key of keys) await store.put(key, bytesOf(key));
        for (const limit of [1, 2, 3, 1_000]) equal(await keysOf(store, undefined, limit), keys, `pages of ${limit}`);
      },
    },
    {
      fact: 'treats a prefix as a string, so only a slash ends a name',
      async prove(store) {
        const keys = [
          'raw_tns/BTC/2026-01-01/1',
          'raw_tns/BTCUSD/2026-01-01/1',
          'raw_tns/BTCUSD/2026-01-011/1',
          'raw_tns_compressed/BTC/2026-01-01.jsonl.gz',
        ];
        for (const key of keys) await store.put(key, bytesOf('x'));
        equal(await keysOf(store, 'raw_tns/'), keys.slice(0, 3), 'raw_tns/');
        equal(await keysOf(store, 'raw_tns'), keys, 'raw_tns');
        equal(await keysOf(store, 'raw_tns/BTC/'), keys.slice(0, 1), 'raw_tns/BTC/');
        equal(await keysOf(store, 'raw_tns/BTC'), keys.slice(0, 3), 'raw_tns/BTC');
        equal(await keysOf(store, 'raw_tns/BTCUSD/2026-01-01/'), keys.slice(1, 2), 'a day');
        equal(await keysOf(store, 'raw_tns/BTCUSD/2026-01-01'), keys.slice(1, 3), 'a day without its slash');
        equal(await keysOf(store, 'raw_tns/BTC/2026-01-01/1'), keys.slice(0, 1), 'a whole key');
        equal(await keysOf(store, 'raw_tns/ETH/'), [], 'nothing');
      },
    },
    {
      fact: 'tells every neighbour of a prefix from it, whatever the size of its pages',
      async prove(store) {
        const keys = ['a', 'a!', 'a-', 'a.b', 'a/', 'a/b', 'a/b/c', 'a/bb', 'a0', 'aa', 'aa/b', 'ab/c', 'b']
          .map((name) => `x/${name.endsWith('/') ? `${name}slash` : name}`)
          // A key is no folder of another: file systems know the difference.
          .filter((key, _, all) => !all.some((other) => other.startsWith(`${key}/`)))
          .sort(compareKeys);
        for (const key of keys) await store.put(key, bytesOf(key));
        const prefixes = [
          '',
          'x',
          'x/',
          'x/a',
          'x/a!',
          'x/a-',
          'x/a.',
          'x/a/',
          'x/a/b',
          'x/a/b/',
          'x/a/bb',
          'x/aa',
          'x/aa/',
          'x/b',
          'x/c',
          'y',
        ];
        for (const prefix of prefixes) {
          const expected = keys.filter((key) => key.startsWith(prefix));
          // Tiny pages only where there is something to mix up.
          for (const limit of prefix === 'x/a' || prefix === 'x/a/' ? [1, 2, 1_000] : [1_000]) {
            equal(await keysOf(store, prefix, limit), expected, `"${prefix}" in pages of ${limit}`);
          }
        }
      },
    },
    {
      fact: 'refuses a cursor that it did not hand out, never takes it for the end',
      async prove(store) {
        for (const key of ['a', 'b', 'c']) await store.put(key, bytesOf(key));
        for (const cursor of ['', 'no cursor', '!', 'ff'.repeat(20)]) {
          await refuses(store.list({ cursor }), 'bad-cursor', `the cursor "${cursor}"`);
        }
        const { cursor } = await store.list({ limit: 1 });
        const next = await store.list({ limit: 1, cursor: cursor! });
        equal(
          next.objects.map(({ key }) => key),
          ['b'],
          'its own cursor',
        );
        const again = await store.list({ limit: 1, cursor: cursor! });
        equal(
          again.objects.map(({ key }) => key),
          ['b'],
          'the same cursor again',
        );
      },
    },
    {
      fact: 'lists by the UTF-8 bytes of keys',
      async prove(store) {
        const keys = ['B', 'a!', 'a-b', 'a.b', 'a/b', 'a0', 'b/\uffee', 'b/😀', 'é'];
        for (const key of [...keys].reverse()) await store.put(key, bytesOf(key));
        equal(await keysOf(store), keys, 'keys');
        equal(await keysOf(store, 'b/', 1), ['b/\uffee', 'b/😀'], 'a high code point comes after a low one');
      },
    },
    {
      fact: 'sees a put and a delete in the next listing',
      async prove(store) {
        equal((await store.list()).objects, [], 'an empty store');
        await store.put('k', bytesOf('x'), { metadata: { a: 'b' } });
        const [object] = (await store.list()).objects;
        const metadata = store.capabilities.listsMetadata ? { a: 'b' } : {};
        equal([object?.key, object?.size, object?.metadata], ['k', 1, metadata], 'the object');
        await store.delete([{ key: 'k' }]);
        equal((await store.list()).objects, [], 'after the delete');
      },
    },
    {
      fact: 'goes on after the last key of a page although keys come and go',
      async prove(store) {
        for (const key of ['a', 'c', 'e', 'g']) await store.put(key, bytesOf(key));
        const first = await store.list({ limit: 2 });
        equal(
          first.objects.map(({ key }) => key),
          ['a', 'c'],
          'first page',
        );
        await store.put('b', bytesOf('late'));
        await store.delete([{ key: 'c' }]);
        await store.put('f', bytesOf('new'));
        const rest = await store.list({ cursor: first.cursor! });
        equal(
          rest.objects.map(({ key }) => key),
          ['e', 'f', 'g'],
          'second page',
        );
      },
    },
    {
      fact: 'ends a listing without a cursor only',
      async prove(store) {
        await store.put('k', bytesOf('x'));
        const page = await store.list({ limit: 1 });
        if (page.cursor !== undefined) {
          const next = await store.list({ limit: 1, cursor: page.cursor });
          equal([next.objects, next.cursor], [[], undefined], 'an empty last page');
        }
        equal(await store.list({ prefix: 'none/' }), { objects: [] }, 'a prefix without keys');
      },
    },
  ];
}

async function inGroups<T>(items: readonly T[], size: number, work: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += size) await Promise.all(items.slice(at, at + size).map(work));
}
