/** What went wrong on this side of the wire, as a stable word that callers can switch on. */
export type SdkErrorCode =
  /** An option of the client has a value outside its documented domain. */
  | 'bad-option'
  /** A path parameter cannot be one, for example an empty symbol; nothing was sent. */
  | 'bad-argument'
  /** The server cannot be reached, or the connection broke before the reply was complete. */
  | 'network'
  /** The reply was not complete after `timeoutMs`. */
  | 'timeout'
  /** The reply is not what the contract says: not JSON, not the documented shape, a redirect. */
  | 'bad-response';

/** Thrown by the client for what is not the server's own answer. Its message never holds a header or a key. */
export class SdkError extends Error {
  override readonly name = 'SdkError';
  /** Stable reason; the message is for people and may change. */
  readonly code: SdkErrorCode;
  /** The operation that was called; `undefined` when the client was only being made. */
  readonly operationId: string | undefined;

  constructor(code: SdkErrorCode, message: string, details: ErrorOptions & { readonly operationId?: string } = {}) {
    super(message, 'cause' in details ? { cause: details.cause } : undefined);
    this.code = code;
    this.operationId = details.operationId;
  }
}

/** What a {@link TapekitApiError} carries besides its message. */
export interface TapekitApiErrorDetails {
  readonly status: number;
  readonly code: string;
  readonly operationId: string;
  readonly requestId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** Thrown when the server answers with an error status. */
export class TapekitApiError extends Error {
  override readonly name = 'TapekitApiError';
  /** HTTP status of the reply. */
  readonly status: number;
  /** The server's stable word, for example `not-found`; `http-{status}` where the body had none. */
  readonly code: string;
  /** The operation that was called. */
  readonly operationId: string;
  /** The id under which the server logged the request; `undefined` when it gave none. */
  readonly requestId: string | undefined;
  /** How long the server asks to wait, in milliseconds; `undefined` when it does not say. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, details: TapekitApiErrorDetails) {
    super(message);
    this.status = details.status;
    this.code = details.code;
    this.operationId = details.operationId;
    this.requestId = details.requestId;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** True for an {@link SdkError}, also across two copies of this package; with `code`, only for that reason. */
export function isSdkError(error: unknown, code?: SdkErrorCode): error is SdkError {
  if (!(error instanceof Error) || error.name !== 'SdkError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}

/** True for a {@link TapekitApiError}, also across two copies of this package; with `code`, only for that word. */
export function isTapekitApiError(error: unknown, code?: string): error is TapekitApiError {
  if (!(error instanceof Error) || error.name !== 'TapekitApiError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
