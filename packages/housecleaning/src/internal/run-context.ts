import type { Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import type { ProvenArchive } from './base.ts';
import type { CellState, CellStep, HousecleaningEvent, ResolvedOptions } from './run-types.ts';

/** What the cells of one run share. */
export interface RunContext {
  readonly store: ObjectStore;
  readonly options: ResolvedOptions;
  /** What decides whether a day is closed and an object old enough: the earlier of the run's time and the store's. */
  readonly safeTimeMs: number;
  /** Tells the caller; what its listener throws is kept for the report and never reaches the run. */
  readonly tell: (event: HousecleaningEvent) => void;
  /** Cells with a quarantine record at the start of the run, as `SYMBOL/DATE`. */
  readonly quarantined: ReadonlySet<string>;
  /** Deletes that the run may still make. */
  budget: number;
  /** The latest time that the store told, epoch ms. */
  storeTimeMs: number | undefined;
}

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

/** Remembers the time that the store told. */
export function noteStoreTime(context: RunContext, info: ObjectInfo): void {
  context.storeTimeMs = Math.max(context.storeTimeMs ?? -Infinity, info.uploadedMs);
}
