/** What the job needs of the outside world, as narrow as it uses it. */
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import type { StreamEventData, StreamEventName } from '@tapekit/sdk/contract';
import type { ArchiveStatus, Metrics, Progress, Score, SymbolInfo } from '@tapekit/sdk/schemas';
import type { PublishedBar } from './session.ts';

/** An instrument and how its bars are made. */
export type Instrument = Pick<SymbolInfo, 'symbol' | 'tickSize' | 'lotSize' | 'rowTicks' | 'intervalMs'>;

/**
 * Where results are kept for the API. The bars of a run take the place of those of the run before; every write may be
 * repeated.
 */
export interface ResultStore {
  /** Announces the run and its instrument. */
  begin(): Promise<void>;
  saveBars(bars: readonly PublishedBar[]): Promise<void>;
  saveMetrics(metrics: Metrics): Promise<void>;
  saveScore(score: Score): Promise<void>;
  saveArchive(archive: ArchiveStatus): Promise<void>;
  /** Says how the run ended. */
  finish(outcome: 'done' | 'failed', finishedAtMs: number): Promise<void>;
}

/** Announces a live event to whoever listens. */
export type Publish = <Name extends StreamEventName>(event: Name, data: StreamEventData<Name>) => void;

/** What the job runs with. */
export interface JobContext {
  readonly results: ResultStore;
  readonly store: ObjectStore;
  readonly publish: Publish;
  readonly progress: (progress: Progress) => void;
  /** Wall clock, epoch milliseconds UTC: decides which days are closed and stamps reports. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}
