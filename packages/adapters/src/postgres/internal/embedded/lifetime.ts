/** Sees to it that a server ends with the process that started it, however that ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { program, type Binaries } from './binaries.ts';
import { serverEnv, type Cluster } from './cluster.ts';
import type { RunAs } from './identity.ts';

/** The end of a server that was tied to this process. */
export interface TiedServer {
  /** Why the program could not be run at all. */
  readonly spawnError: () => Error | undefined;
  /** Fast shutdown, and harsher ones when it takes too long. Any further call gives the same promise. */
  readonly stop: () => Promise<void>;
}

const fastShutdownMs = 30_000;

/** True when the process has ended or never began. */
export function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/**
 * A shell waits on a pipe that only this process holds open: it closes however this process ends, SIGKILL included, and
 * the shell then asks the server for a fast shutdown. Where there is no shell, a normal exit does the same.
 */
export function tieToOwner(
  child: ChildProcess,
  options: { readonly binaries: Binaries; readonly cluster: Cluster; readonly runAs: RunAs },
): TiedServer {
  let spawnError: Error | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.on('error', (error) => {
      spawnError = error;
      if (child.pid === undefined) resolve();
    });
  });
  const release = [onNormalExit(child), onPipeClosed(child, options.runAs)];
  void ended.then(() => release.forEach((undo) => undo()));
  // A script that forgets to stop its server ends all the same, and the server with it.
  child.unref();

  let stopped: Promise<void> | undefined;
  return {
    spawnError: () => spawnError,
    stop: () => (stopped ??= stop(child, ended, options)),
  };
}

function onNormalExit(child: ChildProcess): () => void {
  const end = (): void => void child.kill('SIGINT');
  process.once('exit', end);
  return () => void process.off('exit', end);
}

function onPipeClosed(child: ChildProcess, runAs: RunAs): () => void {
  if (process.platform === 'win32' || child.pid === undefined) return () => undefined;
  const watchdog = spawn('/bin/sh', ['-c', 'read -r _; kill -INT "$0"', String(child.pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: serverEnv(),
    detached: true,
    ...runAs,
  });
  watchdog.on('error', () => undefined);
  watchdog.stdin.on('error', () => undefined);
  watchdog.unref();
  (watchdog.stdin as unknown as { unref(): void }).unref();
  return () => void watchdog.kill('SIGKILL');
}

async function stop(
  child: ChildProcess,
  ended: Promise<void>,
  { binaries, cluster }: { readonly binaries: Binaries; readonly cluster: Cluster },
): Promise<void> {
  if (hasEnded(child)) return ended;
  child.ref();
  if (process.platform === 'win32') {
    // Signals kill at once on Windows; only pg_ctl can ask for a shutdown there.
    const asked = spawn(program(binaries, 'pg_ctl'), ['stop', '-D', cluster.pgdata, '-m', 'fast', '-W'], {
      env: serverEnv(),
      stdio: 'ignore',
    });
    asked.on('error', () => child.kill());
  } else {
    child.kill('SIGINT');
  }
  for (const harsher of ['SIGQUIT', 'SIGKILL'] as const) {
    const timer = new AbortController();
    await Promise.race([ended, delay(fastShutdownMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
    if (hasEnded(child)) return;
    child.kill(harsher);
  }
  await ended;
}
