import * as fc from 'fast-check';
import { Decimal } from 'decimal.js';
import { describe, expect, test } from 'vitest';
import { formatScaled, parseDecimal, parseScaled, scaleTo } from './decimal-literal.ts';

/** Canonical decimal literals: no leading zeros, no trailing zeros, no minus zero. */
const canonicalDecimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), fc.nat({ max: 30 }))
  .map(([mantissa, scale]) => formatScaled(mantissa, scale));

describe('parseDecimal', () => {
  test.each([
    ['2683.80000000', 26838n, 1],
    ['0.1', 1n, 1],
    ['007.50', 75n, 1],
    ['.5', 5n, 1],
    ['5.', 5n, 0],
    ['+5', 5n, 0],
    ['-0.25', -25n, 2],
    ['1e3', 1000n, 0],
    ['1.5e3', 1500n, 0],
    ['15E-1', 15n, 1],
    ['1200e-2', 12n, 0],
    ['0', 0n, 0],
    ['-0', 0n, 0],
    ['0.000', 0n, 0],
    ['.0', 0n, 0],
    ['0e9999', 0n, 0],
    ['0e-9999', 0n, 0],
  ])('reads %s as %d × 10^-%d', (text, mantissa, scale) => {
    expect(parseDecimal(text)).toEqual({ mantissa, scale });
  });

  test('reads a number by its shortest literal', () => {
    expect(parseDecimal(0.1)).toEqual({ mantissa: 1n, scale: 1 });
    expect(parseDecimal(1e21)).toEqual({ mantissa: 10n ** 21n, scale: 0 });
    expect(parseDecimal(1.5e-7)).toEqual({ mantissa: 15n, scale: 8 });
    expect(parseDecimal(-0)).toEqual({ mantissa: 0n, scale: 0 });
    expect(parseDecimal(0.1 + 0.2)).toEqual({ mantissa: 30000000000000004n, scale: 17 });
  });

  test('reads a Decimal digit by digit', () => {
    expect(parseDecimal(new Decimal('-0.30'))).toEqual({ mantissa: -3n, scale: 1 });
    expect(parseDecimal(new Decimal('1e30'))).toEqual({ mantissa: 10n ** 30n, scale: 0 });
    expect(parseDecimal(new Decimal(NaN))).toBeUndefined();
    expect(parseDecimal(new Decimal('-0'))).toEqual({ mantissa: 0n, scale: 0 });
  });

  test.each([
    '',
    '.',
    '+',
    '-.',
    'e5',
    '.e1',
    '1e',
    '1e+',
    '--1',
    '1,000',
    ' 1',
    '1 ',
    '1\n',
    '0x10',
    '1_0',
    'NaN',
    'Infinity',
    '１',
    '1e99999',
  ])('refuses %j', (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  test('refuses what is neither text nor number, without a stray TypeError', () => {
    const bare: unknown = Object.create(null);
    const lying = JSON.parse('{"toString":1,"valueOf":1}') as unknown;
    for (const value of [undefined, null, {}, bare, lying, true, NaN, Infinity, Symbol('5'), ['5'], [5], () => 5]) {
      expect(parseDecimal(value as never)).toBeUndefined();
    }
  });

  test('refuses a literal of a million characters without reading it', () => {
    expect(parseDecimal('9'.repeat(1_000_000))).toBeUndefined();
    expect(parseDecimal(`0.${'0'.repeat(1_000_000)}`)).toBeUndefined();
  });

  test('agrees with decimal.js on every literal', () => {
    const Exact = Decimal.clone({ precision: 1000, toExpNeg: -9e15, toExpPos: 9e15 });
    const literals = fc
      .tuple(
        fc.stringMatching(/^[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})$/),
        fc.option(fc.integer({ min: -40, max: 40 })),
      )
      .map(([text, exponent]) => (exponent === null ? text : `${text}e${exponent}`));
    fc.assert(
      fc.property(literals, (text) => {
        const { mantissa, scale } = parseDecimal(text)!;
        const theirs = new Exact(text.replace(/^\+/, '')).toFixed();
        expect(formatScaled(mantissa, scale)).toBe(theirs === '-0' ? '0' : theirs);
      }),
    );
  });
});

describe('formatScaled', () => {
  test.each([
    [268380n, 2, '2683.8'],
    [5n, 3, '0.005'],
    [-5n, 3, '-0.005'],
    [500n, 2, '5'],
    [0n, 5, '0'],
    [12n, 0, '12'],
  ])('writes %d × 10^-%d as %s', (mantissa, scale, text) => {
    expect(formatScaled(mantissa, scale)).toBe(text);
  });

  test('gives back every canonical literal', () => {
    fc.assert(
      fc.property(canonicalDecimals, (text) => {
        const { mantissa, scale } = parseDecimal(text)!;
        expect(formatScaled(mantissa, scale)).toBe(text);
      }),
    );
  });
});

describe('parseScaled', () => {
  test('reads back what formatScaled wrote, however long', () => {
    const long = formatScaled(-(10n ** 9999n) - 1n, 5000);
    expect(formatScaled(parseScaled(long)!.mantissa, parseScaled(long)!.scale)).toBe(long);
    fc.assert(
      fc.property(canonicalDecimals, (text) => {
        expect(parseScaled(text)).toEqual(parseDecimal(text));
      }),
    );
  });

  test.each(['', '-', '.5', '5.', '1e5', '+1', ' 1', 'abc'])('refuses %j', (text) => {
    expect(parseScaled(text)).toBeUndefined();
  });
});

describe('scaleTo', () => {
  test.each([
    ['2683.80000000', 2, 268380],
    ['2683.8', 2, 268380],
    ['5.', 1, 50],
    ['0', 3, 0],
    ['90071992547409.91', 2, Number.MAX_SAFE_INTEGER],
    ['00000000000000000000000000000001', 0, 1],
    ['123456789.123456000', 6, 123456789123456],
    ['1234567890.5', 1, 12345678905],
    ['0.1234567890', 10, 1234567890],
    ['0.000000000000000000', 18, 0],
    ['0.009007199254740991', 18, 9007199254740991],
  ])('reads %s at scale %d as %d', (text, scale, value) => {
    expect(scaleTo(text, scale)).toBe(value);
  });

  test.each([
    ['90071992547409.92', 2],
    ['9007199254740993', 0],
    ['99999999999999999999999999999999', 0],
    ['1', 100],
    ['0.009007199254740992', 18],
    ['123456789.123456789', 6],
    ['0.123', 2],
    ['0.12\u0000', 2],
    ['0.1 ', 2],
    ['0.00:', 2],
    ['0.00/', 2],
    ['１.00', 2],
    ['-1', 0],
    ['.5', 1],
    ['1e3', 0],
    ['1.2.3', 2],
    ['.', 2],
    ['', 2],
    ['0'.repeat(33), 0],
  ])('leaves %s at scale %d to the exact path', (text, scale) => {
    expect(scaleTo(text, scale)).toBe(-1);
  });

  test('reads from the character it is told to', () => {
    expect(scaleTo('-37.63', 2, 1)).toBe(3763);
    expect(scaleTo('--37.63', 2, 1)).toBe(-1);
    expect(scaleTo('-', 2, 1)).toBe(-1);
  });

  test('reads every plain literal whose value is a safe integer at the scale', () => {
    const digits = fc.stringMatching(/^\d{1,12}(\.\d{0,12})?$/);
    fc.assert(
      fc.property(digits, fc.nat({ max: 12 }), (text, scale) => {
        const exact = parseDecimal(text)!;
        const fits = exact.scale <= scale && exact.mantissa * 10n ** BigInt(scale - exact.scale) < 2n ** 53n;
        expect(scaleTo(text, scale) >= 0).toBe(fits);
      }),
      { numRuns: 2000 },
    );
  });

  test('never answers with a rounded value', () => {
    // Around 2^53 and far beyond, where the running value is rounded on the way.
    const digits = fc.oneof(
      fc.bigInt({ min: 2n ** 53n - 40n, max: 2n ** 53n + 40n }).map(String),
      fc.stringMatching(/^\d{1,32}$/),
      fc.stringMatching(/^\d{0,18}\.\d{0,12}$/),
      fc.stringMatching(/^[0-9./:e-]{1,14}$/),
    );
    fc.assert(
      fc.property(digits, fc.nat({ max: 12 }), (text, scale) => {
        const fast = scaleTo(text, scale);
        const exact = parseDecimal(text);
        if (fast === -1) return;
        if (!exact) throw new Error(`${text} is no decimal, and was read as ${fast}`);
        expect(Number.isSafeInteger(fast)).toBe(true);
        expect(BigInt(fast) * 10n ** BigInt(exact.scale)).toBe(exact.mantissa * 10n ** BigInt(scale));
      }),
      { numRuns: 2000 },
    );
  });
});
