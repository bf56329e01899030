import { isObjectStoreError } from '../errors.ts';
import { reportKey } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import { readObject } from './reading.ts';
import type { CellReport, ResolvedOptions, RunOutcome, SanityReport } from './run-types.ts';
import { sha256Hex } from './sha256.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';

/** Cells that the stored report keeps, so that it stays below 256 KiB. */
const maxStoredCells = 500;

interface RunFacts {
  readonly options: ResolvedOptions;
  readonly cells: readonly CellReport[];
  /** Why the run was halted. */
  readonly problems: readonly string[];
  readonly envStamp: SanityReport['safety']['envStamp'];
  readonly foreignKeys: number;
  /** Why the run broke off. */
  readonly failure: string | undefined;
  /** What the listener of the run threw. */
  readonly listenerProblem: string | undefined;
  readonly storeTimeMs: number | undefined;
  readonly planHash: string;
}

/** Sums a run up. */
export function makeReport(facts: RunFacts): SanityReport {
  const { options, cells, problems, failure, listenerProblem } = facts;
  const troubled = cells.filter((cell) => cell.problem !== null && cell.state !== 'empty').length;
  const outcome: RunOutcome =
    problems.length > 0
      ? 'halted'
      : failure !== undefined
        ? cells.length === 0
          ? 'failed'
          : 'partial'
        : troubled > 0 || listenerProblem !== undefined
          ? 'partial'
          : 'ok';
  const reasons =
    problems.length > 0
      ? [...problems]
      : [failure ?? (troubled > 0 ? `${troubled} of ${cells.length} cells need attention.` : undefined)];
  const told = [...reasons, listenerProblem].filter((text) => text !== undefined);
  const reason = told.length === 0 ? null : told.join(' ');
  const states: Partial<Record<CellReport['state'], number>> = {};
  for (const { state } of cells) states[state] = (states[state] ?? 0) + 1;
  const sum = (pick: (cell: CellReport) => number): number => cells.reduce((total, cell) => total + pick(cell), 0);
  const { env, bucketId } = options.env;
  const startedAtMs = options.nowMs;
  const finishedAtMs = Math.max(startedAtMs, facts.storeTimeMs ?? startedAtMs);
  return {
    schema: 'hc-sanity/1',
    env: { env, bucketId },
    run: { startedAtMs, finishedAtMs, outcome, reason, dryRun: options.dryRun, planHash: facts.planHash },
    safety: { ok: problems.length === 0, envStamp: facts.envStamp, problems, foreignKeys: facts.foreignKeys },
    totals: {
      cells: cells.length,
      states,
      sources: sum((cell) => cell.sources),
      lines: sum((cell) => cell.lines),
      rawBytes: sum((cell) => cell.rawBytes),
      gzBytes: sum((cell) => cell.gzBytes),
      addedSources: sum((cell) => cell.addedSources),
      deletedSources: sum((cell) => cell.deletedSources),
      problems: troubled,
    },
    cells,
    lastGood: outcome === 'ok' ? { startedAtMs, finishedAtMs } : null,
  };
}

/** Stores a report by compare-and-swap, so that an older run cannot cover a newer one; returns it with `lastGood`. */
export async function writeReport(store: ObjectStore, report: SanityReport): Promise<SanityReport> {
  for (let attempt = 1; ; attempt++) {
    const before = await readObject(store, reportKey);
    const last = before && parseReport(before.bytes);
    if (last && last.run.startedAtMs > report.run.startedAtMs && last.env.env === report.env.env) return report;
    const complete = { ...report, lastGood: report.lastGood ?? last?.lastGood ?? null };
    const bytes = toUtf8(`${JSON.stringify({ ...complete, cells: mostImportant(report.cells) }, undefined, 1)}\n`);
    try {
      await store.put(reportKey, bytes, {
        ...(before ? { ifMatch: before.info.etag } : { ifAbsent: true }),
        sha256: await sha256Hex(bytes),
      });
      return complete;
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed') || attempt === 5) throw error;
    }
  }
}

/** The report of the last run against a store; `undefined` if there is none or it is not of this version. */
export async function readReport(store: ObjectStore): Promise<SanityReport | undefined> {
  const read = await readObject(store, reportKey);
  return read && parseReport(read.bytes);
}

/** A report in the shape that the API serves as `ArchiveStatus`. */
export function archiveStatus(report: SanityReport | undefined): {
  outcome: RunOutcome | 'never-run';
  reason: string | null;
  finishedAtMs: number | null;
  cells: Omit<CellReport, 'addedSources' | 'deletedSources' | 'conflicts' | 'sha256' | 'manifestSha256'>[];
} {
  if (report === undefined) return { outcome: 'never-run', reason: null, finishedAtMs: null, cells: [] };
  const { outcome, reason, finishedAtMs } = report.run;
  const cells = report.cells.map(
    ({ symbol, date, state, generation, sources, lines, rawBytes, gzBytes, prunedSources, verifiedAtMs, problem }) => {
      return {
        symbol,
        date,
        state,
        generation,
        sources,
        lines,
        rawBytes,
        gzBytes,
        prunedSources,
        verifiedAtMs,
        problem,
      };
    },
  );
  return { outcome, reason, finishedAtMs, cells };
}

function parseReport(bytes: Uint8Array): SanityReport | undefined {
  try {
    const raw = JSON.parse(fromUtf8(bytes)) as SanityReport | null;
    return raw?.schema === 'hc-sanity/1' && typeof raw.run.startedAtMs === 'number' ? raw : undefined;
  } catch {
    return undefined;
  }
}

function mostImportant(cells: readonly CellReport[]): readonly CellReport[] {
  if (cells.length <= maxStoredCells) return cells;
  const troubled = cells.filter((cell) => cell.problem !== null);
  const fine = cells.filter((cell) => cell.problem === null);
  return [...troubled, ...fine].slice(0, maxStoredCells);
}
