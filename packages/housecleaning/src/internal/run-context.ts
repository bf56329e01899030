import type { Cell } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import type { ProvenArchive } from './base.ts';
import type { HealingNote } from './healing-notes.ts';
import type { Prune } from './prune.ts';
import type { CellState, CellStep, HealedArchive, HousecleaningEvent } from './report-types.ts';
import type { RunStore } from './run-store.ts';
import type { ResolvedOptions } from './run-types.ts';

/** What the cells of one run share. */
export interface RunFrame {
  readonly options: ResolvedOptions;
  /** What decides whether a day is closed and an object old enough: the earlier of the run's time and the store's. */
  readonly safeTimeMs: number;
  /** The safety check lets nothing be deleted. */
  readonly archiveOnly: boolean;
  /** Tells the caller; what its listener throws is kept for the report and never reaches the run. */
  readonly tell: (event: HousecleaningEvent) => void;
  /** Cells with a quarantine record at the start of the run, as `SYMBOL/DATE`. */
  readonly quarantined: ReadonlySet<string>;
  /** The latest time that the store told, epoch ms. */
  readonly clock: { latestMs: number };
  /** What earlier runs noted that they would heal, and no report told. */
  readonly untold: readonly HealingNote[];
  /** Writes down what is healed next; no part of a plan, for it names the run. */
  readonly noteHealing: (cell: Cell, healed: HealedArchive) => Promise<void>;
  /** What this run wrote down. */
  readonly noted: readonly HealingNote[];
  /** Those of them that there is nothing to tell of. */
  readonly settled: HealingNote[];
}

/** What one cell works with. */
export interface RunContext extends RunFrame {
  readonly store: RunStore;
  /** P10, the only door to deleting. */
  readonly prune: Prune;
  /** Deletes that this cell may make of those that it wants. */
  readonly takeDeletes: (wanted: number) => Promise<number>;
  readonly giveBackDeletes: (count: number) => void;
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
  archive: Omit<ProvenArchive, 'info'> | undefined;
  verified: boolean;
  added: number;
  deleted: number;
  remaining: number;
  conflicts: number;
  /** Archived raw objects that may never be deleted in this store. */
  kept: number;
  gap: boolean;
  healed?: HealedArchive;
  /** Key of the staged copy that was put again. */
  restaged?: string;
  problems: string[];
}

/** Starts the cell over. */
export function restart(why: string): never {
  throw new RestartCell(why);
}

/** Remembers the time that the store told. */
export function noteStoreTime(context: Pick<RunFrame, 'clock'>, info: Pick<ObjectInfo, 'uploadedMs'>): void {
  context.clock.latestMs = Math.max(context.clock.latestMs, info.uploadedMs);
}
