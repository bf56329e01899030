/** What went wrong, as a stable word that callers can switch on. */
export type ScoringErrorCode =
  /** An option (a period, a threshold) has a value outside its documented domain. */
  | 'bad-option'
  /** An input is not a finite number or lies outside its range; the message names where. */
  | 'bad-value'
  /** Weights are empty, negative, not finite or all zero. */
  | 'bad-weights'
  /** A component is twice in the list, has no weight, or contradicts itself. */
  | 'bad-component'
  /** A snapshot handed to `restore…` was not made by that indicator or by a version that it reads. */
  | 'bad-snapshot'
  /** `replaceLast` was called before the first `push`. */
  | 'no-open-bar';

/** Thrown for what the caller can act on; inputs that are merely unknown make a component `missing` instead. */
export class ScoringError extends Error {
  override readonly name = 'ScoringError';
  /** Stable reason; the message is for people and may change. */
  readonly code: ScoringErrorCode;
  /** The value that was refused, as it was received. */
  readonly value: unknown;

  constructor(code: ScoringErrorCode, message: string, value?: unknown) {
    super(message);
    this.code = code;
    this.value = value;
  }
}

/** True for a {@link ScoringError}, also across two copies of this package; with `code`, only for that reason. */
export function isScoringError(error: unknown, code?: ScoringErrorCode): error is ScoringError {
  if (!(error instanceof Error) || error.name !== 'ScoringError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
