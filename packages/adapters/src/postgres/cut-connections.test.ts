// A link to a real server that fails at the nth message of the client, for every n: whatever the caller does again when it is
// told `unreachable`, the tables hold what they would hold without a failure.
import { describe, expect, test } from 'vitest';
import { isAdaptersError } from '../errors.ts';
import { connectPostgres } from './client.ts';
import { testBar } from './internal/test-bars.ts';
import { useTestDatabases } from './internal/test-database.ts';
import { useTestLinks } from './internal/test-link.ts';
import { firstQuoteMs, testQuotes } from './internal/test-quotes.ts';
import { migrate } from './migrate.ts';
import { createRepositories } from './repositories.ts';

/** `before`: the server never sees the message; `after`: its answer is lost; `terminated`: an administrator ends the session. */
const cuts = ['before', 'after', 'terminated'] as const;
type Cut = (typeof cuts)[number];

const databases = useTestDatabases();
const link = useTestLinks();

/** A link that fails once, at the client's message `at`, counted over all connections. */
async function fragileLink(url: string, at: number, cut: Cut, terminate: () => Promise<unknown>) {
  const state = { messages: 0 };
  const through = await link(url, (near, far) => {
    let isMute = false;
    near.on('data', (chunk) => {
      state.messages += 1;
      if (state.messages !== at) {
        far.write(chunk);
        return;
      }
      if (cut === 'before') near.destroy();
      else if (cut === 'after') {
        isMute = true;
        far.write(chunk);
      } else void terminate().then(() => far.write(chunk));
    });
    far.on('data', (chunk) => {
      if (isMute) near.destroy();
      else near.write(chunk);
    });
  });
  return { state, url: through };
}

/** Does it again when the database could not be reached, as the error says. */
async function persistently<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!isAdaptersError(error, 'unreachable') || tries === 3) throw error;
    }
  }
}

const minute = 60_000;
const bars = Array.from({ length: 6 }, (_, i) => testBar(firstQuoteMs + i * minute));
const revised = testBar(firstQuoteMs, { high: '2700' });

/** The same statements each time: bars in two parts, a bar of a later revision, quotes. */
async function write(url: string): Promise<void> {
  const sql = connectPostgres(url, { max: 1, applicationName: 'fragile', statementTimeoutMs: 0 });
  const into = createRepositories(sql);
  await persistently(() => into.bars.upsertMany(bars.slice(0, 4), { intervalMs: minute }));
  await persistently(() => into.bars.upsertMany(bars.slice(4), { intervalMs: minute }));
  await persistently(() => into.bars.upsertMany([revised], { intervalMs: minute, revisions: [1] }));
  await persistently(() => into.l1.insertMany(testQuotes(20)));
  await sql.end({ timeout: 0 });
}

type Database = Awaited<ReturnType<typeof databases.create>>;

/** Fails at each message in turn, until there are no more; returns how many there were. */
async function everywhere(
  cut: Cut,
  { url, sql }: Database,
  work: (url: string) => Promise<void>,
  checkAndEmpty: () => Promise<void>,
): Promise<number> {
  const terminate = (): Promise<unknown> =>
    sql`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'fragile' and datname = current_database()`;
  for (let at = 1; ; at++) {
    const fragile = await fragileLink(url, at, cut, terminate);
    await work(fragile.url);
    await checkAndEmpty();
    if (fragile.state.messages < at) return at - 1;
  }
}

describe.each(cuts)('a connection that is cut (%s) at every message', (cut) => {
  test('loses no row and makes none twice', async () => {
    const database = await databases.create();
    const { sql } = database;
    const stored = createRepositories(sql);
    const places = await everywhere(cut, database, write, async () => {
      const { items } = await stored.bars.page({ symbol: 'ETHUSDT' });
      expect(items).toEqual([revised, ...bars.slice(1)]);
      const [counts] = await sql<
        { quotes: number; revisions: number }[]
      >`select (select count(*)::int from orderbook_l1) as quotes, (select count(*)::int from bar_revisions) as revisions`;
      expect(counts).toEqual({ quotes: 20, revisions: 1 });
      await stored.clearSymbol('ETHUSDT');
    });
    expect(places).toBeGreaterThan(5);
  });

  test('leaves migrations that go on', async () => {
    const database = await databases.create({ migrated: false });
    const migrateOver = async (url: string): Promise<void> => {
      const sql = connectPostgres(url, { max: 1, applicationName: 'fragile' });
      await persistently(() => migrate(sql, { target: 1 }));
      await sql.end({ timeout: 0 });
    };
    const places = await everywhere(cut, database, migrateOver, async () => {
      expect(await migrate(database.sql, { target: 1 })).toEqual({ applied: [], version: 1 });
      await database.sql.unsafe('drop schema public cascade; create schema public');
    });
    expect(places).toBeGreaterThan(5);
  });
});
