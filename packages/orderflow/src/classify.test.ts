import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hasRecordedData, workedExamples } from '@tapekit/tooling/recorded-data';
import {
  classifyByFlag,
  clnvOfColumns,
  createClnv,
  createEmo,
  createLeeReady,
  createQuoteRule,
  createTickRule,
  restoreClnv,
  restoreLeeReady,
  tickRuleOfColumns,
} from './classify.ts';
import type { Classification, QuoteClassifier } from './classify.ts';
import { sideCode } from './columns.ts';
import { createGrid } from './grid.ts';
import type { TickQuote } from './market.ts';

const quote = (bidTicks: number, askTicks: number): TickQuote => ({ bidTicks, bidLots: 1, askTicks, askLots: 1 });
const told = ({ side, method, confidence }: Classification): string => `${side} ${method} ${confidence}`;

/** The answer to a print at `price`, after one at `before`, both under the quote bid / ask. */
function answer(rule: QuoteClassifier, bid: number, ask: number, before: number, price: number): Classification {
  rule.pushQuote(0, quote(bid, ask));
  rule.push({ timeMs: 1, priceTicks: before });
  return rule.push({ timeMs: 2, priceTicks: price });
}

describe('the rules of quotes', () => {
  // Bid 1000, ask 1100: the mid is 1050, the bands of CLNV end at 1030 and 1070.
  test.each([
    // price, before, quote rule, Lee-Ready, EMO, CLNV
    [1050, 1040, 'unknown none', 'buy moved', 'buy moved', 'buy moved'],
    [1075, 1090, 'buy inside', 'buy inside', 'sell moved', 'buy inside'],
    [1060, 1070, 'buy inside', 'buy inside', 'sell moved', 'sell moved'],
    [1125, 1150, 'buy outside', 'buy outside', 'sell moved', 'sell moved'],
    [1000, 990, 'sell at-quote', 'sell at-quote', 'sell at-quote', 'sell at-quote'],
    [1100, 1200, 'buy at-quote', 'buy at-quote', 'buy at-quote', 'buy at-quote'],
    [1070, 1080, 'buy inside', 'buy inside', 'sell moved', 'buy inside'],
    [1069, 1080, 'buy inside', 'buy inside', 'sell moved', 'sell moved'],
    [1030, 1020, 'sell inside', 'sell inside', 'buy moved', 'sell inside'],
    [1031, 1020, 'sell inside', 'sell inside', 'buy moved', 'buy moved'],
  ])('%d after %d', (price, before, ...expected) => {
    const rules = [createQuoteRule, createLeeReady, createEmo, createClnv];
    const answers = rules.map((create) => answer(create(), 1000, 1100, before, price));
    expect(answers.map(({ side, confidence }) => `${side} ${confidence}`)).toEqual(expected);
  });

  test.skipIf(!hasRecordedData)('give the worked examples', () => {
    type Row = Record<'p' | 'bid' | 'ask' | 'prev' | 'lee_ready' | 'emo' | 'clnv', number>;
    const { classify } = workedExamples<{ classify: Row[] }>();
    expect(classify.length).toBeGreaterThan(0);
    const grid = createGrid({ tickSize: '0.05', lotSize: '1' });
    for (const { p, bid, ask, prev, lee_ready, emo, clnv } of classify) {
      const sign = (rule: QuoteClassifier): number =>
        sideCode(answer(rule, grid.toTicks(bid), grid.toTicks(ask), grid.toTicks(prev), grid.toTicks(p)).side);
      expect([createLeeReady(), createEmo(), createClnv()].map(sign)).toEqual([lee_ready, emo, clnv]);
    }
  });

  test('compare exactly beyond 2^53: the mid of two safe integers is not rounded', () => {
    const ask = Number.MAX_SAFE_INTEGER;
    // 2·p is 2^54 − 4, bid + ask is 2^54 − 3: below the mid by half a tick.
    expect(answer(createQuoteRule(), ask - 1, ask, ask - 1, ask - 1).side).toBe('sell');
    expect(answer(createClnv(), -ask, ask, 0, 1).confidence).toBe('moved');
  });

  test('CLNV with bands of half the spread leaves the middle to the tick rule', () => {
    const half = createClnv({ edgePercent: 50 });
    expect(told(answer(half, 10, 12, 10, 11))).toBe('buy tick-rule moved');
  });
});

describe('the quote in force', () => {
  test('is the last one at least quoteLagMs older than the print', () => {
    const sideAt = (quoteLagMs: number): string => {
      const rule = createLeeReady({ quoteLagMs });
      rule.pushQuote(1000, quote(10, 12));
      rule.pushQuote(1090, quote(12, 14));
      return told(rule.push({ timeMs: 1100, priceTicks: 12 }));
    };
    // The print at 12 took the ask of the first quote; the second one is what it left behind.
    expect([0, 10, 10.5, 100, 100.5].map(sideAt)).toEqual([
      'sell quote-rule at-quote',
      'sell quote-rule at-quote',
      'buy quote-rule at-quote',
      'buy quote-rule at-quote',
      'unknown tick-rule none',
    ]);
  });

  test.each([
    ['none was pushed', []],
    ['it has one side', [undefined]],
    ['it is locked', [quote(11, 11)]],
    ['it is crossed', [quote(12, 10)]],
    ['a side is empty', [{ ...quote(10, 12), bidLots: 0 }]],
  ])('is absent when %s: the tick rule decides, and the print is counted', (_, quotes) => {
    const [leeReady, bare] = [createLeeReady(), createQuoteRule()];
    for (const rule of [leeReady, bare]) quotes.forEach((next) => rule.pushQuote(0, next));
    leeReady.push({ timeMs: 0, priceTicks: 10 });
    expect(told(leeReady.push({ timeMs: 1, priceTicks: 11 }))).toBe('buy tick-rule moved');
    expect(leeReady.counts.tradesWithoutQuote).toBe(2);
    expect(told(bare.push({ timeMs: 1, priceTicks: 11 }))).toBe('unknown quote-rule none');
  });

  test('is found for prints that come late by up to reorderMs', () => {
    const late = (reorderMs: number): Classification => {
      const rule = createQuoteRule({ reorderMs });
      rule.pushQuote(0, quote(10, 12));
      for (const timeMs of [100, 150, 200]) rule.pushQuote(timeMs, quote(timeMs, timeMs + 2));
      return rule.push({ timeMs: 100, priceTicks: 102 });
    };
    expect(told(late(100))).toBe('buy quote-rule at-quote');
    expect(told(late(49))).toBe('unknown quote-rule none');
  });

  test('counts late quotes and what its bound drops', () => {
    const rule = createQuoteRule({ maxQuotes: 2 });
    for (const timeMs of [1, 2, 3, 2]) rule.pushQuote(timeMs, quote(timeMs, timeMs + 1));
    rule.pushQuote(4, undefined);
    expect(rule.counts).toEqual({
      quotes: 5,
      lateQuotes: 1,
      unusableQuotes: 1,
      droppedQuotes: 2,
      trades: 0,
      tradesWithoutQuote: 0,
    });
  });
});

describe('what no grid can produce', () => {
  test.each([NaN, 0.5, 2 ** 53, -Infinity, 1e308])('a price of %d is refused and changes nothing', (priceTicks) => {
    const rule = createLeeReady();
    rule.pushQuote(0, quote(10, 12));
    const before = rule.snapshot();
    expect(() => rule.push({ timeMs: 1, priceTicks })).toThrow(expect.objectContaining({ code: 'bad-trade' }));
    for (const bad of [{ bidTicks: priceTicks }, { askLots: priceTicks }]) {
      const refused = { ...quote(10, 12), ...bad };
      expect(() => rule.pushQuote(1, refused)).toThrow(expect.objectContaining({ code: 'bad-quote' }));
    }
    expect(rule.snapshot()).toEqual(before);
  });

  test('a time that is none is refused by name', () => {
    expect(() => createLeeReady().pushQuote(NaN, undefined)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: timeMs NaN of a quote is not a time in epoch milliseconds. Pass the time on the clock of the trades.]`,
    );
    expect(() => createLeeReady().push({ timeMs: Infinity, priceTicks: 1 })).toThrow(
      expect.objectContaining({ code: 'bad-trade' }),
    );
  });

  test.each([{ quoteLagMs: -1 }, { quoteLagMs: NaN }, { reorderMs: Infinity }, { maxQuotes: 0 }, { maxQuotes: 1.5 }])(
    'the options %j are refused',
    (options) => {
      expect(() => createLeeReady(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );

  test.each([0, 51, 0.5, NaN])('an edgePercent of %d is refused', (edgePercent) => {
    expect(() => createClnv({ edgePercent })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('a snapshot goes back to its own rule and options alone', () => {
    const snapshot = createLeeReady({ quoteLagMs: 20 }).snapshot();
    expect(restoreLeeReady(snapshot).snapshot()).toEqual(snapshot);
    for (const restore of [
      () => restoreClnv(snapshot),
      () => restoreLeeReady(snapshot, { quoteLagMs: 21 }),
      () => restoreLeeReady({} as never),
      () => restoreClnv(createClnv().snapshot(), { edgePercent: 20 }),
    ]) {
      expect(restore).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    }
  });
});

describe('classifyByFlag', () => {
  test('repeats the venue, and knows nothing where the venue says nothing', () => {
    expect((['buy', 'sell', 'unknown'] as const).map((side) => told(classifyByFlag({ side })))).toEqual([
      'buy flag flagged',
      'sell flag flagged',
      'unknown flag none',
    ]);
  });
});

describe('columns', () => {
  test('a NaN in a quote row says that there is no quote', () => {
    const { values, counts } = clnvOfColumns(
      { timeMs: [5, 15], priceTicks: [12, 12], sizeLots: [1, 1], side: [0, 0] },
      { timeMs: [0, 10], bidTicks: [10, NaN], bidLots: [1, NaN], askTicks: [12, NaN], askLots: [1, NaN] },
    );
    expect(values.map(told)).toEqual(['buy quote-rule at-quote', 'unknown tick-rule none']);
    expect([counts.quotes, counts.unusableQuotes, counts.tradesWithoutQuote]).toEqual([2, 1, 1]);
  });

  test('the tick rule over a column is the tick rule', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3 })), (priceTicks) => {
        const rule = createTickRule();
        expect(tickRuleOfColumns({ priceTicks })).toEqual(priceTicks.map((price) => rule.push({ priceTicks: price })));
      }),
    );
  });

  test('columns of unequal length are refused', () => {
    const quotes = { timeMs: [0], bidTicks: [], bidLots: [1], askTicks: [1], askLots: [1] };
    expect(() => clnvOfColumns({ timeMs: [], priceTicks: [], sizeLots: [], side: [] }, quotes)).toThrow(
      expect.objectContaining({ code: 'bad-columns' }),
    );
  });
});
