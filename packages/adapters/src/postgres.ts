/**
 * Postgres: connecting, migrating and typed repositories. Runs in Node and in workerd (`nodejs_compat`); the embedded
 * server is apart, in `@tapekit/adapters/postgres/embedded`.
 */
export { connectPostgres, connectPostgresDefaults } from './postgres/client.ts';
export type { ConnectPostgresOptions, PostgresClient } from './postgres/client.ts';
export {
  maintainPartitions,
  maintainPartitionsDefaults,
  timeTables,
  type MaintainPartitionsOptions,
  type PartitionLength,
  type PartitionReport,
  type TimeTable,
} from './postgres/maintain-partitions.ts';
export { migrate } from './postgres/migrate.ts';
export type { MigrateOptions, MigrationResult } from './postgres/migrate.ts';
export { migrations } from './postgres/migrations.ts';
export type { Migration } from './postgres/migrations.ts';
export { createRepositories } from './postgres/repositories.ts';
export type { Repositories, TableRepositories } from './postgres/repositories.ts';
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
export { tableQueryDefaults } from './postgres/repositories/table.ts';
export type { Page, TableQuery, TableRepository } from './postgres/repositories/table.ts';
export { createStoredOrderBookProvider } from './postgres/stored-order-book-provider.ts';
export type {
  ApiKeyRecord,
  AuditRecord,
  JobRunRecord,
  LoginSessionRecord,
  UserRecord,
} from './postgres/tables/accounts.ts';
export type { BrokerClassRecord, BrokerRecord, BrokerSummaryRecord } from './postgres/tables/brokers.ts';
export type {
  AlertEventRecord,
  AlertRecord,
  PredictionRecord,
  SentimentRecord,
  SettingRecord,
  StockScoreRecord,
  WatchlistRecord,
} from './postgres/tables/signals.ts';
export { balanceLines, cashFlowLines, incomeLines, ratioLines } from './postgres/tables/statements.ts';
export type {
  BalanceSheet,
  CashFlowStatement,
  FinancialRatios,
  IncomeStatement,
  Statement,
  StatementHead,
} from './postgres/tables/statements.ts';
export type {
  CompanyProfileRecord,
  CorporateActionRecord,
  FinancialsRecord,
  ShareholdingRecord,
  StockNewsRecord,
  StockPriceRecord,
  StockPriceRevision,
  StockRecord,
  SubsidiaryRecord,
} from './postgres/tables/stocks.ts';
export type { JsonObject, JsonValue, WriteResult } from './postgres/types.ts';
