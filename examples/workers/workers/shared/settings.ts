import { ApiError } from './errors.ts';

/** A variable of a worker: `wrangler.jsonc` gives numbers, `.dev.vars` gives text. */
export type NumberVar = string | number | undefined;

/**
 * A whole number out of a variable.
 *
 * @throws ApiError `not-configured` for anything else
 */
export function wholeVar(name: string, value: NumberVar, fallback: number, range: readonly [number, number]): number {
  if (value === undefined || value === '') return fallback;
  const parsed = typeof value === 'number' ? value : /^-?\d{1,15}$/.test(value) ? Number(value) : NaN;
  const [least, most] = range;
  if (Number.isSafeInteger(parsed) && parsed >= least && parsed <= most) return parsed;
  throw new ApiError(
    503,
    'not-configured',
    `The variable ${name} is "${value}"; expected a whole number from ${least} to ${most}.`,
  );
}
