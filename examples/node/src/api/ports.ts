/** What the API reads, as narrow as it needs it; the system implements it over its database. */
import type { OperationInput } from '@tapekit/sdk/contract';
import type { ArchiveStatus, FootprintPage, L1, Metrics, Progress, Score, SymbolInfo } from '@tapekit/sdk/schemas';
import type { EventHub } from './event-hub.ts';

/** A range of bars, with the page size decided. */
export type FootprintQuery = OperationInput<'listFootprints'> & { readonly limit: number };

/** Read access to the results. `undefined` always means: nothing is known of this symbol (or not yet this part of it). */
export interface ReadRepositories {
  /** Every instrument, by symbol. */
  symbols(): Promise<readonly SymbolInfo[]>;
  /**
   * Bars of `[from, to)` by their start, oldest first, at most `limit`; `cursor` is the `nextCursor` of the page before.
   * A cursor that this method never gave out throws a {@link BadCursorError}.
   */
  footprints(query: FootprintQuery): Promise<FootprintPage | undefined>;
  metrics(symbol: string): Promise<Metrics | undefined>;
  quote(symbol: string): Promise<L1 | undefined>;
  score(symbol: string): Promise<Score | undefined>;
  archive(): Promise<ArchiveStatus>;
}

/** Thrown by {@link ReadRepositories.footprints} for a cursor that it never gave out; the API answers 400. */
export class BadCursorError extends Error {
  override readonly name = 'BadCursorError';
}

/** One entry of the log. */
export interface LogEntry {
  readonly level: 'warn' | 'error';
  readonly message: string;
  /** As sent in `X-Request-Id`. */
  readonly requestId: string;
  /** With its stack, which never leaves the server by another way. */
  readonly error?: unknown;
}

/** What the API is made of. */
export interface ApiDeps {
  readonly repositories: ReadRepositories;
  /** Where the main job stands. */
  readonly progress: () => Progress;
  /** Whether the database answers; a rejection counts as no. */
  readonly checkDatabase: () => Promise<boolean>;
  /** Whether the object store answers; a rejection counts as no. */
  readonly checkStore: () => Promise<boolean>;
  readonly events: EventHub;
  readonly version: string;
  /** Epoch milliseconds UTC. */
  readonly startedAtMs: number;
  /** Epoch milliseconds UTC. */
  readonly now: () => number;
  /** Folder with the built pages; without it `/` leads to the API reference. */
  readonly webRoot?: string;
  /** Takes what went wrong; silent unless given. */
  readonly log?: (entry: LogEntry) => void;
  /**
   * Live streams that may be open at once.
   * @defaultValue 1000
   */
  readonly maxStreams?: number;
  /** Calls `tick` every `ms` until the returned function is called; `setInterval` unless given. */
  readonly every?: (ms: number, tick: () => void) => () => void;
}
