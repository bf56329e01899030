/**
 * The whole Node deployment in one process: the main job on embedded defaults, the API and the web page.
 * `--help` says what it takes; `cli/options.ts` is where that is written.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createGrid } from '@tapekit/orderflow/grid';
import { createApi } from './api/create-api.ts';
import { createEventHub } from './api/event-hub.ts';
import { startServer } from './api/server.ts';
import type { RunningServer } from './api/server.ts';
import { parseOptions, usage, UsageError } from './cli/options.ts';
import type { JobOptions } from './cli/options.ts';
import { summarize } from './cli/summary.ts';
import type { RunResult } from './cli/summary.ts';
import { createProgressView, formatSections } from './cli/terminal.ts';
import type { ProgressView } from './cli/terminal.ts';
import type { Instrument } from './job/context.ts';
import { runJob } from './job/run-job.ts';
import { openSystem } from './system/open-system.ts';
import type { System } from './system/open-system.ts';
import { createReadRepositories, createResultStore } from './system/postgres-results.ts';
import { InterruptedError, listenForShutdown } from './system/shutdown.ts';
import type { Shutdown } from './system/shutdown.ts';
import type { Progress } from '@tapekit/sdk/schemas';

const exitCodes = { done: 0, failed: 1, usage: 2, notVerified: 3, quarantined: 4, interrupted: 130 } as const;

const bundledTape = fileURLToPath(new URL('../data/session.jsonl.gz', import.meta.url));

async function main(): Promise<number> {
  const options = readOptions();
  if (typeof options === 'number') return options;

  const startedAtMs = Date.now();
  const view = createProgressView({
    isTty: process.stdout.isTTY,
    write: (text) => void process.stdout.write(text),
  });
  const shutdown = listenForShutdown(() => view.line('Stopping … (again to stop at once)'));
  let system: System | undefined;
  let server: RunningServer | undefined;
  try {
    const databaseUrl = process.env['DATABASE_URL'] || undefined;
    view.show(progressOf('starting', 'starting the database'));
    system = await openSystem({ out: options.out, databaseUrl, signal: shutdown.signal });
    const live = await openLive(system, options, startedAtMs, view);
    server = live.server;
    const result = await runJob(options, options.inputs.length > 0 ? options.inputs : [bundledTape], {
      results: createResultStore(system.repositories, {
        instrument: instrumentOf(options),
        startedAtMs,
        input: { ...options },
      }),
      store: system.store,
      publish: live.publish,
      progress: live.progress,
      now: Date.now,
      signal: shutdown.signal,
    });
    view.end();
    printResult(result, options, view);
    const code = exitCodeOf(result, options);
    if (!server) return code;
    view.line(`\nServing ${server.url}  (API reference: ${server.url}/docs)   Ctrl-C stops`);
    await shutdown.requested;
    return exitCodes.done;
  } catch (error) {
    view.end();
    if (error instanceof InterruptedError || shutdown.signal.aborted) return exitCodes.interrupted;
    process.stderr.write(`\n${explain(error)}\n`);
    return exitCodes.failed;
  } finally {
    view.end();
    await closeAll(server, system, shutdown);
  }
}

function readOptions(): JobOptions | number {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options !== 'help') return options;
    process.stdout.write(`${usage}\n`);
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return exitCodes.usage;
  }
}

interface Live {
  readonly server: RunningServer | undefined;
  readonly publish: Parameters<typeof runJob>[2]['publish'];
  readonly progress: (progress: Progress) => void;
}

/** The API and the page, unless the run ends by itself; progress goes to the terminal in any case. */
async function openLive(system: System, options: JobOptions, startedAtMs: number, view: ProgressView): Promise<Live> {
  let current = progressOf('starting', 'starting');
  if (options.once) {
    return { server: undefined, publish: () => undefined, progress: (progress) => view.show(progress) };
  }
  view.show(progressOf('starting', 'building the web page (first start only)'));
  const { ensureWebBuild } = await import('../web/ensure-build.mjs');
  const webRoot = await ensureWebBuild();
  const events = createEventHub({ capacity: 1_000 });
  const api = createApi({
    repositories: createReadRepositories(system.repositories),
    progress: () => current,
    checkDatabase: () => system.checkDatabase(),
    checkStore: () => system.checkStore(),
    events,
    version: version(),
    startedAtMs,
    now: Date.now,
    webRoot,
    log: ({ level, message, requestId, error }) =>
      view.line(`${level}: ${message} (request ${requestId})${error instanceof Error ? `\n${error.stack}` : ''}`),
  });
  const server = await startServer({ api, host: options.host, port: options.port });
  view.line(`Tapekit ${version()} on ${system.databaseName}: ${server.url}`);
  return {
    server,
    publish: (event, data) => void events.publish(event, data),
    progress(progress) {
      current = progress;
      view.show(progress);
      events.publish('progress', progress);
    },
  };
}

function printResult(result: RunResult, options: JobOptions, view: ProgressView): void {
  view.line(`\n${formatSections(summarize(result))}`);
  view.line(`\nDone in ${(result.elapsedMs / 1000).toFixed(1)} s. Results are in ${options.out}/.`);
  if (result.metrics.input.quarantined > 0) {
    view.line(
      `${result.metrics.input.quarantined} records are in ${options.out}/quarantine.jsonl, each with its reason.`,
    );
  }
}

/** 0 only if every day of the tape is in an archive that was read back and proven in this run. */
function exitCodeOf({ archive, metrics }: RunResult, options: JobOptions): number {
  const verified = archive.outcome === 'ok' && archive.cells.every((cell) => cell.state === 'archived');
  if (!verified) return exitCodes.notVerified;
  return options.strict && metrics.input.quarantined > 0 ? exitCodes.quarantined : exitCodes.done;
}

async function closeAll(
  server: RunningServer | undefined,
  system: System | undefined,
  shutdown: Shutdown,
): Promise<void> {
  await server?.close();
  await system?.close();
  shutdown.dispose();
}

function instrumentOf(options: JobOptions): Instrument {
  const { symbol, rowTicks, intervalMs } = options;
  const { tickSize, lotSize } = createGrid(options);
  return { symbol, tickSize, lotSize, rowTicks, intervalMs };
}

function progressOf(stage: Progress['stage'], message: string): Progress {
  return { stage, done: 0, total: null, unit: 'steps', message };
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  return (manifest as { version: string }).version;
}

/** What the user can do about a failure of the file system. */
const remedies: Readonly<Record<string, string>> = {
  EACCES: 'Check who may write there, or choose another folder with --out.',
  EISDIR: 'Name a folder with --out, and files with --input.',
  ENOSPC: 'Free some space and run the same command again; nothing is lost.',
  ENOTDIR: 'Name a folder with --out, not a file.',
  EROFS: 'Choose a folder that can be written with --out.',
};

/** The message for people; the stack only for what is no expected failure. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  const remedy = remedies[code];
  if (remedy) return `${error.message}\n${remedy}`;
  const expected = code !== '' || error.name !== 'Error' || error.cause !== undefined;
  return expected ? error.message : (error.stack ?? error.message);
}

process.exitCode = await main();
