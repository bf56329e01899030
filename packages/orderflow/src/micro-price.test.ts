import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { quoteColumns } from './columns.ts';
import { createGrid } from './grid.ts';
import { microPriceTerms } from './internal/fits/micro-price-terms.ts';
import type { TickQuote } from './market.ts';
import {
  createMicroPriceFit,
  fitMicroPrice,
  microPrice,
  microPriceAdjustment,
  microPriceDecimal,
  microPriceDefaults,
  microPricesOfColumns,
  restoreMicroPriceFit,
} from './micro-price.ts';

const quote = (bidTicks: number, bidLots: number, askTicks: number, askLots: number): TickQuote => ({
  bidTicks,
  bidLots,
  askTicks,
  askLots,
});
const mirrorOf = ({ bidTicks, bidLots, askTicks, askLots }: TickQuote): TickQuote =>
  quote(0 - askTicks, askLots, 0 - bidTicks, bidLots);
const columnsOf = (tape: readonly (TickQuote | undefined)[]) =>
  quoteColumns(tape.map((next, timeMs) => ({ timeMs, quote: next })));

/** The tape of goldens/make_fair_price.py: thin sides give way. */
function goldenTape(): (TickQuote | undefined)[] {
  let state = 7;
  const next = (): number => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 8;
  let bid = 1000;
  return Array.from({ length: 600 }, (_, i) => {
    const spread = next() % 3 === 0 ? 2 : 1;
    const [bidLots, askLots, r] = [1 + (next() % 9), 1 + (next() % 9), next()];
    const now = i % 97 === 96 ? undefined : quote(bid, bidLots, bid + spread, askLots);
    if (bidLots > askLots && r % 5 === 0) bid += 1;
    if (askLots > bidLots && r % 7 === 0) bid -= 1;
    return now;
  });
}

describe('microPriceTerms', () => {
  test('of two states are ∓1/12, and 0 from the second term on', () => {
    const { terms, sum } = microPriceTerms([0.6, 0.2, 0.2, 0.6], [-0.05, 0.05], [0.1, 0.1, 0.1, 0.1], 2)!;
    [-1 / 12, 1 / 12, 0, 0].forEach((g, i) => expect(terms[i >> 1]![i % 2]).toBeCloseTo(g, 15));
    expect(sum[1]).toBeCloseTo(1 / 12, 15);
  });

  test.skipIf(!hasRecordedData)('give the worked examples', () => {
    type Matrix = number[][];
    const { stoikov } = workedExamples<{
      stoikov: Record<'Q' | 'R2', Matrix>[] & { R1k: number[]; g1: number[]; g2: number[] }[];
    }>();
    expect(stoikov.length).toBeGreaterThan(0);
    for (const { Q, R1k, R2, g1, g2 } of stoikov) {
      const { terms } = microPriceTerms(Q.flat(), R1k, R2.flat(), 2)!;
      [g1, g2].forEach((g, k) => g.forEach((value, i) => expect(terms[k]![i]).toBeCloseTo(value, 12)));
    }
  });

  test('tend to the price of a chain that its Poisson equation gives without them: ∓69/220 and ∓43/220 ticks', () => {
    const twentieths = (...values: number[]) => values.map((value) => value / 20);
    const stay = twentieths(10, 3, 1, 0, 3, 10, 0, 1, 2, 1, 6, 3, 1, 2, 3, 6);
    const move = twentieths(1, 2, 2, 1, 2, 1, 1, 2, 4, 3, 1, 0, 3, 4, 0, 1);
    const { terms, sum } = microPriceTerms(stay, [-1 / 5, 1 / 5, -1 / 8, 1 / 8], move, 40)!;
    [-69 / 220, 69 / 220, -43 / 220, 43 / 220].forEach((price, i) => expect(sum[i]).toBeCloseTo(price, 12));
    expect(Math.abs(terms.at(-1)![0]!)).toBeLessThan(1e-12);
  });

  test('are 0 where no move is ever reached', () => {
    // State 0 moves up half of the time, else it falls into 1 and 2, which never leave each other.
    const { terms } = microPriceTerms([0, 0.5, 0, 0, 0, 1, 0, 1, 0], [0.5, 0, 0], [0.5, 0, 0, 0, 0, 0, 0, 0, 0], 2)!;
    expect([...terms[0]!, ...terms[1]!]).toEqual([0.5, 0, 0, 0.25, 0, 0]);
  });

  test('do not exist where a move is too rare for floating point', () => {
    expect(microPriceTerms([0, 1, 1, 0], [1e-17, 0], [1e-17, 0, 0, 0], 2)).toBeUndefined();
  });
});

describe('fitMicroPrice', () => {
  const model = fitMicroPrice(goldenTape(), { imbalanceBuckets: 4, maxSpreadTicks: 2 });

  test('finds the adjustments that fractions find from transitions and their mirror images, one by one', () => {
    const golden = [
      -0.16852819909327352, -0.14595902530899943, 0.14595902530899943, 0.16852819909327352, -0.22923419224172564,
      -0.2246484137399037, 0.2246484137399037, 0.22923419224172564,
    ];
    golden.forEach((ticks, state) => expect(model.adjustmentsTicks[state]).toBeCloseTo(ticks, 12));
    expect(model.lastTermTicks).toBeCloseTo(7.413397310849474e-8, 15);
    expect(model).toMatchObject({ v: 1, kind: 'micro-price', transitions: 600 - 1 - 2 * 6 });
  });

  test('prices the state of a quote: 2 lots of 10 on a spread of one tick are bucket 0 of 4', () => {
    const [thin, , , thick] = model.adjustmentsTicks;
    expect(microPrice(model, quote(1000, 2, 1001, 8))).toBe(1000.5 + thin!);
    expect(microPrice(model, quote(1000, 8, 1001, 2))).toBe(1000.5 + thick!);
    // 9 ticks share the state of 2, and equal sizes are the middle.
    expect(microPriceAdjustment(model, quote(1000, 2, 1009, 8))).toBe(model.adjustmentsTicks[4]);
    expect(microPrice(model, quote(1000, 5, 1001, 5))).toBe(1000.5);
  });

  test('an edge between two buckets belongs to the outer one on both sides: 1 of 4 and 3 of 4', () => {
    expect(microPriceAdjustment(model, quote(0, 1, 1, 3))).toBe(model.adjustmentsTicks[0]);
    expect(microPriceAdjustment(model, quote(0, 3, 1, 1))).toBe(model.adjustmentsTicks[3]);
    const huge = 2 ** 51;
    expect(microPriceAdjustment(model, quote(0, huge, 1, 3 * huge))).toBe(model.adjustmentsTicks[0]);
    expect(microPriceAdjustment(model, quote(0, huge + 1, 1, 3 * huge))).toBe(model.adjustmentsTicks[1]);
  });

  test('gives a decimal with the exact mid', () => {
    const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
    const plain = { ...model, adjustmentsTicks: [-0.125, -1e-7, 1e-7, 0.125, null, null, null, null] };
    expect(microPriceDecimal(grid, plain, quote(22114, 8, 22115, 2))).toBe('5528.65625');
    expect(microPriceDecimal(grid, plain, quote(22114, 6, 22115, 4))).toBe('5528.625000025');
    expect(microPriceDecimal(grid, plain, quote(22114, 5, 22115, 5))).toBe('5528.625');
    expect(microPriceDecimal(grid, plain, quote(22114, 8, 22117, 2))).toBeUndefined();
    expect(Number(microPriceDecimal(grid, model, quote(22114, 8, 22115, 2)))).toBeCloseTo(
      microPrice(model, quote(22114, 8, 22115, 2))! * 0.25,
      11,
    );
  });

  test('knows no price without a quote, for a crossed or empty one, and in a state never left', () => {
    const one = fitMicroPrice([quote(100, 9, 101, 1), quote(101, 1, 102, 9)], { symmetrise: false });
    expect(microPrice(one, quote(100, 9, 101, 1))).toBe(101.5);
    for (const next of [undefined, quote(100, 0, 101, 1), quote(101, 9, 101, 1), quote(102, 9, 101, 1)]) {
      expect(microPrice(one, next)).toBeUndefined();
    }
    expect(microPrice(one, quote(100, 1, 101, 9))).toBeUndefined();
    expect(microPrice(fitMicroPrice([]), quote(100, 1, 101, 9))).toBeUndefined();
    expect(() => microPrice(one, quote(100, -1, 101, 9))).toThrow(expect.objectContaining({ code: 'bad-quote' }));
    expect(() => microPrice({ ...one, v: 2 } as never, undefined)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });

  test('a state that never led to a move has the adjustment 0', () => {
    const still = fitMicroPrice([quote(100, 9, 101, 1), quote(100, 9, 101, 1)]);
    expect(microPrice(still, quote(100, 9, 101, 1))).toBe(100.5);
    expect(still).toMatchObject({ transitions: 1, midMoves: 0, lastTermTicks: 0 });
  });

  test('counts no transition over a time without a quote, and none that moves too far', () => {
    const tape = [quote(1, 1, 2, 1), undefined, quote(9, 1, 10, 1), quote(99, 1, 100, 1), quote(99, 1, 98, 1)];
    const fit = createMicroPriceFit({ maxMoveTicks: 89.5 });
    tape.forEach((next) => fit.push(next));
    fit.push(quote(5, 0, 6, 1));
    expect(fit.counts()).toEqual({ pushes: 6, unknown: 2, crossed: 1, outliers: 1, transitions: 0, midMoves: 0 });
    expect(fitMicroPrice(tape, { maxMoveTicks: 90 })).toMatchObject({ transitions: 1, midMoves: 1 });
  });

  test('a trend is in the price only without the mirror', () => {
    const rise = Array.from({ length: 20 }, (_, i) => quote(i, 5, i + 1, 5));
    expect(microPriceAdjustment(fitMicroPrice(rise, { symmetrise: false, terms: 1 }), rise[0])).toBe(1);
    expect(microPriceAdjustment(fitMicroPrice(rise), rise[0])).toBe(0);
  });

  test('gives the same from quotes, from columns and from a stream', () => {
    const tape = goldenTape();
    const columns = columnsOf(tape);
    const options = { imbalanceBuckets: 4, maxSpreadTicks: 2 };
    expect(fitMicroPrice(columns, options)).toEqual(model);
    const fit = createMicroPriceFit(options);
    tape.forEach((next) => fit.push(next));
    expect(fit.model()).toEqual(model);
    expect(microPricesOfColumns(model, columns)).toEqual(tape.map((next) => microPrice(model, next)));
  });

  test.each([
    { imbalanceBuckets: 1 },
    { imbalanceBuckets: 101 },
    { maxSpreadTicks: 0 },
    { maxSpreadTicks: 41 },
    { terms: 0 },
    { terms: 1001 },
    { maxMoveTicks: 0 },
    { maxMoveTicks: NaN },
  ])('refuses %j', (options) => {
    expect(() => createMicroPriceFit(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('the defaults are ten buckets, four spreads and six moves', () => {
    expect(microPriceDefaults).toMatchObject({ imbalanceBuckets: 10, maxSpreadTicks: 4, terms: 6, symmetrise: true });
    const snapshot = createMicroPriceFit().snapshot();
    expect(() => restoreMicroPriceFit(snapshot, { terms: 7 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
    expect(restoreMicroPriceFit(snapshot).snapshot()).toEqual(snapshot);
  });
});

const size = fc.oneof({ weight: 8, arbitrary: fc.nat(6) }, fc.maxSafeNat(), fc.constant(-0));
const price = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -2, max: 2 }) },
  fc.maxSafeInteger(),
  fc.constant(-0),
);
const anyQuote = fc.record({ bidTicks: price, bidLots: size, askTicks: price, askLots: size });
/** Mostly the right way round; a few crossed ones, and locked ones. */
const quotes = fc.tuple(anyQuote, fc.nat(9)).map(([next, cross]) => {
  const { bidTicks, askTicks } = next;
  return bidTicks > askTicks && cross > 0 ? { ...next, bidTicks: askTicks, askTicks: bidTicks } : next;
});
const tapes = fc.array(fc.option(quotes, { nil: undefined, freq: 12 }), { maxLength: 40 });
const small = { imbalanceBuckets: 4, maxSpreadTicks: 2, terms: 3 };

test('the mirror of a tape has the mirror of its prices, exactly, also in −I', () => {
  fc.assert(
    fc.property(tapes, fc.constantFrom(3, 4), (tape, imbalanceBuckets) => {
      const options = { ...small, imbalanceBuckets };
      const model = fitMicroPrice(tape, options);
      const mirrored = fitMicroPrice(
        tape.map((next) => next && mirrorOf(next)),
        options,
      );
      expect(mirrored).toEqual(model);
      for (const next of tape) {
        const adjustment = microPriceAdjustment(model, next);
        const opposite = microPriceAdjustment(model, next && mirrorOf(next));
        if (adjustment === undefined) expect(opposite).toBeUndefined();
        else {
          expect(Number.isFinite(adjustment)).toBe(true);
          expect(opposite).toBe(0 - adjustment);
        }
      }
    }),
    { numRuns: 300 },
  );
});

describeReducerContract({
  name: 'createMicroPriceFit',
  create: () => createMicroPriceFit(small),
  restore: (snapshot) => restoreMicroPriceFit(snapshot, small),
  inputs: tapes,
  push: (fit, next) => {
    fit.push(next);
    return [fit.counts()] as never;
  },
  flush: (fit) => {
    fit.flush();
    return [fit.model()] as never;
  },
  refused: [quote(0.5, 1, 2, 1), quote(NaN, 1, 2, 1), quote(1, -1, 2, 1), quote(1, 1, 2, 2 ** 53)],
  conserve: (tape, _outputs, fit) => {
    const { pushes, transitions, midMoves } = fit.counts();
    expect(pushes).toBe(tape.length);
    const sum = (triples: readonly (readonly [number, number, number])[]) =>
      triples.reduce((all, [, , q]) => all + q, 0);
    const { stay, move } = fit.snapshot();
    expect([sum(stay), sum(move)]).toEqual([4 * (transitions - midMoves), 4 * midMoves]);
    const usable = (next: TickQuote | undefined): boolean =>
      next !== undefined && next.bidTicks < next.askTicks && next.bidLots > 0 && next.askLots > 0;
    expect(transitions).toBe(tape.filter((next, i) => i > 0 && usable(next) && usable(tape[i - 1])).length);
  },
});
