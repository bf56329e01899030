/**
 * A day of records as Parquet, for DuckDB and other engines: exact decimals and times, row group by row group. The file
 * is derived data; the archive stays the truth. Needs the optional dependency `hyparquet-writer`.
 */
import type * as Parquet from 'hyparquet-writer';
import { AdaptersError } from '../errors.ts';
import {
  parseRecord,
  Refusal,
  resolveColumns,
  type ParquetColumn,
  type ParquetValue,
  type RefusalReason,
} from '../internal/parquet-columns.ts';

export type { ParquetColumn, ParquetField, RefusalReason } from '../internal/parquet-columns.ts';

/** Where a Parquet file goes: a file, an upload, memory. */
export interface ParquetSink {
  /** Takes the next bytes, which are its to keep; resolves when it can take more. */
  write(bytes: Uint8Array): Promise<void> | void;
}

/** A line that did not become a row. */
export interface RefusedLine {
  /** Its number, from 1. */
  readonly number: number;
  readonly line: string;
  /**
   * `not-json` no JSON value; `missing` a value that is not there; `wrong-type` a value of another kind than the column;
   * `out-of-range` a value with more digits than the column has, or a time that does not exist.
   */
  readonly reason: RefusalReason;
  /** The column that refused it; `undefined` for `not-json`. */
  readonly column: string | undefined;
}

/** How to export. */
export interface ExportDayOptions {
  /** In the order of the file. */
  readonly columns: readonly ParquetColumn[];
  /**
   * Name of one more column that holds the whole line as text.
   * @defaultValue none
   */
  readonly rawColumn?: string;
  /**
   * Most rows of a row group: what is in memory at once.
   * @defaultValue 50 000
   */
  readonly rowGroup?: number;
  /**
   * Most characters of lines in a row group; a group of long lines ends sooner.
   * @defaultValue 32 Mi
   */
  readonly rowGroupChars?: number;
  /** Texts kept in the footer of the file: the digest of the archive, for example. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Takes the lines that are not in the file, to keep them aside. */
  readonly onRefused?: (refused: RefusedLine) => Promise<void> | void;
  readonly signal?: AbortSignal;
}

/** Values of options that are left out. */
export const exportDayDefaults = { rowGroup: 50_000, rowGroupChars: 32 * 1024 ** 2 } as const;

/** What was written. */
export interface ExportDayResult {
  readonly rows: number;
  readonly rowGroups: number;
  readonly bytes: number;
  /** Lines that are not in the file. */
  readonly refused: number;
  /** How many lines were refused for which reason. */
  readonly refusedBy: Readonly<Partial<Record<RefusalReason, number>>>;
}

/**
 * Writes records, one JSON value a line, as one Parquet file. A line that does not fit the columns is counted, handed to
 * `onRefused`, and left out; the others go on. Numbers are read from their digits, never through a float. Memory holds one
 * row group. An error of the lines or of the sink leaves a file without its footer, which no reader takes for a whole one.
 *
 * @example
 * ```ts
 * await exportDay(readDay(store, cell), sink, {
 *   columns: [
 *     { name: 'time', field: 'T', type: 'timestamp', unit: 'ms' },
 *     { name: 'price', field: 'p', type: 'decimal', scale: 2 },
 *     { name: 'size', field: 'q', type: 'decimal', scale: 3 },
 *   ],
 * });
 * ```
 * @throws AdaptersError `bad-option`, `not-installed` without `hyparquet-writer`
 */
export async function exportDay(
  lines: AsyncIterable<string> | Iterable<string>,
  sink: ParquetSink,
  options: ExportDayOptions,
): Promise<ExportDayResult> {
  const { rawColumn, rowGroup, rowGroupChars, metadata, onRefused, signal } = { ...exportDayDefaults, ...options };
  for (const [name, value] of Object.entries({ rowGroup, rowGroupChars })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new AdaptersError('bad-option', `The option ${name} is ${value}; expected a whole number from 1 on.`, {
      value,
    });
  }
  const columns = resolveColumns([
    ...options.columns,
    ...(rawColumn === undefined ? [] : [{ name: rawColumn, type: 'text' as const }]),
  ]);
  const rawAt = rawColumn === undefined ? -1 : columns.length - 1;
  const { ByteWriter, ParquetWriter } = await loadWriter();
  const bytes = new ByteWriter();
  const flush = async (): Promise<void> => {
    const written = bytes.getBytes().slice();
    bytes.index = 0;
    if (written.length > 0) await sink.write(written);
  };
  const schema = [{ name: 'root', num_children: columns.length }, ...columns.map((column) => column.schema)];
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schema,
    createdBy: '@tapekit/adapters',
    ...(metadata ? { kvMetadata: Object.entries(metadata).map(([key, value]) => ({ key, value })) } : {}),
  });

  let data: ParquetValue[][] = columns.map(() => []);
  let chars = 0;
  let rows = 0;
  let rowGroups = 0;
  let number = 0;
  let refused = 0;
  const refusedBy: Partial<Record<RefusalReason, number>> = {};
  const writeGroup = async (): Promise<void> => {
    const size = data[0]!.length;
    if (size === 0) return;
    await writer.write({
      columnData: columns.map(({ name }, i) => ({ name, data: data[i] ?? [] })),
      rowGroupSize: size,
    });
    await flush();
    data = columns.map(() => []);
    chars = 0;
    rows += size;
    rowGroups += 1;
  };
  const row: ParquetValue[] = [];
  for await (const line of lines) {
    number += 1;
    if (number % 1_024 === 0) signal?.throwIfAborted();
    try {
      const record = parseRecord(line);
      // A row is whole before any of it is taken.
      for (const [i, column] of columns.entries()) {
        row[i] = i === rawAt ? line : column.read(record);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { reason, column } = error;
      refused += 1;
      refusedBy[reason] = (refusedBy[reason] ?? 0) + 1;
      await onRefused?.({ number, line, reason, column });
      continue;
    }
    for (const [i, value] of row.entries()) data[i]!.push(value);
    chars += line.length;
    if (data[0]!.length >= rowGroup || chars >= rowGroupChars) await writeGroup();
  }
  signal?.throwIfAborted();
  await writeGroup();
  await writer.finish();
  await flush();
  return { rows, rowGroups, bytes: bytes.offset, refused, refusedBy };
}

async function loadWriter(): Promise<typeof Parquet> {
  try {
    return await import('hyparquet-writer');
  } catch (cause) {
    throw new AdaptersError(
      'not-installed',
      'Parquet needs the package "hyparquet-writer"; npm install hyparquet-writer.',
      {
        cause,
      },
    );
  }
}
