import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { createCvd, restoreCvd } from './cvd.ts';
import type { CvdTotals } from './cvd.ts';
import { isOrderflowError } from './errors.ts';
import { addExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { Aggressor } from './market.ts';

const print = (sizeLots: number, side: Aggressor, timeMs = 0) => ({ sizeLots, side, timeMs });

function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('createCvd', () => {
  test('adds buys, takes sells away and counts unknown volume apart', () => {
    const cvd = createCvd();
    expect(
      [print(5, 'buy'), print(8, 'sell'), print(9, 'unknown'), print(1, 'buy')].map((trade) => cvd.push(trade)),
    ).toEqual([5, -3, -3, -2]);
    expect(cvd.value).toBe(-2);
    expect(cvd.unknownLots).toBe(9);
    expect(cvd.totals()).toEqual({ cvdLots: -2, buyLots: 6, sellLots: 8, unknownLots: 9, trades: 4 });
  });

  test('stays exact beyond 2^53', () => {
    const cvd = createCvd();
    cvd.push(print(Number.MAX_SAFE_INTEGER, 'buy'));
    expect(cvd.push(print(2, 'buy'))).toBe(9007199254740993n);
    expect(cvd.push(print(3, 'sell'))).toBe(9007199254740990);
  });

  test('starts again from zero in every window of the epoch', () => {
    const cvd = createCvd({ reset: { everyMs: 60_000 } });
    expect(cvd.push(print(5, 'buy', 59_999))).toBe(5);
    expect(cvd.push(print(2, 'sell', 60_000))).toBe(-2);
    expect(cvd.totals()).toEqual({
      windowStartMs: 60_000,
      cvdLots: -2,
      buyLots: 0,
      sellLots: 2,
      unknownLots: 0,
      trades: 1,
    });
  });

  test('moves the windows by the offset: a day of UTC+7 starts at 17:00 UTC', () => {
    const cvd = createCvd({ reset: { everyMs: 86_400_000, offsetMs: -25_200_000 } });
    const hour = 3_600_000;
    expect(cvd.push(print(5, 'buy', 16 * hour))).toBe(5);
    expect(cvd.push(print(1, 'buy', 17 * hour))).toBe(1);
    expect(cvd.totals().windowStartMs).toBe(17 * hour);
  });

  test('counts a print of an ended window as late and leaves the current window alone', () => {
    const cvd = createCvd({ reset: { everyMs: 1000 } });
    cvd.push(print(5, 'buy', 1500));
    expect(cvd.push(print(100, 'sell', 999))).toBe(5);
    expect(cvd.push(print(1, 'buy', 1000))).toBe(6);
    expect([cvd.lateTrades, cvd.totals().trades]).toEqual([1, 2]);
  });

  test('refuses a size that is no whole number of lots, and is as before', () => {
    const cvd = createCvd({ reset: { everyMs: 1000 } });
    cvd.push(print(5, 'buy', 500));
    const before = cvd.snapshot();
    for (const size of [0.5, NaN, Infinity, 2 ** 53]) {
      const error = thrownBy(() => cvd.push(print(size, 'sell', 1500)));
      expect(isOrderflowError(error, 'bad-trade')).toBe(true);
      expect((error as Error).message).toBe(
        `sizeLots "${size}" of a trade is not a whole number of lots. Put decimals on a grid first, with toLots.`,
      );
    }
    const error = thrownBy(() => cvd.push(print(1, 'sell', NaN)));
    expect((error as Error).message).toBe('timeMs "NaN" of a trade is not a time in epoch milliseconds.');
    expect(cvd.snapshot()).toEqual(before);
  });

  test('without windows no print is late', () => {
    const cvd = createCvd();
    cvd.push(print(5, 'buy', 1500));
    expect(cvd.push(print(1, 'sell', 3))).toBe(4);
    expect(cvd.lateTrades).toBe(0);
  });

  test('flush gives the totals and starts again from zero', () => {
    const cvd = createCvd();
    cvd.push(print(5, 'buy'));
    expect(cvd.flush()).toEqual({ cvdLots: 5, buyLots: 5, sellLots: 0, unknownLots: 0, trades: 1 });
    expect(cvd.flush()).toEqual({ cvdLots: 0, buyLots: 0, sellLots: 0, unknownLots: 0, trades: 0 });
  });

  test.each([{ everyMs: 0 }, { everyMs: -1 }, { everyMs: 1.5 }, { everyMs: NaN }, { everyMs: 1000, offsetMs: 0.5 }])(
    'refuses the reset %j',
    (reset) => {
      expect(() => createCvd({ reset })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );

  test('refuses the snapshot of another module', () => {
    expect(() => restoreCvd({ v: 1, kind: 'ofi' } as never)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: snapshot has kind "ofi" and version "1", expected "cvd" version 1. Pass what snapshot() of the same module returned.]`,
    );
    expect(() => restoreCvd(null as never)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  });
});

const prints = fc.array(
  fc.record({
    sizeLots: fc.oneof(fc.nat({ max: 20 }), fc.maxSafeNat()),
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
    timeMs: fc.nat({ max: 5000 }),
  }),
  { maxLength: 30 },
);
const sum = (lots: readonly ExactInt[]): ExactInt => lots.reduce(addExact, 0);

for (const options of [{}, { reset: { everyMs: 1000, offsetMs: 300 } }] as const) {
  describeReducerContract({
    name: `createCvd(${JSON.stringify(options)})`,
    create: () => createCvd(options),
    restore: (snapshot) => restoreCvd(snapshot, options),
    inputs: prints,
    push: (cvd, trade) => [cvd.push(trade), cvd.totals(), cvd.lateTrades],
    conserve: (tape, outputs) => {
      const [totals] = outputs.slice(-1) as [CvdTotals];
      expect(addExact(totals.cvdLots, totals.sellLots)).toBe(totals.buyLots);
      if ('reset' in options) return;
      expect(sum([totals.buyLots, totals.sellLots, totals.unknownLots])).toBe(sum(tape.map((trade) => trade.sizeLots)));
    },
  });
}
