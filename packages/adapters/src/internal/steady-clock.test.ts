import { expect, test } from 'vitest';
import { steadyClock } from './steady-clock.ts';

test('a steady clock goes on where the clock beneath it is set back, and never falls', () => {
  let now = 10_000;
  const elapsed = steadyClock(() => now);
  const seen = [10_500, 11_000, 1_000, 1_200, 1_250].map((at) => {
    now = at;
    return elapsed();
  });
  expect(seen).toEqual([500, 1_000, 1_000, 1_200, 1_250]);
});
