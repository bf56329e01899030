/** A report for people, and the exit code that it means. */
import type { CellReport, SanityReport } from '@tapekit/housecleaning/housecleaning';
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
  const urgency = ({ problem, healed, restaged }: CellReport): number =>
    problem !== null ? 2 : healed || restaged !== undefined ? 1 : 0;
  const urgent = [...cells].sort((a, b) => urgency(b) - urgency(a));
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
    return [line, ...healingOf(urgent[i]!, run.dryRun), ...(problem === null ? [] : [`  ! ${problem}`])];
  });
  if (urgent.length > maxShown) lines.push(`… and ${grouped(urgent.length - maxShown)} cells more (--json shows all)`);
  return [
    ...lines,
    `${grouped(totals.cells)} cells, ${grouped(totals.lines)} records, ${bytesOf(totals.rawBytes)} → ${bytesOf(totals.gzBytes)}; ` +
      `${grouped(totals.addedSources)} objects archived, ${grouped(totals.deletedSources)} deleted` +
      ((older(totals).healed ?? 0) > 0
        ? `; ${grouped(totals.healed)} archives ${run.dryRun ? 'to be healed' : 'healed'}: look at what is said of each`
        : ''),
    ...((older(totals).keptSources ?? 0) > 0
      ? [
          `${grouped(totals.keptSources)} archived raw objects stay: this store cannot delete conditionally, and their keys can be ` +
            'written again. (Keys of createTapeWriter cannot; --conditional-delete where the service does.)',
        ]
      : []),
    ...foreignOf(safety),
    `Outcome: ${run.outcome}${run.reason === null ? '' : `. ${run.reason}`}`,
    ...safety.problems.filter((problem) => !run.reason?.includes(problem)),
    ...(run.outcome === 'halted' && safety.needsApproval.length > 0
      ? ['On this command line: plan, then run --plan HASH.']
      : []),
  ].join('\n');
}

/** What nobody archives or deletes, counted and named. */
function foreignOf(safety: SanityReport['safety']): readonly string[] {
  const { foreignKeys = 0, strays = 0, foreign = [] } = older(safety);
  if (foreignKeys + strays === 0) return [];
  const counts = [
    ...(foreignKeys > 0 ? [`${grouped(foreignKeys)} objects under no key of a symbol and day that has begun`] : []),
    ...(strays > 0 ? [`${grouped(strays)} entries that are no objects`] : []),
  ];
  const left = foreignKeys + strays - foreign.length;
  return [
    `Below raw_tns/ no run archives or deletes ${counts.join(', and ')}:`,
    ...foreign.map((name) => `  - ${name}`),
    ...(left > 0 && foreign.length > 0 ? [`  … and ${grouped(left)} more`] : []),
  ];
}

/** Reports of earlier versions do not say everything. */
function older<Part extends object>(part: Part): Partial<Part> {
  return part;
}

/** A damage that a run repaired is no problem, but somebody should know of it. */
export function healingOf({ healed, restaged }: CellReport, isPlan = false): readonly string[] {
  const was = isPlan ? 'would be' : 'was';
  const again =
    restaged === undefined ? [] : [`  ! Its staged copy was gone or cut short, and ${was} put again: "${restaged}"`];
  if (!healed) return again;
  const { fault, replaced, stage, gzSha256 } = healed;
  const copy =
    replaced?.keptAs === undefined
      ? ''
      : ` What ${isPlan ? 'lies there would be' : 'lay there is'} kept as "${replaced.keptAs}".`;
  const what =
    replaced === null ? (isPlan ? 'is gone' : 'was gone') : `(etag ${replaced.etag}, ${grouped(replaced.bytes)} bytes)`;
  const how =
    replaced === null
      ? ` and ${was} published again from "${stage}"`
      : stage === null
        ? ` ${isPlan ? 'would name' : 'names'} its manifest again, its bytes ${isPlan ? 'would stay' : 'are'} unchanged`
        : ` ${was} replaced from "${stage}"`;
  return [
    `  ! ${isPlan ? 'To be healed' : 'Healed'}: the archive ${what}${how}; its SHA-256 ${isPlan ? 'would be' : 'is'} ${gzSha256}. It ${isPlan ? 'has' : 'had'} this fault: ${fault}${copy}`,
    ...again,
  ];
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
