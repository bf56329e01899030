/** Kinds of columns: how a value of a record becomes the text of an array element, and how it is read back. */
import { AdaptersError } from '../../errors.ts';
import { badRecord, canonicalDecimal, jsonObject, nonEmpty, wholeMs, wholeNumber } from './values.ts';

/** One column of a table; `T` is what a record holds. */
export interface Column<T> {
  /** Name in the table; made from the property's unless given. */
  readonly name?: string;
  /** Type of the elements of the array that carries this column. */
  readonly element: string;
  /** Makes an element into the column's value; the element itself unless given. */
  readonly fromElement?: (element: string) => string;
  /** Reads the column; `column` is its quoted name. */
  readonly select: (column: string) => string;
  /** The text of an element; null for unknown. @throws `AdaptersError` `bad-record` naming the field. */
  readonly write: (value: unknown, field: string) => string | null;
  /** A value that sorts where null must stand in a page, for columns that may be unknown. */
  readonly nullAs?: string;
  /** Only for the type. */
  readonly of?: T;
}

const plain = (column: string): string => column;

/** A text of at least one character. */
export function text(): Column<string> {
  return { element: 'text', select: plain, write: nonEmpty };
}

/**
 * A text that must have a form, and that no message repeats: what is wrong here may be a password that was not hashed. It
 * is held back before the server sees it, whose error would quote the row.
 */
export function digest(form: RegExp, expected: string): Column<string> {
  return {
    element: 'text',
    select: plain,
    write(value, field) {
      if (typeof value === 'string' && form.test(value)) return value;
      throw new AdaptersError('bad-record', `${field} is not ${expected} (not shown). Nothing was written.`);
    },
  };
}

/** One of a few texts. */
export function oneOf<T extends string>(...allowed: readonly T[]): Column<T> {
  return {
    element: 'text',
    select: plain,
    write(value, field) {
      if (typeof value === 'string' && (allowed as readonly string[]).includes(value)) return value;
      throw badRecord(field, value, `one of ${allowed.join(', ')}`);
    },
  };
}

/** A decimal string, any number of digits. */
export function decimal(): Column<string> {
  return { element: 'numeric', select: (column) => `trim_scale(${column})`, write: canonicalDecimal };
}

/** A whole number of at most 32 bits. */
export function integer(): Column<number> {
  return {
    element: 'integer',
    select: plain,
    write: (value, field) => String(wholeNumber(value, field, -2_147_483_648)),
  };
}

/** A count: a whole number that JavaScript holds exactly. */
export function count(): Column<number> {
  return {
    element: 'bigint',
    select: (column) => `${column}::float8`,
    write: (value, field) => String(wholeNumber(value, field, 0, Number.MAX_SAFE_INTEGER)),
  };
}

/** Epoch milliseconds UTC. */
export function time(name = 'time'): Column<number> {
  return {
    name,
    element: 'float8',
    fromElement: instant,
    select: (column) => `(extract(epoch from ${column}) * 1000)::float8`,
    write: (value, field) => String(wholeMs(value, field)),
  };
}

/** SQL of the instant that `element` names in epoch milliseconds. */
function instant(element: string): string {
  return `(timestamptz 'epoch' + ${element} * interval '1 millisecond')`;
}

/** A day of the calendar, `YYYY-MM-DD`. */
export function date(): Column<string> {
  return {
    element: 'date',
    select: (column) => `to_char(${column}, 'YYYY-MM-DD')`,
    write(value, field) {
      const at =
        typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : NaN;
      // The engine reads 30 February as 2 March.
      if (!Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === value) return value;
      throw badRecord(field, value, 'a day of the calendar as YYYY-MM-DD');
    },
  };
}

/** True or false. */
export function flag(): Column<boolean> {
  return {
    element: 'boolean',
    select: plain,
    write(value, field) {
      if (typeof value === 'boolean') return String(value);
      throw badRecord(field, value, 'true or false');
    },
  };
}

/** A JSON object. */
export function json<T = object>(): Column<T> {
  return { element: 'jsonb', select: plain, write: jsonObject };
}

/** A list of texts, as an array of the database. */
export function textList(): Column<readonly string[]> {
  return {
    element: 'jsonb',
    fromElement: (element) => `array(select jsonb_array_elements_text(${element}))`,
    select: (column) => `to_jsonb(${column})`,
    write: listText,
  };
}

/** A list of texts, as a JSON document. */
export function jsonTextList(): Column<readonly string[]> {
  return { element: 'jsonb', select: plain, write: listText };
}

function listText(value: unknown, field: string): string {
  if (!Array.isArray(value)) throw badRecord(field, value, 'a list of texts');
  return JSON.stringify(value.map((item) => nonEmpty(item, field)));
}

/** Null where the value is unknown. */
export function optional<T>(column: Column<T>): Column<T | null> {
  return {
    ...(column as Column<T | null>),
    nullAs: standIn[column.element] ?? `''`,
    write: (value, field) => (value === null || value === undefined ? null : column.write(value, field)),
  };
}

/** Sorts before every value of the type. */
const standIn: Readonly<Record<string, string>> = {
  integer: '-2147483648',
  bigint: '-1',
  numeric: `'-Infinity'::numeric`,
  float8: `timestamptz '-infinity'`,
  date: `date '-infinity'`,
  boolean: 'false',
};
