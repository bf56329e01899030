import * as fc from 'fast-check';
import { Decimal } from 'decimal.js';
import { describe, expect, test } from 'vitest';
import {
  addExact,
  compareExact,
  divideExact,
  exactFromJson,
  exactToJson,
  multiplyExact,
  subtractExact,
} from './exact.ts';
import type { ExactInt } from './exact.ts';

const MAX = Number.MAX_SAFE_INTEGER;
const exactInts: fc.Arbitrary<ExactInt> = fc.oneof(
  fc.maxSafeInteger(),
  fc.integer({ min: -100, max: 100 }),
  fc.bigInt({ min: -(2n ** 120n), max: 2n ** 120n }).map((n) => addExact(n, 0)),
);

describe('sums and products', () => {
  test('stay numbers while they are safe and turn into bigint at the first step beyond', () => {
    expect(addExact(MAX, 0)).toBe(MAX);
    expect(addExact(MAX, 1)).toBe(9007199254740992n);
    expect(addExact(MAX, 2)).toBe(9007199254740993n);
    expect(multiplyExact(94906267, 94906267)).toBe(9007199515875289n);
    expect(subtractExact(-MAX, 1)).toBe(-9007199254740992n);
  });

  test('come back to a number when they are safe again', () => {
    expect(addExact(addExact(MAX, 1), -1)).toBe(MAX);
    expect(addExact(-9007199254740992n, 1)).toBe(-MAX);
  });

  test('have no minus zero, which JSON would lose', () => {
    expect(addExact(-0, -0)).toBe(0);
    expect(multiplyExact(0, -5)).toBe(0);
    expect(subtractExact(0, 0)).toBe(0);
    expect([exactFromJson(-0), exactFromJson('-0')]).toEqual([0, 0]);
  });

  test('equal BigInt arithmetic for all integers', () => {
    fc.assert(
      fc.property(exactInts, exactInts, (a, b) => {
        expect(BigInt(addExact(a, b))).toBe(BigInt(a) + BigInt(b));
        expect(BigInt(subtractExact(a, b))).toBe(BigInt(a) - BigInt(b));
        expect(BigInt(multiplyExact(a, b))).toBe(BigInt(a) * BigInt(b));
        expect(Math.sign(compareExact(a, b))).toBe(BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0);
        for (const result of [addExact(a, b), multiplyExact(a, b)]) {
          expect(typeof result === 'number').toBe(BigInt(result) >= -BigInt(MAX) && BigInt(result) <= BigInt(MAX));
        }
      }),
    );
  });
});

describe('JSON', () => {
  test('keeps every exact integer', () => {
    fc.assert(
      fc.property(exactInts, (value) => {
        expect(exactFromJson(JSON.parse(JSON.stringify(exactToJson(value))))).toBe(value);
      }),
    );
  });

  test.each([NaN, 1.5, 2 ** 53, '', '0x10', '1e3', ' 1', 'abc', null, undefined, '9'.repeat(1001)])(
    'refuses %s, which exactToJson never writes',
    (value) => {
      expect(() => exactFromJson(value as never)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    },
  );
});

describe('divideExact', () => {
  test.each([
    [2, 3, 4, '0.6667'],
    [-2, 3, 4, '-0.6667'],
    [2, -3, 4, '-0.6667'],
    [-2, -3, 4, '0.6667'],
    [1, 8, 16, '0.125'],
    [6, 3, 16, '2'],
    [0, -7, 16, '0'],
    [1, 3, undefined, '0.3333333333333333'],
    [200, 3, undefined, '66.66666666666667'],
    [123456, 1, 3, '123000'],
    [1, 1000000, 3, '0.000001'],
    [999999, 1, 3, '1000000'],
    [99999, 100000, 4, '1'],
  ])('%d ÷ %d to %s digits is %s', (numerator, denominator, digits, quotient) => {
    expect(divideExact(numerator, denominator, digits)).toBe(quotient);
  });

  test('rounds a half to the even digit', () => {
    expect([1, 3, 5, 7, 9].map((n) => divideExact(n, 2, 1))).toEqual(['0.5', '2', '2', '4', '4']);
    expect(divideExact(125, 1, 2)).toBe('120');
    expect(divideExact(135, 1, 2)).toBe('140');
    expect(divideExact(-125, 1, 2)).toBe('-120');
    expect(divideExact(1250000000000001n, 1, 2)).toBe('1300000000000000');
  });

  test('equals decimal.js for all integers and digits', () => {
    fc.assert(
      fc.property(exactInts, exactInts, fc.integer({ min: 1, max: 40 }), (a, b, digits) => {
        fc.pre(b !== 0);
        const Exact = Decimal.clone({ precision: digits, rounding: Decimal.ROUND_HALF_EVEN });
        // Operands are taken as they are; only the quotient is rounded.
        const theirs = new Exact(a.toString()).div(b.toString()).toFixed();
        expect(divideExact(a, b, digits)).toBe(theirs === '-0' ? '0' : theirs);
      }),
      { numRuns: 1000 },
    );
  });

  test('refuses to divide by zero and to write digits that are no count', () => {
    expect(() => divideExact(1, 0)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: 1 ÷ 0 has no value. Test for an empty total before dividing by it.]`,
    );
    expect(() => divideExact(1, 0n)).toThrow(expect.objectContaining({ code: 'zero-denominator' }));
    for (const digits of [0, -1, 1.5, NaN, Infinity, 1001]) {
      expect(() => divideExact(1, 3, digits)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    }
    expect(() => divideExact(1, 3, 0)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: significantDigits 0 is not a whole number from 1 to 1000. Leave it out for 16.]`,
    );
  });
});

test('a result that is no integer is a RangeError', () => {
  for (const run of [
    () => addExact(1, 0.5),
    () => addExact(1n, 0.5),
    () => subtractExact(0, NaN),
    () => multiplyExact(3, 0.5),
    () => multiplyExact(Infinity, 2),
  ]) {
    expect(run).toThrow(RangeError);
  }
  expect(addExact(0.5, 0.5)).toBe(1);
});
