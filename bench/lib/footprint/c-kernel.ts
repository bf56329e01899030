/** The C loop, compiled on the spot where there is a gcc. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TimedRun, Variant } from './contest.ts';
import type { Digests } from './digest.ts';
import { MINUTE_MS } from './seeded-tape.ts';
import type { Tape } from './seeded-tape.ts';

const COMPILER = 'gcc';

interface KernelRun extends TimedRun {
  readonly digests: Digests;
}

/** The variant; `undefined` where there is no gcc. Every run is a process: a pass to warm up, four timed ones. */
export function cKernel(tape: Tape, dir: string): Variant | undefined {
  const binary = join(dir, 'kernel');
  const source = fileURLToPath(new URL('./kernel.c', import.meta.url));
  const build = spawnSync(COMPILER, ['-O3', '-march=native', '-std=gnu11', '-o', binary, source], { encoding: 'utf8' });
  if (build.error) return undefined;
  if (build.status !== 0) throw new Error(`kernel.c does not compile:\n${build.stderr}`);
  const file = join(dir, 'tape.bin');
  writeTape(file, tape);
  let last: KernelRun | undefined;
  return {
    name: 'C, gcc -O3 -march=native, one core',
    trades: tape.timeMs.length,
    note: 'the limit; validates nothing',
    run: () => {
      const run = spawnSync(binary, [file, '5'], { encoding: 'utf8' });
      if (run.status !== 0) throw new Error(`kernel: ${run.stderr}`);
      last = JSON.parse(run.stdout) as KernelRun;
      return last;
    },
    digests: () => last!.digests,
  };
}

function writeTape(path: string, { timeMs, priceTicks, sizeLots, side }: Tape): void {
  const file = openSync(path, 'w');
  for (const column of [
    BigInt64Array.of(BigInt(timeMs.length), BigInt(MINUTE_MS)),
    timeMs,
    priceTicks,
    sizeLots,
    side,
  ]) {
    const bytes = new Uint8Array(column.buffer, column.byteOffset, column.byteLength);
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, Math.min(bytes.length - at, 1 << 26));
  }
  closeSync(file);
}
