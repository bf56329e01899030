import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdRanges } from './id-ranges.ts';

test('keeps contiguous ids as one range, in whatever order they come', () => {
  const ids = new IdRanges();
  for (const id of [10, 12, 11, 9, 14]) ids.add(id);
  expect(ids.toJson()).toEqual({ ranges: [9, 12, 14, 14] });
  expect(ids.missing).toBe(1);
  expect(ids.max).toBe(14);
});

test('is a set: has what was added and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -30, max: 30 })), (added) => {
      const ids = new IdRanges();
      for (const id of added) ids.add(id);
      const set = new Set(added);
      for (let id = -31; id <= 31; id++) expect(ids.has(id)).toBe(set.has(id));
      const span = set.size === 0 ? 0 : Math.max(...set) - Math.min(...set) + 1;
      expect(ids.missing).toBe(span - set.size);
      const again = new IdRanges(Infinity, ids.toJson());
      expect(again.toJson()).toEqual(ids.toJson());
    }),
  );
});

test('forgets its lowest gaps when there are too many, and then claims nothing about them', () => {
  const ids = new IdRanges(3);
  for (const id of [1, 3, 6, 8, 10]) ids.add(id);
  expect(ids.toJson()).toEqual({ ranges: [1, 6, 8, 8, 10, 10], forgotten: 3, floor: 6 });
  expect(ids.missing).toBe(5);
  expect(new IdRanges(3, ids.toJson()).missing).toBe(5);
  expect([1, 2, 6, 8, 9, 10].map((id) => ids.has(id))).toEqual([false, false, false, true, false, true]);
});
