import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from 'decimal.js';
import { bookRules, createBook } from './book.ts';
import { isOrderflowError } from './errors.ts';
import { createPriceBands, idxPriceBands } from './price-bands.ts';
import type { PriceBandsOptions, RoundingRule } from './price-bands.ts';
import { vampBboExact } from './vamp.ts';
import { vwapOf } from './vwap.ts';

const idx = createPriceBands(idxPriceBands);
/** Legal IDX prices around every border, each with the next one up. */
const ladder = [
  ['0', '1'],
  ['198', '199'],
  ['199', '200'],
  ['200', '202'],
  ['498', '500'],
  ['500', '505'],
  ['1995', '2000'],
  ['2000', '2010'],
  ['4990', '5000'],
  ['5000', '5025'],
  ['30950', '30975'],
] as const;

describe('IDX price bands', () => {
  test.each(ladder)('the price above %s is %s', (price, next) => {
    expect(idx.nextUp(price)).toBe(next);
    expect(idx.nextDown(next)).toBe(price);
    expect(idx.toStep(next) - idx.toStep(price)).toBe(1);
    expect(idx.formatStep(idx.toStep(price) + 1)).toBe(next);
  });

  test('every step is one legal price, from 0 to 6,000 and back', () => {
    let price = '0';
    for (let step = 0; step < 1000; step += 1) {
      expect([idx.toStep(price), idx.formatStep(step), idx.ticksOfStep(step)]).toEqual([step, price, Number(price)]);
      expect(idx.stepOfTicks(Number(price))).toBe(step);
      price = idx.nextUp(price);
    }
    // 200 prices below 200, 150 below 500, 300 below 2,000, 300 below 5,000, then 50 of Rp 25.
    expect(price).toBe('6250');
  });

  test('the tick is that of the band that holds the price', () => {
    const prices = ['0', '199', '199.99', '200', '499', '500', '1999', '2000', '4999', '5000', '1e9', 201];
    expect(prices.map((price) => idx.tickSizeAt(price))).toEqual([
      '1',
      '1',
      '1',
      '2',
      '2',
      '5',
      '5',
      '10',
      '10',
      '25',
      '25',
      '2',
    ]);
  });

  test('knows which prices are legal', () => {
    const legal = (...prices: (string | number | Decimal)[]) => prices.filter((price) => idx.isOnBand(price));
    expect(legal('50', '199', '204', '505', '1995', '2010', '5025', 5025, new Decimal(5025))).toHaveLength(9);
    expect(legal('199.5', '201', '502', '1996', '2005', '5010', '-1', 'abc', '', NaN, '1e30')).toEqual([]);
    expect(idx.isOnBand(['50'] as never)).toBe(false);
  });

  test.each([
    ['201', '200', '202', '200'],
    ['203', '202', '204', '204'],
    ['501', '500', '505', '500'],
    ['502.5', '500', '505', '500'],
    ['507.5', '505', '510', '510'],
    ['499', '498', '500', '500'],
    ['1997.5', '1995', '2000', '2000'],
    ['4225.5', '4220', '4230', '4230'],
    ['199.5', '199', '200', '200'],
    ['0.3', '0', '1', '0'],
    ['204', '204', '204', '204'],
    ['9007199254740993', '9007199254740975', '9007199254741000', '9007199254741000'],
  ])('%s rounds down to %s, up to %s and half to even to %s', (price, floor, ceil, nearest) => {
    expect([idx.round(price, 'floor'), idx.round(price, 'ceil'), idx.round(price, 'nearest')]).toEqual([
      floor,
      ceil,
      nearest,
    ]);
  });

  test('there is a price above and below any price, but none below the first', () => {
    expect([idx.nextUp('201'), idx.nextDown('201'), idx.nextUp('0.5'), idx.nextDown('0.5')]).toEqual([
      '202',
      '200',
      '1',
      '0',
    ]);
    expect(idx.nextDown('0')).toBeUndefined();
  });

  test('sizes are lots of 100 shares', () => {
    expect(idx.toLots('13701900')).toBe(137019);
    expect(() => idx.toLots('150')).toThrow(expect.objectContaining({ code: 'off-grid' }));
  });
});

describe('as a grid', () => {
  test('ticks are linear in price, so averages over a border are right', () => {
    expect(idx.tickSize).toBe('1');
    // 3 lots at 198 and 1 lot at 204: 4 steps apart, and 6 rupiah. (3 × 198 + 204) ÷ 4 = 199.5.
    const value = 3 * idx.toTicks('198') + 1 * idx.toTicks('204');
    expect(vwapOf(idx, value, 4)).toBe('199.5');
    expect(idx.formatValue(value)).toBe('79800');
    const quote = { bidTicks: idx.toTicks('199'), bidLots: 3, askTicks: idx.toTicks('202'), askLots: 1 };
    // (199 × 1 + 202 × 3) ÷ 4.
    expect(vampBboExact(idx, quote)).toBe('201.25');
  });

  test('a book on bands leaves out what is off its band', () => {
    const book = createBook({ grid: idx, rule: bookRules.binanceSpot });
    const at = { symbol: 'BBRI', timeMs: 0, type: 'book-snapshot', lastUpdateId: 1 } as const;
    const { offGrid } = book.push({
      ...at,
      bids: [['4990', '500']],
      asks: [
        ['5000', '300'],
        ['5010', '900'],
      ],
    });
    expect(offGrid).toEqual([{ side: 'ask', price: '5010', size: '900', reason: 'off-grid' }]);
    expect(book.best()).toEqual({ bidTicks: 4990, bidLots: 5, askTicks: 5000, askLots: 3 });
  });

  test('says what is wrong with a price', () => {
    expect(() => idx.toTicks('201')).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: price "201" is not a multiple of 2, the tick from 200 on. Round it under a stated rule, or check the instrument's bands.]`,
    );
    expect(() => idx.toTicks('-1')).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: price "-1" is below 0, where the first band starts. Check the instrument's bands.]`,
    );
    expect(() => idx.stepOfTicks(201)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: price "201" is not a multiple of 2, the tick from 200 on. Round it under a stated rule, or check the instrument's bands.]`,
    );
    expect(() => idx.ticksOfStep(-1)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: step -1 is not a whole number from 0 on. Pass what this grid gave.]`,
    );
    for (const run of [() => idx.stepOfTicks(NaN), () => idx.ticksOfStep(0.5), () => idx.formatStep(2 ** 53)]) {
      expect(run).toThrow(expect.objectContaining({ code: 'bad-value' }));
    }
    expect(() => idx.ticksOfStep(Number.MAX_SAFE_INTEGER)).toThrow(expect.objectContaining({ code: 'out-of-range' }));
    expect(() => idx.toTicks('9007199254741000')).toThrow(expect.objectContaining({ code: 'out-of-range' }));
    expect(() => idx.toTicks('abc')).toThrow(expect.objectContaining({ code: 'bad-decimal' }));
    expect(() => idx.nextDown('-5')).toThrow(expect.objectContaining({ code: 'off-grid' }));
    expect(() => idx.round('5', 'up' as never)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('bands of any venue', () => {
  test('may be finer than 1, start above 0 and end off the tick below', () => {
    const bands = createPriceBands({
      bands: [
        { from: '0.0999', tickSize: '0.0003' },
        { from: 1, tickSize: '1e-2' },
      ],
      lotSize: 1,
    });
    expect(bands.tickSize).toBe('0.0001');
    expect(bands.bands).toEqual([
      { from: '0.0999', tickSize: '0.0003' },
      { from: '1', tickSize: '0.01' },
    ]);
    expect(bands.toTicks('0.0999')).toBe(999);
    // 0.9999 is the last multiple of 0.0003 below 1: the step over the border is a short one.
    expect([bands.nextUp('0.9999'), bands.nextDown('1'), bands.nextUp(1)]).toEqual(['1', '0.9999', '1.01']);
    expect(bands.toStep('1')).toBe((9999 - 999) / 3 + 1);
    expect([bands.round('0.99995', 'nearest'), bands.round('0.99996', 'nearest')]).toEqual(['1', '1']);
    expect(() => bands.toTicks('0.0996')).toThrow(expect.objectContaining({ code: 'off-grid' }));
  });

  test.each<[string, PriceBandsOptions['bands']]>([
    ['no band', []],
    ['a border off its tick', [{ from: '201', tickSize: '2' }]],
    ['a negative border', [{ from: '-2', tickSize: '2' }]],
    ['a border that is no decimal', [{ from: 'abc', tickSize: '2' }]],
    ['a tick of 0', [{ from: '0', tickSize: '0' }]],
    [
      'borders that do not ascend',
      [
        { from: '0', tickSize: '1' },
        { from: '0', tickSize: '2' },
      ],
    ],
    [
      'borders that descend',
      [
        { from: '200', tickSize: '2' },
        { from: '0', tickSize: '1' },
      ],
    ],
    [
      'a border beyond 2^53 finest ticks',
      [
        { from: '0', tickSize: '1e-8' },
        { from: '1e9', tickSize: '1' },
      ],
    ],
  ])('refuse %s', (_, bands) => {
    expect(() => createPriceBands({ bands, lotSize: 1 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('say which band is wrong', () => {
    const of = (...bands: PriceBandsOptions['bands']) => createPriceBands({ bands, lotSize: 1 });
    expect(() => of()).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: bands is empty, expected at least one band. For one tick use createGrid.]`,
    );
    expect(() => of({ from: '201', tickSize: '2' })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: band from "201" is not a multiple of its tick 2 from 0 on. Pass the bands lowest first, as the venue lists them.]`,
    );
    expect(() => of({ from: '2', tickSize: '2' }, { from: '1', tickSize: '1' })).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: band from "1" is not above the band before it. Pass the bands lowest first, as the venue lists them.]`,
    );
  });
});

describe('properties', () => {
  const ticks = fc.constantFrom('1', '2', '5', '10', '25', '0.5', '0.01', '0.003', '0.25', '1e-4');
  const tables = fc
    .array(fc.tuple(ticks, fc.integer({ min: 1, max: 400 })), { minLength: 1, maxLength: 6 })
    .map((rows) => {
      let from = new Decimal(0);
      return rows.map(([tickSize, count]) => {
        // The first multiple of the tick at or above the end of the band before.
        const band = { from: from.div(tickSize).ceil().times(tickSize).toFixed(), tickSize };
        from = new Decimal(band.from).plus(new Decimal(tickSize).times(count));
        return band;
      });
    })
    .filter((bands) => bands.every((band, i) => i === 0 || new Decimal(band.from).gt(bands[i - 1]!.from)));
  const anyPrice = fc
    .tuple(fc.nat({ max: 50_000_000 }), fc.nat({ max: 5 }))
    .map(([n, d]) => new Decimal(n).div(10 ** d));

  /** Legal prices by definition: multiples of the tick of the last band that starts at or below. */
  const isLegal = (bands: PriceBandsOptions['bands'], price: Decimal): boolean =>
    price.mod(bands.findLast(({ from }) => price.gte(from))!.tickSize).isZero();

  test('a price is legal exactly when it is a multiple of the tick of its band', () => {
    fc.assert(
      fc.property(tables, anyPrice, (bands, price) => {
        expect(createPriceBands({ bands, lotSize: 1 }).isOnBand(price)).toBe(isLegal(bands, price));
      }),
      { numRuns: 500 },
    );
  });

  test('neighbours are legal, one step apart, and hold the price between them', () => {
    fc.assert(
      fc.property(tables, anyPrice, (bands, price) => {
        const grid = createPriceBands({ bands, lotSize: 1 });
        const up = grid.nextUp(price);
        const low = grid.round(price, 'floor');
        expect([up, low].every((legal) => isLegal(bands, new Decimal(legal)))).toBe(true);
        expect(price.lt(up) && price.gte(low)).toBe(true);
        expect(grid.toStep(up)).toBe(grid.toStep(low) + 1);
        expect(grid.nextDown(up)).toBe(low);
        expect([low, up]).toContain(grid.round(price, 'nearest'));
        expect(grid.round(price, 'ceil')).toBe(price.eq(low) ? low : up);
        expect(grid.formatStep(grid.toStep(low))).toBe(low);
        expect(grid.formatPrice(grid.toTicks(low))).toBe(low);
        expect(grid.toTicks(Number(low))).toBe(grid.toTicks(low));
      }),
      { numRuns: 500 },
    );
  });

  test('whatever comes in, only errors of this package come out', () => {
    const junk = fc.oneof(
      fc.double(),
      fc.string(),
      fc.constantFrom(null, undefined, true, '1e9999', '-0', -0, 2 ** 53),
    );
    const rules = fc.constantFrom<RoundingRule>('floor', 'ceil', 'nearest');
    fc.assert(
      fc.property(junk, rules, (value, rule) => {
        const price = value as string;
        for (const run of [
          () => idx.toTicks(price),
          () => idx.toStep(price),
          () => idx.stepOfTicks(value as number),
          () => idx.ticksOfStep(value as number),
          () => Number(idx.nextUp(price)),
          () => Number(idx.nextDown(price) ?? 0),
          () => Number(idx.round(price, rule)),
        ]) {
          try {
            expect(run() >= 0).toBe(true);
          } catch (error) {
            if (!isOrderflowError(error)) throw error;
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
