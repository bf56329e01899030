import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { columnName } from './internal/table-definition.ts';
import { useTestDatabases } from './internal/test-database.ts';
import { allTables, exerciseTables, sampleRecord } from './internal/test-tables.ts';
import { properties } from './internal/unnest.ts';
import { maintainPartitions } from './maintain-partitions.ts';
import { createRepositories } from './repositories.ts';
import type { StockPriceRecord } from './tables/stocks.ts';

const databases = useTestDatabases();
const setUp = async () => {
  const database = await databases.create();
  const repositories = createRepositories(database.sql);
  const stock = (symbol: string) => ({ ...sampleRecord('stocks', true), symbol, name: symbol, isActive: true });
  await repositories.stocks.upsertMany(['BBCA', 'BBRI'].map(stock) as never);
  return { ...database, ...repositories };
};
const timeMs = 1_723_075_200_000;
const price: StockPriceRecord = {
  symbol: 'BBCA',
  timeMs,
  open: '9000',
  high: '9100',
  low: '8950',
  close: '9050',
  previous: '9025',
  volume: '1234500',
  value: '11172225000.5',
  frequency: 4321,
  source: 'idx',
  final: true,
};

describe('every table', () => {
  test('gives back what went in, also unknowns, and writing the same again changes nothing', async () => {
    await exerciseTables((await databases.create()).sql);
  });

  test('has the columns of its definition; what it has besides fills itself', async () => {
    const { sql } = await databases.create();
    const rows = await sql<{ table: string; column: string; fills: boolean }[]>`
      select table_name as table, column_name as column,
        column_default is not null or is_generated = 'ALWAYS' or is_identity = 'YES' as fills
      from information_schema.columns where table_schema = 'public'`;
    for (const definition of Object.values(allTables)) {
      const columns = rows.filter(({ table }) => table === definition.name);
      const defined = properties(definition).map((property) => columnName(definition, property));
      expect([definition.name, defined.filter((name) => !columns.some(({ column }) => column === name))]).toEqual([
        definition.name,
        [],
      ]);
      const besides = columns.filter(({ column, fills }) => !fills && !defined.includes(column));
      expect([definition.name, besides]).toEqual([definition.name, []]);
    }
  });
});

describe('values', () => {
  test('of any text and any decimal come back as they are', async () => {
    const { stockNews } = await setUp();
    const odd = fc.constantFrom(
      'NULL',
      'null',
      '"',
      '\\',
      '\\"',
      '{',
      '}',
      ',',
      "'",
      '{a,b}',
      ' ',
      '\n',
      '\u2028',
      '🕯',
      '\\u0041',
    );
    const texts = fc.array(fc.oneof(odd, fc.string({ unit: 'binary', minLength: 1 })), { minLength: 1, maxLength: 4 });
    const titles = fc
      .sample(
        texts.map((parts) => parts.join('')),
        { seed: 6, numRuns: 2000 },
      )
      .filter((text) => !text.includes('\0'));
    const base = sampleRecord('stockNews');
    const news = titles.map((title, index) => ({ ...base, publishedAtMs: index, title, keywords: [title] }));
    await stockNews.upsertMany(news as never);
    const { items } = await stockNews.page({ limit: 10_000 });
    expect(items).toEqual(news);
    expect(items.length).toBeGreaterThan(1500);
    expect(await stockNews.upsertMany(news as never)).toEqual({ written: 0, kept: news.length });
  });

  test.each(['', 'a\0b', '\ud800', 7])('that are no text (%j) are refused by name', async (title) => {
    const { stockNews } = await setUp();
    await expect(stockNews.upsertMany([{ ...sampleRecord('stockNews'), title }] as never)).rejects.toMatchObject({
      code: 'bad-record',
      message: expect.stringContaining('title of stock_news BBCA'),
    });
  });

  test.each([
    ['open', '1e3', 'a decimal string'],
    ['open', 9000, 'a decimal string'],
    ['open', null, 'a decimal string'],
    ['frequency', -1, 'a whole number from 0'],
    ['timeMs', 0.5, 'whole epoch milliseconds'],
    ['final', 'yes', 'true or false'],
  ])('of %s that are %j are refused before anything is written', async (field, value, expected) => {
    const { stockPrices } = await setUp();
    const days = [price, { ...price, symbol: 'BBRI', [field]: value }] as StockPriceRecord[];
    await expect(stockPrices.upsertMany(days)).rejects.toMatchObject({
      code: 'bad-record',
      message: expect.stringContaining(expected),
    });
    expect((await stockPrices.page()).items).toEqual([]);
  });
});

describe('days of a stock', () => {
  test('replace an unfinished one, never a final one by an unfinished one, and corrections keep what was', async () => {
    const { stockPrices, stockPriceRevisions } = await setUp();
    const write = async (changes: Partial<StockPriceRecord>) =>
      (await stockPrices.upsertMany([{ ...price, ...changes }])).written;
    expect(await write({ final: false, close: '9000' })).toBe(1);
    expect(await write({ final: false, close: '9010' })).toBe(1);
    expect(await write({})).toBe(1);
    expect((await stockPriceRevisions.page()).items).toEqual([]);
    expect(await write({ final: false, close: '9060' })).toBe(0);
    expect(await write({ close: '9055' })).toBe(1);
    expect((await stockPrices.latest({ symbol: 'BBCA' }))?.close).toBe('9055');
    const { items } = await stockPriceRevisions.page();
    expect(items).toEqual([{ ...price, replacedAtMs: expect.any(Number) as number }]);
  });

  test('of a stock that nobody listed are refused', async () => {
    const { stockPrices } = await setUp();
    await expect(stockPrices.upsertMany([{ ...price, symbol: 'NOPE' }])).rejects.toMatchObject({
      code: 'database-refused',
      message: expect.stringContaining('stock_prices_symbol_fkey'),
    });
  });
});

describe('statements', () => {
  test('of a whole year are the same statement each time, although they have no quarter', async () => {
    const { incomeStatements } = await setUp();
    const annual = { ...sampleRecord('incomeStatements'), fiscalQuarter: null, revenue: '1' };
    await incomeStatements.upsertMany([annual] as never);
    expect(await incomeStatements.upsertMany([{ ...annual, revenue: '2' }] as never)).toEqual({ written: 1, kept: 0 });
    const { items } = await incomeStatements.page({ where: { symbol: 'BBCA', fiscalQuarter: null } });
    expect(items.map(({ revenue }) => revenue)).toEqual(['2']);
  });
});

describe('pages', () => {
  const days = Array.from({ length: 25 }, (_, index) => ({
    ...price,
    timeMs: timeMs + index * 86_400_000,
    symbol: index % 2 === 0 ? 'BBCA' : 'BBRI',
  }));
  const keyOf = ({ symbol, timeMs: at }: StockPriceRecord) => `${symbol} ${at}`;

  test.each([
    [
      { orderBy: 'key' },
      [...days].sort((a, b) => (a.symbol < b.symbol ? -1 : a.symbol > b.symbol ? 1 : a.timeMs - b.timeMs)),
    ],
    [{ orderBy: 'range' }, days],
    [{ orderBy: 'range', newestFirst: true }, [...days].reverse()],
    [{ where: { symbol: 'BBRI' }, newestFirst: true }, days.filter(({ symbol }) => symbol === 'BBRI').reverse()],
    [{ from: days[3]!.timeMs, to: days[20]!.timeMs, orderBy: 'range' }, days.slice(3, 20)],
  ] as const)('with %o yield every record once, in order', async (query, expected) => {
    const { stockPrices } = await setUp();
    await stockPrices.upsertMany(days);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await stockPrices.page({ ...query, limit: 7, ...(cursor ? { cursor } : {}) });
      seen.push(...page.items.map(keyOf));
      // What is written behind the page that was read neither repeats nor hides anything.
      await stockPrices.upsertMany([days[0]!]);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(expected.map(keyOf));
  });

  test('go on behind a part of the key that is unknown', async () => {
    const { stockNews } = await setUp();
    const news = Array.from({ length: 9 }, (_, index) => ({
      ...sampleRecord('stockNews'),
      symbol: index < 5 ? null : 'BBCA',
      title: `title ${index}`,
    }));
    await stockNews.upsertMany(news as never);
    for (const newestFirst of [false, true]) {
      const titles: string[] = [];
      let cursor: string | null | undefined;
      do {
        const page = await stockNews.page({ limit: 2, newestFirst, ...(cursor ? { cursor } : {}) });
        titles.push(...page.items.map(({ title }) => title));
        cursor = page.nextCursor;
      } while (cursor !== null);
      const expected = news.map((_, index) => `title ${index}`);
      expect(titles).toEqual(newestFirst ? expected.reverse() : expected);
    }
  });

  test('take no cursor of another query, none that was altered, and no size that is none', async () => {
    const { stockPrices } = await setUp();
    await stockPrices.upsertMany(days);
    const { nextCursor } = await stockPrices.page({ where: { symbol: 'BBCA' }, limit: 2 });
    for (const query of [
      { cursor: nextCursor! },
      { where: { symbol: 'BBRI' }, cursor: nextCursor! },
      { where: { symbol: 'BBCA' }, newestFirst: true, cursor: nextCursor! },
      { where: { symbol: 'BBCA' }, cursor: nextCursor!.replace('2.', '2.x') },
      { where: { symbol: 'BBCA' }, cursor: '' },
    ]) {
      await expect(stockPrices.page(query)).rejects.toMatchObject({ code: 'bad-cursor' });
    }
    await expect(stockPrices.page({ limit: 0 })).rejects.toMatchObject({ code: 'bad-option' });
    await expect(stockPrices.page({ where: { nope: 1 } as never })).rejects.toMatchObject({
      code: 'bad-option',
      message: expect.stringContaining('where names "nope", which stock_prices does not have. It has symbol, timeMs,'),
    });
  });
});

describe('accounts', () => {
  test('hold no plain password and no plain key', async () => {
    const { users, apiKeys } = await setUp();
    const user = sampleRecord('users');
    const failure: unknown = await users
      .upsertMany([{ ...user, passwordHash: 'hunter2' }] as never)
      .catch((e: unknown) => e);
    expect(failure).toMatchObject({
      code: 'bad-record',
      message:
        'passwordHash of users user-1 is not a PHC string of argon2id, scrypt or PBKDF2 (not shown). Nothing was written.',
      value: undefined,
    });
    await users.upsertMany([user] as never);
    await expect(
      users.upsertMany([{ ...user, id: 'b', username: String(user.username).toUpperCase() }] as never),
    ).rejects.toMatchObject({
      message: expect.stringContaining('users_by_name'),
    });
    await expect(
      apiKeys.upsertMany([{ ...sampleRecord('apiKeys'), keyHash: 'tk_live_secret' }] as never),
    ).rejects.toMatchObject({
      code: 'bad-record',
    });
  });

  test('leave a trail that nobody rewrites', async () => {
    const { auditLogs, sql } = await setUp();
    const record = sampleRecord('auditLogs');
    await auditLogs.upsertMany([record] as never);
    expect(await auditLogs.upsertMany([{ ...record, action: 'nothing' }] as never)).toEqual({ written: 0, kept: 1 });
    await expect(sql`update audit_logs set action = 'nothing'`).rejects.toMatchObject({ code: '23001' });
    await expect(auditLogs.remove({ id: 'id-1' })).rejects.toMatchObject({ code: 'database-refused' });
    expect((await auditLogs.page()).items).toEqual([record]);
  });

  test('leave a trail that nobody empties, neither the whole nor a part of it', async () => {
    const { auditLogs, sql } = await setUp();
    const record = sampleRecord('auditLogs');
    await auditLogs.upsertMany([record] as never);
    await maintainPartitions(sql, { tables: ['audit_logs'], nowMs: Date.parse('2026-11-21T15:00Z') });
    const partitions = await sql<{ name: string }[]>`
      select inhrelid::regclass::text as name from pg_inherits where inhparent = 'audit_logs'::regclass`;
    expect(partitions.length).toBeGreaterThan(1);
    for (const name of ['audit_logs', ...partitions.map((partition) => partition.name)]) {
      await expect(sql`truncate ${sql(name)}`).rejects.toMatchObject({ code: '23001' });
      // What the maintenance of partitions may do, too.
      await expect(
        sql.begin(async (tx) => {
          await tx`select set_config('tapekit.maintenance', 'on', true)`;
          await tx`truncate ${tx(name)} cascade`;
        }),
      ).rejects.toMatchObject({ code: '23001' });
    }
    expect((await auditLogs.page()).items).toEqual([record]);
  });

  test('take their keys and sessions with them', async () => {
    const { users, apiKeys, loginSessions } = await setUp();
    await users.upsertMany([sampleRecord('users')] as never);
    await apiKeys.upsertMany([sampleRecord('apiKeys')] as never);
    await loginSessions.upsertMany([sampleRecord('loginSessions')] as never);
    expect(await apiKeys.latest({ keyHash: 'ab'.repeat(32) })).toEqual(sampleRecord('apiKeys'));
    expect(await users.remove({ id: 'user-1' })).toBe(1);
    expect([(await apiKeys.page()).items, (await loginSessions.page()).items]).toEqual([[], []]);
  });
});

test('deleting without saying what is refused', async () => {
  const { watchlist } = await setUp();
  await expect(watchlist.remove({})).rejects.toMatchObject({ code: 'bad-record' });
});
