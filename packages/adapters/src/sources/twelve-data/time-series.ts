/** Twelve Data's bars. */
import type { Bar } from '@tapekit/orderflow/market';
import { AdaptersError } from '../../errors.ts';
import {
  badResponse,
  decimalOf,
  excerpt,
  type Json,
  parseJsonObject,
  readRows,
  type Rejection,
  requireList,
  unsigned,
} from '../../internal/rest-records.ts';
import { clockMs, utcDateStart } from '../../internal/wib-time.ts';
import { zonedInstant } from '../../internal/zone-time.ts';
import { isObject } from '../binance/schema.ts';
import { RecordError, shown } from '../../internal/record-error.ts';

/** Length of a bar, as Twelve Data calls it. */
export type TwelveDataInterval =
  '1min' | '5min' | '15min' | '30min' | '45min' | '1h' | '2h' | '4h' | '1day' | '1week' | '1month';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
const lengths: Readonly<Record<string, number>> = {
  '1min': MINUTE,
  '5min': 5 * MINUTE,
  '15min': 15 * MINUTE,
  '30min': 30 * MINUTE,
  '45min': 45 * MINUTE,
  '1h': 60 * MINUTE,
  '2h': 120 * MINUTE,
  '4h': 240 * MINUTE,
  '1day': DAY,
  '1week': 7 * DAY,
  '1month': 31 * DAY,
};

/** One symbol's bars, oldest first. */
export interface TwelveDataSeries {
  readonly symbol: string;
  readonly interval: string;
  readonly currency?: string;
  /** Market identifier code, for example `XIDX`. */
  readonly mic?: string;
  readonly timeZone?: string;
  /** Months are taken as 31 days. FX has no volume: 0 then. */
  readonly bars: readonly Bar[];
  readonly rejected: readonly Rejection[];
}

/** How times are read. */
export interface TwelveDataSeriesOptions {
  /**
   * What the request asked for: `Exchange` times have no offset and are read in the series' own zone.
   * @defaultValue 'Exchange', as the API's own default
   */
  readonly timeZone?: 'Exchange' | 'UTC';
}

/** What {@link parseTwelveDataSeries} uses where an option is absent. */
export const twelveDataSeriesDefaults = { timeZone: 'Exchange' } as const satisfies TwelveDataSeriesOptions;

/**
 * Reads `/time_series` of one symbol. Daily bars start at midnight of the exchange (of UTC, when times are UTC).
 * @throws `AdaptersError` `rate-limited` (also in an answer with status 200), `unknown-symbol`, or `bad-response`.
 */
export function parseTwelveDataSeries(body: string, options: TwelveDataSeriesOptions = {}): TwelveDataSeries {
  return readSeries(parseJsonObject(body, what), { ...twelveDataSeriesDefaults, ...options });
}

/**
 * Reads `/time_series` of several symbols; one that failed has its error instead of bars.
 * @throws `AdaptersError` as {@link parseTwelveDataSeries}, when the whole request failed.
 */
export function parseTwelveDataBatch(
  body: string,
  options: TwelveDataSeriesOptions = {},
): ReadonlyMap<string, TwelveDataSeries | AdaptersError> {
  const json = parseJsonObject(body, what);
  requireOk(json);
  const all = { ...twelveDataSeriesDefaults, ...options };
  return new Map(
    Object.entries(json).map(([symbol, series]): [string, TwelveDataSeries | AdaptersError] => {
      try {
        if (!isObject(series)) throw badResponse(what, `${shown(series)} for ${symbol.slice(0, 40)}`, 'a series');
        return [symbol, readSeries(series, all)];
      } catch (error) {
        if (error instanceof AdaptersError) return [symbol, error];
        throw error;
      }
    }),
  );
}

const what = 'Twelve Data series';

/** Errors come with status 200 as well: only the body's own status counts. */
export function requireOk(json: Json): void {
  const { status, code, message } = json;
  if (status !== 'error' && !(typeof code === 'number' && typeof message === 'string')) return;
  const said = `${excerpt(code, 20)}: ${excerpt(message, 300)}`;
  if (code === 429) {
    throw new AdaptersError(
      'rate-limited',
      `${what}: no credits are left (${said}). Wait for the next minute or day.`,
      {
        retryAfterMs: MINUTE,
      },
    );
  }
  throw new AdaptersError(
    code === 404 ? 'unknown-symbol' : 'bad-response',
    `${what}: the request was refused (${said}). Correct it and ask again.`,
    typeof code === 'number' ? { status: code } : {},
  );
}

function readSeries(json: Json, { timeZone }: Required<TwelveDataSeriesOptions>): TwelveDataSeries {
  requireOk(json);
  const { meta } = json;
  const { symbol, interval, currency, mic_code: mic, exchange_timezone: zone } = isObject(meta) ? meta : {};
  const lengthMs = typeof interval === 'string' && Object.hasOwn(lengths, interval) ? lengths[interval] : undefined;
  if (typeof symbol !== 'string' || symbol === '' || lengthMs === undefined) {
    throw badResponse(what, `symbol ${shown(symbol)} and interval ${shown(interval)}`, 'a symbol and an interval');
  }
  const own = typeof zone === 'string' ? zone : undefined;
  const at = timeZone === 'UTC' ? 'UTC' : (own ?? 'UTC');
  if (zonedInstant(0, at) === undefined) throw badResponse(what, `time zone ${shown(at)}`, 'an IANA time zone');
  const { rows, rejected } = readRows(requireList(json, 'values', what), (row) => readBar(row, at, lengthMs));
  return {
    symbol: symbol.slice(0, 60),
    interval: interval as string,
    ...(typeof currency === 'string' ? { currency } : undefined),
    ...(typeof mic === 'string' ? { mic } : undefined),
    ...(own === undefined ? undefined : { timeZone: own }),
    // The API sends the newest first unless asked otherwise.
    bars: [...rows].sort((a, b) => a.startMs - b.startMs),
    rejected,
  };
}

function readBar(row: Json, zone: string, lengthMs: number): Bar {
  const { datetime, volume } = row;
  const [date = '', clock = '00:00:00', ...rest] = typeof datetime === 'string' ? datetime.split(' ') : [];
  const [day, time] = [utcDateStart(date), clockMs(clock)];
  const startMs =
    day === undefined || time === undefined || rest.length > 0 ? undefined : zonedInstant(day + time, zone);
  if (startMs === undefined) throw new RecordError('datetime', datetime, 'YYYY-MM-DD with or without HH:MM:SS');
  const [open, high, low, close] = ['open', 'high', 'low', 'close'].map((key) => unsigned(row, key));
  const size = volume == null || volume === '' ? '0' : decimalOf(volume);
  if (size === undefined || size.startsWith('-')) throw new RecordError('volume', volume, 'a decimal from 0');
  return { startMs, endMs: startMs + lengthMs, open: open!, high: high!, low: low!, close: close!, volume: size };
}
