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
  if (values instanceof Float64Array) {
    for (let i = 0; i < values.length; i++) if (!(Math.abs(values[i]!) <= largest)) checkValue(values[i]!, i);
    return values;
  }
  // A typed array takes null for 0 and "12" for 12, so each value is looked at before it goes in.
  const column = new Float64Array(values.length);
  for (let i = 0; i < column.length; i++) {
    const value = values[i]!;
    checkValue(value, i);
    column[i] = value;
  }
  return column;
}
