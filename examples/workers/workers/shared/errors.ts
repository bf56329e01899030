/** Why a request or a message was refused, as a stable word. */
export type ApiErrorCode =
  /** The token is missing or wrong. */
  | 'unauthorized'
  /** A secret of the worker is missing or too short; nobody is let in until it is set. */
  | 'not-configured'
  | 'not-found'
  | 'method-not-allowed'
  /** A WebSocket was expected. */
  | 'upgrade-required'
  /** A name, parameter or body does not follow its grammar. */
  | 'bad-request'
  | 'too-large'
  /** The symbol is well formed, but not among the configured instruments. */
  | 'unknown-symbol'
  /** The tape was started on another grid than the one that is configured now. */
  | 'instrument-changed'
  | 'too-many-connections'
  /** Another worker or the storage did not answer. */
  | 'unavailable'
  | 'internal';

/** Thrown by handlers for what the caller can act on; {@link errorReply} makes the reply of it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: ApiErrorCode;

  constructor(status: number, code: ApiErrorCode, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** True for an {@link ApiError}, also for one that came from a Durable Object and lost its class on the way. */
export function isApiError(error: unknown): error is ApiError {
  return error instanceof Error && 'status' in error && typeof error.status === 'number' && 'code' in error;
}

/** A received value for a message: quoted, control characters escaped, at most 60 characters. */
export function excerpt(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return String(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
