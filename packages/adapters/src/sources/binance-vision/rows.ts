/** Rows of Binance's downloadable files. Source: Binance, "binance-public-data: Trades, AggTrades, Klines". */
import { readBar } from '../../internal/venue/bars.ts';
import { aDecimal, anIdText, aPositiveDecimal, epochMs, isZero, RecordError } from '../../internal/venue/fields.ts';
import type { SourceEvent } from '../../market-source.ts';

/** An event, and the ids that it stands for where they count by 1. */
export interface VisionRow {
  readonly event: SourceEvent;
  readonly first?: number;
  readonly last?: number;
}

/** Files of spot count microseconds from 2025 on; as milliseconds they would lie after the year 5138. */
const microsecondsFrom = 1e14;

function timeOf(cell: string | undefined, field: string): number {
  const time = anIdText(cell, field);
  return epochMs(time > microsecondsFrom ? Math.floor(time / 1000) : time, field);
}

/** `True` in files of spot, `true` in those of futures. The buyer was the maker, so the aggressor sold. */
function sideOf(cell: string | undefined): 'buy' | 'sell' {
  if (cell === 'True' || cell === 'true') return 'sell';
  if (cell === 'False' || cell === 'false') return 'buy';
  throw new RecordError('is_buyer_maker', cell, 'true or false');
}

/** Bookings of size 0 belong to the tape, but not to the volume. */
function printOf(symbol: string, price: string | undefined, size: string | undefined) {
  const isEmpty = isZero(aDecimal(size, 'quantity'));
  return {
    type: 'trade',
    symbol,
    price: isEmpty ? aDecimal(price, 'price') : aPositiveDecimal(price, 'price'),
    size: size!,
    ...(isEmpty ? { nonMarket: true as const } : undefined),
  } as const;
}

/** `agg_trade_id,price,quantity,first_trade_id,last_trade_id,transact_time,is_buyer_maker[,is_best_match]` */
export function readAggTrade(cells: readonly string[], symbol: string): VisionRow {
  const [id, price, size, first, last, time, maker] = cells;
  const from = anIdText(first, 'first_trade_id');
  const to = anIdText(last, 'last_trade_id');
  if (from > to) throw new RecordError('first_trade_id', from, `at most last_trade_id, which is ${to}`);
  const timeMs = timeOf(time, 'transact_time');
  const event = { ...printOf(symbol, price, size), timeMs, side: sideOf(maker), id: anIdText(id, 'agg_trade_id') };
  return { event, first: from, last: to };
}

/** `id,price,qty,quote_qty,time,is_buyer_maker[,is_best_match]` */
export function readTrade(cells: readonly string[], symbol: string): VisionRow {
  const [text, price, size, , time, maker] = cells;
  const id = anIdText(text, 'id');
  const event = { ...printOf(symbol, price, size), timeMs: timeOf(time, 'time'), side: sideOf(maker), id };
  return { event, first: id, last: id };
}

/** `open_time,open,high,low,close,volume,close_time,quote_volume,count,…`; the close is the last instant of the bar. */
export function readKline(cells: readonly string[], symbol: string): VisionRow {
  const [start, open, high, low, close, volume, end] = cells;
  const startMs = timeOf(start, 'open_time');
  const intervalMs = timeOf(end, 'close_time') + 1 - startMs;
  if (intervalMs <= 0) throw new RecordError('close_time', end, 'a time after open_time');
  return { event: readBar({ symbol, startMs, intervalMs, final: true }, { open, high, low, close, volume }) };
}
