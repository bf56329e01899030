/** Reading and checking what a stored footprint claims. */
import { isOrderflowError } from '@tapekit/orderflow/errors';
import { addExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { Grid } from '@tapekit/orderflow/grid';
import { FootprintError } from '../errors.ts';
import type { FootprintBar, FootprintRow } from '../footprint-bar.ts';

/**
 * A stored bar in integers of the grid: a {@link FootprintBar} without what version 1 does not keep (the exact value,
 * the revision, and per row the number of prints whose aggressor is unknown), with the symbol and the VWAP as stored.
 */
export interface StoredFootprint extends Omit<FootprintBar, 'valueTickLots' | 'revision' | 'rows'> {
  readonly symbol: string;
  /** As stored: 16 significant digits. */
  readonly vwap: string;
  readonly rows: readonly Omit<FootprintRow, 'unknownTrades'>[];
}

type JsonRecord = Readonly<Record<string, unknown>>;

/** A JSON object whose fields are read by name; errors name the path. */
export interface FieldReader {
  text(field: string): string;
  /** A safe integer. */
  whole(field: string): number;
  /** A whole number of at least 0. */
  count(field: string): number;
  ticks(field: string): number;
  lots(field: string): ExactInt;
  list(field: string): readonly FieldReader[];
}

export function fieldsOf(json: unknown, grid: Grid, path = 'footprint'): FieldReader {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong(path, json, 'an object');
  const record = json as JsonRecord;
  const at = (field: string): string => `${path}.${field}`;
  const text = (field: string): string => {
    const value = record[field];
    return typeof value === 'string' ? value : raise(wrong(at(field), value, 'a string'));
  };
  const whole = (field: string, least = -Infinity): number => {
    const value = record[field];
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= least
      ? value
      : raise(wrong(at(field), value, least === 0 ? 'a whole number of at least 0' : 'a whole number'));
  };
  const decimal = <T>(field: string, read: (literal: string) => T): T => {
    const literal = text(field);
    try {
      return read(literal);
    } catch (cause) {
      throw Object.assign(
        wrong(at(field), literal, cause instanceof Error ? `on the grid: ${cause.message.replace(/\.$/, '')}` : ''),
        {
          cause,
        },
      );
    }
  };
  return {
    text,
    whole: (field) => whole(field),
    count: (field) => whole(field, 0),
    ticks: (field) => decimal(field, (literal) => grid.toTicks(literal)),
    lots: (field) => decimal(field, (literal) => toLotsExactly(literal, grid)),
    list(field) {
      const value = record[field];
      if (!Array.isArray(value)) throw wrong(at(field), value, 'an array');
      return value.map((item: unknown, i) => fieldsOf(item, grid, `${at(field)}[${i}]`));
    },
  };
}

/** Throws for the first rule that the numbers of a bar break. */
export function checkStored(bar: StoredFootprint): void {
  const total = (of: (row: StoredFootprint['rows'][number]) => ExactInt): ExactInt =>
    bar.rows.map(of).reduce(addExact, 0);
  const rules: readonly (readonly [field: string, holds: boolean, rule: string])[] = [
    ['t1', bar.endMs > bar.startMs, 'after t0'],
    [
      'volume',
      addExact(addExact(bar.buyLots, bar.sellLots), bar.unknownLots) === bar.volumeLots,
      'buy + sell + unknown',
    ],
    ['delta', subtractExact(bar.buyLots, bar.sellLots) === bar.deltaLots, 'buy − sell'],
    ['minDelta', bar.minDeltaLots <= 0 && bar.minDeltaLots <= bar.deltaLots, 'at most 0 and delta'],
    ['maxDelta', bar.maxDeltaLots >= 0 && bar.maxDeltaLots >= bar.deltaLots, 'at least 0 and delta'],
    ['open', bar.lowTicks <= bar.openTicks && bar.openTicks <= bar.highTicks, 'between low and high'],
    ['close', bar.lowTicks <= bar.closeTicks && bar.closeTicks <= bar.highTicks, 'between low and high'],
    ['poc', bar.valTicks <= bar.pocTicks && bar.pocTicks <= bar.vahTicks, 'between val and vah'],
    ['levels', bar.rows.length > 0 || bar.volumeLots === 0, 'at least one row'],
    [
      'levels',
      bar.rows.every(({ priceTicks }, i) => i === 0 || bar.rows[i - 1]!.priceTicks < priceTicks),
      'ascending by price',
    ],
    ['buy', total((row) => row.buyLots) === bar.buyLots, 'the sum over levels'],
    ['sell', total((row) => row.sellLots) === bar.sellLots, 'the sum over levels'],
    ['unknown', total((row) => row.unknownLots) === bar.unknownLots, 'the sum over levels'],
    ['trades', total((row) => row.buyTrades + row.sellTrades) <= bar.trades, 'at least the sum over levels'],
  ];
  for (const [field, holds, rule] of rules) {
    if (holds) continue;
    throw new FootprintError(
      'bad-json',
      `Footprint ${field} of the bar at t0 "${bar.startMs}" is not ${rule}. The record was changed or cut; take it from its source again.`,
      bar,
    );
  }
}

/** Like `grid.toLots`, for sums that are beyond safe integers too. */
function toLotsExactly(literal: string, grid: Grid): ExactInt {
  try {
    return grid.toLots(literal);
  } catch (error) {
    if (!isOrderflowError(error, 'out-of-range')) throw error;
  }
  const [value, step] = [splitDecimal(literal), splitDecimal(grid.lotSize)];
  const scale = Math.max(value.decimals, step.decimals);
  const grow = ({ digits, decimals }: ReturnType<typeof splitDecimal>): bigint =>
    digits * 10n ** BigInt(scale - decimals);
  return addExact(grow(value) / grow(step), 0);
}

/** A plain literal as an integer and its number of decimals. */
function splitDecimal(literal: string): { readonly digits: bigint; readonly decimals: number } {
  const [whole = '', fraction = ''] = literal.split('.');
  return { digits: BigInt(whole + fraction), decimals: fraction.length };
}

function wrong(path: string, value: unknown, expected: string): FootprintError {
  const shown = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined)?.slice(0, 40);
  return new FootprintError('bad-json', `Field ${path} "${shown ?? 'undefined'}" is not ${expected}.`, value);
}

function raise(error: Error): never {
  throw error;
}
