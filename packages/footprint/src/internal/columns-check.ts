/** What callers hand in where columns are expected. */
import { FootprintError } from '../errors.ts';
import { barColumns, rowColumns } from './columns-builder.ts';

/**
 * Throws for what are no columns of bars: values of a column that is missing or too short would be unknown.
 *
 * @param name - How the message calls it: `Argument columns`, `Part 2`.
 */
export function checkFootprintColumns(name: string, columns: unknown): void {
  const refuse = (what: string): never => {
    throw new FootprintError('bad-option', `${name} ${what}. Pass what footprintsOfColumns gives.`, columns);
  };
  if (typeof columns !== 'object' || columns === null) return refuse(`"${String(columns)}" is no FootprintColumns`);
  const found = columns as Readonly<Record<string, unknown>>;
  for (const count of ['bars', 'intervalMs', 'rowTicks']) {
    if (!isCount(found[count], count === 'bars' ? 0 : 1)) refuse(`has ${count} "${String(found[count])}"`);
  }
  const requireLength = (column: string, length: number): void => {
    const values = found[column];
    if (!(values instanceof Float64Array) || values.length !== length) {
      refuse(`has no Float64Array ${column} of ${length} entries`);
    }
  };
  const bars = found['bars'] as number;
  for (const column of barColumns) requireLength(column, column === 'firstRow' ? bars + 1 : bars);
  const rows = (found['firstRow'] as Float64Array)[bars]!;
  for (const column of rowColumns) requireLength(column, rows);
}

function isCount(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least;
}
