import { readFileSync } from 'node:fs';
import process from 'node:process';
import { unlessShort } from '../../../internal/unless-short.ts';

/** A process as `pid:start`, so that a reused pid is not taken for it; without `/proc` the pid has to do. */
export function processIdentity(pid: number): string {
  return `${pid}:${procStat(pid)?.startTicks ?? ''}`;
}

/** True while the process of {@link processIdentity} runs; a zombie does not. */
export function isIdentityAlive(identity: string): boolean {
  const pid = Number(identity.split(':')[0]);
  return isPidAlive(pid) && !isZombie(pid) && processIdentity(pid) === identity;
}

/** True when a process has this pid, whoever owns it. */
export function isPidAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** True for a process that ended and that nobody has waited for; its pid stays taken, for good under a careless init. */
export function isZombie(pid: number): boolean {
  return procStat(pid)?.state === 'Z';
}

function procStat(pid: number): { readonly state: string; readonly startTicks: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name in parentheses may hold spaces; the fields after it do not. Start time is field 22 of proc(5).
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0]!, startTicks: fields[19]! };
  } catch (error) {
    unlessShort(error);
    return undefined;
  }
}
