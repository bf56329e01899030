import { describe, expect, test } from 'vitest';
import { connectPostgres } from './client.ts';
import { testBar } from './internal/test-bars.ts';
import { useTestDatabases } from './internal/test-database.ts';
import { createRepositories } from './repositories.ts';
import type { ScoreDocument } from './repositories/scores.ts';
import { createStoredOrderBookProvider } from './stored-order-book-provider.ts';

const databases = useTestDatabases();
const setUp = async () => {
  const database = await databases.create();
  return { ...database, ...createRepositories(database.sql) };
};
const eth = { symbol: 'ETHUSDT', tickSize: '0.01', lotSize: '0.0001', rowTicks: 10, intervalMs: 60_000 };

describe('instruments', () => {
  test('are replaced by symbol and listed in order', async () => {
    const { instruments } = await setUp();
    await instruments.upsert({ ...eth, tickSize: '0.0100' });
    await instruments.upsert({ ...eth, symbol: 'BTCUSDT' });
    await instruments.upsert({ ...eth, rowTicks: 25 });
    expect(await instruments.list()).toEqual([
      { ...eth, symbol: 'BTCUSDT' },
      { ...eth, rowTicks: 25 },
    ]);
    expect(await instruments.get('ETHUSDT')).toEqual({ ...eth, rowTicks: 25 });
    expect(await instruments.get('NOPE')).toBeUndefined();
  });

  test.each([
    [{ tickSize: '0' }, 'database-refused'],
    [{ rowTicks: 0 }, 'bad-record'],
    [{ symbol: '' }, 'bad-record'],
  ])('with %o are refused', async (change, code) => {
    const { instruments } = await setUp();
    await expect(instruments.upsert({ ...eth, ...change })).rejects.toMatchObject({ name: 'AdaptersError', code });
  });
});

describe('quotes', () => {
  const quote = { time: 1_723_075_200_123, symbol: 'ETHUSDT', bidPrice: '2680.77', bidSize: '3.5', source: 'replay' };

  test('leave out a side that is unknown, and the last of one time stays', async () => {
    const { l1 } = await setUp();
    const newer = { ...quote, time: quote.time + 1, askPrice: '2680.78', askSize: '0' };
    expect(await l1.insertMany([quote, newer, { ...newer, askSize: '7' }])).toEqual({ written: 2, kept: 1 });
    expect(await l1.latest('ETHUSDT')).toEqual({ ...newer, askSize: '7' });
    expect(await l1.insertMany([quote])).toEqual({ written: 0, kept: 1 });
  });

  test('are told apart by source', async () => {
    const { l1 } = await setUp();
    await l1.insertMany([quote, { ...quote, source: 'rest', bidPrice: '1' }]);
    expect(await l1.latest('ETHUSDT', { source: 'rest' })).toEqual({ ...quote, source: 'rest', bidPrice: '1' });
  });

  test('answer as an order book provider, undefined for a symbol without any', async () => {
    const repositories = await setUp();
    const provider = createStoredOrderBookProvider(repositories);
    await repositories.l1.insertMany([quote]);
    expect(await provider.fetchL1('ETHUSDT')).toEqual(quote);
    expect(await provider.fetchL1('NOPE')).toBeUndefined();
    await expect(provider.fetchL1('ETHUSDT', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });
});

describe('flow metrics', () => {
  test('keep unknown values null and every digit of the others', async () => {
    const { metrics } = await setUp();
    const record = {
      timeMs: 5,
      symbol: 'ETHUSDT',
      obi: '-0.3333333333333333',
      ofi: null,
      ofiCumulative: '-12345678901234567890.5',
      vamp: '2680.774339338222',
      source: 'replay',
    };
    expect(await metrics.insertMany([record, { ...record, timeMs: 4 }])).toEqual({ written: 2, kept: 0 });
    expect(await metrics.latest('ETHUSDT')).toEqual(record);
    await expect(metrics.insertMany([{ ...record, obi: '1.1' }])).rejects.toMatchObject({ code: 'database-refused' });
  });
});

describe('sessions', () => {
  test('are replaced by id; the latest may be asked for with its metrics', async () => {
    const { sessions } = await setUp();
    const first = {
      id: 'a',
      symbol: 'ETHUSDT',
      startedAtMs: 10,
      finishedAtMs: 20,
      outcome: 'done',
      input: { files: ['x'] },
      metrics: { cvd: '1.50' },
    };
    const second = { ...first, id: 'b', startedAtMs: 30, finishedAtMs: null, outcome: 'running', metrics: null };
    await sessions.save({ ...first, outcome: 'running' });
    await sessions.save(first);
    await sessions.save(second);
    expect(await sessions.latest('ETHUSDT')).toEqual(second);
    expect(await sessions.latest('ETHUSDT', { withMetrics: true })).toEqual(first);
    expect(await sessions.latest('NOPE')).toBeUndefined();
  });
});

describe('scores', () => {
  const score: ScoreDocument & { readonly [key: string]: unknown } = {
    v: 1,
    symbol: 'ETHUSDT',
    asOfMs: 60_000,
    score: 61.25,
    signal: 'buy',
    coverage: 0.8,
    components: [],
  };

  test('come back whole, the newest first', async () => {
    const { scores, sql } = await setUp();
    await scores.upsert({ ...score, asOfMs: null, score: null, signal: null, coverage: 0 });
    expect(await scores.latest('ETHUSDT')).toMatchObject({ asOfMs: null, score: null });
    await scores.upsert({ ...score, score: 10 });
    await scores.upsert(score);
    expect(await scores.latest('ETHUSDT')).toEqual(score);
    expect(await sql`select score, signal, coverage from scores order by as_of desc limit 1`).toEqual([
      { score: '61.25', signal: 'buy', coverage: '0.8' },
    ]);
  });

  test('outside of 0 to 100 are refused', async () => {
    const { scores } = await setUp();
    await expect(scores.upsert({ ...score, score: 101 })).rejects.toMatchObject({ code: 'database-refused' });
    await expect(scores.upsert({ ...score, score: NaN })).rejects.toMatchObject({ code: 'bad-record' });
  });
});

describe('archive reports', () => {
  test('give the run that finished last', async () => {
    const { archive } = await setUp();
    expect(await archive.latest()).toBeUndefined();
    await archive.save({ id: 'b', finishedAtMs: 2, report: { outcome: 'ok' } });
    await archive.save({ id: 'a', finishedAtMs: 1, report: { outcome: 'partial' } });
    expect(await archive.latest()).toEqual({ id: 'b', finishedAtMs: 2, report: { outcome: 'ok' } });
  });
});

describe('hostile values', () => {
  const hostile = `x'); drop table bars; -- "\\ $1 {}[] \u2028 🕯`;

  test('are stored and found as plain text', async () => {
    const { bars, instruments, l1, sessions } = await setUp();
    await instruments.upsert({ ...eth, symbol: hostile });
    await bars.upsertMany([testBar(0, { symbol: hostile })], { intervalMs: 60_000 });
    await l1.insertMany([{ time: 1, symbol: hostile, source: hostile }]);
    await sessions.save({
      id: hostile,
      symbol: hostile,
      startedAtMs: 0,
      finishedAtMs: null,
      outcome: hostile,
      input: { [hostile]: hostile },
      metrics: null,
    });
    expect((await instruments.get(hostile))?.symbol).toBe(hostile);
    expect((await bars.page({ symbol: hostile })).items).toEqual([testBar(0, { symbol: hostile })]);
    expect(await l1.latest(hostile)).toEqual({ time: 1, symbol: hostile, source: hostile });
    expect((await sessions.latest(hostile))?.input).toEqual({ [hostile]: hostile });
    expect((await bars.summary('ETHUSDT')).bars).toBe(0);
  });

  test('with NUL, which the database cannot hold, are refused by name', async () => {
    const { instruments, sessions } = await setUp();
    await expect(instruments.upsert({ ...eth, symbol: 'a\0b' })).rejects.toMatchObject({ code: 'bad-record' });
    const nul = {
      id: 'a',
      symbol: 'A',
      startedAtMs: 0,
      finishedAtMs: null,
      outcome: 'x',
      input: { text: '\0' },
      metrics: null,
    };
    await expect(sessions.save(nul)).rejects.toMatchObject({ code: 'bad-record' });
  });
});

describe('failures', () => {
  const secret = 'S3cr3t-p%40ss';

  test('of a server that is away are typed and keep the password to themselves', async () => {
    const sql = connectPostgres(`postgres://someone:${secret}@127.0.0.1:1/db`, { max: 1 });
    const failure: unknown = await createRepositories(sql)
      .instruments.list()
      .catch((error: unknown) => error);
    await sql.end({ timeout: 0 });
    expect(failure).toMatchObject({ name: 'AdaptersError', code: 'unreachable' });
    expect((failure as Error).message).toBe(
      'While listing instruments, the database answered ECONNREFUSED (connect ECONNREFUSED 127.0.0.1:1). Check that the server runs and that DATABASE_URL names it, then try again.',
    );
    const shown = inspectDeeply(failure);
    expect(shown).not.toContain('S3cr3t');
  });

  test('of a connection that breaks in the middle are typed, and the next call works', async () => {
    const { connect, sql } = await setUp();
    const fragile = connect({ max: 1, applicationName: 'fragile' });
    const { instruments } = createRepositories(fragile);
    await instruments.upsert(eth);
    // The lock holds the fragile connection in the middle of its statement until it is cut.
    const failure = await sql.begin(async (tx) => {
      await tx`lock table instruments in access exclusive mode`;
      const reading = instruments.list().catch((error: unknown) => error);
      for (let cut = 0; cut === 0;) {
        const rows = await sql<{ pid: number }[]>`
          select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'fragile' and wait_event_type = 'Lock'`;
        cut = rows.length;
      }
      return reading;
    });
    expect(failure).toMatchObject({ name: 'AdaptersError', code: 'unreachable' });
    expect(await instruments.list()).toEqual([eth]);
  });

  test('of a statement that takes too long say so', async () => {
    const { connect, sql } = await setUp();
    const hurried = createRepositories(connect({ max: 1, statementTimeoutMs: 50 }));
    await sql.begin(async (tx) => {
      await tx`lock table instruments in access exclusive mode`;
      await expect(hurried.instruments.list()).rejects.toMatchObject({ code: 'database-timeout' });
    });
  });

  // A server that is not ours may ask for no password.
  test.skipIf(process.env['TAPEKIT_TEST_POSTGRES'] !== undefined)(
    'of a wrong password are a refusal that does not repeat it',
    async () => {
      const wrong = databases.server().url.replace(/:[^:@]+@/, `:${secret}@`);
      const sql = connectPostgres(wrong, { max: 1 });
      const failure: unknown = await createRepositories(sql)
        .instruments.list()
        .catch((error: unknown) => error);
      await sql.end({ timeout: 0 });
      expect(failure).toMatchObject({ code: 'database-refused', message: expect.stringContaining('28P01') });
      expect(inspectDeeply(failure)).not.toContain('S3cr3t');
    },
  );

  test('of a database without tables name the next step', async () => {
    const { sql } = await databases.create({ migrated: false });
    await expect(createRepositories(sql).bars.page({ symbol: 'A' })).rejects.toMatchObject({
      code: 'database-refused',
      message:
        'While reading bars, the database answered 42P01 (relation "instruments" does not exist). Run migrate(sql) on this database first.',
    });
  });

  test.each([`mysql://u:${secret}@h/db`, `postgres://u:${secret}@h:99999/db`, `postgres://u:${secret}@[/db`, secret])(
    'of an address that is none never show it',
    (url) => {
      let failure: unknown;
      try {
        connectPostgres(url);
      } catch (error) {
        failure = error;
      }
      expect(failure).toMatchObject({ code: 'bad-option' });
      expect(inspectDeeply(failure)).not.toContain('S3cr3t');
    },
  );

  test('of options name the option', () => {
    expect(() => connectPostgres('postgres://h/db', { max: 0 })).toThrow(
      'max "0" is not a whole number of at least 1.',
    );
  });
});

describe('poolers', () => {
  test('in transaction mode are served without prepared statements and start-up settings', async () => {
    const { connect } = await databases.create();
    const { bars } = createRepositories(connect({ prepare: false, statementTimeoutMs: 0 }));
    await bars.upsertMany([testBar(0)], { intervalMs: 60_000 });
    expect((await bars.page({ symbol: 'ETHUSDT', fromMs: 0 })).items).toEqual([testBar(0)]);
  });
});

/** Everything that a logger could print of an error: message, stack and all own properties, causes included. */
function inspectDeeply(error: unknown): string {
  const parts: string[] = [];
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    for (const key of Object.getOwnPropertyNames(at))
      parts.push(String((at as unknown as Record<string, unknown>)[key]));
  }
  return parts.join('\n');
}

test('clearSymbol deletes what a tape of the symbol gave, of that symbol alone', async () => {
  const { l1, scores, metrics, instruments, sessions, ...repositories } = await setUp();
  const instrument = { symbol: 'ETHUSDT', tickSize: '0.01', lotSize: '0.001', rowTicks: 10, intervalMs: 60_000 };
  await instruments.upsert(instrument);
  for (const symbol of ['ETHUSDT', 'BTCUSDT']) {
    await l1.insertMany([{ time: 1, symbol, bidPrice: '1', bidSize: '1', source: 's' }]);
    await scores.upsert({ symbol, asOfMs: 1, score: 50, signal: 'neutral', coverage: 1 });
    await metrics.insertMany([{ timeMs: 1, symbol, obi: null, ofi: '1', ofiCumulative: '1', vamp: null, source: 's' }]);
  }
  const session = { id: 'a', startedAtMs: 1, finishedAtMs: null, outcome: 'running', input: {}, metrics: null };
  await sessions.save({ ...session, symbol: 'ETHUSDT' });
  await repositories.clearSymbol('ETHUSDT');
  expect(await l1.latest('ETHUSDT')).toBeUndefined();
  expect(await scores.latest('ETHUSDT')).toBeUndefined();
  expect(await metrics.latest('ETHUSDT')).toBeUndefined();
  expect(await l1.latest('BTCUSDT')).toBeDefined();
  expect(await scores.latest('BTCUSDT')).toBeDefined();
  expect(await metrics.latest('BTCUSDT')).toBeDefined();
  expect(await instruments.get('ETHUSDT')).toEqual(instrument);
  expect(await sessions.latest('ETHUSDT')).toBeDefined();
});
