/** Every change of the schema, oldest first. A migration that was released is never edited: add the next one. */
import { instrumentsAndBars } from './migrations/001-instruments-and-bars.ts';
import { quotesAndFlow } from './migrations/002-quotes-and-flow.ts';
import { sessionsScoresArchive } from './migrations/003-sessions-scores-archive.ts';

/** One step of the schema. */
export interface Migration {
  /** Counts from 1, without gaps. */
  readonly number: number;
  readonly name: string;
  /** One or more statements; they run in one transaction. */
  readonly sql: string;
}

/**
 * The schema of this version. Tables that grow with time carry their time in every key, so that they can become
 * partitions or hypertables without a change of keys; today they are plain tables.
 */
export const migrations: readonly Migration[] = [
  { number: 1, name: 'instruments and bars', sql: instrumentsAndBars },
  { number: 2, name: 'quotes and flow', sql: quotesAndFlow },
  { number: 3, name: 'sessions, scores, archive', sql: sessionsScoresArchive },
];
