import { tradeColumns, type TradeColumns } from '@tapekit/orderflow/columns';
import type { TickTrade } from '@tapekit/orderflow/market';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { imbalancePresets } from './imbalances.ts';
import { imbalancesOfColumns } from './columns-imbalances.ts';
import { footprintsOfColumns } from './footprint-columns.ts';
import type { FootprintColumns } from './footprint-columns.ts';
import { createFootprintWorkers, sharedTradeColumns } from './workers.ts';
import type { FootprintWorkers, TapeFootprints } from './workers.ts';

/** `TAPEKIT_LONG=1` asks for the long form. */
const numRuns = process.env['TAPEKIT_LONG'] ? 500 : 60;
const second = { intervalMs: 1000 };

/** Pools by threads and fewest trades of a slice. */
const pools = [1, 2, 3].flatMap((threads) =>
  [1, 3, 10].map((minSliceTrades) => createFootprintWorkers({ threads, minSliceTrades })),
);
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
});

/** `[pause, price, size, side]`: bars of many prints, bars of one, pauses of many bars, and, in some tapes, late prints. */
const steps = (pause: fc.Arbitrary<number>) =>
  fc.array(
    fc.tuple(pause, fc.integer({ min: -8, max: 8 }), fc.integer({ min: 1, max: 40 }), fc.integer({ min: -1, max: 1 })),
    { maxLength: 150 },
  );
const pauses = fc.oneof({ weight: 6, arbitrary: fc.nat({ max: 120 }) }, fc.nat({ max: 9000 }));
const tapes = fc
  .oneof(
    { weight: 4, arbitrary: steps(pauses) },
    { weight: 1, arbitrary: steps(fc.oneof({ weight: 30, arbitrary: pauses }, fc.constant(-20_000))) },
  )
  .map((all): TradeColumns => {
    let time = 1_700_000_000_000;
    return {
      timeMs: Float64Array.from(all, ([pause]) => (time += pause)),
      priceTicks: Int32Array.from(all, ([, price]) => price),
      sizeLots: Int32Array.from(all, ([, , size]) => size),
      side: Int8Array.from(all, ([, , , side]) => side),
    };
  });
const rules = fc.constantFrom(
  undefined,
  {},
  { ratio: 1.5, compare: 'gte' as const },
  imbalancePresets.atas,
  imbalancePresets.reference,
);

/** What one core makes of the tape. */
function expectedOf(trades: TradeColumns, rule: object | undefined): TapeFootprints {
  const columns = footprintsOfColumns(trades, second);
  return rule ? { ...columns, imbalances: imbalancesOfColumns(columns, rule) } : columns;
}

/** A tape of one print a bar. */
function barsOfOne(bars: number): TradeColumns {
  return tradeColumns(
    Array.from({ length: bars }, (_, i): TickTrade => {
      return { timeMs: i * 1000, priceTicks: 100 + (i % 7), sizeLots: 1 + (i % 5), side: i % 3 ? 'buy' : 'sell' };
    }),
  );
}

describe('bars in shared memory', () => {
  test('are those of one core, with their imbalances, whatever the slices and whose memory they are given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(tapes, { minLength: 1, maxLength: 4 }),
        rules,
        fc.boolean(),
        fc.constantFrom(...pools),
        async (rounds, imbalances, isShared, pool) => {
          let used: readonly FootprintColumns[] = [];
          // The memory of each tape goes to the next one, which may be larger, smaller or empty, and to a second one.
          for (const trades of rounds) {
            const tape = isShared ? sharedTradeColumns(trades) : trades;
            const asked = { ...second, ...(imbalances && { imbalances }), reuse: used };
            const found = await pool.footprintsOfTapes([tape, tape], asked);
            const expected = expectedOf(trades, imbalances);
            expect(found).toStrictEqual([expected, expected]);
            used = [found[0]!, found[0]!];
          }
        },
      ),
      { numRuns },
    );
  });

  test('without `reuse` have memory of their own, and imbalances as well', async () => {
    await fc.assert(
      fc.asyncProperty(tapes, rules, fc.constantFrom(...pools), async (trades, imbalances, pool) => {
        const [found] = await pool.footprintsOfTapes([trades], { ...second, ...(imbalances && { imbalances }) });
        expect(found).toStrictEqual(expectedOf(trades, imbalances));
        expect(found!.rowBuyLots.buffer).toBeInstanceOf(ArrayBuffer);
      }),
      { numRuns: numRuns / 2 },
    );
  });

  const pool: FootprintWorkers = pools[4]!;
  const runOf = async (trades: TradeColumns, reuse: readonly FootprintColumns[]): Promise<TapeFootprints> => {
    const [found] = await pool.footprintsOfTapes([trades], { ...second, imbalances: {}, reuse });
    expect(found).toStrictEqual(expectedOf(trades, {}));
    return found!;
  };

  test('take the memory of earlier ones where they fit into it, and more where they do not', async () => {
    const first = await runOf(barsOfOne(60), []);
    expect(first.startMs.buffer).toBeInstanceOf(SharedArrayBuffer);
    const smaller = await runOf(barsOfOne(50), [first]);
    expect(smaller.startMs.buffer).toBe(first.startMs.buffer);
    // The room of 60 bars is still there.
    const again = await runOf(barsOfOne(60), [smaller]);
    expect(again.startMs.buffer).toBe(first.startMs.buffer);
    const larger = await runOf(barsOfOne(61), [again]);
    expect(larger.startMs.buffer).not.toBe(first.startMs.buffer);
    expect(larger.bars).toBe(61);
  });

  test('are moved to larger memory when that of earlier ones is full in the middle of a tape', async () => {
    for (const threads of pools) {
      const asked = { ...second, imbalances: {} };
      const [first] = await threads.footprintsOfTapes([barsOfOne(25)], { ...asked, reuse: [] });
      const [found] = await threads.footprintsOfTapes([barsOfOne(90)], { ...asked, reuse: [first!] });
      expect(found).toStrictEqual(expectedOf(barsOfOne(90), {}));
    }
  });

  test('take the memory of bars but once', async () => {
    const first = await runOf(barsOfOne(60), []);
    const [one, two] = await pool.footprintsOfTapes([barsOfOne(60), barsOfOne(40)], {
      ...second,
      reuse: [first, first],
    });
    expect(one!.startMs.buffer).toBe(first.startMs.buffer);
    expect(two!.startMs.buffer).not.toBe(first.startMs.buffer);
    expect(two).toStrictEqual(expectedOf(barsOfOne(40), undefined));
  });

  test('leave bars as they are that were not made so', async () => {
    const other = footprintsOfColumns(barsOfOne(60), second);
    await runOf(barsOfOne(50), [other]);
    expect(other).toStrictEqual(expectedOf(barsOfOne(60), undefined));
    await runOf(barsOfOne(50), [null as never]);
  });

  test('are found for a bar that is longer than all other slices', async () => {
    const long = barsOfOne(60);
    const timeMs = Float64Array.from(long.timeMs, (time, i) => (i < 5 ? time : 10_000 + (i < 58 ? i : 1000 * i)));
    const found = await runOf({ ...long, timeMs }, []);
    expect([...found.trades]).toEqual([1, 1, 1, 1, 1, 53, 1, 1]);
  });
});

describe('shared memory', () => {
  test('that nobody uses is collected, that of tapes as that of bars', async () => {
    const pool = createFootprintWorkers({ threads: 2, minSliceTrades: 20_000 });
    const one = barsOfOne(60_000);
    // A tape of 1.3 MB and bars of 12 MB: 780 MB in all.
    const held = (): number => process.memoryUsage().arrayBuffers;
    const before = held();
    let most = 0;
    for (let round = 0; round < 60; round += 1) {
      await pool.footprintsOfTapes([sharedTradeColumns(one)], { ...second, imbalances: {}, reuse: [] });
      most = Math.max(most, held() - before);
    }
    expect(most).toBeLessThan(4e8);
    await pool.close();
  });
});

describe('options of tapes', () => {
  test('are refused before a thread starts', async () => {
    const pool = createFootprintWorkers({ threads: 1 });
    const refused = (asked: object): Promise<unknown> => pool.footprintsOfTapes([], { ...second, ...asked });
    await expect(refused({ imbalances: { ratio: 0 } })).rejects.toThrow('ratio "0" is not above 0.');
    await expect(refused({ imbalances: { mode: 'up' } })).rejects.toMatchObject({ code: 'bad-option' });
    await expect(refused({ imbalances: true })).rejects.toThrow('options "true" are none. Pass { ratio: 3 }.');
    await expect(refused({ reuse: {} })).rejects.toThrow('reuse "[object Object]" is no array.');
    const one = barsOfOne(3);
    // eslint-disable-next-line no-sparse-arrays -- a hole is what comes of a mistake
    for (const tapes of [[null], [{}], [one, , one]] as unknown as TradeColumns[][]) {
      await expect(pool.footprintsOfTapes(tapes, second)).rejects.toThrow('trades have no column timeMs.');
    }
    const signal = 5 as unknown as AbortSignal;
    await expect(pool.footprintsOfTapes([one], second, { signal })).rejects.toMatchObject({ code: 'bad-option' });
    expect(() => sharedTradeColumns({} as TradeColumns)).toThrow('trades have no column timeMs.');
    await pool.close();
  });
});
