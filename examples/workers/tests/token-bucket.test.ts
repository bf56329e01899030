import { expect, test } from 'vitest';
import { createTokenBucket } from '../workers/ingest/token-bucket.ts';

test('lets a burst through, then as many as the clock has refilled, never more than a burst', () => {
  const bucket = createTokenBucket(3, 2, 1_000);
  expect([1, 2, 3, 4].map(() => bucket.take(1_000))).toEqual([true, true, true, false]);
  // Half a second refills one.
  expect([1, 2].map(() => bucket.take(1_500))).toEqual([true, false]);
  expect([1, 2, 3, 4].map(() => bucket.take(60_000))).toEqual([true, true, true, false]);
});

test('is not refilled by a clock that goes back', () => {
  const bucket = createTokenBucket(1, 1, 10_000);
  expect(bucket.take(10_000)).toBe(true);
  expect(bucket.take(5_000)).toBe(false);
  expect(bucket.take(10_999)).toBe(false);
  expect(bucket.take(11_000)).toBe(true);
});
