import { badOption } from './run-options.ts';
import { reasonOfAll } from './merge-reports.ts';
import { needAttention, sumUp } from './report.ts';
import type { CellReport, SanityReport } from './report-types.ts';
import { createSha256 } from './sha256.ts';
import { toUtf8 } from './utf8.ts';

/**
 * One report of cells that one run worked on twice, one attempt after the other: the step of a cell that archives and the one
 * that prunes, a message that was delivered again. The later report says how each cell is; what both did to it (raw objects
 * added and deleted, archives healed, staged copies put again) is told together, and so are what a writer overwrote and why a
 * cell is in quarantine, which only the attempt that found it can say. Cells that the later one did not get to are told as the
 * earlier one left them.
 *
 * @throws HousecleaningError `bad-option` for reports of different runs or environments
 */
export function continueReport(before: SanityReport, after: SanityReport): SanityReport {
  const isSame =
    before.run.id === after.run.id &&
    before.env.env === after.env.env &&
    before.env.bucketId === after.env.bucketId &&
    before.run.dryRun === after.run.dryRun;
  if (!isSame) throw badOption('after', after.run.id, `a report of the same run "${before.run.id}" and environment`);
  const cells = continueCells(before.cells, after.cells);
  const totals = sumUp(cells);
  const { outcome, reason } = endOf(before, after, totals);
  const startedAtMs = Math.min(before.run.startedAtMs, after.run.startedAtMs);
  const finishedAtMs = Math.max(before.run.finishedAtMs, after.run.finishedAtMs);
  const isNewStore = before.safety.envStamp === 'created' && after.safety.envStamp === 'matches';
  const hash = createSha256();
  for (const { run } of [before, after]) hash.update(toUtf8(`${run.planHash}\n`));
  return {
    ...after,
    run: { ...after.run, startedAtMs, finishedAtMs, outcome, reason, planHash: hash.hex() },
    safety: { ...after.safety, ...(isNewStore ? { envStamp: 'created' } : {}) },
    totals,
    cells,
    lastGood: outcome === 'ok' ? { startedAtMs, finishedAtMs } : null,
  };
}

function endOf(
  before: SanityReport,
  after: SanityReport,
  totals: SanityReport['totals'],
): Pick<SanityReport['run'], 'outcome' | 'reason'> {
  const { outcome, reason } = after.run;
  if (outcome === 'ok')
    return totals.problems > 0 ? { outcome: 'partial', reason: needAttention(totals) } : { outcome, reason };
  if (outcome === 'partial') return { outcome, reason: reasonOfAll([after], totals) };
  // It did not get to any cell: what was done before it stands.
  return {
    outcome: before.run.outcome === outcome ? outcome : 'partial',
    reason: reasonOfAll([before, after], totals),
  };
}

function continueCells(before: readonly CellReport[], after: readonly CellReport[]): readonly CellReport[] {
  const nameOf = ({ symbol, date }: CellReport): string => `${symbol}/${date}`;
  const earlier = new Map(before.map((cell) => [nameOf(cell), cell]));
  const later = new Set(after.map(nameOf));
  return [
    ...before.filter((cell) => !later.has(nameOf(cell))),
    ...after.map((cell) => {
      const first = earlier.get(nameOf(cell));
      return first ? continueCell(first, cell) : cell;
    }),
  ];
}

function continueCell(before: CellReport, after: CellReport): CellReport {
  const restaged = after.restaged ?? before.restaged;
  return {
    ...after,
    problem: problemOfBoth(before, after),
    addedSources: before.addedSources + after.addedSources,
    deletedSources: before.deletedSources + after.deletedSources,
    conflicts: Math.max(before.conflicts, after.conflicts),
    healed: after.healed ?? before.healed,
    ...(restaged === undefined ? {} : { restaged }),
  };
}

/** A request that failed is forgotten once it went well; what was found in the store is not. */
function problemOfBoth(before: CellReport, after: CellReport): string | null {
  if (before.problem === null) return after.problem;
  // The later one was not let in, and only says so.
  if (after.state === 'quarantined' && before.state === 'quarantined') return before.problem;
  if (before.conflicts === 0) return after.problem;
  if (after.problem === null || before.problem.includes(after.problem)) return before.problem;
  return after.problem.includes(before.problem) ? after.problem : `${before.problem} ${after.problem}`;
}
