/** Yahoo's v7 quotes, and the crumb without which they are refused. */
import { badResponse, decimalOf, type Json, readRows, type Rejection, text } from '../../internal/rest-records.ts';
import { RecordError } from '../../internal/record-error.ts';
import { envelope } from './chart.ts';

/** A symbol's last state. Decimals; what Yahoo sends as 0 because it is not there is absent. */
export interface YahooQuote {
  readonly symbol: string;
  readonly currency?: string;
  /** Last trade, epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly price: string;
  readonly previousClose?: string;
  /** Shares. */
  readonly volume?: string;
  readonly bidPrice?: string;
  readonly askPrice?: string;
  readonly sharesOutstanding?: string;
  readonly marketCap?: string;
  /** How old the quote is by agreement, minutes. */
  readonly delayMinutes?: number;
}

/**
 * Reads an answer of `/v7/finance/quote`.
 * @throws `AdaptersError` `bad-response`, also for an expired crumb; `rate-limited`.
 */
export function parseYahooQuotes(body: string): {
  readonly quotes: readonly YahooQuote[];
  readonly rejected: readonly Rejection[];
} {
  const { rows, rejected } = readRows(envelope(body, 'quoteResponse', 'Yahoo quotes'), readQuote);
  return { quotes: rows, rejected };
}

function readQuote(row: Json): YahooQuote {
  const number = (key: string): string | undefined => {
    const value = row[key];
    return typeof value === 'number' && Number.isFinite(value) ? decimalOf(value) : undefined;
  };
  const present = (key: string): string | undefined => {
    const value = number(key);
    return value === '0' || value?.startsWith('-') ? undefined : value;
  };
  const price = number('regularMarketPrice');
  const time = row['regularMarketTime'];
  if (price === undefined) throw new RecordError('regularMarketPrice', row['regularMarketPrice'], 'a price');
  if (!Number.isSafeInteger(time) || (time as number) <= 0 || (time as number) > 4.2e9) {
    throw new RecordError('regularMarketTime', time, 'seconds since 1970');
  }
  const { currency, exchangeDataDelayedBy: delay } = row;
  const fields = {
    previousClose: present('regularMarketPreviousClose'),
    volume: number('regularMarketVolume'),
    bidPrice: present('bid'),
    askPrice: present('ask'),
    sharesOutstanding: present('sharesOutstanding'),
    marketCap: present('marketCap'),
  };
  return {
    symbol: text(row, 'symbol').slice(0, 40),
    ...(typeof currency === 'string' ? { currency } : undefined),
    timeMs: (time as number) * 1000,
    price,
    ...(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<YahooQuote>),
    ...(Number.isSafeInteger(delay) && (delay as number) >= 0 ? { delayMinutes: delay as number } : undefined),
  };
}

/**
 * The crumb in an answer of `/v1/test/getcrumb`. It belongs to the cookies of the request and is as secret as they are.
 * @throws `AdaptersError` `bad-response` for a page or an empty body, which mean that the cookies were not accepted.
 */
export function parseYahooCrumb(body: string): string {
  const crumb = body.trim();
  if (!/^[\w./\\+=-]{5,40}$/.test(crumb)) {
    throw badResponse('Yahoo crumb', `${body.length} characters that are no crumb`, 'about 11 letters and digits');
  }
  return crumb;
}
