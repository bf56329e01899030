/** `plan`, `run`, `report`, `explain` and `resolve`. */
import {
  applyPlan,
  explainCell,
  planHousecleaning,
  readReport,
  resolveQuarantine,
  runHousecleaning,
  type QuarantineRecord,
  type SanityReport,
} from '@tapekit/housecleaning/housecleaning';
import { runInThreads } from '../../drivers/threads.ts';
import { scriptUrl } from '../script-url.ts';
import { countOf, runOptions, type CliContext } from './context.ts';
import { exitCodeOf, formatReport } from './format-report.ts';
import { exitCodes, UsageError, type ExitCode } from './usage.ts';

export async function plan(context: CliContext): Promise<ExitCode> {
  const { mutations, hash, report, needsApproval } = await planHousecleaning(runOptions(context));
  context.progress.end();
  const isWhole = hash !== '';
  const puts = mutations.filter(({ op }) => op === 'put').length;
  const text = isWhole
    ? [
        `A run would put ${puts} and delete ${mutations.length - puts} objects, beside its own records.`,
        ...needsApproval.map((why) => `It needs your consent: ${why}`),
        `Do exactly this, with the same options: run --plan ${hash}`,
      ]
    : ['There is no plan to consent to. Mend what is said above, then plan again.'];
  await context.print(
    { hash: isWhole ? hash : null, needsApproval, mutations, report },
    [formatReport(report), '', ...text].join('\n'),
  );
  return exitCodeOf(report);
}

export async function run(context: CliContext): Promise<ExitCode> {
  const report = await reportOfRun(context);
  context.progress.end();
  await context.print(report, formatReport(report));
  return exitCodeOf(report);
}

async function reportOfRun(context: CliContext): Promise<SanityReport> {
  const { flags } = context;
  const options = runOptions(context);
  const threads = flags.threads === undefined ? 1 : countOf('--threads', flags.threads);
  if (flags.plan !== undefined) {
    if (threads > 1) throw new UsageError('--threads has no use with --plan: a plan is carried out in its order.');
    return applyPlan({ ...options, plan: flags.plan });
  }
  if (threads === 1) return runHousecleaning(options);
  const module = scriptUrl('internal/cli/thread-options');
  return runInThreads(options, {
    threads,
    module,
    data: { line: { command: 'run', cells: [], flags }, env: context.io.env },
  });
}

export async function report(context: CliContext): Promise<ExitCode> {
  const found = await readReport(context.opened.store);
  if (found === undefined) {
    await context.print(null, 'There is no report: housecleaning never ran here. Begin with plan.');
    return exitCodes.partial;
  }
  const hours = (context.io.nowMs() - found.run.finishedAtMs) / 3_600_000;
  await context.print(found, `${formatReport(found)}\nThe report is ${hours.toFixed(1)} hours old.`);
  return exitCodeOf(found);
}

export async function explain(context: CliContext): Promise<ExitCode> {
  const explanation = await explainCell(runOptions(context), context.cells[0]!);
  const { symbol, date, state, reasons, deletable, blocked, strays, strayNames, next } = explanation;
  const text = [
    `${symbol}/${date} is ${state}.`,
    ...reasons.map((reason) => `  ${reason}`),
    `  ${deletable} raw objects may be deleted.`,
    ...Object.entries(blocked).map(([why, count]) => `  ${count} may not: ${why}`),
    ...(strays > 0 ? [`  ${strays} entries are no objects, and stay: ${strayNames.join(', ')}`] : []),
    `Next: ${next}`,
  ];
  await context.print(explanation, text.join('\n'));
  if (state === 'quarantined') return exitCodes.unproven;
  return state === 'conflict' ? exitCodes.partial : exitCodes.done;
}

/** What was published over what, and what still stops the cell. */
function resolutionOf({ resolution, reason, published, missing }: QuarantineRecord): string {
  const lines = [`Resolved: ${resolution ?? reason}.`];
  if (published) {
    const { generation, stage, over } = published;
    const where = over?.keptAs == null ? '' : `, which is kept as "${over.keptAs}"`;
    const what = over
      ? `over ${over.generation === null ? 'what lay there' : `generation ${over.generation}`} (etag ${over.etag})${where}`
      : 'where no archive lay';
    lines.push(`Generation ${generation} was published from "${stage}" ${what}.`);
  }
  if (missing !== undefined) {
    const then = published ? 'the next run stops the cell again' : 'no run asks for it any more, only "verify" warns';
    lines.push(`Not everything is there, and ${then}: ${missing}`);
  }
  return [...lines, 'Run again to prove the cell.'].join('\n');
}

export async function resolve(context: CliContext): Promise<ExitCode> {
  const { flags, opened, cells } = context;
  const live = flags['accept-live'] === true;
  if (live === (flags['restore-from-stage'] === true)) {
    throw new UsageError('Say either --accept-live (the archive that lies there is right) or --restore-from-stage.');
  }
  if (!flags.by) throw new UsageError('Say with --by who decides; it goes into the record.');
  const record = await resolveQuarantine(
    opened.store,
    cells[0]!,
    live ? 'accept-live' : 'restore-from-stage',
    flags.by,
  );
  await context.print(record, resolutionOf(record));
  return exitCodes.done;
}
