import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TickQuote } from '../../market.ts';
import { createQuoteHistory } from './quote-history.ts';

const quote = (bidTicks: number, askTicks: number, bidLots = 1, askLots = 1): TickQuote => ({
  bidTicks,
  bidLots,
  askTicks,
  askLots,
});

describe('createQuoteHistory', () => {
  test('gives the last quote at or before a time', () => {
    const history = createQuoteHistory(10);
    history.push(100, quote(10, 11));
    history.push(200, quote(12, 13));
    expect([99, 100, 199, 200].map((timeMs) => history.at(timeMs)?.bidTicks)).toEqual([undefined, 10, 10, 12]);
  });

  test('keeps one entry for quotes that change sizes alone, and for all quotes of one time', () => {
    const history = createQuoteHistory(10);
    history.push(1, quote(10, 11));
    history.push(2, quote(10, 11, 7, 7));
    history.push(3, quote(11, 12));
    history.push(3, quote(10, 11));
    expect(history.state().entries).toEqual([[1, 10, 11]]);
    expect(history.counts().quotes).toBe(4);
  });

  test.each([
    ['no quote', undefined],
    ['no size at the bid', quote(10, 11, 0, 1)],
    ['no size at the ask', quote(10, 11, 1, 0)],
    ['a locked quote', quote(10, 10)],
    ['a crossed quote', quote(11, 10)],
  ])('%s ends the quote before it', (_, unusable) => {
    const history = createQuoteHistory(10);
    history.push(1, quote(10, 11));
    history.push(2, unusable);
    history.push(3, quote(10, 11));
    expect([1, 2, 3].map((timeMs) => history.at(timeMs) !== undefined)).toEqual([true, false, true]);
    expect(history.counts()).toEqual({ quotes: 3, lateQuotes: 0, unusableQuotes: 1, droppedQuotes: 0 });
  });

  test('drops the oldest beyond its bound, and counts it', () => {
    const history = createQuoteHistory(2);
    for (const i of [1, 2, 3]) history.push(i, quote(i, i + 1));
    history.trim(0);
    expect([1, 2, 3].map((timeMs) => history.at(timeMs)?.bidTicks)).toEqual([undefined, 2, 3]);
    expect(history.counts().droppedQuotes).toBe(1);
  });

  test('what is forgotten in time is not dropped', () => {
    const history = createQuoteHistory(1);
    for (const i of [1, 2, 3]) {
      history.push(i, quote(i, i + 1));
      history.trim(i);
    }
    expect(history.state().entries).toEqual([[3, 3, 4]]);
    expect(history.counts().droppedQuotes).toBe(0);
  });

  test('looks up what a list of all quotes in time gives', () => {
    const updates = fc.record({
      timeMs: fc.nat({ max: 30 }),
      quote: fc.option(
        fc.record({
          bidTicks: fc.integer({ min: 9, max: 11 }),
          bidLots: fc.nat({ max: 2 }),
          askTicks: fc.integer({ min: 10, max: 12 }),
          askLots: fc.nat({ max: 2 }),
        }),
        { nil: undefined, freq: 8 },
      ),
    });
    fc.assert(
      fc.property(fc.array(updates, { maxLength: 25 }), fc.nat({ max: 30 }), (tape, from) => {
        const history = createQuoteHistory(100);
        const inTime: (typeof tape)[number][] = [];
        let latest = -1;
        for (const update of tape) {
          history.push(update.timeMs, update.quote);
          if (update.timeMs < latest) continue;
          latest = update.timeMs;
          inTime.push(update);
        }
        history.trim(from);
        for (let timeMs = from; timeMs <= 31; timeMs += 1) {
          const stood = inTime.findLast((update) => update.timeMs <= timeMs)?.quote;
          const usable = stood && stood.bidLots > 0 && stood.askLots > 0 && stood.bidTicks < stood.askTicks;
          const expected = usable ? { bidTicks: stood.bidTicks, askTicks: stood.askTicks } : undefined;
          expect(history.at(timeMs)).toEqual(expected);
        }
        expect(history.counts().lateQuotes).toBe(tape.length - inTime.length);
      }),
      { numRuns: 300 },
    );
  });
});
