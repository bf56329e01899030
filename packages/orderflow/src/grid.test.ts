import * as fc from 'fast-check';
import { Decimal } from 'decimal.js';
import { describe, expect, test } from 'vitest';
import { isOrderflowError } from './errors.ts';
import { createGrid } from './grid.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.0001' });

/** The message of the error that `run` throws, after checking its code. */
function refusal(code: Parameters<typeof isOrderflowError>[1], run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isOrderflowError(error, code)) return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('toTicks and toLots', () => {
  test.each([
    ['2683.80000000', 268380],
    ['2683.8', 268380],
    ['0002683.80', 268380],
    ['26838e-1', 268380],
    ['2.6838e3', 268380],
    ['+2683.80', 268380],
    ['-37.63', -3763],
    [2683.8, 268380],
    [new Decimal('2683.80'), 268380],
    ['0', 0],
    ['-0', 0],
    [-0, 0],
    ['0.00', 0],
    ['-0.00', 0],
    [1e-2, 1],
    [-2683.8, -268380],
    [1.5e1, 1500],
    ['.5', 50],
    ['-.5', -50],
    ['5.', 500],
    [-90071992547409.9, -9007199254740990],
    [new Decimal('-1e-2'), -1],
    [`1.${'0'.repeat(300)}`, 100],
    ['90071992547409.91', Number.MAX_SAFE_INTEGER],
    ['-90071992547409.91', Number.MIN_SAFE_INTEGER],
  ])('counts %s in ticks of 0.01', (price, ticks) => {
    expect(grid.toTicks(price)).toBe(ticks);
  });

  test('counts steps that are no power of ten', () => {
    const quarter = createGrid({ tickSize: '0.25', lotSize: 100 });
    expect(quarter.tickSize).toBe('0.25');
    expect(quarter.toTicks('5000.75')).toBe(20003);
    expect(quarter.toLots(1200)).toBe(12);
    expect(quarter.formatPrice(20003)).toBe('5000.75');
    expect(quarter.formatSize(12)).toBe('1200');
    expect(quarter.formatValue(20003 * 12)).toBe('6000900');
  });

  test('counts steps that are written with an exponent or beyond the safe integers', () => {
    const fine = createGrid({ tickSize: '1e-8', lotSize: '12345678901234567890' });
    expect(fine.tickSize).toBe('0.00000001');
    expect(fine.toTicks('0.00000123')).toBe(123);
    expect(fine.toLots('24691357802469135780')).toBe(2);
  });

  test.each([
    ['0.30000000000000004', 'off-grid'],
    [0.1 + 0.2, 'off-grid'],
    ['2683.805', 'off-grid'],
    ['1e-9999', 'off-grid'],
    [`0.${'0'.repeat(390)}1`, 'off-grid'],
    ['90071992547409.92', 'out-of-range'],
    ['-90071992547409.92', 'out-of-range'],
    ['1e9999', 'out-of-range'],
    [1e300, 'out-of-range'],
    ['1e10000', 'bad-decimal'],
    ['', 'bad-decimal'],
    ['.', 'bad-decimal'],
    ['1,000.00', 'bad-decimal'],
    [NaN, 'bad-decimal'],
    [Infinity, 'bad-decimal'],
    [undefined as never, 'bad-decimal'],
    [null as never, 'bad-decimal'],
    ['1'.repeat(1_000_000), 'bad-decimal'],
    ['-', 'bad-decimal'],
    ['--1', 'bad-decimal'],
    ['-1.-1', 'bad-decimal'],
    [['100'] as never, 'bad-decimal'],
    [true as never, 'bad-decimal'],
    [1e15 + 0.5, 'out-of-range'],
    [1e-7, 'off-grid'],
    [5e-324, 'off-grid'],
    [1.7976931348623157e308, 'out-of-range'],
    [-0.005, 'off-grid'],
  ] as const)('refuses %s', (price, code) => {
    const message = refusal(code, () => grid.toTicks(price));
    expect(message.length).toBeLessThan(300);
  });

  test('says what was refused, what was expected and what to do', () => {
    expect(refusal('off-grid', () => grid.toTicks('2683.805'))).toMatchInlineSnapshot(
      `"price "2683.805" is not a multiple of tickSize 0.01. Check the instrument's tickSize."`,
    );
    expect(refusal('off-grid', () => grid.toLots(0.00005))).toMatchInlineSnapshot(
      `"size 0.00005 is not a multiple of lotSize 0.0001. Check the instrument's lotSize."`,
    );
    expect(refusal('bad-decimal', () => grid.toTicks('7'.repeat(1000)))).toMatchInlineSnapshot(
      `"price "777777777777777777777777777777777777777777777777777777777777…" (1000 characters) is not a decimal number. Pass a literal such as '2683.80'."`,
    );
    expect(refusal('out-of-range', () => grid.toTicks('1e99'))).toMatchInlineSnapshot(
      `"price "1e99" is more than 9007199254740991 steps of tickSize 0.01."`,
    );
  });

  test('keeps the refused value in the error', () => {
    expect(() => grid.toTicks('2683.805')).toThrow(expect.objectContaining({ code: 'off-grid', value: '2683.805' }));
  });
});

describe('formatting', () => {
  test('exact integers of any size come out digit by digit', () => {
    expect(grid.formatPrice(9007199254740993n)).toBe('90071992547409.93');
    expect(grid.formatSize(-1)).toBe('-0.0001');
    expect(grid.formatValue(10n ** 30n)).toBe('1000000000000000000000000');
    expect([grid.formatPrice(-0), grid.formatSize(0n), grid.formatValue(-0)]).toEqual(['0', '0', '0']);
  });

  test.each([NaN, Infinity, 0.5])('%d is no count of steps', (steps) => {
    for (const form of ['formatPrice', 'formatSize', 'formatValue'] as const) {
      expect(() => grid[form](steps)).toThrow(RangeError);
    }
  });
});

describe('createGrid', () => {
  test.each(['0', '-0.01', 'abc', '', NaN, Infinity, '1e-101', undefined as never])('refuses the step %s', (step) => {
    refusal('bad-option', () => createGrid({ tickSize: step, lotSize: '1' }));
    refusal('bad-option', () => createGrid({ tickSize: '1', lotSize: step }));
  });

  test('says which step is wrong', () => {
    expect(refusal('bad-option', () => createGrid({ tickSize: '0.01', lotSize: '-1' }))).toMatchInlineSnapshot(
      `"lotSize "-1" is not a positive decimal of at most 100 decimals. Pass the venue's step, for example '0.01'."`,
    );
  });
});

/** The number, or the code of the refusal. */
function outcome(run: () => number): number | string {
  try {
    return run();
  } catch (error) {
    if (isOrderflowError(error)) return error.code;
    throw error;
  }
}

describe('properties', () => {
  const steps = fc.constantFrom('0.01', '0.0001', '0.25', '0.05', '5', '25', '1e-8', '0.003', '7');

  test('formatPrice gives back the canonical form of what toTicks read', () => {
    fc.assert(
      fc.property(steps, fc.maxSafeInteger(), fc.constantFrom('', '0', '000'), (tickSize, ticks, zeros) => {
        const on = createGrid({ tickSize, lotSize: '1' });
        const canonical = on.formatPrice(ticks);
        expect(canonical).toMatch(/^(0|-?(0|[1-9]\d*)(\.\d*[1-9])?)$/);
        expect(on.toTicks(canonical)).toBe(ticks === 0 ? 0 : ticks);
        const padded = canonical.includes('.') ? canonical + zeros : canonical;
        expect(on.formatPrice(on.toTicks(padded))).toBe(canonical);
      }),
      { numRuns: 500 },
    );
  });

  test('the fast path for plain literals agrees with the exact path', () => {
    // A leading plus sends the same literal down the exact path.
    const literals = fc.oneof(
      fc.stringMatching(/^\d{1,17}(\.\d{1,9})?$/),
      fc.bigInt({ min: 2n ** 53n - 200n, max: 2n ** 53n + 200n }).map(String),
      fc
        .bigInt({ min: 2n ** 53n - 200n, max: 2n ** 53n + 200n })
        .map((n) => `${n / 100n}.${String(n % 100n).padStart(2, '0')}`),
    );
    fc.assert(
      fc.property(steps, literals, (tickSize, literal) => {
        const on = createGrid({ tickSize, lotSize: '1' });
        expect(outcome(() => on.toTicks(literal))).toEqual(outcome(() => on.toTicks(`+${literal}`)));
      }),
      { numRuns: 2000 },
    );
  });

  test('reads every double as the decimal that it prints as', () => {
    // Doubles next to a price of the grid are other decimals, and none of them is on it.
    const near = fc.tuple(fc.maxSafeInteger(), fc.constantFrom(0, 1, -1, 2)).map(([ticks, ulps]) => {
      const view = new DataView(new ArrayBuffer(8));
      view.setFloat64(0, ticks / 100);
      view.setBigInt64(0, view.getBigInt64(0) + BigInt(ulps));
      return view.getFloat64(0);
    });
    const doubles = fc.oneof(
      fc.double(),
      near,
      fc.integer().map((n) => n / 1e4),
      fc.maxSafeInteger(),
    );
    fc.assert(
      fc.property(steps, doubles, (tickSize, value) => {
        const on = createGrid({ tickSize, lotSize: '1' });
        const asDecimal = outcome(() => on.toTicks(Number.isNaN(value) ? '' : new Decimal(value)));
        expect(outcome(() => on.toTicks(value))).toEqual(asDecimal);
        expect(outcome(() => on.toTicks(String(value)))).toEqual(asDecimal);
      }),
      { numRuns: 3000 },
    );
  });

  test('every literal of a form is counted as decimal.js and BigInt count it, or refused for the right reason', () => {
    const Exact = Decimal.clone({ precision: 1000, toExpNeg: -9e15, toExpPos: 9e15 });
    const digits = fc.stringMatching(/^(\d{0,25}(\.\d{0,25})?)$/).filter((text) => /\d/.test(text));
    const literals = fc
      .tuple(fc.constantFrom('', '-', '+'), digits, fc.option(fc.integer({ min: -30, max: 30 })), fc.boolean())
      .map(
        ([sign, text, exponent, upper]) => sign + text + (exponent === null ? '' : `${upper ? 'E' : 'e'}${exponent}`),
      );
    fc.assert(
      fc.property(steps, literals, (tickSize, literal) => {
        const quotient = new Exact(literal.replace(/^\+/, '')).div(tickSize);
        const expected = !quotient.isInteger()
          ? 'off-grid'
          : quotient.abs().gt(Number.MAX_SAFE_INTEGER)
            ? 'out-of-range'
            : Number(BigInt(quotient.toFixed()));
        const on = createGrid({ tickSize, lotSize: tickSize });
        expect(outcome(() => on.toTicks(literal))).toBe(expected);
        expect(outcome(() => on.toLots(literal))).toBe(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('numbers, strings and Decimals of one value agree', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), (ticks) => {
        const text = grid.formatPrice(ticks);
        expect(grid.toTicks(Number(text))).toBe(grid.toTicks(text));
        expect(grid.toTicks(new Decimal(text))).toBe(grid.toTicks(text));
      }),
    );
  });

  test('formatValue is the product of price and size', () => {
    const Exact = Decimal.clone({ precision: 100, toExpPos: 1000, toExpNeg: -1000 });
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeNat(), (ticks, lots) => {
        const product = new Exact(grid.formatPrice(ticks)).times(grid.formatSize(lots)).toFixed();
        expect(grid.formatValue(BigInt(ticks) * BigInt(lots))).toBe(product === '-0' ? '0' : product);
      }),
    );
  });
});
