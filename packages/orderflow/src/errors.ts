/** What went wrong, as a stable word that callers can switch on. */
export type OrderflowErrorCode =
  /** A literal is not a decimal number. */
  | 'bad-decimal'
  /** A value is a decimal number, but no whole multiple of the grid's step. */
  | 'off-grid'
  /** A value in steps of the grid leaves the range of exact integers. */
  | 'out-of-range'
  /** A trade has a size that is no whole number of lots, or a time that is none. */
  | 'bad-trade'
  /** A quote has a price that is no whole number of ticks, or a size that is no whole, unsigned number of lots. */
  | 'bad-quote'
  /** A value of a series is not a finite number. */
  | 'bad-value'
  /** Columns that belong together differ in length. */
  | 'bad-columns'
  /** An option has a value outside its documented domain. */
  | 'bad-option'
  /** A bar has a value that no bar can have: not finite, high below low, close outside, or negative volume. */
  | 'bad-bar'
  /** A ratio was asked for over an empty total. */
  | 'zero-denominator'
  /** A snapshot handed to `restore` was not made by this module or by a version that it reads. */
  | 'bad-snapshot';

/** Thrown for what the caller can act on; bad market data is counted instead. */
export class OrderflowError extends Error {
  override readonly name = 'OrderflowError';
  /** Stable reason; the message is for people and may change. */
  readonly code: OrderflowErrorCode;
  /** The value that was refused, as it was received. */
  readonly value: unknown;

  constructor(code: OrderflowErrorCode, message: string, value?: unknown) {
    super(message);
    this.code = code;
    this.value = value;
  }
}

/** True for an {@link OrderflowError}, also across two copies of this package; with `code`, only for that reason. */
export function isOrderflowError(error: unknown, code?: OrderflowErrorCode): error is OrderflowError {
  if (!(error instanceof Error) || error.name !== 'OrderflowError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
