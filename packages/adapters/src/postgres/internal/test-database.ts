/** For tests: one real server for a file, one database for a test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { connectPostgres, type ConnectPostgresOptions, type PostgresClient } from '../client.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../embedded.ts';
import { migrate } from '../migrate.ts';

/** A database of one test; everything goes when the file ends. */
interface TestDatabase {
  readonly url: string;
  readonly sql: PostgresClient;
  /** Another pool to the same database. */
  readonly connect: (options?: ConnectPostgresOptions) => PostgresClient;
}

/** What {@link useTestDatabases} gives. */
export interface TestDatabases {
  /** The server; there from `beforeAll` on. */
  readonly server: () => EmbeddedPostgres;
  /** A fresh database with the schema of this version, or without any tables. */
  readonly create: (options?: { readonly migrated?: boolean }) => Promise<TestDatabase>;
}

/** Call at the top of a test file; it registers the hooks that start and end the server. */
export function useTestDatabases(): TestDatabases {
  let dataDir: string | undefined;
  let server: EmbeddedPostgres | undefined;
  let admin: PostgresClient;
  let count = 0;
  const pools: PostgresClient[] = [];

  const running = (): EmbeddedPostgres => {
    if (!server) throw new Error('The test server starts in beforeAll; create databases inside of tests.');
    return server;
  };
  const urlOf = (name: string): string => running().url.replace(/\/postgres$/, `/${name}`);
  const pool = (url: string, options?: ConnectPostgresOptions): PostgresClient => {
    const sql = connectPostgres(url, options);
    pools.push(sql);
    return sql;
  };

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'tapekit-test-'));
    server = await startEmbeddedPostgres({ dataDir, durable: false });
    admin = pool(server.url, { max: 1 });
    await admin`create database migrated`;
    const template = connectPostgres(urlOf('migrated'), { max: 1 });
    await migrate(template);
    await template.end();
  });

  afterAll(async () => {
    await Promise.all(pools.map((sql) => sql.end({ timeout: 0 })));
    await server?.stop();
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
  });

  return {
    server: running,
    async create({ migrated = true } = {}) {
      const name = `test_${++count}`;
      await admin`create database ${admin(name)} template ${admin(migrated ? 'migrated' : 'template0')}`;
      const url = urlOf(name);
      return { url, sql: pool(url), connect: (options) => pool(url, options) };
    },
  };
}
