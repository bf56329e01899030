/**
 * For tests: one real server for a file, one database for a test. `TAPEKIT_TEST_POSTGRES` names another server (any
 * version from 15 on) by the address of a database from which others may be created.
 */
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
  const external = process.env['TAPEKIT_TEST_POSTGRES'];
  const prefix = external === undefined ? '' : `tapekit_${process.pid}_${Math.trunc(performance.now())}_`;
  const names: string[] = [];
  const pools: PostgresClient[] = [];

  const running = (): EmbeddedPostgres => {
    if (!server) throw new Error('The test server starts in beforeAll; create databases inside of tests.');
    return server;
  };
  const urlOf = (name: string): string => running().url.replace(/\/[^/]*$/, `/${name}`);
  const pool = (url: string, options?: ConnectPostgresOptions): PostgresClient => {
    const sql = connectPostgres(url, options);
    pools.push(sql);
    return sql;
  };

  const createDatabase = async (name: string, template: string): Promise<string> => {
    names.push(prefix + name);
    await admin`create database ${admin(prefix + name)} template ${admin(template)}`;
    return urlOf(prefix + name);
  };

  beforeAll(async () => {
    if (external === undefined) {
      dataDir = await mkdtemp(join(tmpdir(), 'tapekit-test-'));
      server = await startEmbeddedPostgres({ dataDir, durable: false });
    } else {
      server = { url: external, port: 0, pid: 0, version: 'external', stop: () => Promise.resolve() };
    }
    admin = pool(server.url, { max: 1 });
    await createDatabase('migrated', 'template0');
    const template = connectPostgres(urlOf(`${prefix}migrated`), { max: 1 });
    await migrate(template);
    await template.end();
  });

  afterAll(async () => {
    await Promise.all(pools.filter((sql) => sql !== admin).map((sql) => sql.end({ timeout: 0 })));
    if (external !== undefined)
      for (const name of names) await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end({ timeout: 0 });
    await server?.stop();
    if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
  });

  return {
    server: running,
    async create({ migrated = true } = {}) {
      const url = await createDatabase(`test_${++count}`, migrated ? `${prefix}migrated` : 'template0');
      return { url, sql: pool(url), connect: (options) => pool(url, options) };
    },
  };
}
