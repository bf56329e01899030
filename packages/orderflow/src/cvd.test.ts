import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { tradeColumns } from './columns.ts';
import { createCvd, cvdOfColumns, restoreCvd } from './cvd.ts';
import type { CvdOptions, CvdTotals } from './cvd.ts';
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
    for (const size of [0.5, -1, NaN, Infinity, 2 ** 53]) {
      const error = thrownBy(() => cvd.push(print(size, 'sell', 1500)));
      expect(isOrderflowError(error, 'bad-trade')).toBe(true);
      expect((error as Error).message).toBe(
        `sizeLots ${size} of a trade is not a whole number of lots. Put decimals on a grid first, with createGrid.`,
      );
    }
    const error = thrownBy(() => cvd.push(print(1, 'sell', NaN)));
    expect((error as Error).message).toBe(
      "timeMs NaN of a trade is not a time in epoch milliseconds. Pass the venue's event time as a number.",
    );
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
      `[OrderflowError: snapshot has kind "ofi" and version 1, expected "cvd" version 1. Pass what snapshot() of the same module returned.]`,
    );
    expect(() => restoreCvd(null as never)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  });
});

describe('sessions and anchors', () => {
  test('starts again at every session start and knows what the session before came to', () => {
    const cvd = createCvd({ reset: { sessionStartsMs: [1000, 5000] } });
    expect(cvd.push(print(5, 'buy', 1000))).toBe(5);
    expect(cvd.previous).toBeUndefined();
    expect(cvd.push(print(2, 'sell', 4999))).toBe(3);
    expect(cvd.push(print(1, 'sell', 5000))).toBe(-1);
    expect(cvd.totals().windowStartMs).toBe(5000);
    expect(cvd.previous).toEqual({
      windowStartMs: 1000,
      cvdLots: 3,
      buyLots: 5,
      sellLots: 2,
      unknownLots: 0,
      trades: 2,
    });
    expect(cvd.push(print(50, 'buy', 2000))).toBe(-1);
    expect([cvd.lateTrades, cvd.lateLots]).toEqual([1, 50]);
    expect(cvd.push(print(7, 'buy', 999))).toBe(-1);
    expect([cvd.outsideTrades, cvd.outsideLots]).toEqual([1, 7]);
  });

  test('counts what trades between two sessions apart: ends are exclusive, and may be the next start', () => {
    const sessions = [
      [0, 10],
      [10, 20],
      [30, 40],
    ] as const;
    const cvd = createCvd({ reset: { sessions } });
    const at = (timeMs: number) => [cvd.push(print(1, 'buy', timeMs)), cvd.totals().windowStartMs];
    expect([9, 10, 19, 20, 29, 30, 39, 40].map(at)).toEqual([
      [1, 0],
      [1, 10],
      [2, 10],
      [2, 10],
      [2, 10],
      [1, 30],
      [2, 30],
      [2, 30],
    ]);
    expect([cvd.outsideTrades, cvd.outsideLots]).toEqual([3, 3]);
  });

  test('takes the session of a function, which a restore is given again', () => {
    const options: CvdOptions = {
      reset: { sessionStartOf: (timeMs) => (timeMs % 100 < 50 ? timeMs - (timeMs % 100) : undefined) },
    };
    const cvd = createCvd(options);
    cvd.push(print(5, 'buy', 110));
    cvd.push(print(3, 'buy', 150));
    const again = restoreCvd(cvd.snapshot(), options);
    expect(again.push(print(1, 'sell', 149))).toBe(4);
    expect(again.push(print(1, 'sell', 200))).toBe(-1);
    expect([again.outsideLots, again.previous?.cvdLots]).toEqual([3, 4]);
    expect(() => restoreCvd(cvd.snapshot())).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
  });

  test('an anchored delta leaves out what came before the anchor', () => {
    const cvd = createCvd({ anchorMs: 1000 });
    expect([print(9, 'sell', 999), print(4, 'buy', 1000)].map((trade) => cvd.push(trade))).toEqual([0, 4]);
    expect([cvd.outsideTrades, cvd.outsideLots, cvd.totals().trades]).toEqual([1, 9, 1]);
  });

  test.each([
    { reset: { sessionStartsMs: [] } },
    { reset: { sessionStartsMs: [2, 1] } },
    { reset: { sessionStartsMs: [NaN] } },
    { reset: { sessions: [[5, 5]] } },
    {
      reset: {
        sessions: [
          [0, 10],
          [9, 20],
        ],
      },
    },
    { reset: {} },
    { anchorMs: NaN },
  ])('refuses the options %j', (options) => {
    expect(() => createCvd(options as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('refuses a time whose window would have no finite start, and is as before', () => {
    const cvd = createCvd({ reset: { everyMs: 3 } });
    cvd.push(print(5, 'buy', 500));
    const before = cvd.snapshot();
    expect(thrownBy(() => cvd.push(print(1, 'buy', Number.MAX_VALUE)))).toMatchObject({ code: 'bad-trade' });
    expect(cvd.snapshot()).toEqual(before);
  });

  test('refuses to go on with other windows than those of the snapshot', () => {
    const snapshot = createCvd({ reset: { everyMs: 7 } }).snapshot();
    expect(() => restoreCvd(snapshot, { reset: { everyMs: 8 } })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: snapshot of "cvd" was made with reset.everyMs 7, not with 8. Restore with the options that it was made with.]`,
    );
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
const volumeOf = ({ buyLots, sellLots, unknownLots }: CvdTotals): ExactInt => sum([buyLots, sellLots, unknownLots]);

const contractOptions: readonly CvdOptions[] = [
  {},
  { reset: { everyMs: 1000, offsetMs: 300 } },
  { reset: { sessionStartsMs: [500, 2000, 4000] }, anchorMs: 700 },
  {
    reset: {
      sessions: [
        [0, 1000],
        [1000, 2500],
        [3000, 4500],
      ],
    },
  },
];

describe.each(contractOptions)('with the options %j', (options) => {
  describeReducerContract({
    name: 'createCvd',
    create: () => createCvd(options),
    restore: (snapshot) => restoreCvd(snapshot, options),
    inputs: prints,
    push: (cvd, trade) => [cvd.push(trade), cvd.totals(), cvd.previous, cvd.lateTrades, cvd.outsideTrades],
    refused: [print(-1, 'buy'), print(0.5, 'buy'), print(2 ** 53, 'sell'), print(1, 'buy', Infinity)],
    conserve: (tape, outputs) => {
      const [totals] = outputs.slice(-1) as [CvdTotals];
      expect(addExact(totals.cvdLots, totals.sellLots)).toBe(totals.buyLots);
      // Every window that ended, the open one, the late and the outside prints are all there was.
      const cvd = createCvd(options);
      const ended: ExactInt[] = [];
      for (const trade of tape) {
        const before = cvd.previous;
        cvd.push(trade);
        const { previous } = cvd;
        if (previous && previous.windowStartMs !== before?.windowStartMs) ended.push(volumeOf(previous));
      }
      const all = [...ended, volumeOf(cvd.totals()), cvd.lateLots, cvd.outsideLots];
      expect(sum(all)).toBe(sum(tape.map((trade) => trade.sizeLots)));
    },
  });

  test('over columns is row by row what push gives', () => {
    fc.assert(
      fc.property(prints, (tape) => {
        const cvd = createCvd(options);
        const columns = tradeColumns(tape.map((trade) => ({ ...trade, priceTicks: 1 })));
        expect(cvdOfColumns(columns, options)).toEqual(tape.map((trade) => cvd.push(trade)));
      }),
    );
  });
});
