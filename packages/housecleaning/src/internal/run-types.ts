import type { Cell } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';

/** Which environment and bucket this configuration means; compared with the stamp in the store before anything else. */
export interface Environment {
  /** For example `prod`, `staging`, `local`. */
  readonly env: string;
  /** For example the bucket's name. */
  readonly bucketId: string;
}

/**
 * What the writers of raw objects promise.
 * - `write-once`: a key is put once, with `ifAbsent`, and never again (`createTapeWriter` does so).
 * - `overwriting`: keys may be rewritten; raw is then deleted only by stores that delete conditionally.
 */
export type WriterPromise = 'write-once' | 'overwriting';

/** What to clean and within which limits. */
export interface HousecleaningOptions {
  readonly store: ObjectStore;
  /**
   * Symbols and days to look at, in this order.
   * @defaultValue every cell that has a raw object
   */
  readonly cells?: readonly Cell[];
  /** The time of the run, epoch ms UTC. Nothing in here reads a clock. */
  readonly nowMs: number;
  /**
   * How long after its end a day is left alone, ms.
   * @defaultValue 6 hours
   */
  readonly graceMs?: number;
  /**
   * How long a raw object must have been in the store, by the store's time, before it is deleted, ms; 0 = no matter.
   * @defaultValue 24 hours
   */
  readonly minAgeMs?: number;
  readonly writers: WriterPromise;
  /**
   * Do everything on a copy that remembers what would be written; the store is only read.
   * @defaultValue false
   */
  readonly dryRun?: boolean;
  /**
   * Most raw objects deleted by this run.
   * @defaultValue 200 000
   */
  readonly maxDeletes?: number;
  /**
   * Most raw objects of one cell.
   * @defaultValue 1 000 000
   */
  readonly maxSources?: number;
  /**
   * Most decompressed bytes of one cell; a larger cell is reported and left as it is.
   * @defaultValue 512 MiB
   */
  readonly maxCellBytes?: number;
  /**
   * How far `nowMs` and the store's time may be apart, ms. A run reads the store's time first, by putting
   * `housecleaning/v1/clock.json`, and halts before any other change if they are further apart.
   * @defaultValue 60 seconds
   */
  readonly clockToleranceMs?: number;
  readonly env: Environment;
  /**
   * Told of every step. An error that it throws does not disturb the run: it goes on to its end, and the report names the
   * first such error as the `reason` of the outcome `partial`. To stop a run use `signal`.
   */
  readonly onEvent?: (event: HousecleaningEvent) => void;
  /** Stops at the next step; the report is written all the same. */
  readonly signal?: AbortSignal;
}

/** Values of options that are left out. */
export const housecleaningDefaults = {
  graceMs: 6 * 3_600_000,
  minAgeMs: 24 * 3_600_000,
  dryRun: false,
  maxDeletes: 200_000,
  maxSources: 1_000_000,
  maxCellBytes: 512 * 1024 * 1024,
  clockToleranceMs: 60_000,
} as const;

/** {@link HousecleaningOptions} with every default filled in. */
export type ResolvedOptions = HousecleaningOptions &
  Required<Pick<HousecleaningOptions, keyof typeof housecleaningDefaults>>;

/**
 * Where a cell stands, derived from the store:
 * `open` day not over · `empty` neither raw nor archive · `raw` no archive yet · `staged` archive stored, not published ·
 * `published` not re-read yet · `verified` re-read and proven in this run, raw still there · `pruning` proven, raw partly
 * deleted · `archived` proven, no archived raw left · `late` new raw beside an archive · `quarantined` the archive
 * contradicts itself, an operator must look.
 */
export type CellState =
  'open' | 'empty' | 'raw' | 'staged' | 'published' | 'verified' | 'pruning' | 'archived' | 'late' | 'quarantined';

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
    readonly startedAtMs: number;
    /** The latest time that the store told during the run; `startedAtMs` if it told none. */
    readonly finishedAtMs: number;
    readonly outcome: RunOutcome;
    /** Why it is not `ok`. */
    readonly reason: string | null;
    readonly dryRun: boolean;
    /** SHA-256 over all changes of the run, in order; a dry run with the same outlook has the same. */
    readonly planHash: string;
  };
  readonly safety: {
    readonly ok: boolean;
    /** `created` on the first run against a store. */
    readonly envStamp: 'matches' | 'created' | 'differs' | 'unread';
    readonly problems: readonly string[];
    /** Objects under `raw_tns/` whose symbol or date is not in the grammar; they are never touched. */
    readonly foreignKeys: number;
  };
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
  };
  /** In the order of the run. The stored report keeps at most 500, those with a problem first. */
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
