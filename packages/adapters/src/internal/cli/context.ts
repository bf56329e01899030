/** What commands share: the output, the configuration, the store. */
import { readFile } from 'node:fs/promises';
import { HousecleaningError } from '@tapekit/housecleaning/errors';
import type { HousecleaningOptions } from '@tapekit/housecleaning/housecleaning';
import { envKey } from '@tapekit/housecleaning/keys';
import type { CommandLine, Flags } from './arguments.ts';
import { readDuration, parseConfig, safetyOf, type CliConfig } from './config.ts';
import { openStore, type OpenedStore, type StoreLocation } from './open-store.ts';
import { createProgressBar, type ProgressBar } from './progress.ts';
import { UsageError } from './usage.ts';

/** What the command line reads and writes beside the store. */
export interface CliIo {
  /** Standard output; a promise where the reader is slower than the writer. */
  readonly stdout: (text: string) => void | Promise<void>;
  readonly stderr: (text: string) => void;
  /** Whether standard error is a terminal. */
  readonly isTty: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Ends a run at its next step; the report is written all the same. */
  readonly signal?: AbortSignal;
}

/** A command line with what it means. */
export interface CliContext extends CommandLine {
  readonly io: CliIo;
  readonly config: CliConfig;
  readonly location: StoreLocation;
  readonly opened: OpenedStore;
  readonly progress: ProgressBar;
  /** Writes the JSON document, or the text for people. */
  readonly print: (document: unknown, text: string) => Promise<void>;
}

/** Opens the store that the flags, the configuration or the environment name. */
export async function openContext(line: CommandLine, io: CliIo): Promise<CliContext> {
  const { flags } = line;
  const config = flags.config === undefined ? {} : parseConfig(await readText(flags.config), flags.config);
  const url = flags.store ?? config.store ?? io.env['TAPEKIT_STORE'];
  if (url === undefined || url === '') throw new UsageError('No store. Name it with --store or TAPEKIT_STORE.');
  const location: StoreLocation = {
    url,
    endpoint: flags.endpoint ?? config.endpoint,
    region: flags.region ?? config.region,
    conditionalDelete: flags['conditional-delete'] ?? config.conditionalDelete ?? false,
  };
  const progress = createProgressBar({ isTty: io.isTty, write: flags.quiet ? () => undefined : io.stderr });
  return {
    ...line,
    io,
    config,
    location,
    opened: await openStore(location, io.env),
    progress,
    print: printer(flags, io),
  };
}

export function printer(flags: Flags, io: CliIo): CliContext['print'] {
  return async (document, text) => {
    await io.stdout(flags.json ? `${JSON.stringify(document, undefined, 2)}\n` : `${text}\n`);
  };
}

/** The stamp that the store must bear. */
export function environmentOf({ flags, config, opened }: CliContext): HousecleaningOptions['env'] {
  const env = flags.env ?? config.env;
  if (env === undefined)
    throw new UsageError('No environment. Say with --env which one this store belongs to, for example prod.');
  return { env, bucketId: flags['bucket-id'] ?? config.bucketId ?? opened.name };
}

/**
 * Refuses a store that is stamped as another one than the flags and the configuration say. Commands that clean compare the
 * whole stamp themselves; the others what was said, and a bare copy without a stamp is read all the same.
 *
 * @throws HousecleaningError `wrong-store`
 */
export async function assertStamp({ flags, config, opened, io }: CliContext): Promise<void> {
  const said = { env: flags.env ?? config.env, bucketId: flags['bucket-id'] ?? config.bucketId };
  if (said.env === undefined && said.bucketId === undefined) return;
  const object = await opened.store.get(envKey, io.signal ? { signal: io.signal } : {});
  if (object === undefined) return;
  const text = new TextDecoder().decode(await object.bytes()).trim();
  const stamp = readStamp(text);
  const isSaid = (['env', 'bucketId'] as const).every((name) => said[name] === undefined || said[name] === stamp[name]);
  if (isSaid) return;
  const expected = [
    ...(said.env === undefined ? [] : [`env "${said.env}"`]),
    ...(said.bucketId === undefined ? [] : [`bucket "${said.bucketId}"`]),
  ];
  const message = `The store is another one: "${envKey}" says ${text}, expected ${expected.join(' and ')}. Nothing was done.`;
  throw new HousecleaningError('wrong-store', message, said);
}

function readStamp(text: string): { readonly env?: unknown; readonly bucketId?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as ReturnType<typeof readStamp>;
  } catch {
    return {};
  }
}

/** The options of a run. */
export function runOptions(context: CliContext): HousecleaningOptions {
  const { flags, config, opened, cells, io, progress } = context;
  const grace = flags.grace ?? config.grace;
  const minAge = flags['min-age'] ?? config.minAge;
  const maxDeletes =
    flags['max-deletes'] === undefined ? config.maxDeletes : countOf('--max-deletes', flags['max-deletes']);
  const safety = safetyOf(config);
  return {
    store: opened.store,
    env: environmentOf(context),
    writers: writersOf(flags.writers ?? config.writers ?? 'write-once'),
    nowMs: io.nowMs(),
    onEvent: progress.show,
    ...(cells.length > 0 ? { cells } : {}),
    ...(approveOf(flags.approve) ?? {}),
    ...(flags.immediate ? { allowImmediate: true } : {}),
    ...(flags.concurrency === undefined ? {} : { concurrency: countOf('--concurrency', flags.concurrency) }),
    ...(config.safety ? { day: config.safety.day } : {}),
    ...(grace === undefined ? {} : { graceMs: readDuration('grace', grace) }),
    ...(minAge === undefined ? {} : { minAgeMs: readDuration('minAge', minAge) }),
    ...(maxDeletes === undefined ? {} : { maxDeletes }),
    ...(safety ? { safety } : {}),
    ...(io.signal ? { signal: io.signal } : {}),
  };
}

export function countOf(name: string, text: string): number {
  const value = /^\d{1,12}$/.test(text) ? Number(text) : NaN;
  if (value >= 1) return value;
  throw new UsageError(`${name} is "${text}", expected a whole number from 1 on.`);
}

function approveOf(word: string | undefined): Pick<HousecleaningOptions, 'approve'> | undefined {
  if (word === undefined) return undefined;
  if (word === 'first-run') return { approve: word };
  throw new UsageError(
    `--approve is "${word}", expected first-run. What else needs consent is done by run --plan HASH.`,
  );
}

function writersOf(word: string): HousecleaningOptions['writers'] {
  if (word === 'write-once' || word === 'overwriting') return word;
  throw new UsageError(`--writers is "${word}", expected write-once or overwriting.`);
}

export async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new UsageError(`File "${path}" cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
