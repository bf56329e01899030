/** Stockbit's order book of one stock. */
import type { L1Snapshot } from '@tapekit/orderflow/market';
import {
  badResponse,
  count,
  decimalOf,
  type Json,
  readRows,
  type Rejection,
  requireList,
  text,
  unsigned,
} from '../../internal/rest-records.ts';
import { RecordError } from '../../internal/record-error.ts';
import { stockbitData } from './schema.ts';

/** One price of the book. */
export interface StockbitLevel {
  /** Rupiah. */
  readonly price: string;
  readonly shares: number;
  /** Orders that wait at this price. */
  readonly orders: number;
}

/** The book, best first. */
export interface StockbitOrderBook {
  readonly symbol?: string;
  readonly bids: readonly StockbitLevel[];
  readonly asks: readonly StockbitLevel[];
  readonly rejected: readonly Rejection[];
  /** Rupiah that foreign investors bought and sold so far. */
  readonly foreignBuyValue?: string;
  readonly foreignSellValue?: string;
}

/**
 * Reads `/company-price-feed/v2/orderbook/companies/{symbol}`. Its `ara` and `arb` are left out: after the close they are
 * those of the next session.
 * @throws `AdaptersError` `bad-response` when the envelope is not there or says an error.
 */
export function parseStockbitOrderBook(body: string): StockbitOrderBook {
  const what = 'Stockbit order book';
  const data = stockbitData(body, what);
  const bids = readRows(requireList(data, 'bid', what), readLevel);
  const asks = readRows(requireList(data, 'offer', what), readLevel);
  const symbol = data['symbol'];
  const bought = decimalOf(data['fbuy']);
  const sold = decimalOf(data['fsell']);
  const book = { bids: sorted(bids.rows, -1), asks: sorted(asks.rows, 1) };
  return {
    ...(typeof symbol === 'string' && symbol !== '' ? { symbol: symbol.slice(0, 20) } : undefined),
    ...book,
    rejected: [...bids.rejected, ...asks.rejected],
    ...(bought === undefined ? undefined : { foreignBuyValue: bought }),
    ...(sold === undefined ? undefined : { foreignSellValue: sold }),
  };
}

/** The best bid and ask of a book. @throws `AdaptersError` `bad-response` when levels were refused: the best may be among them. */
export function stockbitL1(
  book: StockbitOrderBook,
  about: { readonly symbol: string; readonly timeMs: number },
): L1Snapshot {
  if (book.rejected.length > 0) {
    throw badResponse(
      'Stockbit order book',
      `${book.rejected.length} bad levels`,
      `levels of price, que_num and volume`,
    );
  }
  const [bid, ask] = [book.bids[0], book.asks[0]];
  return {
    time: about.timeMs,
    symbol: about.symbol,
    ...(bid ? { bidPrice: bid.price, bidSize: String(bid.shares) } : undefined),
    ...(ask ? { askPrice: ask.price, askSize: String(ask.shares) } : undefined),
    source: 'stockbit',
  };
}

/** Rows without price or volume fill the table up to ten lines. */
function readLevel(row: Json): StockbitLevel | undefined {
  const price = unsigned(row, 'price');
  const shares = count(row, 'volume');
  if (price === '0' && shares === 0) return undefined;
  if (price === '0') throw new RecordError('price', text(row, 'price'), 'a price above 0 for a level with volume');
  return shares === 0 ? undefined : { price, shares, orders: count(row, 'que_num') };
}

function sorted(levels: readonly StockbitLevel[], direction: 1 | -1): readonly StockbitLevel[] {
  return [...levels].sort((a, b) => direction * (Number(a.price) - Number(b.price)));
}
