import { describe, expect, test } from 'vitest';
import {
  ObjectStoreError,
  type ObjectStoreErrorCode,
  type ObjectStoreErrorOptions,
} from '@tapekit/housecleaning/errors';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { createMemoryStore } from './memory.ts';
import { type RetryEvent, type RetryOptions, withRetry } from './retry.ts';

const one = new Uint8Array([1]);

/** A store whose first operations fail in this way, what was asked of it, and how long was waited. */
function failing(
  times: number,
  code: ObjectStoreErrorCode,
  failure: ObjectStoreErrorOptions = {},
  options: RetryOptions = {},
): { store: ObjectStore; asked: string[]; waits: number[]; events: RetryEvent[] } {
  const under = createMemoryStore();
  const [asked, waits, events]: [string[], number[], RetryEvent[]] = [[], [], []];
  const fail = (name: string): void => {
    asked.push(name);
    if (asked.length <= times) throw new ObjectStoreError(code, 'k', `${name} failed.`, failure);
  };
  const store: ObjectStore = {
    capabilities: under.capabilities,
    get: async (...given) => (fail('get'), under.get(...given)),
    head: async (...given) => (fail('head'), under.head(...given)),
    put: async (...given) => (fail('put'), under.put(...given)),
    delete: async (...given) => (fail('delete'), under.delete(...given)),
    list: async (...given) => (fail('list'), under.list(...given)),
  };
  const sleep = async (ms: number): Promise<void> => void waits.push(ms);
  const random = (): number => 0.5;
  const onRetry = (event: RetryEvent): void => void events.push(event);
  return { store: withRetry(store, { sleep, random, onRetry, ...options }), asked, waits, events };
}

const operations: Record<string, (store: ObjectStore) => Promise<unknown>> = {
  get: (store) => store.get('k'),
  head: (store) => store.head('k'),
  put: (store) => store.put('k', one),
  delete: (store) => store.delete([{ key: 'k' }]),
  list: (store) => store.list(),
};

describe('withRetry', () => {
  for (const [name, ask] of Object.entries(operations)) {
    for (const code of ['throttled', 'unavailable'] as const) {
      test(`repeats a ${name} that was ${code} and had no effect`, async () => {
        const { store, asked } = failing(2, code);
        await ask(store);
        expect(asked).toEqual([name, name, name]);
      });
    }

    test.each(['precondition-failed', 'checksum-mismatch', 'refused', 'bad-key', 'bad-cursor'] as const)(
      `never repeats a ${name} that was answered with %s`,
      async (code) => {
        const { store, asked, waits } = failing(1, code);
        await expect(ask(store)).rejects.toMatchObject({ code });
        expect([asked, waits]).toEqual([[name], []]);
      },
    );

    test(`never repeats a ${name} whose effect is unknown`, async () => {
      const { store, asked } = failing(1, 'unavailable', { effect: 'unknown' });
      await expect(ask(store)).rejects.toMatchObject({ effect: 'unknown' });
      expect(asked).toEqual([name]);
    });
  }

  test('waits at random below 100, 200, 400 … ms', async () => {
    const { store, waits } = failing(4, 'unavailable');
    await store.head('k');
    expect(waits).toEqual([50, 100, 200, 400]);
    const capped = failing(4, 'unavailable', {}, { attempts: 5, maxWaitMs: 150 });
    await capped.store.head('k');
    expect(capped.waits).toEqual([50, 75, 75, 75]);
  });

  test('never comes back before the service wants it, and not at all if that is too long', async () => {
    const { store, waits } = failing(2, 'throttled', { retryAfterMs: 3_000 });
    await store.head('k');
    expect(waits).toEqual([3_000, 3_000]);
    const late = failing(1, 'throttled', { retryAfterMs: 60_000 });
    await expect(late.store.head('k')).rejects.toMatchObject({ code: 'throttled' });
    expect(late.waits).toEqual([]);
  });

  test('gives up after its attempts with the last error', async () => {
    const { store, asked } = failing(9, 'unavailable', {}, { attempts: 3 });
    await expect(store.list()).rejects.toMatchObject({ code: 'unavailable' });
    expect(asked).toHaveLength(3);
  });

  test('never repeats a put of a stream: the first attempt has used it up', async () => {
    const { store, asked } = failing(1, 'throttled');
    await expect(store.put('k', new Blob([one]).stream())).rejects.toMatchObject({ code: 'throttled' });
    expect(asked).toEqual(['put']);
  });

  test('never repeats what is no error of a store', async () => {
    let asked = 0;
    const under: ObjectStore = {
      ...createMemoryStore(),
      head: async () => {
        asked += 1;
        throw new TypeError('a mistake');
      },
    };
    await expect(withRetry(under).head('k')).rejects.toThrow('a mistake');
    expect(asked).toBe(1);
  });

  test('stops for a caller that gives up while it waits', async () => {
    const controller = new AbortController();
    const under = failing(9, 'throttled').store;
    const store = withRetry(under, {
      baseMs: 1_000_000,
      maxWaitMs: 1_000_000,
      random: () => 0.999,
      onRetry: () => queueMicrotask(() => controller.abort(new Error('given up'))),
    });
    await expect(store.head('k', { signal: controller.signal })).rejects.toThrow('given up');
  });

  test('tells of every repetition', async () => {
    const { store, events } = failing(1, 'throttled');
    await store.delete([{ key: 'k' }]);
    expect(events).toMatchObject([{ operation: 'delete', subject: 'k', attempt: 1, waitMs: 50 }]);
  });

  test.each([[{ attempts: 0 }], [{ attempts: 1.5 }], [{ baseMs: -1 }], [{ maxWaitMs: NaN }]])(
    'refuses the options %j',
    (options) => {
      expect(() => withRetry(createMemoryStore(), options)).toThrow(/is not a (whole )?number/);
    },
  );
});
