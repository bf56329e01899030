import { badOption } from './run-options.ts';
import type { CellState, RunOutcome, SanityReport } from './report-types.ts';
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
  const reasons = unique(parts.map(({ run }) => run.reason).filter((reason) => reason !== null));
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
      reason: reasons.length === 0 ? null : reasons.join(' '),
      planHash: hash.hex(),
    },
    safety: {
      ok: parts.every(({ safety }) => safety.ok),
      envStamp: (['differs', 'unread', 'created', 'matches'] as const).find((stamp) => stamps.includes(stamp))!,
      problems: unique(parts.flatMap(({ safety }) => safety.problems)),
      needsApproval: unique(parts.flatMap(({ safety }) => safety.needsApproval)),
      verdict: worst!,
      evidence: parts.find(({ safety }) => safety.verdict === worst)!.safety.evidence,
      foreignKeys: Math.max(...parts.map(({ safety }) => safety.foreignKeys)),
    },
    limits: {
      deletes: parts.reduce((sum, { limits }) => sum + limits.deletes, 0),
      history: first.limits.history,
    },
    totals: parts.map(({ totals }) => totals).reduce(addTotals),
    cells: parts.flatMap(({ cells }) => cells),
    lastGood: outcome === 'ok' ? { startedAtMs, finishedAtMs } : null,
  };
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
  };
}

function unique<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}
