import { crc32 as zlibCrc32 } from 'node:zlib';
import { Decimal } from 'decimal.js';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32, krakenBookChecksum, krakenChecksum, okxBookChecksum, okxChecksum } from './book-checksum.ts';
import { bookRules, createBook } from './book.ts';
import { createGrid } from './grid.ts';
import type { BookLevel } from './market.ts';

/** `count` levels of one size, `step` apart. */
const ladder = (from: string, step: string, count: number, size: string): [string, string][] =>
  Array.from({ length: count }, (_, i) => [new Decimal(from).plus(new Decimal(step).times(i)).toFixed(5), size]);

describe('crc32', () => {
  test('has the check value of the standard', () => {
    expect(crc32('123456789')).toBe(0xcbf43926);
    expect(crc32('')).toBe(0);
  });

  test('is the one of zlib', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary-ascii' }), (text) => {
        expect(crc32(text)).toBe(zlibCrc32(text));
      }),
    );
  });
});

describe('krakenChecksum', () => {
  // The example of the venue's page.
  const asks = ladder('0.05005', '0.00005', 10, '0.00000500');
  const bids = [...ladder('0.05000', '-0.00005', 2, '0.00000500'), ...ladder('0.04990', '-0.0001', 1, '0.00000500')];
  bids.push(...ladder('0.04980', '-0.00005', 7, '0.00000500'));
  const decimals = { priceDecimals: 5, sizeDecimals: 8 };

  test('gives the value of the venue’s example', () => {
    expect(bids.map(([price]) => price).join()).toBe(
      '0.05000,0.04995,0.04990,0.04980,0.04975,0.04970,0.04965,0.04960,0.04955,0.04950',
    );
    expect(krakenChecksum({ bids, asks }, decimals)).toBe(974_947_235);
  });

  test('strips the point and leading zeros: 0.05005 and 0.00000500 are 5005500', () => {
    expect(krakenChecksum({ bids: [], asks: [asks[0]!] }, decimals)).toBe(crc32('5005500'));
    expect(krakenChecksum({ bids: [], asks: [] }, decimals)).toBe(crc32(''));
  });

  test('covers ten levels a side, and takes numbers and Decimals', () => {
    const more = { bids: [...bids, ['0.04', '1'] as const], asks: [...asks, ['0.06', '1'] as const] };
    expect(krakenChecksum(more, decimals)).toBe(974_947_235);
    const numbers = (levels: readonly BookLevel[]) =>
      levels.map(([price, size]): BookLevel => [Number(price), new Decimal(size)]);
    expect(krakenChecksum({ bids: numbers(bids), asks: numbers(asks) }, decimals)).toBe(974_947_235);
  });

  test('refuses more decimals than stated, and what is no decimal', () => {
    const of = (level: BookLevel) => () => krakenChecksum({ bids: [level], asks: [] }, decimals);
    expect(of(['0.050001', '1'])).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: "0.050001" has more than 5 decimals. Check the decimals of the pair.]`,
    );
    expect(of(['1', NaN])).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: NaN is not a decimal number. Pass the level as it came.]`,
    );
  });

  test.each([-1, 0.5, NaN, 31, 1e9])('refuses %s decimals', (priceDecimals) => {
    const wrong = { priceDecimals, sizeDecimals: 8 };
    expect(() => krakenChecksum({ bids, asks }, wrong)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => krakenBookChecksum(wrong)).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('okxChecksum', () => {
  test('interleaves the sides and goes on with the longer one', () => {
    expect(
      okxChecksum({
        bids: [
          ['3366.1', '7'],
          ['3366', '6'],
        ],
        asks: [['3366.8', '9']],
      }),
    ).toBe(crc32('3366.1:7:3366.8:9:3366:6') | 0);
    expect(
      okxChecksum({
        bids: [],
        asks: [
          ['3366.8', '9'],
          ['3368', '8'],
        ],
      }),
    ).toBe(crc32('3366.8:9:3368:8') | 0);
  });

  test('is signed and covers 25 levels a side', () => {
    const bids = ladder('100', '-1', 26, '1');
    expect(okxChecksum({ bids, asks: [] })).toBe(okxChecksum({ bids: bids.slice(0, 25), asks: [] }));
    // zlib.crc32(b'100:1') and zlib.crc32(b'100:2') of Python, the first one less 2^32.
    expect(okxChecksum({ bids: [['100', '1']], asks: [] })).toBe(4_199_851_353 - 2 ** 32);
    expect(okxChecksum({ bids: [], asks: [['100', '2']] })).toBe(1_667_101_923);
  });

  test('prints numbers without an exponent', () => {
    expect(okxChecksum({ bids: [[1e-7, new Decimal('3.10')]], asks: [] })).toBe(crc32('0.0000001:3.1') | 0);
  });
});

describe('the checksum of a book', () => {
  const at = { symbol: 'X', timeMs: 0, lastUpdateId: 0 };
  const levels = fc.uniqueArray(
    fc.tuple(
      fc.integer({ min: 1, max: 60 }),
      fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 2 ** 45, max: 2 ** 50 })),
    ),
    { selector: ([ticks]) => ticks, maxLength: 40 },
  );

  test.each([
    { tickSize: '0.5', lotSize: '0.25', priceDecimals: 1, sizeDecimals: 2 },
    { tickSize: '0.00001', lotSize: '0.00000001', priceDecimals: 6, sizeDecimals: 8 },
    { tickSize: '25', lotSize: '100', priceDecimals: 0, sizeDecimals: 8 },
  ])('is the one of its levels, grid $tickSize and $lotSize', ({ tickSize, lotSize, priceDecimals, sizeDecimals }) => {
    const grid = createGrid({ tickSize, lotSize });
    const decimals = { priceDecimals, sizeDecimals };
    const [kraken, okx] = [krakenBookChecksum(decimals).over(grid), okxBookChecksum().over(grid)];
    fc.assert(
      fc.property(levels, levels, (bidSteps, askSteps) => {
        const text = (steps: typeof bidSteps, sign: number): BookLevel[] =>
          steps
            .toSorted(([a], [b]) => sign * (a - b))
            .map(([ticks, lots]) => [grid.formatPrice(ticks), grid.formatSize(lots)]);
        const [bids, asks] = [text(bidSteps, -1), text(askSteps, 1)];
        const book = createBook({ grid, rule: bookRules.generic });
        book.push({ type: 'book-snapshot', ...at, bids, asks });
        expect(kraken(book)).toBe(krakenChecksum({ bids, asks }, decimals));
        expect(okx(book)).toBe(okxChecksum({ bids, asks }));
      }),
    );
  });
});
