/** KSEI's monthly holding composition: who holds a security, by kind of investor, local and foreign. */
import { badResponse, decimalOf, type Rejection, rejection } from '../../internal/rest-records.ts';
import { isoDate } from '../../internal/wib-time.ts';
import { RecordError } from '../../internal/record-error.ts';

/** Holdings of one security at a month's end. */
export interface KseiBalance {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly symbol: string;
  /** For example `EQUITY` or `CORPORATE BOND`. */
  readonly type: string;
  /** Securities outstanding. */
  readonly listedShares: number;
  /** Rupiah, decimal; absent when not given. */
  readonly price?: string;
  /** Shares by kind of investor, by KSEI's letters: `IS` insurance, `CP` corporate, `PF` pension fund, `IB` bank, … */
  readonly local: Readonly<Record<string, number>>;
  readonly foreign: Readonly<Record<string, number>>;
  readonly localTotal: number;
  readonly foreignTotal: number;
  /** What does not add up; the row is kept. */
  readonly faults?: readonly ('local-total' | 'foreign-total' | 'above-listed')[];
}

/** A month's file. */
export interface KseiBalances {
  readonly balances: readonly KseiBalance[];
  readonly rejected: readonly Rejection[];
  /** Rows of types that were not asked for. */
  readonly otherTypes: Readonly<Record<string, number>>;
}

/** What to keep of a file. */
export interface KseiOptions {
  /** Types to keep. @defaultValue `['EQUITY']` */
  readonly types?: readonly string[];
}

/** What {@link parseKseiBalances} uses where an option is absent. */
export const kseiDefaults = { types: ['EQUITY'] } as const satisfies KseiOptions;

/**
 * Reads `BalanceposYYYYMMDD.txt`. Columns are found by name: kinds of investors come and go (nine a side until 2025, more
 * since), and the two sums are both called `Total` in most months.
 * @throws `AdaptersError` `bad-response` when the header is not that of such a file.
 */
export function parseKseiBalances(file: string, options: KseiOptions = {}): KseiBalances {
  const { types } = { ...kseiDefaults, ...options };
  const lines = file.replace(/^\uFEFF/, '').split(/\r?\n/);
  const columns = readHeader(lines[0]!);
  const balances: KseiBalance[] = [];
  const rejected: Rejection[] = [];
  const otherTypes: Record<string, number> = {};
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i]!;
    if (line.trim() === '') continue;
    try {
      const cells = line.split('|').map((cell) => cell.trim());
      if (cells.length !== columns.width)
        throw new RecordError('cells', cells.length, `${columns.width} as in the header`);
      const type = cells[columns.type]!;
      if (!/^[A-Z][A-Z ]{1,39}$/.test(type)) throw new RecordError('Type', type, 'a kind of security');
      if (types.includes(type)) balances.push(readBalance(cells, columns));
      else otherTypes[type] = (otherTypes[type] ?? 0) + 1;
    } catch (error) {
      rejected.push(rejection(error, i + 1));
    }
  }
  return { balances, rejected, otherTypes };
}

interface Columns {
  readonly width: number;
  readonly date: number;
  readonly code: number;
  readonly type: number;
  readonly listed: number;
  readonly price: number | undefined;
  readonly local: readonly (readonly [kind: string, at: number])[];
  readonly foreign: readonly (readonly [kind: string, at: number])[];
  readonly localTotal: number;
  readonly foreignTotal: number;
}

function readHeader(line: string): Columns {
  const names = line.split('|').map((name) => name.trim().toLowerCase());
  const need = (...wanted: string[]): number => {
    const at = names.findIndex((name) => wanted.includes(name));
    if (at < 0)
      throw badResponse('KSEI balance positions', `a header without "${wanted[0]!}"`, 'the header of a month');
    return at;
  };
  const kinds = (side: string): (readonly [string, number])[] =>
    names.flatMap((name, at) => {
      const kind = new RegExp(`^${side} ([a-z0-9 ]{1,20})$`).exec(name)?.[1];
      return kind === undefined || kind === 'total' ? [] : [[kind.toUpperCase(), at] as const];
    });
  const [local, foreign] = [kinds('local'), kinds('foreign')];
  // Where both sums are called `Total`, the one after the local columns is theirs.
  const bare = names.flatMap((name, at) => (name === 'total' ? [at] : []));
  const lastLocal = local.at(-1)?.[1] ?? -1;
  const lastForeign = foreign.at(-1)?.[1] ?? -1;
  const sum = (names_: readonly string[], after: number): number => {
    const at = names.findIndex((name) => names_.includes(name));
    return at >= 0 ? at : (bare.find((position) => position === after + 1) ?? -1);
  };
  const localTotal = sum(['total local', 'local total'], lastLocal);
  const foreignTotal = sum(['total foreign', 'foreign total'], lastForeign);
  if (local.length === 0 || foreign.length === 0 || localTotal < 0 || foreignTotal < 0) {
    throw badResponse('KSEI balance positions', 'a header without local and foreign sums', 'the header of a month');
  }
  const price = names.indexOf('price');
  return {
    width: names.length,
    date: need('date'),
    code: need('code'),
    type: need('type'),
    listed: need('sec. num', 'sec.num', 'sec num'),
    price: price < 0 ? undefined : price,
    local,
    foreign,
    localTotal,
    foreignTotal,
  };
}

function readBalance(cells: readonly string[], columns: Columns): KseiBalance {
  const number = (at: number, name: string): number => {
    const value = Number(decimalOf(cells[at]) ?? NaN);
    if (!Number.isSafeInteger(value) || value < 0) throw new RecordError(name, cells[at], 'a whole number from 0');
    return value;
  };
  const side = (kinds: Columns['local'], name: string): Record<string, number> =>
    Object.fromEntries(kinds.map(([kind, at]) => [kind, number(at, `${name} ${kind}`)]));
  const symbol = cells[columns.code]!;
  if (!/^[A-Z0-9-]{2,20}$/.test(symbol)) throw new RecordError('Code', symbol, 'a code');
  const date = kseiDate(cells[columns.date]!);
  const [local, foreign] = [side(columns.local, 'Local'), side(columns.foreign, 'Foreign')];
  const localTotal = number(columns.localTotal, 'Total');
  const foreignTotal = number(columns.foreignTotal, 'Total');
  const listedShares = number(columns.listed, 'Sec. Num');
  const price = columns.price === undefined ? undefined : decimalOf(cells[columns.price]);
  const faults = [
    ...(total(local) === localTotal ? [] : (['local-total'] as const)),
    ...(total(foreign) === foreignTotal ? [] : (['foreign-total'] as const)),
    // Paper shares are not in the system, so the sum may be below what is listed, never above.
    ...(localTotal + foreignTotal <= listedShares ? [] : (['above-listed'] as const)),
  ];
  return {
    date,
    symbol,
    type: cells[columns.type]!,
    listedShares,
    ...(price === undefined || price.startsWith('-') ? undefined : { price }),
    local,
    foreign,
    localTotal,
    foreignTotal,
    ...(faults.length === 0 ? undefined : { faults }),
  };
}

function total(parts: Readonly<Record<string, number>>): number {
  return Object.values(parts).reduce((sum, part) => sum + part, 0);
}

const months: readonly (readonly string[])[] = [
  ['JAN'],
  ['FEB', 'PEB'],
  ['MAR'],
  ['APR'],
  ['MAY', 'MEI'],
  ['JUN'],
  ['JUL'],
  ['AUG', 'AGU', 'AGS', 'AGT'],
  ['SEP'],
  ['OCT', 'OKT'],
  ['NOV', 'NOP'],
  ['DEC', 'DES'],
];

/**
 * `29-MAY-2026`, `29-MEI-2026` (English or Indonesian) or `10/31/2023` (American) as `YYYY-MM-DD`.
 * @throws `RecordError` for anything else.
 */
export function kseiDate(text: string): string {
  const named = /^(\d{1,2})[- ]([A-Z]{3})[A-Z]{0,6}[- ](\d{4})$/.exec(text.toUpperCase());
  const american = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  let [year, month, day] = [0, 0, 0];
  if (named)
    [year, month, day] = [Number(named[3]), 1 + months.findIndex((m) => m.includes(named[2]!)), Number(named[1])];
  else if (american) [year, month, day] = [Number(american[3]), Number(american[1]), Number(american[2])];
  else if (iso) [year, month, day] = [Number(iso[1]), Number(iso[2]), Number(iso[3])];
  const timeMs = Date.UTC(year, month - 1, day);
  const date = year >= 1990 && year <= 2100 && month > 0 ? isoDate(timeMs) : '';
  if (!date || Number(date.slice(5, 7)) !== month) throw new RecordError('Date', text, 'a date such as 29-MAY-2026');
  return date;
}
