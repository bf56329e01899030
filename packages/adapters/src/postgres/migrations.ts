/** Every change of the schema, oldest first. A migration that was released is never edited: add the next one. */
import { instrumentsAndBars } from './migrations/001-instruments-and-bars.ts';
import { quotesAndFlow } from './migrations/002-quotes-and-flow.ts';
import { sessionsScoresArchive } from './migrations/003-sessions-scores-archive.ts';
import { stocksAndBrokers } from './migrations/004-stocks-and-brokers.ts';
import { statements } from './migrations/005-statements.ts';
import { scoresAndSignals } from './migrations/006-scores-and-signals.ts';
import { accountsAndAudit } from './migrations/007-accounts-and-audit.ts';
import { partitions } from './migrations/008-partitions.ts';
import { auditTruncate } from './migrations/009-audit-truncate.ts';

/** One step of the schema. */
export interface Migration {
  /** Counts from 1, without gaps. */
  readonly number: number;
  readonly name: string;
  /** One or more statements; they run in one transaction. */
  readonly sql: string;
}

/**
 * The schema of this version. Tables that grow with time carry their time in every key: they are hypertables where
 * Timescale was installed when they were made, and partitioned by range of time otherwise (`maintainPartitions`).
 */
export const migrations: readonly Migration[] = [
  { number: 1, name: 'instruments and bars', sql: instrumentsAndBars },
  { number: 2, name: 'quotes and flow', sql: quotesAndFlow },
  { number: 3, name: 'sessions, scores, archive', sql: sessionsScoresArchive },
  { number: 4, name: 'stocks and brokers', sql: stocksAndBrokers },
  { number: 5, name: 'statements', sql: statements },
  { number: 6, name: 'scores and signals', sql: scoresAndSignals },
  { number: 7, name: 'accounts and audit', sql: accountsAndAudit },
  { number: 8, name: 'partitions', sql: partitions },
  { number: 9, name: 'audit truncate', sql: auditTruncate },
];
