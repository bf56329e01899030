/**
 * The CFTC's Commitments of Traders: weekly positions in futures by kind of trader.
 *
 * Source: CFTC Public Reporting Environment (Socrata), reports legacy, disaggregated and traders in financial futures.
 */
import { AdaptersError } from '../errors.ts';
import type { HttpClient } from '../http-client.ts';
import { readRedacted } from '../internal/http/redact.ts';
import { type Pace, pacedHttp } from '../internal/paced-http.ts';
import {
  badResponse,
  count,
  type Json,
  optionalCount,
  optionalText,
  parseJson,
  readRows,
  type Rejection,
  text,
} from '../internal/rest-records.ts';
import { isoDate, utcDateStart } from '../internal/wib-time.ts';
import { zonedInstant } from '../internal/zone-time.ts';
import { isObject } from './binance/schema.ts';
import { RecordError, shown } from '../internal/record-error.ts';

export type { Rejection } from '../internal/rest-records.ts';

/** Contracts that a kind of trader holds. */
export interface CotPositions {
  readonly long?: number;
  readonly short?: number;
  /** Long and short at once; counted in neither of the others. */
  readonly spread?: number;
}

/** One market in one weekly report. */
export interface CotReport {
  /** For example `099741` (euro FX). */
  readonly contractCode: string;
  readonly market: string;
  /** Day of the positions, usually a Tuesday, `YYYY-MM-DD`. */
  readonly date: string;
  /**
   * Earliest time at which it was public: Friday of that week, 15:30 in New York, epoch milliseconds UTC. After holidays it
   * is later. Use it, not `date`, as the time from which a model may know the figures.
   */
  readonly publishedMs: number;
  readonly openInterest: number;
  /**
   * Positions by the report's own names: `noncomm`, `comm` (legacy), `prod_merc`, `swap`, `m_money`, `other_rept`
   * (disaggregated), `dealer`, `asset_mgr`, `lev_money` (financial), and `tot_rept`, `nonrept` in all.
   */
  readonly positions: Readonly<Record<string, CotPositions>>;
  /** Sides on which reportable and other positions do not sum to the open interest; the row is kept. */
  readonly faults?: readonly ('long' | 'short')[];
}

/** Rows of a report. */
export interface CotReports {
  readonly reports: readonly CotReport[];
  readonly rejected: readonly Rejection[];
}

/** The data sets: which traders are told apart, and whether options are counted. */
export const cotDatasets = {
  'legacy-futures': '6dca-aqww',
  'legacy-combined': 'jun7-fc8e',
  'disaggregated-futures': '72hh-3qpy',
  'disaggregated-combined': 'kh3c-gbw2',
  'financial-futures': 'gpe5-46if',
  'financial-combined': 'yw9f-hn96',
} as const;

/** Name of a data set. */
export type CotDataset = keyof typeof cotDatasets;

const what = 'CFTC report';

/**
 * Reads rows of any of the six data sets. Columns are found by their names' form, because the names themselves have typing
 * errors (`noncomm_postions_spread_all`, `swap__positions_short_all`).
 * @throws {@link AdaptersError} `bad-response` when the body is no list, also for the API's own error object.
 */
export function parseCotReports(body: string): CotReports {
  const json = parseJson(body, what);
  if (isObject(json) && typeof json['message'] === 'string') {
    throw badResponse(what, `the message ${shown(json['message'])}`, 'a list of rows');
  }
  if (!Array.isArray(json)) throw badResponse(what, shown(json), 'a list of rows');
  const { rows, rejected } = readRows(json, readReport);
  return { reports: rows, rejected };
}

/** `all` stands for all crop years together, or nothing does; other endings are parts of it. */
const positionKey = /^([a-z_]{1,40}?)_+pos(?:i)?tions_(long|short|spread)(?:_all)?$/;

function readReport(row: Json): CotReport {
  const start = utcDateStart(text(row, 'report_date_as_yyyy_mm_dd').slice(0, 10));
  if (start === undefined) {
    throw new RecordError('report_date_as_yyyy_mm_dd', row['report_date_as_yyyy_mm_dd'], 'a date as YYYY-MM-DD');
  }
  const kinds = new Map<string, { long?: number; short?: number; spread?: number }>();
  for (const key of Object.keys(row)) {
    const match = positionKey.exec(key);
    const value = match && optionalCount(row, key);
    if (!match || value === undefined || value === null) continue;
    const kind = kinds.get(match[1]!) ?? {};
    kind[match[2] as 'long' | 'short' | 'spread'] = value;
    kinds.set(match[1]!, kind);
  }
  const positions: CotReport['positions'] = Object.fromEntries(kinds);
  if (kinds.size === 0) throw new RecordError('positions', undefined, 'columns of positions');
  const openInterest = count(row, 'open_interest_all');
  const faults = (['long', 'short'] as const).filter((side) => {
    const [reported, other] = [positions['tot_rept']?.[side], positions['nonrept']?.[side]];
    return reported !== undefined && other !== undefined && reported + other !== openInterest;
  });
  return {
    contractCode: text(row, 'cftc_contract_market_code').slice(0, 20),
    market: optionalText(row, 'market_and_exchange_names') ?? '',
    date: isoDate(start),
    publishedMs: publishedAt(start),
    openInterest,
    positions,
    ...(faults.length === 0 ? undefined : { faults }),
  };
}

const DAY = 86_400_000;

function publishedAt(start: number): number {
  const friday = start + ((5 - new Date(start).getUTCDay() + 7) % 7) * DAY;
  return zonedInstant(friday + 15.5 * 3_600_000, 'America/New_York')!;
}

/** How {@link createCftcClient} asks. */
export interface CftcClientOptions extends Pace {
  readonly http: HttpClient;
  /** An application token of the user lifts the limits. Never logged. @defaultValue none */
  readonly appToken?: string;
  /** @defaultValue `https://publicreporting.cftc.gov` */
  readonly baseUrl?: string;
  /** Rows a page. @defaultValue 1,000 */
  readonly pageSize?: number;
}

/** What {@link createCftcClient} uses where an option is absent. */
export const cftcClientDefaults = {
  baseUrl: 'https://publicreporting.cftc.gov',
  minIntervalMs: 250,
  pageSize: 1000,
} as const satisfies Partial<CftcClientOptions>;

/** Reports to ask for. */
export interface CotRequest {
  readonly dataset: CotDataset;
  readonly contractCode: string;
  /** First day of positions, `YYYY-MM-DD`. */
  readonly from: string;
}

/** Asks the CFTC, one request at a time. */
export interface CftcClient {
  /** Reports of one market, oldest first, page by page. @throws `AdaptersError` `bad-option` for a bad code or date. */
  reports(request: CotRequest, signal?: AbortSignal): AsyncGenerator<CotReports>;
}

/** A client of the reporting API. */
export function createCftcClient(options: CftcClientOptions): CftcClient {
  const { baseUrl, minIntervalMs, pageSize, appToken } = { ...cftcClientDefaults, ...options };
  const http = pacedHttp(options.http, { ...options, minIntervalMs });
  const secrets = appToken === undefined ? {} : { secretHeaders: { 'X-App-Token': appToken } };
  return {
    async *reports({ dataset, contractCode, from }, signal) {
      // Both go into a query language: nothing but their own letters may.
      if (!/^[0-9A-Z+]{4,10}$/.test(contractCode) || !from.includes('-') || utcDateStart(from) === undefined) {
        const value = `${contractCode} from ${from}`;
        throw new AdaptersError('bad-option', `asked for "${value}"; expected a code such as 099741 and YYYY-MM-DD.`, {
          value,
        });
      }
      for (let offset = 0; ; offset += pageSize) {
        const { body } = await http.send({
          url: `${baseUrl}/resource/${cotDatasets[dataset]}.json`,
          query: {
            $where: `report_date_as_yyyy_mm_dd >= '${from}T00:00:00.000' AND cftc_contract_market_code='${contractCode}'`,
            $order: 'report_date_as_yyyy_mm_dd',
            $limit: pageSize,
            $offset: offset,
          },
          ...secrets,
          ...(signal ? { signal } : undefined),
        });
        const page = readRedacted(secrets, () => parseCotReports(body));
        const came = page.reports.length + page.rejected.length;
        if (came > 0) yield page;
        if (came < pageSize) return;
      }
    },
  };
}
