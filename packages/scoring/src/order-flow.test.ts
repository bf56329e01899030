import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OrderFlowInput } from './order-flow.ts';
import { scoreOrderFlow } from './order-flow.ts';

const unit = fc.double({ min: -1, max: 1, noNaN: true });

describe('scoreOrderFlow', () => {
  test.each([
    [0, 0, 50],
    [1, 1, 100],
    [-1, -1, 0],
    [0.5, 0.2, 72],
    [-0.5, -0.2, 28],
    [0.25, -1, 50],
    [0, 7, 60],
  ])('OBI %s and trend %s score 50 + 40·OBI + 10·trend = %s', (obi, ofiTrend, score) => {
    expect(scoreOrderFlow({ obi, ofiTrend, quality: 'measured' }).score).toBe(score);
  });

  test('an unknown input is left out, and the known one is worth all points', () => {
    expect(scoreOrderFlow({ obi: 0.5, quality: 'measured' }).score).toBe(75);
    expect(scoreOrderFlow({ ofiTrend: -0.5, obi: null, quality: 'proxy' })).toEqual({
      name: 'order-flow',
      score: 25,
      quality: 'proxy',
      reasons: ['book imbalance is unknown and left out', 'order flow trend -0.5: no clear trend'],
      inputs: { obi: undefined, ofiTrend: -0.5 },
      rule: '50 + (40 × obi + 10 × clamp(ofiTrend)) × 50 ÷ 10',
      coverage: 0.2,
    });
  });

  test('is missing when nothing is known, not 50', () => {
    expect(scoreOrderFlow({ quality: 'measured' })).toEqual({
      name: 'order-flow',
      score: undefined,
      quality: 'missing',
      reasons: ['neither book imbalance nor order flow trend is known'],
      inputs: { obi: undefined, ofiTrend: undefined },
    });
  });

  test('says in words what it saw', () => {
    const reasonsOf = (obi: number, ofiTrend: number): readonly string[] =>
      scoreOrderFlow({ obi, ofiTrend, quality: 'measured' }).reasons;
    expect(reasonsOf(0.3, 0.6)).toEqual([
      'book imbalance 0.3: strong buying pressure',
      'order flow trend 0.6: buyers are taking over',
    ]);
    expect(reasonsOf(-0.1, -2)).toEqual([
      'book imbalance -0.1: selling pressure',
      'order flow trend -2: sellers are taking over',
    ]);
    expect(reasonsOf(0.05, 0)[0]).toBe('book imbalance 0.05: balanced');
  });

  test('mirrored flow gives exactly 100 − score', () => {
    const input = fc.record({ obi: fc.option(unit), ofiTrend: unit });
    fc.assert(
      fc.property(input, ({ obi, ofiTrend }) => {
        const one = scoreOrderFlow({ obi, ofiTrend, quality: 'measured' }).score!;
        const mirrored = { obi: obi === null ? null : -obi, ofiTrend: -ofiTrend };
        const two = scoreOrderFlow({ ...mirrored, quality: 'measured' }).score!;
        expect(Math.round(one * 1e6) + Math.round(two * 1e6)).toBe(100e6);
      }),
    );
  });

  test('refuses an imbalance that cannot be one', () => {
    expect(() => scoreOrderFlow({ obi: 1.5, quality: 'measured' })).toThrow(
      'obi "1.5" is not a number from −1 to 1. Leave it out when it is unknown.',
    );
    expect(() => scoreOrderFlow({ ofiTrend: Number.NaN, quality: 'measured' })).toThrow(
      'ofiTrend "NaN" is not a finite number. Leave it out when it is unknown.',
    );
  });
});

test.each([
  [{ obi: '0.5', quality: 'measured' }, 'obi "0.5" is not a number from −1 to 1. Leave it out when it is unknown.'],
  [{ obi: 0.5, ofiTrend: '1', quality: 'measured' }, 'ofiTrend "1" is not a finite number.'],
  [{ obi: 0.5 }, 'quality "undefined" of the order flow is not one of measured, proxy. Say how it is known.'],
  [{ obi: 0.5, quality: 'great' }, 'quality "great" of the order flow is not one of measured, proxy.'],
  [{ obi: 0.5, quality: 'measured', unknown: -1 }, 'unknown "-1" is not a whole number of at least 0.'],
  [null, 'order flow "null" is not an object.'],
])('%j is refused', (input, message) => {
  expect(() => scoreOrderFlow(input as unknown as OrderFlowInput)).toThrow(message);
});
