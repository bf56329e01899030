/** A report for people, and the exit code that it means. */
import type { SanityReport } from '@tapekit/housecleaning/housecleaning';
import { exitCodes, type ExitCode } from './usage.ts';

/** Cells that are shown; those with a problem come first. */
const maxShown = 40;

/** The most urgent of what the report says. */
export function exitCodeOf({ run, totals }: SanityReport): ExitCode {
  if (run.outcome === 'halted') return exitCodes.halted;
  if ((totals.states.quarantined ?? 0) > 0) return exitCodes.unproven;
  if (run.outcome === 'failed') return exitCodes.failed;
  return run.outcome === 'partial' ? exitCodes.partial : exitCodes.done;
}

export function formatReport({ run, safety, totals, cells }: SanityReport): string {
  const urgent = [...cells].sort((a, b) => Number(b.problem !== null) - Number(a.problem !== null));
  const rows = urgent
    .slice(0, maxShown)
    .map((cell) => [
      `${cell.symbol}/${cell.date}`,
      cell.state,
      cell.generation === 0 ? '' : `g${cell.generation}`,
      `${grouped(cell.sources)} objects`,
      `${bytesOf(cell.rawBytes)}${cell.gzBytes > 0 ? ` → ${bytesOf(cell.gzBytes)}` : ''}`,
      cell.deletedSources > 0 ? `${grouped(cell.deletedSources)} deleted` : '',
    ]);
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]!.length))) ?? [];
  const lines = rows.flatMap((row, i) => {
    const line = row
      .map((text, j) => text.padEnd(widths[j]!))
      .join('  ')
      .trimEnd();
    const { problem } = urgent[i]!;
    return problem === null ? [line] : [line, `  ! ${problem}`];
  });
  if (urgent.length > maxShown) lines.push(`… and ${grouped(urgent.length - maxShown)} cells more (--json shows all)`);
  return [
    ...lines,
    `${grouped(totals.cells)} cells, ${grouped(totals.lines)} records, ${bytesOf(totals.rawBytes)} → ${bytesOf(totals.gzBytes)}; ` +
      `${grouped(totals.addedSources)} objects archived, ${grouped(totals.deletedSources)} deleted`,
    `Outcome: ${run.outcome}${run.reason === null ? '' : `. ${run.reason}`}`,
    ...safety.problems.filter((problem) => !run.reason?.includes(problem)),
    ...(run.outcome === 'halted' && safety.needsApproval.length > 0
      ? ['On this command line: plan, then run --plan HASH.']
      : []),
  ].join('\n');
}

function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Three figures and a binary unit. */
export function bytesOf(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]!}`;
}
