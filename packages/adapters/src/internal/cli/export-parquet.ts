/** A day as a Parquet file. */
import { open, rename, rm } from 'node:fs/promises';
import { exportDay, type ExportDayResult, type ParquetColumn, type RefusedLine } from '../../export/parquet.ts';
import { UsageError } from './usage.ts';

const types = 'text, integer, boolean, timestamp-ms, -us, -ns, -iso, decimal(SCALE)';

/**
 * Columns as `NAME[=FIELD]:TYPE[?]`, separated by commas; `?` lets values be missing.
 * @throws UsageError
 */
export function parseColumns(list: string): readonly ParquetColumn[] {
  return list.split(',').map((text) => {
    const match = /^\s*([^=:?]+)(?:=([^:?]+))?:([a-z-]+)(?:\((\d{1,2})\))?(\?)?\s*$/.exec(text);
    const [, name = '', field, type = '', scale, nullable] = match ?? [];
    const column = { name, ...(field === undefined ? {} : { field }), nullable: nullable === '?' };
    const [kind, unit] = type.split('-');
    if (type === 'decimal' && scale !== undefined) return { ...column, type, scale: Number(scale) };
    if (scale === undefined && (type === 'text' || type === 'integer' || type === 'boolean'))
      return { ...column, type };
    if (
      scale === undefined &&
      kind === 'timestamp' &&
      (unit === 'ms' || unit === 'us' || unit === 'ns' || unit === 'iso')
    ) {
      return { ...column, type: kind, unit };
    }
    throw new UsageError(`Column "${text}" is none, expected NAME[=FIELD]:TYPE[?] with a type of ${types}.`);
  });
}

/** Writes the file in one piece: it has its name only when it is whole. */
export async function exportToParquet(
  lines: AsyncIterable<string>,
  path: string,
  columns: string | undefined,
  onRefused: (line: RefusedLine) => void,
): Promise<ExportDayResult> {
  const layout = columns === undefined ? { columns: [], rawColumn: 'line' } : { columns: parseColumns(columns) };
  const unfinished = `${path}.unfinished`;
  const file = await open(unfinished, 'w');
  try {
    const result = await exportDay(lines, { write: (bytes) => file.writeFile(bytes) }, { ...layout, onRefused });
    await file.sync();
    await file.close();
    await rename(unfinished, path);
    return result;
  } catch (error) {
    await file.close();
    await rm(unfinished, { force: true });
    throw error;
  }
}
