/** The header of a DBN file: what was asked for, and which symbols the instrument ids stand for. */
import { RecordError } from '../../internal/record-error.ts';

/** From when to when a symbol stood for another one. */
export interface DatabentoMappingInterval {
  /** First day, `YYYYMMDD` as a number, UTC. */
  readonly startDate: number;
  /** Day after the last one. */
  readonly endDate: number;
  /** What the symbol stood for: an instrument id as digits, or a raw symbol. */
  readonly symbol: string;
}

/** One symbol of a request and what it resolved to. */
export interface DatabentoMapping {
  readonly rawSymbol: string;
  readonly intervals: readonly DatabentoMappingInterval[];
}

/** What the head of a file says. */
export interface DatabentoMetadata {
  /** Version of the encoding: 1, 2 or 3. */
  readonly version: number;
  /** For example `GLBX.MDP3`. */
  readonly dataset: string;
  /** Number of the schema; `undefined` for a live session, which mixes them. */
  readonly schema: number | undefined;
  /** Start of the query, nanoseconds since 1970 UTC. */
  readonly startNs: bigint;
  /** End of the query; `undefined` where it is open. */
  readonly endNs: bigint | undefined;
  /** Most records that were asked for; `undefined` for no limit. */
  readonly limit: bigint | undefined;
  /** Symbology that was asked in; 0 is the instrument id. `undefined` for a live session, which mixes them. */
  readonly stypeIn: number | undefined;
  /** Symbology of the answer; 0 is the instrument id. */
  readonly stypeOut: number;
  /** True when every record ends with the time at which it was sent. */
  readonly tsOut: boolean;
  readonly symbols: readonly string[];
  /** Symbols that did not resolve for a part of the time. */
  readonly partial: readonly string[];
  readonly notFound: readonly string[];
  readonly mappings: readonly DatabentoMapping[];
}

const undefinedTime = 0xffff_ffff_ffff_ffffn;
/** Length of the fixed part, in all versions. */
const fixedBytes = 100;

/**
 * Reads the bytes after the length field.
 * @throws `RecordError` naming the field that runs out of the bytes or makes no sense.
 */
export function parseDbnMetadata(version: number, bytes: Uint8Array): DatabentoMetadata {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < fixedBytes) {
    throw new RecordError('metadata length', bytes.length, `at least ${fixedBytes} bytes`);
  }
  const text = (at: number, length: number): string => {
    const field = bytes.subarray(at, at + length);
    const end = field.indexOf(0);
    return utf8.decode(end < 0 ? field : field.subarray(0, end));
  };
  // Version 1 has a count of records between the limit and the symbologies, and names of 22 characters.
  let at = version === 1 ? 50 : 42;
  const stypeIn = view.getUint8(at);
  const stypeOut = view.getUint8(at + 1);
  const tsOut = view.getUint8(at + 2) !== 0;
  const symbolBytes = version === 1 ? 22 : view.getUint16(at + 3, true);
  if (symbolBytes === 0) throw new RecordError('metadata symbol_cstr_len', 0, 'a length above 0');

  at = fixedBytes;
  const need = (field: string, length: number): void => {
    if (at + length > bytes.length) {
      throw new RecordError(
        `metadata ${field}`,
        `${at + length} bytes`,
        `at most ${bytes.length}, the metadata's length`,
      );
    }
  };
  const count = (field: string): number => {
    need(field, 4);
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const symbol = (field: string): string => {
    need(field, symbolBytes);
    at += symbolBytes;
    return text(at - symbolBytes, symbolBytes);
  };
  const list = (field: string): string[] => {
    const length = count(field);
    // Before the memory is taken: a damaged count may be four billion.
    need(field, length * symbolBytes);
    return Array.from({ length }, () => symbol(field));
  };

  const schemaDefinitionBytes = count('schema_definition_length');
  need('schema definition', schemaDefinitionBytes);
  at += schemaDefinitionBytes;
  const [symbols, partial, notFound] = [list('symbols'), list('partial'), list('not_found')] as const;
  const mappings: DatabentoMapping[] = [];
  for (let left = count('mappings'); left > 0; left -= 1) {
    const rawSymbol = symbol('mappings');
    const intervals: DatabentoMappingInterval[] = [];
    for (let open = count('mapping intervals'); open > 0; open -= 1) {
      need('mapping intervals', 8 + symbolBytes);
      const [startDate, endDate] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      at += 8;
      intervals.push({ startDate, endDate, symbol: symbol('mapping intervals') });
    }
    mappings.push({ rawSymbol, intervals });
  }

  const schema = view.getUint16(16, true);
  const endNs = view.getBigUint64(26, true);
  const limit = view.getBigUint64(34, true);
  return {
    version,
    dataset: text(0, 16),
    schema: schema === 0xffff ? undefined : schema,
    startNs: view.getBigUint64(18, true),
    endNs: endNs === undefinedTime || endNs === 0n ? undefined : endNs,
    limit: limit === 0n ? undefined : limit,
    stypeIn: stypeIn === 0xff ? undefined : stypeIn,
    stypeOut,
    tsOut,
    symbols,
    partial,
    notFound,
    mappings,
  };
}

const utf8 = new TextDecoder();
