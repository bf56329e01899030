/** A footprint bar as a row of `bars` and back; what comes out is the canonical form of what went in. */
import type { FootprintJson, FootprintLevelJson } from '@tapekit/footprint/footprint-json';
import type { PostgresClient } from '../client.ts';
import type { Column } from './columns.ts';
import { defineTable, type TableDefinition } from './table-definition.ts';
import {
  badRecord,
  canonicalDecimal,
  nonEmpty,
  requireList,
  requireObject,
  shownValue,
  wholeMs,
  wholeNumber,
} from './values.ts';

const decimalFields = {
  open: 'open',
  high: 'high',
  low: 'low',
  close: 'close',
  volume: 'volume',
  buy: 'buy',
  sell: 'sell',
  unknown: 'unknown',
  delta: 'delta',
  minDelta: 'min_delta',
  maxDelta: 'max_delta',
  vwap: 'vwap',
  poc: 'poc',
  vah: 'vah',
  val: 'val',
} as const;

type DecimalField = keyof typeof decimalFields;

/** A bar on its way into the table. */
export interface NewBarRow extends Record<(typeof decimalFields)[DecimalField], string> {
  readonly symbol: string;
  readonly interval_ms: number;
  readonly start_ms: number;
  readonly end_ms: number;
  readonly revision: number;
  readonly trades: number;
  readonly footprint: readonly FootprintLevelJson[];
}

/** A bar as {@link barColumns} reads it. */
export interface BarRow extends Record<DecimalField, string> {
  readonly symbol: string;
  readonly t0: number;
  readonly t1: number;
  readonly trades: number;
  readonly levels: readonly FootprintLevelJson[];
}

/** A value that {@link barToRow} has checked already. */
const checked = <T>(element: string, rest: Partial<Column<T>> = {}): Column<T> => ({
  element,
  select: (column) => column,
  write: String,
  ...rest,
});
const instant = (name: string): Column<number> =>
  checked('float8', {
    name,
    fromElement: (element) => `(timestamptz 'epoch' + ${element} * interval '1 millisecond')`,
  });

const decimals = Object.fromEntries(
  Object.values(decimalFields).map((column) => [column, checked<string>('numeric')]),
) as Record<(typeof decimalFields)[DecimalField], Column<string>>;

/** An equal revision replaces (a bar that is still forming), an earlier one never. */
export const barTable: TableDefinition<NewBarRow> = defineTable<NewBarRow>(
  'bars',
  {
    symbol: checked('text'),
    interval_ms: checked('integer'),
    start_ms: instant('start_time'),
    end_ms: instant('end_time'),
    revision: checked('integer'),
    trades: checked('bigint'),
    ...decimals,
    footprint: checked('jsonb', { write: (value) => JSON.stringify(value) }),
  },
  {
    key: ['symbol', 'interval_ms', 'start_ms'],
    replaceWhere: 'excluded.revision >= stored.revision',
    touch: 'stored_at',
  },
);

/** @throws `AdaptersError` `bad-record` naming symbol, start and field. */
export function barToRow(bar: FootprintJson, intervalMs: number, revision: number): NewBarRow {
  requireObject(bar, 'a bar');
  const symbol = nonEmpty(bar.symbol, 'symbol');
  const where = `${symbol} ${shownValue(bar.t0)}`;
  if ((bar.v as number) !== 1) throw badRecord(`v of bar ${where}`, bar.v, '1, the version that this release stores');
  requireList(bar.levels, `levels of bar ${where}`);
  const decimals = Object.fromEntries(
    Object.entries(decimalFields).map(([field, column]) => [
      column,
      canonicalDecimal(bar[field as DecimalField], `${field} of bar ${where}`),
    ]),
  ) as Record<(typeof decimalFields)[DecimalField], string>;
  return {
    symbol,
    interval_ms: intervalMs,
    start_ms: wholeMs(bar.t0, `t0 of bar ${where}`),
    end_ms: wholeMs(bar.t1, `t1 of bar ${where}`),
    revision: wholeNumber(revision, `revision of bar ${where}`),
    trades: wholeNumber(bar.trades, `trades of bar ${where}`, 0, Number.MAX_SAFE_INTEGER),
    ...decimals,
    footprint: bar.levels.map((level) => toLevel(level, where)),
  };
}

/** The key order of the documented form; `jsonb` keeps its own. */
function toLevel(level: FootprintLevelJson, where: string): FootprintLevelJson {
  requireObject(level, `a level of bar ${where}`);
  const decimal = (field: 'price' | 'buy' | 'sell' | 'unknown') =>
    canonicalDecimal(level[field], `level ${field} of bar ${where}`);
  const count = (field: 'buyTrades' | 'sellTrades') =>
    wholeNumber(level[field], `level ${field} of bar ${where}`, 0, Number.MAX_SAFE_INTEGER);
  return {
    price: decimal('price'),
    buy: decimal('buy'),
    sell: decimal('sell'),
    unknown: decimal('unknown'),
    buyTrades: count('buyTrades'),
    sellTrades: count('sellTrades'),
  };
}

/** The select list of a {@link BarRow}. */
export function barColumns(sql: PostgresClient): ReturnType<PostgresClient> {
  return sql`symbol, (extract(epoch from start_time) * 1000)::float8 as t0, (extract(epoch from end_time) * 1000)::float8 as t1,
    trim_scale(open) as open, trim_scale(high) as high, trim_scale(low) as low, trim_scale(close) as close,
    trim_scale(volume) as volume, trim_scale(buy) as buy, trim_scale(sell) as sell, trim_scale(unknown) as unknown,
    trim_scale(delta) as delta, trim_scale(min_delta) as "minDelta", trim_scale(max_delta) as "maxDelta",
    trades::float8 as trades, trim_scale(vwap) as vwap, trim_scale(poc) as poc, trim_scale(vah) as vah,
    trim_scale(val) as val, footprint as levels`;
}

export function rowToBar(row: BarRow): FootprintJson {
  return {
    v: 1,
    symbol: row.symbol,
    t0: row.t0,
    t1: row.t1,
    open: row.open,
    high: row.high,
    low: row.low,
    close: row.close,
    volume: row.volume,
    buy: row.buy,
    sell: row.sell,
    unknown: row.unknown,
    delta: row.delta,
    minDelta: row.minDelta,
    maxDelta: row.maxDelta,
    trades: row.trades,
    vwap: row.vwap,
    poc: row.poc,
    vah: row.vah,
    val: row.val,
    levels: row.levels.map(({ price, buy, sell, unknown, buyTrades, sellTrades }) => ({
      price,
      buy,
      sell,
      unknown,
      buyTrades,
      sellTrades,
    })),
  };
}
