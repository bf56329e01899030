/**
 * FINRA: daily short sale volume (files) and short interest (query API). Short volume is not short interest, and covers
 * trades off exchange only.
 *
 * Source: FINRA Reg SHO daily files; FINRA Query API, `otcMarket` data sets, which need no login.
 */
import { AdaptersError } from '../errors.ts';
import type { HttpClient } from '../http-client.ts';
import { type Pace, pacedHttp } from '../internal/paced-http.ts';
import type { Rows } from '../internal/rest-records.ts';
import { utcDateStart } from '../internal/wib-time.ts';
import {
  parseRegShoFacilityDays,
  parseShortInterest,
  type RegShoFacilityDay,
  type ShortInterest,
} from './finra/query.ts';
import { parseRegSho, type RegShoFile } from './finra/reg-sho.ts';

export {
  parseRegShoFacilityDays,
  parseShortInterest,
  type RegShoFacilityDay,
  type ShortInterest,
} from './finra/query.ts';
export { parseRegSho, type RegShoDay, type RegShoFile } from './finra/reg-sho.ts';
export type { Rejection, Rows } from '../internal/rest-records.ts';

/** Which file of a day: all facilities together (`CNMS`), or one. */
export type RegShoMarket = 'CNMS' | 'FNQC' | 'FNRA' | 'FNSQ' | 'FNYX' | 'FORF';

/** How {@link createFinraClient} asks. */
export interface FinraClientOptions extends Pace {
  readonly http: HttpClient;
  /** FINRA refuses requests for files without one. */
  readonly userAgent: string;
  /** @defaultValue `https://cdn.finra.org` */
  readonly filesUrl?: string;
  /** @defaultValue `https://api.finra.org` */
  readonly apiUrl?: string;
  /** Rows a page, at most 5,000. @defaultValue 5,000 */
  readonly pageSize?: number;
}

/** What {@link createFinraClient} uses where an option is absent. FINRA takes 1,200 queries a minute. */
export const finraClientDefaults = {
  filesUrl: 'https://cdn.finra.org',
  apiUrl: 'https://api.finra.org',
  minIntervalMs: 100,
  pageSize: 5000,
} as const satisfies Partial<FinraClientOptions>;

/** What to ask the query API for. */
export interface FinraQuery {
  /** @defaultValue all symbols */
  readonly symbol?: string;
  /** First and last day, `YYYY-MM-DD`. */
  readonly from: string;
  readonly to: string;
}

/** Asks FINRA, one request at a time. */
export interface FinraClient {
  /**
   * A day's file. There is none on holidays and before about 18:00 in New York.
   * @throws `AdaptersError` `bad-option` for what is no date; `bad-response` with `status` 403 or 404 where there is none.
   */
  regShoFile(date: string, market?: RegShoMarket, signal?: AbortSignal): Promise<RegShoFile>;
  /** Short interest page by page. */
  shortInterest(query: FinraQuery, signal?: AbortSignal): AsyncGenerator<Rows<ShortInterest>>;
  /** Short sale volume by reporting facility, page by page. */
  regShoDaily(query: FinraQuery, signal?: AbortSignal): AsyncGenerator<Rows<RegShoFacilityDay>>;
}

/** A client of files and queries. */
export function createFinraClient(options: FinraClientOptions): FinraClient {
  const { filesUrl, apiUrl, minIntervalMs, pageSize, userAgent } = { ...finraClientDefaults, ...options };
  const http = pacedHttp(options.http, { ...options, minIntervalMs });
  const passed = (signal?: AbortSignal): { signal?: AbortSignal } => (signal ? { signal } : {});

  async function* query<T>(
    set: { readonly name: string; readonly symbolField: string; readonly dateField: string },
    parse: (body: string) => Rows<T>,
    { symbol, from, to }: FinraQuery,
    signal?: AbortSignal,
  ): AsyncGenerator<Rows<T>> {
    const filters =
      symbol === undefined ? [] : [{ fieldName: set.symbolField, fieldValue: symbol, compareType: 'EQUAL' }];
    for (let offset = 0; ;) {
      const { body, headers } = await http.send({
        url: `${apiUrl}/data/group/otcMarket/name/${set.name}`,
        method: 'POST',
        repeatable: true,
        // Without `Accept` the answer is CSV.
        headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'User-Agent': userAgent },
        body: JSON.stringify({
          limit: pageSize,
          offset,
          compareFilters: filters,
          dateRangeFilters: [{ fieldName: set.dateField, startDate: from, endDate: to }],
        }),
        ...passed(signal),
      });
      const rows = parse(body);
      const came = rows.rows.length + rows.rejected.length;
      if (came > 0) yield rows;
      offset += came;
      const total = Number(headers.get('record-total') ?? NaN);
      // Without the header a page that is not full is the last.
      if (came === 0 || (Number.isFinite(total) ? offset >= total : came < pageSize)) return;
    }
  }

  return {
    async regShoFile(date, market = 'CNMS', signal) {
      if (!date.includes('-') || utcDateStart(date) === undefined) {
        throw new AdaptersError('bad-option', `date is "${date}"; expected a day as YYYY-MM-DD. Pass one.`, {
          value: date,
        });
      }
      const { body } = await http.send({
        url: `${filesUrl}/equity/regsho/daily/${market}shvol${date.replaceAll('-', '')}.txt`,
        headers: { 'User-Agent': userAgent },
        ...passed(signal),
      });
      return parseRegSho(body, { date });
    },
    shortInterest: (request, signal) =>
      query(
        { name: 'consolidatedShortInterest', symbolField: 'symbolCode', dateField: 'settlementDate' },
        parseShortInterest,
        request,
        signal,
      ),
    regShoDaily: (request, signal) =>
      query(
        {
          name: 'regShoDaily',
          symbolField: 'securitiesInformationProcessorSymbolIdentifier',
          dateField: 'tradeReportDate',
        },
        parseRegShoFacilityDays,
        request,
        signal,
      ),
  };
}
