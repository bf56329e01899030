import { rowCount } from '../../columns.ts';
import type { QuoteColumns } from '../../columns.ts';
import type { TickQuote } from '../../market.ts';

/** What `read` gives for every row of a column of quotes; a row with a `NaN` is no quote. */
export function mapQuotes<T>(quotes: Omit<QuoteColumns, 'timeMs'>, read: (quote: TickQuote | undefined) => T): T[] {
  const { bidTicks, bidLots, askTicks, askLots } = quotes;
  const rows = rowCount({ timeMs: bidTicks, bidTicks, bidLots, askTicks, askLots });
  const values = new Array<T>(rows);
  const quote = { bidTicks: 0, bidLots: 0, askTicks: 0, askLots: 0 };
  for (let i = 0; i < rows; i += 1) {
    quote.bidTicks = bidTicks[i]!;
    quote.bidLots = bidLots[i]!;
    quote.askTicks = askTicks[i]!;
    quote.askLots = askLots[i]!;
    const known = !Number.isNaN(quote.bidTicks + quote.bidLots + quote.askTicks + quote.askLots);
    values[i] = read(known ? quote : undefined);
  }
  return values;
}
