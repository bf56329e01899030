/**
 * The website of the Indonesia Stock Exchange: daily stock summary, companies, members, financial ratios; and CSV data sets
 * made of the summary. The site's terms allow personal use only; ask rarely, keep what came, and publish none of it.
 *
 * Source: the JSON behind www.idx.co.id, undocumented. The rules of {@link checkIdxDay} held on more than a million days.
 */
import { badResponse } from '../internal/rest-records.ts';
import { readRedacted } from '../internal/http/redact.ts';
import { type Pace, pacedHttp } from '../internal/paced-http.ts';
import type { HttpClient } from '../http-client.ts';
import {
  type IdxBroker,
  type IdxBrokerTotal,
  type IdxCompany,
  type IdxFinancialRatio,
  type IdxList,
  parseIdxBrokers,
  parseIdxBrokerTotals,
  parseIdxCompanies,
  parseIdxFinancialRatios,
} from './idx/directory.ts';
import { type IdxStockSummary, parseIdxStockSummary } from './idx/stock-day.ts';

export { checkIdxDay, checkIdxHistory, type IdxFinding, type IdxRule } from './idx/check-days.ts';
export {
  type IdxBroker,
  type IdxBrokerTotal,
  type IdxCompany,
  type IdxFinancialRatio,
  type IdxList,
  parseIdxBrokers,
  parseIdxBrokerTotals,
  parseIdxCompanies,
  parseIdxFinancialRatios,
} from './idx/directory.ts';
export { type IdxStockDay, type IdxStockSummary, parseIdxDailyCsv, parseIdxStockSummary } from './idx/stock-day.ts';
export type { Rejection } from '../internal/rest-records.ts';

/** How {@link createIdxClient} asks. */
export interface IdxClientOptions extends Pace {
  readonly http: HttpClient;
  /** Some answers come from `https://www.idx.id/primary` instead. @defaultValue `https://www.idx.co.id/primary` */
  readonly baseUrl?: string;
  /** Sent with every request, for example a browser's `User-Agent`, without which the site refuses. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
  /** The user's own cookies, never logged. @defaultValue none */
  readonly secretHeaders?: Readonly<Record<string, string>>;
}

/** What {@link createIdxClient} uses where an option is absent. */
export const idxClientDefaults = {
  baseUrl: 'https://www.idx.co.id/primary',
  minIntervalMs: 2000,
} as const satisfies Partial<IdxClientOptions>;

/** Asks the exchange's site, one request at a time. */
export interface IdxClient {
  /** All stocks of a day (`YYYY-MM-DD`); none on a holiday. */
  stockSummary(date: string, signal?: AbortSignal): Promise<IdxStockSummary>;
  /** What every member traded on a day, over all stocks. */
  brokerTotals(date: string, signal?: AbortSignal): Promise<IdxList<IdxBrokerTotal>>;
  companies(signal?: AbortSignal): Promise<IdxList<IdxCompany>>;
  brokers(signal?: AbortSignal): Promise<IdxList<IdxBroker>>;
  /** Ratios page by page, 100 companies each. */
  financialRatios(
    period: { readonly year: number; readonly quarter: 1 | 2 | 3 | 4 },
    signal?: AbortSignal,
  ): AsyncGenerator<IdxList<IdxFinancialRatio>>;
}

/** A client of the exchange's site. */
export function createIdxClient(options: IdxClientOptions): IdxClient {
  const { baseUrl, minIntervalMs, headers, secretHeaders } = { ...idxClientDefaults, ...options };
  const http = pacedHttp(options.http, { ...options, minIntervalMs });
  const secrets = secretHeaders ? { secretHeaders } : {};
  const get = async <T>(
    path: string,
    query: Readonly<Record<string, string | number>>,
    parse: (body: string) => T,
    signal?: AbortSignal,
  ): Promise<T> => {
    const { body, headers: answered } = await http.send({
      url: baseUrl + path,
      query,
      headers: { Accept: 'application/json', ...headers },
      ...secrets,
      ...(signal ? { signal } : undefined),
    });
    const type = answered.get('content-type') ?? '';
    if (type.includes('html')) throw badResponse(`IDX ${path}`, type, 'JSON. The site took the request for a bot');
    return readRedacted(secrets, () => parse(body));
  };
  const all = { length: 9999, start: 0 };
  return {
    stockSummary: (date, signal) =>
      get(
        '/TradingSummary/GetStockSummary',
        { ...all, date: date.replaceAll('-', '') },
        (body) => parseIdxStockSummary(body),
        signal,
      ),
    brokerTotals: (date, signal) =>
      get(
        '/TradingSummary/GetBrokerSummary',
        { ...all, date: date.replaceAll('-', '') },
        (body) => parseIdxBrokerTotals(body),
        signal,
      ),
    companies: (signal) =>
      get('/ListedCompany/GetCompanyProfiles', { ...all, emitenType: 's' }, (body) => parseIdxCompanies(body), signal),
    brokers: (signal) =>
      get(
        '/ExchangeMember/GetBrokerSearch',
        { ...all, option: 0, license: '' },
        (body) => parseIdxBrokers(body),
        signal,
      ),
    async *financialRatios({ year, quarter }, signal) {
      for (let page = 1, seen = 0; ; page += 1) {
        const query = {
          urlName: 'LINK_FINANCIAL_DATA_RATIO',
          periodQuarter: quarter,
          periodYear: year,
          type: 'yearly',
          isPrint: 'false',
          cumulative: 'false',
          pageSize: 100,
          pageNumber: page,
        };
        const path = '/DigitalStatistic/GetApiDataPaginated';
        const list = await get(path, query, (body) => parseIdxFinancialRatios(body), signal);
        const came = list.rows.length + list.rejected.length;
        seen += came;
        if (came > 0) yield list;
        if (came === 0 || seen >= list.total) return;
      }
    },
  };
}
