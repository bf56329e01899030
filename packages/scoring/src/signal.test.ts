import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Signal } from './signal.ts';
import { signalOf, signalScaleDefaults } from './signal.ts';

const mirror: Readonly<Record<Signal, Signal>> = {
  'strong-sell': 'strong-buy',
  sell: 'buy',
  neutral: 'neutral',
  buy: 'sell',
  'strong-buy': 'strong-sell',
};
const all = Object.keys(mirror) as Signal[];

describe('signalOf', () => {
  test('has its default thresholds at 25, 40, 60 and 75', () => {
    expect(signalScaleDefaults).toEqual({ buy: 60, strongBuy: 75, hysteresis: 2 });
    expect([0, 25, 25.000001, 40, 40.000001, 50, 59.999999, 60, 74.999999, 75, 100].map((s) => signalOf(s))).toEqual([
      'strong-sell',
      'strong-sell',
      'sell',
      'sell',
      'neutral',
      'neutral',
      'neutral',
      'buy',
      'buy',
      'strong-buy',
      'strong-buy',
    ]);
  });

  test('gives a signal up only 2 points behind its threshold', () => {
    expect([59.9, 58, 57.9].map((s) => signalOf(s, { previous: 'buy' }))).toEqual(['buy', 'buy', 'neutral']);
    expect([74, 73, 72.9, 58, 57.9].map((s) => signalOf(s, { previous: 'strong-buy' }))).toEqual([
      'strong-buy',
      'strong-buy',
      'buy',
      'buy',
      'neutral',
    ]);
    expect([41, 42, 42.1].map((s) => signalOf(s, { previous: 'sell' }))).toEqual(['sell', 'sell', 'neutral']);
  });

  test('does not make a signal stronger or turn it round by hysteresis', () => {
    expect(signalOf(74, { previous: 'buy' })).toBe('buy');
    expect(signalOf(59, { previous: 'sell' })).toBe('neutral');
    expect(signalOf(61, { previous: 'strong-sell' })).toBe('buy');
  });

  test('is symmetric around 50, with any previous signal', () => {
    fc.assert(
      fc.property(fc.nat(400), fc.option(fc.constantFrom(...all)), (quarter, previous) => {
        const score = quarter / 4;
        const mirrored = signalOf(100 - score, { previous: previous && mirror[previous] });
        expect(mirrored).toBe(mirror[signalOf(score, { previous })]);
      }),
    );
  });

  test('takes its thresholds as data', () => {
    const scale = { buy: 55, strongBuy: 90, hysteresis: 0 };
    expect(signalOf(55, { scale })).toBe('buy');
    expect(signalOf(54.9, { scale, previous: 'buy' })).toBe('neutral');
    expect(signalOf(10, { scale })).toBe('strong-sell');
  });

  test.each([
    { buy: 50, strongBuy: 75, hysteresis: 0 },
    { buy: 60, strongBuy: 60, hysteresis: 2 },
    { buy: 60, strongBuy: 101, hysteresis: 2 },
    { buy: 60, strongBuy: 75, hysteresis: 10 },
    { buy: 60, strongBuy: 75, hysteresis: Number.NaN },
    { buy: 60, strongBuy: 75, hysteresis: null as unknown as number },
    { buy: '60' as unknown as number, strongBuy: 75, hysteresis: 2 },
  ])('a scale out of order is refused: $buy, $strongBuy, $hysteresis', (scale) => {
    expect(() => signalOf(50, { scale })).toThrow(
      `signal scale "buy ${scale.buy}, strongBuy ${scale.strongBuy}, hysteresis ${scale.hysteresis}" is out of order, ` +
        'expected 50 < buy < strongBuy ≤ 100 and 0 ≤ hysteresis < buy − 50. Pass for example 60, 75 and 2.',
    );
  });

  test('a previous signal that is none is refused, and null is none before', () => {
    for (const previous of ['hold', 'toString', 5, '']) {
      expect(() => signalOf(41, { previous: previous as Signal })).toThrow(
        `previous signal "${previous}" is not one of strong-sell, sell, neutral, buy, strong-buy. Leave it out at first.`,
      );
    }
    expect(signalOf(41, { previous: null })).toBe('neutral');
  });

  test('a score that is none is refused', () => {
    for (const score of [Number.NaN, null, '60', undefined, [70], true, -1, 101]) {
      expect(() => signalOf(score as number)).toThrow(
        `score "${String(score)}" is not a number from 0 to 100. An unknown score has no signal.`,
      );
    }
  });
});
