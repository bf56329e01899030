/** A decoder of one raw deflate stream that is fed in pieces. */
export interface Inflater {
  /** Takes the next piece, which must not change until the next call; gives what can be decoded so far, each piece until the next. */
  push(bytes: Uint8Array): Iterable<Uint8Array>;
  /** Gives the rest; the stream must end with the last byte that was pushed. */
  end(): Iterable<Uint8Array>;
}

/** What is wrong with a stream: it ends too early, goes on after its end, decodes to too much, or makes no sense. */
export type InflateFault = 'truncated' | 'tail' | 'too-long' | 'damaged';

/** Thrown by every decoder for a stream that is not what it should be. */
export class InflateError extends Error {
  readonly fault: InflateFault;

  constructor(fault: InflateFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.fault = fault;
  }
}

/** The word of a platform's decoder for what it refused; anything else stays as it is. */
export function asInflateError(error: unknown): unknown {
  if (error instanceof InflateError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  const isPlatformWord = (typeof code === 'string' && code.startsWith('Z_')) || error instanceof TypeError;
  if (!isPlatformWord) return error;
  const fault: InflateFault = code === 'Z_BUF_ERROR' ? 'truncated' : /trailing/i.test(message) ? 'tail' : 'damaged';
  return new InflateError(fault, fault === 'truncated' ? 'it ends in the middle of a block' : message, {
    cause: error,
  });
}
