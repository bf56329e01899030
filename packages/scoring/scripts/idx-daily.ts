/** The recorded daily bars of 30 Indonesian stocks, with what the exchange says of the closing book and of foreigners. */
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { NumericBar } from '../src/tape.ts';

/** One trading day of one stock. Prices are adjusted for splits and rights, forward from the first day. */
export interface IdxDay {
  readonly date: string;
  readonly bar: NumericBar;
  /** (bid − offer) ÷ (bid + offer) of the best sizes at the close; `undefined` with neither. */
  readonly closingImbalance: number | undefined;
  /** Foreign buying less selling, shares. */
  readonly foreignNet: number;
}

export interface IdxStock {
  readonly symbol: string;
  readonly days: readonly IdxDay[];
  /** Days on which the reference price was not the last close: splits, rights and the like. */
  readonly adjustments: number;
}

type Row = Readonly<Record<string, string>>;

/**
 * Reads every `{SYMBOL}.csv.gz` of a folder. Saturdays and Sundays are left out (the exchange does not trade), and so are
 * days without a trade. Cash dividends are not in the reference price, so returns are without them.
 */
export function readIdxDaily(folder: string): IdxStock[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.csv.gz'));
  const tables = files.map((name) => ({ symbol: name.slice(0, -7), rows: readRows(`${folder}/${name}`) }));
  const calendar = [...new Set(tables.flatMap(({ rows }) => rows.map((row) => row['date']!)))].sort();
  const indexOf = new Map(calendar.map((date, i) => [date, i]));
  return tables.map(({ symbol, rows }) => {
    let factor = 1;
    let adjustments = 0;
    const days = rows.flatMap((row, i) => {
      const before = rows[i - 1];
      // After days that the file lacks, the reference price differs because the price moved.
      const consecutive = before && indexOf.get(before['date']!)! + 1 === indexOf.get(row['date']!)!;
      const [close, reference] = [Number(before?.['close']), Number(row['previous'])];
      if (consecutive && close > 0 && reference > 0 && close !== reference) {
        factor *= close / reference;
        adjustments++;
      }
      const day = dayOf(row, factor);
      return day ? [day] : [];
    });
    return { symbol, days, adjustments };
  });
}

function readRows(path: string): Row[] {
  const [head, ...lines] = gunzipSync(readFileSync(path)).toString('utf8').trim().split('\n');
  const names = head!.split(',');
  return lines
    .map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i]!, cell])))
    .filter((row) => ![0, 6].includes(new Date(`${row['date']}T00:00:00Z`).getUTCDay()));
}

function dayOf(row: Row, factor: number): IdxDay | undefined {
  const number = (name: string): number => Number(row[name] ?? '');
  const [high, low, close, volume] = ['high', 'low', 'close', 'volume'].map(number) as [number, number, number, number];
  if (!(volume > 0 && low > 0 && close >= low && close <= high)) return undefined;
  // The file has no opening price for the older half of the days.
  const stated = number('open_price');
  const open = Math.min(high, Math.max(low, stated > 0 ? stated : number('previous')));
  const dayMs = Date.parse(`${row['date']}T00:00:00Z`);
  const [bid, offer] = [number('bid_volume'), number('offer_volume')];
  return {
    date: row['date']!,
    bar: {
      startMs: dayMs + 2 * 3_600_000,
      endMs: dayMs + 9 * 3_600_000,
      open: open * factor,
      high: high * factor,
      low: low * factor,
      close: close * factor,
      volume,
    },
    closingImbalance: bid + offer > 0 ? (bid - offer) / (bid + offer) : undefined,
    foreignNet: number('foreign_buy') - number('foreign_sell'),
  };
}
