import { rowCount } from '../../columns.ts';
import type { QuoteColumns, TradeColumns } from '../../columns.ts';
import { quoteAt } from '../shared/column-rows.ts';
import type { Classification } from './classification.ts';
import type { QuoteClassifier, QuoteClassifierCounts } from './quote-classifier.ts';

/** The sides of a column of prints. */
export interface ClassificationBatch {
  /** One classification a print, in order. */
  readonly values: readonly Classification[];
  /** What the rule saw. */
  readonly counts: QuoteClassifierCounts;
}

/**
 * Feeds prints and quotes as they happened: before a print come the quotes up to its time, at the same time the quote
 * first. Quotes after the last print are not read.
 */
export function classifyColumns(
  classifier: QuoteClassifier,
  trades: TradeColumns,
  quotes: QuoteColumns,
): ClassificationBatch {
  const prints = rowCount(trades);
  const updates = rowCount(quotes);
  const values: Classification[] = [];
  let next = 0;
  for (let i = 0; i < prints; i += 1) {
    const timeMs = trades.timeMs[i]!;
    // A time that is none is refused by the push below, or by pushQuote: it stops neither loop silently.
    while (next < updates && !(quotes.timeMs[next]! > timeMs)) {
      classifier.pushQuote(quotes.timeMs[next]!, quoteAt(quotes, next));
      next += 1;
    }
    values.push(classifier.push({ timeMs, priceTicks: trades.priceTicks[i]! }));
  }
  return { values, counts: classifier.counts };
}
