import type { Codec } from '../codec.ts';
import type { MarketDay } from '../days.ts';
import type { Cell } from '../keys.ts';
import type { Lease } from '../lease.ts';
import type { ObjectStore } from '../object-store.ts';
import type { SafetyOptions } from '../safety.ts';
import type { DescribeRecord } from './records.ts';
import type { HousecleaningEvent } from './report-types.ts';

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

/** How much one run may delete compared with the runs before it; more needs a plan that somebody looked at. */
export interface DeleteLimits {
  /**
   * A run deletes at most this many times the median of the last 14 runs that deleted something.
   * @defaultValue 3
   */
  readonly medianFactor: number;
  /**
   * Deletes of one run that are always allowed, so that a small archive never waits for somebody.
   * @defaultValue 1 000
   */
  readonly floor: number;
}

/** What to clean and within which limits. */
export interface HousecleaningOptions {
  readonly store: ObjectStore;
  /**
   * Symbols and days to look at, in this order. The report shows what else is in quarantine after them.
   * @defaultValue every cell that has a raw object
   */
  readonly cells?: readonly Cell[];
  /** The time of the run, epoch ms UTC. Nothing in here reads a clock. */
  readonly nowMs: number;
  /**
   * How long after its end a day is left alone, ms; at least one hour unless `allowImmediate`.
   * @defaultValue 6 hours
   */
  readonly graceMs?: number;
  /**
   * How long a raw object must have been in the store, by the store's time, before it is deleted, ms; at least one hour
   * unless `allowImmediate`; 0 = no matter.
   * @defaultValue 24 hours
   */
  readonly minAgeMs?: number;
  /**
   * Allows `graceMs` and `minAgeMs` below one hour: for demonstrations and replays, whose only writer has finished.
   * @defaultValue false
   */
  readonly allowImmediate?: boolean;
  readonly writers: WriterPromise;
  /**
   * What a date means. A cell that was archived under another meaning is quarantined.
   * @defaultValue that of `safety`, else the UTC day
   */
  readonly day?: MarketDay;
  /**
   * Proof that this is the right store, that its clock is right and that the ingest is alive, before anything is changed.
   * @defaultValue only the environment stamp and the clock are checked
   */
  readonly safety?: SafetyOptions;
  /**
   * Consent to the first run against a store: to stamp a store that holds data already, and to delete without a run before
   * this one to compare with. Without it such a run is `halted` and says what to look at; {@link applyPlan} is the other
   * way to consent. Consent never covers a changed configuration or more deletes than `limits` allow.
   */
  readonly approve?: 'first-run';
  /**
   * Do everything on a copy that remembers what would be written; the store is only read.
   * @defaultValue false
   */
  readonly dryRun?: boolean;
  /**
   * Most raw objects deleted by this run, whatever `limits` and a plan say.
   * @defaultValue 200 000
   */
  readonly maxDeletes?: number;
  readonly limits?: Partial<DeleteLimits>;
  /**
   * Which part of the run's deletes this part of it may make, above 0 to 1; the shares of all parts add up to 1.
   * @defaultValue 1
   */
  readonly share?: number;
  /**
   * Most raw objects of one cell.
   * @defaultValue 1 000 000
   */
  readonly maxSources?: number;
  /**
   * Most decompressed bytes of one cell; a larger cell is reported and left as it is.
   * @defaultValue 1 GiB
   */
  readonly maxCellBytes?: number;
  /**
   * Compressed bytes of a cell that may be held in memory. A cell of up to eight times as many raw bytes is digested and
   * compressed in one pass, with one read of each raw object; a larger one, and one that turns out to need more, is streamed
   * through the store, with two.
   * @defaultValue 16 MiB
   */
  readonly bufferBytes?: number;
  /**
   * How far `nowMs` and the store's time may be apart, ms. A run reads the store's time first, by putting
   * `housecleaning/v1/clock.json`, and halts before any other change if they are further apart.
   * @defaultValue 60 seconds
   */
  readonly clockToleranceMs?: number;
  readonly env: Environment;
  /**
   * Name of the run in the report, the journal and quarantine records: 1 to 64 of `A-Z a-z 0-9 _ -`, another one for every
   * run.
   * @defaultValue a random one
   */
  readonly runId?: string;
  /**
   * Cells worked on at the same time; the report, the plan and its hash do not depend on it.
   * @defaultValue 1
   */
  readonly concurrency?: number;
  /**
   * `publish` ends every cell once its archive is published: nothing is deleted. The next run proves it and deletes. For
   * platforms with a limit of time for one step.
   */
  readonly stopAfter?: 'publish';
  /** Spares work that a peer does already; the run stops at the next request after losing it. Safety never rests on it. */
  readonly lease?: Lease;
  /**
   * Compression and digests.
   * @defaultValue the fastest that the platform has
   */
  readonly codec?: Codec;
  /**
   * What a record says of itself: then the manifest has the first and last time and id and the volume per side of every raw
   * object, and the report counts records outside their day. Records are never moved or changed.
   * @defaultValue records are only counted
   */
  readonly describeRecord?: DescribeRecord;
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
  allowImmediate: false,
  dryRun: false,
  maxDeletes: 200_000,
  limits: { medianFactor: 3, floor: 1_000 },
  share: 1,
  maxSources: 1_000_000,
  maxCellBytes: 1024 * 1024 * 1024,
  bufferBytes: 16 * 1024 * 1024,
  clockToleranceMs: 60_000,
  concurrency: 1,
} as const;

/** {@link HousecleaningOptions} with every default filled in. */
export type ResolvedOptions = Omit<HousecleaningOptions, 'limits' | 'day' | 'runId'> &
  Required<Pick<HousecleaningOptions, Exclude<keyof typeof housecleaningDefaults, 'limits'>>> & {
    readonly limits: DeleteLimits;
    readonly day: MarketDay;
    readonly runId: string;
  };
