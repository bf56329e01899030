import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decimalText } from './decimal-text.ts';

describe('decimalText', () => {
  test.each([
    ['2683.80000000', '2683.8'],
    ['0.00000000', '0'],
    ['-0.0', '0'],
    ['007', '7'],
    ['.5', '0.5'],
    ['5.', '5'],
    [1e-7, '0.0000001'],
    [1.5e21, '1500000000000000000000'],
    ['-12.50e-1', '-1.25'],
    ['9007199254740993.000000000000000001', '9007199254740993.000000000000000001'],
  ])('writes %s as %s', (value, text) => {
    expect(decimalText(value)).toBe(text);
  });

  test.each(['', '.', 'abc', '1,5', 'NaN', 'Infinity', '1e9999', '0x10'])('refuses %s', (value) => {
    expect(decimalText(value)).toBeUndefined();
  });

  test('keeps the value of every finite number', () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (value) => {
        const text = decimalText(value)!;
        expect(text).not.toMatch(/e|^-0$/);
        expect(Number(text)).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});
