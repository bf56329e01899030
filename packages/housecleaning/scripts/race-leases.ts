/**
 * Real processes that race for leases in one folder, and holders that are frozen with SIGSTOP past their time.
 *
 *     node --conditions=source scripts/race-leases.ts --processes 8 --rounds 500 --freezes 50
 *
 * Every round all processes ask at once; exactly one may get the lease, and its generation must be the next one. A frozen
 * holder may at most finish the operation that it was in. Exits 1 otherwise. No time is waited for: a lease grows old by the
 * time of its file, and a frozen holder by a clock that shows the real time plus what a file says. Needs Linux (/proc).
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import { isHousecleaningError } from '../src/errors.ts';
import { leaseKey } from '../src/keys.ts';
import { acquireLease, leaseDefaults, withLease, type Lease } from '../src/lease.ts';

const script = fileURLToPath(import.meta.url);
const shard = 'raced';
const workPrefix = 'raw_tns/WORK/2024-08-08/';
const { ttlMs } = leaseDefaults;

/** A folder with a store, and the clock that all its processes read. */
export interface RaceGround {
  readonly root: string;
  readonly clockFile: string;
}

/** Makes a fresh ground below `folder`. */
export async function prepareGround(folder: string): Promise<RaceGround> {
  const own = await mkdtemp(join(folder, 'lease-'));
  const clockFile = join(own, 'clock');
  writeFileSync(clockFile, '0');
  return { root: join(own, 'store'), clockFile };
}

/**
 * Lets `processes` processes ask for one lease at once, `rounds` times; the winner of every third round dies as far as
 * others can see, the others give it back. Returns the generations, one a round; throws unless every round had one winner.
 */
export async function raceRounds(ground: RaceGround, processes: number, rounds: number): Promise<readonly number[]> {
  const contenders = Array.from({ length: processes }, (_, i) => startChild(ground, 'contend', `p${i}`));
  try {
    await Promise.all(contenders.map((child) => child.next()));
    const generations: number[] = [];
    for (let round = 0; round < rounds; round++) {
      contenders.forEach((child) => child.say('ask'));
      const answers = await Promise.all(contenders.map((child) => child.next()));
      const won = answers.map(Number).filter((generation) => generation > 0);
      if (won.length !== 1) throw new Error(`Round ${round} had ${won.length} winners: ${answers.join(' ')}`);
      generations.push(won[0]!);
      const winner = contenders[answers.findIndex((answer) => Number(answer) > 0)]!;
      if (round % 3 === 2) {
        // Time passes for the lease: it was put so much earlier.
        const putSeconds = (Date.now() - ttlMs) / 1_000;
        await utimes(join(ground.root, leaseKey(shard)), putSeconds, putSeconds);
      } else {
        winner.say('release');
        await winner.next();
      }
    }
    return generations;
  } finally {
    contenders.forEach((child) => child.kill());
  }
}

/**
 * Freezes a process that holds the lease and works without pause, takes the lease over, and lets the process go on.
 * Returns how many operations it still finished, and what it said at its end.
 */
export async function freezeHolder(
  ground: RaceGround,
): Promise<{ readonly finished: number; readonly end: string; readonly generations: readonly [number, number] }> {
  const store = createFsStore({ root: ground.root });
  const child = startChild(ground, 'work', 'frozen');
  try {
    const generation = Number(await child.next());
    for (let i = 0; i < 3; i++) await child.next();
    child.signal('SIGSTOP');
    while (readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.[0] !== 'T') await nextTurn();
    advanceClock(ground, ttlMs);
    const peer = await acquireLease(store, shard, { owner: 'peer', nowMs: clockOf(ground) });
    if (!peer) throw new Error('The lease of a frozen holder was not given to the next one.');
    const before = await countObjects(ground);
    child.signal('SIGCONT');
    let end = await child.next();
    while (end === 'worked') end = await child.next();
    const finished = (await countObjects(ground)) - before;
    if (!peer.held) throw new Error('The next holder lost its lease to one that was frozen.');
    await peer.release();
    return { finished, end, generations: [generation, peer.generation] };
  } finally {
    child.kill();
  }
}

function clockOf({ clockFile }: RaceGround): () => number {
  return () => Date.now() + Number(readFileSync(clockFile, 'utf8'));
}

function advanceClock({ clockFile }: RaceGround, byMs: number): void {
  writeFileSync(clockFile, String(Number(readFileSync(clockFile, 'utf8')) + byMs));
}

async function countObjects({ root }: RaceGround): Promise<number> {
  return (await createFsStore({ root }).list({ prefix: workPrefix })).objects.length;
}

interface Child {
  readonly pid: number;
  say(line: string): void;
  /** The next line that it says. */
  next(): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  kill(): void;
}

function startChild({ root, clockFile }: RaceGround, role: 'contend' | 'work', name: string): Child {
  const process_: ChildProcessByStdio<Writable, Readable, null> = spawn(
    process.execPath,
    ['--conditions=source', '--no-warnings', script, role, root, clockFile, name],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const lines = createInterface({ input: process_.stdout })[Symbol.asyncIterator]();
  return {
    pid: process_.pid!,
    say: (line) => void process_.stdin.write(`${line}\n`),
    next: async () => {
      const { value, done } = await lines.next();
      if (done) throw new Error(`The process "${name}" ended too early.`);
      return value;
    },
    signal: (signal) => void process_.kill(signal),
    kill: () => void process_.kill('SIGKILL'),
  };
}

async function contend(ground: RaceGround, name: string): Promise<void> {
  const store = createFsStore({ root: ground.root });
  let lease: Lease | undefined;
  console.log('ready');
  let asked = 0;
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'ask') {
      asked += 1;
      lease = await acquireLease(store, shard, { owner: `${name}-${asked}`, nowMs: clockOf(ground) });
      console.log(lease?.generation ?? 0);
    } else {
      await lease?.release();
      console.log('released');
    }
  }
}

async function work(ground: RaceGround, name: string): Promise<void> {
  const plain = createFsStore({ root: ground.root });
  const owner = `${name}-${process.pid}`;
  const lease = await acquireLease(plain, shard, { owner, nowMs: clockOf(ground) });
  if (!lease) throw new Error('The lease is not free.');
  console.log(lease.generation);
  const store = withLease(plain, lease);
  try {
    for (let i = 0; ; i++) {
      await store.put(`${workPrefix}${owner}-${i}`, new Uint8Array([1]));
      console.log('worked');
    }
  } catch (error) {
    console.log(isHousecleaningError(error) ? error.code : String(error));
  }
}

async function main(): Promise<void> {
  const [role, root, clockFile, name] = process.argv.slice(2);
  if (role === 'contend') return contend({ root: root!, clockFile: clockFile! }, name!);
  if (role === 'work') return work({ root: root!, clockFile: clockFile! }, name!);
  const { values } = parseArgs({
    options: {
      processes: { type: 'string', default: '8' },
      rounds: { type: 'string', default: '100' },
      freezes: { type: 'string', default: '10' },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'tapekit-leases-'));
  try {
    const ground = await prepareGround(folder);
    const generations = await raceRounds(ground, Number(values.processes), Number(values.rounds));
    if (generations.some((generation, i) => generation !== i + 1))
      throw new Error('A generation was left out or reused.');
    console.log(`${generations.length} rounds of ${values.processes} processes: one winner each, no generation twice`);
    let finished = 0;
    for (let i = 0; i < Number(values.freezes); i++) {
      const result = await freezeHolder(await prepareGround(folder));
      if (result.end !== 'lease-lost' || result.finished > 1) throw new Error(JSON.stringify(result));
      finished += result.finished;
    }
    console.log(`${values.freezes} holders frozen: all stopped, ${finished} operations were under way and ended`);
    const { processes, freezes } = values;
    const counts = {
      processes: Number(processes),
      rounds: generations.length,
      freezes: Number(freezes),
      violations: 0,
    };
    console.log(JSON.stringify({ schema: 'hc-figures-leases/1', ...counts }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === script) await main();
