/** The command line of housecleaning as a function: `tapekit-housecleaning` is this with a process around it. */
import { isHousecleaningError, isObjectStoreError } from '@tapekit/housecleaning/errors';
import { isAdaptersError } from './errors.ts';
import { exportDays, read, restore, verify, verifyFiles } from './internal/cli/archive-commands.ts';
import { parseCommandLine, type CommandLine, type CommandName } from './internal/cli/arguments.ts';
import { errorDocument, messageOf } from './internal/cli/failure.ts';
import { assertStamp, openContext, type CliContext, type CliIo } from './internal/cli/context.ts';
import { prune } from './internal/cli/prune-command.ts';
import { explain, plan, report, resolve, run } from './internal/cli/run-commands.ts';
import { exitCodes, usage, UsageError, type ExitCode } from './internal/cli/usage.ts';

export type { CliIo } from './internal/cli/context.ts';
export type { ExitCode } from './internal/cli/usage.ts';

const commands: Readonly<Record<CommandName, (context: CliContext) => Promise<ExitCode>>> = {
  ...{ plan, run, report, explain, verify, read, restore, prune, resolve },
  export: exportDays,
};

/** Commands that compare the stamp of the store themselves, as part of more. */
const checkThemselves: readonly CommandName[] = ['plan', 'run', 'explain', 'prune'];

/**
 * Runs one command and says how it ended: 0 done, 1 failed, 2 wrong usage, 3 halted by the safety check, 4 something is in
 * quarantine or not proven, 5 partly done. Never throws; what went wrong is on standard error, and with `--json` also the
 * document `{ error: { code, message }, report? }` on standard output.
 *
 * @param argv - the arguments, without the program's name
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  const written = { any: false };
  const counted: CliIo = {
    ...io,
    stdout(text) {
      written.any = true;
      return io.stdout(text);
    },
  };
  try {
    const line = parseCommandLine(argv);
    if (line !== 'help') return await runCommand(line, counted);
    await io.stdout(`${usage}\n`);
    return exitCodes.done;
  } catch (error) {
    const isUsage = error instanceof UsageError || isWrongOption(error);
    io.stderr(`${messageOf(error)}\n`);
    if (isUsage) io.stderr('See tapekit-housecleaning --help.\n');
    // Never a second document, nor one among the records of `read`.
    if (argv.includes('--json') && !written.any)
      await io.stdout(`${JSON.stringify(errorDocument(error), undefined, 2)}\n`);
    return isUsage ? exitCodes.usage : isRefused(error) ? exitCodes.halted : exitCodes.failed;
  }
}

async function runCommand(line: CommandLine, io: CliIo): Promise<ExitCode> {
  if (line.command === 'verify' && (line.flags.archive ?? line.flags.manifest) !== undefined)
    return verifyFiles(line, io);
  const context = await openContext(line, io);
  try {
    if (!checkThemselves.includes(line.command)) await assertStamp(context);
    return await commands[line.command](context);
  } finally {
    context.progress.end();
  }
}

/** Nothing was changed: a plan that no longer holds, a token or a store that is another. */
function isRefused(error: unknown): boolean {
  return (['plan-changed', 'bad-token', 'wrong-store'] as const).some((code) => isHousecleaningError(error, code));
}

function isWrongOption(error: unknown): boolean {
  return (
    isHousecleaningError(error, 'bad-option') ||
    isHousecleaningError(error, 'bad-key') ||
    isAdaptersError(error, 'bad-option') ||
    isObjectStoreError(error, 'bad-key')
  );
}
