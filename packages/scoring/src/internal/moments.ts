import { ScoringError } from '../errors.ts';

/** Throws `bad-value` unless `value` is a moment as schemas and snapshots keep it. */
export function checkMoment(name: string, value: number): void {
  if (Number.isSafeInteger(value)) return;
  throw new ScoringError(
    'bad-value',
    `${name} "${String(value)}" is not a whole number of milliseconds. Pass epoch milliseconds UTC.`,
    value,
  );
}
