import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { createTickRule, restoreTickRule } from './tick-rule.ts';

describe('createTickRule', () => {
  test('follows the last change of price, and says when there was none', () => {
    const rule = createTickRule();
    const answers = [10, 10, 11, 11, 10, 10].map((priceTicks) => rule.push({ priceTicks }));
    expect(answers.map(({ side, confidence }) => `${side} ${confidence}`)).toEqual([
      'unknown none',
      'unknown none',
      'buy moved',
      'buy carried',
      'sell moved',
      'sell carried',
    ]);
    expect(new Set(answers.map(({ method }) => method))).toEqual(new Set(['tick-rule']));
  });

  test('reads prices of 0 and below like any other', () => {
    const rule = createTickRule();
    expect([1, 0, -1, 0].map((priceTicks) => rule.push({ priceTicks }).side)).toEqual([
      'unknown',
      'sell',
      'sell',
      'buy',
    ]);
  });

  test.skipIf(!hasRecordedData)('gives the signs of the worked examples', () => {
    const { tick_rule } = workedExamples<{ tick_rule: { prices: number[]; signs: number[] }[] }>();
    expect(tick_rule.length).toBeGreaterThan(0);
    for (const { prices, signs } of tick_rule) {
      const rule = createTickRule();
      const sides = { 0: 'unknown', 1: 'buy', [-1]: 'sell' } as Record<number, string>;
      expect(prices.map((priceTicks) => rule.push({ priceTicks }).side)).toEqual(signs.map((sign) => sides[sign]));
    }
  });

  test.each([NaN, 0.5, 2 ** 53, Infinity])(
    'a price of %d is refused, and the side before it still counts',
    (priceTicks) => {
      const rule = createTickRule();
      rule.push({ priceTicks: 10 });
      rule.push({ priceTicks: 11 });
      expect(() => rule.push({ priceTicks })).toThrow(expect.objectContaining({ code: 'bad-trade' }));
      expect(rule.push({ priceTicks: 11 })).toEqual({ side: 'buy', method: 'tick-rule', confidence: 'carried' });
    },
  );

  test('refuses the snapshot of another module', () => {
    expect(() => restoreTickRule({ v: 1, kind: 'cvd' } as never)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

describeReducerContract({
  name: 'createTickRule',
  create: createTickRule,
  restore: restoreTickRule,
  inputs: fc.array(fc.record({ priceTicks: fc.constantFrom(-1, -0, 0, 1, 2) }), { maxLength: 20 }),
  refused: [{ priceTicks: NaN }, { priceTicks: 0.5 }],
  conserve: (prints, answers) => expect(answers.length).toBe(prints.length),
});
