/** The repositories inside workerd, over the connection string that a Hyperdrive binding gives. */
import { connectPostgres, createRepositories, maintainPartitions, migrate } from '../../src/postgres.ts';
import { testBar } from '../../src/postgres/internal/test-bars.ts';
import { testQuotes } from '../../src/postgres/internal/test-quotes.ts';

interface PostgresEnv {
  readonly HYPERDRIVE: { readonly connectionString: string };
}

export default {
  /** `POST /` migrates, writes, reads and refuses once, and says what came of it. */
  async fetch(_request: Request, env: PostgresEnv): Promise<Response> {
    // Hyperdrive pools by transaction: it takes prepared statements, but no settings at the start of a connection.
    const sql = connectPostgres(env.HYPERDRIVE.connectionString, { max: 1, statementTimeoutMs: 0 });
    try {
      const { version } = await migrate(sql);
      const { bars, l1 } = createRepositories(sql);
      const quotes = testQuotes(6000);
      return Response.json({
        userAgent: navigator.userAgent,
        version,
        bars: await bars.upsertMany([testBar(0), testBar(60_000)], { intervalMs: 60_000 }),
        page: await bars.page({ symbol: 'ETHUSDT', limit: 1 }),
        quotes: [await l1.insertMany(quotes), await l1.insertMany(quotes)],
        partitions: await maintainPartitions(sql, { nowMs: quotes[0]!.time, tables: ['orderbook_l1'] }),
        refused: await bars
          .upsertMany([testBar(0, { close: '1' })], { intervalMs: 60_000 })
          .catch((error: unknown) => (error as { code?: string }).code),
      });
    } catch (error) {
      return Response.json({ error: error instanceof Error ? error.stack : String(error) }, { status: 500 });
    } finally {
      await sql.end();
    }
  },
};
