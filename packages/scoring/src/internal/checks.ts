import { ScoringError } from '../errors.ts';

/** Squares of differences of such values stay finite. */
const largest = 1e150;

/** Throws `bad-option` unless `value` is a whole number of at least 1. */
export function checkPeriod(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new ScoringError(
    'bad-option',
    `${name} "${String(value)}" is not a whole number of at least 1. Pass a number of bars, for example 14.`,
    value,
  );
}

/** True for a number that the indicators can take. */
export function isUsable(value: number): boolean {
  return Math.abs(value) <= largest;
}

/** Throws `bad-value` unless `value` is a usable number; `index` counts from 0. */
export function checkValue(value: number, index: number): void {
  if (typeof value === 'number' && isUsable(value)) return;
  throw new ScoringError(
    'bad-value',
    `value "${String(value)}" at index ${index} is not a finite number within ±1e150. ` +
      'Leave the bar out, or mend it where it comes from.',
    value,
  );
}

/** The values as one typed array, every one of them usable; the caller's own array when it is one already. */
export function toColumn(values: readonly number[] | Float64Array): Float64Array {
  const column = values instanceof Float64Array ? values : new Float64Array(values);
  for (let i = 0; i < column.length; i++) if (!(Math.abs(column[i]!) <= largest)) checkValue(values[i]!, i);
  return column;
}
