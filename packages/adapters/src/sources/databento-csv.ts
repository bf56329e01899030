/** Databento's CSV files: the same records and events as of the binary form, from lines with a header. */
import type { FileDecoder } from '../internal/file-decoder.ts';
import { RecordError } from '../internal/record-error.ts';
import type { DatabentoOptions, DatabentoRecord } from './databento.ts';
import { createCsvRecordReader, isCsvHeader } from './databento/csv-records.ts';
import type { CsvRecordReader } from './databento/csv-records.ts';
import { createDatabentoMapper } from './databento/map.ts';
import { createDatabentoSymbols } from './databento/symbols.ts';

export type { FileDecoder } from '../internal/file-decoder.ts';

/** How a CSV file of Databento is read. */
export interface DatabentoCsvOptions extends DatabentoOptions {
  /** Called with each record before it is mapped, with all its fields. */
  readonly onRecord?: (record: DatabentoRecord) => void;
  /**
   * Longest line in characters; a row with ten levels has about 700.
   * @defaultValue 65,536
   */
  readonly maxLineLength?: number;
}

/** What {@link createDatabentoCsvDecoder} uses where an option is left out. */
export const databentoCsvDefaults = { maxLineLength: 65_536 } as const satisfies Partial<DatabentoCsvOptions>;

/**
 * A decoder for one CSV file, line by line without line ends; its first line is the header. Reads what Databento writes
 * for `trades`, `tbbo`, `mbp-1`, `mbp-10`, `mbo`, `bbo-*` and `ohlcv-*`, with prices and times readable or raw. The
 * events are those of `createDbnDecoder`. Without a column `symbol` the symbol is the instrument id, or what `names` says.
 *
 * @example
 * ```ts
 * const decoder = createDatabentoCsvDecoder({ names: { 17077: 'ESH4' } });
 * for (const line of lines) decoder.decode(line, 0, sink);
 * decoder.end(sink);
 * ```
 */
export function createDatabentoCsvDecoder(options: DatabentoCsvOptions = {}): FileDecoder {
  const { maxLineLength } = { ...databentoCsvDefaults, ...options };
  const wanted = options.symbols && new Set(options.symbols);
  const map = createDatabentoMapper({ symbols: createDatabentoSymbols(options.names), wanted });
  let read: CsvRecordReader | undefined;

  return {
    framing: 'lines',
    decode(frame, receiveMs, sink) {
      const text = typeof frame === 'string' ? frame : utf8.decode(frame);
      const line = text.endsWith('\r') ? text.slice(0, -1) : text;
      if (line.length > maxLineLength) {
        sink.reject(
          'too-long',
          `the line has ${line.length} characters; expected at most ${maxLineLength} (maxLineLength)`,
        );
        return;
      }
      if (line.trim() === '') {
        sink.unmodelled('blank line');
        return;
      }
      try {
        const header = line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
        if (isCsvHeader(header)) {
          read = undefined;
          read = createCsvRecordReader(header);
          sink.unmodelled('header');
          return;
        }
        if (!read) {
          const detail = `the line starts with ${JSON.stringify(line.slice(0, 40))} before a header; expected ts_recv,ts_event,… or ts_event,rtype,…`;
          sink.reject('bad-frame', detail);
          return;
        }
        const record = read(line);
        options.onRecord?.(record);
        map(record, receiveMs, sink);
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        sink.reject('bad-record', error.message);
      }
    },
    // Every line is whole in itself.
    end: () => undefined,
  };
}

const utf8 = new TextDecoder();
