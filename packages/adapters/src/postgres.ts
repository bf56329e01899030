/**
 * Postgres: connecting, migrating and typed repositories. Runs in Node and in workerd (`nodejs_compat`); the embedded
 * server is apart, in `@tapekit/adapters/postgres/embedded`.
 */
export { connectPostgres, connectPostgresDefaults } from './postgres/client.ts';
export type { ConnectPostgresOptions, PostgresClient } from './postgres/client.ts';
export { migrate } from './postgres/migrate.ts';
export type { MigrateOptions, MigrationResult } from './postgres/migrate.ts';
export { migrations } from './postgres/migrations.ts';
export type { Migration } from './postgres/migrations.ts';
export { createRepositories } from './postgres/repositories.ts';
export type { Repositories } from './postgres/repositories.ts';
export type { ArchiveReportRecord, ArchiveRepository, NewArchiveReport } from './postgres/repositories/archive.ts';
export { barsPageDefaults } from './postgres/repositories/bars.ts';
export type {
  BarRevision,
  BarsPage,
  BarsPageQuery,
  BarsRepository,
  BarsSummary,
  UpsertBarsOptions,
} from './postgres/repositories/bars.ts';
export type { Instrument, InstrumentsRepository } from './postgres/repositories/instruments.ts';
export type { L1Repository } from './postgres/repositories/l1.ts';
export type { FlowMetricsRecord, FlowMetricsRepository } from './postgres/repositories/metrics.ts';
export type { ScoreDocument, ScoresRepository } from './postgres/repositories/scores.ts';
export type { NewSession, SessionRecord, SessionsRepository } from './postgres/repositories/sessions.ts';
export { createStoredOrderBookProvider } from './postgres/stored-order-book-provider.ts';
export type { JsonObject, JsonValue, WriteResult } from './postgres/types.ts';
