/** Stockbit's running trade: the tape of one stock and day, newest first. */
import {
  compact,
  count,
  type Json,
  optionalText,
  readRows,
  type Rejection,
  requireList,
  text,
  unsigned,
} from '../../internal/rest-records.ts';
import { clockMs, wibDateStart } from '../../internal/wib-time.ts';
import { AdaptersError } from '../../errors.ts';
import type { SourceEvent } from '../../market-source.ts';
import { isObject } from '../binance/schema.ts';
import { RecordError } from '../../internal/record-error.ts';
import { stockbitData, unknownKeys } from './schema.ts';

/** A trade with what only Stockbit says. */
export type StockbitTrade = SourceEvent & {
  readonly type: 'trade';
  /** `RG`, `TN` or `NG`. */
  readonly market: string;
  /** The trade's number in its stock and day. */
  readonly tradeNumber: number;
  readonly lots: number;
  /** Codes of the members, which are shown after the close only. */
  readonly buyer?: string;
  readonly seller?: string;
  /** Where the member's client is domiciled: `D` domestic, `F` foreign. */
  readonly buyerDomicile?: 'D' | 'F';
  readonly sellerDomicile?: 'D' | 'F';
  /** Order that was split into this and other trades. Says nothing of the aggressor. */
  readonly groupOrder?: string;
};

/** One page of the tape. */
export interface StockbitTradePage {
  readonly isOpen: boolean;
  /** Newest first. */
  readonly trades: readonly StockbitTrade[];
  readonly rejected: readonly Rejection[];
  /** Where the next page starts; absent on an empty page, which is the only end. */
  readonly cursor?: string;
  /** Keys of rows that are new to us. */
  readonly unknownKeys: readonly string[];
}

const known = [
  'id',
  'time',
  'action',
  'code',
  'price',
  'change',
  'lot',
  'is_broker_exists',
  'buyer',
  'seller',
  'trade_number',
  'buyer_type',
  'seller_type',
  'market_board',
  'buy_order_number',
  'sell_order_number',
  'group_order_number',
  'value',
];

/**
 * Reads `/order-trade/running-trade`. Sizes are shares (lots × 100); trades of the cash and the negotiated market have the
 * symbols `CODE.TN` and `CODE.NG`; `id` is date and trade number in one (20260731 and 17797 make 2026073100017797).
 * @param date - the day that was asked for, `YYYY-MM-DD`: rows have a clock only
 * @throws `AdaptersError` `bad-response` when the envelope is not there or says an error; `bad-option` for a bad date.
 */
export function parseStockbitRunningTrade(body: string, { date }: { readonly date: string }): StockbitTradePage {
  const what = 'Stockbit running trade';
  const dayMs = wibDateStart(date);
  if (dayMs === undefined) {
    throw new AdaptersError(
      'bad-option',
      `date is "${date}"; expected a day as YYYY-MM-DD. Pass the day of the request.`,
    );
  }
  const data = stockbitData(body, what);
  const list = requireList(data, 'running_trade', what);
  const { rows, rejected } = readRows(list, (row) => readTrade(row, dayMs, Number(date.replaceAll('-', '')) * 1e8));
  const last = list.at(-1);
  const cursor = isObject(last) && typeof last['trade_number'] === 'string' ? last['trade_number'] : undefined;
  return {
    isOpen: data['is_open_market'] === true,
    trades: rows,
    rejected,
    ...(cursor === undefined ? undefined : { cursor }),
    unknownKeys: unknownKeys(list, known),
  };
}

function readTrade(row: Json, dayMs: number, idBase: number): StockbitTrade {
  const clock = clockMs(text(row, 'time'));
  if (clock === undefined) throw new RecordError('time', row['time'], 'a clock as HH:MM:SS');
  const code = text(row, 'code');
  if (!/^[A-Z0-9-]{4,12}$/.test(code)) throw new RecordError('code', code, '4 to 12 of A-Z, 0-9 and "-"');
  const market = text(row, 'market_board');
  if (!/^(RG|TN|NG)$/.test(market)) throw new RecordError('market_board', market, '"RG", "TN" or "NG"');
  const action = text(row, 'action');
  const price = unsigned(row, 'price');
  const lots = count(row, 'lot');
  const tradeNumber = count(row, 'trade_number');
  if (price === '0' || lots === 0) throw new RecordError(lots === 0 ? 'lot' : 'price', 0, 'more than 0');
  if (lots > 1e11 || tradeNumber >= 1e8) throw new RecordError('trade_number', tradeNumber, 'at most 8 digits');
  const value = isObject(row['value']) ? row['value']['raw'] : undefined;
  const expected = Number(price) * lots * 100;
  // Guards against a price in another unit, or lots that became shares.
  if (value !== undefined && value !== expected)
    throw new RecordError('value.raw', value, `price × lot × 100 = ${expected}`);
  const buyer = member(row, 'buyer');
  const seller = member(row, 'seller');
  return compact({
    type: 'trade' as const,
    symbol: market === 'RG' ? code : `${code}.${market}`,
    timeMs: dayMs + clock,
    price,
    size: String(lots * 100),
    side: action === 'buy' || action === 'sell' ? action : ('unknown' as const),
    id: idBase + tradeNumber,
    market,
    tradeNumber,
    lots,
    buyer: buyer?.code,
    seller: seller?.code,
    buyerDomicile: buyer?.domicile,
    sellerDomicile: seller?.domicile,
    groupOrder: optionalText(row, 'group_order_number'),
  });
}

/** `XL [D]`; empty or `-` while the market is open. */
function member(row: Json, key: string): { readonly code: string; readonly domicile?: 'D' | 'F' } | undefined {
  const value = optionalText(row, key);
  if (value === undefined || /^-+$/.test(value)) return undefined;
  const match = /^([A-Z0-9]{2})(?:\s*\[([DF])\])?$/.exec(value);
  if (!match) throw new RecordError(key, value, 'a member such as "XL [D]"');
  const domicile = match[2] as 'D' | 'F' | undefined;
  return { code: match[1]!, ...(domicile === undefined ? undefined : { domicile }) };
}
