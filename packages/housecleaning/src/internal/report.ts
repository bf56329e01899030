import { isObjectStoreError } from '../errors.ts';
import { reportKey } from '../keys.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ForeignEntries } from './foreign.ts';
import { readObject } from './reading.ts';
import type { CellReport, RunOutcome, SanityReport } from './report-types.ts';
import type { Findings } from './run.ts';
import type { ResolvedOptions } from './run-types.ts';
import { sha256Hex } from './sha256.ts';
import { fromUtf8, toUtf8 } from './utf8.ts';

/** Most bytes of the stored report, and most cells in it. */
const maxStoredBytes = 256 * 1024;
const maxStoredCells = 500;
/** Longest text of the stored report. */
const maxStoredText = 2_000;
/** A host's clock may be wrong, but not by more than this. */
const maxAheadMs = 31 * 86_400_000;

interface RunFacts {
  readonly options: ResolvedOptions;
  readonly found: Findings;
  readonly cells: readonly CellReport[];
  /** Why the run broke off. */
  readonly failure: string | undefined;
  /** What the listener of the run threw. */
  readonly listenerProblem: string | undefined;
  readonly planHash: string;
}

/** Sums a run up. */
export function makeReport(facts: RunFacts): SanityReport {
  const { options, found, cells, failure, listenerProblem } = facts;
  const { problems, safety } = found;
  const troubled = cells.filter(isTroubled).length;
  const unsafe = safety?.verdict === 'archive-only' ? safety.problems : [];
  const outcome: RunOutcome =
    problems.length > 0
      ? 'halted'
      : failure !== undefined
        ? cells.length === 0
          ? 'failed'
          : 'partial'
        : troubled > 0 || listenerProblem !== undefined || unsafe.length > 0
          ? 'partial'
          : 'ok';
  const reasons =
    problems.length > 0
      ? [...problems]
      : [...unsafe, failure ?? (troubled > 0 ? needAttention({ problems: troubled, cells: cells.length }) : undefined)];
  const told = [...reasons, listenerProblem].filter((text) => text !== undefined);
  const { env, bucketId } = options.env;
  const startedAtMs = options.nowMs;
  const finishedAtMs = found.clock.latestMs;
  return {
    schema: 'hc-sanity/1',
    env: { env, bucketId },
    run: {
      id: options.runId,
      startedAtMs,
      finishedAtMs,
      outcome,
      reason: told.length === 0 ? null : told.join(' '),
      dryRun: options.dryRun,
      planHash: facts.planHash,
      configSha256: found.configSha256,
    },
    safety: {
      ok: problems.length === 0,
      envStamp: found.envStamp,
      problems: [...problems, ...unsafe],
      needsApproval: found.needsApproval,
      verdict: problems.length > 0 ? 'halt' : (safety?.verdict ?? 'go'),
      evidence: safety?.evidence ?? null,
      ...foreignOf(found.foreign),
    },
    limits: { deletes: found.deletes, history: found.history },
    totals: sumUp(cells),
    cells,
    lastGood: outcome === 'ok' ? { startedAtMs, finishedAtMs } : null,
  };
}

/** Foreign entries as a report tells them. */
export function foreignOf({
  keys,
  strays,
  names,
}: ForeignEntries): Pick<SanityReport['safety'], 'foreignKeys' | 'strays' | 'foreign'> {
  return { foreignKeys: keys, strays, foreign: names };
}

/** The reason of a run whose cells are not all well. */
export function needAttention({ problems, cells }: Pick<SanityReport['totals'], 'problems' | 'cells'>): string {
  return `${problems} of ${cells} cells need attention.`;
}

/** True for a cell that somebody should look at. */
export function isTroubled(cell: CellReport): boolean {
  return cell.gap || (cell.problem !== null && cell.state !== 'empty');
}

/** The totals of cells. */
export function sumUp(cells: readonly CellReport[]): SanityReport['totals'] {
  const states: Partial<Record<CellReport['state'], number>> = {};
  for (const { state } of cells) states[state] = (states[state] ?? 0) + 1;
  const sum = (pick: (cell: CellReport) => number): number => cells.reduce((total, cell) => total + pick(cell), 0);
  return {
    cells: cells.length,
    states,
    sources: sum((cell) => cell.sources),
    lines: sum((cell) => cell.lines),
    rawBytes: sum((cell) => cell.rawBytes),
    gzBytes: sum((cell) => cell.gzBytes),
    addedSources: sum((cell) => cell.addedSources),
    deletedSources: sum((cell) => cell.deletedSources),
    problems: sum((cell) => Number(isTroubled(cell))),
    gaps: sum((cell) => Number(cell.gap)),
    healed: sum((cell) => Number(cell.healed !== null)),
    keptSources: sum((cell) => cell.keptSources),
  };
}

/** Every other run that ends meanwhile takes one. */
const mostAttempts = 20;

/** Stores a report by compare-and-swap, so that an older run cannot cover a newer one; returns it with `lastGood`. */
export async function writeReport(
  store: Pick<ObjectStore, 'get' | 'put'>,
  report: SanityReport,
): Promise<SanityReport> {
  for (let attempt = 1; ; attempt++) {
    const before = await readObject(store, reportKey);
    const last = before && parseReport(before.bytes);
    // A report from long after the time at which it was stored is damaged, and must not stand in the way for ever.
    const isNewer =
      last !== undefined &&
      last.run.startedAtMs > report.run.startedAtMs &&
      last.run.startedAtMs <= before!.info.uploadedMs + maxAheadMs;
    if (isNewer && last.env.env === report.env.env) return report;
    const complete = { ...report, lastGood: report.lastGood ?? last?.lastGood ?? null };
    const bytes = storedReport(complete);
    try {
      await store.put(reportKey, bytes, {
        ...(before ? { ifMatch: before.info.etag } : { ifAbsent: true }),
        sha256: await sha256Hex(bytes),
      });
      return complete;
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed') || attempt === mostAttempts) throw error;
    }
  }
}

/** The report of the last run against a store; `undefined` if there is none or it is not of this version. */
export async function readReport(store: Pick<ObjectStore, 'get'>): Promise<SanityReport | undefined> {
  const read = await readObject(store, reportKey);
  return read && parseReport(read.bytes);
}

/** A report in the shape that the API serves as `ArchiveStatus`; a cell in `conflict` is `late` there. */
export function archiveStatus(report: SanityReport | undefined): {
  outcome: RunOutcome | 'never-run';
  reason: string | null;
  finishedAtMs: number | null;
  cells: ArchiveStatusCell[];
} {
  if (report === undefined) return { outcome: 'never-run', reason: null, finishedAtMs: null, cells: [] };
  const { outcome, reason, finishedAtMs } = report.run;
  const cells = report.cells.map(
    ({ symbol, date, state, generation, sources, lines, rawBytes, gzBytes, prunedSources, verifiedAtMs, problem }) => {
      return {
        ...{ symbol, date, state: state === 'conflict' ? ('late' as const) : state },
        ...{ generation, sources, lines, rawBytes, gzBytes, prunedSources, verifiedAtMs, problem },
      };
    },
  );
  return { outcome, reason, finishedAtMs, cells };
}

/** One cell of {@link archiveStatus}. */
export type ArchiveStatusCell = Pick<
  CellReport,
  | 'symbol'
  | 'date'
  | 'generation'
  | 'sources'
  | 'lines'
  | 'rawBytes'
  | 'gzBytes'
  | 'prunedSources'
  | 'verifiedAtMs'
  | 'problem'
> & { readonly state: Exclude<CellReport['state'], 'conflict'> };

function parseReport(bytes: Uint8Array): SanityReport | undefined {
  try {
    const raw = JSON.parse(fromUtf8(bytes)) as SanityReport | null;
    return raw !== null && isReport(raw) ? raw : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the parts that programs read are there; a damaged report is none. */
function isReport({ schema, env, run, cells, lastGood }: SanityReport): boolean {
  const times = [run.startedAtMs, run.finishedAtMs, ...(lastGood ? [lastGood.startedAtMs, lastGood.finishedAtMs] : [])];
  const texts = [env.env, env.bucketId, run.outcome];
  const version: string = schema;
  return (
    version === 'hc-sanity/1' &&
    times.every((timeMs) => Number.isSafeInteger(timeMs)) &&
    texts.every((text) => typeof text === 'string') &&
    ['string', 'undefined'].includes(typeof run.id) &&
    Array.isArray(cells)
  );
}

/** The report as it is stored: what needs attention first, as many cells as fit, long texts cut. */
function storedReport(report: SanityReport): Uint8Array {
  const cut = (text: string): string => (text.length > maxStoredText ? `${text.slice(0, maxStoredText)} …` : text);
  const { run, safety } = report;
  const head = {
    ...report,
    run: { ...run, reason: run.reason === null ? null : cut(run.reason) },
    safety: {
      ...safety,
      problems: safety.problems.slice(0, 20).map(cut),
      needsApproval: safety.needsApproval.slice(0, 20).map(cut),
    },
  };
  const cells = mostImportant(report.cells).map((cell) => ({
    ...cell,
    problem: cell.problem === null ? null : cut(cell.problem),
  }));
  const encode = (count: number): Uint8Array =>
    toUtf8(`${JSON.stringify({ ...head, cells: cells.slice(0, count) }, undefined, 1)}\n`);
  let bytes = encode(cells.length);
  for (let count = cells.length; bytes.length > maxStoredBytes && count > 0; bytes = encode(count)) {
    count = Math.min(count - 1, Math.floor((count * maxStoredBytes) / bytes.length));
  }
  return bytes;
}

function mostImportant(cells: readonly CellReport[]): readonly CellReport[] {
  if (cells.length <= maxStoredCells && cells.every((cell) => cell.problem === null)) return cells;
  const isNews = ({ problem, healed }: CellReport): boolean => problem !== null || healed !== null;
  const troubled = cells.filter(isNews);
  const fine = cells.filter((cell) => !isNews(cell));
  // In their own order as long as all of them are kept.
  return cells.length <= maxStoredCells ? cells : [...troubled, ...fine].slice(0, maxStoredCells);
}
