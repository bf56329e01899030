/** The rules of the venues with ordered streams, one after the other; Binance is in `book.test.ts`. */
import { describe, expect, test } from 'vitest';
import { bookRules, createBook } from './book.ts';
import type { BookEvent, BookRule } from './book.ts';
import { createGrid } from './grid.ts';
import type { BookLevel } from './market.ts';
import { createSequenceGuard } from './sequence-guard.ts';

const grid = createGrid({ tickSize: '0.5', lotSize: '1' });
const at = { symbol: 'XBTUSD', timeMs: 0 };
const bids: readonly BookLevel[] = [['99.5', 1]];
const asks: readonly BookLevel[] = [['100', 1]];
const snapshot = (lastUpdateId: number): BookEvent => ({ type: 'book-snapshot', ...at, lastUpdateId, bids, asks });
const delta = (id: number, previous?: number, levels: readonly BookLevel[] = []): BookEvent => ({
  type: 'book-delta',
  ...at,
  firstUpdateId: id,
  lastUpdateId: id,
  ...(previous === undefined ? {} : { previousUpdateId: previous }),
  bids: levels,
  asks: [],
});
const outcomes = (rule: BookRule, ...events: readonly BookEvent[]) => {
  const book = createBook({ grid, rule });
  return events.map((event) => book.push(event).outcome);
};

test('every rule has a name of its own', () => {
  const names = Object.values(bookRules).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

describe.each([bookRules.bybit, bookRules.krakenFutures])('$name', (rule) => {
  test('counts by 1; what does not is a gap, also a repeat, as ids may start anew', () => {
    expect(outcomes(rule, snapshot(7), delta(8), delta(9), delta(11))).toEqual([
      'snapshot',
      'applied',
      'applied',
      'gap',
    ]);
    expect(outcomes(rule, snapshot(7), delta(8), delta(8), delta(9))).toEqual([
      'snapshot',
      'applied',
      'gap',
      'dropped',
    ]);
    // A lost restart would leave these below the id of the book for ever.
    expect(outcomes(rule, snapshot(700), delta(2))).toEqual(['snapshot', 'gap']);
  });
});

describe.each([bookRules.bybit, bookRules.bybitTop])('$name', (rule) => {
  test('takes an event with u = 1 for the whole book, in sync or not', () => {
    const book = createBook({ grid, rule });
    book.push(snapshot(700));
    expect(book.push(delta(1, undefined, [['98', 3]])).outcome).toBe('snapshot');
    expect(book.top(5)).toEqual({ bids: [{ priceTicks: 196, sizeLots: 3 }], asks: [] });
    expect(book.stats()).toMatchObject({ snapshots: 2, deltas: 0, lastUpdateId: 1 });
    book.invalidate();
    expect([delta(1), delta(2)].map((event) => book.push(event).outcome)).toEqual(['snapshot', 'applied']);
  });
});

describe.each([bookRules.okx, bookRules.deribit])('$name', (rule) => {
  test('chains by the previous id', () => {
    expect(outcomes(rule, snapshot(70), delta(75, 70), delta(90, 75), delta(95, 91))).toEqual([
      'snapshot',
      'applied',
      'applied',
      'gap',
    ]);
  });

  test('takes a keep-alive that repeats the id, and ids that fall while the chain holds', () => {
    expect(
      outcomes(rule, snapshot(70), delta(70, 70), delta(75, 70), delta(75, 75), delta(3, 75), delta(5, 3)),
    ).toEqual(['snapshot', 'applied', 'applied', 'applied', 'applied', 'applied']);
  });

  test('does not take lower ids for repeats: the event that let them fall was lost', () => {
    expect(outcomes(rule, snapshot(70), delta(75, 70), delta(5, 3))).toEqual(['snapshot', 'applied', 'gap']);
  });
});

describe.each([bookRules.coinbaseAdvanced, bookRules.bitfinex])('$name', (rule) => {
  test('leaves numbers to other channels and refuses what goes back', () => {
    expect(outcomes(rule, snapshot(7), delta(9), delta(9), delta(40), delta(39))).toEqual([
      'snapshot',
      'applied',
      'applied',
      'applied',
      'gap',
    ]);
  });

  test('with a guard over every message, sees what was lost', () => {
    const book = createBook({ grid, rule });
    const guard = createSequenceGuard();
    const seen: string[] = [];
    // Number 8 is a trade, 10 is lost, 12 is the snapshot after it.
    for (const [sequence, event] of [
      [7, snapshot(7)],
      [8, undefined],
      [9, delta(9)],
      [11, delta(11)],
      [12, snapshot(12)],
      [13, delta(13)],
    ] as const) {
      if (guard.push(sequence).outcome === 'gap') book.invalidate();
      if (event) seen.push(book.push(event).outcome);
    }
    expect(seen).toEqual(['snapshot', 'applied', 'dropped', 'snapshot', 'applied']);
    expect(book.stats()).toMatchObject({ synced: true, invalidations: 1 });
  });
});

describe.each([bookRules.bitmex, bookRules.coinbaseExchange, bookRules.generic, bookRules.kraken])('$name', (rule) => {
  test('numbers nothing: ignores what is before the snapshot and takes all after it', () => {
    expect(outcomes(rule, delta(0), snapshot(0), delta(0), delta(0), snapshot(0))).toEqual([
      'dropped',
      'snapshot',
      'applied',
      'applied',
      'snapshot',
    ]);
  });
});
