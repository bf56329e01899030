import type { Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import type { ProvenArchive } from './base.ts';
import type { CellState, CellStep, ResolvedOptions } from './run-types.ts';

/** What the cells of one run share. */
export interface RunContext {
  readonly store: ObjectStore;
  readonly options: ResolvedOptions;
  /** Cells with a quarantine record at the start of the run, as `SYMBOL/DATE`. */
  readonly quarantined: ReadonlySet<string>;
  /** Deletes that the run may still make. */
  budget: number;
  /** The latest time that the store told, epoch ms. */
  storeTimeMs: number | undefined;
}

/** The clock or the store is not what it should be: the run ends here. */
export class HaltError extends Error {}
/** Somebody else moved the cell on: start over from what is there now. */
export class RestartCell extends Error {}

/** Tells how far a step of a cell is. */
export type TellStep = (name: CellStep, done: number, total: number) => void;

/** What is known of a cell so far; ends up in its report whatever happens. */
export interface CellProgress {
  readonly cell: Cell;
  state: CellState;
  listed: readonly ObjectInfo[];
  archive: Omit<ProvenArchive, 'gz' | 'info'> | undefined;
  verified: boolean;
  added: number;
  deleted: number;
  remaining: number;
  conflicts: number;
  problems: string[];
}

/** Starts the cell over. */
export function restart(why: string): never {
  throw new RestartCell(why);
}

/** Refuses to go on when the run's clock and what the store tells are too far apart. */
export function assertClock(context: RunContext, listed: readonly ObjectInfo[]): void {
  const { nowMs, clockToleranceMs } = context.options;
  const { storeTimeMs } = context;
  const newest = listed.reduce((latest, object) => Math.max(latest, object.uploadedMs), -Infinity);
  if (newest > Math.max(nowMs, storeTimeMs ?? nowMs) + clockToleranceMs) {
    throw new HaltError(
      `The store accepted an object at ${iso(newest)}, but the run's time nowMs is ${iso(nowMs)}; correct the clock that gives nowMs.`,
    );
  }
  if (storeTimeMs !== undefined && nowMs > storeTimeMs + clockToleranceMs) {
    throw new HaltError(
      `The store's time is ${iso(storeTimeMs)}, but the run's time nowMs is ${iso(nowMs)}; correct the clock that gives nowMs.`,
    );
  }
}

/** Remembers the time that the store told. */
export function noteStoreTime(context: RunContext, info: ObjectInfo): void {
  context.storeTimeMs = Math.max(context.storeTimeMs ?? -Infinity, info.uploadedMs);
}

function iso(timeMs: number): string {
  return Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : String(timeMs);
}
