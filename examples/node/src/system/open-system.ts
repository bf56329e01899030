/** Everything that a run stands on: the folder's lock, the database with its schema, the object store. */
import { join } from 'node:path';
import { connectPostgres, createRepositories, migrate } from '@tapekit/adapters/postgres';
import type { Repositories } from '@tapekit/adapters/postgres';
import { startEmbeddedPostgres } from '@tapekit/adapters/postgres/embedded';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { lockFolder } from './folder-lock.ts';

/** An open system. */
export interface System {
  readonly repositories: Repositories;
  readonly store: ObjectStore;
  /** What the database is, for people; no secrets. */
  readonly databaseName: string;
  checkDatabase(): Promise<boolean>;
  checkStore(): Promise<boolean>;
  /** Lets go of everything, in reverse; safe to call again. */
  close(): Promise<void>;
}

export interface SystemOptions {
  /** Results folder: holds the object store under `archive/` and the embedded database under `state/`. */
  readonly out: string;
  /** A Postgres server of the user's; without it an embedded one is started. */
  readonly databaseUrl: string | undefined;
  /** Gives up opening. */
  readonly signal: AbortSignal;
}

const startTimeoutMs = 60_000;

/** The database took the connection, but never answered. */
export class DatabaseSilentError extends Error {
  override readonly name = 'DatabaseSilentError';
}

/** Opens all parts; when one fails, those before it are closed again. */
export async function openSystem({ out, databaseUrl, signal }: SystemOptions): Promise<System> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) await closer();
  };
  try {
    closers.push(await lockFolder(join(out, 'state')));
    let url = databaseUrl;
    if (url === undefined) {
      const server = await startEmbeddedPostgres({ dataDir: join(out, 'state', 'postgres') });
      closers.push(() => server.stop());
      url = server.url;
    }
    const sql = connectPostgres(url, { applicationName: 'tapekit-example-node' });
    closers.push(() => sql.end({ timeout: 5 }));
    await withinTime(
      migrate(sql),
      databaseUrl === undefined ? 'The embedded Postgres' : 'The server of DATABASE_URL',
      signal,
    );
    const store = createFsStore({ root: join(out, 'archive') });
    return {
      repositories: createRepositories(sql),
      store,
      databaseName: databaseUrl === undefined ? 'embedded Postgres' : 'Postgres of DATABASE_URL',
      checkDatabase: () => answers(() => sql`select 1`),
      checkStore: () => answers(() => store.list({ limit: 1 })),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A server that takes the connection and never speaks Postgres would hold the start, and Ctrl-C, for ever. */
async function withinTime<T>(work: Promise<T>, who: string, signal: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(startTimeoutMs);
  const stopped = AbortSignal.any([signal, timeout]);
  const ended = new Promise<never>((_, reject) => {
    stopped.addEventListener('abort', () => {
      const silent = `${who} gave no answer within ${startTimeoutMs / 1000} s. Is it a Postgres server?`;
      reject(signal.aborted ? (signal.reason as Error) : new DatabaseSilentError(silent));
    });
  });
  signal.throwIfAborted();
  return Promise.race([work, ended]);
}

async function answers(ask: () => PromiseLike<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    return false;
  }
}
