import { describe, expect, test } from 'vitest';
import { createMemoryStore } from './memory.ts';
import { withPrefix } from './prefix.ts';

const one = new Uint8Array([1]);

describe('withPrefix', () => {
  test('puts every key below its prefix and shows none of it', async () => {
    const under = createMemoryStore();
    const store = withPrefix(under, 'tenants/7/');
    expect((await store.put('a/b', one)).key).toBe('a/b');
    expect((await store.get('a/b'))?.key).toBe('a/b');
    expect((await store.list()).objects.map(({ key }) => key)).toEqual(['a/b']);
    expect((await under.list()).objects.map(({ key }) => key)).toEqual(['tenants/7/a/b']);
  });

  test('sees nothing of its neighbours, and deletes nothing of theirs', async () => {
    const under = createMemoryStore();
    for (const key of ['tenants/7', 'tenants/70/k', 'tenants/7/k', 'k']) await under.put(key, one);
    const store = withPrefix(under, 'tenants/7/');
    expect((await store.list()).objects.map(({ key }) => key)).toEqual(['k']);
    await store.delete([{ key: 'k' }]);
    expect((await under.list()).objects.map(({ key }) => key)).toEqual(['k', 'tenants/7', 'tenants/70/k']);
    for (const key of ['../70/k', '/tenants/70/k', '']) {
      await expect(store.get(key)).rejects.toMatchObject({ code: 'bad-key', key });
    }
  });

  test('lies inside another prefix', async () => {
    const under = createMemoryStore();
    const store = withPrefix(withPrefix(under, 'a/'), 'b/c/');
    await store.put('k', one);
    expect((await under.list()).objects.map(({ key }) => key)).toEqual(['a/b/c/k']);
    await expect(store.put('k', one, { ifAbsent: true })).rejects.toMatchObject({
      code: 'precondition-failed',
      key: 'k',
    });
  });

  test('refuses a key that is too long with its prefix', async () => {
    const store = withPrefix(createMemoryStore(), 'p/');
    await store.put('k'.repeat(1_022), one);
    await expect(store.put('k'.repeat(1_023), one)).rejects.toMatchObject({ code: 'bad-key' });
  });

  test.each(['', '/', 'a', 'a//', '/a/', '../', 'a/../b/', 'a\\b/'])('refuses the prefix "%s"', (prefix) => {
    expect(() => withPrefix(createMemoryStore(), prefix)).toThrow('has to be segments of a key, each with a slash');
  });
});
