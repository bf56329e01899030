import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { addExact, multiplyExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import { createGrid } from './grid.ts';
import { vwapOf } from './vwap.ts';

test('1 lot at 100.00 and 2 lots at 100.01 average 100.00666…, in price units whatever the lot', () => {
  for (const lotSize of ['1', '0.0001', '100']) {
    const grid = createGrid({ tickSize: '0.01', lotSize });
    expect(vwapOf(grid, 10000 * 1 + 10001 * 2, 3)).toBe('100.0066666666667');
  }
});

test('a tick that is no power of ten counts', () => {
  // 3 lots at 5000.25 and 1 lot at 5000.75: (3 × 20001 + 20003) ÷ 4 = 20001.5 ticks of 0.25.
  expect(vwapOf(createGrid({ tickSize: '0.25', lotSize: '1' }), 3 * 20001 + 20003, 4)).toBe('5000.375');
});

test('without volume there is no average', () => {
  const grid = createGrid({ tickSize: '1', lotSize: '1' });
  expect(vwapOf(grid, 0, 0)).toBeUndefined();
  expect(vwapOf(grid, 0n, 0n)).toBeUndefined();
});

test('equals decimal arithmetic over the prints, also beyond 2^53', () => {
  const Exact = Decimal.clone({ precision: 200 });
  const grid = createGrid({ tickSize: '0.05', lotSize: '0.001' });
  const prints = fc.array(fc.tuple(fc.integer({ min: -1000, max: 1e12 }), fc.integer({ min: 1, max: 1e12 })), {
    minLength: 1,
  });
  fc.assert(
    fc.property(prints, (tape) => {
      let value: ExactInt = 0;
      let volume: ExactInt = 0;
      let [theirValue, theirVolume] = [new Exact(0), new Exact(0)];
      for (const [ticks, lots] of tape) {
        value = addExact(value, multiplyExact(ticks, lots));
        volume = addExact(volume, lots);
        theirValue = theirValue.plus(new Exact(grid.formatPrice(ticks)).times(grid.formatSize(lots)));
        theirVolume = theirVolume.plus(grid.formatSize(lots));
      }
      const average = theirValue.div(theirVolume).toSignificantDigits(16, Decimal.ROUND_HALF_EVEN).toFixed();
      expect(vwapOf(grid, value, volume)).toBe(average === '-0' ? '0' : average);
    }),
  );
});
