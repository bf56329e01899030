import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdRanges } from './id-ranges.ts';

test('keeps contiguous ids as one range, in whatever order they come', () => {
  const ids = new IdRanges();
  for (const id of [10, 12, 11, 9, 14]) ids.add(id);
  expect(ids.toJson()).toEqual({ ranges: [9, 12, 14, 14] });
  expect(ids.missing).toBe(1);
  expect(ids.gaps()).toEqual([{ from: 13, to: 13 }]);
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
      const missing = ids.gaps().flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
      const expected = [...Array(span).keys()].map((i) => Math.min(...set) + i).filter((id) => !set.has(id));
      expect(missing).toEqual(expected);
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

test('beyond its bound of ranges is the same set, with the same JSON, in any order of ids', () => {
  const id = fc.oneof(fc.integer({ min: -40, max: 40 }), fc.maxSafeInteger());
  fc.assert(
    fc.property(fc.array(id, { maxLength: 120 }), fc.nat(6), fc.nat(120), (added, spillAt, cut) => {
      let ids = new IdRanges(Infinity, undefined, spillAt);
      const ranges = new IdRanges(Infinity, undefined, Infinity);
      const set = new Set<number>();
      for (const [i, next] of added.entries()) {
        if (i === cut) ids = new IdRanges(Infinity, JSON.parse(JSON.stringify(ids.toJson())), spillAt);
        ids.add(next);
        ranges.add(next);
        set.add(next);
        expect(ids.missing).toBe(missingOf(set));
        expect(ids.max).toBe(Math.max(...set));
      }
      for (let each = -41; each <= 41; each++) expect(ids.has(each)).toBe(set.has(each));
      for (const each of set) expect(ids.has(each)).toBe(true);
      expect(ids.toJson()).toEqual(ranges.toJson());
    }),
    { numRuns: 300 },
  );
});

test('with a bound of gaps, counts the missing ids as a walk over its ranges would', () => {
  const id = fc.integer({ min: 0, max: 60 });
  fc.assert(
    fc.property(fc.array(id, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), (added, maxRanges) => {
      const ids = new IdRanges(maxRanges);
      for (const next of added) {
        ids.add(next);
        const { ranges, forgotten = 0 } = ids.toJson();
        expect(ranges.length).toBeLessThanOrEqual(2 * maxRanges);
        let walked = forgotten;
        for (let i = 2; i < ranges.length; i += 2) walked += ranges[i]! - ranges[i - 1]! - 1;
        expect(ids.missing).toBe(walked);
      }
    }),
  );
});

/** By exact integers: the span of safe integers is beyond 2^53. */
function missingOf(set: ReadonlySet<number>): number {
  const span = BigInt(Math.max(...set)) - BigInt(Math.min(...set)) + 1n;
  return Number(span - BigInt(set.size));
}
