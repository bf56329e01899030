import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBookSide } from './book-side.ts';

describe.each(['bid', 'ask'] as const)('a %s side', (name) => {
  test('keeps what a sorted map keeps', () => {
    // Few prices collide often; many grow the arrays beyond their first size.
    const changes = (span: number, length: number) =>
      fc.array(fc.tuple(fc.integer({ min: -span, max: span }), fc.nat({ max: 3 })), { maxLength: length });
    fc.assert(
      fc.property(fc.oneof(changes(6, 60), changes(5000, 1500)), fc.nat({ max: 12 }), (steps, n) => {
        const side = createBookSide(name);
        const model = new Map<number, number>();
        for (const [ticks, lots] of steps) {
          side.set(ticks, lots);
          if (lots === 0) model.delete(ticks);
          else model.set(ticks, lots);
        }
        const sorted = [...model]
          .sort(([a], [b]) => (name === 'bid' ? b - a : a - b))
          .map(([priceTicks, sizeLots]) => ({ priceTicks, sizeLots }));
        expect(side.size).toBe(sorted.length);
        expect(side.best()).toEqual(sorted[0]);
        expect(side.top(n)).toEqual(sorted.slice(0, n));
        expect(side.top(Infinity)).toEqual(sorted);
      }),
    );
  });

  test('forgets every level on clear', () => {
    const side = createBookSide(name);
    side.set(5, 1);
    side.clear();
    expect([side.size, side.best(), side.top(9)]).toEqual([0, undefined, []]);
    side.set(0, 2);
    expect(side.best()).toEqual({ priceTicks: 0, sizeLots: 2 });
  });
});
