import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRollingWindow } from './rolling-window.ts';

const windowOf = (length: number, values: readonly number[]) => {
  const window = createRollingWindow(length);
  for (const value of values) window.push(value);
  return window;
};

describe('a rolling window', () => {
  test('has the mean of whole numbers exactly, in whatever order they came', () => {
    const tens = Array.from({ length: 10 }, () => 2);
    const ones = Array.from({ length: 90 }, () => 1);
    expect(windowOf(100, [...tens, ...ones]).moments()?.mean).toBe(1.1);
    expect(windowOf(100, [...ones, ...tens]).moments()?.mean).toBe(1.1);
  });

  test('keeps the sum of what it holds exactly, also beyond 2^53', () => {
    const most = Number.MAX_SAFE_INTEGER;
    const window = windowOf(2, [5, most, most]);
    expect(window.sum()).toBe(2n * BigInt(most));
    expect(window.moments()).toEqual({ mean: most, deviation: 0 });
    window.push(-3);
    window.push(4);
    expect(window.sum()).toBe(1);
  });

  test('has no exact sum while a value is no integer', () => {
    const window = windowOf(2, [1, 0.5]);
    expect(window.sum()).toBeUndefined();
    expect(window.moments()?.mean).toBe(0.75);
    window.push(2);
    window.push(3);
    expect(window.sum()).toBe(5);
  });

  test('is the same after a restore', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.maxSafeInteger(), fc.double({ noNaN: true, min: -1e9, max: 1e9 }))),
        (values) => {
          const window = windowOf(5, values);
          const again = createRollingWindow(5, window.values());
          expect([again.moments(), again.sum()]).toEqual([window.moments(), window.sum()]);
        },
      ),
    );
  });
});
