import postgres, { type Sql } from 'postgres';
import { AdaptersError } from '../errors.ts';
import { createAnswerWatch, rememberWatch } from './internal/answer-watch.ts';

/** A pool of connections, as the `postgres` package makes them; {@link connectPostgres} sets one up for this schema. */
export type PostgresClient = Sql;

/** How {@link connectPostgres} talks to the server. */
export interface ConnectPostgresOptions {
  /**
   * Most connections at once; in a Worker 1 to 5.
   * @defaultValue 5
   */
  readonly max?: number;
  /**
   * The server gives up a statement after this time, in milliseconds. 0 leaves it to the server's own setting, which
   * poolers that refuse start-up settings need.
   * @defaultValue 30_000
   */
  readonly statementTimeoutMs?: number;
  /**
   * Close a connection whose server owes an answer and says nothing for this time, in milliseconds: the limit of the
   * client, for links that are dead or frozen, where `statementTimeoutMs` has no effect. The call rejects with
   * `unreachable`; whether a write took place is then unknown, and writing the same again is safe. 0 is no limit. It
   * rests while `migrate` or `maintainPartitions` run. In Workers and for an address with several hosts there is none;
   * over TLS the limit ends with the first bytes of an answer.
   * @defaultValue 10 s more than statementTimeoutMs; no limit where that is 0
   */
  readonly answerTimeoutMs?: number;
  /**
   * Give up connecting after this time, in milliseconds.
   * @defaultValue 10_000
   */
  readonly connectTimeoutMs?: number;
  /**
   * Named prepared statements; false behind a pooler in transaction mode.
   * @defaultValue true
   */
  readonly prepare?: boolean;
  /**
   * What the server's `pg_stat_activity` shows.
   * @defaultValue 'tapekit'
   */
  readonly applicationName?: string;
}

/** What {@link connectPostgres} does unless told otherwise. */
export const connectPostgresDefaults = {
  max: 5,
  statementTimeoutMs: 30_000,
  connectTimeoutMs: 10_000,
  prepare: true,
  applicationName: 'tapekit',
} as const satisfies ConnectPostgresOptions;

/**
 * A pool for `url`; nothing is opened before the first query. End it with `sql.end()`. Array types are not looked up
 * (one round trip less for each connection), so queries of your own pass arrays as JSON or by `sql.array`, and use
 * `sql.begin` rather than `sql.reserve`, which then waits forever on a connection that is not open yet. A connection that is
 * lost inside of your own `sql.begin` ends the process with an exception (issue 1208 of the client, 3.4.9), unless your
 * callback catches the failure and never ends; what this package writes in transactions does.
 * @throws {@link AdaptersError} `bad-option`; the address may hold a password and is not repeated.
 */
export function connectPostgres(url: string, options: ConnectPostgresOptions = {}): PostgresClient {
  const { max, statementTimeoutMs, connectTimeoutMs, prepare, applicationName } = {
    ...connectPostgresDefaults,
    ...options,
  };
  requireWhole('max', max, 1);
  requireWhole('statementTimeoutMs', statementTimeoutMs, 0);
  const answerTimeoutMs = options.answerTimeoutMs ?? (statementTimeoutMs === 0 ? 0 : statementTimeoutMs + 10_000);
  requireWhole('connectTimeoutMs', connectTimeoutMs, 1);
  requireWhole('answerTimeoutMs', answerTimeoutMs, 0);
  if (typeof url !== 'string' || !/^postgres(ql)?:\/\//.test(url)) throw badAddress();
  // Several hosts are tried in turn by the client alone.
  const oneHost = !/^[^/]*\/\/[^/?]*,/.test(url);
  const watch = oneHost ? createAnswerWatch(Math.min(answerTimeoutMs, longestTimer)) : undefined;
  try {
    const sql = postgres(url, {
      ...(watch && { socket: watch.socket }),
      max,
      prepare,
      connect_timeout: connectTimeoutMs / 1000,
      fetch_types: false,
      onnotice: () => undefined,
      connection: {
        application_name: applicationName,
        ...(statementTimeoutMs === 0 ? {} : { statement_timeout: statementTimeoutMs }),
      },
    } as PostgresOptions);
    if (watch) rememberWatch(sql, watch);
    return sql;
  } catch {
    // No cause: the error of a malformed address quotes the address.
    throw badAddress();
  }
}

/** `socket` is an option of the client (3.4.9) that its types leave out. */
type PostgresOptions = NonNullable<Parameters<typeof postgres>[1]>;

/** Timers of the platform end here: a longer one would fire at once. */
const longestTimer = 2 ** 31 - 1;

function badAddress(): AdaptersError {
  return new AdaptersError(
    'bad-option',
    'The database address is not a valid postgres:// address (not shown, it may hold a password). Expected postgres://user:password@host:5432/database, with special characters of the password percent-encoded.',
  );
}

function requireWhole(option: keyof ConnectPostgresOptions, value: number, least: number): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new AdaptersError('bad-option', `${option} "${value}" is not a whole number of at least ${least}.`, { value });
}
