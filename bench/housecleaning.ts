/**
 * Compressing and verifying a day, beside `gzip -6 && gzip -t && sha256sum` of the same file in the shell, in turns, on
 * one core (`taskset`) and on all:
 *
 *     node --conditions=source bench/housecleaning.ts --megabytes 100 --rounds 5 --growth 250,1000 --memory 500
 *
 * In one pass, as a run takes a day whose archive fits into its `bufferBytes`, and in two, as it takes a larger one. On all
 * cores also two days at once, as the drivers work on two symbols, beside the shell that takes them one by one.
 * Then the requests to a store for a million trades. `--json FILE` stores the figures. Ratios above 1 mean faster than the
 * shell. Processor time stands beside the clock: on a shared machine only it is fair,
 * for work on one core. `--growth ''`, `--memory 0` and `--operations 0` leave those parts out.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureInChild, tapeSources } from '../packages/housecleaning/scripts/archive-memory.ts';
import type { ArchiveRun, ArchiveWay } from './lib/housecleaning/archive-day.ts';
import { countOperations } from './lib/housecleaning/operations.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    growth: { type: 'string', default: '250,1000' },
    memory: { type: 'string', default: '500' },
    operations: { type: 'string', default: '1000000' },
    json: { type: 'string' },
  },
});
const child = fileURLToPath(new URL('./lib/housecleaning/archive-day.ts', import.meta.url));
const hasTaskset = spawnSync('taskset', ['-c', '0', 'true']).status === 0;
/** What `packages/housecleaning/scripts/figures.ts` reads. */
const figures: Record<string, unknown> = { schema: 'hc-figures-bench/1' };
const folder = mkdtempSync(join(tmpdir(), 'tapekit-bench-'));
try {
  await compare(Number(values.megabytes), Number(values.rounds));
  const sizes = values.growth.split(',').filter(Boolean).map(Number);
  if (sizes.length > 1) await growth(sizes);
  if (Number(values.memory) > 0) await memory(Number(values.memory));
  if (Number(values.operations) > 0) await operations(Number(values.operations));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
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
    const took = {
      shell: [] as Took[],
      once: [] as Took[],
      streams: [] as Took[],
      memory: [] as Took[],
      bothOnce: [] as Took[],
      bothStreams: [] as Took[],
    };
    for (let round = 0; round <= rounds; round++) {
      const shell = shellRun(day, pinned);
      const once = ownRun(day, 'once', pinned);
      const streams = ownRun(day, 'streams', pinned);
      const inMemory = ownRun(day, 'memory', pinned);
      const both = pinned ? undefined : [await twoRuns(day, 'once'), await twoRuns(day, 'streams')];
      made = once;
      if (round === 0) continue;
      took.shell.push(shell);
      took.once.push(once);
      took.streams.push(streams);
      took.memory.push(inMemory);
      if (both) [took.bothOnce, took.bothStreams].forEach((runs, index) => runs.push(both[index]!));
    }
    const goal = pinned || availableParallelism() === 1 ? 1 : 2;
    console.log(`\n${cores} of ${availableParallelism()}: ${megabytes} MB, ${rounds} rounds in turns, medians`);
    console.log(`${''.padEnd(58)}MB/s   ratio   CPU s   by CPU`);
    row('gzip -6 && gzip -t && sha256sum', took.shell, took.shell, size);
    row('one pass, self-verified, every digest', took.once, took.shell, size, goal);
    row('two passes (a large day), self-verified, every digest', took.streams, took.shell, size, goal);
    row('one pass in memory, every digest', took.memory, took.shell, size, goal);
    if (!pinned) {
      row('two days at once, one pass, half of it', took.bothOnce, took.shell, size, goal);
      row('two days at once, two passes, half of it', took.bothStreams, took.shell, size, goal);
    }
    const ratio = (own: readonly Took[], of: keyof Took = 'wallSeconds'): number =>
      rounded(median(took.shell.map((run) => run[of])) / median(own.map((run) => run[of])));
    Object.assign(
      figures,
      pinned
        ? { oneCore: ratio(took.once), byCpu: ratio(took.once, 'cpuSeconds'), largeOneCore: ratio(took.streams) }
        : { allCores: ratio(took.once), twoDays: ratio(took.bothOnce), largeAllCores: ratio(took.streams) },
      pinned ? {} : { largeTwoDays: ratio(took.bothStreams) },
    );
  }
  if (made) {
    const gzipped = statSync(join(folder, 'shell.gz')).size;
    const [ours, theirs] = [size / made.gzBytes, size / gzipped].map((ratio) => ratio.toFixed(2));
    figures['archiveRatio'] = Number(ours);
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
  figures['growth'] = rounded(ratio);
  console.log(`largest ÷ smallest ${ratio.toFixed(2)}, goal ≤ 1.2: ${ratio <= 1.2 ? 'met' : 'missed'}`);
}

async function memory(megabytes: number): Promise<void> {
  const { idleMiB, peakMiB } = await measureInChild(megabytes, 'node');
  const most = Math.max(peakMiB.digest, peakMiB.encode, peakMiB.verify);
  Object.assign(figures, { peakMiB: rounded(most), peakMegabytes: megabytes });
  console.log(
    `\npeak memory of a process at ${megabytes} MB: ${most.toFixed(1)} MiB (${idleMiB.toFixed(1)} when idle), ` +
      `goal ≤ 96: ${most <= 96 ? 'met' : 'missed'}`,
  );
}

async function operations(asked: number): Promise<void> {
  const { trades, writer, housecleaning } = await countOperations(asked);
  const perMillion = (count: number): number => rounded((count * 1e6) / trades);
  const classA = perMillion(writer.classA + housecleaning.classA);
  Object.assign(figures, { classA, classB: perMillion(writer.classB + housecleaning.classB) });
  console.log(
    `\nrequests for a million trades: ${perMillion(writer.classA)} of class A to write the tape, ` +
      `${perMillion(housecleaning.classA)} and ${perMillion(housecleaning.classB)} of class B to archive, prove and prune it`,
  );
}

/** Two processes, each with a day; what half of that took. */
async function twoRuns(day: string, way: ArchiveWay): Promise<Took> {
  const runs = [1, 2].map(async (which) => {
    const args = ['--conditions=source', child, day, join(folder, `own-${which}.gz`), way];
    const run = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    run.stdout.on('data', (text: Buffer) => (said += text.toString()));
    const [status] = (await once(run, 'close')) as [number | null];
    if (status !== 0) throw new Error(`The job failed with "${status}".`);
    return JSON.parse(said) as ArchiveRun;
  });
  const both = await Promise.all(runs);
  const slowest = Math.max(...both.map(({ wallSeconds }) => wallSeconds));
  return { wallSeconds: slowest / 2, cpuSeconds: both.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / 2 };
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

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
}
