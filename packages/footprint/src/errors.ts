/** What went wrong, as a stable word that callers can switch on. */
export type FootprintErrorCode =
  /** An option has a value outside its documented domain. */
  | 'bad-option'
  /** A trade or bar is none on the grid: a fractional tick, no time, an unknown side word, an id that lost digits. */
  | 'bad-trade'
  /** A sum is no safe integer where only one fits. */
  | 'out-of-range'
  /** Bytes are not those of encodeFootprints: cut, changed, of another version, or of something else. */
  | 'bad-binary'
  /** A stored footprint is not version 1, or its numbers contradict each other. */
  | 'bad-json'
  /** A snapshot handed to `restore` was not made by this module, by a version that it reads, or with these options. */
  | 'bad-snapshot'
  /** A file became shorter while it was read. */
  | 'file-changed'
  /** A worker thread ended before its part was done: it died, it gave no answer, or its pool was closed. */
  | 'worker-lost';

/** Thrown for what the caller can act on; late, duplicate and empty trades are counted instead. */
export class FootprintError extends Error {
  override readonly name = 'FootprintError';
  /** Stable reason; the message is for people and may change. */
  readonly code: FootprintErrorCode;
  /** The value that was refused, as it was received. */
  readonly value: unknown;

  constructor(code: FootprintErrorCode, message: string, value?: unknown) {
    super(message);
    this.code = code;
    this.value = value;
  }
}

/** True for a {@link FootprintError}, also across two copies of this package; with `code`, only for that reason. */
export function isFootprintError(error: unknown, code?: FootprintErrorCode): error is FootprintError {
  if (!(error instanceof Error) || error.name !== 'FootprintError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
