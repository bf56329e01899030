import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createExactSums } from './exact-sums.ts';

const safe = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -9, max: 9 }), fc.constant(Number.MAX_SAFE_INTEGER));

describe('createExactSums', () => {
  test('sums like BigInt, over JSON anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 2 }), safe)), fc.nat(), (steps, cut) => {
        let sums = createExactSums(3);
        const model = [0n, 0n, 0n];
        for (const [n, [i, value]] of steps.entries()) {
          if (n === cut % steps.length) {
            sums = createExactSums(3, JSON.parse(JSON.stringify(sums.toJson())) as (number | string)[]);
          }
          sums.add(i, value);
          model[i]! += BigInt(value);
        }
        expect(sums.values().map(BigInt)).toEqual(model);
        expect(sums.values().map((sum) => typeof sum)).toEqual(
          model.map((sum) => (Number.isSafeInteger(Number(sum)) ? 'number' : 'bigint')),
        );
      }),
    );
  });

  test('comes back from beyond 2^53 as a number, without a minus zero', () => {
    const sums = createExactSums(1);
    for (const value of [Number.MAX_SAFE_INTEGER, 5, -5, -Number.MAX_SAFE_INTEGER]) sums.add(0, value);
    expect(sums.at(0)).toBe(0);
    sums.clear();
    sums.add(0, -0);
    expect(sums.toJson()).toEqual([0]);
  });
});
