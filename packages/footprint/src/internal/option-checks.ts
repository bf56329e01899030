/** Options of a closed set of words, whole numbers and exact ratios. */
import { FootprintError } from '../errors.ts';

export function checkWord<Word extends string>(name: string, value: Word, words: readonly Word[]): void {
  if (words.includes(value)) return;
  const listed = words.map((word) => `'${word}'`);
  throw new FootprintError(
    'bad-option',
    `${name} "${value}" is unknown. Pass ${listed.slice(0, -1).join(', ')} or ${listed.at(-1)}.`,
    value,
  );
}

export function checkWhole(name: string, value: number, least = 1, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new FootprintError('bad-option', `${name} "${value}" is not a whole number ${range}.`, value);
}

/** More bars than this at once are a mistake: in a price, a time, or the options. */
export const MAX_BARS_AT_ONCE = 100_000;

export function checkGrid(grid: unknown): void {
  const { toTicks, toLots } = (grid as { toTicks?: unknown; toLots?: unknown } | null | undefined) ?? {};
  if (typeof toTicks === 'function' && typeof toLots === 'function') return;
  throw new FootprintError('bad-option', `grid "${String(grid)}" is none. Pass what createGrid gives.`, grid);
}

export function checkOptions(options: unknown, example: string): void {
  if (typeof options === 'object' && options !== null) return;
  throw new FootprintError('bad-option', `options "${String(options)}" are none. Pass ${example}.`, options);
}

/**
 * Refuses names that mean nothing, as a misspelt one does; one without a value was left out.
 *
 * @param known - An object that has every name, such as the defaults.
 * @throws FootprintError `bad-option`.
 */
export function checkNames(what: string, given: object, known: object): void {
  for (const name in given) {
    if (name in known || (given as Readonly<Record<string, unknown>>)[name] === undefined) continue;
    const message = `${what} has no "${name}". Pass ${Object.keys(known).join(', ')}.`;
    throw new FootprintError('bad-option', message, name);
  }
}

/** A fraction of safe integers in lowest terms. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

const DECIMAL = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/** A decimal as it is written, without passing through binary fractions: 0.1 is 1/10. */
export function exactRatio(name: string, value: number | string): Ratio {
  const match = DECIMAL.exec(String(value));
  if (!match) {
    throw new FootprintError(
      'bad-option',
      `${name} "${value}" is not a plain decimal below 1e9 with at most 6 decimals. Pass 3 or '3.5', for example.`,
      value,
    );
  }
  const [, whole = '', fraction = ''] = match;
  return lowestTerms(Number(whole + fraction), 10 ** fraction.length);
}

export function lowestTerms(numerator: number, denominator: number): Ratio {
  const divisor = greatestCommonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
