import { AdaptersError, type AdaptersErrorCode } from '../../errors.ts';

/** Codes of the client and of the platform for a connection that cannot be made or that broke. */
const connectionCodes = new Set([
  'ANSWER_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/** A server's goodbye to a session: shut down by an administrator, after a crash, or for having been idle. */
const goodbye = /^57P0[125]$/;

/** True if an error, or what caused it, is that the connection could not be made, or is gone or about to go. */
export function isConnectionLoss(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined && (connectionCodes.has(code) || goodbye.test(code))) return true;
  return error instanceof Error && isConnectionLoss(error.cause);
}

/** More than any pool has connections that were closed at once, or a table partitions that come while a row is stored. */
const mostRetries = 100;

/**
 * Runs a query; a failure comes as an `AdaptersError` that says what was being done, with the original as `cause`.
 * Neither repeats the address or the password of the connection.
 *
 * A goodbye is followed by another try: the client (3.4.9) fails the query that was cut with `CONNECTION_CLOSED`, but
 * keeps the goodbye and fails the first query of the next connection with it, which thereby never ran. So is a row that lost
 * its partition on the way: one that takes its time span was attached after the server had chosen the default one.
 */
export async function attempt<T>(doing: string, work: () => PromiseLike<T>): Promise<T> {
  let first: unknown;
  for (let retries = 0; ; retries += 1) {
    try {
      return await work();
    } catch (error) {
      const code = sqlState(error);
      // Inside of a transaction of the caller there is no second try: what stands in its way is the first failure.
      if (code === '25P02' && first !== undefined) throw describe(doing, first);
      const isWorthATry = code !== undefined && (goodbye.test(code) || lostItsPartition(error, code));
      if (!isWorthATry || retries === mostRetries) throw describe(doing, error);
      first ??= error;
    }
  }
}

/** A partition's bounds are the one check without a name. */
function lostItsPartition(error: unknown, code: string): boolean {
  const { constraint_name: name } = error as { readonly constraint_name?: string };
  return code === '23514' && name === undefined;
}

function describe(doing: string, cause: unknown): Error {
  if (cause instanceof AdaptersError) return cause;
  const code = sqlState(cause);
  // Not from the database: a mistake of ours must stay visible as what it is.
  if (code === undefined) return cause instanceof Error ? cause : new Error(String(cause));
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (code === 'ANSWER_TIMEOUT') {
    const next = 'Whether it took place is unknown; check the network, then do it again, which is safe.';
    return new AdaptersError('unreachable', `While ${doing}, there was ${reason}. ${next}`, { cause });
  }
  const [ours, next] = classify(code);
  return new AdaptersError(ours, `While ${doing}, the database answered ${code} (${reason}). ${next}`, { cause });
}

function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && (connectionCodes.has(code) || /^[0-9A-Z]{5}$/.test(code)) ? code : undefined;
}

/** SQLSTATE classes: PostgreSQL manual, appendix A. */
function classify(code: string): [AdaptersErrorCode, next: string] {
  if (connectionCodes.has(code) || code.startsWith('08') || code.startsWith('57P')) {
    return ['unreachable', 'Check that the server runs and that DATABASE_URL names it, then try again.'];
  }
  if (code === '57014' || code === '55P03') {
    return ['database-timeout', 'Ask for less at once, or raise statementTimeoutMs.'];
  }
  // Class 40: a deadlock, or a transaction that could not be put in an order with others.
  if (code.startsWith('40'))
    return ['database-timeout', 'Another writer was in the way and nothing was changed; try again.'];
  if (code === '42P01' || code === '42703') return ['database-refused', 'Run migrate(sql) on this database first.'];
  if (code.startsWith('28')) return ['database-refused', 'Check user and password in DATABASE_URL.'];
  if (code.startsWith('23'))
    return ['database-refused', 'The record breaks a rule of the table; correct it and write again.'];
  if (code.startsWith('22'))
    return ['bad-record', 'The record holds a value that its column cannot; correct it and write again.'];
  return ['database-refused', 'Nothing was changed by this call.'];
}
