import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { tradeColumns } from '../../columns.ts';
import { createCvd } from '../../cvd.ts';
import { addExact } from '../../exact.ts';
import type { ExactInt } from '../../exact.ts';
import type { Aggressor } from '../../market.ts';
import { createCvdBySize, cvdBySizeOfColumns, restoreCvdBySize } from './cvd-by-size.ts';

const print = (sizeLots: number, side: Aggressor, timeMs = 0) => ({ sizeLots, side, timeMs });
const options = { edgesLots: [10, 100], reset: { everyMs: 1000 }, anchorMs: 200 } as const;
const prints = fc.array(
  fc.record({
    sizeLots: fc.oneof(fc.constantFrom(0, 9, 10, 99, 100), fc.maxSafeNat()),
    side: fc.constantFrom<Aggressor>('buy', 'sell', 'unknown'),
    timeMs: fc.nat({ max: 3000 }),
  }),
  { maxLength: 30 },
);

describe('createCvdBySize', () => {
  test('keeps one delta a bucket; an edge belongs to the bucket above it', () => {
    const cvd = createCvdBySize({ edgesLots: [10, 100] });
    expect(cvd.push(print(9, 'buy'))).toEqual({ bucket: 0, bucketLots: 9, totalLots: 9 });
    expect(cvd.push(print(10, 'sell'))).toEqual({ bucket: 1, bucketLots: -10, totalLots: -1 });
    expect(cvd.push(print(100, 'sell'))).toEqual({ bucket: 2, bucketLots: -100, totalLots: -101 });
    expect(cvd.push(print(99, 'unknown'))).toEqual({ bucket: 1, bucketLots: -10, totalLots: -101 });
    expect(cvd.flush()).toEqual([
      { fromLots: 0, toLots: 10, cvdLots: 9, buyLots: 9, sellLots: 0, unknownLots: 0, trades: 1 },
      { fromLots: 10, toLots: 100, cvdLots: -10, buyLots: 0, sellLots: 10, unknownLots: 99, trades: 2 },
      { fromLots: 100, cvdLots: -100, buyLots: 0, sellLots: 100, unknownLots: 0, trades: 1 },
    ]);
    expect(cvd.value).toBe(0);
  });

  test('a new window empties all buckets, also those without a print in it', () => {
    const cvd = createCvdBySize({ edgesLots: [10], reset: { everyMs: 1000 } });
    cvd.push(print(50, 'buy', 0));
    expect(cvd.push(print(1, 'sell', 1000))).toEqual({ bucket: 0, bucketLots: -1, totalLots: -1 });
    expect(cvd.totals().map(({ cvdLots }) => cvdLots)).toEqual([-1, 0]);
    expect(cvd.push(print(70, 'buy', 999))).toEqual({ bucket: undefined, bucketLots: undefined, totalLots: -1 });
    expect([cvd.lateTrades, cvd.lateLots]).toEqual([1, 70]);
  });

  test('the buckets add up to the delta over all sizes, exact beyond 2^53', () => {
    fc.assert(
      fc.property(prints, (tape) => {
        const bySize = createCvdBySize(options);
        const all = createCvd(options);
        for (const trade of tape) {
          expect(bySize.push(trade).totalLots).toBe(all.push(trade));
          const { cvdLots, buyLots, sellLots, unknownLots, trades } = all.totals();
          const over = (of: (bucket: ReturnType<typeof bySize.totals>[number]) => ExactInt): ExactInt =>
            bySize.totals().map(of).reduce(addExact, 0);
          expect([
            over((bucket) => bucket.cvdLots),
            over((bucket) => bucket.buyLots),
            over((bucket) => bucket.sellLots),
            over((bucket) => bucket.unknownLots),
            over((bucket) => bucket.trades),
          ]).toEqual([cvdLots, buyLots, sellLots, unknownLots, trades]);
        }
        expect([bySize.lateLots, bySize.outsideLots]).toEqual([all.lateLots, all.outsideLots]);
      }),
    );
  });

  test.each([[[0]], [[-1]], [[10, 10]], [[100, 10]], [[1.5]], [[NaN]]])('refuses the edges %j', (edgesLots) => {
    expect(() => createCvdBySize({ edgesLots })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('refuses to go on with other edges', () => {
    const snapshot = createCvdBySize({ edgesLots: [10] }).snapshot();
    expect(() => restoreCvdBySize(snapshot, { edgesLots: [11] })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

describeReducerContract({
  name: 'createCvdBySize',
  create: () => createCvdBySize(options),
  restore: (snapshot) => restoreCvdBySize(snapshot, options),
  inputs: prints,
  push: (cvd, trade) => [cvd.push(trade), cvd.totals(), cvd.value, cvd.lateTrades, cvd.outsideTrades],
  refused: [print(-1, 'buy'), print(0.5, 'buy'), print(NaN, 'sell'), print(1, 'buy', NaN)],
});

test('over columns is row by row what push gives, and at last what flush gives', () => {
  fc.assert(
    fc.property(prints, (tape) => {
      const cvd = createCvdBySize(options);
      const values = tape.map((trade) => cvd.push(trade));
      const columns = tradeColumns(tape.map((trade) => ({ ...trade, priceTicks: 1 })));
      expect(cvdBySizeOfColumns(columns, options)).toEqual({ values, totals: cvd.flush() });
    }),
  );
});
