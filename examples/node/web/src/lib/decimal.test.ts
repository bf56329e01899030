import { describe, expect, test } from 'vitest';
import { addDecimals, fractionDigits, signOf, subtractDecimals } from './decimal.ts';

describe('decimal', () => {
  test('adds what binary fractions cannot', () => {
    expect(addDecimals(['0.1', '0.2'])).toBe('0.3');
    expect(addDecimals(['9007199254740993', '0.0001'])).toBe('9007199254740993.0001');
    expect(addDecimals([])).toBe('0');
  });

  test('drops trailing zeros and keeps the sign', () => {
    expect(addDecimals(['1.50', '0.50'])).toBe('2');
    expect(addDecimals(['-0.75', '0.5'])).toBe('-0.25');
    expect(addDecimals(['-0.5', '0.5'])).toBe('0');
  });

  test('subtracts a negative number', () => {
    expect(subtractDecimals('49.7391', '115.846')).toBe('-66.1069');
    expect(subtractDecimals('1', '-2')).toBe('3');
  });

  test('knows the sign of a number too small for a double', () => {
    expect(signOf(`-0.${'0'.repeat(400)}1`)).toBe(-1);
    expect(signOf('0.000')).toBe(0);
    expect(signOf('0.1')).toBe(1);
  });

  test('counts fraction digits', () => {
    expect(fractionDigits('0.01')).toBe(2);
    expect(fractionDigits('25')).toBe(0);
  });

  test('refuses what is no decimal', () => {
    expect(() => addDecimals(['1e3'])).toThrow(
      '"1e3" is not a decimal; expected digits with an optional sign and fraction',
    );
  });
});
