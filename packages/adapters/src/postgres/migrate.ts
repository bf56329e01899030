import type { TransactionSql } from 'postgres';
import { AdaptersError } from '../errors.ts';
import type { PostgresClient } from './client.ts';
import { withoutAnswerLimit } from './internal/answer-watch.ts';
import { attempt } from './internal/attempt.ts';
import { transaction } from './internal/transaction.ts';
import { migrations as ownMigrations, type Migration } from './migrations.ts';

/** What {@link migrate} applies. */
export interface MigrateOptions {
  /** Number of the last migration to apply; all of them unless given. Nothing is ever taken back. */
  readonly target?: number;
  /** Another list than this package's, counted from 1 without gaps. */
  readonly migrations?: readonly Migration[];
}

/** What {@link migrate} did. */
export interface MigrationResult {
  /** Numbers that this call applied; empty when the database was up to date. */
  readonly applied: readonly number[];
  /** Number of the newest migration in the database; 0 for none. May be above this package's: a newer version ran. */
  readonly version: number;
}

/** Digits of "tapekit" in ASCII: every runner of every version waits for the same lock. */
const lockKey = '32758232664205684';

/**
 * Brings the database's schema up to date, forward only: each migration in a transaction of its own, with its number,
 * name and SHA-256 kept in `tapekit_migrations`. Any number of processes may call this at once: an advisory lock lets
 * one apply a migration while the others wait and then find it done. The lock belongs to the transaction, so poolers in
 * transaction mode are fine. A database that a newer version has migrated further is left as it is.
 * @throws {@link AdaptersError} `migration-conflict` when an applied migration has other SQL here or one is missing in
 * between, `bad-option` for a target that does not exist, `unreachable`, or `database-refused` with the server's reason.
 */
export async function migrate(sql: PostgresClient, options: MigrateOptions = {}): Promise<MigrationResult> {
  const known = options.migrations ?? ownMigrations;
  const target = options.target ?? known.length;
  known.forEach(({ number, name }, index) => {
    if (number !== index + 1) {
      throw new AdaptersError(
        'bad-option',
        `Migration "${name}" has number "${number}", expected ${index + 1}. Count from 1 without gaps.`,
        { value: number },
      );
    }
  });
  if (!Number.isInteger(target) || target < 0 || target > known.length) {
    throw new AdaptersError('bad-option', `target "${target}" is not a migration. Expected 0 to ${known.length}.`, {
      value: target,
    });
  }
  const checksums = await Promise.all(known.map(({ sql: text }) => sha256(text)));
  const applied: number[] = [];
  for (;;) {
    const step = await withoutAnswerLimit(sql, () =>
      attempt('migrating', () => transaction(sql, (tx) => applyNext(tx, known, checksums, target))),
    );
    if (step.applied === undefined) return { applied, version: step.version };
    applied.push(step.applied);
  }
}

interface Step {
  /** Number that was applied; `undefined` when nothing was left to do. */
  readonly applied?: number;
  readonly version: number;
}

async function applyNext(
  sql: TransactionSql,
  known: readonly Migration[],
  checksums: readonly string[],
  target: number,
): Promise<Step> {
  // Waiting for another runner, and building an index, may outlast any timeout meant for queries.
  await sql`set local statement_timeout = 0`;
  await sql`select pg_advisory_xact_lock(${lockKey}::bigint)`;
  await sql`create table if not exists tapekit_migrations (
    number integer primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  )`;
  const stored = await sql<{ number: number; name: string; checksum: string }[]>`
    select number, name, checksum from tapekit_migrations order by number`;
  stored.forEach((row, index) => requireSame(row, index + 1, known[index] && checksums[index]));
  const next = known[stored.length];
  if (!next || next.number > target) return { version: stored.length };
  await attempt(`applying migration ${next.number} "${next.name}"`, () => sql.unsafe(next.sql).simple());
  await sql`
    insert into tapekit_migrations (number, name, checksum)
    values (${next.number}, ${next.name}, ${checksums[stored.length]!})`;
  return { applied: next.number, version: next.number };
}

function requireSame(
  stored: { readonly number: number; readonly name: string; readonly checksum: string },
  expected: number,
  checksum: string | undefined,
): void {
  if (stored.number !== expected) {
    throw conflict(
      `migration ${expected} was never applied, but ${stored.number} was. Restore the database, or apply the missing one by hand.`,
      stored.number,
    );
  }
  if (checksum === undefined || stored.checksum === checksum) return;
  throw conflict(
    `migration ${stored.number} "${stored.name}" was applied with other SQL (checksum "${stored.checksum}", here "${checksum}"). Undo the edit, and put the change into a new migration.`,
    stored.number,
  );
}

function conflict(what: string, value: number): AdaptersError {
  return new AdaptersError('migration-conflict', `The database does not fit this version: ${what}`, { value });
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
