/**
 * Databento's binary files and streams (DBN, versions 1 to 3): trades, quotes, books, single orders and bars as neutral
 * events, or every record with all its fields. Runs everywhere; zstd is decompressed by `sources/databento-node`.
 */
import type { FileDecoder } from '../internal/file-decoder.ts';
import { RecordError } from '../internal/record-error.ts';
import { createDatabentoMapper } from './databento/map.ts';
import { createDbnRecordReader } from './databento/dbn-records.ts';
import type { DbnRecordReader } from './databento/dbn-records.ts';
import { createDbnSplitter } from './databento/dbn-splitter.ts';
import type { DbnParts } from './databento/dbn-splitter.ts';
import { parseDbnMetadata } from './databento/metadata.ts';
import type { DatabentoMetadata } from './databento/metadata.ts';
import type { DatabentoRecord } from './databento/record.ts';
import { createDatabentoSymbols } from './databento/symbols.ts';

export type { FileDecoder } from '../internal/file-decoder.ts';
export type { DatabentoMapping, DatabentoMappingInterval, DatabentoMetadata } from './databento/metadata.ts';
export type {
  DatabentoBar,
  DatabentoBbo,
  DatabentoByPrice,
  DatabentoHeader,
  DatabentoLevel,
  DatabentoNotice,
  DatabentoOrder,
  DatabentoOther,
  DatabentoRecord,
  DatabentoSymbolMapping,
} from './databento/record.ts';

/** How a stream of Databento is read. */
export interface DatabentoOptions {
  /** Symbols to read; records of others are rejected as `other-symbol`. Absent: all. */
  readonly symbols?: readonly string[];
  /** Symbols by instrument id, where the data does not name them; they go before those of the data. */
  readonly names?: Readonly<Record<number, string>>;
}

/** How a DBN stream is read. */
export interface DbnOptions extends DatabentoOptions {
  /**
   * Longest head in bytes; the request of a whole market's symbols makes a few megabytes.
   * @defaultValue 64 MiB
   */
  readonly maxMetadataBytes?: number;
  /** Called with each record before it is mapped, with all its fields. */
  readonly onRecord?: (record: DatabentoRecord) => void;
}

/** What {@link createDbnDecoder} uses where an option is left out. */
export const dbnDefaults = { maxMetadataBytes: 64 * 1024 * 1024 } as const satisfies Partial<DbnOptions>;

/** Reads one DBN stream. Made by {@link createDbnDecoder}. */
export interface DbnDecoder extends FileDecoder {
  /** What the head of the stream says; `undefined` before it was read. */
  metadata(): DatabentoMetadata | undefined;
  /** Records found so far, of every kind, also refused ones. */
  records(): number;
}

/**
 * A decoder for one stream of DBN bytes (after decompression), given in chunks that may be cut anywhere.
 *
 * - `trades`, and trades of every other schema, give `trade` events without an id: one message may hold several trades.
 *   Side `N`, as in auctions, is `unknown`.
 * - `mbo` gives an `order` for each record, and for action `T` a `trade` too: count one of the two.
 * - `mbp-1`, `tbbo` give `quote`s: at the last record of each event, and before each trade. `mbp-10` gives
 *   `book-snapshot`s at the last record of each event. `bbo-*` give `quote`s.
 * - `ohlcv-*` give `bar`s.
 *
 * Times of orders have a fraction of a millisecond, all others are rounded down. Statistics, definitions and unknown
 * kinds are counted as unmodelled. A sequence that falls is reported as `gap`, a book that the venue calls doubtful as
 * `resync`.
 *
 * @example
 * ```ts
 * const decoder = createDbnDecoder({ symbols: ['ESH4'] });
 * for await (const chunk of chunks) decoder.decode(chunk, Date.now(), sink);
 * decoder.end(sink);
 * ```
 */
export function createDbnDecoder(options: DbnOptions = {}): DbnDecoder {
  const splitter = createDbnSplitter(options.maxMetadataBytes ?? dbnDefaults.maxMetadataBytes);
  const symbols = createDatabentoSymbols(options.names);
  const wanted = options.symbols && new Set(options.symbols);
  const map = createDatabentoMapper({ symbols, wanted });
  let metadata: DatabentoMetadata | undefined;
  let read: DbnRecordReader | undefined;
  let records = 0;

  const partsFor = (receiveMs: number, sink: Parameters<FileDecoder['end']>[0]): DbnParts => {
    const guarded = (what: () => string, action: () => void): void => {
      try {
        action();
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        sink.reject('bad-record', `${what()}: ${error.message}`);
      }
    };
    return {
      head(version, bytes) {
        try {
          metadata = parseDbnMetadata(version, bytes);
          symbols.load(metadata);
          sink.unmodelled('metadata');
        } catch (error) {
          if (!(error instanceof RecordError)) throw error;
          sink.reject('bad-frame', `${error.message}. Symbols are given as instrument ids`);
        }
        read = createDbnRecordReader({ version, tsOut: metadata?.tsOut ?? false });
      },
      record(view, at, length) {
        records += 1;
        guarded(
          () => `record ${records}`,
          () => {
            const record = read!(view, at, length);
            options.onRecord?.(record);
            map(record, receiveMs, sink);
          },
        );
      },
      broken: (reason, detail) => sink.reject(reason, detail),
    };
  };

  return {
    framing: 'dbn',
    decode(frame, receiveMs, sink) {
      if (typeof frame === 'string') {
        sink.reject('bad-frame', `the frame is text of ${frame.length} characters; expected the bytes of a DBN stream`);
        return;
      }
      splitter.push(frame, partsFor(receiveMs, sink));
    },
    end: (sink) => splitter.end(partsFor(0, sink)),
    metadata: () => metadata,
    records: () => records,
  };
}
