/** Rows of columns as the objects that `push` takes. */
import { sideOfCode } from '../../columns.ts';
import type { BarColumns, QuoteColumns, TradeColumns } from '../../columns.ts';
import type { TickQuote, TickTrade } from '../../market.ts';
import type { HighLowClose } from '../bars/bar-checks.ts';

/** The print of a row. */
export function tradeAt({ timeMs, priceTicks, sizeLots, side }: TradeColumns, row: number): TickTrade {
  return {
    timeMs: timeMs[row]!,
    priceTicks: priceTicks[row]!,
    sizeLots: sizeLots[row]!,
    side: sideOfCode(side[row]!),
  };
}

/** The quote of a row; `undefined` where one of its four numbers is unknown. */
export function quoteAt({ bidTicks, bidLots, askTicks, askLots }: QuoteColumns, row: number): TickQuote | undefined {
  const quote = {
    bidTicks: bidTicks[row]!,
    bidLots: bidLots[row]!,
    askTicks: askTicks[row]!,
    askLots: askLots[row]!,
  };
  return Object.values(quote).some(Number.isNaN) ? undefined : quote;
}

/** The bar of a row; `undefined` where its high, low or close is unknown. */
export function barAt({ high, low, close, volume }: BarColumns, row: number): HighLowClose | undefined {
  const bar = { high: high[row]!, low: low[row]!, close: close[row]! };
  if (Object.values(bar).some(Number.isNaN)) return undefined;
  return Number.isNaN(volume[row]) ? bar : { ...bar, volume: volume[row]! };
}
