import { expect, test } from 'vitest';
import { unboxed } from './unboxed.ts';

test('changes no number', () => {
  for (const value of [0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), Number.MAX_SAFE_INTEGER, -5e15, 0.5]) {
    expect(unboxed(value)).toBe(value);
  }
});
