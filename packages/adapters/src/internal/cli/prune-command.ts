/** `prune`: retention rules become a plan, and a plan with its token becomes deletions. */
import { readFile, writeFile } from 'node:fs/promises';
import { planBulkDelete, runBulkDelete, type DeletePlan } from '@tapekit/housecleaning/retention';
import { countOf, environmentOf, type CliContext } from './context.ts';
import { bytesOf } from './format-report.ts';
import { exitCodes, UsageError, type ExitCode } from './usage.ts';

export async function prune(context: CliContext): Promise<ExitCode> {
  const { flags } = context;
  if ((flags.plan === undefined) === (flags.to === undefined)) {
    throw new UsageError('Say either --to FILE, which makes a plan, or --plan FILE, which carries it out.');
  }
  const secret = new TextEncoder().encode(context.io.env['TAPEKIT_DELETE_SECRET'] ?? '');
  if (secret.length < 32)
    throw new UsageError('TAPEKIT_DELETE_SECRET is not set, expected 32 random characters or more.');
  return flags.plan === undefined ? makePlan(context, secret, flags.to!) : carryOut(context, secret, flags.plan);
}

async function makePlan(context: CliContext, secret: Uint8Array, to: string): Promise<ExitCode> {
  const { config, io, opened } = context;
  if (!config.retention) throw new UsageError('No retention rules. Put "retention" into the file of --config.');
  const { rules, allow, minDepth } = config.retention;
  const options = { allow, minDepth, secret, env: environmentOf(context), nowMs: io.nowMs() };
  const plan = await planBulkDelete(opened.store, rules, { ...options, ...(io.signal ? { signal: io.signal } : {}) });
  // Whoever may read the plan may not carry it out.
  const { token, ...rest } = plan;
  const { targets, ...head } = rest;
  await writeFile(to, `${JSON.stringify(rest, undefined, 1)}\n`, { flag: 'wx' });
  const text = [
    ...Object.entries(plan.byPrefix).map(
      ([prefix, { objects, bytes }]) => `${prefix}  ${objects} objects, ${bytesOf(bytes)}`,
    ),
    ...plan.kept.map((why) => `  stays: ${why}`),
    `${targets.length} objects, ${bytesOf(plan.bytes)}, until ${new Date(plan.expiresMs).toISOString()}: prune --plan ${to}`,
    `TAPEKIT_DELETE_TOKEN=${token}`,
  ];
  await context.print({ ...head, token, plan: to }, text.join('\n'));
  return exitCodes.done;
}

async function carryOut(context: CliContext, secret: Uint8Array, path: string): Promise<ExitCode> {
  const { io, opened, flags } = context;
  const token = io.env['TAPEKIT_DELETE_TOKEN'];
  if (!token) throw new UsageError('TAPEKIT_DELETE_TOKEN is not set; it was printed when the plan was made.');
  const result = await runBulkDelete(opened.store, await readPlan(path), {
    ...{ token, secret, nowMs: io.nowMs() },
    ...(flags['max-deletes'] === undefined ? {} : { maxDeletes: countOf('--max-deletes', flags['max-deletes']) }),
    ...(io.signal ? { signal: io.signal } : {}),
    onProgress: ({ done, objects }) => {
      if (!flags.quiet) io.stderr(io.isTty ? `\r${done}/${objects}` : `${done}/${objects}\n`);
    },
  });
  if (io.isTty && !flags.quiet) io.stderr('\r\u001B[2K');
  const { deleted, bytes, absent, changed, kept, remaining } = result;
  const text = [
    `${deleted} deleted (${bytesOf(bytes)}), ${absent} were gone, ${remaining} are left.`,
    ...changed.map((key) => `  ! "${key}" has changed and was left alone`),
    ...kept.map((why) => `  stays: ${why}`),
  ];
  await context.print(result, text.join('\n'));
  return changed.length + kept.length + remaining > 0 ? exitCodes.partial : exitCodes.done;
}

async function readPlan(path: string): Promise<Omit<DeletePlan, 'token'>> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as DeletePlan;
  } catch (error) {
    throw new UsageError(`Plan "${path}" cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
