/**
 * Housecleaning: per symbol and day, compress raw objects into one archive, prove it, report, and only then delete what
 * the archive holds. Any step may be the last: running again continues from what the store holds, and the result is the
 * same.
 */
import { HousecleaningError, isObjectStoreError } from './errors.ts';
import {
  assertCell,
  clockKey,
  envKey,
  parseQuarantineKey,
  parseRawCell,
  quarantinePrefix,
  rawPrefix,
  type Cell,
} from './keys.ts';
import { listPages } from './internal/listing.ts';
import { readObject } from './internal/reading.ts';
import { createOverlayStore, hashMutations, recordMutations, type Mutation } from './internal/recorded-store.ts';
import { makeReport, writeReport } from './internal/report.ts';
import { runCell } from './internal/run-cell.ts';
import type { RunContext } from './internal/run-context.ts';
import {
  housecleaningDefaults,
  type CellReport,
  type HousecleaningOptions,
  type ResolvedOptions,
  type SanityReport,
} from './internal/run-types.ts';
import { sha256Hex } from './internal/sha256.ts';
import { fromUtf8, toUtf8 } from './internal/utf8.ts';
import type { ObjectStore } from './object-store.ts';

export { archiveStatus, readReport } from './internal/report.ts';
export type { Mutation } from './internal/recorded-store.ts';
export { housecleaningDefaults } from './internal/run-types.ts';
export type {
  CellReport,
  CellState,
  CellStep,
  Environment,
  HousecleaningEvent,
  HousecleaningOptions,
  RunOutcome,
  SanityReport,
  WriterPromise,
} from './internal/run-types.ts';

/** What a run would do. */
export interface HousecleaningPlan {
  /** Every put and delete, in order, without the report and the reading of the clock. */
  readonly mutations: readonly Mutation[];
  /** SHA-256 over `mutations`; the same as `run.planHash` of a run that finds the same store. */
  readonly hash: string;
  /** The report that the run would give. */
  readonly report: SanityReport;
}

/** Failures in a row after which a store is taken for unreachable. */
const maxFailuresInARow = 5;

/**
 * Cleans every cell that is due and stores the report as `raw_tns_compressed/sanity-info.json`, also after a failed
 * safety check or an abort. Safe to kill at any moment, to run twice at once, and to repeat: a run that finds nothing to
 * do changes nothing but the report and `housecleaning/v1/clock.json`, by which it reads the store's clock. A cell that
 * fails is reported in `cells[].problem`; the others go on.
 *
 * @throws HousecleaningError `bad-option`; `report-not-written` with the report as `subject`
 */
export async function runHousecleaning(options: HousecleaningOptions): Promise<SanityReport> {
  const resolved = resolveOptions(options);
  const { report } = await run(resolved);
  if (!resolved.dryRun) {
    try {
      return await writeReport(resolved.store, report);
    } catch (error) {
      throw new HousecleaningError(
        'report-not-written',
        `The run ended "${report.run.outcome}", but its report could not be stored; run again.`,
        report,
        { cause: error },
      );
    }
  }
  return report;
}

/**
 * What {@link runHousecleaning} would do now, by the same code on a copy that only remembers; the store is only read.
 *
 * @throws HousecleaningError `bad-option`
 */
export async function planHousecleaning(options: HousecleaningOptions): Promise<HousecleaningPlan> {
  const { report, mutations } = await run(resolveOptions({ ...options, dryRun: true }));
  return { mutations, hash: report.run.planHash, report };
}

async function run(options: ResolvedOptions): Promise<{ report: SanityReport; mutations: readonly Mutation[] }> {
  const ground = options.dryRun ? createOverlayStore(options.store, options.nowMs) : options.store;
  const { store, mutations } = recordMutations(ground);
  const cells: CellReport[] = [];
  const problems: string[] = [];
  const listener = createListener(options);
  let envStamp: SanityReport['safety']['envStamp'] = 'unread';
  let foreignKeys = 0;
  let context: RunContext | undefined;
  let failure: string | undefined;
  try {
    // Nothing is changed, not even a new store stamped, before the environment and the clock are known to be right.
    const environment = await readEnvironment(store, options);
    if (environment !== 'missing') envStamp = environment;
    const clock = environment === 'differs' ? undefined : await probeClock(options);
    if (clock && 'problem' in clock) problems.push(clock.problem);
    else if (environment === 'missing') envStamp = await stampEnvironment(store, options);
    if (envStamp === 'differs') {
      problems.push(
        `The store is not the one that this configuration means (env "${options.env.env}", bucket "${options.env.bucketId}"); ` +
          `compare "${envKey}" with the configuration.`,
      );
    }
    if (clock && 'timeMs' in clock && problems.length === 0) {
      const found = await findCells(store, options);
      foreignKeys = found.foreignKeys;
      context = {
        store,
        options,
        safeTimeMs: Math.min(options.nowMs, clock.timeMs),
        tell: listener.tell,
        quarantined: await findQuarantined(store, options),
        budget: options.maxDeletes,
        storeTimeMs: clock.timeMs,
      };
      await runCells(context, found.cells, cells);
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  if (problems.length > 0) listener.tell({ type: 'halted', reasons: problems });
  const report = makeReport({
    options,
    cells,
    problems,
    envStamp,
    foreignKeys,
    failure,
    listenerProblem: listener.problem(),
    storeTimeMs: context?.storeTimeMs,
    planHash: await hashMutations(mutations),
  });
  return { report, mutations };
}

/** Tells the caller of the run; keeps the first error of `onEvent` instead of letting it break the run off. */
function createListener({ onEvent }: ResolvedOptions): Pick<RunContext, 'tell'> & {
  readonly problem: () => string | undefined;
} {
  let problem: string | undefined;
  return {
    problem: () => problem,
    tell(event) {
      try {
        onEvent?.(event);
      } catch (error) {
        problem ??= `The option onEvent threw at "${event.type}": ${error instanceof Error ? error.message : String(error)}`;
      }
    },
  };
}

/**
 * Reads the store's clock by a put that everybody may overwrite; a dry run puts nothing and can only see that its clock
 * is behind the put of an earlier run.
 */
async function probeClock(
  options: ResolvedOptions,
): Promise<{ readonly timeMs: number } | { readonly problem: string }> {
  const { store, nowMs, clockToleranceMs, dryRun } = options;
  const { uploadedMs: timeMs } = dryRun
    ? { uploadedMs: Math.max(nowMs, (await store.head(clockKey))?.uploadedMs ?? nowMs) }
    : await store.put(clockKey, toUtf8(`{"schema":"hc-clock/1","nowMs":${nowMs}}\n`));
  if (Math.abs(timeMs - nowMs) <= clockToleranceMs) return { timeMs };
  return {
    problem: `The store's time is ${iso(timeMs)}, but the run's time nowMs is ${iso(nowMs)}; correct the clock that gives nowMs.`,
  };
}

function iso(timeMs: number): string {
  const time = new Date(timeMs);
  return Number.isNaN(time.getTime()) ? String(timeMs) : time.toISOString();
}

/** Runs the cells one after the other. */
async function runCells(context: RunContext, cells: readonly Cell[], reports: CellReport[]): Promise<void> {
  const { tell, options } = context;
  tell({ type: 'run-started', cells: cells.length });
  let failures = 0;
  for (const [index, cell] of cells.entries()) {
    options.signal?.throwIfAborted();
    tell({ type: 'cell-started', cell, index, cells: cells.length });
    const { report, error } = await runCell(context, cell);
    reports.push(report);
    tell({ type: 'cell-finished', report, index, cells: cells.length });
    failures = error === undefined ? 0 : failures + 1;
    if (failures === maxFailuresInARow) throw error;
  }
}

/** Compares the stamp of the store with the configuration. */
async function readEnvironment(
  store: ObjectStore,
  options: ResolvedOptions,
): Promise<'matches' | 'missing' | 'differs'> {
  const expected = environmentStamp(options);
  // A stamp that differs is read twice before the run is called off.
  for (let reads = 1; ; reads++) {
    const read = await readObject(store, envKey);
    if (read === undefined) return 'missing';
    if (fromUtf8(read.bytes) === expected) return 'matches';
    if (reads === 2) return 'differs';
  }
}

/** Stamps a new store. */
async function stampEnvironment(
  store: ObjectStore,
  options: ResolvedOptions,
): Promise<'matches' | 'created' | 'differs'> {
  const stamp = toUtf8(environmentStamp(options));
  let created = false;
  try {
    await store.put(envKey, stamp, { ifAbsent: true, sha256: await sha256Hex(stamp) });
    created = true;
  } catch (error) {
    if (!isObjectStoreError(error, 'precondition-failed')) throw error;
  }
  const there = await readEnvironment(store, options);
  if (there === 'missing') throw new Error(`"${envKey}" was put, but is not there; run again.`);
  return there === 'matches' && created ? 'created' : there;
}

function environmentStamp({ env: { env, bucketId } }: ResolvedOptions): string {
  return `${JSON.stringify({ schema: 'hc-env/1', env, bucketId })}\n`;
}

async function findCells(
  store: ObjectStore,
  options: ResolvedOptions,
): Promise<{ cells: readonly Cell[]; foreignKeys: number }> {
  if (options.cells) return { cells: options.cells, foreignKeys: 0 };
  const cells = new Map<string, Cell>();
  let foreignKeys = 0;
  // Only cells are kept: a store may hold more raw objects than a memory.
  for await (const page of listPages(store, rawPrefix, options.signal)) {
    for (const { key } of page) {
      const cell = parseRawCell(key);
      if (cell) cells.set(`${cell.symbol}/${cell.date}`, cell);
      else foreignKeys += 1;
    }
  }
  return { cells: [...cells.values()], foreignKeys };
}

async function findQuarantined(store: ObjectStore, options: ResolvedOptions): Promise<ReadonlySet<string>> {
  const quarantined = new Set<string>();
  for await (const page of listPages(store, quarantinePrefix, options.signal)) {
    for (const { key } of page) {
      const cell = parseQuarantineKey(key);
      if (cell) quarantined.add(`${cell.symbol}/${cell.date}`);
    }
  }
  return quarantined;
}

function resolveOptions(options: HousecleaningOptions): ResolvedOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...housecleaningDefaults, ...given } as ResolvedOptions;
  for (const name of [
    'nowMs',
    'graceMs',
    'minAgeMs',
    'maxDeletes',
    'maxSources',
    'maxCellBytes',
    'clockToleranceMs',
  ] as const) {
    const value = resolved[name];
    if (!Number.isFinite(value) || value < 0) throw badOption(name, value, 'a number from 0 on');
  }
  const writers: string = resolved.writers;
  if (writers !== 'write-once' && writers !== 'overwriting')
    throw badOption('writers', writers, '"write-once" or "overwriting"');
  if (!resolved.env.env || !resolved.env.bucketId) {
    throw badOption('env', resolved.env, 'two non-empty names { env, bucketId } that tell this store from every other');
  }
  resolved.cells?.forEach(assertCell);
  return resolved;
}

function badOption(name: string, value: unknown, expected: string): HousecleaningError {
  return new HousecleaningError(
    'bad-option',
    `The option ${name} is ${JSON.stringify(value)}; expected ${expected}.`,
    value,
  );
}
