import { createGrid } from '@tapekit/orderflow/grid';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFootprintError } from './errors.ts';
import { readForeignFootprint, readForeignLines, type ForeignLayout } from './foreign-footprints.ts';

const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
/** A futures candle: 6 sold and 9 bought at 100.25, a filled level, 4 sold at 99.75. */
const candle = {
  ...{ v: 1, symbol: 'F.US.ENQ', tick: 0.25, bar_ms: 60_000, t0: '2026-02-19T10:00:00.000Z' },
  ...{ t1: '2026-02-19T10:01:00.000Z', ohlc: { o: 100, h: 100.25, l: 99.75, c: 100.25 }, vol: 19, delta: -1 },
  levels: [
    { p: 100.25, bv: 6, av: 9, bt: 2, at: 3, d: 3, imb: 1.5 },
    { p: 100, bv: 0, av: 0, bt: 0, at: 0, d: 0, imb: 1 },
    { p: 99.75, bv: 4, av: 0, bt: 1, at: 0, d: -4, imb: 0 },
  ],
};
const rows = [
  { priceTicks: 399, buyLots: 0, sellLots: 4, unknownLots: 0 },
  { priceTicks: 401, buyLots: 9, sellLots: 6, unknownLots: 0 },
];

describe('readForeignFootprint', () => {
  test('reads levels as objects: what hit the bid was sold, what lifted the ask was bought', () => {
    expect(readForeignFootprint(candle, { layout: 'object-levels', grid })).toEqual({
      ...{ symbol: 'F.US.ENQ', startMs: 1_771_495_200_000, endMs: 1_771_495_260_000 },
      ...{ openTicks: 400, highTicks: 401, lowTicks: 399, closeTicks: 401 },
      ...{ volumeLots: 19, buyLots: 9, sellLots: 10, unknownLots: 0, deltaLots: -1 },
      ...{ pocTicks: 401, vahTicks: 401, valTicks: 401 },
      rows: [
        { ...rows[0], buyTrades: 0, sellTrades: 1 },
        { ...rows[1], buyTrades: 3, sellTrades: 2 },
      ],
      leftOutLevels: 0,
      problems: [],
    });
  });

  test('reads levels as arrays of price, bid and ask, without counts', () => {
    const record = {
      t0: 1_771_495_200_000,
      vol: 19,
      levels: [
        [100.25, 6, 9],
        [100, 0, 0],
        ['99.75', '4', 0],
      ],
    };
    const got = readForeignFootprint(record, { layout: 'array-levels', grid, intervalMs: 300_000 });
    expect(got.rows).toEqual(rows);
    expect([got.startMs, got.endMs, got.openTicks]).toEqual([1_771_495_200_000, 1_771_495_500_000, undefined]);
  });

  test('reads IDX levels the other way round, and keeps the volume that no level has as unknown', () => {
    const idx = createGrid({ tickSize: '1', lotSize: '1' });
    const record = { t0: 1_771_495_200_000, vol: 25, delta: 3, levels: [{ p: 4500, bv: 10, av: 7 }] };
    const got = readForeignFootprint(record, { layout: 'idx-levels', grid: idx });
    expect([got.buyLots, got.sellLots, got.unknownLots, got.volumeLots, got.deltaLots]).toEqual([10, 7, 8, 25, 3]);
    expect(got.problems).toEqual([]);
  });

  test('refuses a record whose delta is that of the other reading', () => {
    const record = { t0: 0, vol: 17, delta: 3, levels: [{ p: 100, bv: 10, av: 7 }] };
    expect(() => readForeignFootprint(record, { layout: 'object-levels', grid })).toThrow("Read them as 'idx-levels'");
    expect(() => readForeignFootprint({ ...record, delta: -3 }, { layout: 'idx-levels', grid })).toThrow(
      "Read them as 'object-levels'",
    );
    const arrays = { ...record, levels: [[100, 10, 7]] };
    expect(() => readForeignFootprint(arrays, { layout: 'array-levels', grid })).toThrow(
      'Exchange the second and the third of each level',
    );
  });

  test('counts the levels that it left out, whose volume stays in the bar as unknown', () => {
    const level = { p: 100, bv: 1, av: 2 };
    const record = { t0: 0, vol: 30, levels: [level, level, { p: 100.1, bv: 5, av: 5 }, null] };
    expect(readForeignFootprint(record, { layout: 'object-levels', grid })).toMatchObject({
      ...{ volumeLots: 30, unknownLots: 27, leftOutLevels: 3, problems: ['repeated-level', 'bad-level'] },
    });
  });

  test.each([
    [{ vol: 'many' }, 'bad-total'],
    [{ vol: 3.5 }, 'bad-total'],
    [{ delta: {} }, 'bad-total'],
    [{ ohlc: { o: 100, h: 100 } }, 'bad-prices'],
    [{ ohlc: { o: 100, h: 99, l: 98, c: 99 } }, 'bad-prices'],
    [{ ohlc: { o: 100, h: 101, l: 98.1, c: 99 } }, 'bad-prices'],
  ])('leaves out %j and says so', (more, problem) => {
    const record = { t0: 0, levels: [{ p: 100, bv: 1, av: 2 }], ...more };
    const got = readForeignFootprint(record, { layout: 'object-levels', grid });
    expect([got.problems, got.volumeLots, got.openTicks]).toEqual([[problem], 3, undefined]);
  });

  test('reads null totals as absent', () => {
    const record = { t0: 0, vol: null, delta: null, ohlc: null, levels: [] };
    expect(readForeignFootprint(record, { layout: 'object-levels', grid }).problems).toEqual([]);
  });

  test('says what does not agree, and invents nothing', () => {
    const read = (levels: readonly unknown[], more: object = {}) =>
      readForeignFootprint({ t0: 0, levels, ...more }, { layout: 'object-levels', grid });
    const level = { p: 100, bv: 1, av: 2 };
    expect(read([level], { vol: 2 })).toMatchObject({ volumeLots: 3, problems: ['volume-mismatch'] });
    expect(read([level], { delta: 7 }).problems).toEqual(['delta-mismatch']);
    expect(read([level, level])).toMatchObject({ volumeLots: 3, problems: ['repeated-level'] });
    for (const bad of [null, 7, [], { p: 100.1, bv: 1, av: 1 }, { p: 99, bv: -1, av: 1 }, { p: 99, bv: '', av: 1 }]) {
      expect(read([level, bad])).toMatchObject({ volumeLots: 3, problems: ['bad-level'] });
    }
    expect(read([])).toMatchObject({ volumeLots: 0, rows: [] });
    expect(read([]).pocTicks).toBeUndefined();
  });

  test.each([
    [null, 'Field record "null" is not an object.'],
    [[], 'Field record "[]" is not an object.'],
    [{ levels: [] }, 'Field t0 "undefined" is not a time'],
    [{ t0: 'noon', levels: [] }, 'Field t0 "noon" is not a time'],
    [{ t0: '2026-02-19T10:00:00', levels: [] }, 'is not a time as ISO 8601 with its zone, or epoch milliseconds'],
    [{ t0: 5, t1: 5, levels: [] }, 'Field t1 "5" is not after t0.'],
    [{ t0: 0, levels: {} }, 'Field levels "{}" is not a list of levels.'],
  ])('refuses %j', (record, message) => {
    expect(() => readForeignFootprint(record, { layout: 'array-levels', grid })).toThrow(message);
  });

  test('never throws anything but its own refusals, and always conserves volume', () => {
    const layouts = fc.constantFrom<ForeignLayout>('object-levels', 'array-levels', 'idx-levels');
    const value = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.constantFrom(null, 'x', '1e400', NaN, 0.3, 2 ** 60, {}));
    const level = fc.oneof(
      fc.record({ p: value, bv: value, av: value, bt: value, at: value }),
      fc.tuple(value, value, value),
      value,
    );
    const records = fc.record(
      {
        t0: value,
        t1: value,
        vol: value,
        delta: value,
        ohlc: fc.record({ o: value, h: value, l: value, c: value }),
        levels: fc.array(level),
      },
      { requiredKeys: ['t0', 'levels'] },
    );
    fc.assert(
      fc.property(records, layouts, (record, layout) => {
        try {
          const {
            volumeLots,
            buyLots,
            sellLots,
            unknownLots,
            rows: got,
          } = readForeignFootprint(record, { layout, grid });
          expect(Number(buyLots) + Number(sellLots) + Number(unknownLots)).toBe(volumeLots);
          expect(got.reduce((sum, row) => sum + Number(row.buyLots), 0)).toBe(buyLots);
        } catch (error) {
          if (!isFootprintError(error, 'bad-json')) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test('a value that is no JSON is shown by its kind', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  for (const [t0, shown] of [
    [5n, '5'],
    [circle, '[object Object]'],
    [{ at: 1n }, '[object Object]'],
  ] as const) {
    expect(() => readForeignFootprint({ t0, levels: [] }, { layout: 'idx-levels', grid })).toThrow(
      `Field t0 "${shown}"`,
    );
  }
});

test('a length that is none is left out, and said', () => {
  for (const bar_ms of [2 ** 53 - 1, 0, -5, 1.5, '60000']) {
    const { endMs, problems } = readForeignFootprint({ t0: 10, bar_ms, levels: [] }, { layout: 'idx-levels', grid });
    expect([endMs, problems]).toEqual([60_010, ['bad-length']]);
  }
});

describe('readForeignLines', () => {
  test('skips separators and keeps lines aside that are no footprints', () => {
    const text = `# Hour 10\n${JSON.stringify(candle)}\n{"t0":\n\n{"levels":[]}\n${JSON.stringify(candle)}\n`;
    const { footprints, refused } = readForeignLines(text, { layout: 'object-levels', grid });
    expect(footprints).toHaveLength(2);
    expect(refused.map(({ line, text: kept }) => [line, kept])).toEqual([
      [3, '{"t0":'],
      [5, '{"levels":[]}'],
    ]);
  });

  test('reads one JSON array of records, as files of array levels are', () => {
    const records = [{ t0: 0, levels: [[100, 6, 9]] }, 7, { t0: 60_000, levels: [] }];
    const { footprints, refused } = readForeignLines(JSON.stringify(records, null, 2), {
      ...{ layout: 'array-levels', grid },
    });
    expect(footprints.map(({ startMs, buyLots }) => [startMs, buyLots])).toEqual([
      [0, 9],
      [60_000, 0],
    ]);
    expect(refused).toEqual([{ line: 2, reason: 'Field record "7" is not an object.', text: '7' }]);
    expect(readForeignLines('[1,\n2', { layout: 'array-levels', grid }).refused).toHaveLength(2);
  });

  test('skips a byte order mark and indented separators', () => {
    const text = '\ufeff{"t0":0,"levels":[]}\n  # ---\n\t\n{"t0":5,"levels":[]}';
    const { footprints, refused } = readForeignLines(text, { layout: 'array-levels', grid });
    expect([footprints.length, refused]).toEqual([2, []]);
  });

  test('refuses options that are none', () => {
    expect(() => readForeignLines('', { layout: 'idx-levels', grid, intervalMs: 0 })).toThrow('intervalMs "0"');
    expect(() => readForeignLines(new Uint8Array(2) as never, { layout: 'idx-levels', grid })).toThrow('type "object"');
    expect(() => readForeignFootprint({}, undefined as never)).toThrow('options "undefined" are none');
    expect(() => readForeignLines('', { layout: 'auto' as never, grid })).toThrow('layout "auto" is unknown');
    expect(() => readForeignLines('', { layout: 'idx-levels', grid: undefined as never })).toThrow('grid "undefined"');
  });
});
