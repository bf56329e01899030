/** Stockbit's market detector: who bought and who sold a stock, net and gross. */
import type { BrokerDay } from '../../internal/broker-day.ts';
import {
  count,
  decimal,
  decimalOf,
  type Json,
  optionalCount,
  optionalText,
  readRows,
  type Rejection,
  requireList,
  text,
  whole,
} from '../../internal/rest-records.ts';
import { isObject } from '../binance/schema.ts';
import { RecordError } from '../../internal/record-error.ts';
import { venueDate } from '../ipot/broker-summary.ts';
import { stockbitData, unknownKeys } from './schema.ts';

/** One broker, net over the period, with the gross figures of the side on which it is listed. */
export interface StockbitBroker {
  readonly symbol: string;
  /** First day of the period, `YYYY-MM-DD`. */
  readonly date: string;
  readonly broker: string;
  /** As Stockbit labels it: `Asing` foreign, `Lokal` domestic, `Pemerintah` state-owned. */
  readonly type?: string;
  /** Lots bought less lots sold. */
  readonly netLots: number;
  /** Rupiah bought less rupiah sold. */
  readonly netValue: number;
  /** Average price of its gross buys (of its gross sells, for a net seller), decimal. */
  readonly averagePrice: string;
  readonly trades?: number;
  readonly buyShares: number;
  readonly sellShares: number;
  readonly buyValue: number;
  readonly sellValue: number;
}

/** A stock's brokers over a period. */
export interface StockbitMarketDetector {
  readonly symbol: string;
  readonly from: string;
  readonly to: string;
  /** Net buyers, then net sellers, largest first; empty on a day without trading. */
  readonly brokers: readonly StockbitBroker[];
  readonly rejected: readonly Rejection[];
  /** How many net buyers and sellers there are, listed or not. */
  readonly totalBuyers?: number;
  readonly totalSellers?: number;
  /** Lots of all net buyers. */
  readonly netVolumeLots?: number;
  /** Rupiah of all net buyers. */
  readonly netValue?: number;
  /**
   * Whether every broker is listed. The request's `limit` cuts each side without a word; a cut list is no total, and its
   * nets do not sum to zero.
   */
  readonly complete: boolean;
  /** Lots that brokers who are not listed bought, net; 0 when all are there. */
  readonly missingNetLots: number;
  readonly unknownKeys: readonly string[];
}

const known = ['freq', 'netbs_broker_code', 'netbs_date', 'netbs_stock_code', 'type'].concat(
  ['blot', 'blotv', 'bval', 'bvalv', 'netbs_buy_avg_price'],
  ['slot', 'slotv', 'sval', 'svalv', 'netbs_sell_avg_price'],
);

/**
 * Reads `/marketdetectors/{symbol}`, asked with `TRANSACTION_TYPE_NET`.
 *
 * A net answer lists a broker on one side only, with net lots and the gross of that side; the gross of the other side is
 * the difference.
 * @throws `AdaptersError` `bad-response` when the envelope is not there or says an error.
 */
export function parseStockbitMarketDetector(body: string): StockbitMarketDetector {
  const what = 'Stockbit market detector';
  const data = stockbitData(body, what);
  const { broker_summary: summary, bandar_detector: detector } = data;
  const buyers = requireList(summary, 'brokers_buy', what);
  const sellers = requireList(summary, 'brokers_sell', what);
  const buys = readRows(buyers, (row) => readBroker(row, 'b'));
  const sells = readRows(sellers, (row) => readBroker(row, 's'));
  const brokers = [...buys.rows, ...sells.rows];
  const totals = isObject(detector) ? detector : {};
  const totalBuyers = safe(totals['total_buyer']);
  const totalSellers = safe(totals['total_seller']);
  return {
    symbol: isObject(summary) && typeof summary['symbol'] === 'string' ? summary['symbol'] : '',
    from: typeof data['from'] === 'string' ? data['from'].slice(0, 10) : '',
    to: typeof data['to'] === 'string' ? data['to'].slice(0, 10) : '',
    brokers,
    rejected: [...buys.rejected, ...sells.rejected],
    ...some('totalBuyers', totalBuyers),
    ...some('totalSellers', totalSellers),
    ...some('netVolumeLots', safe(totals['volume'])),
    ...some('netValue', safe(totals['value'])),
    complete:
      totalBuyers === buyers.length &&
      totalSellers === sellers.length &&
      buys.rejected.length + sells.rejected.length === 0,
    missingNetLots: 0 - brokers.reduce((sum, { netLots }) => sum + netLots, 0),
    unknownKeys: unknownKeys([...buyers, ...sellers], known),
  };
}

/** The brokers of a one-day answer in the neutral shape, gross by side. */
export function stockbitBrokerDays(detector: StockbitMarketDetector, board?: string): readonly BrokerDay[] {
  return detector.brokers.map(({ symbol, date, broker, buyShares, sellShares, buyValue, sellValue }) => ({
    symbol,
    date,
    broker,
    ...(board === undefined ? undefined : { board }),
    buyShares,
    sellShares,
    buyValue,
    sellValue,
  }));
}

function readBroker(row: Json, side: 'b' | 's'): StockbitBroker {
  const buys = side === 'b';
  const netLots = whole(row, `${side}lot`);
  const netValue = whole(row, `${side}val`);
  const gross = count(row, `${side}lotv`);
  const grossValue = count(row, `${side}valv`);
  if (buys ? netLots < 0 : netLots > 0) {
    throw new RecordError(
      `${side}lot`,
      row[`${side}lot`],
      buys ? 'net lots of a buyer' : 'negative net lots of a seller',
    );
  }
  const other = gross - Math.abs(netLots) * 100;
  const otherValue = buys ? grossValue - netValue : grossValue + netValue;
  if (other < 0)
    throw new RecordError(`${side}lotv`, row[`${side}lotv`], 'gross shares of at least the net lots × 100');
  if (otherValue < 0)
    throw new RecordError(`${side}valv`, row[`${side}valv`], 'a gross value of at least the net value');
  const type = optionalText(row, 'type');
  const trades = optionalCount(row, 'freq');
  return {
    symbol: text(row, 'netbs_stock_code'),
    date: venueDate(row, 'netbs_date'),
    broker: text(row, 'netbs_broker_code'),
    ...(type === undefined ? undefined : { type }),
    netLots,
    netValue,
    averagePrice: decimal(row, buys ? 'netbs_buy_avg_price' : 'netbs_sell_avg_price'),
    ...(trades === undefined ? undefined : { trades }),
    buyShares: buys ? gross : other,
    sellShares: buys ? other : gross,
    buyValue: buys ? grossValue : otherValue,
    sellValue: buys ? otherValue : grossValue,
  };
}

function safe(value: unknown): number | undefined {
  const number = Number(decimalOf(value) ?? NaN);
  return Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}

function some<K extends string>(key: K, value: number | undefined): Partial<Record<K, number>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, number>);
}
