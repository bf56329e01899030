/** Columns of bars behind each other. */
import { FootprintError } from '../../errors.ts';
import type { FootprintColumns } from '../../footprint-columns.ts';
import { barColumns, rowColumns } from '../columns-builder.ts';
import { checkFootprintColumns } from '../columns-check.ts';
import type { BarColumn, RowColumn } from '../columns-builder.ts';

/**
 * The bars of all parts as one, in their order: what one call over the whole tape gives where each part is of the time
 * after the one before.
 *
 * @throws {@link FootprintError} `bad-option` for no parts, parts that are no columns of bars, parts of another `intervalMs` or `rowTicks`, and parts that
 *   begin before the one before them ends.
 */
export function concatFootprintColumns(parts: readonly FootprintColumns[]): FootprintColumns {
  checkParts(parts);
  const [first] = parts;
  if (!first) throw new FootprintError('bad-option', 'parts "" holds no columns. Pass one or more.', parts);
  const { intervalMs, rowTicks } = first;
  let lastMs = -Infinity;
  for (const [i, part] of parts.entries()) {
    if (part.intervalMs !== intervalMs) throw unlike(i, 'intervalMs', part.intervalMs, intervalMs);
    if (part.rowTicks !== rowTicks) throw unlike(i, 'rowTicks', part.rowTicks, rowTicks);
    if (part.bars === 0) continue;
    if (!(part.startMs[0]! > lastMs)) {
      throw new FootprintError(
        'bad-option',
        `Part ${i} begins with the bar at "${part.startMs[0]}", the parts before it end with the one at "${lastMs}". ` +
          'Pass parts of one tape in order of time, cut between bars.',
        part.startMs[0],
      );
    }
    lastMs = part.startMs[part.bars - 1]!;
  }

  const bars = parts.reduce((sum, part) => sum + part.bars, 0);
  const rows = parts.reduce((sum, part) => sum + part.firstRow[part.bars]!, 0);
  const firstRow = new Float64Array(bars + 1);
  const columns: Partial<Record<BarColumn | RowColumn, Float64Array>> = {};
  for (const name of barColumns) columns[name] = name === 'firstRow' ? firstRow : joined(parts, name, bars);
  for (const name of rowColumns) columns[name] = joined(parts, name, rows);
  let [bar, row] = [0, 0];
  for (const part of parts) {
    for (let i = 0; i < part.bars; i += 1) firstRow[bar + i] = row + part.firstRow[i]!;
    bar += part.bars;
    row += part.firstRow[part.bars]!;
  }
  firstRow[bars] = row;
  return { ...(columns as Record<BarColumn | RowColumn, Float64Array>), bars, intervalMs, rowTicks };
}

function checkParts(parts: unknown): void {
  if (!Array.isArray(parts)) {
    const message = `parts "${String(parts)}" is no array. Pass the columns of every part, in order of time.`;
    throw new FootprintError('bad-option', message, parts);
  }
  for (const [i, part] of parts.entries()) checkFootprintColumns(`Part ${i}`, part);
}

function joined(parts: readonly FootprintColumns[], name: BarColumn | RowColumn, length: number): Float64Array {
  const all = new Float64Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part[name], at);
    at += part[name].length;
  }
  return all;
}

function unlike(part: number, name: string, value: number, expected: number): FootprintError {
  return new FootprintError(
    'bad-option',
    `Part ${part} has ${name} "${value}", the first one has "${expected}". Pass parts made with the same options.`,
    value,
  );
}
