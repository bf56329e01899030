import { expect, test } from 'vitest';
import { absExact, balanceExactOf, balanceOf, ratioOf } from './ratio.ts';

test('a ratio of integers is the nearest double, beyond 2^53 too', () => {
  expect(ratioOf(1, 3)).toBe(1 / 3);
  expect(ratioOf(10n ** 40n, 3n * 10n ** 40n)).toBe(1 / 3);
  expect(Object.is(ratioOf(0, -5), 0)).toBe(true);
});

test('a ratio over nothing is unknown', () => {
  expect([ratioOf(1, 0), ratioOf(1n, 0n), balanceOf(0, 0), balanceExactOf(0, 0)]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a balance is (a − b) ÷ (a + b)', () => {
  expect([balanceOf(6, 3), balanceExactOf(6, 3)]).toEqual([3 / 9, '0.3333333333333333']);
  expect(absExact(-(2n ** 60n))).toBe(2n ** 60n);
});
