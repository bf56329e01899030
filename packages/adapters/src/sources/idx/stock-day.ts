/** One stock on one day as the Indonesia Stock Exchange sums it up, from its JSON and from CSV data sets made of it. */
import {
  compact,
  count,
  type Json,
  optionalCount,
  optionalDecimal,
  optionalText,
  parseJsonObject,
  readRows,
  type Rejection,
  rejection,
  badResponse,
  requireList,
  text,
  whole,
} from '../../internal/rest-records.ts';
import { isoDate, utcDateStart } from '../../internal/wib-time.ts';
import { RecordError } from '../../internal/record-error.ts';

/** One stock on one day. Prices in whole rupiah, volumes in shares, regular market unless the name says otherwise. */
export interface IdxStockDay {
  readonly symbol: string;
  readonly name?: string;
  /** `YYYY-MM-DD` in Jakarta. */
  readonly date: string;
  /** Notations and board flags; what the positions mean is not published. */
  readonly remarks?: string;
  /** Reference of the day's limits; the last close, unless a corporate action changed it. */
  readonly previous: number;
  /** Absent when not published, which is most days: the venue sends 0. */
  readonly open?: number;
  /** First price of continuous trading; absent when not published. */
  readonly firstTrade?: number;
  /** Absent on a day without trades. */
  readonly high?: number;
  /** Absent on a day without trades. */
  readonly low?: number;
  readonly close: number;
  readonly change: number;
  readonly volumeShares: number;
  readonly valueIdr: number;
  readonly frequency: number;
  /** Decimal. */
  readonly indexIndividual?: string;
  /** Best ask at the close; absent when that side is empty. */
  readonly offer?: number;
  readonly offerShares?: number;
  /** Best bid at the close; absent when that side is empty. */
  readonly bid?: number;
  readonly bidShares?: number;
  readonly listedShares?: number;
  readonly tradableShares?: number;
  readonly weightForIndex?: number;
  /** Shares that foreign investors (not foreign brokers) bought. */
  readonly foreignBuyShares: number;
  readonly foreignSellShares: number;
  readonly delistingDate?: string;
  /** Cash and negotiated market together. */
  readonly nonRegularShares?: number;
  readonly nonRegularValueIdr?: number;
  readonly nonRegularFrequency?: number;
}

/** A day's list. */
export interface IdxStockSummary {
  /** Rows that the venue says it has; more than came when the request was cut by its `length`. */
  readonly total: number;
  /** Empty on a holiday. */
  readonly days: readonly IdxStockDay[];
  readonly rejected: readonly Rejection[];
}

/**
 * Reads `/TradingSummary/GetStockSummary`.
 * @throws `AdaptersError` `bad-response` when the envelope is not there, for example for a bot check.
 */
export function parseIdxStockSummary(body: string): IdxStockSummary {
  const what = 'IDX stock summary';
  const json = parseJsonObject(body, what);
  const { rows, rejected } = readRows(requireList(json, 'data', what), (row) => readDay(row));
  const total = json['recordsTotal'];
  if (!Number.isSafeInteger(total) || (total as number) < 0)
    throw badResponse(what, 'no recordsTotal', 'a count of rows');
  return { total: total as number, days: rows, rejected };
}

/** Names of the CSV data sets: those of the JSON in snake case, with the venue's spelling. */
const columns: ReadonlyMap<string, string> = new Map(
  Object.entries({
    date: 'Date',
    stock_code: 'StockCode',
    code: 'StockCode',
    stock_name: 'StockName',
    remarks: 'Remarks',
    previous: 'Previous',
    open_price: 'OpenPrice',
    first_trade: 'FirstTrade',
    high: 'High',
    low: 'Low',
    close: 'Close',
    change: 'Change',
    volume: 'Volume',
    value: 'Value',
    frequency: 'Frequency',
    index_individual: 'IndexIndividual',
    offer: 'Offer',
    offer_volume: 'OfferVolume',
    bid: 'Bid',
    bid_volume: 'BidVolume',
    listed_shares: 'ListedShares',
    tradeble_shares: 'TradebleShares',
    weight_for_index: 'WeightForIndex',
    foreign_sell: 'ForeignSell',
    foreign_buy: 'ForeignBuy',
    delisting_date: 'DelistingDate',
    non_regular_volume: 'NonRegularVolume',
    non_regular_value: 'NonRegularValue',
    non_regular_frequency: 'NonRegularFrequency',
  }),
);
const required = ['Date', 'Previous', 'Close', 'Change', 'Volume', 'Value', 'Frequency', 'ForeignSell', 'ForeignBuy'];

/**
 * Reads a CSV of one stock's days (or of many stocks, when it has a column `stock_code`). Columns are found by name.
 * @param symbol - the stock, for files whose name says it
 * @throws `AdaptersError` `bad-response` when a needed column is missing.
 */
export function parseIdxDailyCsv(
  csv: string,
  symbol?: string,
): { readonly days: readonly IdxStockDay[]; readonly rejected: readonly Rejection[] } {
  const lines = csv.split('\n');
  const header = splitCsv(lines[0]!.replace(/^\uFEFF/, '')).map((name) => columns.get(name.toLowerCase()) ?? '');
  const missing = [...required, ...(symbol === undefined ? ['StockCode'] : [])].filter(
    (name) => !header.includes(name),
  );
  if (missing.length > 0) throw badResponse('IDX daily CSV', 'a header', `columns ${missing.join(', ')} in it`);
  const days: IdxStockDay[] = [];
  const rejected: Rejection[] = [];
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i]!;
    if (line.trim() === '') continue;
    try {
      const cells = splitCsv(line);
      if (cells.length !== header.length)
        throw new RecordError('cells', cells.length, `${header.length} as in the header`);
      const row: Record<string, unknown> = symbol === undefined ? {} : { StockCode: symbol };
      for (const [at, name] of header.entries()) if (name !== '') row[name] = cells[at];
      days.push(readDay(row));
    } catch (error) {
      rejected.push(rejection(error, i + 1));
    }
  }
  return { days, rejected };
}

/** Numbers and dates need no quotes; a name may have them, with a comma inside. */
function splitCsv(line: string): string[] {
  const whole = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (!whole.includes('"')) return whole.split(',');
  return [...whole.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare ?? '',
  );
}

const symbolPattern = /^[A-Z0-9-]{4,12}$/;

/**
 * One row by the names of the JSON.
 * @throws `RecordError` naming the first field that is not as it must be.
 */
export function readDay(row: Json): IdxStockDay {
  const symbol = text(row, 'StockCode');
  if (!symbolPattern.test(symbol)) throw new RecordError('StockCode', symbol, '4 to 12 of A-Z, 0-9 and "-"');
  return compact({
    symbol,
    name: optionalText(row, 'StockName'),
    date: idxDate(row, 'Date'),
    remarks: optionalText(row, 'Remarks'),
    previous: count(row, 'Previous'),
    open: published(row, 'OpenPrice'),
    firstTrade: published(row, 'FirstTrade'),
    high: published(row, 'High'),
    low: published(row, 'Low'),
    close: count(row, 'Close'),
    change: whole(row, 'Change'),
    volumeShares: count(row, 'Volume'),
    valueIdr: count(row, 'Value'),
    frequency: count(row, 'Frequency'),
    indexIndividual: optionalDecimal(row, 'IndexIndividual'),
    offer: published(row, 'Offer'),
    offerShares: published(row, 'OfferVolume'),
    bid: published(row, 'Bid'),
    bidShares: published(row, 'BidVolume'),
    listedShares: optionalCount(row, 'ListedShares'),
    tradableShares: optionalCount(row, 'TradebleShares'),
    weightForIndex: optionalCount(row, 'WeightForIndex'),
    foreignBuyShares: count(row, 'ForeignBuy'),
    foreignSellShares: count(row, 'ForeignSell'),
    delistingDate: optionalText(row, 'DelistingDate'),
    nonRegularShares: optionalCount(row, 'NonRegularVolume'),
    nonRegularValueIdr: optionalCount(row, 'NonRegularValue'),
    nonRegularFrequency: optionalCount(row, 'NonRegularFrequency'),
  });
}

/** `YYYY-MM-DD` of a field that may carry a time after it. */
export function idxDate(row: Json, key: string): string {
  const start = utcDateStart(text(row, key).replace(/T00:00:00(?:\.0+)?$/, ''));
  if (start === undefined) throw new RecordError(key, row[key], 'a date as YYYY-MM-DD');
  return isoDate(start);
}

/** The venue sends 0 for what it does not publish or what is not there. */
function published(row: Json, key: string): number | undefined {
  return optionalCount(row, key) || undefined;
}
