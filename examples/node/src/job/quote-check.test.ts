import { expect, test } from 'vitest';
import type { TickQuote } from '@tapekit/orderflow/market';
import { createQuoteCheck } from './quote-check.ts';

const quote = (bidTicks: number): TickQuote => ({ bidTicks, bidLots: 1, askTicks: bidTicks + 1, askLots: 2 });

test('compares at equal update ids only', () => {
  const check = createQuoteCheck();
  check.quote(5, quote(100));
  check.quote(7, quote(101));
  check.book(6, quote(999));
  expect(check.result()).toEqual({ equal: 0, different: 0 });
  check.book(7, quote(101));
  expect(check.result()).toEqual({ equal: 1, different: 0 });
});

test('tells a book that differs in any of the four numbers, or has no best quotes', () => {
  const check = createQuoteCheck();
  for (const id of [1, 2, 3]) check.quote(id, quote(100));
  check.book(1, { ...quote(100), askLots: 3 });
  check.book(2, undefined);
  check.book(3, quote(100));
  expect(check.result()).toEqual({ equal: 1, different: 2 });
});

test('does not compare with a quote that came after the book had gone on', () => {
  const check = createQuoteCheck();
  check.book(9, quote(100));
  check.quote(8, quote(55));
  check.book(10, quote(100));
  expect(check.result()).toEqual({ equal: 0, different: 0 });
});
