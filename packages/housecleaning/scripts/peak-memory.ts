import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

/**
 * The most memory that this process has needed, in MiB. Linux tells of a child's `maxRSS` no less than what the parent held
 * when it forked, so the mark of the address space itself is read there.
 */
export function peakMiB(): number {
  if (platform() !== 'linux') return process.resourceUsage().maxRSS / 1_024;
  const mark = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  if (mark === null) throw new Error('/proc/self/status has no line VmHWM.');
  return Number(mark[1]) / 1_024;
}
