import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FootprintBar } from '@tapekit/footprint/footprint-bar';
import type { TickQuote } from '@tapekit/orderflow/market';
import { orderflowInputsFromOhlcv } from '@tapekit/orderflow/ohlcv-proxy';
import { createOfi } from '@tapekit/orderflow/ofi';
import type { FlowBar, FlowBook, FlowFootprint, FlowQuote } from './flow-input.ts';
import {
  flowFromBars,
  flowFromBooks,
  flowFromFootprints,
  flowFromQuotes,
  flowInput,
  footprintFlowPoints,
  scoreFootprintFlow,
} from './flow-input.ts';
import { scoreOrderFlow } from './order-flow.ts';

const quote = (bidTicks: number, bidLots: number, askTicks: number, askLots: number): FlowQuote => ({
  ...{ bidTicks, bidLots, askTicks, askLots },
});
const book = (...sizes: readonly (readonly [bid: number, ask: number])[]): FlowBook => ({
  bids: sizes.map(([sizeLots], i) => ({ priceTicks: 100 - i, sizeLots })),
  asks: sizes.map(([, sizeLots], i) => ({ priceTicks: 101 + i, sizeLots })),
});

describe('flowFromQuotes', () => {
  test('reads the contributions of Cont, Kukanov and Stoikov', () => {
    // +200 (bid grows), +300 (ask shrinks), +2500 (both up), each of them buying.
    const quotes = [quote(100, 1000, 101, 1000), quote(100, 1200, 101, 1000), quote(100, 1200, 101, 700)];
    expect(flowFromQuotes(quotes)).toEqual({
      // bids 3,400, asks 2,700
      ...{ obi: 700 / 6100, ofiTrend: 1, quality: 'measured', source: 'quotes', known: 3, unknown: 0 },
    });
    // The bid goes back to 1,000: −200 of a way of 700.
    expect(flowFromQuotes([...quotes, quote(100, 1000, 101, 700)])!.ofiTrend).toBeCloseTo(300 / 700, 12);
  });

  test('is the OFI of the orderflow package over the sum of its contributions', () => {
    const level = fc.record({
      bidTicks: fc.integer({ min: 95, max: 100 }),
      bidLots: fc.integer({ min: 1, max: 50 }),
      askTicks: fc.integer({ min: 101, max: 105 }),
      askLots: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(fc.option(level, { nil: undefined, freq: 8 }), { maxLength: 40 }), (quotes) => {
        const ofi = createOfi();
        const parts = quotes.map((q) => Number(ofi.push(q as TickQuote | undefined) ?? 0));
        const way = parts.reduce((sum, part) => sum + Math.abs(part), 0);
        const expected = way > 0 ? parts.reduce((sum, part) => sum + part, 0) / way : undefined;
        expect(flowFromQuotes(quotes)?.ofiTrend).toBe(expected);
      }),
    );
  });

  test('a gap breaks the flow instead of bridging it', () => {
    const before = quote(100, 10, 101, 10);
    const after = quote(120, 10, 121, 10);
    expect(flowFromQuotes([before, after])!.ofiTrend).toBe(1);
    expect(flowFromQuotes([before, undefined, after])).toMatchObject({
      ofiTrend: undefined,
      obi: 0,
      known: 2,
      unknown: 1,
    });
  });

  test('is not known without any quote', () => {
    expect(flowFromQuotes([])).toBeUndefined();
    expect(flowFromQuotes([undefined])).toBeUndefined();
  });
});

describe('flowFromBooks', () => {
  test('looks at so many levels, and at so many books', () => {
    const deep = book([3, 2], [8, 1], [0, 90]);
    expect(flowFromBooks([deep], { levels: 1 })!.obi).toBe(0.2);
    expect(flowFromBooks([deep], { levels: 2 })!.obi).toBeCloseTo(8 / 14, 12);
    expect(flowFromBooks([book([0, 100]), deep], { levels: 1, window: 1 })!.obi).toBe(0.2);
  });

  test('a side that is empty is imbalance, but no flow', () => {
    const oneSided: FlowBook = { bids: [{ priceTicks: 100, sizeLots: 5 }], asks: [] };
    expect(flowFromBooks([book([5, 5]), oneSided, book([5, 5])])).toMatchObject({
      obi: 1 / 5,
      ofiTrend: undefined,
      known: 3,
    });
  });

  test('refuses a size that is none, naming the book', () => {
    expect(() => flowFromBooks([undefined, book([1, -1])])).toThrow(
      'level 0 of book 1 is "-1" at "101", expected a finite price and a size of at least 0. ' +
        'Pass undefined for a book that is not known.',
    );
    expect(() => flowFromBooks([], { levels: 0 })).toThrow('levels "0"');
  });
});

const bar: fc.Arbitrary<FlowBar> = fc
  .tuple(fc.integer({ min: 1, max: 900 }), fc.nat(20), fc.nat(20), fc.nat(1000))
  .map(([low, up, more, volume]) => ({ low, close: low + up, high: low + up + more, volume }));

describe('flowFromBars', () => {
  test('closes near the high count as buying', () => {
    const bars = [
      { high: 110, low: 100, close: 104, volume: 500 },
      { high: 110, low: 100, close: 106, volume: 500 },
    ];
    expect(flowFromBars(bars)).toEqual({
      ...{ obi: 0, ofiTrend: 0.4, quality: 'proxy', source: 'ohlcv', known: 2, unknown: 0 },
    });
  });

  test('gives the numbers of the orderflow package', () => {
    fc.assert(
      fc.property(fc.array(bar, { maxLength: 80 }), fc.integer({ min: 1, max: 70 }), (bars, window) => {
        const column = (key: keyof FlowBar): number[] => bars.map((b) => b[key]);
        const theirs = orderflowInputsFromOhlcv(column('high'), column('low'), column('close'), column('volume'), {
          window,
        });
        const ours = flowFromBars(bars, { window });
        expect([ours?.obi, ours?.ofiTrend]).toEqual([
          theirs.obi,
          theirs.obi === undefined ? undefined : theirs.ofiTrend,
        ]);
      }),
    );
  });

  test('days without a print are unknown, not balanced', () => {
    expect(flowFromBars([{ high: 0, low: 0, close: 500, volume: 0 }])).toBeUndefined();
    expect(() => flowFromBars([{ high: 0, low: 0, close: 500, volume: 1 }])).toThrow('bar 0 closes at "500"');
  });
});

const footprint = (buyLots: number, sellLots: number, unknownLots = 0, signalScore?: number): FlowFootprint => ({
  ...{ buyLots, sellLots, unknownLots },
  ...(signalScore === undefined ? {} : { signalScore }),
});

describe('flowFromFootprints', () => {
  test('is the delta over the volume with a known aggressor', () => {
    const bars = [footprint(30, 10, 999), footprint(10, 30), footprint(20, 0)];
    expect(flowFromFootprints(bars)).toEqual({
      ...{ obi: undefined, ofiTrend: 0.2, quality: 'measured', source: 'footprints', known: 3, unknown: 0 },
    });
  });

  test('takes a bar of the footprint package as it is, big sums too', () => {
    const full: Pick<FootprintBar, 'buyLots' | 'sellLots' | 'unknownLots'> = {
      buyLots: 3n * 10n ** 18n,
      sellLots: 10n ** 18n,
      unknownLots: 0,
    };
    expect(flowFromFootprints([full])!.ofiTrend).toBe(0.5);
  });

  test('is not known where no aggressor is', () => {
    expect(flowFromFootprints([footprint(0, 0, 50)])).toBeUndefined();
  });
});

test('a crossed book is unknown: what rests in it is not counted, and the flow begins anew', () => {
  const crossed = quote(102, 5, 100, 5);
  expect(flowFromQuotes([crossed])).toBeUndefined();
  const [one, two] = [quote(100, 10, 101, 10), quote(100, 30, 101, 10)];
  expect(flowFromQuotes([one, crossed, two])).toMatchObject({
    obi: 20 / 60,
    ofiTrend: undefined,
    known: 2,
    unknown: 1,
  });
});

describe('flowInput', () => {
  const books = [book([5, 5]), book([9, 5])];
  const footprints = [footprint(10, 30)];
  const bars = [
    { high: 110, low: 100, close: 109, volume: 10 },
    { high: 110, low: 100, close: 109, volume: 10 },
  ];

  test('prefers what was measured, and says where it comes from', () => {
    const quotes = [quote(100, 5, 101, 5)];
    expect(flowInput({ books, quotes, footprints, bars })).toMatchObject({ source: 'books', quality: 'measured' });
    expect(flowInput({ quotes, bars })).toMatchObject({ source: 'quotes', obi: 0, ofiTrend: undefined });
    expect(flowInput({ footprints, bars })).toMatchObject({ source: 'footprints', obi: undefined, ofiTrend: -0.5 });
    expect(flowInput({ books: [undefined], bars })).toMatchObject({ source: 'ohlcv', quality: 'proxy', obi: 0.8 });
    expect(flowInput({})).toBeUndefined();
  });

  test('trades complete a single book; bars do not', () => {
    expect(flowInput({ books: [books[0]], footprints })).toMatchObject({ source: 'books', obi: 0, ofiTrend: -0.5 });
    expect(flowInput({ books: [books[0]], bars })).toMatchObject({ source: 'books', obi: 0, ofiTrend: undefined });
  });

  test('fits the order-flow component', () => {
    // obi 4 ÷ 24, every change was buying: 50 + 40 ÷ 6 + 10
    expect(scoreOrderFlow(flowInput({ books })!)).toMatchObject({ score: 66.666667, quality: 'measured' });
  });
});

describe('scoreFootprintFlow', () => {
  test('points add up to 50', () => {
    expect(Object.values(footprintFlowPoints).reduce((a, b) => a + b)).toBe(50);
  });

  test('buyers in every bar and every signal are 100', () => {
    expect(scoreFootprintFlow([footprint(60, 40, 0, 2), footprint(60, 40, 5, 0)])).toMatchObject({
      score: 100,
      inputs: { deltaShare: 0.2, cvdTrend: 1, signals: 1 },
    });
  });

  test('covers the rules that could be tried, of the volume whose aggressor is known', () => {
    const all = scoreFootprintFlow([footprint(60, 40, 0, 2)]);
    const without = scoreFootprintFlow([footprint(60, 40)]);
    const unknown = scoreFootprintFlow([footprint(60, 40, 100, 2)]);
    expect([all.coverage, without.coverage, unknown.coverage]).toEqual([1, 0.8, 0.5]);
    expect(scoreFootprintFlow([footprint(1, 0, 100_000)]).coverage).toBeCloseTo(0.8 / 100_001, 12);
    expect(all.inputs['knownShare']).toBe(1);
  });

  test('signals of half of the bars cover half of their rule', () => {
    expect(scoreFootprintFlow([footprint(60, 40, 0, 2), footprint(60, 40)]).coverage).toBeCloseTo(0.9, 12);
  });

  test('states its rule, with what is unknown left out', () => {
    expect(scoreFootprintFlow([footprint(60, 40, 0, 2)]).rule).toBe(
      '50 + (25 × deltaShare ÷ 0.2 + 15 × cvdTrend + 10 × signals, each within ±1) × 50 ÷ 50',
    );
    expect(scoreFootprintFlow([footprint(60, 40)]).rule).toBe(
      '50 + (25 × deltaShare ÷ 0.2 + 15 × cvdTrend, each within ±1) × 50 ÷ 40',
    );
  });

  test('is missing without a known aggressor', () => {
    expect(scoreFootprintFlow([footprint(0, 0, 9)])).toMatchObject({ score: undefined, quality: 'missing' });
  });

  test('swapped sides give exactly 100 − score', () => {
    const lots = fc.nat(500);
    const tape = fc.array(fc.tuple(lots, lots, lots, fc.option(fc.integer({ min: -3, max: 3 }), { nil: undefined })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(tape, (rows) => {
        const one = scoreFootprintFlow(rows.map(([b, s, u, signal]) => footprint(b, s, u, signal)));
        const two = scoreFootprintFlow(rows.map(([b, s, u, signal]) => footprint(s, b, u, signal && -signal)));
        expect(two.quality).toBe(one.quality);
        if (one.score === undefined) return;
        expect(Math.round(one.score * 1e6) + Math.round(two.score! * 1e6)).toBe(100e6);
      }),
    );
  });

  test('a signal that is null was not computed: the same as one that is left out', () => {
    const bar = footprint(60, 40);
    expect(scoreFootprintFlow([{ ...bar, signalScore: null }])).toEqual(scoreFootprintFlow([bar]));
    expect(scoreFootprintFlow([bar])).toMatchObject({ score: 100, coverage: 0.8 });
  });

  test.each([null, '', '60', [], true, undefined, Number.NaN, Infinity, -1])('lots of "%s" are refused', (lots) => {
    for (const field of ['buyLots', 'sellLots', 'unknownLots']) {
      const bars = [{ ...footprint(60, 40), [field]: lots }];
      expect(() => scoreFootprintFlow(bars)).toThrow(`"${String(lots)}" ${field === 'buyLots' ? 'bought' : ''}`.trim());
      expect(() => flowFromFootprints(bars)).toThrow('expected finite numbers of at least 0');
    }
  });

  test.each([Number.NaN, '2', true, Infinity])('a signal of "%s" is refused', (signalScore) => {
    expect(() => scoreFootprintFlow([{ ...footprint(60, 40), signalScore: signalScore as number }])).toThrow(
      `signalScore "${String(signalScore)}" of footprint 0 is not a finite number. Leave it out where it was not computed.`,
    );
  });

  test('refuses lots that are none', () => {
    expect(() => scoreFootprintFlow([footprint(-1, 0)])).toThrow(
      'footprint 0 has "-1" bought, "0" sold and "0" unknown lots',
    );
    expect(() => scoreFootprintFlow([], { fullDeltaShare: 0 })).toThrow('fullDeltaShare "0"');
  });
});

describe('observations that are not known', () => {
  test('lower the coverage of order flow by their share: 60, 30 and 1 of 60 books', () => {
    const of = (known: number): unknown => {
      const books = Array.from({ length: 60 }, (_, i) => (i < known ? book([10, 0]) : undefined));
      const { score, coverage } = scoreOrderFlow(flowInput({ books })!);
      return [score, coverage];
    };
    expect([of(60), of(30), of(1)]).toEqual([
      [100, 0.8],
      [100, 0.4],
      [100, 0.8 / 60],
    ]);
  });
});
