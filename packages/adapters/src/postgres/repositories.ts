import type { PostgresClient } from './client.ts';
import { createArchiveRepository, type ArchiveRepository } from './repositories/archive.ts';
import { clearSymbol } from './repositories/clear-symbol.ts';
import { createBarsRepository, type BarsRepository } from './repositories/bars.ts';
import { createInstrumentsRepository, type InstrumentsRepository } from './repositories/instruments.ts';
import { createL1Repository, type L1Repository } from './repositories/l1.ts';
import { createFlowMetricsRepository, type FlowMetricsRepository } from './repositories/metrics.ts';
import { createScoresRepository, type ScoresRepository } from './repositories/scores.ts';
import { createSessionsRepository, type SessionsRepository } from './repositories/sessions.ts';
import { createTableRepository, type TableRepository } from './repositories/table.ts';
import type { TableDefinition } from './internal/table-definition.ts';
import { accountTables } from './tables/accounts.ts';
import { brokerTables } from './tables/brokers.ts';
import { signalTables } from './tables/signals.ts';
import { statementTables } from './tables/statements.ts';
import { stockTables } from './tables/stocks.ts';

/** Definitions of the tables that need no repository of their own kind. */
const tables = { ...stockTables, ...brokerTables, ...statementTables, ...signalTables, ...accountTables } as const;

/** The tables of companies, brokers, statements, signals and accounts, by name. */
export type TableRepositories = {
  readonly [T in keyof typeof tables]: (typeof tables)[T] extends TableDefinition<infer R> ? TableRepository<R> : never;
};

/** Everything that the schema stores, one narrow repository for each table. */
export interface Repositories extends TableRepositories {
  readonly instruments: InstrumentsRepository;
  readonly bars: BarsRepository;
  readonly l1: L1Repository;
  readonly metrics: FlowMetricsRepository;
  readonly sessions: SessionsRepository;
  readonly scores: ScoresRepository;
  readonly archive: ArchiveRepository;
  /**
   * Deletes everything that was derived from a tape of this symbol: bars with their revisions, quotes, flow metrics and
   * scores, in one transaction. For a replay that takes the place of an earlier one; the instrument and its sessions stay.
   */
  clearSymbol(symbol: string): Promise<void>;
}

/**
 * Typed access to a migrated database. Decimals go in and come out as canonical decimal strings, times as epoch
 * milliseconds; writing the same again changes nothing.
 *
 * Every method rejects with `AdaptersError`: `bad-record` for a value that the table cannot hold (nothing is written),
 * `unreachable` when the connection cannot be made or breaks, `database-timeout`, or `database-refused` with the
 * server's reason. No message holds the address or the password.
 *
 * @example
 * ```ts
 * const sql = connectPostgres('postgres://user:password@127.0.0.1/market');
 * await migrate(sql);
 * const { bars } = createRepositories(sql);
 * await bars.upsertMany(footprints, { intervalMs: 60_000 });
 * const { items, nextCursor } = await bars.page({ symbol: 'ETHUSDT', limit: 200 });
 * ```
 */
export function createRepositories(sql: PostgresClient): Repositories {
  return {
    instruments: createInstrumentsRepository(sql),
    bars: createBarsRepository(sql),
    l1: createL1Repository(sql),
    metrics: createFlowMetricsRepository(sql),
    sessions: createSessionsRepository(sql),
    scores: createScoresRepository(sql),
    archive: createArchiveRepository(sql),
    ...tableRepositories(sql),
    clearSymbol: (symbol) => clearSymbol(sql, symbol),
  };
}

function tableRepositories(sql: PostgresClient): TableRepositories {
  const entries = Object.entries(tables).map(([name, definition]) => [
    name,
    createTableRepository(sql, definition as TableDefinition<object>),
  ]);
  return Object.fromEntries(entries) as TableRepositories;
}
