import { describe, expect, test } from 'vitest';
import { detailFor, mergeFactor, splitBar, type FootprintDetail } from './detail.ts';
import { shortDecimal } from './series-options.ts';

describe('detail', () => {
  const at = (barPx: number, rowPx: number, maxDetail: FootprintDetail = 'numbers'): FootprintDetail =>
    detailFor({ barPx, rowPx, numbersPx: () => 70, maxDetail });

  test('falls from figures to cells, profiles and candles as bars get narrower', () => {
    expect([70, 69, 26, 25, 9, 8].map((barPx) => at(barPx, 12))).toEqual([
      'numbers',
      'cells',
      'cells',
      'profile',
      'profile',
      'candle',
    ]);
  });

  test('falls from figures to cells and profiles as rows get lower', () => {
    expect([10.5, 10, 3, 2.9, 0.01].map((rowPx) => at(200, rowPx))).toEqual([
      'numbers',
      'cells',
      'cells',
      'profile',
      'profile',
    ]);
  });

  test('never exceeds what is allowed', () => {
    expect((['numbers', 'cells', 'profile', 'candle'] as const).map((most) => at(200, 20, most))).toEqual([
      'numbers',
      'cells',
      'profile',
      'candle',
    ]);
  });

  test('does not measure figures that have no room anyway', () => {
    const numbersPx = (): number => {
      throw new Error('measured');
    };
    expect(detailFor({ barPx: 20, rowPx: 20, numbersPx, maxDetail: 'numbers' })).toBe('profile');
  });

  test('merges rows by 1, 2, 5, 10, 20, …', () => {
    expect([4, 2, 1.9, 1, 0.9, 0.4, 0.2, 0.1, 0.04].map((rowPx) => mergeFactor(rowPx, 2))).toEqual([
      1, 1, 2, 2, 5, 5, 10, 20, 50,
    ]);
  });

  test('gives the room of the candle to the ladder when there is no candle', () => {
    expect(splitBar(100, 'numbers', true)).toEqual({ gapPx: 9, candlePx: 10 });
    expect(splitBar(100, 'numbers', false)).toEqual({ gapPx: 9, candlePx: 0 });
  });
});

describe('short figures', () => {
  test('are exact when short, else three significant digits', () => {
    const figures = [
      '0',
      '0.25',
      '12.5',
      '12345',
      '12.345',
      '7.678',
      '0.00499',
      '0.0004',
      '123456',
      '999499.5',
      '1234567',
    ];
    expect(figures.map(shortDecimal)).toEqual([
      '0',
      '0.25',
      '12.5',
      '12345',
      '12.3',
      '7.68',
      '0.005',
      '~0',
      '123k',
      '999k',
      '1.23M',
    ]);
  });

  test('carry into the next unit instead of four digits', () => {
    expect(['9.996', '99.96', '999.96', '999999', '999999999'].map(shortDecimal)).toEqual([
      '10.0',
      '100',
      '1.00k',
      '1.00M',
      '1.00B',
    ]);
  });
});
