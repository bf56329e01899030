/** What a table holds and by which key; all that the one repository for all of them must know. */
import type { Column } from './columns.ts';

/** A table of records `R`. */
export interface TableDefinition<R> {
  /** Name in the database. */
  readonly name: string;
  /** One for each property of a record, in the order of a select. */
  readonly columns: { readonly [K in keyof R]-?: Column<R[K]> };
  /** Properties that make two records the same one; pages follow their order. */
  readonly key: readonly (keyof R & string)[];
  /** Property that `from` and `to` of a query mean. */
  readonly range?: keyof R & string;
  /** True: a record that is there is never changed. */
  readonly appendOnly?: boolean;
  /** SQL that must hold for a stored record to be replaced, besides being different: `stored` and `excluded` are the rows. */
  readonly replaceWhere?: string;
  /** Column that is set to the time of the write whenever a record changes. */
  readonly touch?: string;
}

/** A {@link TableDefinition} from its parts. */
export function defineTable<R>(
  name: string,
  columns: TableDefinition<R>['columns'],
  rest: Omit<TableDefinition<R>, 'name' | 'columns'>,
): TableDefinition<R> {
  return { name, columns, ...rest };
}

/** Name of the column of a property. */
export function columnName<R>(definition: TableDefinition<R>, property: keyof R & string): string {
  return columnOf(definition, property).name ?? property.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The column of a property. */
export function columnOf<R>(definition: TableDefinition<R>, property: keyof R & string): Column<unknown> {
  return (definition.columns as Readonly<Record<string, Column<unknown>>>)[property]!;
}
