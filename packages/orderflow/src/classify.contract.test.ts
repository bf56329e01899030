/** Every rule of quotes under the contract of reducers, over tapes with late, crossed, empty and missing quotes. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import {
  clnvOfColumns,
  createClnv,
  createEmo,
  createLeeReady,
  createQuoteRule,
  emoOfColumns,
  leeReadyOfColumns,
  quoteRuleOfColumns,
  restoreClnv,
  restoreEmo,
  restoreLeeReady,
  restoreQuoteRule,
} from './classify.ts';
import type { Classification, QuoteClassifier } from './classify.ts';
import { quoteColumns, tradeColumns } from './columns.ts';
import type { TickQuote } from './market.ts';

type Event =
  | { readonly timeMs: number; readonly quote: TickQuote | undefined }
  | { readonly timeMs: number; readonly priceTicks: number };

const times = fc.oneof({ weight: 20, arbitrary: fc.constantFrom(-0, 0, 1, 2, 3, 5, 8, 13) }, fc.constant(1e308));
const prices = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(-1, -0, 0, 1, 2, 3) },
  fc.constantFrom(Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
);
const sizes = fc.constantFrom(0, 1, 1, 2);
const quotes = fc.record({ bidTicks: prices, bidLots: sizes, askTicks: prices, askLots: sizes });
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    fc.record({ timeMs: times, quote: fc.option(quotes, { nil: undefined, freq: 6 }) }),
    fc.record({ timeMs: times, priceTicks: prices }),
  ),
  { maxLength: 30 },
);

const push = (rule: QuoteClassifier, event: Event): Classification | undefined => {
  if ('priceTicks' in event) return rule.push(event);
  rule.pushQuote(event.timeMs, event.quote);
  return undefined;
};
const refused = [
  { timeMs: NaN, priceTicks: 1 },
  { timeMs: 1, priceTicks: 0.5 },
  { timeMs: Infinity, quote: undefined },
  { timeMs: 1, quote: { bidTicks: 1, bidLots: -1, askTicks: 2, askLots: 1 } },
];
const conserve = (tape: readonly Event[], _: readonly unknown[], rule: QuoteClassifier): void => {
  const trades = tape.filter((event) => 'priceTicks' in event).length;
  expect([rule.counts.trades, rule.counts.quotes]).toEqual([trades, tape.length - trades]);
};
const lag = { quoteLagMs: 2, reorderMs: 3, maxQuotes: 3 };

describeReducerContract({
  name: 'createQuoteRule',
  create: () => createQuoteRule(),
  restore: (snapshot: never) => restoreQuoteRule(snapshot),
  inputs: events,
  push,
  refused,
  conserve,
});
describeReducerContract({
  name: 'createLeeReady',
  create: () => createLeeReady(lag),
  restore: (snapshot: never) => restoreLeeReady(snapshot, lag),
  inputs: events,
  push,
  refused,
  conserve,
});
describeReducerContract({
  name: 'createEmo',
  create: () => createEmo(lag),
  restore: (snapshot: never) => restoreEmo(snapshot),
  inputs: events,
  push,
  refused,
  conserve,
});
describeReducerContract({
  name: 'createClnv',
  create: () => createClnv({ ...lag, edgePercent: 25 }),
  restore: (snapshot: never) => restoreClnv(snapshot, { ...lag, edgePercent: 25 }),
  inputs: events,
  push,
  refused,
  conserve,
});

describe('columns give what events one by one give', () => {
  test.each([
    ['quote rule', createQuoteRule, quoteRuleOfColumns],
    ['Lee-Ready', createLeeReady, leeReadyOfColumns],
    ['EMO', createEmo, emoOfColumns],
    ['CLNV', createClnv, clnvOfColumns],
  ] as const)('%s', (_, create, ofColumns) => {
    fc.assert(
      fc.property(events, fc.constantFrom(0, 1, 2, 5), (tape, quoteLagMs) => {
        // In order of time, at one time the quote first, and a print at the end: the order of the columns.
        const inTime = [...tape, { timeMs: 1e308, priceTicks: 1 }].sort(
          (a, b) => a.timeMs - b.timeMs || Number('priceTicks' in a) - Number('priceTicks' in b),
        );
        const rule = create({ quoteLagMs });
        const values = inTime.map((event) => push(rule, event)).filter((value) => value !== undefined);
        const trades = inTime.flatMap((event) =>
          'priceTicks' in event ? [{ ...event, sizeLots: 1, side: 'unknown' as const }] : [],
        );
        const updates = inTime.flatMap((event) => ('priceTicks' in event ? [] : [event]));
        const batch = ofColumns(tradeColumns(trades), quoteColumns(updates), { quoteLagMs });
        expect(batch).toEqual({ values, counts: rule.counts });
      }),
    );
  });
});
