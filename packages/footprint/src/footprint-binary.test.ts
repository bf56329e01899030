import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isFootprintError } from './errors.ts';
import { createBars, rangeClock, renkoClock, volumeClock, type BarClock } from './event-bars.ts';
import { decodeFootprintBlocks, decodeFootprints, encodeFootprints } from './footprint-binary.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { formatFootprintLine } from './footprint-json.ts';
import { createTimeBars, type TimeBarsOptions } from './time-bars.ts';

const grid = createGrid({ tickSize: '0.01', lotSize: '0.001' });
const context = { symbol: 'ETHUSDT', grid, rowTicks: 3 };

const tapes: fc.Arbitrary<readonly TickTrade[]> = fc.array(
  fc.record({
    timeMs: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: 0, max: 9000 }) },
      fc.integer({ min: -9e12, max: 9e12 }),
    ),
    priceTicks: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: -20, max: 60 }) },
      fc.maxSafeInteger().map((ticks) => Math.trunc(ticks / 2)),
    ),
    sizeLots: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 300 }) }, fc.constant(2 ** 53 - 1)),
    side: fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const),
    id: fc.nat({ max: 30 }),
  }),
  { maxLength: 25 },
);

const variants: Partial<TimeBarsOptions>[] = [
  {},
  { tradeSizes: true },
  { integrity: true, late: 'next-bar' },
  { emptyBars: 'flat', maxFlatBars: 3 },
];
const timeBars = (tape: readonly TickTrade[], more: Partial<TimeBarsOptions> = {}): FootprintBar[] => {
  const bars = createTimeBars({ grid, intervalMs: 1000, rowTicks: 3, maxJumpMs: Infinity, ...more });
  return [...tape.flatMap((trade) => bars.pushTicks(trade)), ...bars.flush()];
};

describe('encodeFootprints', () => {
  test.each(variants)('gives bytes that decode to the bars of createTimeBars, %j', (more) => {
    fc.assert(
      fc.property(tapes, (tape) => {
        const bars = timeBars(tape, more);
        const bytes = encodeFootprints(bars, context);
        expect(decodeFootprints(bytes)).toEqual({
          ...{ symbol: 'ETHUSDT', tickSize: '0.01', lotSize: '0.001', rowTicks: 3 },
          bars,
        });
        expect(encodeFootprints(decodeFootprints(bytes).bars, context)).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });

  test.each<[string, BarClock]>([
    ['volume', volumeClock(90)],
    ['range', rangeClock(9)],
    ['Renko', renkoClock(4)],
  ])('gives bytes that decode to bars by %s, times between milliseconds included', (_, clock) => {
    const near = tapes.map((tape) =>
      tape.map((trade) => ({
        ...trade,
        timeMs: (trade.timeMs % 9000) + 0.25,
        priceTicks: trade.priceTicks % 100,
        sizeLots: trade.sizeLots % 300,
      })),
    );
    fc.assert(
      fc.property(near, (tape) => {
        const made = createBars({ grid, clock, rowTicks: 3 });
        const bars = [...tape.flatMap((trade) => made.pushTicks(trade)), ...made.flush()];
        expect(decodeFootprints(encodeFootprints(bars, context)).bars).toEqual(bars);
      }),
      { numRuns: 200 },
    );
  });

  test('lays bytes out as documented', () => {
    const [bar] = timeBars([
      { timeMs: 1, priceTicks: 6, sizeLots: 3, side: 'buy' },
      { timeMs: 2, priceTicks: 3, sizeLots: 200, side: 'sell' },
    ]);
    const header = [7, ...ascii('ETHUSDT'), 4, ...ascii('0.01'), 5, ...ascii('0.001'), 3, 1];
    const payload = [
      ...header,
      // No flags; start 0; length 1000 as 2000; revision 0, 2 trades.
      ...[0, 0, 0xd0, 0x0f, 0, 2],
      // Open 6; close 3 lower; high is the open; low is the close; deltas −197 and 3; value as the rows have it.
      ...[12, 5, 0, 0, 0xc5, 0x01, 3, 0],
      // Point of control and value area at the low; two rows: sold 200 in one print, bought 3 in one print.
      ...[0, 0, 0, 2],
      ...[0, 2 + 16, 0xc8, 0x01, 1],
      ...[1, 1 + 8, 3, 1],
    ];
    const body = [1, payload.length, 0, 0, 0, ...payload];
    const crc = new Uint8Array(4);
    new DataView(crc.buffer).setUint32(0, crc32(Uint8Array.from(body)), true);
    expect([...encodeFootprints([bar!], context)]).toEqual([...ascii('TKFP'), ...body, ...crc]);
  });

  test('is a tenth of JSON lines or less', () => {
    const bars = timeBars(
      Array.from({ length: 4000 }, (_, i) => ({
        ...{ timeMs: 1_723_161_255_611 + i * 7, priceTicks: 268_380 + ((i * 7) % 90), sizeLots: 1 + ((i * 37) % 900) },
        side: i % 3 === 0 ? 'sell' : 'buy',
        id: i,
      })),
    );
    const lines = bars.map((bar) => formatFootprintLine(bar, context)).join('').length;
    expect(encodeFootprints(bars, context).length * 10).toBeLessThan(lines);
  });

  test('refuses bars that contradict themselves, and rows of another height', () => {
    const [bar] = timeBars([{ timeMs: 1, priceTicks: 10, sizeLots: 3, side: 'buy' }]);
    const refused = (bars: readonly FootprintBar[], more = {}): void => {
      expect(() => encodeFootprints(bars, { ...context, ...more })).toThrow(
        expect.objectContaining({ code: 'bad-trade' }),
      );
    };
    refused([{ ...bar!, buyLots: 4 }]);
    refused([{ ...bar!, volumeLots: 4 }]);
    refused([{ ...bar!, deltaLots: -3 }]);
    refused([{ ...bar!, highTicks: 9 }]);
    refused([{ ...bar!, endMs: 0 }]);
    refused([bar!], { rowTicks: 2 });
    expect(() => encodeFootprints([], { ...context, rowTicks: 0 })).toThrow('rowTicks "0"');
  });

  test('refuses what would come back as something else: fractions, counts below 0, broken text', () => {
    const [bar] = timeBars([{ timeMs: 1, priceTicks: 12, sizeLots: 3, side: 'buy' }], {
      tradeSizes: true,
      integrity: true,
    });
    const [row] = bar!.rows;
    const broken: readonly object[] = [
      ...[
        { revision: -1 },
        { revision: 0.5 },
        { trades: NaN },
        { trades: 2 ** 60 },
        { pocTicks: 1.5 },
        { pocTicks: 13 },
        { integrity: null },
        { vahTicks: NaN },
      ],
      ...[
        { openTicks: 12.5, highTicks: 13 },
        { valueTickLots: 0.5 },
        { valueTickLots: 2n ** 300n },
        { endMs: Infinity },
      ],
      ...[{ integrity: { ...bar!.integrity, late: -1 } }, { complete: true }, { complete: true, continuedTrades: 0.5 }],
      ...[
        { buyTrades: 1.5 },
        { buyTrades: -1 },
        { buyLots: 3.5 },
        { maxTradeLots: NaN },
        { maxTradeLots: 2 ** 60 },
      ].map((more) => ({ rows: [{ ...row, ...more }] })),
    ];
    for (const more of broken) {
      expect(() => encodeFootprints([{ ...bar!, ...more }], context)).toThrow(
        expect.objectContaining({ code: 'bad-trade' }),
      );
    }
    const refused = (more: object): void => {
      expect(() => encodeFootprints([], { ...context, ...more })).toThrow(
        expect.objectContaining({ code: 'bad-option' }),
      );
    };
    refused({ symbol: 'a\ud800b' });
    refused({ symbol: undefined });
    refused({ grid: { tickSize: '1e-2', lotSize: '1' } });
    const marked = encodeFootprints([], { ...context, symbol: '\ufeffETH' });
    expect(decodeFootprints(marked).symbol).toBe('\ufeffETH');
  });

  test('keeps times that are farther apart than the safe integers', () => {
    const [bar] = timeBars([{ timeMs: 1, priceTicks: 12, sizeLots: 3, side: 'buy' }]);
    const wide = { ...bar!, startMs: -8.64e15, endMs: 8.64e15 };
    expect(decodeFootprints(encodeFootprints([wide, bar!], context)).bars).toEqual([wide, bar]);
  });
});

describe('decodeFootprints', () => {
  const bars = timeBars([
    { timeMs: 1, priceTicks: 10, sizeLots: 3, side: 'buy' },
    { timeMs: 5, priceTicks: 17, sizeLots: 2 ** 53 - 1, side: 'unknown' },
    { timeMs: 5000, priceTicks: -7, sizeLots: 1, side: 'sell' },
  ]);
  const whole = encodeFootprints(bars, context);

  const isRefused = (bytes: Uint8Array): boolean => {
    try {
      decodeFootprints(bytes);
      return false;
    } catch (error) {
      if (isFootprintError(error, 'bad-binary')) return true;
      throw error;
    }
  };

  test('refuses bytes that were cut, at every place', () => {
    for (let length = 0; length < whole.length; length++) expect(isRefused(whole.subarray(0, length))).toBe(true);
    expect(isRefused(Uint8Array.of(...whole, 0))).toBe(true);
  });

  test('refuses bytes with one bit changed, at every place', () => {
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const damaged = whole.slice();
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(isRefused(damaged)).toBe(true);
    }
  });

  test('refuses any bytes with a right checksum that no bars have, and reads the others as they are', () => {
    // The payload is changed and sealed again, so that only its meaning is left to refuse.
    const payload = whole.subarray(9, whole.length - 4);
    expect(seal(payload)).toEqual(whole);
    const changes = fc.array(fc.tuple(fc.nat({ max: payload.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(fc.oneof(changes.map(changed(payload)), fc.uint8Array({ maxLength: 60 })), (bytes) => {
        const sealed = seal(bytes);
        if (isRefused(sealed)) return;
        const { bars: got, ...header } = decodeFootprints(sealed);
        const again = { symbol: header.symbol, grid: header, rowTicks: header.rowTicks };
        let encoded: Uint8Array | undefined;
        try {
          encoded = encodeFootprints(got, again);
        } catch (error) {
          if (!isFootprintError(error)) throw error;
        }
        if (encoded) expect(encoded).toEqual(sealed);
      }),
      { numRuns: 3000 },
    );
  });

  test('refuses a second way to write the same bar', () => {
    const [bar] = timeBars([{ timeMs: 1, priceTicks: 12, sizeLots: 3, side: 'buy' }]);
    const [plain, empty] = [
      encodeFootprints([bar!], { ...context, symbol: '' }),
      encodeFootprints([{ ...bar!, ...none, rows: [] }], { ...context, symbol: '' }),
    ].map((bytes) => bytes.subarray(9, bytes.length - 4)) as [Uint8Array, Uint8Array];
    // Behind the header: an empty symbol, two decimals, the row height, one bar.
    const [flags, times] = [14, 4];
    const doubles = new Uint8Array(new Float64Array([0, 1000]).buffer);
    const spelled = [...plain.subarray(0, flags), 16, ...doubles, ...plain.subarray(flags + times)];
    expect(isRefused(seal(plain))).toBe(false);
    expect(() => decodeFootprints(seal(Uint8Array.from(spelled)))).toThrow(
      'times at byte 23 is not in their shortest form',
    );
    const flagged = empty.slice();
    flagged[flags] = 2;
    expect(isRefused(seal(empty))).toBe(false);
    expect(() => decodeFootprints(seal(flagged))).toThrow('above 0 where largest prints are flagged');
  });

  test('names the byte and what was expected', () => {
    const other = whole.slice();
    other[4] = 2;
    expect(() => decodeFootprints(other)).toThrow('Block at byte 0 has version "2", expected 1.');
    expect(() => decodeFootprints(new TextEncoder().encode('{"v":1}'))).toThrow('does not begin with "TKFP"');
    expect(() => decodeFootprints(whole.subarray(0, whole.length - 1))).toThrow(
      `Block at byte 0 is cut off after ${whole.length - 1} bytes, expected ${whole.length}.`,
    );
    const flipped = whole.slice();
    flipped[20]! ^= 1;
    expect(() => decodeFootprints(flipped)).toThrow(`(byte ${whole.length - 4})`);
    for (const other of [undefined, null, 'TKFP', whole.buffer]) {
      expect(() => decodeFootprints(other as never)).toThrow('Pass a Uint8Array.');
      expect(() => decodeFootprintBlocks(other as never)).toThrow('Pass a Uint8Array.');
    }
    expect(() => decodeFootprints(Uint8Array.of(...whole, ...whole))).toThrow(
      'read several with decodeFootprintBlocks',
    );
  });
});

describe('decodeFootprintBlocks', () => {
  const bars = timeBars([
    { timeMs: 1, priceTicks: 10, sizeLots: 3, side: 'buy' },
    { timeMs: 5000, priceTicks: -7, sizeLots: 1, side: 'sell' },
  ]);

  test('gives blocks that were written one behind another, and those before a damage', () => {
    const [one, two] = [encodeFootprints(bars.slice(0, 1), context), encodeFootprints(bars.slice(1), context)];
    const both = Uint8Array.of(...one, ...two);
    expect([...decodeFootprintBlocks(both)].flatMap((block) => block.bars)).toEqual(bars);
    expect([...decodeFootprintBlocks(new Uint8Array())]).toEqual([]);
    const blocks = decodeFootprintBlocks(both.subarray(0, both.length - 1));
    expect(blocks.next().value?.bars).toEqual(bars.slice(0, 1));
    expect(() => blocks.next()).toThrow(`Block at byte ${one.length} is cut off`);
  });

  test('reads from the middle of a larger buffer', () => {
    const bytes = encodeFootprints(bars, context);
    const larger = Uint8Array.of(9, 9, 9, ...bytes, 9);
    expect(decodeFootprints(larger.subarray(3, 3 + bytes.length)).bars).toEqual(bars);
  });
});

/** The sums of a bar without rows. */
const none = {
  volumeLots: 0,
  buyLots: 0,
  sellLots: 0,
  unknownLots: 0,
  deltaLots: 0,
  maxDeltaLots: 0,
  valueTickLots: 0,
};

/** A block with this payload and a right checksum. */
function seal(payload: Uint8Array): Uint8Array {
  const bytes = Uint8Array.of(...ascii('TKFP'), 1, 0, 0, 0, 0, ...payload, 0, 0, 0, 0);
  const view = new DataView(bytes.buffer);
  view.setUint32(5, payload.length, true);
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(4, bytes.length - 4)), true);
  return bytes;
}

function ascii(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

function changed(payload: Uint8Array): (changes: readonly (readonly [number, number])[]) => Uint8Array {
  return (changes) => {
    const bytes = payload.slice();
    for (const [at, value] of changes) bytes[at] = value;
    return bytes;
  };
}

/** As zlib has it, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ -1) >>> 0;
}
