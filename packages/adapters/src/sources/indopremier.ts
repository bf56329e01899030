/**
 * Indo Premier's broker summary of a stock: an HTML table, buyers on the left and sellers on the right, with rounded values.
 *
 * Source: the page of the public site, undocumented. The site bans addresses that ask often.
 */
import { AdaptersError } from '../errors.ts';
import type { HttpClient } from '../http-client.ts';
import { type BrokerDay, type BrokerSide, joinSides } from '../internal/broker-day.ts';
import { type Pace, pacedHttp } from '../internal/paced-http.ts';
import { badResponse, decimalOf, rejection, type Rejection } from '../internal/rest-records.ts';
import { utcDateStart } from '../internal/wib-time.ts';
import { RecordError } from '../internal/record-error.ts';
import { type HtmlCell, readHtmlTable } from './indopremier/html-table.ts';

export type { BrokerDay } from '../internal/broker-day.ts';
export type { Rejection } from '../internal/rest-records.ts';

/** Whose page it is; the page itself does not say. */
export interface IndopremierPage {
  readonly symbol: string;
  /** The day that was asked for, `YYYY-MM-DD`. */
  readonly date: string;
  /** The market that was asked for. @defaultValue not said in the rows */
  readonly board?: string;
}

/** One half of a row: a broker that bought, or one that sold. */
export interface IndopremierSide {
  readonly broker: string;
  /** By the colour of the code. */
  readonly owner?: 'foreign' | 'local' | 'state';
  readonly lots: number;
  /** Rupiah as shown, rounded to one or two digits of K, M, B or T. */
  readonly shownValue: number;
  /** Half a unit of the last digit shown: the true value lies so close. */
  readonly roundingIdr: number;
  /** Average price, decimal. */
  readonly averagePrice: string;
  /** Rupiah: lots × 100 × average price where that agrees with what is shown, else what is shown. */
  readonly value: number;
}

/** A page. */
export interface IndopremierSummary {
  readonly buyers: readonly IndopremierSide[];
  readonly sellers: readonly IndopremierSide[];
  /** Both halves by broker; `valueIsRounded` is set on every row. */
  readonly days: readonly BrokerDay[];
  /** The line below the table; what it does not hold is absent. */
  readonly totals: {
    readonly lots?: number;
    readonly value?: number;
    /** Half a unit of the last digit of `value`. */
    readonly roundingIdr?: number;
    readonly foreignNetValue?: number;
    readonly averagePrice?: string;
  };
  readonly rejected: readonly Rejection[];
}

/**
 * Reads a page of `data-brokersummary.php`.
 * @throws {@link AdaptersError} `bad-response` when there is no complete table: an unknown code, or a bot check.
 */
export function parseIndopremierBrokerSummary(html: string, page: IndopremierPage): IndopremierSummary {
  const table = readHtmlTable(html, 'table-summary');
  if (!table) {
    throw badResponse(
      `Indo Premier broker summary of ${page.symbol}`,
      'no complete table',
      'a table of class table-summary. The code may be unknown, or a bot check in the way',
    );
  }
  const buyers: IndopremierSide[] = [];
  const sellers: IndopremierSide[] = [];
  const rejected: Rejection[] = [];
  for (const [i, row] of table.body.entries()) {
    for (const [half, from] of [[buyers, 0] as const, [sellers, 5] as const]) {
      try {
        if (row.length !== 9) throw new RecordError('cells', row.length, '9');
        const side = readSide(row.slice(from, from + 4));
        if (side) half.push(side);
      } catch (error) {
        // A row of the wrong width is one fault, not one of each half.
        if (row.length === 9 || from === 0) rejected.push(rejection(error, i + 1));
      }
    }
  }
  const about = { symbol: page.symbol, date: page.date, valueIsRounded: true } as const;
  const days = joinSides(
    page.board === undefined ? about : { ...about, board: page.board },
    buyers.map(sum),
    sellers.map(sum),
  );
  return { buyers, sellers, days, totals: readTotals(table.foot.flat()), rejected };
}

function sum({ broker, lots, value }: IndopremierSide): BrokerSide {
  return { broker, shares: lots * 100, value };
}

const owners = { 'text-foreign': 'foreign', 'text-local': 'local', 'text-bumn': 'state' } as const;

/** Four cells; all empty where the other side has more brokers. */
function readSide(cells: readonly HtmlCell[]): IndopremierSide | undefined {
  const [code, lotCell, valueCell, averageCell] = cells.map(({ text }) => text);
  if (cells.every(({ text }) => text === '' || text === '-')) return undefined;
  if (!/^[A-Z0-9]{2}$/.test(code!)) throw new RecordError('broker', code, 'a code of two letters or digits');
  const lots = Number(decimalOf(lotCell) ?? NaN);
  if (!Number.isSafeInteger(lots * 100) || lots < 0) throw new RecordError('lots', lotCell, 'a whole number from 0');
  const shown = shownAmount(valueCell!);
  if (!shown || shown.value < 0) throw new RecordError('value', valueCell, 'an amount such as "2.0 B"');
  const averagePrice = decimalOf(averageCell);
  if (averagePrice === undefined || averagePrice.startsWith('-'))
    throw new RecordError('average', averageCell, 'a price');
  const computed = Math.round(lots * 100 * Number(averagePrice));
  const agrees = Math.abs(computed - shown.value) <= shown.rounding;
  const owner = Object.entries(owners).find(([name]) => cells[0]!.classes.includes(name))?.[1];
  return {
    broker: code!,
    ...(owner ? { owner } : undefined),
    lots,
    shownValue: shown.value,
    roundingIdr: shown.rounding,
    averagePrice,
    value: agrees ? computed : shown.value,
  };
}

const units: Readonly<Record<string, number>> = { '': 1, K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** `2.0 B` is 2,000,000,000, give or take 50,000,000. */
function shownAmount(text: string): { readonly value: number; readonly rounding: number } | undefined {
  const match = /^(-?[\d,]{1,20}(?:\.(\d{1,4}))?) ?([KMBT]?)$/i.exec(text);
  const digits = match && decimalOf(match[1]);
  if (!digits) return undefined;
  const unit = units[match[3]!.toUpperCase()]!;
  const value = Math.round(Number(digits) * unit);
  if (!Number.isSafeInteger(value)) return undefined;
  return { value, rounding: unit === 1 ? 0.5 : unit / 10 ** (match[2]?.length ?? 0) / 2 };
}

/** `T. Val : 11.5 B  F. NVal : 1.8 B  T.Lot : 750,449  Avg : 154`. */
function readTotals(cells: readonly HtmlCell[]): IndopremierSummary['totals'] {
  const line = cells
    .map(({ text }) => text)
    .join(' ')
    .slice(0, 1000);
  const after = (label: RegExp): string | undefined => label.exec(line)?.[1];
  const value = shownAmount(after(/T\. ?Val ?: ?(-?[\d.,]{1,20} ?[KMBT]?)/i) ?? '');
  const foreign = shownAmount(after(/F\. ?NVal ?: ?(-?[\d.,]{1,20} ?[KMBT]?)/i) ?? '');
  const lots = Number(decimalOf(after(/T\. ?Lot ?: ?([\d,]{1,20})/i)) ?? NaN);
  const averagePrice = decimalOf(after(/Avg ?: ?([\d.,]{1,20})/i));
  return {
    ...(Number.isSafeInteger(lots) ? { lots } : undefined),
    ...(value ? { value: value.value, roundingIdr: value.rounding } : undefined),
    ...(foreign ? { foreignNetValue: foreign.value } : undefined),
    ...(averagePrice === undefined ? undefined : { averagePrice }),
  };
}

/** How {@link createIndopremierClient} asks. */
export interface IndopremierClientOptions extends Pace {
  readonly http: HttpClient;
  /** @defaultValue `https://www.indopremier.com` */
  readonly baseUrl?: string;
}

/** What {@link createIndopremierClient} uses where an option is absent. */
export const indopremierClientDefaults = {
  baseUrl: 'https://www.indopremier.com',
  minIntervalMs: 2000,
} as const satisfies Partial<IndopremierClientOptions>;

/** Asks for pages, one at a time. */
export interface IndopremierClient {
  /**
   * A stock's brokers on one day.
   * @throws `AdaptersError` `bad-option` for what is no date.
   */
  brokerSummary(
    request: {
      readonly symbol: string;
      readonly date: string;
      /** @defaultValue 'all' */
      readonly board?: 'all' | 'RG' | 'TN' | 'NG';
      /** Clients of which domicile. @defaultValue 'all' */
      readonly investor?: 'all' | 'F' | 'D';
    },
    signal?: AbortSignal,
  ): Promise<IndopremierSummary>;
}

/** A client of the page. */
export function createIndopremierClient(options: IndopremierClientOptions): IndopremierClient {
  const { baseUrl, minIntervalMs } = { ...indopremierClientDefaults, ...options };
  const http = pacedHttp(options.http, { ...options, minIntervalMs });
  return {
    async brokerSummary({ symbol, date, board = 'all', investor = 'all' }, signal) {
      if (!date.includes('-') || utcDateStart(date) === undefined) {
        throw new AdaptersError('bad-option', `date is "${date}"; expected a day as YYYY-MM-DD. Pass one.`, {
          value: date,
        });
      }
      // The page takes dates in the American order.
      const [year, month, day] = date.split('-');
      const american = `${month}/${day}/${year}`;
      const { body } = await http.send({
        url: `${baseUrl}/module/saham/include/data-brokersummary.php`,
        query: { code: symbol, start: american, end: american, fd: investor, board },
        headers: { Referer: `${baseUrl}/ipotnews/newsSmartSearch.php?code=${encodeURIComponent(symbol)}` },
        ...(signal ? { signal } : undefined),
      });
      return parseIndopremierBrokerSummary(body, { symbol, date, board: board === 'all' ? 'ALL' : board });
    },
  };
}
