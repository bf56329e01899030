/** When a condition holds, given what was known before. */

/** A field's value: a number, or a word such as a signal or a phase. */
export type AlertValue = number | string;

/** Fields by name, known ones only. */
export type AlertValues = Readonly<Record<string, AlertValue>>;

/**
 * How a field is compared: `at-least`, `at-most`, `is` with the reference; `crosses-above` and `crosses-below` with the
 * reference of now and before; `breaks-above` and `breaks-below` with the reference of before, for levels that move
 * away once they are broken; `changes` with the field itself before.
 */
export type AlertComparison = (typeof alertComparisons)[number];

/** All comparisons. */
export const alertComparisons = [
  ...(['at-least', 'at-most', 'is'] as const),
  ...(['crosses-above', 'crosses-below', 'breaks-above', 'breaks-below', 'changes'] as const),
] as const;

/** One condition of a rule. */
export interface AlertCondition {
  /** Name of the field that is looked at. */
  readonly field: string;
  readonly comparison: AlertComparison;
  /** What it is compared with: a number or word. */
  readonly value?: AlertValue;
  /** What it is compared with: another field. */
  readonly other?: string;
}

/** Why the condition can never be met; `undefined` for a sound one. */
export function faultOf(condition: AlertCondition): string | undefined {
  const { field, comparison, value, other } = condition;
  const what = `compares "${field}"`;
  if (typeof field !== 'string' || field === '') return `${what}, expected the name of a field`;
  if (!alertComparisons.includes(comparison)) {
    return `${what} by "${comparison}", expected one of ${alertComparisons.join(', ')}`;
  }
  if (comparison === 'changes') {
    return value === undefined && other === undefined ? undefined : `${what} with itself before, expected no reference`;
  }
  if (value === undefined && other === undefined) return `${what} with nothing, expected a value or another field`;
  if (value !== undefined && other !== undefined) {
    return `${what} with both "${value}" and "${other}", expected one of them`;
  }
  const isSound =
    value === undefined
      ? typeof other === 'string' && other !== ''
      : (typeof value === 'number' && Number.isFinite(value)) || (typeof value === 'string' && comparison === 'is');
  if (isSound) return undefined;
  const expected = value === undefined ? 'the name of a field' : comparison === 'is' ? 'a number or word' : 'a number';
  return `${what} with "${value ?? other}", expected ${expected}`;
}

/** The value of a field; names of `Object` itself are names like any other. */
export function valueOf<Value>(values: Readonly<Record<string, Value>>, field: string): Value | undefined {
  return Object.hasOwn(values, field) ? values[field] : undefined;
}

/** True for what compares with before: it happens at a moment, and may happen again at the next. */
export function isMomentary({ comparison }: AlertCondition): boolean {
  return comparison !== 'at-least' && comparison !== 'at-most' && comparison !== 'is';
}

/** Whether the condition holds; `undefined` when a field that it needs is not known. */
export function holds(condition: AlertCondition, now: AlertValues, before: AlertValues): boolean | undefined {
  const { field, comparison, other } = condition;
  const value = valueOf(now, field);
  const past = valueOf(before, field);
  const reference = (at: AlertValues): AlertValue | undefined =>
    other === undefined ? condition.value : valueOf(at, other);
  if (value === undefined) return undefined;
  if (comparison === 'changes') return past === undefined ? undefined : value !== past;
  if (comparison === 'is') return reference(now) === undefined ? undefined : value === reference(now);
  if (comparison === 'at-least' || comparison === 'at-most') {
    const difference = minus(value, reference(now));
    return difference === undefined ? undefined : comparison === 'at-least' ? difference >= 0 : difference <= 0;
  }
  const ends = minus(value, reference(comparison.startsWith('breaks') ? before : now));
  const started = minus(past, reference(before));
  if (ends === undefined || started === undefined) return undefined;
  return comparison.endsWith('above') ? started <= 0 && ends > 0 : started >= 0 && ends < 0;
}

function minus(a: AlertValue | undefined, b: AlertValue | undefined): number | undefined {
  return typeof a === 'number' && typeof b === 'number' ? a - b : undefined;
}
