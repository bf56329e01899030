/** Users, their keys and sessions, what they did, and what ran. */
import { digest, jsonTextList, json, oneOf, optional, text, textList, time } from '../internal/columns.ts';
import { defineTable, type TableDefinition } from '../internal/table-definition.ts';
import type { JsonObject } from '../types.ts';

/** Somebody who may log in. */
export interface UserRecord {
  readonly id: string;
  /** Unique, whatever the case of its letters. */
  readonly username: string;
  /** PHC string of argon2id, scrypt or PBKDF2; anything else is refused. */
  readonly passwordHash: string;
  readonly role: 'admin' | 'member' | 'viewer';
  /** Epoch milliseconds UTC. */
  readonly createdAtMs: number;
  /** Epoch milliseconds UTC; null while the account may be used. */
  readonly disabledAtMs: number | null;
}

/** A key of the API: its digest alone, so that it cannot be read back. Times are epoch milliseconds UTC. */
export interface ApiKeyRecord {
  readonly id: string;
  /** Id of the user. */
  readonly owner: string;
  readonly name: string;
  /** SHA-256 of the key, 64 lower-case hex digits. */
  readonly keyHash: string;
  /** First characters of the key, to tell keys apart; at most 12. */
  readonly shownPrefix: string;
  readonly scopes: readonly string[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

/** A login that has not ended. Times are epoch milliseconds UTC. */
export interface LoginSessionRecord {
  /** SHA-256 of the token, 64 lower-case hex digits. */
  readonly tokenHash: string;
  readonly userId: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly revokedAtMs: number | null;
}

/** Something that was done or tried; never changed once it is written. */
export interface AuditRecord {
  readonly id: string;
  /** Epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly category: string;
  readonly severity: 'info' | 'warning' | 'critical';
  readonly outcome: 'success' | 'failure' | 'denied';
  readonly action: string;
  readonly actor: JsonObject | null;
  readonly resource: JsonObject | null;
  readonly client: JsonObject | null;
  readonly details: JsonObject | null;
}

/** One run of a job. */
export interface JobRunRecord {
  readonly id: string;
  /** Which data source or task. */
  readonly sourceId: string;
  /** The command as its arguments, never as one line. */
  readonly command: readonly string[];
  readonly status: 'pending' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly message: string | null;
  /** Last lines of what it said. */
  readonly output: readonly string[];
  /** Epoch milliseconds UTC. */
  readonly startedAtMs: number;
  /** Epoch milliseconds UTC; null while it runs. */
  readonly finishedAtMs: number | null;
}

const sha256 = () => digest(/^[0-9a-f]{64}$/, 'a SHA-256 of 64 lower-case hex digits');
const document = () => optional(json<JsonObject>());

/** One definition for each table of this file. */
export const accountTables: {
  readonly users: TableDefinition<UserRecord>;
  readonly apiKeys: TableDefinition<ApiKeyRecord>;
  readonly loginSessions: TableDefinition<LoginSessionRecord>;
  readonly auditLogs: TableDefinition<AuditRecord>;
  readonly jobRuns: TableDefinition<JobRunRecord>;
} = {
  users: defineTable<UserRecord>(
    'users',
    {
      id: text(),
      username: text(),
      passwordHash: digest(
        /^\$(argon2id|scrypt|pbkdf2-sha(256|512))\$.+\$.+/,
        'a PHC string of argon2id, scrypt or PBKDF2',
      ),
      role: oneOf('admin', 'member', 'viewer'),
      createdAtMs: time('created_at'),
      disabledAtMs: optional(time('disabled_at')),
    },
    { key: ['id'] },
  ),
  apiKeys: defineTable<ApiKeyRecord>(
    'api_keys',
    {
      id: text(),
      owner: text(),
      name: text(),
      keyHash: sha256(),
      shownPrefix: text(),
      scopes: textList(),
      createdAtMs: time('created_at'),
      expiresAtMs: optional(time('expires_at')),
      lastUsedAtMs: optional(time('last_used_at')),
      revokedAtMs: optional(time('revoked_at')),
    },
    { key: ['id'] },
  ),
  loginSessions: defineTable<LoginSessionRecord>(
    'login_sessions',
    {
      tokenHash: sha256(),
      userId: text(),
      createdAtMs: time('created_at'),
      expiresAtMs: time('expires_at'),
      revokedAtMs: optional(time('revoked_at')),
    },
    { key: ['tokenHash'] },
  ),
  auditLogs: defineTable<AuditRecord>(
    'audit_logs',
    {
      id: text(),
      timeMs: time(),
      category: text(),
      severity: oneOf('info', 'warning', 'critical'),
      outcome: oneOf('success', 'failure', 'denied'),
      action: text(),
      actor: document(),
      resource: document(),
      client: document(),
      details: document(),
    },
    { key: ['id', 'timeMs'], range: 'timeMs', appendOnly: true },
  ),
  jobRuns: defineTable<JobRunRecord>(
    'job_runs',
    {
      id: text(),
      sourceId: text(),
      command: jsonTextList(),
      status: oneOf('pending', 'running', 'completed', 'failed', 'cancelled'),
      message: optional(text()),
      output: textList(),
      startedAtMs: time('started_at'),
      finishedAtMs: optional(time('finished_at')),
    },
    { key: ['id'], range: 'startedAtMs' },
  ),
};
