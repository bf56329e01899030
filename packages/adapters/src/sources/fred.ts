/**
 * FRED, the economic data of the Federal Reserve Bank of St. Louis: observations with their vintages, with the user's own
 * API key.
 *
 * Source: FRED API documentation, `fred/series/observations` and `fred/series/vintagedates`.
 */
import { AdaptersError } from '../errors.ts';
import type { HttpClient, HttpRequest } from '../http-client.ts';
import { readRedacted } from '../internal/http/redact.ts';
import { type Pace, pacedHttp } from '../internal/paced-http.ts';
import {
  badResponse,
  decimal,
  excerpt,
  type Json,
  parseJsonObject,
  readRows,
  type Rejection,
  requireList,
  text,
} from '../internal/rest-records.ts';
import { isoDate, utcDateStart } from '../internal/wib-time.ts';
import { RecordError } from '../internal/record-error.ts';

export type { Rejection } from '../internal/rest-records.ts';

/** One value of a series, as it was known from `realtimeStart` to `realtimeEnd`. */
export interface FredObservation {
  /** Start of the period that the value is about, `YYYY-MM-DD`. */
  readonly date: string;
  /** Decimal; absent where FRED has none (`.`). */
  readonly value?: string;
  /** First day on which this value was the published one, `YYYY-MM-DD`. */
  readonly realtimeStart: string;
  /** Last such day; `9999-12-31` while it still is. */
  readonly realtimeEnd: string;
}

/** One page of a series. */
export interface FredPage {
  readonly units: string;
  /** Observations of the whole request. */
  readonly count: number;
  readonly offset: number;
  readonly observations: readonly FredObservation[];
  readonly rejected: readonly Rejection[];
  /** Where the next page starts; absent on the last one. */
  readonly nextOffset?: number;
}

const what = 'FRED';

/**
 * Reads an answer of `fred/series/observations` with `file_type=json`.
 * @throws {@link AdaptersError} `unknown-symbol` for a series that does not exist, `rate-limited`, else `bad-response`.
 */
export function parseFredObservations(body: string): FredPage {
  const json = parseFredBody(body);
  const list = requireList(json, 'observations', what);
  const { rows, rejected } = readRows(list, readObservation);
  return {
    units: excerpt(json['units'] ?? '', 40),
    ...paging(json, list.length),
    observations: rows,
    rejected,
  };
}

/**
 * Reads an answer of `fred/series/vintagedates`: the days on which values were published or revised.
 * @throws {@link AdaptersError} as {@link parseFredObservations}.
 */
export function parseFredVintageDates(body: string): {
  readonly dates: readonly string[];
  readonly count: number;
  readonly nextOffset?: number;
} {
  const json = parseFredBody(body);
  const list = requireList(json, 'vintage_dates', what);
  const dates = list.map((date) => {
    if (typeof date !== 'string' || !isDate(date)) throw badResponse(what, 'a vintage that is no date', 'YYYY-MM-DD');
    return date;
  });
  const { count, nextOffset } = paging(json, list.length);
  return { dates, count, ...(nextOffset === undefined ? undefined : { nextOffset }) };
}

/**
 * What was known at the end of a day: of every period the value whose vintage covers it. Use it where a value must not be
 * seen before it was published.
 */
export function fredAsOf(observations: readonly FredObservation[], day: string): readonly FredObservation[] {
  return observations.filter(({ realtimeStart, realtimeEnd }) => realtimeStart <= day && day <= realtimeEnd);
}

function parseFredBody(body: string): Json {
  const json = parseJsonObject(body, what);
  const { error_code: code, error_message: message } = json;
  if (code === undefined) return json;
  // The venue's own text may quote the request, and the key stands in the request.
  const said = excerpt(message, 2000)
    .replaceAll(/\b[a-z0-9]{32}\b/g, '(key)')
    .replaceAll(/\s+/g, ' ')
    .slice(0, 300);
  const limited = code === 429;
  const unknown = said.includes('series does not exist');
  throw new AdaptersError(
    limited ? 'rate-limited' : unknown ? 'unknown-symbol' : 'bad-response',
    `${what} refused the request (${excerpt(code, 20)}: ${said}). ${limited ? 'Wait a minute and ask again.' : 'Correct it and ask again.'}`,
    typeof code === 'number' ? { status: code } : {},
  );
}

function paging(json: Json, came: number): Pick<FredPage, 'count' | 'offset' | 'nextOffset'> {
  const { count, offset } = json;
  if (
    !Number.isSafeInteger(count) ||
    !Number.isSafeInteger(offset) ||
    (count as number) < 0 ||
    (offset as number) < 0
  ) {
    throw badResponse(what, 'no count and offset', 'two whole numbers');
  }
  const next = (offset as number) + came;
  // A page without rows ends the paging, whatever the count says.
  const more = came > 0 && next < (count as number);
  return { count: count as number, offset: offset as number, ...(more ? { nextOffset: next } : undefined) };
}

function readObservation(row: Json): FredObservation {
  const dates = ['date', 'realtime_start', 'realtime_end'].map((key) => {
    const date = text(row, key);
    if (!isDate(date)) throw new RecordError(key, date, 'a date as YYYY-MM-DD');
    return date;
  });
  const [date, realtimeStart, realtimeEnd] = dates as [string, string, string];
  const missing = row['value'] === '.' || row['value'] === '';
  return { date, ...(missing ? undefined : { value: decimal(row, 'value') }), realtimeStart, realtimeEnd };
}

/** FRED's own calendar: series reach back to 1776, and `9999-12-31` stands for today. */
function isDate(date: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return false;
  const year = Number(date.slice(0, 4));
  const start = utcDateStart(year < 1900 ? `${2000 + (year % 400)}${date.slice(4)}` : date);
  return start !== undefined && isoDate(start).slice(4) === date.slice(4);
}

/** How {@link createFredClient} asks. */
export interface FredClientOptions extends Pace {
  readonly http: HttpClient;
  /** The user's own key. Never logged. */
  readonly apiKey: string;
  /** @defaultValue `https://api.stlouisfed.org` */
  readonly baseUrl?: string;
  /** Observations a page, at most 100,000. @defaultValue 100,000 */
  readonly pageSize?: number;
}

/** What {@link createFredClient} uses where an option is absent. FRED takes about 120 requests a minute. */
export const fredClientDefaults = {
  baseUrl: 'https://api.stlouisfed.org',
  minIntervalMs: 600,
  pageSize: 100_000,
} as const satisfies Partial<FredClientOptions>;

/** A series to ask for. */
export interface FredRequest {
  /** For example `DGS10`. */
  readonly seriesId: string;
  /** First and last period, `YYYY-MM-DD`. */
  readonly from?: string;
  readonly to?: string;
  /** First and last day of the vintages; both absent for today's values alone. */
  readonly realtimeStart?: string;
  readonly realtimeEnd?: string;
  /** Transformation. @defaultValue `lin`, none */
  readonly units?: 'lin' | 'chg' | 'ch1' | 'pch' | 'pc1' | 'pca' | 'cch' | 'cca' | 'log';
  /** Lower frequency to aggregate to, for example `m`. @defaultValue the series' own */
  readonly frequency?: string;
  /** @defaultValue `avg` */
  readonly aggregation?: 'avg' | 'sum' | 'eop';
}

/** Asks FRED, one request at a time. */
export interface FredClient {
  /** A series page by page. */
  observations(request: FredRequest, signal?: AbortSignal): AsyncGenerator<FredPage>;
  /** The days on which a series was published or revised, page by page. */
  vintageDates(seriesId: string, signal?: AbortSignal): AsyncGenerator<readonly string[]>;
}

/** A client of the API. */
export function createFredClient(options: FredClientOptions): FredClient {
  const { baseUrl, minIntervalMs, pageSize, apiKey } = { ...fredClientDefaults, ...options };
  const http = pacedHttp(options.http, { ...options, minIntervalMs });
  const secretQuery = { api_key: apiKey };
  const get = async (path: string, query: NonNullable<HttpRequest['query']>, signal?: AbortSignal): Promise<string> => {
    const { body } = await http.send({
      url: `${baseUrl}/fred/series/${path}`,
      // Without a file type the answer is XML.
      query: { ...query, file_type: 'json' },
      secretQuery,
      ...(signal ? { signal } : undefined),
    });
    return body;
  };
  return {
    async *observations(request, signal) {
      for (let offset: number | undefined = 0; offset !== undefined;) {
        const body = await get(
          'observations',
          {
            series_id: request.seriesId,
            observation_start: request.from,
            observation_end: request.to,
            realtime_start: request.realtimeStart,
            realtime_end: request.realtimeEnd,
            units: request.units,
            frequency: request.frequency,
            aggregation_method: request.aggregation,
            sort_order: 'asc',
            limit: pageSize,
            offset,
          },
          signal,
        );
        const page: FredPage = readRedacted({ secretQuery }, () => parseFredObservations(body));
        yield page;
        offset = page.nextOffset;
      }
    },
    async *vintageDates(seriesId, signal) {
      // This endpoint takes 10,000 a page at most.
      const limit = Math.min(pageSize, 10_000);
      for (let offset: number | undefined = 0; offset !== undefined;) {
        const body = await get('vintagedates', { series_id: seriesId, limit, offset }, signal);
        const page: ReturnType<typeof parseFredVintageDates> = readRedacted({ secretQuery }, () =>
          parseFredVintageDates(body),
        );
        yield page.dates;
        offset = page.nextOffset;
      }
    },
  };
}
