/**
 * Rows as arrays, one for each column: one statement and one plan for thousands of rows, on every server and through every
 * pooler. COPY into a staging table with an insert from there is no faster, and the driver's COPY (3.4.9) waits forever
 * when a row is refused.
 */
import type { PostgresClient } from '../client.ts';
import { columnName, columnOf, type TableDefinition } from './table-definition.ts';
import { requireObject, shownValue } from './values.ts';

/** Rows of one statement: more gains nothing, and the text of the arrays stays at some hundred kilobytes. */
export const rowsPerStatement = 5000;

/** Elements of one row, in the order of the columns. */
export type RowElements = readonly (string | null)[];

/**
 * Checks a record and writes its elements.
 * @throws `AdaptersError` `bad-record` naming the table, the key and the field.
 */
export function elementsOf<R>(definition: TableDefinition<R>, record: R): RowElements {
  requireObject(record, `a record of ${definition.name}`);
  const where = `${definition.name} ${definition.key.map((property) => shownValue(record[property])).join(' ')}`;
  return properties(definition).map((property) =>
    columnOf(definition, property).write(record[property], `${property} of ${where}`),
  );
}

/** The text of an array whose elements are those of one column. */
export function arrayText(rows: readonly RowElements[], column: number): string {
  let result = '{';
  for (let at = 0; at < rows.length; at += 1) {
    const element = rows[at]![column] ?? null;
    if (at > 0) result += ',';
    result += element === null ? 'NULL' : bare.test(element) ? element : quotedElement(element);
  }
  return `${result}}`;
}

function quotedElement(element: string): string {
  const escaped = element.includes('\\') ? element.replaceAll('\\', '\\\\') : element;
  return `"${escaped.replaceAll('"', '\\"')}"`;
}

/** Needs no quotes; a bare NULL would be one. */
const bare = /^(?!null$)[\w.:+-]+$/i;

/** `insert into … select … from unnest(…) on conflict …`, with one parameter for each column. */
export function upsertText<R>(definition: TableDefinition<R>): string {
  const all = properties(definition);
  const names = all.map((property) => quoted(columnName(definition, property)));
  const arrays = all.map((property, index) => `$${index + 1}::text::${columnOf(definition, property).element}[]`);
  const elements = all.map((_, index) => `e${index}`);
  const values = all.map((property, index) => columnOf(definition, property).fromElement?.(`e${index}`) ?? `e${index}`);
  const key = definition.key.map((property) => quoted(columnName(definition, property)));
  return `insert into ${quoted(definition.name)} as stored (${names.join(', ')})
    select ${values.join(', ')} from unnest(${arrays.join(', ')}) as new (${elements.join(', ')})
    on conflict (${key.join(', ')}) ${replacement(definition)}`;
}

function replacement<R>(definition: TableDefinition<R>): string {
  const others = properties(definition)
    .filter((property) => !definition.key.includes(property))
    .map((property) => quoted(columnName(definition, property)));
  if (definition.appendOnly || others.length === 0) return 'do nothing';
  const touch = definition.touch === undefined ? [] : [`${quoted(definition.touch)} = now()`];
  const stored = others.map((name) => `stored.${name}`).join(', ');
  const excluded = others.map((name) => `excluded.${name}`).join(', ');
  const guard = definition.replaceWhere === undefined ? '' : ` and (${definition.replaceWhere})`;
  return `do update set ${[...others.map((name) => `${name} = excluded.${name}`), ...touch].join(', ')}
    where (${stored}) is distinct from (${excluded})${guard}`;
}

/** Writes rows with different keys; gives the number of those that changed something. */
export async function upsertRows<R>(
  sql: Pick<PostgresClient, 'unsafe'>,
  definition: TableDefinition<R>,
  rows: readonly RowElements[],
): Promise<number> {
  const parameters = properties(definition).map((_, column) => arrayText(rows, column));
  return (await sql.unsafe(upsertText(definition), parameters)).count;
}

/** Properties of a record in the order of the definition. */
export function properties<R>(definition: TableDefinition<R>): (keyof R & string)[] {
  return Object.keys(definition.columns) as (keyof R & string)[];
}

/** A name of ours as SQL. */
export function quoted(name: string): string {
  return `"${name}"`;
}
