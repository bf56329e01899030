import { latestDate } from '../days.ts';
import type { Cell } from '../keys.ts';
import { withLease } from '../lease.ts';
import type { ObjectStore } from '../object-store.ts';
import { checkSafety, type SafetyVerdict } from '../safety.ts';
import { hasData, isAnother, probeClock, readEnvironment, stampEnvironment } from './environment.ts';
import { findStoppedBeside, scanCells } from './find-cells.ts';
import { noForeign, tallyForeign, type ForeignEntries } from './foreign.ts';
import { cellsBeside, markTold, notesToldIn, writeNote, type HealingNote } from './healing-notes.ts';
import { readJournal, type JournalEntry } from './journal.ts';
import { deleteBudget, findReasonsToAsk } from './limits.ts';
import { listQuarantined } from './quarantine.ts';
import { hashPlan } from './plan-hash.ts';
import { createOverlayStore, recordMutations, type Mutation } from './recorded-store.ts';
import { makeReport } from './report.ts';
import type { CellReport, HealedArchive, HousecleaningEvent, SanityReport } from './report-types.ts';
import { reportNoted } from './run-cell.ts';
import { runCells, type CellResults } from './run-cells.ts';
import { configOf, configSha256, type RunConfig } from './run-options.ts';
import { noteStoreTime } from './run-context.ts';
import { readOnly, withoutDelete, type RunStore } from './run-store.ts';
import type { ResolvedOptions } from './run-types.ts';

/** How a run came about. */
export interface RunOrder {
  /** Somebody has seen the plan of this run. */
  readonly planned: boolean;
  /** One of several parts of a run: what stands still elsewhere in the store is the business of the whole. */
  readonly isPart?: boolean;
  /** The deletes of that plan: no other may happen. */
  readonly mayDelete?: ReadonlySet<string>;
  /** Called before the first change of a run that needed consent and has it. */
  readonly onConsent?: (found: Findings) => Promise<void>;
}

/** What a run did. */
export interface RunResult {
  readonly report: SanityReport;
  readonly mutations: readonly Mutation[];
  readonly config: RunConfig;
  readonly history: readonly number[];
  readonly number: number;
  readonly approvedBy: JournalEntry['approvedBy'];
  /** True if a cell was changed, or the report tells what an earlier run healed. */
  readonly changed: boolean;
  /** What was noted and is told by the report. */
  readonly notes: readonly HealingNote[];
  /** True if the run neither broke off nor was halted. */
  readonly isWhole: boolean;
}

/** Checks first, then works on the cells; an error ends in the report. */
export async function run(options: ResolvedOptions, order: RunOrder): Promise<RunResult> {
  const own = options.dryRun ? createOverlayStore(options.store, options.nowMs) : options.store;
  const ground = options.lease ? withLease(own, options.lease) : own;
  const { store, mutations: opening } = recordMutations(ground);
  const config = configOf(options);
  const found: Findings = {
    config,
    configSha256: await configSha256(config),
    problems: [],
    needsApproval: [],
    approvedBy: null,
    envStamp: 'unread',
    foreign: noForeign,
    safety: undefined,
    history: [],
    number: 1,
    deletes: 0,
    untold: [],
    clock: { latestMs: options.nowMs },
  };
  const noted: HealingNote[] = [];
  const settled: HealingNote[] = [];
  const beside: CellReport[] = [];
  const listener = createListener(options);
  const results: CellResults = { reports: [], mutations: [] };
  let failure: string | undefined;
  try {
    const opened = await openRun(options, order, ground, withoutDelete(store), found);
    if (opened) {
      const quarantined = await listQuarantined(ground, options.signal);
      const frame = {
        ...{ options, tell: listener.tell, clock: found.clock, safeTimeMs: opened.safeTimeMs },
        archiveOnly: found.safety?.verdict === 'archive-only',
        quarantined,
        ...{ untold: found.untold, noted, settled },
        async noteHealing(cell: Cell, healed: HealedArchive): Promise<void> {
          if (options.dryRun) return;
          const note = { cell, startedAtMs: options.nowMs, runId: options.runId };
          noted.push(note);
          await writeNote(ground, note, healed);
        },
      };
      const cells = order.isPart
        ? opened.cells
        : [...opened.cells, ...(await findStoppedBeside(ground, quarantined, opened.cells, options.signal))];
      await runCells(frame, ground, cells, { deletes: found.deletes, mayDelete: order.mayDelete }, results);
      for (const cell of order.isPart ? [] : cellsBeside(found.untold, cells)) {
        beside.push(await reportNoted(withoutDelete(ground), cell, found.untold, options));
      }
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  const { problems, approvedBy, history, number } = found;
  if (problems.length > 0) listener.tell({ type: 'halted', reasons: problems });
  const changes = results.mutations.flatMap((mutations) => mutations ?? []);
  const mutations = [...opening, ...changes];
  const isWhole = failure === undefined && problems.length === 0;
  const report = makeReport({
    options,
    found,
    cells: [...results.reports.filter((cell) => cell !== undefined), ...beside],
    failure,
    listenerProblem: listener.problem(),
    // Nobody can consent to a plan that is not whole.
    planHash: options.dryRun && !isWhole ? '' : await hashPlan(options, config, mutations),
  });
  const notes = [...settled, ...notesToldIn(report.cells, [...noted, ...found.untold])];
  // The end of a run in parts would take them for those of a part that was killed.
  if (order.isPart) await markTold(withoutDelete(ground), settled);
  const changed = changes.length > 0 || report.totals.healed > 0;
  return { report, mutations, config, history, number, approvedBy, changed, notes, isWhole };
}

/** What a run finds out before it looks into cells; a problem halts it. */
export interface Findings {
  readonly config: RunConfig;
  readonly configSha256: string;
  readonly problems: string[];
  needsApproval: readonly string[];
  approvedBy: JournalEntry['approvedBy'];
  envStamp: SanityReport['safety']['envStamp'];
  foreign: ForeignEntries;
  safety: SafetyVerdict | undefined;
  history: readonly number[];
  /** Of the journal entry that this run would write. */
  number: number;
  /** Most raw objects that the run may delete. */
  deletes: number;
  /** What earlier runs noted that they would heal, and no report told. */
  untold: readonly HealingNote[];
  readonly clock: { latestMs: number };
}

/**
 * Store, clock, ingest and consent, in this order. Nothing but the clock's object is changed, not even a new store stamped,
 * before all of them are known to be right. `undefined` if the run is halted.
 */
async function openRun(
  options: ResolvedOptions,
  order: RunOrder,
  ground: ObjectStore,
  store: RunStore,
  found: Findings,
): Promise<{ readonly cells: readonly Cell[]; readonly safeTimeMs: number } | undefined> {
  const { problems, config } = found;
  const environment = await readEnvironment(store, options);
  if (environment !== 'missing') found.envStamp = environment;
  if (environment === 'differs') {
    problems.push(isAnother(options));
    return undefined;
  }

  // The reading of the clock is no part of the plan: it is another one every time.
  const time = await probeClock(withoutDelete(ground), options);
  if ('problem' in time) {
    problems.push(time.problem);
    return undefined;
  }
  noteStoreTime(found, { uploadedMs: time.timeMs });
  const safeTimeMs = Math.min(options.nowMs, time.timeMs);

  const { safety, nowMs, clockToleranceMs } = options;
  if (safety) {
    const storeMs = time.timeMs;
    found.safety = await checkSafety(readOnly(ground), { clockToleranceMs, ...safety, nowMs, storeMs });
    if (found.safety.verdict === 'halt') {
      problems.push(...found.safety.problems);
      return undefined;
    }
  }

  const { cells, foreign } = await findCells(ground, options, safeTimeMs);
  found.foreign = foreign;
  const listed = options.cells ? 0 : cells.length + foreign.keys;
  const { last, untold } = await readJournal(store, options.signal);
  // What another step of the same run noted is told by the end of it.
  found.untold = order.isPart ? untold.filter(({ runId }) => runId !== options.runId) : untold;
  found.history = last?.history ?? [];
  found.number = (last?.number ?? 0) + 1;
  const unstampedData = environment === 'missing' && (listed > 0 || (await hasData(store)));
  const reasons = findReasonsToAsk({ config, last, unstampedData });
  const firstRun = cells.length > 0 || unstampedData ? reasons.firstRun : [];
  const asked = [...firstRun, ...reasons.changed];
  if (asked.length > 0 && order.planned) found.approvedBy = 'plan';
  else if (firstRun.length > 0 && options.approve === 'first-run') found.approvedBy = 'first-run';
  const missing = order.planned ? [] : found.approvedBy ? reasons.changed : asked;
  found.needsApproval = options.dryRun ? asked : missing;
  if (missing.length > 0) {
    problems.push(...missing, howToConsent(reasons.changed.length === 0));
    return undefined;
  }

  if (environment === 'missing') {
    found.envStamp = await stampEnvironment(store, options);
    if (found.envStamp === 'differs') {
      problems.push(isAnother(options));
      return undefined;
    }
  }
  if (found.approvedBy) await order.onConsent?.(found);
  const { maxDeletes, limits, share } = options;
  const { history } = found;
  // Rounded up: many small parts of a run must not share nothing.
  found.deletes = Math.ceil(deleteBudget({ maxDeletes, limits, history, approved: order.planned }) * share);
  return { cells, safeTimeMs };
}

/** The cells to work on, and what was seen on the way that belongs to none. */
async function findCells(
  store: ObjectStore,
  options: ResolvedOptions,
  safeTimeMs: number,
): Promise<{ readonly cells: readonly Cell[]; readonly foreign: ForeignEntries }> {
  if (options.cells) return { cells: options.cells, foreign: noForeign };
  const cells: Cell[] = [];
  const foreign = tallyForeign();
  for await (const cell of scanCells(store, latestDate(safeTimeMs, options.day), foreign, options.signal))
    cells.push(cell);
  return { cells, foreign: foreign.found() };
}

function howToConsent(isFirstRun: boolean): string {
  const apply = 'Look at what would happen with planHousecleaning, then consent to it with applyPlan and its hash';
  return isFirstRun ? `${apply}, or give the option approve: "first-run".` : `${apply}.`;
}

/** Tells the caller of the run; keeps the first error of `onEvent` instead of letting it break the run off. */
function createListener({ onEvent }: ResolvedOptions): {
  readonly tell: (event: HousecleaningEvent) => void;
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
