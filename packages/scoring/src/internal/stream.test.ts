import { describe, expect, test } from 'vitest';
import { isScoringError } from '../errors.ts';
import type { IndicatorSnapshot, IndicatorStream } from '../indicators.ts';
import { createAdx, createAtr, createCmf, createHma, createSma, createVwma, createWma } from '../indicators.ts';
import { restoreAdx, restoreAtr, restoreCmf, restoreHma, restoreSma, restoreVwma, restoreWma } from '../indicators.ts';

const refusalOf = (call: () => unknown): unknown => {
  try {
    return call() && 'taken';
  } catch (error) {
    return isScoringError(error) ? error.code : error;
  }
};
const bar = (i: number) => ({ high: 11 + (i % 5), low: 9 - (i % 3), close: 10, volume: 1 + (i % 4) });

describe('a restored stream', () => {
  const cases: [name: string, IndicatorSnapshot, (snapshot: IndicatorSnapshot) => unknown][] = [];
  const add = <Input>(
    name: string,
    stream: IndicatorStream<Input, unknown>,
    inputOf: (i: number) => Input,
    restore: (snapshot: IndicatorSnapshot) => unknown,
  ): void => {
    for (let i = 0; i < 60; i++) stream.push(inputOf(i));
    cases.push([name, stream.snapshot(), restore]);
  };
  add('atr', createAtr(), bar, restoreAtr);
  add('adx', createAdx(), bar, restoreAdx);
  add('hma', createHma(), (i) => 10 + (i % 7), restoreHma);
  add('sma', createSma(), (i) => 10 + (i % 7), restoreSma);
  add('wma', createWma(), (i) => 10 + (i % 7), restoreWma);
  add('vwma', createVwma(), bar, restoreVwma);
  add('cmf', createCmf(), bar, restoreCmf);

  test.each(cases)('of %s has no number that no bars lead to', (_name, snapshot, restore) => {
    snapshot.state.forEach((_value, i) => {
      for (const put of [1e308, -1e308, Number.NaN, 'x', null]) {
        const state = snapshot.state.map((value, k) => (k === i ? put : value)) as number[];
        expect(refusalOf(() => restore({ ...snapshot, state }))).toBe('bad-snapshot');
      }
    });
    expect(refusalOf(() => restore(snapshot))).toBe('taken');
  });

  test.each(cases)('of %s does not make room for a window that no symbol is worth', (_name, snapshot, restore) => {
    for (const period of [0, -1, 1.5, 4e9, 1e308]) {
      expect(refusalOf(() => restore({ ...snapshot, options: { ...snapshot.options, period } }))).toBe('bad-snapshot');
    }
  });
});

test('a period above a million bars is refused before memory is taken for it', () => {
  expect(() => createSma({ period: 1e9 })).toThrow(
    'period "1000000000" is not a whole number up to 1,000,000. Pass a number of bars, for example 14.',
  );
});
