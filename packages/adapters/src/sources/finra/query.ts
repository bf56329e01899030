/** FINRA's query API: short interest, and short sale volume by reporting facility. */
import {
  badResponse,
  compact,
  count,
  type Json,
  optionalCount,
  optionalDecimal,
  optionalText,
  parseJson,
  readRows,
  type Rows,
  text,
} from '../../internal/rest-records.ts';
import { isoDate, utcDateStart } from '../../internal/wib-time.ts';
import { shown } from '../../internal/record-error.ts';
import { RecordError } from '../../internal/record-error.ts';

/** Short interest of one security at one settlement date. */
export interface ShortInterest {
  readonly symbol: string;
  readonly name?: string;
  /** `YYYY-MM-DD`. */
  readonly settlementDate: string;
  readonly shares: number;
  readonly previousShares?: number;
  readonly averageDailyVolume?: number;
  /** Decimal, as FINRA computes it; it is capped at the edges, so compute it from shares and volume where it matters. */
  readonly daysToCover?: string;
  readonly changePercent?: string;
  readonly marketClass?: string;
  /** This figure was revised. */
  readonly revised: boolean;
  /** The stock was split in the period. */
  readonly split: boolean;
}

/** Short sale volume of one security and day at one reporting facility; sum over facilities for the day. */
export interface RegShoFacilityDay {
  readonly symbol: string;
  readonly date: string;
  readonly facility?: string;
  readonly market?: string;
  readonly shortVolume: string;
  readonly shortExemptVolume: string;
  readonly totalVolume: string;
}

/** Reads rows of `consolidatedShortInterest`. @throws `AdaptersError` `bad-response` when the body is no list. */
export function parseShortInterest(body: string): Rows<ShortInterest> {
  return readRows(listOf(body, 'FINRA short interest'), (row) =>
    compact({
      symbol: text(row, 'symbolCode'),
      name: optionalText(row, 'issueName'),
      settlementDate: aDate(row, 'settlementDate'),
      shares: count(row, 'currentShortPositionQuantity'),
      previousShares: optionalCount(row, 'previousShortPositionQuantity'),
      averageDailyVolume: optionalCount(row, 'averageDailyVolumeQuantity'),
      daysToCover: optionalDecimal(row, 'daysToCoverQuantity'),
      changePercent: optionalDecimal(row, 'changePercent'),
      marketClass: optionalText(row, 'marketClassCode'),
      revised: row['revisionFlag'] === 'R',
      split: row['stockSplitFlag'] === 'S',
    }),
  );
}

/** Reads rows of `regShoDaily`. @throws `AdaptersError` `bad-response` when the body is no list. */
export function parseRegShoFacilityDays(body: string): Rows<RegShoFacilityDay> {
  return readRows(listOf(body, 'FINRA Reg SHO daily'), (row) =>
    compact({
      symbol: text(row, 'securitiesInformationProcessorSymbolIdentifier'),
      date: aDate(row, 'tradeReportDate'),
      facility: optionalText(row, 'reportingFacilityCode'),
      market: optionalText(row, 'marketCode'),
      shortVolume: quantity(row, 'shortParQuantity'),
      shortExemptVolume: quantity(row, 'shortExemptParQuantity'),
      totalVolume: quantity(row, 'totalParQuantity'),
    }),
  );
}

/** An answer without rows is an empty list, or nothing at all with status 204. */
function listOf(body: string, what: string): readonly unknown[] {
  if (body === '') return [];
  const json = parseJson(body, what);
  if (!Array.isArray(json)) throw badResponse(what, shown(json), 'a list of rows');
  return json;
}

function quantity(row: Json, key: string): string {
  const value = optionalDecimal(row, key);
  if (value === undefined || value.startsWith('-')) throw new RecordError(key, row[key], 'a decimal from 0');
  return value;
}

function aDate(row: Json, key: string): string {
  const start = utcDateStart(text(row, key).slice(0, 10));
  if (start === undefined) throw new RecordError(key, row[key], 'a date as YYYY-MM-DD');
  return isoDate(start);
}
