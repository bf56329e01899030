import { describe, expect, test } from 'vitest';
import { testBar } from './internal/test-bars.ts';
import { useTestDatabases } from './internal/test-database.ts';
import { testQuotes } from './internal/test-quotes.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { createRepositories } from './repositories.ts';

const databases = useTestDatabases();
const all = migrations.map(({ number }) => number);
const next = all.length + 1;
const tables = async (sql: Awaited<ReturnType<typeof databases.create>>['sql']) =>
  (
    await sql<{ name: string }[]>`select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name not like '%\\_rest' order by table_name collate "C"`
  ).map(({ name }) => name);

describe('migrate', () => {
  test('brings an empty database up to date and then finds nothing to do', async () => {
    const { sql } = await databases.create({ migrated: false });
    expect(await migrate(sql)).toEqual({ applied: all, version: all.length });
    expect(await migrate(sql)).toEqual({ applied: [], version: all.length });
    expect(await tables(sql)).toEqual(
      `alert_history alerts api_keys archive_reports audit_logs balance_sheets bar_revisions bars broker_classes
      broker_summary brokers cash_flow_statements company_profiles corporate_actions financial_ratios financials
      income_statements instruments job_runs login_sessions ml_predictions orderbook_l1 orderflow_metrics scores
      sentiment_data sessions settings shareholdings stock_news stock_price_revisions stock_prices stock_scores stocks
      subsidiaries tapekit_migrations users watchlist`.split(/\s+/),
    );
  });

  test('goes forward to a target and later to the end', async () => {
    const { sql } = await databases.create({ migrated: false });
    expect(await migrate(sql, { target: 1 })).toEqual({ applied: [1], version: 1 });
    expect(await tables(sql)).toEqual(['bar_revisions', 'bars', 'instruments', 'tapekit_migrations']);
    expect(await migrate(sql)).toEqual({ applied: all.slice(1), version: all.length });
    expect(await migrate(sql, { target: 1 })).toEqual({ applied: [], version: all.length });
  });

  test('lets one of several runners apply each migration while all succeed', async () => {
    const { connect } = await databases.create({ migrated: false });
    const runners = Array.from({ length: 4 }, () => connect({ max: 1 }));
    const results = await Promise.all(runners.map((sql) => migrate(sql)));
    expect(results.flatMap(({ applied }) => applied).sort()).toEqual(all);
    expect(results.every(({ version }) => version === all.length)).toBe(true);
    const [row] = await runners[0]!<{ n: number }[]>`select count(*)::int as n from tapekit_migrations`;
    expect(row!.n).toBe(all.length);
  });

  test('never changes a migration that was released', async () => {
    const { sql } = await databases.create();
    const rows = await sql<
      { checksum: string }[]
    >`select left(checksum, 16) as checksum from tapekit_migrations order by number limit 3`;
    expect(rows.map(({ checksum }) => checksum)).toEqual(['e2d72ee898f3ad5b', '55cb90efa472a2a3', 'd45bf2367a6fd492']);
  });

  test('spreads tables that hold data over time without losing a row, a revision or a rule', async () => {
    const { sql } = await databases.create({ migrated: false });
    await migrate(sql, { target: 3 });
    const { bars, l1 } = createRepositories(sql);
    const minute = 60_000;
    await bars.upsertMany([testBar(0), testBar(minute)], { intervalMs: minute });
    await bars.upsertMany([testBar(0, { vwap: '2680.771' })], { intervalMs: minute, revisions: [1] });
    await l1.insertMany(testQuotes(100));
    expect((await migrate(sql)).version).toBe(all.length);
    const stored = [testBar(0, { vwap: '2680.771' }), testBar(minute)];
    expect((await bars.page({ symbol: 'ETHUSDT' })).items).toEqual(stored);
    expect(await l1.insertMany(testQuotes(101))).toEqual({ written: 1, kept: 100 });
    await bars.upsertMany([testBar(0, { vwap: '2680.772' })], { intervalMs: minute, revisions: [2] });
    const revisions = await bars.revisions({ symbol: 'ETHUSDT', intervalMs: minute, startMs: 0 });
    expect(revisions.map(({ revision }) => revision)).toEqual([0, 1]);
    await expect(
      bars.upsertMany([testBar(0, { close: '1' })], { intervalMs: minute, revisions: [3] }),
    ).rejects.toMatchObject({
      code: 'database-refused',
    });
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
    const newer = [...migrations, { number: next, name: 'next', sql: 'create table next_one (id int)' }];
    expect(await migrate(sql, { migrations: newer })).toEqual({ applied: [next], version: next });
    expect(await migrate(sql)).toEqual({ applied: [], version: next });
  });

  test('leaves nothing of a migration that fails, names it, and can be run again', async () => {
    const { sql } = await databases.create();
    const broken = [...migrations, { number: next, name: 'broken', sql: 'create table half (id int); select 1/0' }];
    await expect(migrate(sql, { migrations: broken })).rejects.toMatchObject({
      name: 'AdaptersError',
      message: expect.stringMatching(
        /^While applying migration \d+ "broken", the database answered 22012 \(division by zero\)/,
      ),
    });
    expect(await tables(sql)).not.toContain('half');
    expect(await migrate(sql)).toEqual({ applied: [], version: all.length });
  });

  test('refuses a target that does not exist', async () => {
    const { sql } = await databases.create({ migrated: false });
    await expect(migrate(sql, { target: 99 })).rejects.toMatchObject({
      code: 'bad-option',
      message: `target "99" is not a migration. Expected 0 to ${all.length}.`,
    });
  });

  test('keeps the statement timeout of the pool', async () => {
    const { connect } = await databases.create({ migrated: false });
    const sql = connect({ max: 1, statementTimeoutMs: 12_000 });
    await migrate(sql);
    expect(await sql`show statement_timeout`).toEqual([{ statement_timeout: '12s' }]);
  });
});
