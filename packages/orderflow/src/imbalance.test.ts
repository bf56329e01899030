import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { orderBookImbalance, orderBookImbalanceExact } from './imbalance.ts';

interface Example {
  readonly bids: number[];
  readonly asks: number[];
  readonly v: number;
}

describe('orderBookImbalance', () => {
  test.each([
    [[3], [2], 0.2],
    [[5], [3], 0.25],
    [[5, 8], [3, 6], 4 / 22],
    [[1000, 500], [500, 1500], -500 / 3500],
    [[7], [], 1],
    [[], [7], -1],
    [[0.5, 0.25], [0.25], 0.5],
  ])('bids %j against asks %j', (bids, asks, obi) => {
    expect(orderBookImbalance(bids, asks)).toBeCloseTo(obi, 15);
  });

  test('is unknown, not balanced, for an empty book', () => {
    expect(orderBookImbalance([], [])).toBeUndefined();
    expect(orderBookImbalance([0, 0], [0])).toBeUndefined();
  });

  test.each([NaN, -1, Infinity, undefined as never])('is unknown with the size %s', (size) => {
    expect(orderBookImbalance([5, size], [3])).toBeUndefined();
    expect(orderBookImbalance([5], [3, size])).toBeUndefined();
  });

  test('lies in −1…1 and changes its sign with the sides', () => {
    const sizes = fc.array(fc.double({ min: 0, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(sizes, sizes, (bids, asks) => {
        const obi = orderBookImbalance(bids, asks);
        if (obi === undefined) return;
        expect(Math.abs(obi)).toBeLessThanOrEqual(1);
        expect(orderBookImbalance(asks, bids)).toBe(0 - obi);
      }),
    );
  });
});

describe('orderBookImbalanceExact', () => {
  test('gives 16 digits, rounded half to even', () => {
    expect(orderBookImbalanceExact([1000, 500], [500, 1500])).toBe('-0.1428571428571429');
    expect(orderBookImbalanceExact([5, 8], [3, 6])).toBe('0.1818181818181818');
    expect(orderBookImbalanceExact([3], [2])).toBe('0.2');
    expect(orderBookImbalanceExact([4], [4])).toBe('0');
  });

  test('is exact where numbers are not', () => {
    // One lot in 2^54: 1 ÷ 18014398509481985.
    expect(orderBookImbalance([2 ** 53 + 1], [2 ** 53])).toBe(0);
    expect(orderBookImbalanceExact([9007199254740993n], [9007199254740992n])).toBe(
      '0.00000000000000005551115123125782',
    );
  });

  test('is unknown for an empty book', () => {
    expect(orderBookImbalanceExact([], [])).toBeUndefined();
    expect(orderBookImbalanceExact([0], [0n])).toBeUndefined();
  });

  test('agrees with the numbers', () => {
    const sizes = fc.array(fc.nat({ max: 1e9 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, sizes, (bids, asks) => {
        const [exact, number] = [orderBookImbalanceExact(bids, asks), orderBookImbalance(bids, asks)];
        if (number === undefined) expect(exact).toBeUndefined();
        else expect(Number(exact)).toBeCloseTo(number, 14);
      }),
    );
  });
});

test.skipIf(!hasRecordedData)('both forms give the worked examples', () => {
  const { obi, vamp } = workedExamples<{
    obi: Example[];
    vamp: { bids: number[][]; asks: number[][]; obi_2: number };
  }>();
  expect(obi.length).toBeGreaterThan(0);
  const fromVamp = { bids: vamp.bids.map((l) => l[1]!), asks: vamp.asks.map((l) => l[1]!), v: vamp.obi_2 };
  for (const { bids, asks, v } of [...obi, fromVamp]) {
    expect(orderBookImbalance(bids, asks)).toBe(v);
    expect(Number(orderBookImbalanceExact(bids, asks))).toBeCloseTo(v, 15);
  }
});
