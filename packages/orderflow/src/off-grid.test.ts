import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { bookRules, createBook } from './book.ts';
import { isOrderflowError } from './errors.ts';
import { createGrid } from './grid.ts';
import { createOffGridPolicy, offGridPolicyDefaults, restoreOffGridPolicy, roundPrice, roundSize } from './off-grid.ts';
import type { OffGridPolicy, OffGridRule, RoundingRule } from './off-grid.ts';
import { createPriceBands, idxPriceBands } from './price-bands.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const Exact = Decimal.clone({ precision: 2000, toExpNeg: -1e5, toExpPos: 1e5 });

describe('roundPrice and roundSize', () => {
  test.each<[string, RoundingRule, number, string]>([
    ['12.345', 'floor', 1234, '0.005'],
    ['12.345', 'ceil', 1235, '-0.005'],
    ['12.345', 'nearest', 1234, '0.005'],
    ['12.355', 'nearest', 1236, '-0.005'],
    ['12.3451', 'nearest', 1235, '-0.0049'],
    ['12.34', 'ceil', 1234, '0'],
    ['-12.345', 'floor', -1235, '0.005'],
    ['-12.345', 'ceil', -1234, '-0.005'],
    ['-12.345', 'nearest', -1234, '-0.005'],
    ['-0.001', 'ceil', 0, '-0.001'],
    ['0.30000000000000004', 'nearest', 30, '0.00000000000000004'],
    ['1e-9999', 'floor', 0, `0.${'0'.repeat(9998)}1`],
  ])('%s goes by %s to %d ticks of 0.01', (price, rule, ticks, remainder) => {
    expect(roundPrice(grid, price, rule)).toEqual({ ticks, remainder });
  });

  test('steps that are no power of ten, sizes and bands', () => {
    expect(roundSize({ lotSize: '100' }, '13701950', 'nearest')).toEqual({ lots: 137020, remainder: '-50' });
    expect(roundSize({ lotSize: '100' }, '13701850', 'nearest')).toEqual({ lots: 137018, remainder: '50' });
    expect(roundPrice({ tickSize: '0.25' }, '5000.3', 'nearest')).toEqual({ ticks: 20001, remainder: '0.05' });
    const idx = createPriceBands(idxPriceBands);
    expect(roundPrice(idx, '203', 'nearest')).toEqual({ ticks: 204, remainder: '-1' });
    expect(roundPrice(idx, '4994', 'ceil')).toEqual({ ticks: 5000, remainder: '-6' });
  });

  test('refuse what no rule can place', () => {
    const code = (run: () => unknown): string => {
      try {
        run();
      } catch (error) {
        if (isOrderflowError(error)) return error.code;
      }
      return 'nothing';
    };
    expect(code(() => roundPrice(grid, 'abc', 'floor'))).toBe('bad-decimal');
    expect(code(() => roundPrice(grid, 1e300, 'floor'))).toBe('out-of-range');
    expect(code(() => roundPrice(grid, '90071992547409.911', 'ceil'))).toBe('out-of-range');
    expect(code(() => roundPrice(grid, '90071992547409.911', 'floor'))).toBe('nothing');
    expect(code(() => roundPrice(createPriceBands(idxPriceBands), '-1', 'ceil'))).toBe('off-grid');
    expect(code(() => roundPrice(grid, '1', 'half-up' as never))).toBe('bad-option');
    expect(() => roundSize(grid, '1', 'up' as never)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: rule "up" is none of floor, ceil, nearest. Pass one.]`,
    );
  });
});

describe('createOffGridPolicy', () => {
  test('moves and counts, prices and sizes apart', () => {
    const policy = createOffGridPolicy(grid, { price: 'nearest', size: 'floor' });
    expect(['100.004', '100.015', '100.01', 100.02].map((price) => policy.toTicks(price))).toEqual([
      10000, 10002, 10001, 10002,
    ]);
    expect([policy.toLots('0.0019'), policy.toLots('0.0005'), policy.toLots('7')]).toEqual([1, 0, 7000]);
    expect(policy.stats()).toEqual({
      // 0.004 down, 0.005 up.
      prices: { values: 4, adjusted: 2, largestRemainder: '0.005', totalRemainder: '-0.001' },
      sizes: { values: 3, adjusted: 2, largestRemainder: '0.0009', totalRemainder: '0.0014' },
    });
    expect([policy.tickSize, policy.lotSize, policy.formatPrice(10002), policy.formatSize(1)]).toEqual([
      '0.01',
      '0.001',
      '100.02',
      '0.001',
    ]);
    expect(policy.formatValue(10002)).toBe('0.10002');
  });

  test('rejects by default, and then counts nothing', () => {
    const policy = createOffGridPolicy(grid);
    expect(offGridPolicyDefaults).toEqual({ price: 'reject', size: 'reject' });
    expect(() => policy.toTicks('100.004')).toThrow(expect.objectContaining({ code: 'off-grid' }));
    expect(() => policy.toLots('0.0001')).toThrow(expect.objectContaining({ code: 'off-grid' }));
    expect(policy.toTicks('100.00')).toBe(10000);
    expect(policy.stats().prices).toEqual({ values: 1, adjusted: 0, largestRemainder: '0', totalRemainder: '0' });
    expect(policy.stats().sizes.values).toBe(0);
  });

  test('stands in for the grid of a book', () => {
    const policy = createOffGridPolicy(grid, { price: 'nearest', size: 'nearest' });
    const book = createBook({ grid: policy, rule: bookRules.binanceSpot });
    const at = { symbol: 'ETHUSDT', timeMs: 0, type: 'book-snapshot', lastUpdateId: 1 } as const;
    const { offGrid } = book.push({ ...at, bids: [['99.991', '2.0001']], asks: [['100.01', '1']] });
    expect(offGrid).toEqual([]);
    expect(book.best()).toEqual({ bidTicks: 9999, bidLots: 2000, askTicks: 10001, askLots: 1000 });
    expect([policy.stats().prices.adjusted, policy.stats().sizes.adjusted]).toEqual([1, 1]);
  });

  test('keeps to the bands of its grid', () => {
    const policy = createOffGridPolicy(createPriceBands(idxPriceBands), { price: 'floor' });
    expect(['203', '4994', '5024', '200'].map((price) => policy.toTicks(price))).toEqual([202, 4990, 5000, 200]);
    expect(policy.stats().prices).toEqual({
      values: 4,
      adjusted: 3,
      largestRemainder: '24',
      totalRemainder: '29',
    });
    expect(policy.bands).toHaveLength(5);
    expect(createOffGridPolicy(policy, { price: 'ceil' }).toTicks('203')).toBe(204);
  });

  test('refuses rules that are none, and snapshots of others', () => {
    expect(() => createOffGridPolicy(grid, { price: 'round' as never })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: rule "round" is none of reject, floor, ceil, nearest. Pass one.]`,
    );
    const snapshot = createOffGridPolicy(grid, { price: 'floor' }).snapshot();
    expect(snapshot).toEqual({
      v: 1,
      kind: 'off-grid-policy',
      options: { price: 'floor', size: 'reject' },
      grid: { tickSize: '0.01', lotSize: '0.001' },
      prices: { values: 0, adjusted: 0, largestRemainder: '0', totalRemainder: '0' },
      sizes: { values: 0, adjusted: 0, largestRemainder: '0', totalRemainder: '0' },
    });
    const other = createGrid({ tickSize: '0.05', lotSize: '0.001' });
    const prices = { ...snapshot.prices, largestRemainder: '1e5' };
    for (const run of [
      () => restoreOffGridPolicy(snapshot, grid, { price: 'ceil' }),
      () => restoreOffGridPolicy(snapshot, grid),
      () => restoreOffGridPolicy(snapshot, other, { price: 'floor' }),
      () => restoreOffGridPolicy({ ...snapshot, prices }, grid, { price: 'floor' }),
      () => restoreOffGridPolicy({ v: 1, kind: 'cvd' } as never, grid),
    ]) {
      expect(run).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    }
  });

  test('a remainder of ten thousand decimals survives its snapshot', () => {
    const policy = createOffGridPolicy(grid, { price: 'floor' });
    policy.toTicks(`${'9'.repeat(13)}.${'9'.repeat(380)}e0`);
    policy.toTicks('1e-9999');
    const again = restoreOffGridPolicy(policy.snapshot(), grid, { price: 'floor' });
    expect(again.stats()).toEqual(policy.stats());
    expect(again.snapshot()).toEqual(policy.snapshot());
  });
});

const rules = fc.constantFrom<RoundingRule>('floor', 'ceil', 'nearest');
const decimals = fc
  .tuple(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.nat({ max: 12 }))
  .map(([mantissa, scale]) => new Exact(mantissa.toString()).div(new Exact(10).pow(scale)).toFixed());

test('rounds as decimal.js does, and the remainder is what is missing', () => {
  const modes = { floor: Decimal.ROUND_FLOOR, ceil: Decimal.ROUND_CEIL, nearest: Decimal.ROUND_HALF_EVEN } as const;
  const steps = fc.constantFrom('0.01', '0.05', '0.25', '1', '5', '25', '0.003', '7', '1e-8');
  fc.assert(
    fc.property(steps, decimals, rules, (step, value, rule) => {
      const ticks = new Exact(value).div(step);
      const whole = ticks.toDecimalPlaces(0, modes[rule]);
      fc.pre(whole.abs().lte(Number.MAX_SAFE_INTEGER));
      const { ticks: ours, remainder } = roundPrice({ tickSize: step }, value, rule);
      expect(ours).toBe(whole.toNumber() + 0);
      expect(new Exact(step).times(ours).plus(remainder).eq(value)).toBe(true);
      expect(roundSize({ lotSize: step }, value, rule)).toEqual({ lots: ours, remainder });
    }),
    { numRuns: 1000 },
  );
});

test('whatever comes in, whole steps or errors of this package come out', () => {
  const junk = fc.oneof(
    fc.double(),
    fc.string(),
    fc.constantFrom(null, undefined, true, [], ['5'], -0, 2 ** 53, '1e9999'),
  );
  fc.assert(
    fc.property(fc.array(junk), rules, (values, rule) => {
      const policy = createOffGridPolicy(createPriceBands(idxPriceBands), { price: rule, size: rule });
      let given = 0;
      for (const value of values) {
        for (const form of ['toTicks', 'toLots'] as const) {
          try {
            expect(Number.isSafeInteger(policy[form](value as string))).toBe(true);
            given += 1;
          } catch (error) {
            if (!isOrderflowError(error)) throw error;
          }
        }
      }
      expect(policy.stats().prices.values + policy.stats().sizes.values).toBe(given);
    }),
    { numRuns: 500 },
  );
});

interface Value {
  readonly kind: 'price' | 'size';
  readonly value: string;
}

const tapes = fc.array(
  fc.record({
    kind: fc.constantFrom<'price' | 'size'>('price', 'size'),
    value: decimals,
  }) satisfies fc.Arbitrary<Value>,
);
const read = (policy: OffGridPolicy, { kind, value }: Value): number =>
  kind === 'price' ? policy.toTicks(value) : policy.toLots(value);

describe.each<[OffGridRule, OffGridRule]>([
  ['nearest', 'floor'],
  ['ceil', 'nearest'],
])('prices by %s and sizes by %s', (price, size) => {
  describeReducerContract<Value, number, OffGridPolicy>({
    name: 'createOffGridPolicy',
    create: () => createOffGridPolicy(grid, { price, size }),
    restore: (snapshot) => restoreOffGridPolicy(snapshot, grid, { price, size }),
    inputs: tapes,
    push: read,
    flush: () => undefined,
    refused: [
      { kind: 'price', value: 'abc' },
      { kind: 'size', value: '1e300' },
      { kind: 'price', value: '' },
    ],
    conserve: (inputs, outputs, policy) => {
      const stats = policy.stats();
      for (const [kind, step, counts] of [
        ['price', '0.01', stats.prices],
        ['size', '0.001', stats.sizes],
      ] as const) {
        let [asked, given] = [new Exact(0), new Exact(0)];
        for (const [i, input] of inputs.entries()) {
          if (input.kind !== kind) continue;
          asked = asked.plus(input.value);
          given = given.plus(new Exact(step).times(outputs[i]!));
        }
        expect(given.plus(counts.totalRemainder).eq(asked)).toBe(true);
        expect(counts.values).toBe(inputs.filter((input) => input.kind === kind).length);
        expect(new Exact(counts.largestRemainder).lt(step)).toBe(true);
      }
    },
  });
});
