import { expect, test } from 'vitest';
import { fuzzKeys } from '../scripts/fuzz-keys.ts';

test('keys hold for 20,000 symbols and dates of every kind', () => {
  // The seed and the count decide what comes; scripts/fuzz-keys.ts takes a million.
  const { pairs, accepted, escaped, names } = fuzzKeys(20_000, 7);
  expect(pairs).toBe(20_000);
  expect(accepted).toBeGreaterThan(8_000);
  expect(escaped).toBeGreaterThan(2_000);
  expect(names).toBeGreaterThan(15_000);
});
