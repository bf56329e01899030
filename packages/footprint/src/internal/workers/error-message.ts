import { isOrderflowError, OrderflowError } from '@tapekit/orderflow/errors';
import { FootprintError, isFootprintError } from '../../errors.ts';
import type { ErrorMessage } from './jobs.ts';

/** An error as plain data. */
export function messageOfError(error: unknown): ErrorMessage {
  if (!(error instanceof Error)) {
    return { name: 'Error', message: String(error), code: undefined, value: undefined, stack: undefined };
  }
  const { code, value } = error as { code?: unknown; value?: unknown };
  const { name, message, stack } = error;
  return { name, message, code, value: isPlain(value) ? value : String(value), stack };
}

/** The error of a worker, of the class and with the code that it had there. */
export function errorOfMessage({ name, message, code, value, stack }: ErrorMessage): Error {
  const told = Object.assign(new Error(message), { name, ...(code === undefined ? {} : { code }) });
  const error = isFootprintError(told)
    ? new FootprintError(told.code, message, value)
    : isOrderflowError(told)
      ? new OrderflowError(told.code, message, value)
      : told;
  // Where it happened, not where it arrived.
  if (stack !== undefined) error.stack = stack;
  return error;
}

function isPlain(value: unknown): boolean {
  return value === null || !['object', 'function', 'symbol'].includes(typeof value);
}
