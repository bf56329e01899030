import { AdaptersError } from '../errors.ts';

/** A column of a Parquet file: which value of a record it takes, and how it is stored. Nothing is ever a float. */
export type ParquetColumn = ParquetField &
  (
    | {
        /**
         * An exact decimal from a number or a text, stored as DECIMAL(precision, scale): INT64 up to 18 digits, 16 bytes
         * above. A value with more decimals or digits refuses its line; nothing is rounded.
         */
        readonly type: 'decimal';
        /** Digits after the point, 0 to `precision`. */
        readonly scale: number;
        /**
         * Digits in all, 1 to 38.
         * @defaultValue 38
         */
        readonly precision?: number;
      }
    | {
        /** A whole number of 64 bits, from a number or a text. */
        readonly type: 'integer';
      }
    | {
        /** A time in UTC from a whole number or its text, or from an ISO-8601 text with its zone, which is kept in µs. */
        readonly type: 'timestamp';
        readonly unit: 'ms' | 'us' | 'ns' | 'iso';
      }
    | {
        /** A text as it is; of a number its very digits, `1.10` included. */
        readonly type: 'text';
      }
    | { readonly type: 'boolean' }
  );

/** What every column has. */
export interface ParquetField {
  /** Name of the column. */
  readonly name: string;
  /**
   * Where the value lies in a record: names joined by points, `data.p`; of an array the index.
   * @defaultValue the name, taken as one name
   */
  readonly field?: string;
  /**
   * Records without the value, or with `null`, give NULL instead of being refused.
   * @defaultValue false
   */
  readonly nullable?: boolean;
}

/** A value as Parquet takes it. */
export type ParquetValue = string | bigint | boolean | null;

/** Why a line does not become a row, as a stable word. */
export type RefusalReason = 'not-json' | 'missing' | 'wrong-type' | 'out-of-range';

/** Thrown by readers of columns; tells why. */
export class Refusal extends Error {
  readonly reason: RefusalReason;
  readonly column: string | undefined;

  constructor(reason: RefusalReason, column?: string) {
    super(reason);
    this.reason = reason;
    this.column = column;
  }
}

/** A column with its schema and its reader. */
export interface ResolvedColumn {
  readonly name: string;
  readonly schema: Record<string, unknown> & { readonly name: string };
  /** @throws Refusal */
  readonly read: (record: unknown) => ParquetValue;
}

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/**
 * Checks columns and prepares their readers.
 *
 * @throws AdaptersError `bad-option`
 */
export function resolveColumns(columns: readonly ParquetColumn[]): readonly ResolvedColumn[] {
  if (columns.length === 0) throw bad('columns', columns, 'at least one column');
  const names = new Set<string>();
  return columns.map((column) => {
    const { name, field, nullable = false } = column;
    if (typeof name !== 'string' || name === '') throw bad('name', name, 'a text');
    if (names.has(name)) throw bad('name', name, 'every column once');
    names.add(name);
    const path = field === undefined ? [name] : field.split('.');
    const { schema, convert } = typeOf(column);
    return {
      name,
      schema: { name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED', ...schema },
      read(record) {
        const value = valueAt(record, path);
        if (value === undefined || value === null) {
          if (nullable) return null;
          throw new Refusal('missing', name);
        }
        return convert(value);
      },
    };
  });
}

function typeOf(column: ParquetColumn): {
  readonly schema: Record<string, unknown>;
  readonly convert: (value: unknown) => ParquetValue;
} {
  const { name } = column;
  switch (column.type) {
    case 'decimal': {
      const { scale, precision = 38 } = column;
      if (!Number.isInteger(precision) || precision < 1 || precision > 38) throw bad('precision', precision, '1 to 38');
      if (!Number.isInteger(scale) || scale < 0 || scale > precision) throw bad('scale', scale, '0 to the precision');
      const limit = 10n ** BigInt(precision);
      const physical = precision <= 18 ? { type: 'INT64' } : { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 };
      return {
        schema: { ...physical, converted_type: 'DECIMAL', scale, precision },
        convert(value) {
          const scaled = scaledDecimal(textOf(value, name), scale, name);
          if (scaled >= limit || scaled <= -limit) throw new Refusal('out-of-range', name);
          return scaled;
        },
      };
    }
    case 'integer':
      return { schema: { type: 'INT64' }, convert: (value) => wholeNumber(value, name) };
    case 'timestamp': {
      const { unit } = column;
      const stored = ({ ms: 'MILLIS', us: 'MICROS', ns: 'NANOS', iso: 'MICROS' } as Record<string, string>)[unit];
      if (stored === undefined) throw bad('unit', unit, 'ms, us, ns or iso');
      return {
        schema: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: stored } },
        convert: (value) => (unit === 'iso' ? isoMicroseconds(value, name) : wholeNumber(value, name)),
      };
    }
    case 'text':
      return { schema: { type: 'BYTE_ARRAY', converted_type: 'UTF8' }, convert: (value) => textOf(value, name) };
    case 'boolean':
      return {
        schema: { type: 'BOOLEAN' },
        convert(value) {
          if (typeof value !== 'boolean') throw new Refusal('wrong-type', name);
          return value;
        },
      };
    default:
      throw bad('type', (column as ParquetColumn).type, 'decimal, integer, timestamp, text or boolean');
  }
}

/** A property of its own, never one that every object has. */
function valueAt(record: unknown, path: readonly string[]): unknown {
  let value = record;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[name];
  }
  return value;
}

function textOf(value: unknown, column: string): string {
  // Half of a surrogate pair has no UTF-8; it would be stored as something else.
  if (typeof value !== 'string' || /\p{Surrogate}/u.test(value)) throw new Refusal('wrong-type', column);
  return value;
}

/** Digits without the point. Zeros at the end may be cut off, anything else may not. */
function scaledDecimal(text: string, scale: number, column: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (!match) throw new Refusal('wrong-type', column);
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return 0n;
  const shift = scale - fraction.length + Number(exponent);
  if (digits.length + shift > 38) throw new Refusal('out-of-range', column);
  const cut = Math.max(0, -shift);
  if (cut >= digits.length || /[^0]/.test(digits.slice(digits.length - cut))) throw new Refusal('out-of-range', column);
  const scaled = BigInt(digits.slice(0, digits.length - cut) + '0'.repeat(Math.max(0, shift)));
  return sign === '-' ? -scaled : scaled;
}

function wholeNumber(value: unknown, column: string): bigint {
  if (typeof value !== 'string' || !/^-?\d{1,19}$/.test(value)) throw new Refusal('wrong-type', column);
  const whole = BigInt(value);
  if (whole < least || whole > most) throw new Refusal('out-of-range', column);
  return whole;
}

function isoMicroseconds(value: unknown, column: string): bigint {
  const match =
    typeof value === 'string' &&
    /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(value);
  if (!match) throw new Refusal('wrong-type', column);
  const [, seconds = '', fraction = '', zone = ''] = match;
  const ms = Date.parse(`${seconds}${zone}`);
  // The platform takes the 31st of February for a day in March.
  const isDay = !Number.isNaN(ms) && new Date(Date.parse(`${seconds}Z`)).toISOString().startsWith(seconds);
  if (!isDay || /[^0]/.test(fraction.slice(6))) throw new Refusal('out-of-range', column);
  return BigInt(ms) * 1_000n + BigInt(fraction.slice(0, 6).padEnd(6, '0'));
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * JSON with every number as the text that it is written as: a double holds neither 9007199254740993 nor 0.10.
 *
 * @throws Refusal
 */
export function parseRecord(line: string): unknown {
  const text = line.startsWith('\ufeff') ? line.slice(1) : line;
  try {
    return JSON.parse(quoteNumbers(text));
  } catch {
    throw new Refusal('not-json');
  }
}

/** What is no valid number stays none: `01` becomes two texts side by side. */
function quoteNumbers(text: string): string {
  let quoted = '';
  for (let at = 0; ;) {
    const open = text.indexOf('"', at);
    const between = text.slice(at, open < 0 ? undefined : open);
    // Most of what stands between two texts is a colon or a comma.
    quoted += between === ':' || between === ',' ? between : between.replace(number, '"$&"');
    if (open < 0) return quoted;
    let close = text.indexOf('"', open + 1);
    while (close >= 0 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
    if (close < 0) return quoted + text.slice(open);
    quoted += text.slice(open, close + 1);
    at = close + 1;
  }
}

/** True after an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes += 1;
  return backslashes % 2 === 1;
}

function bad(name: string, value: unknown, expected: string): AdaptersError {
  return new AdaptersError('bad-option', `The ${name} of a column is ${JSON.stringify(value)}; expected ${expected}.`, {
    value,
  });
}
