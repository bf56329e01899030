/** Which of Tardis' files it is, and where its columns are. Source: Tardis.dev, "Downloadable CSV files". */
import { RecordError } from '../../internal/venue/fields.ts';

/** What a file holds, as Tardis names it; `book_snapshot` of any depth. */
export type TardisKind =
  | 'trades'
  | 'incremental_book_L2'
  | 'quotes'
  | 'book_snapshot'
  | 'derivative_ticker'
  | 'liquidations'
  | 'options_chain';

/** The columns of a file. */
export interface TardisHeader {
  readonly kind: TardisKind;
  readonly width: number;
  /** Index of a column; every column of {@link kind} is there. */
  readonly at: (column: string) => number;
  /** Of `book_snapshot`: index of price and amount, level by level. */
  readonly asks: readonly (readonly [price: number, amount: number])[];
  readonly bids: readonly (readonly [price: number, amount: number])[];
}

const common = ['exchange', 'symbol', 'timestamp', 'local_timestamp'] as const;
const columnsOf: Readonly<Partial<Record<TardisKind, readonly string[]>>> = {
  trades: ['id', 'side', 'price', 'amount'],
  incremental_book_L2: ['is_snapshot', 'side', 'price', 'amount'],
  quotes: ['ask_amount', 'ask_price', 'bid_price', 'bid_amount'],
};

/** True for a line that can only be a header. */
export function isTardisHeader(line: string): boolean {
  return line.startsWith('exchange,symbol,');
}

/** @throws `RecordError` for a header of no file that Tardis documents. */
export function parseTardisHeader(line: string, wanted: TardisKind | undefined): TardisHeader {
  const names = line.split(',');
  const index = new Map(names.map((name, i) => [name, i]));
  const has = (columns: readonly string[]): boolean => columns.every((column) => index.has(column));
  if (!has(common)) throw new RecordError('the header', line.slice(0, 80), `${common.join(',')},…`);
  const pairs = (side: 'asks' | 'bids'): (readonly [number, number])[] => {
    const found: (readonly [number, number])[] = [];
    for (let level = 0; has([`${side}[${level}].price`, `${side}[${level}].amount`]); level += 1) {
      found.push([index.get(`${side}[${level}].price`)!, index.get(`${side}[${level}].amount`)!]);
    }
    return found;
  };
  const [asks, bids] = [pairs('asks'), pairs('bids')];
  const kind = wanted ?? kindOf(has, asks.length + bids.length > 0);
  const needed = columnsOf[kind] ?? [];
  const missing = needed.find((column) => !index.has(column));
  if (missing !== undefined || (kind === 'book_snapshot' && asks.length + bids.length === 0)) {
    throw new RecordError('the header', line.slice(0, 80), `the columns of ${kind}: ${missing ?? 'asks[0].price, …'}`);
  }
  return { kind, width: names.length, at: (column) => index.get(column)!, asks, bids };
}

function kindOf(has: (columns: readonly string[]) => boolean, hasLevels: boolean): TardisKind {
  if (hasLevels) return 'book_snapshot';
  if (has(['strike_price'])) return 'options_chain';
  if (has(['funding_rate'])) return 'derivative_ticker';
  for (const kind of ['incremental_book_L2', 'quotes', 'trades'] as const) if (has(columnsOf[kind]!)) return kind;
  throw new RecordError('the header', undefined, 'columns of trades, incremental_book_L2, quotes or book_snapshot');
}
