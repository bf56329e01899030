import { rowCount } from '../../columns.ts';
import type { QuoteColumns, TradeColumns } from '../../columns.ts';
import type { TickQuote, TickTrade } from '../../market.ts';
import { quoteAt, tradeAt } from './column-rows.ts';

/** What takes quotes and prints in order of time. */
export interface TapeReader<Output> {
  pushQuote(timeMs: number, quote: TickQuote | undefined): readonly Output[];
  push(trade: TickTrade): readonly Output[];
  flush(): readonly Output[];
}

/**
 * Feeds prints and quotes as they happened, at the same time the quote first, also the quotes after the last print;
 * gives all that came out, flushed.
 */
export function readTape<Output>(reader: TapeReader<Output>, trades: TradeColumns, quotes: QuoteColumns): Output[] {
  const prints = rowCount(trades);
  const updates = rowCount(quotes);
  const outputs: Output[] = [];
  const take = (given: readonly Output[]): void => {
    for (const output of given) outputs.push(output);
  };
  let next = 0;
  const quotesUntil = (timeMs: number): void => {
    // A time that is none is refused by push or pushQuote: it stops neither loop silently.
    for (; next < updates && !(quotes.timeMs[next]! > timeMs); next += 1) {
      take(reader.pushQuote(quotes.timeMs[next]!, quoteAt(quotes, next)));
    }
  };
  for (let i = 0; i < prints; i += 1) {
    quotesUntil(trades.timeMs[i]!);
    take(reader.push(tradeAt(trades, i)));
  }
  quotesUntil(Infinity);
  take(reader.flush());
  return outputs;
}
