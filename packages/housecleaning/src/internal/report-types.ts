import type { Cell } from '../keys.ts';
import type { Environment } from './run-types.ts';

/**
 * Where a cell stands, derived from the store:
 * `open` day not over · `empty` neither raw nor archive · `raw` no archive yet · `staged` archive stored, not published ·
 * `published` not re-read yet · `verified` re-read and proven in this run, raw still there · `pruning` proven, raw partly
 * deleted · `archived` proven, no archived raw left · `late` new raw beside an archive · `conflict` proven, but a key of
 * the archive holds another object, which is kept and needs somebody to look · `quarantined` the archive contradicts
 * itself, an operator must look.
 */
export type CellState =
  | 'open'
  | 'empty'
  | 'raw'
  | 'staged'
  | 'published'
  | 'verified'
  | 'pruning'
  | 'archived'
  | 'late'
  | 'conflict'
  | 'quarantined';

/** An archive that was not what it declares, and what a run put in its place. */
export interface HealedArchive {
  /** What was wrong with what lay there. */
  readonly fault: string;
  /** What lay there; `null` where the archive was gone. */
  readonly replaced: {
    readonly etag: string;
    readonly bytes: number;
    /** Key of a copy of it, proven before it was replaced; not where only the metadata was lost. */
    readonly keptAs?: string;
  } | null;
  /** Key of the staged copy that replaced it; `null` where only its metadata was lost, and its bytes were right. */
  readonly stage: string | null;
  /** SHA-256 of the compressed bytes that were put. */
  readonly gzSha256: string;
}

/** What a run found and did in one cell. */
export interface CellReport {
  readonly symbol: string;
  readonly date: string;
  readonly state: CellState;
  /** Generation of the archive, 0 without one. */
  readonly generation: number;
  /** Raw objects inside the archive; before there is one, raw objects listed. */
  readonly sources: number;
  /** Records inside the archive. */
  readonly lines: number;
  /** Decompressed bytes of the archive; before there is one, raw bytes listed. */
  readonly rawBytes: number;
  /** Compressed bytes of the archive. */
  readonly gzBytes: number;
  /** Raw objects of the archive that are no longer in the store, whoever deleted them. */
  readonly prunedSources: number;
  /** The run's time if the archive was re-read and proven in this run. */
  readonly verifiedAtMs: number | null;
  /** What needs attention, with the next step. */
  readonly problem: string | null;
  /** Raw objects that this run brought into the archive. */
  readonly addedSources: number;
  /** Raw objects that this run deleted. */
  readonly deletedSources: number;
  /** Keys under which another object lies than the one that was archived; they are kept. */
  readonly conflicts: number;
  /**
   * Archived raw objects that no run may ever delete here: the store cannot delete conditionally, and their keys can be
   * written again. Nothing is wrong with them; they stay.
   */
  readonly keptSources: number;
  /** What this run repaired: a disk that eats archives shows up here, and nowhere else. */
  readonly healed: HealedArchive | null;
  /** Key of the staged copy of the archive, where it was gone and this run put it there again; left out otherwise. */
  readonly restaged?: string;
  /** True if there is nothing on a day on which the market traded. */
  readonly gap: boolean;
  /** Records whose time is outside their day, where `describeRecord` tells times of all of them. */
  readonly misdated: number | null;
  /** SHA-256 of the decompressed archive. */
  readonly sha256: string | null;
  /** SHA-256 of the manifest. */
  readonly manifestSha256: string | null;
}

/** How a run ended. `halted`: the safety check failed; `partial`: some cells, or `onEvent`, need attention; `failed`: nothing could be done. */
export type RunOutcome = 'ok' | 'halted' | 'partial' | 'failed';

/** The report of one run, stored as `raw_tns_compressed/sanity-info.json`. */
export interface SanityReport {
  readonly schema: 'hc-sanity/1';
  readonly env: Environment;
  readonly run: {
    readonly id: string;
    readonly startedAtMs: number;
    /** The latest time that the store told during the run; `startedAtMs` if it told none. */
    readonly finishedAtMs: number;
    readonly outcome: RunOutcome;
    /** Why it is not `ok`. */
    readonly reason: string | null;
    readonly dryRun: boolean;
    /**
     * SHA-256 over all changes of the run, in order, and the options that somebody consents to with them: environment,
     * writers, days and limits. A dry run with the same outlook has the same; one that broke off or was halted has `''`.
     */
    readonly planHash: string;
    /** SHA-256 over the options that decide what may be deleted; another one needs consent. */
    readonly configSha256: string;
  };
  readonly safety: {
    readonly ok: boolean;
    /** `created` on the first run against a store. */
    readonly envStamp: 'matches' | 'created' | 'differs' | 'unread';
    readonly problems: readonly string[];
    /** What needs somebody's consent before this run may happen; empty if nothing does or it was given. */
    readonly needsApproval: readonly string[];
    /** `archive-only`: cells were archived, nothing was deleted. */
    readonly verdict: 'go' | 'archive-only' | 'halt';
    /** What the check of the ingest looked at; `null` without the option `safety`. */
    readonly evidence: Readonly<Record<string, unknown>> | null;
    /** Objects under `raw_tns/` whose symbol or date is not in the grammar, or still to come; they are never touched. */
    readonly foreignKeys: number;
    /** Entries there that are no objects: in a folder, links and names that are no keys. Nobody archives them. */
    readonly strays: number;
    /** The first ten of both, quoted, strays with what they are. Like the counts empty where the run was given its cells. */
    readonly foreign: readonly string[];
  };
  /** Most raw objects that this run could delete, and what the last runs that deleted something deleted, newest last. */
  readonly limits: { readonly deletes: number; readonly history: readonly number[] };
  readonly totals: {
    readonly cells: number;
    readonly states: Readonly<Partial<Record<CellState, number>>>;
    readonly sources: number;
    readonly lines: number;
    readonly rawBytes: number;
    readonly gzBytes: number;
    readonly addedSources: number;
    readonly deletedSources: number;
    readonly problems: number;
    readonly gaps: number;
    /** Cells whose archive was damaged and is whole again. */
    readonly healed: number;
    readonly keptSources: number;
  };
  /** In the order of the run. The stored report keeps what fits into 256 KiB, at most 500, those with a problem first. */
  readonly cells: readonly CellReport[];
  /** The last run before this one that ended `ok`, or this one. */
  readonly lastGood: { readonly startedAtMs: number; readonly finishedAtMs: number } | null;
}

/** One step of the protocol inside a cell. */
export type CellStep = 'base' | 'list' | 'build' | 'manifest' | 'stage' | 'publish' | 'verify' | 'prune';

/** Progress of a run. */
export type HousecleaningEvent =
  | { readonly type: 'run-started'; readonly cells: number }
  | { readonly type: 'cell-started'; readonly cell: Cell; readonly index: number; readonly cells: number }
  /** `done` of `total` raw objects of the cell are through this step. */
  | {
      readonly type: 'step';
      readonly cell: Cell;
      readonly step: CellStep;
      readonly done: number;
      readonly total: number;
    }
  | { readonly type: 'cell-finished'; readonly report: CellReport; readonly index: number; readonly cells: number }
  | { readonly type: 'halted'; readonly reasons: readonly string[] };
