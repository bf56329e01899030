/** What went wrong, as a stable word that callers can switch on. */
export type AdaptersErrorCode =
  /** An option, an environment variable or an address has a value outside its documented domain. */
  | 'bad-option'
  /** The input holds no record of the symbol that was asked for; the message names the symbols that are there. */
  | 'unknown-symbol'
  /** A file or a stream of an input cannot be opened or read. */
  | 'unreadable-input'
  /** A compressed input ends before its end mark; everything decodable before the cut was delivered. */
  | 'truncated-input'
  /** A compressed input is damaged; what was decoded before the damage was delivered. */
  | 'corrupt-input'
  /** A server answered with a status or a body that is not what its documentation says. */
  | 'bad-response'
  /** A server asked for fewer requests; `retryAfterMs` says for how long, where the server says it. */
  | 'rate-limited'
  /** A server cannot be reached, or the connection broke before the answer was complete. */
  | 'unreachable'
  /** A venue refused a login or a subscription, and says that trying again cannot help. */
  | 'feed-refused'
  /** What was asked for needs an optional dependency, a binary or an extension that is not installed. */
  | 'not-installed'
  /** A database cannot be started, or its files are not usable. */
  | 'database-failed'
  /** No PostgreSQL can be started here: its binaries are not installed, or none exist for this platform. */
  | 'embedded-unavailable'
  /** Another process that is alive runs the embedded server of this folder. */
  | 'database-in-use'
  /** The database took longer than its statement timeout allows, or another writer was in the way for too long. */
  | 'database-timeout'
  /** The database refused a login or a statement; the message carries its reason. */
  | 'database-refused'
  /** A migration was changed after it had been applied, or one that was applied is missing here. */
  | 'migration-conflict'
  /** A page cursor that was not handed out for this query. */
  | 'bad-cursor'
  /** A record that was handed in, or a stored row or snapshot, is not of the shape that this version writes. */
  | 'bad-record'
  /** The object was closed before this call. */
  | 'closed';

/** What an {@link AdaptersError} carries besides its message. */
export interface AdaptersErrorDetails extends ErrorOptions {
  /** The value that was refused, as it was received. */
  readonly value?: unknown;
  /** HTTP status of the answer, where there was one. */
  readonly status?: number;
  /** How long the server asks to wait, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** Thrown for what the caller can act on; bad market data is counted and quarantined instead. */
export class AdaptersError extends Error {
  override readonly name = 'AdaptersError';
  /** Stable reason; the message is for people and may change. */
  readonly code: AdaptersErrorCode;
  /** The value that was refused, as it was received. */
  readonly value: unknown;
  /** HTTP status of the answer, where there was one. */
  readonly status: number | undefined;
  /** How long the server asks to wait, in milliseconds; `undefined` when it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(code: AdaptersErrorCode, message: string, details: AdaptersErrorDetails = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.value = details.value;
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** True for an {@link AdaptersError}, also across two copies of this package; with `code`, only for that reason. */
export function isAdaptersError(error: unknown, code?: AdaptersErrorCode): error is AdaptersError {
  if (!(error instanceof Error) || error.name !== 'AdaptersError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
