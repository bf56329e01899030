import { HousecleaningError } from '../errors.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';

const plainPattern = /^[A-Z0-9](?:[A-Z0-9._-]{0,30}[A-Z0-9])?$/;
const escapedPattern = /^(?:[A-Z0-9._-]|~[0-9A-F]{2}){1,64}$/;
const maxNameBytes = 64;

/**
 * True for 1 to 32 of `A-Z 0-9 . _ -`, a letter or digit first and last, and for what {@link escapeSymbol} makes of other
 * names. Nothing that is true for leaves its place in a key, and no two differ in case alone.
 */
export function isSymbol(text: string): boolean {
  if (plainPattern.test(text)) return true;
  if (!escapedPattern.test(text)) return false;
  const name = decodeName(text);
  return isName(name) && encodeName(name) === text;
}

/**
 * The symbol of a key for any vendor's name. A name of the plain grammar stands for itself; in others every byte of UTF-8
 * outside `A-Z 0-9 . _ -` becomes `~XX`, and so does punctuation at either end. Small letters are escaped as well: file
 * systems that ignore case would take two symbols for one.
 *
 * @example
 * ```ts
 * escapeSymbol('BTC-USD'); // => 'BTC-USD'
 * escapeSymbol('BTC/USD'); // => 'BTC~2FUSD'
 * escapeSymbol('^JKSE'); // => '~5EJKSE'
 * escapeSymbol('kPEPE'); // => '~6BPEPE'
 * ```
 * @throws HousecleaningError `bad-key` for an empty name, more than 64 bytes, control characters or half a surrogate pair
 */
export function escapeSymbol(name: string): string {
  if (!isName(name)) throw badKey('name', name, `1 to ${maxNameBytes} bytes of UTF-8 without control characters`);
  return encodeName(name);
}

/**
 * The vendor's name that {@link escapeSymbol} made a symbol of.
 *
 * @throws HousecleaningError `bad-key`
 */
export function unescapeSymbol(symbol: string): string {
  if (!isSymbol(symbol)) throw badSymbol(symbol);
  return plainPattern.test(symbol) ? symbol : decodeName(symbol);
}

function isName(name: string): boolean {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  return name !== '' && toUtf8(name).length <= maxNameBytes && !/[\u0000-\u001f\u007f]|\p{Surrogate}/u.test(name);
}

/** Escapes what the plain grammar does not take; where that is only the length, the first byte. */
function encodeName(name: string): string {
  if (plainPattern.test(name)) return name;
  const bytes = [...toUtf8(name)];
  const isPlain = bytes.map((byte, i) => {
    const inside = i > 0 && i < bytes.length - 1;
    return (inside ? /[A-Z0-9._-]/ : /[A-Z0-9]/).test(String.fromCharCode(byte));
  });
  if (isPlain.every(Boolean)) isPlain[0] = false;
  return bytes
    .map((byte, i) => (isPlain[i] ? String.fromCharCode(byte) : `~${byte.toString(16).toUpperCase().padStart(2, '0')}`))
    .join('');
}

/** The name; bytes that are no UTF-8 give one that is encoded otherwise. */
function decodeName(symbol: string): string {
  const parts = symbol.match(/~..|./g) ?? [];
  return fromUtf8(
    Uint8Array.from(parts, (part) => (part.length === 1 ? part.charCodeAt(0) : parseInt(part.slice(1), 16))),
  );
}

/** Refuses a symbol. */
export function badSymbol(symbol: string): HousecleaningError {
  const expected = '1 to 32 of A-Z 0-9 . _ - with a letter or digit first and last';
  return badKey('symbol', symbol, `${expected}, or what escapeSymbol makes of the vendor's name`);
}

/** Refuses a part of a key. */
export function badKey(name: string, value: unknown, expected: string): HousecleaningError {
  return new HousecleaningError(
    'bad-key',
    `The ${name} ${JSON.stringify(value)} cannot be part of a key; expected ${expected}.`,
    value,
  );
}
