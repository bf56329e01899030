import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createBookSide } from './book-side.ts';

describe.each(['bid', 'ask'] as const)('a %s side', (name) => {
  test('keeps what a sorted map keeps', () => {
    // Few prices collide often; many fill the ladder and the list; far ones and a drift make the ladder move.
    const changes = (span: number, length: number) =>
      fc.array(fc.tuple(fc.integer({ min: -span, max: span }), fc.nat({ max: 3 })), { maxLength: length });
    const drifting = fc
      .tuple(fc.integer({ min: -9, max: 9 }), changes(3000, 4000))
      .map(([drift, steps]) => steps.map(([ticks, lots], i): [number, number] => [ticks + drift * i, lots]));
    const extreme = fc.array(fc.tuple(fc.maxSafeInteger(), fc.nat({ max: 3 })), { maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof(changes(6, 60), changes(9000, 3000), drifting, extreme), fc.nat({ max: 12 }), (steps, n) => {
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
        const [ticks, lots] = [new Float64Array(n), new Float64Array(n)];
        expect(side.readTop(ticks, lots)).toBe(Math.min(n, sorted.length));
        expect(Array.from(ticks.subarray(0, sorted.length), (t, i) => [t, lots[i]])).toEqual(
          sorted.slice(0, n).map(({ priceTicks, sizeLots }) => [priceTicks, sizeLots]),
        );
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

describe('a side under a stream', () => {
  test('keeps its best price whatever the price does, at every step', () => {
    const side = createBookSide('ask');
    const model = new Map<number, number>();
    let seed = 7;
    const random = (n: number): number => (seed = (seed * 48_271) % 2_147_483_647) % n;
    for (let i = 0; i < 40_000; i += 1) {
      // Jumps far away now and then, both ways, and comes back.
      const centre = i % 9_000 < 4_500 ? i : -2 * i;
      const [ticks, lots] = [centre + random(6_000), random(3)];
      side.set(ticks, lots);
      if (lots === 0) model.delete(ticks);
      else model.set(ticks, lots);
      if (random(10) === 0) {
        const best = side.best()!;
        side.set(best.priceTicks, 0);
        model.delete(best.priceTicks);
      }
      if (i % 500 === 0) {
        const [first] = [...model].sort(([a], [b]) => a - b);
        expect(side.best()).toEqual(first && { priceTicks: first[0], sizeLots: first[1] });
      }
    }
    expect(side.size).toBe(model.size);
  });
});
