/** FINRA's daily short sale volume files. */
import { badResponse, decimalOf, type Rejection, rejection } from '../../internal/rest-records.ts';
import { isoDate, utcDateStart } from '../../internal/wib-time.ts';
import { RecordError } from '../../internal/record-error.ts';

/** Short sale volume of one symbol and day, off exchange only. Decimals: shares have fractions since about 2025. */
export interface RegShoDay {
  readonly date: string;
  /** May contain a blank, such as `BRK B`. */
  readonly symbol: string;
  readonly shortVolume: string;
  readonly shortExemptVolume: string;
  readonly totalVolume: string;
  /** Reporting facilities, by letter. */
  readonly markets: readonly string[];
}

/** A day's file. */
export interface RegShoFile {
  readonly days: readonly RegShoDay[];
  readonly rejected: readonly Rejection[];
  /** The trailer says as many rows as there are. False for a file that was cut. */
  readonly complete: boolean;
  /** Rows that the trailer says; absent without one. */
  readonly trailer?: number;
}

const header = 'Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market';

/**
 * Reads a file such as `CNMSshvol20260805.txt`. Rows of another date than `date`, of a symbol that came before, or with
 * more short than total volume are refused.
 * @param options - `date`: the day in the file's name, `YYYY-MM-DD`
 * @throws `AdaptersError` `bad-response` when the first line is not the header.
 */
export function parseRegSho(file: string, options: { readonly date?: string } = {}): RegShoFile {
  const lines = file.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]!.trim() !== header) {
    throw badResponse(
      'FINRA Reg SHO file',
      'another first line',
      `"${header}". A page may have come instead of the file`,
    );
  }
  const days: RegShoDay[] = [];
  const rejected: Rejection[] = [];
  const seen = new Set<string>();
  let trailer: number | undefined;
  let rows = 0;
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i]!.trim();
    if (line === '') continue;
    if (/^\d{1,9}$/.test(line) && trailer === undefined) {
      trailer = Number(line);
      continue;
    }
    rows += 1;
    try {
      if (trailer !== undefined) throw new RecordError('the line', line, 'nothing after the trailer');
      const day = readLine(line);
      const key = `${day.date} ${day.symbol}`;
      if (options.date !== undefined && day.date !== options.date)
        throw new RecordError('Date', day.date, options.date);
      if (seen.has(key)) throw new RecordError('Symbol', day.symbol, 'each symbol once');
      seen.add(key);
      days.push(day);
    } catch (error) {
      rejected.push(rejection(error, i + 1));
    }
  }
  return { days, rejected, complete: trailer === rows, ...(trailer === undefined ? undefined : { trailer }) };
}

function readLine(line: string): RegShoDay {
  const cells = line.split('|');
  if (cells.length !== 6) throw new RecordError('cells', cells.length, '6 between pipes');
  const [date, symbol, short, exempt, total, markets] = cells as [string, string, string, string, string, string];
  const start = /^\d{8}$/.test(date) ? utcDateStart(date) : undefined;
  if (start === undefined) throw new RecordError('Date', date, 'YYYYMMDD');
  if (!/^[\w.$ +*=^/-]{1,20}$/.test(symbol)) throw new RecordError('Symbol', symbol, 'a symbol');
  if (!/^[A-Z](?:,[A-Z]){0,9}$/.test(markets)) throw new RecordError('Market', markets, 'letters with commas');
  const volume = (text: string, name: string): string => {
    const value = /^\d/.test(text) && !/[e,]/i.test(text) ? decimalOf(text) : undefined;
    if (value === undefined) throw new RecordError(name, text, 'a decimal from 0');
    return value;
  };
  const day = {
    date: isoDate(start),
    symbol,
    shortVolume: volume(short, 'ShortVolume'),
    shortExemptVolume: volume(exempt, 'ShortExemptVolume'),
    totalVolume: volume(total, 'TotalVolume'),
    markets: markets.split(','),
  };
  if (scaled(day.shortVolume) > scaled(day.totalVolume)) {
    throw new RecordError('ShortVolume', short, `at most TotalVolume, which is ${day.totalVolume}`);
  }
  return day;
}

const DIGITS = 30;

/** A decimal of at most 30 decimals as an integer, for comparing. */
function scaled(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(whole + fraction.padEnd(DIGITS, '0'));
}
