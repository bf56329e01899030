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
}

/** Opens all parts; when one fails, those before it are closed again. */
export async function openSystem({ out, databaseUrl }: SystemOptions): Promise<System> {
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
    await migrate(sql);
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

async function answers(ask: () => PromiseLike<unknown>): Promise<boolean> {
  try {
    await ask();
    return true;
  } catch {
    return false;
  }
}
