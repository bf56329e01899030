import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { quoteColumns } from './columns.ts';
import type { TickQuote } from './market.ts';
import {
  createQueueImbalanceSamples,
  fitQueueImbalance,
  queueImbalance,
  queueImbalanceSamplesOfColumns,
  restoreQueueImbalanceSamples,
  upProbability,
} from './queue-imbalance.ts';
import type { QueueImbalanceSample } from './queue-imbalance.ts';

const quote = (bidTicks: number, bidLots: number, askTicks: number, askLots: number): TickQuote => ({
  bidTicks,
  bidLots,
  askTicks,
  askLots,
});

/** The generator of goldens/make_fair_price.py. */
function generator(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
}

function goldenSamples(): QueueImbalanceSample[] {
  const next = generator(11);
  return Array.from({ length: 400 }, () => {
    const percent = (next() % 201) - 100;
    return { imbalance: percent / 100, up: next() % 1000 < 460 + 3 * percent };
  });
}

test('queueImbalance is (3 − 1) ÷ (3 + 1), and unknown without a quote or size', () => {
  expect(queueImbalance(quote(100, 3, 101, 1))).toBe(0.5);
  expect(queueImbalance(quote(100, 0, 101, 1))).toBe(-1);
  expect([queueImbalance(undefined), queueImbalance(quote(100, 0, 101, 0))]).toEqual([undefined, undefined]);
  expect(() => queueImbalance(quote(100, -1, 101, 1))).toThrow(expect.objectContaining({ code: 'bad-quote' }));
});

describe('fitQueueImbalance', () => {
  test('finds the coefficients, errors and loss of the fit in 50 digits', () => {
    const model = fitQueueImbalance(goldenSamples());
    expect(model.n).toBe(400);
    expect(model.ups).toBe(203);
    expect(model.intercept).toBeCloseTo(0.0586356794335824, 10);
    expect(model.slope).toBeCloseTo(1.3060044325044047, 10);
    expect(model.interceptError).toBeCloseTo(0.10681806610531215, 10);
    expect(model.slopeError).toBeCloseTo(0.19500556258624843, 10);
    expect(model.logLoss).toBeCloseTo(0.6300295718202645, 12);
    expect(model.nullLogLoss).toBeCloseTo(-(203 * Math.log(203 / 400) + 197 * Math.log(197 / 400)) / 400, 12);
    expect(model.iterations).toBeLessThan(20);
  });

  test('one of three ups at −0.5, two of three at 0.5: log-odds ∓ln 2, so the slope is 2·ln 2', () => {
    const at = (imbalance: number, ups: number) => [0, 1, 2].map((i) => ({ imbalance, up: i < ups }));
    const model = fitQueueImbalance([...at(-0.5, 1), ...at(0.5, 2)]);
    expect(model.intercept).toBeCloseTo(0, 12);
    expect(model.slope).toBeCloseTo(2 * Math.LN2, 12);
    expect(upProbability(model, 0.5)).toBeCloseTo(2 / 3, 12);
    expect(upProbability(model, -0.5)).toBeCloseTo(1 / 3, 12);
    expect(model.accuracy).toBe(4 / 6);
  });

  test('data with their mirror image have the intercept 0', () => {
    const samples = goldenSamples();
    const mirrored = samples.map(({ imbalance, up }) => ({ imbalance: 0 - imbalance, up: !up }));
    const model = fitQueueImbalance([...samples, ...mirrored]);
    expect(model.intercept).toBeCloseTo(0, 12);
    expect(model.slope).toBeCloseTo(1.3, 1);
    expect(upProbability(model, 0)).toBeCloseTo(0.5, 12);
  });

  test('no direction in the data is a slope of 0 and an accuracy of one half', () => {
    const samples = [-1, 1].flatMap((imbalance) => [true, false].map((up) => ({ imbalance, up })));
    expect(fitQueueImbalance(samples)).toMatchObject({ intercept: 0, slope: 0, accuracy: 0.5, logLoss: Math.LN2 });
  });

  test('finds the steep slope of data next to separable', () => {
    // Down at −1 and up at 1 a thousand times each, and the wrong way round once each: log-odds of ±ln 1000.
    const many = [-1, 1].flatMap((imbalance) =>
      Array.from({ length: 1001 }, (_, i) => ({ imbalance, up: i === 0 ? imbalance < 0 : imbalance > 0 })),
    );
    expect(fitQueueImbalance(many).slope).toBeCloseTo(Math.log(1000), 10);
  });

  const sample = (imbalance: number, up: boolean) => ({ imbalance, up });
  test.each([
    ['nothing', []],
    ['ups only', [sample(-0.5, true), sample(0.5, true)]],
    ['downs only', [sample(-0.5, false), sample(0.5, false)]],
    ['a gap between downs and ups', [sample(-0.5, false), sample(0.5, true)]],
    ['a gap the other way round', [sample(-0.5, true), sample(0.5, false)]],
    ['one imbalance between them', [sample(-0.5, false), sample(0, false), sample(0, true), sample(0.5, true)]],
    ['one imbalance for all', [sample(0.5, false), sample(0.5, true)]],
  ])('refuses %s, which one imbalance separates', (_, samples) => {
    expect(() => fitQueueImbalance(samples)).toThrow(expect.objectContaining({ code: 'bad-value' }));
  });

  test('says what separates', () => {
    expect(() => fitQueueImbalance([sample(-0.5, false), sample(0.25, true)])).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: 2 samples with downs from -0.5 to -0.5 and ups from 0.25 to 0.25 are separated by one imbalance, so no finite slope is the best. Collect more samples.]`,
    );
    expect(() => fitQueueImbalance([sample(-0.5, false)])).toThrow(/and no ups are separated/);
  });

  test.each([NaN, Infinity, 1.01, -2])('refuses the imbalance %s', (imbalance) => {
    const samples = [...goldenSamples(), sample(imbalance, true)];
    expect(() => fitQueueImbalance(samples)).toThrow(expect.objectContaining({ code: 'bad-value' }));
    expect(() => upProbability(fitQueueImbalance(goldenSamples()), imbalance)).toThrow(
      expect.objectContaining({ code: 'bad-value' }),
    );
  });

  test('any samples give a finite model that beats the null model, or bad-value', () => {
    const imbalances = fc.oneof(
      fc.double({ min: -1, max: 1, noNaN: true }),
      fc.integer({ min: -5, max: 5 }).map((fifths) => fifths / 5),
    );
    const any = fc.array(fc.record({ imbalance: imbalances, up: fc.boolean() }), { size: 'medium' });
    let fitted = 0;
    fc.assert(
      fc.property(any, (samples) => {
        try {
          const model = fitQueueImbalance(samples);
          fitted += 1;
          for (const value of Object.values(model)) {
            if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
          }
          expect(model.logLoss).toBeLessThanOrEqual(model.nullLogLoss * (1 + 1e-9));
          const p = upProbability(model, 0.3)!;
          expect(p >= 0 && p <= 1).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: 'bad-value' });
        }
      }),
      { numRuns: 500, seed: 3 },
    );
    expect(fitted).toBeGreaterThan(100);
  });

  test('the model survives JSON, and no other object passes for one', () => {
    const model = fitQueueImbalance(goldenSamples());
    expect(upProbability(JSON.parse(JSON.stringify(model)) as typeof model, 0.4)).toBe(upProbability(model, 0.4));
    expect(upProbability(model, undefined)).toBeUndefined();
    expect(() => upProbability({ ...model, kind: 'ofi' } as never, 0)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

describe('createQueueImbalanceSamples', () => {
  const tape = [quote(100, 4, 101, 4), quote(100, 3, 101, 1), quote(100, 3, 102, 9), quote(99, 5, 101, 5)];

  test('labels the imbalance right before a move of the mid: 0.5 went up, −0.5 went down', () => {
    const samples = createQueueImbalanceSamples();
    expect(tape.map((next) => samples.push(next))).toEqual([
      undefined,
      undefined,
      { imbalance: 0.5, up: true },
      { imbalance: -0.5, up: false },
    ]);
    expect(samples.counts()).toEqual({ pushes: 4, unknown: 0, crossed: 0, samples: 2 });
  });

  test('labels the first imbalance after the move before, if asked to', () => {
    const samples = queueImbalanceSamplesOfColumns(
      quoteColumns(tape.map((next, timeMs) => ({ timeMs, quote: next }))),
      {
        quote: 'first',
      },
    );
    expect(samples).toEqual([undefined, undefined, { imbalance: 0, up: true }, { imbalance: -0.5, up: false }]);
  });

  test.each([
    ['no quote', undefined],
    ['an empty bid', quote(100, 0, 101, 1)],
    ['a locked quote', quote(101, 1, 101, 1)],
    ['a crossed quote', quote(105, 1, 101, 1)],
  ])('gives no sample over %s', (_, gap) => {
    const samples = createQueueImbalanceSamples();
    samples.push(tape[0]);
    samples.push(gap);
    expect(samples.push(quote(200, 1, 201, 1))).toBeUndefined();
    const { unknown, crossed } = samples.counts();
    expect(unknown + crossed).toBe(1);
    expect(samples.push(quote(201, 1, 202, 1))).toEqual({ imbalance: 0, up: true });
  });

  test('a spread that opens evenly moves no mid', () => {
    const samples = createQueueImbalanceSamples();
    samples.push(quote(100, 1, 101, 1));
    expect(samples.push(quote(99, 1, 102, 1))).toBeUndefined();
  });

  test('tells moves apart beyond 2^53', () => {
    const samples = createQueueImbalanceSamples();
    const high = Number.MAX_SAFE_INTEGER;
    samples.push(quote(high - 2, 1, high, 1));
    expect(samples.push(quote(high - 1, 1, high, 1))).toEqual({ imbalance: 0, up: true });
  });

  test('refuses an unknown choice, and options other than those of the snapshot', () => {
    expect(() => createQueueImbalanceSamples({ quote: 'middle' as never })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
    const snapshot = createQueueImbalanceSamples({ quote: 'first' }).snapshot();
    expect(restoreQueueImbalanceSamples(snapshot).snapshot()).toEqual(snapshot);
    expect(() => restoreQueueImbalanceSamples(snapshot, { quote: 'last' })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

const size = fc.oneof({ weight: 6, arbitrary: fc.nat(9) }, fc.maxSafeNat(), fc.constant(-0));
const price = fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -3, max: 3 }) }, fc.maxSafeInteger(), fc.constant(-0));
const quotes = fc.record({ bidTicks: price, bidLots: size, askTicks: price, askLots: size });

describe.each(['last', 'first'] as const)('the %s quote', (which) => {
  const options = { quote: which };
  describeReducerContract({
    name: 'createQueueImbalanceSamples',
    create: () => createQueueImbalanceSamples(options),
    restore: (snapshot) => restoreQueueImbalanceSamples(snapshot, options),
    inputs: fc.array(fc.option(quotes, { nil: undefined, freq: 9 }), { maxLength: 25 }),
    push: (samples, next) => [samples.push(next)],
    refused: [quote(0.5, 1, 2, 1), quote(NaN, 1, 2, 1), quote(1, -1, 2, 1), quote(1, 1, 2, 2 ** 53)],
    batch: (tape) =>
      queueImbalanceSamplesOfColumns(quoteColumns(tape.map((next, timeMs) => ({ timeMs, quote: next }))), options),
    conserve: (tape, outputs, samples) => {
      const counts = samples.counts();
      expect(counts.pushes).toBe(tape.length);
      expect(counts.samples).toBe(outputs.filter((sample) => sample !== undefined).length);
      for (const sample of outputs) if (sample) expect(Math.abs(sample.imbalance)).toBeLessThanOrEqual(1);
    },
  });
});
