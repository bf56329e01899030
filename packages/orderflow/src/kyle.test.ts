import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import { tradeColumns } from './columns.ts';
import { addExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import { createGrid } from './grid.ts';
import { createKyle, kyleDefaults, kyleLambda, kyleLambdaInPrice, kyleOfColumns, restoreKyle } from './kyle.ts';
import type { KyleInterval } from './kyle.ts';
import type { Aggressor, TickTrade } from './market.ts';

const print = (timeMs: number, priceTicks: number, sizeLots: number, side: Aggressor): TickTrade => ({
  timeMs,
  priceTicks,
  sizeLots,
  side,
});

/** Park and Miller's generator, as in goldens/make_impact.py. */
function* minstd(seed: number): Generator<number, never> {
  for (;;) yield (seed = (seed * 48271) % 2147483647);
}
function golden(): { x: number[]; y: number[] } {
  const random = minstd(7);
  const next = () => random.next().value;
  const x = Array.from({ length: 500 }, () => (next() % 2001) - 1000);
  return { x, y: x.map((value) => Math.floor(value / 100) + (next() % 21) - 10) };
}

describe('kyleLambda', () => {
  test('1, 2, −1 and 0 lots that move the price by half as much give 0.5', () => {
    expect(kyleLambda([1, 2, -1, 0], [0.5, 1, -0.5, 0])).toEqual({
      lambda: 0.5,
      intercept: 0,
      n: 4,
      r2: 1,
      t: undefined,
    });
  });

  test.skipIf(!hasRecordedData)('gives the worked examples', () => {
    type Row = Record<'x' | 'y', number[]> & Record<'lambda' | 'intercept' | 'r2', number>;
    const { kyle } = workedExamples<{ kyle: Row[] }>();
    expect(kyle.length).toBeGreaterThan(0);
    for (const { x, y, ...expected } of kyle) expect(kyleLambda(x, y)).toMatchObject(expected);
  });

  test('500 pairs give what exact fractions give', () => {
    const { x, y } = golden();
    const fit = kyleLambda(x, y)!;
    expect(fit.lambda).toBeCloseTo(0.009866421117113191, 12);
    expect(fit.intercept).toBeCloseTo(-0.5385720103161978, 12);
    expect(fit.r2).toBeCloseTo(0.4937713837438171, 12);
    expect(fit.t).toBeCloseTo(22.0396292302191, 9);
  });

  test('has no value over flow that never varies, or beyond what a double can square', () => {
    expect(kyleLambda([], [])).toBeUndefined();
    expect(kyleLambda([3, 3], [1, 2])).toBeUndefined();
    expect(kyleLambda([1e308, -1e308, 0], [1, 2, 3])).toBeUndefined();
  });

  test('refuses what is no series of pairs', () => {
    expect(() => kyleLambda([1], [])).toThrow(expect.objectContaining({ code: 'bad-columns' }));
    expect(() => kyleLambda([1, NaN], [1, 1])).toThrow(expect.objectContaining({ code: 'bad-value' }));
  });

  test('2 ticks of 0.01 a lot of 0.001 are 20 of currency a unit', () => {
    expect(kyleLambdaInPrice(createGrid({ tickSize: '0.01', lotSize: '0.001' }), 2)).toBe(20);
  });
});

describe('createKyle', () => {
  test('takes the change of the last price, from interval to interval', () => {
    const kyle = createKyle({ everyMs: 1000 });
    expect(kyle.push(print(0, 100, 3, 'buy'))).toBeUndefined();
    expect(kyle.push(print(1000, 101, 4, 'buy'))).toEqual({
      startMs: 0,
      signedLots: 3,
      unknownLots: 0,
      trades: 1,
      priceChangeTicks: undefined,
      fit: undefined,
    });
    kyle.push(print(1500, 108, 5, 'unknown'));
    kyle.push(print(1999, 104, 2, 'sell'));
    expect(kyle.flush()).toMatchObject({ signedLots: 2, unknownLots: 5, trades: 3, priceChangeTicks: 4 });
    expect(kyle.flush()).toBeUndefined();
  });

  test('a λ of 2 ticks a lot, found again', () => {
    const kyle = createKyle({ everyMs: 1000 });
    const tape: [number, number, number, Aggressor][] = [
      [0, 100, 1, 'buy'],
      [1000, 102, 1, 'buy'],
      [2000, 106, 2, 'buy'],
      [3000, 104, 1, 'sell'],
    ];
    for (const row of tape) kyle.push(print(...row));
    kyle.flush();
    expect(kyle.fit()).toEqual({ lambda: 2, intercept: 0, n: 3, r2: 1, t: undefined });
  });

  test('a window of 60 intervals gives what exact fractions give of the last 60 pairs, all pairs of all', () => {
    const { x, y } = golden();
    const run = (window: number | 'all') => {
      const kyle = createKyle({ everyMs: 10, window });
      kyle.push(print(0, 0, 0, 'buy'));
      let ticks = 0;
      x.forEach((lots, i) => {
        ticks += y[i]!;
        kyle.push(print((i + 1) * 10, ticks, Math.abs(lots), lots < 0 ? 'sell' : 'buy'));
      });
      return kyle.flush()!.fit!;
    };
    expect(run(60).lambda).toBeCloseTo(0.009507927017687415, 14);
    expect(run(60).r2).toBeCloseTo(0.47874838112156026, 14);
    expect(run(60).t).toBeCloseTo(7.298673690014629, 11);
    expect(run('all').lambda).toBeCloseTo(0.009866421117113191, 14);
    expect(run('all').intercept).toBeCloseTo(-0.5385720103161978, 14);
    expect(run('all').t).toBeCloseTo(22.0396292302191, 11);
  });

  test('a late print is counted and left out', () => {
    const kyle = createKyle({ everyMs: 10 });
    kyle.push(print(25, 100, 1, 'buy'));
    expect(kyle.push(print(19, 900, 7, 'sell'))).toBeUndefined();
    kyle.push(print(20, 101, 1, 'buy'));
    expect([kyle.lateTrades, kyle.lateLots]).toEqual([1, 7]);
    expect(kyle.flush()).toMatchObject({ startMs: 20, signedLots: 2, trades: 2 });
  });

  test.each([{ everyMs: 0 }, { everyMs: 1.5 }, { window: 2 }, { window: NaN }, { window: 'most' as never }])(
    'the options %j are refused',
    (options) => {
      expect(() => createKyle(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createKyle().snapshot();
    expect(snapshot.options).toEqual(kyleDefaults);
    expect(() => restoreKyle(snapshot, { everyMs: 5 })).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    expect(() => restoreKyle({ ...snapshot, kind: 'ofi' } as never)).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

const most = Number.MAX_SAFE_INTEGER;
const tapes: fc.Arbitrary<TickTrade[]> = fc.array(
  fc.record({
    timeMs: fc.constantFrom(-0, 0, 3, 7, 12, 18, 25, 31, 44, 1e15),
    priceTicks: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: -3, max: 9 }) }, fc.constantFrom(most, -most)),
    sizeLots: fc.oneof({ weight: 9, arbitrary: fc.nat({ max: 9 }) }, fc.constantFrom(0, most)),
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
  }),
  { maxLength: 25 },
);
const options = { everyMs: 10, window: 3 };
describeReducerContract({
  name: 'createKyle',
  create: () => createKyle(options),
  restore: (snapshot: never) => restoreKyle(snapshot, options),
  inputs: tapes,
  refused: [
    print(NaN, 1, 1, 'buy'),
    print(0, 0.5, 1, 'buy'),
    print(0, 1, -1, 'buy'),
    print(1.7e308, 1, 2 ** 53, 'sell'),
  ],
  batch: (tape): readonly KyleInterval[] => {
    const { values, last } = kyleOfColumns(tradeColumns(tape), options);
    return [...values, last].filter((value) => value !== undefined);
  },
  conserve: (tape, outputs, kyle) => {
    const sum = (lots: readonly ExactInt[]): ExactInt => lots.reduce<ExactInt>(addExact, 0);
    const given = outputs.reduce((count, { trades }) => count + trades, 0);
    expect(given + kyle.lateTrades).toBe(tape.length);
    if (kyle.lateTrades === 0) {
      const signed = tape.map(({ side, sizeLots }) => (side === 'buy' ? sizeLots : side === 'sell' ? -sizeLots : 0));
      expect(sum(outputs.map(({ signedLots }) => signedLots))).toBe(sum(signed));
    }
    for (const { fit } of outputs) {
      for (const value of Object.values(fit ?? {})) expect(value === undefined || Number.isFinite(value)).toBe(true);
    }
  },
});
