/**
 * Housecleaning: per symbol and day, compress raw objects into one archive, prove it, report, and only then delete what
 * the archive holds. Any step may be the last: running again continues from what the store holds, and the result is the
 * same.
 */
import { HousecleaningError } from './errors.ts';
import { cellsBeside, markTold, notesToldIn } from './internal/healing-notes.ts';
import { cellsOfEntry, nextHistory, readJournal, writeEntry, type JournalEntry } from './internal/journal.ts';
import { findStoppedBeside } from './internal/find-cells.ts';
import type { ForeignEntries } from './internal/foreign.ts';
import { mergeReports, withCells, withForeign, withHealed } from './internal/merge-reports.ts';
import { listQuarantined } from './internal/quarantine.ts';
import { plannedDeletes, type Mutation } from './internal/recorded-store.ts';
import { writeReport } from './internal/report.ts';
import type { SanityReport } from './internal/report-types.ts';
import { run, type RunOrder, type RunResult } from './internal/run.ts';
import { reportNoted, reportStopped } from './internal/run-cell.ts';
import { configOf, configSha256, resolveOptions } from './internal/run-options.ts';
import type { HousecleaningOptions, ResolvedOptions } from './internal/run-types.ts';

export { continueReport } from './internal/continue-report.ts';
export { explainCell } from './internal/explain.ts';
export type { CellExplanation } from './internal/explain.ts';
export { listCells } from './internal/find-cells.ts';
export type { ListCellsOptions } from './internal/find-cells.ts';
export { tallyForeign } from './internal/foreign.ts';
export type { ForeignEntries, ForeignTally } from './internal/foreign.ts';
export { readLastEntry as readLastRun } from './internal/journal.ts';
export type { JournalEntry } from './internal/journal.ts';
export { mergeReports } from './internal/merge-reports.ts';
export type { PublishedFromStage, QuarantineRecord } from './internal/quarantine.ts';
export type { DescribeRecord, RecordFacts, RecordSummary, Volume } from './internal/records.ts';
export type { Mutation } from './internal/recorded-store.ts';
export { archiveStatus, readReport } from './internal/report.ts';
export type { ArchiveStatusCell } from './internal/report.ts';
export { resolveQuarantine } from './internal/resolve.ts';
export type { RunConfig } from './internal/run-options.ts';
export { housecleaningDefaults } from './internal/run-types.ts';
export type {
  CellReport,
  CellState,
  CellStep,
  HealedArchive,
  HousecleaningEvent,
  RunOutcome,
  SanityReport,
} from './internal/report-types.ts';
export type { DeleteLimits, Environment, HousecleaningOptions, WriterPromise } from './internal/run-types.ts';

/** What a run would do. */
export interface HousecleaningPlan {
  /** Every put and delete, in order, without the report, the journal and the reading of the clock. */
  readonly mutations: readonly Mutation[];
  /**
   * SHA-256 over `mutations`, the environment, the writers, the days and the limits; the same as `run.planHash` of a run
   * with the same options that finds the same store. For {@link applyPlan}. `''` if the plan broke off or was halted, as
   * `report` says: nobody can consent to it.
   */
  readonly hash: string;
  /** The report that the run would give. */
  readonly report: SanityReport;
  /** Why the run would need somebody's consent; empty if it would just run. */
  readonly needsApproval: readonly string[];
}

/**
 * Cleans every cell that is due, shows every cell that is in quarantine, notes what it changed in the journal and stores
 * the report as `raw_tns_compressed/sanity-info.json`, also after a failed safety check or an abort; only in a store of
 * another environment it changes nothing at all. Safe to kill at any moment, to run
 * twice at once, and to repeat: a run that finds nothing to do changes nothing but the report and
 * `housecleaning/v1/clock.json`, by which it reads the store's clock. A cell that fails is reported in `cells[].problem`;
 * the others go on.
 *
 * The first run against a store, and a run whose configuration changed since the last one, is `halted` until somebody
 * consents: by `approve: 'first-run'` to the former, by {@link applyPlan} to both.
 *
 * @throws HousecleaningError `bad-option`, `bad-key`; `report-not-written` with the report as `subject`
 */
export async function runHousecleaning(options: HousecleaningOptions): Promise<SanityReport> {
  return runAndReport(resolveOptions(options), { planned: options.dryRun === true });
}

/**
 * What a run would do now if somebody consented to it, by the same code on a copy that only remembers; the store is only
 * read. The compressed archives of all its cells are held in memory.
 *
 * @throws HousecleaningError `bad-option`, `bad-key`
 */
export async function planHousecleaning(options: HousecleaningOptions): Promise<HousecleaningPlan> {
  const { report, mutations } = await run(resolveOptions({ ...options, dryRun: true }), { planned: true });
  return { mutations, hash: report.run.planHash, report, needsApproval: report.safety.needsApproval };
}

/**
 * Runs what somebody saw in a plan, and consents to it: to a first run, a changed configuration, and more deletes than
 * usual, though never more than `maxDeletes`. The plan is made again first; if the store, the configuration or the limits
 * are not what the plan saw, or the plan cannot be made again, nothing is changed. A plan of no change consents to its
 * configuration alone. Objects that come in meanwhile are archived, but nothing is deleted that the plan did not hold.
 *
 * @throws HousecleaningError `plan-changed`; else as {@link runHousecleaning}
 */
export async function applyPlan(options: HousecleaningOptions & { readonly plan: string }): Promise<SanityReport> {
  const { plan, ...rest } = options;
  const resolved = resolveOptions({ ...rest, dryRun: false });
  const now = await run({ ...resolved, dryRun: true, onEvent: () => undefined }, { planned: true });
  const { planHash, reason } = now.report.run;
  if (!now.isWhole) {
    throw new HousecleaningError(
      'plan-changed',
      `The plan "${plan}" could not be made again, and nothing was done: ${reason ?? 'the run broke off'} Mend that, then plan again.`,
      plan,
    );
  }
  if (planHash !== plan) {
    throw new HousecleaningError(
      'plan-changed',
      `The plan "${plan}" is not what a run with these options would do now, which is "${planHash}"; look at the plan again.`,
      plan,
    );
  }
  return runAndReport(resolved, { planned: true, mayDelete: plannedDeletes(now.mutations) });
}

/**
 * The run of one of several processes that share a run: everything that {@link runHousecleaning} does but the journal and
 * the stored report, which {@link finishParts} does once for all. Give every part its `cells`, its `share` of the deletes
 * and the same `runId`.
 *
 * @throws HousecleaningError `bad-option`, `bad-key`
 */
export async function runPart(options: HousecleaningOptions): Promise<SanityReport> {
  return (await run(resolveOptions(options), { planned: options.dryRun === true, isPart: true })).report;
}

/**
 * Merges the reports of {@link runPart}, adds the cells in quarantine that no part looked at, notes the run in the journal
 * and stores the report.
 *
 * @param foreign - what `listCells` counted that no run touches; without it the report names none
 * @throws HousecleaningError `bad-option`; `report-not-written` with the report as `subject`
 */
export async function finishParts(
  options: HousecleaningOptions,
  parts: readonly SanityReport[],
  foreign?: ForeignEntries,
): Promise<SanityReport> {
  const resolved = resolveOptions(options);
  const config = configOf(resolved);
  const { last, untold } = await readJournal(resolved.store);
  const merged = await withHealed(withForeign(mergeReports(parts), foreign), resolved.store, untold);
  if (merged.run.configSha256 !== (await configSha256(config))) {
    throw new HousecleaningError(
      'bad-option',
      'The parts ran with other options than these; give all of them the same.',
    );
  }
  // Not with the signal: an abort ends the parts, not the report of them.
  const stopped =
    merged.run.outcome === 'halted'
      ? []
      : await findStoppedBeside(resolved.store, await listQuarantined(resolved.store), merged.cells, undefined);
  const { nowMs, maxSources } = resolved;
  const added = stopped.map((cell) => reportStopped(cell, nowMs));
  if (merged.run.outcome !== 'halted') {
    for (const cell of cellsBeside(untold, [...merged.cells, ...stopped])) {
      added.push(await reportNoted(resolved.store, cell, untold, { nowMs, maxSources }));
    }
  }
  const report = withCells(merged, added);
  const { addedSources, deletedSources, healed } = report.totals;
  const restaged = report.cells.filter((cell) => cell.restaged !== undefined).length;
  // It was finished before, and only its report was not stored.
  const isNoted = last?.run.id === report.run.id && last.run.startedAtMs === report.run.startedAtMs;
  return conclude(resolved, {
    ...{ report, mutations: [], config, history: last?.history ?? [], number: (last?.number ?? 0) + 1 },
    approvedBy: last === undefined && report.safety.ok ? (resolved.approve ?? null) : null,
    changed: !isNoted && addedSources + deletedSources + healed + restaged > 0,
    notes: notesToldIn(report.cells, untold),
  });
}

async function runAndReport(options: ResolvedOptions, order: RunOrder): Promise<SanityReport> {
  let begunEtag: string | undefined;
  const consented: RunOrder = {
    ...order,
    // Before the first change: after a crash the next run knows that it is not the first, nor changed.
    async onConsent({ approvedBy, config, configSha256: fingerprint, history, number }) {
      if (options.dryRun) return;
      const { runId: id, nowMs: startedAtMs } = options;
      const entry = {
        ...{ id, startedAtMs, finishedAtMs: startedAtMs, outcome: null, reason: null, dryRun: false },
        ...{ planHash: '', configSha256: fingerprint },
      };
      const what = { config, approvedBy, totals: null, history };
      const begun = { schema: 'hc-journal/1', number, run: entry, ...what } as const;
      begunEtag = await writeEntry(options.store, begun, { signal: options.signal });
    },
  };
  return conclude(options, await run(options, consented), begunEtag);
}

/**
 * P11: the journal entry of a run that changed something, then the report. A store of another environment keeps the report
 * of its own last run.
 */
async function conclude(
  options: ResolvedOptions,
  result: Omit<RunResult, 'isWhole'>,
  begunEtag?: string,
): Promise<SanityReport> {
  if (options.dryRun || result.report.safety.envStamp === 'differs') return result.report;
  let { report } = result;
  const { config, approvedBy, changed } = result;
  if (report.run.outcome !== 'halted' && (changed || approvedBy)) {
    const history = nextHistory(result.history, report.totals.deletedSources);
    const entry: JournalEntry = {
      ...{ schema: 'hc-journal/1', number: result.number, run: report.run, config, approvedBy },
      ...{ totals: report.totals, history, ...cellsOfEntry(report) },
    };
    try {
      await writeEntry(options.store, entry, { over: begunEtag });
    } catch (error) {
      const why = `The journal entry of the run could not be stored: ${error instanceof Error ? error.message : String(error)}`;
      const reason = report.run.reason === null ? why : `${report.run.reason} ${why}`;
      report = { ...report, run: { ...report.run, outcome: 'partial', reason }, lastGood: null };
    }
  }
  try {
    const stored = await writeReport(options.store, report);
    if (report.run.outcome !== 'halted') await markTold(options.store, result.notes);
    return stored;
  } catch (error) {
    throw new HousecleaningError('report-not-written', notStored(report.run, error), report, { cause: error });
  }
}

/** Both reasons: of how the run ended, and of why nobody will read that in the store. */
function notStored({ outcome, reason }: SanityReport['run'], error: unknown): string {
  const cause = error instanceof Error ? error.message : String(error);
  const why = reason === null ? '' : ` ${reason}`;
  const also = reason?.includes(cause) ? 'for the same reason' : `because: ${cause.replace(/\.$/, '')}`;
  return `The run ended "${outcome}".${why} Its report could not be stored, ${also}. Put that right, then run again.`;
}
