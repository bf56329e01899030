import { describe, expect, test } from 'vitest';
import { useTestDatabases } from './internal/test-database.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';

const databases = useTestDatabases();
const tables = async (sql: Awaited<ReturnType<typeof databases.create>>['sql']) =>
  (
    await sql<{ name: string }[]>`select table_name as name from information_schema.tables
    where table_schema = 'public' order by table_name collate "C"`
  ).map(({ name }) => name);

describe('migrate', () => {
  test('brings an empty database up to date and then finds nothing to do', async () => {
    const { sql } = await databases.create({ migrated: false });
    expect(await migrate(sql)).toEqual({ applied: [1, 2, 3], version: 3 });
    expect(await migrate(sql)).toEqual({ applied: [], version: 3 });
    expect(await tables(sql)).toEqual([
      'archive_reports',
      'bar_revisions',
      'bars',
      'instruments',
      'orderbook_l1',
      'orderflow_metrics',
      'scores',
      'sessions',
      'tapekit_migrations',
    ]);
  });

  test('goes forward to a target and later to the end', async () => {
    const { sql } = await databases.create({ migrated: false });
    expect(await migrate(sql, { target: 1 })).toEqual({ applied: [1], version: 1 });
    expect(await tables(sql)).toEqual(['bar_revisions', 'bars', 'instruments', 'tapekit_migrations']);
    expect(await migrate(sql)).toEqual({ applied: [2, 3], version: 3 });
    expect(await migrate(sql, { target: 1 })).toEqual({ applied: [], version: 3 });
  });

  test('lets one of several runners apply each migration while all succeed', async () => {
    const { connect } = await databases.create({ migrated: false });
    const runners = Array.from({ length: 4 }, () => connect({ max: 1 }));
    const results = await Promise.all(runners.map((sql) => migrate(sql)));
    expect(results.flatMap(({ applied }) => applied).sort()).toEqual([1, 2, 3]);
    expect(results.every(({ version }) => version === 3)).toBe(true);
    const [row] = await runners[0]!<{ n: number }[]>`select count(*)::int as n from tapekit_migrations`;
    expect(row!.n).toBe(3);
  });

  test('refuses a migration that was edited after it had been applied', async () => {
    const { sql } = await databases.create();
    const edited = migrations.map((m) => (m.number === 2 ? { ...m, sql: `${m.sql} -- edited` } : m));
    const [stored] = await sql<{ checksum: string }[]>`select checksum from tapekit_migrations where number = 2`;
    const failure = await migrate(sql, { migrations: edited }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'AdaptersError', code: 'migration-conflict', value: 2 });
    expect((failure as Error).message.replace(/here "[0-9a-f]{64}"/, 'here "…"')).toBe(
      `The database does not fit this version: migration 2 "quotes and flow" was applied with other SQL (checksum "${stored!.checksum}", here "…"). Undo the edit, and put the change into a new migration.`,
    );
  });

  test('refuses a database in which a migration is missing in between', async () => {
    const { sql } = await databases.create();
    await sql`delete from tapekit_migrations where number = 2`;
    await expect(migrate(sql)).rejects.toMatchObject({
      code: 'migration-conflict',
      message:
        'The database does not fit this version: migration 2 was never applied, but 3 was. Restore the database, or apply the missing one by hand.',
    });
  });

  test('leaves a database alone that a newer version has migrated further', async () => {
    const { sql } = await databases.create();
    const newer = [...migrations, { number: 4, name: 'next', sql: 'create table next_one (id int)' }];
    expect(await migrate(sql, { migrations: newer })).toEqual({ applied: [4], version: 4 });
    expect(await migrate(sql)).toEqual({ applied: [], version: 4 });
  });

  test('leaves nothing of a migration that fails, names it, and can be run again', async () => {
    const { sql } = await databases.create();
    const broken = [...migrations, { number: 4, name: 'broken', sql: 'create table half (id int); select 1/0' }];
    await expect(migrate(sql, { migrations: broken })).rejects.toMatchObject({
      name: 'AdaptersError',
      message: expect.stringMatching(
        /^While applying migration 4 "broken", the database answered 22012 \(division by zero\)/,
      ),
    });
    expect(await tables(sql)).not.toContain('half');
    expect(await migrate(sql)).toEqual({ applied: [], version: 3 });
  });

  test('refuses a target that does not exist', async () => {
    const { sql } = await databases.create({ migrated: false });
    await expect(migrate(sql, { target: 9 })).rejects.toMatchObject({
      code: 'bad-option',
      message: 'target "9" is not a migration. Expected 0 to 3.',
    });
  });

  test('keeps the statement timeout of the pool', async () => {
    const { connect } = await databases.create({ migrated: false });
    const sql = connect({ max: 1, statementTimeoutMs: 12_000 });
    await migrate(sql);
    expect(await sql`show statement_timeout`).toEqual([{ statement_timeout: '12s' }]);
  });
});
