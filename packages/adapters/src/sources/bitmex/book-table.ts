/** BitMEX `orderBookL2`: rows are known by their id, and most changes do not repeat the price of theirs. */
import type { BookLevel } from '@tapekit/orderflow/market';
import { createBookGate } from '../../internal/venue/book-gate.ts';
import {
  aDecimal,
  aList,
  anId,
  anObject,
  aText,
  isObject,
  isoMs,
  isZero,
  RecordError,
} from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import type { FrameSink } from '../../venue-feed.ts';

/** Prices by row. */
type Prices = Map<number, string>;

/** The books of BitMEX have some thousands of rows; more are no book. */
const mostRows = 200_000;

type Action = 'partial' | 'insert' | 'update' | 'delete';
const actions: readonly unknown[] = ['partial', 'insert', 'update', 'delete'] satisfies Action[];

export interface BookTable {
  read(message: Json, receiveMs: number, sink: FrameSink): void;
  readonly loseAll: (detail: string, sink: FrameSink) => void;
}

export function createBookTable(isAsked: (symbol: string, sink: FrameSink) => boolean): BookTable {
  const gate = createBookGate('none');
  const books = new Map<string, Prices>();

  const readSymbol = (
    symbol: string,
    rows: readonly Json[],
    action: Action,
    receiveMs: number,
    sink: FrameSink,
  ): void => {
    if (!isAsked(symbol, sink)) return;
    gate.guard(symbol, action === 'partial' ? 'snapshot' : 'delta', sink, () => {
      const prices: Prices =
        action === 'partial' ? new Map<number, string>() : (books.get(symbol) ?? new Map<number, string>());
      if (action === 'partial') {
        books.set(symbol, prices);
        gate.snapshot(symbol, 0);
      } else if (!gate.delta(symbol, { first: 0, last: 0 }, sink)) {
        return;
      }
      const { bids, asks, timeMs = receiveMs } = readRows(rows, action, prices);
      const event = { symbol, timeMs, lastUpdateId: 0, bids, asks };
      // Rows come by id, which counts down as the price goes up; snapshots are best first.
      if (action === 'partial')
        sink.event({ ...event, type: 'book-snapshot', bids: sorted(bids, -1), asks: sorted(asks, 1) });
      else sink.event({ ...event, type: 'book-delta', firstUpdateId: 0 });
    });
  };

  return {
    loseAll: gate.loseAll,
    read(message, receiveMs, sink) {
      const { action, data, filter } = message;
      if (!actions.includes(action)) throw new RecordError('action', action, actions.join(', '));
      const bySymbol = new Map<string, Json[]>();
      // The partial of an empty book has no rows: its symbol stands in the filter.
      if (action === 'partial' && isObject(filter) && filter['symbol'] !== undefined) {
        bySymbol.set(aText(filter['symbol'], 'filter.symbol'), []);
      }
      for (const item of aList(data, 'data')) {
        const row = anObject(item, 'data[]');
        const symbol = aText(row['symbol'], 'symbol');
        const rows = bySymbol.get(symbol);
        if (rows) rows.push(row);
        else bySymbol.set(symbol, [row]);
      }
      for (const [symbol, rows] of bySymbol) readSymbol(symbol, rows, action as Action, receiveMs, sink);
    },
  };
}

interface Changes {
  readonly bids: BookLevel[];
  readonly asks: BookLevel[];
  /** Absent in sessions from before rows had a time. */
  readonly timeMs?: number;
}

function readRows(rows: readonly Json[], action: Action, prices: Prices): Changes {
  const bids: BookLevel[] = [];
  const asks: BookLevel[] = [];
  let timeMs: number | undefined;
  for (const row of rows) {
    const { side } = row;
    if (side !== 'Buy' && side !== 'Sell') throw new RecordError('side', side, '"Buy" or "Sell"');
    if (row['timestamp'] !== undefined) timeMs = Math.max(timeMs ?? 0, isoMs(row['timestamp'], 'timestamp'));
    const price = priceOf(row, action, prices);
    const size = action === 'delete' ? '0' : aDecimal(row['size'], 'size');
    if (action === 'partial' && isZero(size)) continue;
    (side === 'Buy' ? bids : asks).push([price, size]);
  }
  return timeMs === undefined ? { bids, asks } : { bids, asks, timeMs };
}

function priceOf(row: Json, action: Action, prices: Prices): string {
  const id = anId(row['id'], 'id');
  const known = prices.get(id);
  const named = row['price'] === undefined ? undefined : aDecimal(row['price'], 'price');
  const price = named ?? known;
  if (price === undefined) throw new RecordError('price', undefined, `the price of row ${id}, which is new`);
  if (action === 'delete') prices.delete(id);
  else if (known !== price) prices.set(id, price);
  if (prices.size > mostRows) throw new RecordError('data', prices.size, `a book of at most ${mostRows} rows`);
  return price;
}

function sorted(levels: readonly BookLevel[], sign: 1 | -1): readonly BookLevel[] {
  return levels.toSorted(([a], [b]) => sign * (Number(a) - Number(b)));
}
