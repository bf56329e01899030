import fc from 'fast-check';
import { expect, test } from 'vitest';
import { detailFor, detailWidthsPx, mergeFactor } from './level-of-detail.ts';

test('detail grows with the width of a bar', () => {
  expect(detailFor(6)).toBe('candles');
  expect(detailFor(detailWidthsPx.profile)).toBe('profile');
  expect(detailFor(detailWidthsPx.cells - 0.1)).toBe('profile');
  expect(detailFor(96)).toBe('cells');
});

test('rows that are high enough are left alone, thin ones merge by 1-2-5 steps', () => {
  expect(mergeFactor(20, 14)).toBe(1);
  expect(mergeFactor(7, 14)).toBe(2);
  expect(mergeFactor(3, 14)).toBe(5);
  expect(mergeFactor(1.3, 14)).toBe(20);
  expect(mergeFactor(0, 14)).toBe(1);
});

test('the merged row is high enough, and the next smaller step would not be', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 100, noNaN: true }), (rowPx) => {
      const merge = mergeFactor(rowPx, 14);
      expect(rowPx * merge).toBeGreaterThanOrEqual(14);
      if (merge > 1) expect(rowPx * (merge / 2.5)).toBeLessThan(14);
    }),
  );
});
