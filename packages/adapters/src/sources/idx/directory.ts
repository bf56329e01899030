/** What the exchange lists: companies, members, market totals of members, and financial ratios. */
import {
  compact,
  count,
  type Json,
  optionalDecimal,
  optionalText,
  parseJsonObject,
  readRows,
  type Rejection,
  requireList,
  text,
} from '../../internal/rest-records.ts';
import { isObject } from '../binance/schema.ts';
import { idxDate } from './stock-day.ts';

/** A listed company. */
export interface IdxCompany {
  readonly symbol: string;
  readonly name: string;
  /** Listing board, for example `Utama` or `Pemantauan Khusus`. */
  readonly board?: string;
  readonly sector?: string;
  readonly subSector?: string;
  readonly industry?: string;
  readonly subIndustry?: string;
  /** `YYYY-MM-DD`. */
  readonly listingDate?: string;
  readonly website?: string;
}

/** A member of the exchange. */
export interface IdxBroker {
  readonly code: string;
  readonly name: string;
  readonly licences: readonly string[];
}

/** What a member traded on a day over all stocks, buys and sells together. */
export interface IdxBrokerTotal {
  readonly code: string;
  readonly name: string;
  readonly date: string;
  readonly volumeShares: number;
  readonly valueIdr: number;
  readonly frequency: number;
}

/** A company's ratios of one report. Decimals as text; absent where the venue has none. */
export interface IdxFinancialRatio {
  readonly symbol: string;
  readonly name: string;
  readonly sector?: string;
  readonly subSector?: string;
  readonly industry?: string;
  readonly subIndustry?: string;
  /** In the list of sharia stocks. */
  readonly sharia: boolean;
  /** End of the report's period, `YYYY-MM-DD`. */
  readonly periodEnd: string;
  readonly fiscalYearEnd?: string;
  /** `A` audited, `U` unaudited, as the venue writes it. */
  readonly audit?: string;
  readonly opinion?: string;
  readonly assetsBillionIdr?: string;
  readonly liabilitiesBillionIdr?: string;
  readonly equityBillionIdr?: string;
  readonly salesBillionIdr?: string;
  readonly profitBeforeTaxBillionIdr?: string;
  readonly profitBillionIdr?: string;
  readonly profitOfOwnersBillionIdr?: string;
  /** Rupiah a share. */
  readonly earningsPerShare?: string;
  /** Rupiah a share. */
  readonly bookValuePerShare?: string;
  readonly priceToEarnings?: string;
  readonly priceToBook?: string;
  readonly debtToEquity?: string;
  readonly returnOnAssetsPercent?: string;
  readonly returnOnEquityPercent?: string;
  readonly netMarginPercent?: string;
}

/** Rows of a list, with how many the venue says there are. */
export interface IdxList<T> {
  readonly total: number;
  readonly rows: readonly T[];
  readonly rejected: readonly Rejection[];
}

/** Reads the company list (`/ListedCompany/GetCompanyProfiles`). @throws `AdaptersError` `bad-response` without a list. */
export function parseIdxCompanies(body: string): IdxList<IdxCompany> {
  return list(body, 'IDX company list', 'recordsTotal', (row) =>
    compact({
      symbol: text(row, 'KodeEmiten'),
      name: text(row, 'NamaEmiten'),
      board: optionalText(row, 'PapanPencatatan'),
      sector: optionalText(row, 'Sektor'),
      subSector: optionalText(row, 'SubSektor'),
      industry: optionalText(row, 'Industri'),
      subIndustry: optionalText(row, 'SubIndustri'),
      listingDate: row['TanggalPencatatan'] == null ? undefined : idxDate(row, 'TanggalPencatatan'),
      website: optionalText(row, 'Website'),
    }),
  );
}

/** Reads `/ExchangeMember/GetBrokerSearch`. @throws `AdaptersError` `bad-response` without a list. */
export function parseIdxBrokers(body: string): IdxList<IdxBroker> {
  return list(body, 'IDX broker search', 'recordsTotal', (row) => ({
    code: text(row, 'Code'),
    name: text(row, 'Name'),
    licences: (optionalText(row, 'License') ?? '').split(/\s*,\s*/).filter((licence) => licence !== ''),
  }));
}

/** Reads `/TradingSummary/GetBrokerSummary`. @throws `AdaptersError` `bad-response` without a list. */
export function parseIdxBrokerTotals(body: string): IdxList<IdxBrokerTotal> {
  return list(body, 'IDX broker summary', 'recordsTotal', (row) => ({
    code: text(row, 'IDFirm'),
    name: text(row, 'FirmName'),
    date: idxDate(row, 'Date'),
    volumeShares: count(row, 'Volume'),
    valueIdr: count(row, 'Value'),
    frequency: count(row, 'Frequency'),
  }));
}

/** Reads the table of financial ratios. @throws `AdaptersError` `bad-response` without a list. */
export function parseIdxFinancialRatios(body: string): IdxList<IdxFinancialRatio> {
  return list(body, 'IDX financial ratios', 'totalRecords', (row) =>
    compact({
      symbol: text(row, 'code'),
      name: text(row, 'stockName'),
      sector: optionalText(row, 'sector'),
      subSector: optionalText(row, 'subSector'),
      industry: optionalText(row, 'industry'),
      subIndustry: optionalText(row, 'subIndustry'),
      sharia: row['sharia'] === 'S',
      periodEnd: idxDate(row, 'fsDate'),
      fiscalYearEnd: optionalText(row, 'fiscalYearEnd'),
      audit: optionalText(row, 'audit'),
      opinion: optionalText(row, 'opini'),
      assetsBillionIdr: optionalDecimal(row, 'assets'),
      liabilitiesBillionIdr: optionalDecimal(row, 'liabilities'),
      equityBillionIdr: optionalDecimal(row, 'equity'),
      salesBillionIdr: optionalDecimal(row, 'sales'),
      profitBeforeTaxBillionIdr: optionalDecimal(row, 'ebt'),
      profitBillionIdr: optionalDecimal(row, 'profitPeriod'),
      profitOfOwnersBillionIdr: optionalDecimal(row, 'profitAttrOwner'),
      earningsPerShare: optionalDecimal(row, 'eps'),
      bookValuePerShare: optionalDecimal(row, 'bookValue'),
      priceToEarnings: optionalDecimal(row, 'per'),
      priceToBook: optionalDecimal(row, 'priceBV'),
      debtToEquity: optionalDecimal(row, 'deRatio'),
      returnOnAssetsPercent: optionalDecimal(row, 'roa'),
      returnOnEquityPercent: optionalDecimal(row, 'roe'),
      netMarginPercent: optionalDecimal(row, 'npm'),
    }),
  );
}

function list<T>(body: string, what: string, totalKey: string, read: (row: Json) => T): IdxList<T> {
  const json = parseJsonObject(body, what);
  // The site answers most lists as `data`, some as `Results`.
  const items = requireList(json, isObject(json) && 'Results' in json ? 'Results' : 'data', what);
  const { rows, rejected } = readRows(items, read);
  const total = json[totalKey];
  return { total: Number.isSafeInteger(total) ? (total as number) : items.length, rows, rejected };
}
