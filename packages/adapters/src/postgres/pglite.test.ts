import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PostgresClient } from './client.ts';
import { testBar } from './internal/test-bars.ts';
import { testQuotes } from './internal/test-quotes.ts';
import { exerciseTables } from './internal/test-tables.ts';
import { maintainPartitions } from './maintain-partitions.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { connectPglite } from './pglite.ts';
import { createRepositories } from './repositories.ts';

let database: PGlite;
let sql: PostgresClient;
beforeAll(async () => {
  database = await PGlite.create();
  sql = connectPglite(database);
  expect((await migrate(sql)).version).toBe(migrations.length);
});
afterAll(async () => {
  await sql.end();
  await database.close();
});

describe('PGlite', () => {
  test('holds every table as a server does', () => exerciseTables(sql));

  test('holds bars with their revisions, quotes by the thousand, and pages of them', async () => {
    const { bars, l1 } = createRepositories(sql);
    expect(await bars.upsertMany([testBar(0)], { intervalMs: 60_000 })).toEqual({ written: 1, kept: 0 });
    const later = testBar(0, { vwap: '2680.771' });
    await bars.upsertMany([later], { intervalMs: 60_000, revisions: [1] });
    expect((await bars.page({ symbol: 'ETHUSDT' })).items).toEqual([later]);
    expect(await bars.revisions({ symbol: 'ETHUSDT', intervalMs: 60_000, startMs: 0 })).toHaveLength(1);
    expect(await l1.insertMany(testQuotes(12_000))).toEqual({ written: 12_000, kept: 0 });
    expect(await l1.insertMany(testQuotes(12_000))).toEqual({ written: 0, kept: 12_000 });
    const { items, nextCursor } = await l1.page({ limit: 10_000 });
    expect(items).toHaveLength(10_000);
    expect((await l1.page({ limit: 10_000, cursor: nextCursor! })).items).toHaveLength(2000);
  });

  test('says what a refused record breaks, keeps nothing of it, and goes on', async () => {
    const { bars } = createRepositories(sql);
    const before = await bars.summary('BTCUSDT');
    const bad = [testBar(0, { symbol: 'BTCUSDT' }), testBar(60_000, { symbol: 'BTCUSDT', close: '1' })];
    await expect(bars.upsertMany(bad, { intervalMs: 60_000 })).rejects.toMatchObject({
      code: 'database-refused',
      message: expect.stringContaining('bars_range_holds_open_and_close'),
    });
    expect(await bars.summary('BTCUSDT')).toEqual(before);
  });

  test('splits partitions', async () => {
    const [report] = await maintainPartitions(sql, {
      nowMs: Date.parse('2026-11-21T15:00Z'),
      tables: ['orderbook_l1'],
    });
    expect(report).toMatchObject({ kind: 'partitions', moved: 12_000 });
  });

  test('stays open when its client ends', async () => {
    const another = await PGlite.create();
    const first = connectPglite(another);
    await first`create table kept (n int)`;
    await first.end();
    const second = connectPglite(another);
    expect(await second`select count(*)::int as n from kept`).toEqual([{ n: 0 }]);
    await second.end();
    await another.close();
  });

  test('is what must be passed', () => {
    expect(() => connectPglite({} as never)).toThrow(
      'database is not a PGlite database. Pass what PGlite.create() gives.',
    );
  });
});
