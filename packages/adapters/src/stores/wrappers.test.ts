/** Every wrapper is a store: the whole conformance suite holds for it. */
import { afterAll, describe, expect, test } from 'vitest';
import { conformanceAssertions, describeObjectStore } from '@tapekit/housecleaning/testing';
import { withCache } from './cache.ts';
import { withCounts } from './counting.ts';
import { withFaults } from './faults.ts';
import { createMemoryStore } from './memory.ts';
import { withPrefix } from './prefix.ts';
import { withRetry } from './retry.ts';

const r2 = { conditionalDelete: false };
const prefix = 'tenants/7/';
const streamBytes = 1024 ** 2;
const wrapped = {
  'retry over memory': () => withRetry(createMemoryStore()),
  'counting over memory': () => withCounts(createMemoryStore(r2), { partBytes: 300_000 }).store,
  'cache over memory': () => withCache(createMemoryStore()),
  'cache over memory as R2': () => withCache(createMemoryStore(r2), { maxBytes: 100_000 }),
  'faults over memory, none of them': () => withFaults(createMemoryStore(), []).store,
  'prefix over memory': () => withPrefix(createMemoryStore(), prefix),
  'all of them over memory': () =>
    withCache(withRetry(withPrefix(withCounts(withFaults(createMemoryStore(r2), []).store).store, prefix))),
};

for (const [name, make] of Object.entries(wrapped)) {
  const keyBytes = name.startsWith('prefix') || name.startsWith('all') ? 1_024 - prefix.length : 1_024;
  describe(name, () => {
    const before = conformanceAssertions();
    afterAll(() => expect(conformanceAssertions() - before).toBeGreaterThan(500));
    describeObjectStore('conformance', make, { describe, test }, { keyBytes, streamBytes });
  });
}
