import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planPartitions, partitionOf } from './internal/partition-plan.ts';
import { testBar } from './internal/test-bars.ts';
import { useTestDatabases } from './internal/test-database.ts';
import { maintainPartitions, maintainPartitionsDefaults, timeTables, type TimeTable } from './maintain-partitions.ts';
import type { PostgresClient } from './client.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { createRepositories } from './repositories.ts';

const databases = useTestDatabases();
const day = 86_400_000;
const at = (text: string) => Date.parse(`${text}Z`);
const setUp = async () => {
  const database = await databases.create();
  return { ...database, repositories: createRepositories(database.sql) };
};
const november = { fromMs: at('2026-11-01T00:00'), toMs: at('2026-12-01T00:00') };

describe('partitionOf', () => {
  test.each([
    ['day', '2026-02-28T23:59:59', '2026-02-28T00:00', '2026-03-01T00:00'],
    ['week', '2026-03-01T00:00', '2026-02-23T00:00', '2026-03-02T00:00'],
    ['month', '2026-12-31T23:59', '2026-12-01T00:00', '2027-01-01T00:00'],
    ['year', '2024-02-29T12:00', '2024-01-01T00:00', '2025-01-01T00:00'],
    ['year', '0099-06-01T00:00', '0099-01-01T00:00', '0100-01-01T00:00'],
  ] as const)('puts a %s around %s', (length, time, from, to) => {
    expect(partitionOf(at(time), length)).toEqual({ fromMs: at(from), toMs: at(to) });
  });
});

describe('planPartitions', () => {
  const plan = {
    length: 'month',
    existing: [],
    restTimesMs: [],
    nowMs: at('2026-11-21T15:00'),
    aheadMs: 31 * day,
  } as const;

  test('wants the months from now through the days ahead, and those of rows that are there', () => {
    expect(planPartitions({ ...plan, restTimesMs: [at('2024-08-08T00:00')] })).toEqual({
      drop: [],
      create: [
        { fromMs: at('2024-08-01T00:00'), toMs: at('2024-09-01T00:00') },
        november,
        { fromMs: at('2026-12-01T00:00'), toMs: at('2027-01-01T00:00') },
      ],
    });
  });

  test('leaves out what is there, also where its partitions have another length', () => {
    const week = { fromMs: at('2026-11-02T00:00'), toMs: at('2026-11-09T00:00') };
    expect(planPartitions({ ...plan, aheadMs: 0, existing: [week] }).create).toEqual([
      { fromMs: november.fromMs, toMs: week.fromMs },
      { fromMs: week.toMs, toMs: november.toMs },
    ]);
    expect(planPartitions({ ...plan, aheadMs: 0, existing: [november] }).create).toEqual([]);
  });

  test('drops a partition only when its last moment is too old', () => {
    const october = { fromMs: at('2026-10-01T00:00'), toMs: november.fromMs };
    const input = { ...plan, aheadMs: 0, existing: [october, november] };
    expect(planPartitions({ ...input, keepMs: 21 * day }).drop).toEqual([]);
    expect(planPartitions({ ...input, nowMs: at('2026-11-22T00:00'), keepMs: 21 * day }).drop).toEqual([october]);
  });
});

describe('maintainPartitions', () => {
  const nowMs = at('2026-11-21T15:00');

  test('splits months off what has gathered; every row is still found', async () => {
    const { repositories, sql } = await setUp();
    const times = [at('2026-09-30T23:59:59'), at('2026-10-01T00:00'), at('2026-11-21T00:00')];
    await repositories.bars.upsertMany(
      times.map((time) => testBar(time)),
      { intervalMs: 60_000 },
    );
    const [report] = await maintainPartitions(sql, { nowMs, tables: ['bars'] });
    expect(report).toEqual({
      table: 'bars',
      kind: 'partitions',
      created: [
        'bars_p20260901_20261001',
        'bars_p20261001_20261101',
        'bars_p20261101_20261201',
        'bars_p20261201_20270101',
      ],
      moved: 3,
      dropped: [],
      deleted: 0,
    });
    const { items } = await repositories.bars.page({ symbol: 'ETHUSDT' });
    expect(items.map(({ t0 }) => t0)).toEqual(times);
    expect(await sql`select count(*)::int as n from bars_rest`).toEqual([{ n: 0 }]);
    expect((await maintainPartitions(sql, { nowMs, tables: ['bars'] }))[0]).toMatchObject({ created: [], moved: 0 });
  });

  test('keeps keys, upserts and revisions working over partitions', async () => {
    const { repositories, sql } = await setUp();
    const time = at('2026-11-21T00:00');
    const write = (revision: number, close: string) =>
      repositories.bars.upsertMany([testBar(time, { close })], { intervalMs: 60_000, revisions: [revision] });
    await write(0, '2680.77');
    await maintainPartitions(sql, { nowMs });
    expect(await write(0, '2680.77')).toEqual({ written: 0, kept: 1 });
    expect(await write(1, '2680.77')).toEqual({ written: 1, kept: 0 });
    expect(await repositories.bars.revisions({ symbol: 'ETHUSDT', intervalMs: 60_000, startMs: time })).toHaveLength(1);
    expect(await sql`select tableoid::regclass::text as "table" from bars`).toEqual([
      { table: 'bars_p20261101_20261201' },
    ]);
  });

  test('drops what is too old, of the tables that are named alone', async () => {
    const { repositories, sql } = await setUp();
    const quote = (time: number) => ({ time, symbol: 'ETHUSDT', bidPrice: '1', bidSize: '1', source: 's' });
    const [old, older] = [at('2026-08-15T00:00'), at('2020-01-01T00:00')];
    await repositories.l1.insertMany([quote(old), quote(nowMs)]);
    await maintainPartitions(sql, { nowMs });
    await repositories.l1.insertMany([quote(older)]);
    const keepMs = { orderbook_l1: 30 * day };
    const reports = await maintainPartitions(sql, { nowMs, keepMs });
    expect(reports.filter(({ dropped, deleted }) => dropped.length + deleted > 0)).toEqual([
      {
        table: 'orderbook_l1',
        kind: 'partitions',
        created: [],
        moved: 0,
        dropped: ['orderbook_l1_p20260801_20260901'],
        deleted: 1,
      },
    ]);
    expect((await repositories.l1.page()).items).toEqual([quote(nowMs)]);
  });

  test('moves rows of tables with foreign keys, generated columns and an append-only rule', async () => {
    const { repositories, sql } = await setUp();
    await repositories.stocks.upsertMany([
      {
        symbol: 'BBCA',
        name: 'Bank Central Asia',
        sector: null,
        subsector: null,
        board: null,
        listingDate: null,
        marketCap: null,
        isActive: true,
      },
    ]);
    const summary = {
      symbol: 'BBCA',
      timeMs: nowMs,
      brokerCode: 'YP',
      buyVolume: '500',
      sellVolume: '200',
      buyValue: '5',
      sellValue: '2.5',
      source: 's',
    };
    const audit = {
      id: 'a',
      timeMs: nowMs,
      category: 'auth',
      severity: 'info',
      outcome: 'success',
      action: 'login',
      actor: null,
      resource: null,
      client: null,
      details: null,
    } as const;
    await repositories.brokerSummary.upsertMany([summary]);
    await repositories.auditLogs.upsertMany([audit]);
    const moved = (await maintainPartitions(sql, { nowMs })).filter((report) => report.moved > 0);
    expect(moved.map(({ table }) => table)).toEqual(['broker_summary', 'audit_logs']);
    expect(await sql`select net_volume, net_value from broker_summary`).toEqual([
      { net_volume: '300', net_value: '2.5' },
    ]);
    await expect(repositories.brokerSummary.upsertMany([{ ...summary, symbol: 'NOPE' }])).rejects.toMatchObject({
      code: 'database-refused',
    });
    await expect(sql`delete from audit_logs`).rejects.toMatchObject({ code: '23001' });
    expect((await repositories.auditLogs.page()).items).toEqual([audit]);
  });

  test('may run in several processes at once, while others write', async () => {
    const { repositories, sql, connect } = await setUp();
    const quotes = Array.from({ length: 300 }, (_, index) => ({
      time: nowMs - index * day,
      symbol: 'ETHUSDT',
      bidPrice: '1',
      bidSize: '1',
      source: 's',
    }));
    await repositories.l1.insertMany(quotes.slice(0, 150));
    const tables: TimeTable[] = ['orderbook_l1'];
    const results = await Promise.all([
      ...[1, 2, 3].map(() => maintainPartitions(connect({ max: 1 }), { nowMs, tables })),
      repositories.l1.insertMany(quotes),
    ]);
    await maintainPartitions(sql, { nowMs, tables });
    expect(results).toHaveLength(4);
    expect((await repositories.l1.page({ limit: 1000 })).items).toHaveLength(300);
    expect(await sql`select count(*)::int as n from orderbook_l1_rest`).toEqual([{ n: 0 }]);
  });

  test('refuses what is no table of ours and no duration', async () => {
    const { sql } = await setUp();
    await expect(maintainPartitions(sql, { tables: ['users' as TimeTable] })).rejects.toMatchObject({
      code: 'bad-option',
    });
    await expect(maintainPartitions(sql, { keepMs: { bars: 0 } })).rejects.toMatchObject({
      message: 'keepMs.bars "0" is not a whole number of at least 1 milliseconds.',
    });
    expect(maintainPartitionsDefaults.length).toBe('month');
  });
});

describe('with an extension that is called timescaledb', () => {
  /** Functions with the signatures that Timescale documents; they write down how they were called. */
  const fake = `
    create table public.calls (n serial, call text);
    create function create_hypertable(relation regclass, time_column_name name, chunk_time_interval interval,
      create_default_indexes boolean, if_not_exists boolean, migrate_data boolean) returns void language sql
      as $$ insert into public.calls (call) values (format('hypertable %s %s %s', relation, time_column_name, chunk_time_interval)) $$;
    create function remove_compression_policy(hypertable regclass, if_exists boolean) returns void language sql as '';
    create function remove_retention_policy(relation regclass, if_exists boolean) returns void language sql as '';
    create function add_compression_policy(hypertable regclass, compress_after interval) returns void language sql
      as $$ insert into public.calls (call) values (format('compress %s after %s', hypertable, compress_after)) $$;
    create function add_retention_policy(relation regclass, drop_after interval) returns void language sql
      as $$ insert into public.calls (call) values (format('drop %s after %s', relation, drop_after)) $$;`;

  const withExtension = async (skip: (why: string) => never, use: (sql: PostgresClient) => Promise<void>) => {
    const folder = await mkdtemp(join(tmpdir(), 'tapekit-extension-'));
    try {
      const extension = join(folder, 'extension');
      const [control, script] = ['timescaledb.control', 'timescaledb--0.sql'].map((name) => join(extension, name));
      await mkdir(extension);
      await writeFile(control!, `default_version = '0'\nrelocatable = true\n`);
      await writeFile(script!, fake);
      // The server may run as another user.
      for (const path of [folder, extension, control!, script!]) await chmod(path, 0o755);
      const { connect } = await databases.create({ migrated: false });
      const sql = connect({ max: 1 });
      const [setting] = await sql`select from pg_settings where name = 'extension_control_path'`;
      if (!setting) skip('this server takes extensions from its own folder alone');
      await sql`select set_config('extension_control_path', ${folder}, false)`;
      await sql`create extension timescaledb`;
      await use(sql);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
  /** The storage options of compression belong to the library of the extension, which the fake does not have. */
  const compressionOptions = /execute format\('alter table %I set \(timescaledb\.compress,[^;]*;/;

  test('tables become hypertables with policies, and no partitions are made', ({ skip }) =>
    withExtension(skip, async (sql) => {
      expect(migrations.find(({ name }) => name === 'partitions')!.sql).toMatch(compressionOptions);
      const withoutOptions = migrations.map((step) => ({ ...step, sql: step.sql.replace(compressionOptions, '') }));
      await migrate(sql, { migrations: withoutOptions });
      const keepMs = { orderbook_l1: 30 * day };
      const reports = await maintainPartitions(sql, { nowMs: at('2026-11-21T15:00'), keepMs });
      expect(new Set(reports.map(({ kind }) => kind))).toEqual(new Set(['hypertable']));
      const calls = (await sql<{ call: string }[]>`select call from calls order by n`).map(({ call }) => call);
      const tables = Object.entries(timeTables);
      expect(calls.slice(0, 11)).toEqual(tables.map(([table, column]) => `hypertable ${table} ${column} 7 days`));
      expect(calls.slice(11)).toEqual(
        tables.flatMap(([table]) => [
          `compress ${table} after 168:00:00`,
          ...(table === 'orderbook_l1' ? ['drop orderbook_l1 after 720:00:00'] : []),
        ]),
      );
      expect(await sql`select from pg_class where relname like '%\\_rest' or relkind = 'p'`).toHaveLength(0);
      const { bars } = createRepositories(sql);
      expect(await bars.upsertMany([testBar(0)], { intervalMs: 60_000 })).toEqual({ written: 1, kept: 0 });
    }));

  test('compression is asked for, which only the real one understands', ({ skip }) =>
    withExtension(skip, async (sql) => {
      await expect(migrate(sql)).rejects.toMatchObject({
        message: expect.stringContaining('unrecognized parameter namespace "timescaledb"'),
      });
    }));
});
