/** `verify`, `read`, `restore` and `export`. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Cell } from '@tapekit/housecleaning/keys';
import { readDay, type FoundDay } from '@tapekit/housecleaning/read-day';
import {
  listArchivedCells,
  restoreRaw,
  verifyArchiveFiles,
  verifyCell,
  type CellVerification,
} from '@tapekit/housecleaning/restore';
import { printer, type CliContext, type CliIo } from './context.ts';
import type { CommandLine } from './arguments.ts';
import { exportToParquet } from './export-parquet.ts';
import { bytesOf } from './format-report.ts';
import { exitCodes, UsageError, type ExitCode } from './usage.ts';

/** What was found of one archive. */
interface Verified {
  readonly cell: string;
  readonly ok: boolean;
  readonly problem: string | null;
  readonly generation: number | null;
  readonly sources: number | null;
  readonly lines: number | null;
  readonly sha256: string | null;
  /** What is no problem yet. */
  readonly warnings: readonly string[];
}

export async function verify(context: CliContext): Promise<ExitCode> {
  const { opened, cells, flags, io, progress } = context;
  const sample = flags.sample === undefined ? 100 : percentOf(flags.sample);
  const isNamed = cells.length > 0;
  const asked = isNamed ? asyncOf(cells) : listArchivedCells(opened.store, signalOf(io));
  const found: Verified[] = [];
  let skipped: Cell | undefined;
  const prove = async (cell: Cell): Promise<void> => {
    const verification = await verifyCell(opened.store, cell, signalOf(io));
    // A manifest of an attempt that died, whose raw objects are still there.
    if (!verification.isArchived && !isNamed) return;
    const result = verifiedOf(`${cell.symbol}/${cell.date}`, verification);
    found.push(result);
    if (!flags.json) await io.stdout(`${linesOf(result)}\n`);
  };
  for await (const cell of asked) {
    // One that is gone is not sampled: nothing of it is read but its manifests.
    if (!isNamed && cell.hasArchive === true && !isSampled(cell, sample, io.nowMs())) {
      // At least one is always read.
      skipped ??= cell;
      continue;
    }
    await prove(cell);
  }
  if (found.length === 0 && skipped) await prove(skipped);
  progress.end();
  const broken = found.filter(({ ok }) => !ok).length;
  if (flags.json)
    await io.stdout(`${JSON.stringify({ archives: found.length, broken, results: found }, undefined, 2)}\n`);
  else if (found.length === 0)
    await io.stdout('There are no archives, nor anything that tells of one: 0 of 0 archives are proven.\n');
  else await io.stdout(`${found.length - broken} of ${found.length} archives are proven.\n`);
  return broken > 0 ? exitCodes.unproven : exitCodes.done;
}

/** Two files, and no store. */
export async function verifyFiles({ flags }: CommandLine, io: CliIo): Promise<ExitCode> {
  const { archive, manifest } = flags;
  if (archive === undefined || manifest === undefined)
    throw new UsageError('--archive and --manifest belong together.');
  const result = await verifyArchiveFiles(
    createReadStream(archive),
    new Uint8Array(await readFile(manifest)),
    signalOf(io),
  );
  const verified = verifiedOf(archive, { ...result, warnings: [] });
  await printer(flags, io)(verified, linesOf(verified));
  return result.ok ? exitCodes.done : exitCodes.unproven;
}

export async function read({ opened, cells, io, flags }: CliContext): Promise<ExitCode> {
  const options = {
    ...signalOf(io),
    onFound: ({ layout, missingParts, beside, warnings }: FoundDay): void => {
      if (!flags.quiet && layout !== 'archive') io.stderr(`Read from ${layout}.\n`);
      if (missingParts.length > 0) io.stderr(`Parts ${missingParts.join(', ')} are missing.\n`);
      if (beside.length > 0) io.stderr(`Not read, though it lies there too: ${beside.join(', ')}.\n`);
      for (const warning of warnings) io.stderr(`${warning}\n`);
    },
  };
  let lines: string[] = [];
  let size = 0;
  for await (const line of readDay(opened.store, cells[0]!, options)) {
    lines.push(line);
    size += line.length;
    if (size < 65_536) continue;
    await io.stdout(`${lines.join('\n')}\n`);
    lines = [];
    size = 0;
  }
  if (lines.length > 0) await io.stdout(`${lines.join('\n')}\n`);
  return exitCodes.done;
}

export async function restore(context: CliContext): Promise<ExitCode> {
  const { opened, cells, flags, io } = context;
  const total = { restored: 0, present: 0, differs: 0, superseded: 0 };
  const differing: string[] = [];
  for (const cell of cells) {
    const result = await restoreRaw(opened.store, cell, {
      ...signalOf(io),
      check: flags.check ?? false,
      ...(flags.to === undefined ? {} : { to: flags.to }),
      onSource: (key, outcome) => outcome === 'differs' && differing.push(key),
    });
    for (const name of Object.keys(total) as (keyof typeof total)[]) total[name] += result[name];
  }
  const verb = flags.check ? 'would be restored' : 'restored';
  const text = [
    `${total.restored} ${verb}, ${total.present} were there, ${total.superseded} older contents, ${total.differs} differ.`,
    ...differing.map((key) => `  ! "${key}" holds something else and was left alone`),
  ];
  await context.print({ ...total, differing }, text.join('\n'));
  return differing.length > 0 ? exitCodes.unproven : exitCodes.done;
}

/** Lines that are told one by one. */
const maxToldLines = 10;

export async function exportDays(context: CliContext): Promise<ExitCode> {
  const { opened, cells, flags, io } = context;
  if (!flags.to) throw new UsageError('Say with --to which file to write.');
  const onFound = ({ warnings }: FoundDay): void => warnings.forEach((warning) => io.stderr(`${warning}\n`));
  const lines = readDay(opened.store, cells[0]!, { ...signalOf(io), onFound });
  let told = 0;
  const result = await exportToParquet(lines, flags.to, flags.columns, ({ number, reason, column }) => {
    told += 1;
    if (flags.quiet || told > maxToldLines) return;
    io.stderr(`Line ${number} is left out: ${reason}${column === undefined ? '' : ` in column ${column}`}\n`);
  });
  if (!flags.quiet && told > maxToldLines) io.stderr(`… and ${told - maxToldLines} lines more\n`);
  await context.print(result, `${result.rows} rows, ${bytesOf(result.bytes)}, ${result.refused} lines left out.`);
  return result.refused > 0 ? exitCodes.partial : exitCodes.done;
}

async function* asyncOf(
  cells: readonly Cell[],
): AsyncGenerator<Cell & { readonly hasArchive?: boolean }, void, undefined> {
  yield* cells;
}

/** Other archives every day, whatever the order: daily samples of 1 % have read nearly all after a year. */
function isSampled({ symbol, date }: Cell, percent: number, nowMs: number): boolean {
  let hash = 2_166_136_261;
  for (const char of `${Math.floor(nowMs / 86_400_000)} ${symbol}/${date}`)
    hash = Math.imul(hash ^ char.codePointAt(0)!, 16_777_619) >>> 0;
  return (hash % 10_000) / 100 < percent;
}

function percentOf(text: string): number {
  const value = /^\d{1,3}(?:\.\d{1,2})?%?$/.test(text) ? Number(text.replace('%', '')) : NaN;
  if (value > 0 && value <= 100) return value;
  throw new UsageError(`--sample is "${text}", expected a percentage above 0 up to 100.`);
}

function signalOf({ signal }: CliIo): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}

function verifiedOf(
  cell: string,
  { ok, problem, manifest, warnings }: Pick<CellVerification, 'ok' | 'problem' | 'manifest' | 'warnings'>,
): Verified {
  return {
    ...{ cell, ok, problem, warnings },
    generation: manifest?.generation ?? null,
    sources: manifest?.sources.length ?? null,
    lines: manifest?.archive.lines ?? null,
    sha256: manifest?.archive.sha256 ?? null,
  };
}

function linesOf({ cell, ok, problem, sources, lines, warnings }: Verified): string {
  const verdict = ok ? `proven, ${sources} objects, ${lines} records` : `NOT PROVEN: ${problem}`;
  return [`${cell}  ${verdict}`, ...warnings.map((warning) => `  ! ${warning}`)].join('\n');
}
