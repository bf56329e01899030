/** Starts the server process and waits until it answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { AdaptersError } from '../../../errors.ts';
import { program, type Binaries } from './binaries.ts';
import { pgdataArgument, serverEnv, type Cluster } from './cluster.ts';
import type { RunAs } from './identity.ts';
import { hasEnded, tieToOwner } from './lifetime.ts';
import { answers, ownerSetting, pollMs, readPidFile, settlePredecessor } from './predecessor.ts';
import { processIdentity } from './process-identity.ts';

/** What {@link launchServer} starts. */
export interface LaunchOptions {
  readonly cluster: Cluster;
  readonly dataDir: string;
  readonly binaries: Binaries;
  readonly runAs: RunAs;
  readonly durable: boolean;
  readonly startTimeoutMs: number;
  readonly port: number | undefined;
}

/** A server that answered. */
export interface RunningServer {
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

const maxLogBytes = 1024 * 1024;
/** Reasons that pass by themselves: backends of a killed server that still end, or a free port that was taken. */
const passing = /pre-existing shared memory block|lock file ".*" already exists|could not create any TCP\/IP sockets/;

/**
 * @throws {@link AdaptersError} `database-in-use` for a live owner, `database-failed` with the server's last words.
 */
export async function launchServer(options: LaunchOptions): Promise<RunningServer> {
  const deadlineMs = Date.now() + options.startTimeoutMs;
  for (;;) {
    await settlePredecessor(options.cluster, deadlineMs);
    const port = options.port ?? (await freePort());
    const log = openLog(join(options.dataDir, 'server.log'));
    const child = spawn(program(options.binaries, 'postgres'), serverArguments(options, port), {
      cwd: options.cluster.pgdata,
      env: serverEnv(),
      stdio: ['ignore', log.fd, log.fd],
      // A process group of its own: Ctrl-C in a terminal reaches the owner, who ends its work before the database.
      detached: process.platform !== 'win32',
      ...options.runAs,
    });
    closeSync(log.fd);
    const tied = tieToOwner(child, options);
    if (await becomesReady(child, options.cluster, port, deadlineMs)) return { port, pid: child.pid!, stop: tied.stop };
    await tied.stop();
    const words = log.read();
    if (Date.now() < deadlineMs && passing.test(words) && (options.port === undefined || !/TCP\/IP/.test(words))) {
      await delay(pollMs * 5);
      continue;
    }
    throw startFailed(options, tied.spawnError(), words);
  }
}

function serverArguments({ cluster, durable }: LaunchOptions, port: number): string[] {
  const settings = {
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_checkpoints: 'off',
    // Statements may hold what does not belong into a log file.
    log_min_error_statement: 'panic',
    [ownerSetting]: processIdentity(process.pid),
    ...(durable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  return [
    ...['-D', pgdataArgument(cluster.pgdata), '-h', '127.0.0.1', '-p', String(port)],
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

/** True once the server answers; false when it ended or did not answer in time. */
async function becomesReady(child: ChildProcess, cluster: Cluster, port: number, deadlineMs: number): Promise<boolean> {
  while (!hasEnded(child) && Date.now() < deadlineMs) {
    const found = await readPidFile(cluster.pgdata);
    const ready = found !== undefined && found.pid === child.pid && found.status === 'ready';
    if (ready && (await answers(cluster, port))) return true;
    await delay(pollMs);
  }
  return false;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** The server writes to a file, not to a pipe: a busy owner that does not read must not block it. */
function openLog(path: string): { readonly fd: number; read(): string } {
  const before = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const offset = before > maxLogBytes ? 0 : before;
  if (before > maxLogBytes) renameSync(path, `${path}.1`);
  return { fd: openSync(path, 'a', 0o600), read: () => readFileSync(path).subarray(offset).toString() };
}

function startFailed(
  { cluster, port, dataDir, startTimeoutMs }: LaunchOptions,
  cause: Error | undefined,
  words: string,
): AdaptersError {
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => /FATAL|PANIC|HINT|ERROR/.test(line));
  const reasons = telling.length > 0 ? telling : lines.slice(-3);
  const why = cause?.message ?? (reasons.join(' ').slice(0, 1000) || `no answer within ${startTimeoutMs} ms`);
  return new AdaptersError(
    'database-failed',
    `The database in "${cluster.pgdata}" did not start${port === undefined ? '' : ` on port ${port}`}: ${why}. See "${join(dataDir, 'server.log')}".`,
    { value: cluster.pgdata, ...(cause === undefined ? {} : { cause }) },
  );
}
