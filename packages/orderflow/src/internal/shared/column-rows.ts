/** Rows of columns as the objects that `push` takes. */
import { rowCount, sideOfCode } from '../../columns.ts';
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

/** What finds events among prints: at most one a print, and one that is still open at the end. */
interface EventReader<Event> {
  push(trade: TickTrade): Event | undefined;
  flush(): Event | undefined;
}

/** The events of columns: what `push` and at last `flush` give, one after the other. */
export function eventsOf<Event>(reader: EventReader<Event>, columns: TradeColumns): Event[] {
  const rows = rowCount(columns);
  const events: Event[] = [];
  for (let i = 0; i < rows; i += 1) {
    const event = reader.push(tradeAt(columns, i));
    if (event) events.push(event);
  }
  const last = reader.flush();
  if (last) events.push(last);
  return events;
}

/** What `push` gives for each row. */
export function stepsOf<Step>(reader: { push(trade: TickTrade): Step }, columns: TradeColumns): Step[] {
  const rows = rowCount(columns);
  const steps = new Array<Step>(rows);
  for (let i = 0; i < rows; i += 1) steps[i] = reader.push(tradeAt(columns, i));
  return steps;
}

/** The quote of a row; `undefined` where one of its four numbers is unknown. */
export function quoteAt({ bidTicks, bidLots, askTicks, askLots }: QuoteColumns, row: number): TickQuote | undefined {
  const quote = {
    bidTicks: bidTicks[row]!,
    bidLots: bidLots[row]!,
    askTicks: askTicks[row]!,
    askLots: askLots[row]!,
  };
  const known = Object.values(quote).every((value) => !Number.isNaN(value));
  return known ? quote : undefined;
}

/** The bar of a row; `undefined` where its high, low or close is unknown. */
export function barAt({ high, low, close, volume }: BarColumns, row: number): HighLowClose | undefined {
  const bar = { high: high[row]!, low: low[row]!, close: close[row]! };
  if (Object.values(bar).some(Number.isNaN)) return undefined;
  return Number.isNaN(volume[row]) ? bar : { ...bar, volume: volume[row]! };
}
