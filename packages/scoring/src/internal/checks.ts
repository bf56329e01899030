import { ScoringError } from '../errors.ts';

/** Squares of differences of such values stay finite. */
const largest = 1e150;

/** Longer windows would take more memory than a symbol is worth. */
const longestPeriod = 1_000_000;

/** Throws `bad-option` unless `value` is a whole number from 1 to 1,000,000. */
export function checkPeriod(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= longestPeriod) return;
  throw new ScoringError(
    'bad-option',
    `${name} "${String(value)}" is not a whole number ${Number.isSafeInteger(value) && value > 0 ? 'up to 1,000,000' : 'of at least 1'}. ` +
      'Pass a number of bars, for example 14.',
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

/** Times this, a value beyond ±1e150 is infinite, and infinity stays in a sum. */
const overflow = 2e158;

/** True when all values from `start` on and before `end` are surely usable; false says only that each needs a look. */
function areUsable(x: Float64Array, start: number, end: number): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let i = start;
  // Four sums, because an addition waits for the one before it.
  for (const last = end - 3; i < last; i += 4) {
    a += x[i]! * overflow;
    b += x[i + 1]! * overflow;
    c += x[i + 2]! * overflow;
    d += x[i + 3]! * overflow;
  }
  for (; i < end; i++) a += x[i]! * overflow;
  return Number.isFinite(a + b + c + d);
}

/**
 * True when all bars from `start` on and before `end` surely have usable prices and no high below its low, in one pass; false
 * says only that each needs a look.
 */
export function areBarsUsable(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  start: number,
  end: number,
): boolean {
  let a = 0;
  let b = 0;
  let c = 0;
  // Twice every negative range: 0 without one, and no two cancel out.
  let inverted = 0;
  for (let i = start; i < end; i++) {
    const top = high[i]!;
    const bottom = low[i]!;
    a += top * overflow;
    b += bottom * overflow;
    c += close[i]! * overflow;
    const range = top - bottom;
    inverted += range - Math.abs(range);
  }
  return Number.isFinite(a + b + c) && inverted === 0;
}

/** Throws `bad-value` unless all values from `start` on and before `end` are usable numbers. */
export function checkValues(x: Float64Array, start: number, end: number): void {
  if (areUsable(x, start, end)) return;
  for (let i = start; i < end; i++) checkValue(x[i]!, i);
}

/** The values as one typed array, every one of them usable; the caller's own array when it is one already. */
export function toColumn(values: readonly number[] | Float64Array): Float64Array {
  if (values instanceof Float64Array) {
    checkValues(values, 0, values.length);
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

/** Throws `bad-option` unless `value` is above 0 and at most 1e6. */
export function checkPositive(name: string, value: number): void {
  if (typeof value === 'number' && value > 0 && value <= 1e6) return;
  throw new ScoringError(
    'bad-option',
    `${name} "${String(value)}" is not a number above 0 and up to 1e6. Pass for example 2.`,
    value,
  );
}

/** Throws `bad-option` unless `value` is a whole number of at least 0. */
export function checkWhole(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new ScoringError('bad-option', `${name} "${String(value)}" is not a whole number of at least 0.`, value);
}

/** Throws `bad-option` unless `value` is a number of bars from 0 to 1,000,000. */
export function checkBars(name: string, value: number): void {
  checkWhole(name, value);
  if (value > 0) checkPeriod(name, value);
}
