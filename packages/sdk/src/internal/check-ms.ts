import { SdkError } from '../errors.ts';

/** Timers take no more; beyond it they fire at once. */
const longestMs = 2 ** 31 - 1;

/** Throws `bad-option` unless `value` is a time that a timer can wait, at least `leastMs`. */
export function checkMs(option: string, value: number, leastMs: number, operationId?: string): void {
  if (typeof value === 'number' && value >= leastMs && value <= longestMs) return;
  throw new SdkError(
    'bad-option',
    `Option "${option}" is "${String(value)}"; expected ${leastMs} to ${longestMs} milliseconds. Leave it out for the default.`,
    operationId === undefined ? {} : { operationId },
  );
}
