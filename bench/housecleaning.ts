/**
 * Compressing and verifying a day, beside `gzip -6 && gzip -t && sha256sum` of the same file in the shell, in turns, on
 * one core (`taskset`) and on all:
 *
 *     node --conditions=source bench/housecleaning.ts --megabytes 100 --rounds 5 --growth 250,1000 --memory 500
 *
 * Ratios above 1 mean faster than the shell. Processor time stands beside the clock: on a shared machine only it is fair,
 * for work on one core. `--growth ''` and `--memory 0` leave those parts out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync, statSync, writeSync, closeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureInChild, tapeSources } from '../packages/housecleaning/scripts/archive-memory.ts';
import type { ArchiveRun, ArchiveWay } from './lib/housecleaning/archive-day.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    growth: { type: 'string', default: '250,1000' },
    memory: { type: 'string', default: '500' },
  },
});
const child = fileURLToPath(new URL('./lib/housecleaning/archive-day.ts', import.meta.url));
const hasTaskset = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'tapekit-bench-'));
try {
  await compare(Number(values.megabytes), Number(values.rounds));
  const sizes = values.growth.split(',').filter(Boolean).map(Number);
  if (sizes.length > 1) await growth(sizes);
  if (Number(values.memory) > 0) await memory(Number(values.memory));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Took = Pick<ArchiveRun, 'wallSeconds' | 'cpuSeconds'>;

async function compare(megabytes: number, rounds: number): Promise<void> {
  const day = await writeDay(megabytes);
  const size = statSync(day).size;
  let made: ArchiveRun | undefined;
  for (const cores of hasTaskset ? ['one core', 'all cores'] : ['all cores']) {
    const pinned = cores === 'one core';
    const took = { shell: [] as Took[], streams: [] as Took[], memory: [] as Took[] };
    for (let round = 0; round <= rounds; round++) {
      const shell = shellRun(day, pinned);
      const streams = ownRun(day, 'streams', pinned);
      const inMemory = ownRun(day, 'memory', pinned);
      made = streams;
      if (round === 0) continue;
      took.shell.push(shell);
      took.streams.push(streams);
      took.memory.push(inMemory);
    }
    const goal = pinned || availableParallelism() === 1 ? 1 : 2;
    console.log(`\n${cores} of ${availableParallelism()}: ${megabytes} MB, ${rounds} rounds in turns, medians`);
    console.log(`${''.padEnd(58)}MB/s   ratio   CPU s   by CPU`);
    row('gzip -6 && gzip -t && sha256sum', took.shell, took.shell, size);
    row('two passes of streams, self-verified, every digest', took.streams, took.shell, size, goal);
    row('one pass in memory, every digest', took.memory, took.shell, size, goal);
  }
  if (made) {
    const gzipped = statSync(join(folder, 'shell.gz')).size;
    const [ours, theirs] = [size / made.gzBytes, size / gzipped].map((ratio) => ratio.toFixed(2));
    console.log(`\narchive ratio ${ours}, of gzip -6 ${theirs}; ${made.lines.toLocaleString('en')} trades`);
  }
  rmSync(day);
}

async function growth(sizes: readonly number[]): Promise<void> {
  console.log('\ngrowth, two passes of streams:   MB   CPU ms a MB   wall ms a MB');
  const costs: number[] = [];
  for (const megabytes of sizes) {
    const day = await writeDay(megabytes);
    const { cpuSeconds, wallSeconds } = ownRun(day, 'streams', false);
    costs.push(cpuSeconds / megabytes);
    const figures = [cpuSeconds, wallSeconds].map((seconds) => ((seconds * 1_000) / megabytes).toFixed(2).padStart(12));
    console.log(`${String(megabytes).padStart(35)}${figures.join('   ')}`);
    rmSync(day);
  }
  const ratio = costs.at(-1)! / costs[0]!;
  console.log(`largest ÷ smallest ${ratio.toFixed(2)}, goal ≤ 1.2: ${ratio <= 1.2 ? 'met' : 'missed'}`);
}

async function memory(megabytes: number): Promise<void> {
  const { idleMiB, peakMiB } = await measureInChild(megabytes, 'node');
  const most = Math.max(peakMiB.digest, peakMiB.encode, peakMiB.verify);
  console.log(
    `\npeak memory of a process at ${megabytes} MB: ${most.toFixed(1)} MiB (${idleMiB.toFixed(1)} when idle), ` +
      `goal ≤ 96: ${most <= 96 ? 'met' : 'missed'}`,
  );
}

function row(name: string, took: readonly Took[], shell: readonly Took[], size: number, goal?: number): void {
  const wall = median(took.map(({ wallSeconds }) => wallSeconds));
  const cpu = median(took.map(({ cpuSeconds }) => cpuSeconds));
  const ratio = median(shell.map(({ wallSeconds }) => wallSeconds)) / wall;
  const byCpu = median(shell.map(({ cpuSeconds }) => cpuSeconds)) / cpu;
  const figures = [
    (size / 1e6 / wall).toFixed(1).padStart(6),
    ratio.toFixed(2).padStart(8),
    cpu.toFixed(2).padStart(8),
    byCpu.toFixed(2).padStart(9),
  ];
  const verdict = goal === undefined ? '' : `   goal ≥ ${goal}: ${ratio >= goal ? 'met' : 'missed'}`;
  console.log(`${name.padEnd(56)}${figures.join('')}${verdict}`);
}

function ownRun(day: string, way: ArchiveWay, pinned: boolean): ArchiveRun {
  const node = [process.execPath, '--conditions=source', child, day, join(folder, 'own.gz'), way];
  const [command, ...args] = pinned ? ['taskset', '-c', '0', ...node] : node;
  const run = spawnSync(command!, args, { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`The job failed:\n${run.stderr}`);
  return JSON.parse(run.stdout) as ArchiveRun;
}

/** The three commands under bash's `time`. */
function shellRun(day: string, pinned: boolean): Took {
  const gz = join(folder, 'shell.gz');
  const job = `TIMEFORMAT='%R %U %S'; time (gzip -6 -c '${day}' > '${gz}' && gzip -t '${gz}' && sha256sum '${gz}' > /dev/null)`;
  const bash = ['bash', '-c', job];
  const [command, ...args] = pinned ? ['taskset', '-c', '0', ...bash] : bash;
  const run = spawnSync(command!, args, { encoding: 'utf8' });
  const [real, user, system] = run.stderr.trim().split(' ').map(Number);
  if (run.status !== 0 || system === undefined) throw new Error(`The shell failed:\n${run.stderr}`);
  return { wallSeconds: real!, cpuSeconds: user! + system };
}

async function writeDay(megabytes: number): Promise<string> {
  const path = join(folder, `day-${megabytes}.jsonl`);
  const file = openSync(path, 'w');
  for await (const { open } of tapeSources(megabytes)) for await (const piece of open()) writeSync(file, piece);
  closeSync(file);
  return path;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}
