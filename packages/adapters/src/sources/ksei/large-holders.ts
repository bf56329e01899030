/** OJK's monthly list of holders of one per cent and more, as text taken from its PDF. */
import { badResponse, decimalOf, type Rejection, rejection } from '../../internal/rest-records.ts';
import { RecordError } from '../../internal/record-error.ts';
import { kseiDate } from './balance-positions.ts';

/** A holder of one per cent or more. */
export interface LargeHolder {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly symbol: string;
  /** Absent unless `keepNames`: names of people are personal data. */
  readonly investorName?: string;
  readonly investorType?: string;
  readonly localForeign?: 'L' | 'F';
  readonly nationality?: string;
  readonly domicile?: string;
  readonly scriplessShares: number;
  readonly scripShares: number;
  readonly totalShares: number;
  /** Of the shares listed, decimal. */
  readonly percent: string;
  /** Scripless and scrip do not sum to the total; the row is kept. */
  readonly faults?: readonly 'total'[];
}

/** A list. */
export interface LargeHolders {
  readonly holders: readonly LargeHolder[];
  readonly rejected: readonly Rejection[];
  /** Codes whose holders own more than 100 % together. */
  readonly above100: readonly string[];
}

/** How the list is read. */
export interface LargeHoldersOptions {
  /** What stands between two cells. @defaultValue a tab where the header has one, else `|`, else `;`, else `,` */
  readonly separator?: string;
  /** Keeps names of investors, which are personal data. @defaultValue false */
  readonly keepNames?: boolean;
}

const required = ['date', 'share_code', 'holdings_scripless', 'holdings_scrip', 'total_holding_shares', 'percentage'];

/**
 * Reads the list from separated text with the PDF's column names (`DATE`, `SHARE_CODE`, `ISSUER_NAME`, `INVESTOR_NAME`, …)
 * in its first line. Taking the text out of the PDF is the caller's work.
 * @throws `AdaptersError` `bad-response` when a needed column is missing.
 */
export function parseLargeHolders(text: string, options: LargeHoldersOptions = {}): LargeHolders {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const separator = options.separator ?? ['\t', '|', ';'].find((mark) => lines[0]!.includes(mark)) ?? ',';
  const names = lines[0]!.split(separator).map((name) => name.trim().toLowerCase().replaceAll(' ', '_'));
  const missing = required.filter((name) => !names.includes(name));
  if (missing.length > 0) throw badResponse('Holders list', 'a header', `columns ${missing.join(', ')} in it`);
  const holders: LargeHolder[] = [];
  const rejected: Rejection[] = [];
  const percents = new Map<string, number>();
  for (let i = 1; i < lines.length; i += 1) {
    if (lines[i]!.trim() === '') continue;
    try {
      const cells = lines[i]!.split(separator).map((cell) => cell.trim());
      if (cells.length !== names.length)
        throw new RecordError('cells', cells.length, `${names.length} as in the header`);
      const holder = readHolder((name) => cells[names.indexOf(name)] ?? '', options.keepNames === true);
      holders.push(holder);
      const key = `${holder.date} ${holder.symbol}`;
      percents.set(key, (percents.get(key) ?? 0) + Number(holder.percent));
    } catch (error) {
      rejected.push(rejection(error, i + 1));
    }
  }
  // Two decimals a row: half a hundredth each may be rounding.
  const above100 = [...percents].filter(([, percent]) => percent > 100.5).map(([key]) => key.slice(11));
  return { holders, rejected, above100 };
}

function readHolder(cell: (name: string) => string, keepNames: boolean): LargeHolder {
  const shares = (name: string): number => {
    const value = cell(name) === '' || cell(name) === '-' ? 0 : Number(decimalOf(cell(name)) ?? NaN);
    if (!Number.isSafeInteger(value) || value < 0) throw new RecordError(name, cell(name), 'a whole number from 0');
    return value;
  };
  const symbol = cell('share_code');
  if (!/^[A-Z0-9-]{4,12}$/.test(symbol)) throw new RecordError('share_code', symbol, '4 to 12 of A-Z, 0-9 and "-"');
  const percent = decimalOf(cell('percentage').replace(/ ?%$/, ''));
  if (percent === undefined || percent.startsWith('-') || Number(percent) > 100) {
    throw new RecordError('percentage', cell('percentage'), '0 to 100');
  }
  const [scriplessShares, scripShares] = [shares('holdings_scripless'), shares('holdings_scrip')];
  const totalShares = shares('total_holding_shares');
  const side = cell('local_foreign').toUpperCase();
  const optional = (key: string, value: string): Record<string, string> => (value === '' ? {} : { [key]: value });
  return {
    date: kseiDate(cell('date')),
    symbol,
    ...(keepNames ? optional('investorName', cell('investor_name')) : undefined),
    ...optional('investorType', cell('investor_type')),
    ...(side === 'L' || side === 'F'
      ? { localForeign: side }
      : side === 'A'
        ? { localForeign: 'F' as const }
        : undefined),
    ...optional('nationality', cell('nationality')),
    ...optional('domicile', cell('domicile')),
    scriplessShares,
    scripShares,
    totalShares,
    percent,
    ...(scriplessShares + scripShares === totalShares ? undefined : { faults: ['total'] as const }),
  };
}
