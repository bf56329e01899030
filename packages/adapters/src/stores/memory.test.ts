import { describe, expect, test } from 'vitest';
import { describeObjectStore } from '@tapekit/housecleaning/testing';
import { createMemoryStore } from './memory.ts';

const streamBytes = 1024 ** 2;

describeObjectStore('memory store', () => createMemoryStore(), { describe, test }, { streamBytes });
describeObjectStore(
  'memory store as R2',
  () => createMemoryStore({ conditionalDelete: false }),
  { describe, test },
  { streamBytes },
);
describeObjectStore(
  'memory store with pages of 3',
  () => createMemoryStore({ pageSize: 3 }),
  { describe, test },
  { streamBytes },
);

describe('memory store', () => {
  test('tells the time of its clock', async () => {
    const store = createMemoryStore({ clock: () => 1_700_000_000_000 });
    const info = await store.put('k', new Uint8Array(1));
    expect(info.uploadedMs).toBe(1_700_000_000_000);
  });

  test('gives every write a version as R2 does, and none as S3', async () => {
    const r2 = createMemoryStore({ conditionalDelete: false });
    const one = await r2.put('k', Uint8Array.of(1));
    const two = await r2.put('k', Uint8Array.of(1));
    expect(one.etag).toBe(two.etag);
    expect(one.version).not.toBe(two.version);
    expect((await createMemoryStore().put('k', Uint8Array.of(1))).version).toBeUndefined();
  });
});
