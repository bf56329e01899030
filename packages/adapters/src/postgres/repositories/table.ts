import { AdaptersError } from '../../errors.ts';
import type { PostgresClient } from '../client.ts';
import { attempt } from '../internal/attempt.ts';
import { decodeKeyset, encodeKeyset, type KeyValue } from '../internal/keyset.ts';
import { columnName, columnOf, type TableDefinition } from '../internal/table-definition.ts';
import { transaction } from '../internal/transaction.ts';
import { elementsOf, properties, quoted, rowsPerStatement, upsertRows, type RowElements } from '../internal/unnest.ts';
import { badRecord, requireList, requireObject, shownValue } from '../internal/values.ts';
import type { WriteResult } from '../types.ts';

/** Which records {@link TableRepository.page} reads. */
export interface TableQuery<R> {
  /** Only records that hold exactly these values; null asks for unknown, `undefined` is refused. */
  readonly where?: Partial<R>;
  /** Only records at or after this time (epoch milliseconds) or day (`YYYY-MM-DD`), as the table counts. */
  readonly from?: number | string;
  /** Only records before this time or day. */
  readonly to?: number | string;
  /**
   * `range` follows the time or day of the table before its key, for lists over all symbols.
   * @defaultValue 'key'
   */
  readonly orderBy?: 'key' | 'range';
  /**
   * True reads from the last record backwards.
   * @defaultValue false
   */
  readonly newestFirst?: boolean;
  /**
   * Most records of the page, 1 to 10,000.
   * @defaultValue 200
   */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** What {@link TableRepository.page} does unless told otherwise. */
export const tableQueryDefaults = { orderBy: 'key', newestFirst: false, limit: 200, maxLimit: 10_000 } as const;

/** Some records. */
export interface Page<R> {
  readonly items: readonly R[];
  /** Pass as `cursor` to read on; null on the last page. */
  readonly nextCursor: string | null;
}

/** One table: decimals as canonical decimal strings, times as epoch milliseconds, unknown as null. */
export interface TableRepository<R> {
  /**
   * Stores records by the table's key, all or none. A record that is stored already is replaced where it differs; of
   * several with one key the last stays.
   */
  upsertMany(records: readonly R[]): Promise<WriteResult>;
  /**
   * Records by pages, in the order of the table's key: following `nextCursor` yields every record that was there at the
   * start exactly once, also while others are written.
   * @throws `AdaptersError` `bad-cursor`, `bad-option`, `bad-record` for a value that no record can hold.
   */
  page(query?: TableQuery<R>): Promise<Page<R>>;
  /** The record with the highest key of those that hold these values: of one symbol, the newest. */
  latest(where: Partial<R>): Promise<R | undefined>;
  /**
   * Deletes the records that hold these values; at least one must be given, and none may be `undefined`, which would
   * delete more than was meant. Gives their number.
   */
  remove(where: Partial<R>): Promise<number>;
}

const orders: readonly unknown[] = ['key', 'range'];

export function createTableRepository<R>(sql: PostgresClient, definition: TableDefinition<R>): TableRepository<R> {
  const all = properties(definition);
  const label = definition.name.replaceAll('_', ' ');
  const column = (property: keyof R & string) => quoted(columnName(definition, property));
  const selected = all
    .map((property) => `${columnOf(definition, property).select(column(property))} as "${property}"`)
    .join(', ');

  /** A parameter as the column's type. */
  const parameter = (property: keyof R & string, value: unknown, into: (string | null)[]): string => {
    const { write, element, fromElement } = columnOf(definition, property);
    into.push(write(value, property));
    const typed = `$${into.length}::text::${element}`;
    return fromElement?.(`(${typed})`) ?? typed;
  };
  const conditions = (where: Partial<R>, into: (string | null)[]): string[] => {
    requireObject(where, 'where');
    return (Object.keys(where) as (keyof R & string)[]).map((property) => {
      if (!Object.hasOwn(definition.columns, property)) throw unknownProperty(property);
      // Without its condition the query would mean other records than were asked for.
      if (where[property] === undefined) {
        throw badRecord(`where.${property}`, undefined, 'a value; pass null for unknown, or leave the property out');
      }
      // Plain equality can use an index.
      if (where[property] === null) return `${column(property)} is null`;
      return `${column(property)} = ${parameter(property, where[property], into)}`;
    });
  };
  const unknownProperty = (property: string) =>
    new AdaptersError(
      'bad-option',
      `where names "${property}", which ${definition.name} does not have. It has ${all.join(', ')}.`,
      {
        value: property,
      },
    );

  const page = (query: TableQuery<R> = {}): Promise<Page<R>> =>
    attempt(`reading ${label}`, async () => {
      requireObject(query, 'query');
      const { orderBy, newestFirst, limit, maxLimit } = { ...tableQueryDefaults, ...query };
      if (!orders.includes(orderBy)) {
        throw new AdaptersError('bad-option', `orderBy "${shownValue(orderBy)}" is no order. Pass 'key' or 'range'.`, {
          value: orderBy,
        });
      }
      if (!(Number.isInteger(limit) && limit >= 1 && limit <= maxLimit)) {
        throw new AdaptersError(
          'bad-option',
          `limit "${shownValue(limit)}" is not a page size. Pass 1 to ${maxLimit}.`,
          {
            value: limit,
          },
        );
      }
      const { range } = definition;
      const ranged = query.from !== undefined || query.to !== undefined || orderBy === 'range';
      if (ranged && range === undefined) {
        throw new AdaptersError(
          'bad-option',
          `${definition.name} has no time to read a range of. Leave out from, to and orderBy.`,
        );
      }
      const order =
        orderBy === 'range' ? [range!, ...definition.key.filter((property) => property !== range)] : definition.key;
      const { where = {} } = query;
      const parameters: (string | null)[] = [];
      const tests = conditions(where, parameters);
      const scope = JSON.stringify([definition.name, orderBy, newestFirst, where]);
      if (query.from !== undefined) tests.push(`${column(range!)} >= ${parameter(range!, query.from, parameters)}`);
      if (query.to !== undefined) tests.push(`${column(range!)} < ${parameter(range!, query.to, parameters)}`);
      const sortable = order.map((property) => {
        const { nullAs } = columnOf(definition, property);
        return nullAs === undefined ? column(property) : `coalesce(${column(property)}, ${nullAs})`;
      });
      if (query.cursor !== undefined) {
        const key = decodeKeyset(query.cursor, scope, order.length);
        const values = order.map((property, index) =>
          key[index] === null ? columnOf(definition, property).nullAs! : parameter(property, key[index], parameters),
        );
        tests.push(`(${sortable.join(', ')}) ${newestFirst ? '<' : '>'} (${values.join(', ')})`);
      }
      const direction = newestFirst ? ' desc' : '';
      const rows = await sql.unsafe<(R & object)[]>(
        `select ${selected} from ${quoted(definition.name)}${tests.length === 0 ? '' : ` where ${tests.join(' and ')}`}
        order by ${sortable.map((expression) => expression + direction).join(', ')} limit ${limit + 1}`,
        parameters,
      );
      const items = rows.slice(0, limit).map((row): R => ({ ...row }));
      const last = items.at(-1);
      const keyOf = (record: R) => order.map((property) => record[property] as KeyValue);
      return { items, nextCursor: last && rows.length > limit ? encodeKeyset(keyOf(last), scope) : null };
    });

  return {
    upsertMany: (records) =>
      attempt(`storing ${label}`, async () => {
        requireList(records, `records of ${definition.name}`);
        const rows = lastOfEachKey(definition, records);
        if (rows.length === 0) return { written: 0, kept: 0 };
        let written = 0;
        if (rows.length <= rowsPerStatement) written = await upsertRows(sql, definition, rows);
        else {
          await transaction(sql, async (tx) => {
            for (let at = 0; at < rows.length; at += rowsPerStatement) {
              written += await upsertRows(tx, definition, rows.slice(at, at + rowsPerStatement));
            }
          });
        }
        return { written, kept: records.length - written };
      }),

    page,

    latest: async (where) => {
      requireObject(where, 'where');
      return (await page({ where, newestFirst: true, limit: 1 })).items[0];
    },

    remove: (where) =>
      attempt(`deleting ${label}`, async () => {
        const parameters: (string | null)[] = [];
        const tests = conditions(where, parameters);
        if (tests.length === 0) throw badRecord('where', where, 'at least one value; it would delete the whole table');
        return (await sql.unsafe(`delete from ${quoted(definition.name)} where ${tests.join(' and ')}`, parameters))
          .count;
      }),
  };
}

/** Rows with different keys, in the one order in which all writers take their row locks. */
function lastOfEachKey<R>(definition: TableDefinition<R>, records: readonly R[]): RowElements[] {
  const places = definition.key.map((property) => properties(definition).indexOf(property));
  const rows = new Map<string, RowElements>();
  for (const record of records) {
    const elements = elementsOf(definition, record);
    // No element is empty and none holds NUL, so null can be empty and NUL a border.
    rows.set(places.map((place) => elements[place] ?? '').join('\0'), elements);
  }
  return [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, elements]) => elements);
}
