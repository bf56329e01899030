import { describe, expect, test } from 'vitest';
import { connectPostgres } from './client.ts';
import { withoutAnswerLimit } from './internal/answer-watch.ts';
import { useTestDatabases } from './internal/test-database.ts';
import { useTestLinks } from './internal/test-link.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations.ts';
import { createRepositories } from './repositories.ts';

const databases = useTestDatabases();
const link = useTestLinks();

/** A link to the test server that can be frozen: it takes everything and passes nothing on. */
async function freezableLink(url: string) {
  const state = { frozen: false, afterBytes: Infinity, connections: 0 };
  const through = await link(url, (near, far) => {
    state.connections += 1;
    near.on('data', (chunk) => {
      if (!state.frozen) far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => {
      if (state.frozen) return;
      near.write(chunk.subarray(0, Math.max(0, state.afterBytes)));
      state.afterBytes -= chunk.length;
    });
  });
  return { state, url: through };
}

const stockOf = (symbol: string) =>
  ({ symbol, name: symbol, sector: null, subsector: null, board: null, listingDate: null, marketCap: null }) as const;

describe('a link that freezes', () => {
  test('is given up after answerTimeoutMs, and the next call has a new connection', async () => {
    const { url } = await databases.create();
    const frozen = await freezableLink(url);
    const sql = connectPostgres(frozen.url, { max: 1, statementTimeoutMs: 0, answerTimeoutMs: 200 });
    const { stocks } = createRepositories(sql);
    await withoutAnswerLimit(sql, () => stocks.upsertMany([{ ...stockOf('BBCA'), isActive: true }]));
    frozen.state.frozen = true;
    await expect(stocks.page()).rejects.toMatchObject({
      name: 'AdaptersError',
      code: 'unreachable',
      message:
        'While reading stocks, there was no answer within 200 ms (answerTimeoutMs), the connection was closed. Whether it took place is unknown; check the network, then do it again, which is safe.',
    });
    frozen.state.frozen = false;
    expect((await withoutAnswerLimit(sql, () => stocks.page())).items).toHaveLength(1);
    expect(frozen.state.connections).toBe(2);
    await sql.end({ timeout: 0 });
  });

  test('in the middle of an answer is given up as well', async () => {
    const { url } = await databases.create();
    const frozen = await freezableLink(url);
    const sql = connectPostgres(frozen.url, { max: 1, statementTimeoutMs: 0, answerTimeoutMs: 200 });
    expect(await withoutAnswerLimit(sql, async () => sql`select 1 as one`)).toEqual([{ one: 1 }]);
    frozen.state.afterBytes = 50_000;
    await expect(sql`select repeat('x', 1000) from generate_series(1, 1000)`).rejects.toMatchObject({
      code: 'ANSWER_TIMEOUT',
    });
    await sql.end({ timeout: 0 });
  });

  test('needs a limit that is a whole number', () => {
    expect(() => connectPostgres('postgres://h/db', { answerTimeoutMs: -1 })).toThrow(
      'answerTimeoutMs "-1" is not a whole number of at least 0.',
    );
  });
});

describe('the limit', () => {
  test('leaves alone what answers slowly but steadily, and what asks for nothing', async () => {
    const { url } = await databases.create();
    const frozen = await freezableLink(url);
    const sql = connectPostgres(frozen.url, { max: 1, statementTimeoutMs: 0, answerTimeoutMs: 500 });
    // Each row is sent when it is made: twelve of 100 ms are longer than the limit, and none is longer than it.
    const rows = await sql`select repeat('x', 20000), pg_sleep(0.1) from generate_series(1, 12)`;
    expect(rows).toHaveLength(12);
    // Idle for longer than the limit, as another connection measures it, also inside of a transaction.
    const clock = connectPostgres(url, { max: 1 });
    await sql.begin(async (tx) => {
      await tx`select 1`;
      await clock`select pg_sleep(0.8)`;
      await tx`select 2`;
    });
    await clock`select pg_sleep(0.8)`;
    await sql`select 3`;
    expect(frozen.state.connections).toBe(1);
    await Promise.all([sql.end(), clock.end()]);
  });

  test('counts answers, so that one of several queries on a connection may be the slow one', async () => {
    const { url } = await databases.create();
    const frozen = await freezableLink(url);
    const sql = connectPostgres(frozen.url, { max: 1, statementTimeoutMs: 0, answerTimeoutMs: 200 });
    await withoutAnswerLimit(sql, async () => sql`select 1`);
    const outcomes = await Promise.allSettled([
      ...Array.from({ length: 20 }, (_, n) => sql`select ${n}::int as n`),
      sql`select pg_sleep(60)`,
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([...Array<string>(20).fill('fulfilled'), 'rejected']);
    await sql.end({ timeout: 0 });
  });

  test('rests while migrations run', async () => {
    const { url } = await databases.create();
    const sql = connectPostgres(url, { max: 1, statementTimeoutMs: 0, answerTimeoutMs: 100 });
    const slow = { number: migrations.length + 1, name: 'slow', sql: 'select pg_sleep(0.5)' };
    expect(await migrate(sql, { migrations: [...migrations, slow] })).toMatchObject({ applied: [slow.number] });
    await expect(sql`select pg_sleep(60)`).rejects.toMatchObject({ code: 'ANSWER_TIMEOUT' });
    await sql.end({ timeout: 0 });
  });
});
