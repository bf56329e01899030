/** IPOT's broker summary: the request, and the envelope in which its answers are kept. */
import { type BrokerDay, type BrokerSide, joinSides } from '../../internal/broker-day.ts';
import {
  count,
  type Json,
  parseJsonObject,
  readRows,
  type Rejection,
  requireList,
  text,
} from '../../internal/rest-records.ts';
import { isoDate, utcDateStart } from '../../internal/wib-time.ts';
import { isObject } from '../binance/schema.ts';
import { RecordError } from '../../internal/record-error.ts';

/** A stock's brokers on one day. */
export interface IpotBrokerSummary {
  readonly symbol: string;
  readonly days: readonly BrokerDay[];
  readonly rejected: readonly Rejection[];
}

/**
 * The frame that asks for a stock's buyers (`b`) or sellers (`s`) of a day, after the close. The answers come as several
 * `record` frames and end with `res`; without `res` an empty answer says nothing.
 */
export function ipotBrokerSummaryRequest(
  symbol: string,
  date: string,
  side: 'b' | 's',
  options: { readonly cid: number },
): string {
  const { cid } = options;
  const args = [side, symbol, '', '%', '%', date, date];
  const query = { source: 'datafeed', index: 'en_qu_top_bs', args };
  return JSON.stringify({
    event: 'cmd',
    data: { cmdid: cid, param: { service: 'midata', cmd: 'query', param: query } },
    cid,
  });
}

/**
 * Reads a summary that was kept in Stockbit's envelope. Field names are Stockbit's, meanings are not: here every figure is
 * gross for its side, sells are positive, and a broker appears on both.
 * @throws `AdaptersError` `bad-response` when the envelope is not there.
 */
export function parseIpotBrokerSummary(body: string): IpotBrokerSummary {
  const what = 'IPOT broker summary';
  const { data } = parseJsonObject(body, what);
  const summary = isObject(data) ? data['broker_summary'] : undefined;
  const buys = readRows(requireList(summary, 'brokers_buy', what), (row) => side(row, 'b'));
  const sells = readRows(requireList(summary, 'brokers_sell', what), (row) => side(row, 's'));
  const symbol = isObject(summary) && typeof summary['symbol'] === 'string' ? summary['symbol'] : '';
  const byDay = new Map<string, Side[]>();
  for (const row of [...buys.rows, ...sells.rows]) {
    const key = `${row.stock} ${row.date}`;
    const there = byDay.get(key);
    if (there) there.push(row);
    else byDay.set(key, [row]);
  }
  const days = [...byDay.values()].flatMap((rows) => {
    const { stock, date } = rows[0]!;
    const of = (wanted: 'b' | 's'): BrokerSide[] => rows.filter((row) => row.side === wanted);
    return joinSides({ symbol: stock, date }, of('b'), of('s'));
  });
  return { symbol, days, rejected: [...buys.rejected, ...sells.rejected] };
}

interface Side extends BrokerSide {
  readonly side: 'b' | 's';
  readonly stock: string;
  readonly date: string;
}

function side(row: Json, of: 'b' | 's'): Side {
  const shares = count(row, `${of}lotv`);
  const lots = count(row, `${of}lot`);
  if (shares !== lots * 100)
    throw new RecordError(`${of}lotv`, row[`${of}lotv`], `${of}lot × 100, which is ${lots * 100}`);
  return {
    side: of,
    broker: text(row, 'netbs_broker_code'),
    stock: text(row, 'netbs_stock_code'),
    date: venueDate(row, 'netbs_date'),
    shares,
    value: count(row, `${of}valv`),
  };
}

/** `YYYYMMDD` or `YYYY-MM-DD` as `YYYY-MM-DD`. */
export function venueDate(row: Json, key: string): string {
  const value = text(row, key);
  const start = utcDateStart(value);
  if (start === undefined) throw new RecordError(key, row[key], 'a date as YYYYMMDD');
  return isoDate(start);
}
