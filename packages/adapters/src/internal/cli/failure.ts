/** Errors in the words of the command line. */
import { isHousecleaningError } from '@tapekit/housecleaning/errors';

/** What is on standard output with `--json` where there is no other document. */
export interface ErrorDocument {
  readonly error: {
    /** The stable word of the library or of the system; `null` without one. */
    readonly code: string | null;
    readonly message: string;
  };
  /** The report of a run that could not store it. */
  readonly report?: unknown;
}

export function errorDocument(error: unknown): ErrorDocument {
  const code = error instanceof Error && 'code' in error ? String(error.code) : null;
  return {
    error: { code, message: messageOf(error) },
    ...(isHousecleaningError(error, 'report-not-written') ? { report: error.subject } : {}),
  };
}

/** The message, with the causes that it does not name itself. */
export function messageOf(error: unknown): string {
  let text = error instanceof Error ? error.message : String(error);
  let cause = error instanceof Error ? error.cause : undefined;
  for (let depth = 0; cause !== undefined && depth < 5; depth++) {
    const said = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : '';
    if (said !== '' && !text.includes(said)) text = `${text} (${said})`;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return text;
}
