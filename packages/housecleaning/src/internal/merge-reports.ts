import { badOption } from './run-options.ts';
import type { ObjectStore } from '../object-store.ts';
import type { ForeignEntries } from './foreign.ts';
import { isSameCell, readNote, type HealingNote } from './healing-notes.ts';
import { foreignOf, isTroubled, needAttention, sumUp } from './report.ts';
import type { CellReport, CellState, RunOutcome, SanityReport } from './report-types.ts';
import { createSha256 } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

/**
 * One report of a run that was done in parts. Cells are in the order of the parts, and so is what the plan hash is made
 * from. The outcome is the one that all parts share, else `partial`.
 *
 * @throws HousecleaningError `bad-option` for no part, and for parts of different environments or configurations
 */
export function mergeReports(parts: readonly SanityReport[]): SanityReport {
  const [first, ...others] = parts;
  if (first === undefined) throw badOption('parts', parts, 'at least one report');
  const foreign = others.find(
    ({ env, run }) =>
      env.env !== first.env.env ||
      env.bucketId !== first.env.bucketId ||
      run.configSha256 !== first.run.configSha256 ||
      run.dryRun !== first.run.dryRun,
  );
  if (foreign) throw badOption('parts', foreign.run.id, 'reports of one environment and configuration');
  if (others.length === 0) return first;
  const outcomes = unique(parts.map(({ run }) => run.outcome));
  const outcome: RunOutcome = outcomes.length === 1 ? outcomes[0]! : 'partial';
  const totals = parts.map((part) => part.totals).reduce(addTotals);
  const reason = reasonOfAll(parts, totals);
  const startedAtMs = Math.min(...parts.map(({ run }) => run.startedAtMs));
  const finishedAtMs = Math.max(...parts.map(({ run }) => run.finishedAtMs));
  const hash = createSha256();
  for (const { run } of parts) hash.update(toUtf8(`${run.planHash}\n`));
  const stamps = unique(parts.map(({ safety }) => safety.envStamp));
  const worst = (['halt', 'archive-only', 'go'] as const).find((v) => parts.some(({ safety }) => safety.verdict === v));
  return {
    ...first,
    run: {
      ...first.run,
      startedAtMs,
      finishedAtMs,
      outcome,
      reason,
      planHash: hash.hex(),
    },
    safety: {
      ok: parts.every(({ safety }) => safety.ok),
      envStamp: (['differs', 'unread', 'created', 'matches'] as const).find((stamp) => stamps.includes(stamp))!,
      problems: unique(parts.flatMap(({ safety }) => safety.problems)),
      needsApproval: unique(parts.flatMap(({ safety }) => safety.needsApproval)),
      verdict: worst!,
      evidence: parts.find(({ safety }) => safety.verdict === worst)!.safety.evidence,
      ...mostForeign(parts),
    },
    limits: {
      deletes: parts.reduce((sum, { limits }) => sum + limits.deletes, 0),
      history: first.limits.history,
    },
    totals,
    cells: parts.flatMap(({ cells }) => cells),
    lastGood: outcome === 'ok' ? { startedAtMs, finishedAtMs } : null,
  };
}

/** A part that looks for foreign entries looks at the whole store: what counts is what the luckiest of them found. */
function mostForeign(
  parts: readonly SanityReport[],
): Pick<SanityReport['safety'], 'foreignKeys' | 'strays' | 'foreign'> {
  const count = ({ safety }: SanityReport): number => safety.foreignKeys + safety.strays;
  const { foreignKeys, strays, foreign } = parts.reduce((a, b) => (count(b) > count(a) ? b : a)).safety;
  return { foreignKeys, strays, foreign };
}

/** A report with the foreign entries that its coordinator saw, if it looked. */
export function withForeign(report: SanityReport, found: ForeignEntries | undefined): SanityReport {
  return found ? { ...report, safety: { ...report.safety, ...foreignOf(found) } } : report;
}

/** A report with what a step of its run noted that it would heal, and was killed before it could tell. */
export async function withHealed(
  report: SanityReport,
  store: Pick<ObjectStore, 'get'>,
  untold: readonly HealingNote[],
): Promise<SanityReport> {
  const own = untold.filter(({ runId }) => runId === report.run.id);
  const cells: CellReport[] = [];
  for (const cell of report.cells) {
    const isWhole = cell.sha256 !== null && cell.state !== 'quarantined';
    const note = isWhole && cell.healed === null && own.find((one) => isSameCell(one.cell, cell));
    cells.push(note ? { ...cell, healed: await readNote(store, note) } : cell);
  }
  const healed = cells.filter((cell) => cell.healed !== null).length;
  return { ...report, cells, totals: { ...report.totals, healed } };
}

/** The reasons of all parts, each once; how many cells need attention is counted over all of them. */
export function reasonOfAll(parts: readonly SanityReport[], totals: SanityReport['totals']): string | null {
  const counted = parts.map(({ run: { reason }, totals: own }) => {
    const count = needAttention(own);
    if (reason === null || own.problems === 0 || !reason.includes(count))
      return { isTroubled: false, rest: reason ?? '' };
    return { isTroubled: true, rest: reason.replace(count, '').trim() };
  });
  const all = counted.some(({ isTroubled }) => isTroubled) ? needAttention(totals) : '';
  const told = unique([...counted.map(({ rest }) => rest), all]).filter((reason) => reason !== '');
  return told.length === 0 ? null : told.join(' ');
}

/** A report with cells that no part looked into. */
export function withCells(report: SanityReport, added: readonly CellReport[]): SanityReport {
  if (added.length === 0) return report;
  const cells = [...report.cells, ...added];
  const totals = addTotals(report.totals, sumUp(added));
  const { outcome } = report.run;
  if (outcome === 'ok' && !added.some(isTroubled)) return { ...report, totals, cells };
  if (outcome !== 'ok')
    return { ...report, run: { ...report.run, reason: reasonOfAll([report], totals) }, totals, cells };
  const reason = needAttention(totals);
  return { ...report, run: { ...report.run, outcome: 'partial', reason }, totals, cells, lastGood: null };
}

function addTotals(a: SanityReport['totals'], b: SanityReport['totals']): SanityReport['totals'] {
  const states: Partial<Record<CellState, number>> = { ...a.states };
  for (const [state, count] of Object.entries(b.states) as [CellState, number][])
    states[state] = (states[state] ?? 0) + count;
  return {
    cells: a.cells + b.cells,
    states,
    sources: a.sources + b.sources,
    lines: a.lines + b.lines,
    rawBytes: a.rawBytes + b.rawBytes,
    gzBytes: a.gzBytes + b.gzBytes,
    addedSources: a.addedSources + b.addedSources,
    deletedSources: a.deletedSources + b.deletedSources,
    problems: a.problems + b.problems,
    gaps: a.gaps + b.gaps,
    healed: a.healed + b.healed,
    keptSources: a.keptSources + b.keptSources,
  };
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
