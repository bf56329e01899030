import { describe, expect, test } from 'vitest';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { CrashError, type Fault, type FaultKind, withFaults } from './faults.ts';
import { createMemoryStore } from './memory.ts';
import { withRetry } from './retry.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const stream = (text: string): ReadableStream<Uint8Array> => new Blob([bytes(text)]).stream();
const text = async (store: ObjectStore, key = 'k'): Promise<string | undefined> => {
  const object = await store.get(key);
  return object && new TextDecoder().decode(await object.bytes());
};

async function world(kind: FaultKind, at = 0, more: Partial<Fault> = {}) {
  const under = createMemoryStore();
  await under.put('k', bytes('old'));
  return { under, ...withFaults(under, [{ at, kind, ...more }]) };
}

test('a fault that there is not is refused: it would inject nothing', () => {
  const faults = [{ at: 0, kind: 'eror-after' as FaultKind }];
  expect(() => withFaults(createMemoryStore(), faults)).toThrow('There is no fault "eror-after"');
});

describe('withFaults', () => {
  test('does not let a caller tell a write that failed before its effect from one that failed after it', async () => {
    const errors = [];
    for (const [kind, left] of [
      ['error-before', 'old'],
      ['error-after', 'new'],
    ] as const) {
      const { under, store } = await world(kind);
      errors.push(await store.put('k', bytes('new')).catch((error: unknown) => error));
      expect(await text(under)).toBe(left);
      expect(await text(store)).toBe(left);
    }
    expect(errors[0]).toMatchObject({ code: 'unavailable', effect: 'unknown', key: 'k' });
    expect(errors[1]).toEqual(errors[0]);
  });

  test('lets a failed read have no effect, so that it is repeated', async () => {
    const { store, log } = await world('error-before');
    const patient = withRetry(store, { sleep: async () => undefined });
    expect(await text(patient)).toBe('old');
    expect(log).toEqual([
      { op: 'get', subject: 'k' },
      { op: 'get', subject: 'k' },
    ]);
  });

  test('throttles as often as it is asked to', async () => {
    const { store, log } = await world('throttle', 1, { times: 3 });
    const patient = withRetry(store, { sleep: async () => undefined });
    await patient.head('k');
    await patient.put('k', bytes('new'));
    expect(log.map(({ op }) => op)).toEqual(['head', 'put', 'put', 'put', 'put']);
    expect(await text(store)).toBe('new');
  });

  test('dies before or after an operation, and stays dead', async () => {
    for (const [kind, left] of [
      ['crash-before', 'old'],
      ['crash-after', 'new'],
    ] as const) {
      const { under, store } = await world(kind);
      await expect(store.put('k', bytes('new'))).rejects.toBeInstanceOf(CrashError);
      await expect(store.get('k')).rejects.toBeInstanceOf(CrashError);
      await expect(store.list()).rejects.toBeInstanceOf(CrashError);
      expect(await text(under)).toBe(left);
    }
  });

  test('hangs until the caller gives up', async () => {
    const { under, store } = await world('hang');
    const controller = new AbortController();
    const put = store.put('k', bytes('new'), { signal: controller.signal });
    controller.abort(new Error('given up'));
    await expect(put).rejects.toThrow('given up');
    expect(await text(under)).toBe('old');
    const other = await world('hang');
    await expect(other.store.delete([{ key: 'k' }])).rejects.toMatchObject({ effect: 'unknown' });
    expect(await text(other.under)).toBe('old');
  });

  test('damages bodies on the way, as bytes and as streams, in both directions', async () => {
    for (const [kind, damaged] of [
      ['short-body', 'ol'],
      ['bit-flip', 'ohd'],
    ] as const) {
      expect(await text((await world(kind)).store)).toBe(damaged);
      const read = (await (await world(kind)).store.get('k'))!.body;
      expect(await new Response(read as ReadableStream<Uint8Array<ArrayBuffer>>).text()).toBe(damaged);
      for (const body of [bytes('old'), stream('old')]) {
        const { under, store } = await world(kind);
        await store.put('k', body);
        expect(await text(under)).toBe(damaged);
      }
    }
  });

  test('is caught by the digest of a body', async () => {
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes('new')));
    const sha256 = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
    const { under, store } = await world('bit-flip');
    await expect(store.put('k', stream('new'), { sha256 })).rejects.toMatchObject({ code: 'checksum-mismatch' });
    expect(await text(under)).toBe('old');
  });

  test('shows what was there before the last write', async () => {
    const { store } = await world('stale-read', 1, { times: 2 });
    const { etag } = await store.put('k', bytes('new'));
    expect(await text(store)).toBe('old');
    expect((await store.head('k'))?.etag).not.toBe(etag);
    expect(await text(store)).toBe('new');
  });

  test('lets a request arrive twice, streams too', async () => {
    const { under, store } = await world('duplicate');
    await expect(store.put('new', stream('x'), { ifAbsent: true })).rejects.toMatchObject({
      code: 'precondition-failed',
    });
    expect(await text(under, 'new')).toBe('x');
  });

  test('lets others work just before an operation, on the store underneath', async () => {
    const { store, log } = await world('interlude', 0, {
      interlude: async (under) => {
        await under.put('k', bytes('late'));
      },
    });
    expect(await text(store)).toBe('late');
    expect(log).toHaveLength(1);
  });

  test('spoils listings in every way that a listing can be wrong', async () => {
    const listing = async (kind: FaultKind): Promise<readonly [string, boolean]> => {
      const under = createMemoryStore();
      for (const key of ['a', 'b', 'c', 'd']) await under.put(key, bytes(key));
      const { store } = withFaults(under, [{ at: 0, kind }]);
      const page = await store.list({ limit: 3 });
      return [page.objects.map(({ key }) => key).join(' '), page.cursor !== undefined];
    };
    expect(await listing('listing-gap')).toEqual(['a c', true]);
    expect(await listing('listing-repeat')).toEqual(['a b b c', true]);
    expect(await listing('listing-disorder')).toEqual(['c b a', true]);
    expect(await listing('listing-foreign')).toEqual(['a b c ~/c', true]);
    expect(await listing('listing-cut')).toEqual(['a', false]);
    expect(await listing('listing-loop')).toEqual(['a b c', true]);
    expect(await listing('listing-empty')).toEqual(['', true]);
  });

  test('leads from an empty page to the one that follows, and from a loop to the same page', async () => {
    for (const [kind, next] of [
      ['listing-empty', 'a b'],
      ['listing-loop', 'a b'],
    ] as const) {
      const under = createMemoryStore();
      for (const key of ['a', 'b', 'c']) await under.put(key, bytes(key));
      const { store } = withFaults(under, [{ at: 0, kind }]);
      const { cursor } = await store.list({ limit: 2 });
      const page = await store.list({ limit: 2, cursor: cursor! });
      expect(page.objects.map(({ key }) => key).join(' ')).toBe(next);
      const last = await store.list({ limit: 2, cursor: page.cursor! });
      expect(last.objects.map(({ key }) => key)).toEqual(['c']);
    }
  });
});
