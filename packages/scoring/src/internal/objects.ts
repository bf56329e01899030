import { ScoringError } from '../errors.ts';

/** Throws `bad-value` unless `value` is an object; `what` names it, with its place where it has one. */
export function checkObject(what: string, value: unknown): void {
  if (typeof value === 'object' && value !== null) return;
  throw new ScoringError(
    'bad-value',
    `${what} "${String(value)}" is not an object. Leave it out when it is unknown.`,
    value,
  );
}

/** Throws `bad-value` unless `value` is a list. */
export function checkList(what: string, value: unknown): void {
  if (Array.isArray(value)) return;
  throw new ScoringError(
    'bad-value',
    `${what} "${String(value)}" is not a list. Leave it out when it is unknown.`,
    value,
  );
}
