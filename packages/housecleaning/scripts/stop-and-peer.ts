/**
 * Freezes real processes in the middle of housecleaning, lets a peer do everything meanwhile, and lets them go on.
 *
 *     node --conditions=source scripts/stop-and-peer.ts --sources 4 --random 100 --json stops.json
 *     node --conditions=source scripts/stop-and-peer.ts --store s3 --random 20
 *
 * Every operation of a run is frozen with SIGSTOP before and after it; then `random` processes are frozen after a random
 * time, in the middle of whatever they do. Meanwhile the peer runs; in two of three cases another object arrives before or
 * after that. A peer that needs a lock of the frozen process waits for it: then the process goes on first. Exits 1 if a
 * record was lost or the archive is not the one of an undisturbed run. Needs Linux (/proc).
 */
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  compare,
  median,
  openGround,
  openPlace,
  readEverything,
  runOnce,
  settle,
  tellEnd,
  undisturbed,
  writeRaw,
  type FailPoint,
  type Ground,
  type Runner,
} from './process-ground.ts';

/** What a case freezes, and what happens meanwhile. */
export interface StopCase {
  readonly stop: FailPoint | { readonly afterMs: number };
  /** When one more object arrives, seen from the peer's run. */
  readonly arrives: 'before' | 'after' | 'never';
}

/** What came of it. */
export interface StopResult {
  /** False if the process had ended before. */
  readonly frozen: boolean;
  /** The peer could not end before the process went on. */
  readonly waited: boolean;
  /** Runs until everything was at rest. */
  readonly runs: number;
  readonly problems: readonly string[];
}

/**
 * Freezes one run in a fresh place. `expected` is the content of `sources` objects and of one more; after `patienceMs` the
 * peer is taken to need a lock of the frozen one.
 */
export async function stopOnce(
  ground: Ground,
  { stop, arrives }: StopCase,
  sources: number,
  expected: { readonly same: string; readonly more: string },
  patienceMs = 3_000,
): Promise<StopResult> {
  const place = await ground.newPlace();
  const acked = new Map(await writeRaw(await openPlace(place), sources));
  const more = async (): Promise<void> => {
    for (const [key, sha256] of await writeRaw(await openPlace(place), 1, sources * 50)) acked.set(key, sha256);
  };
  const problems: string[] = [];
  const runner = ground.start(place, 'at' in stop ? { role: 'run', stop } : { role: 'run' });
  const frozen = await freeze(runner, stop);
  const peer = (async (): Promise<void> => {
    if (arrives === 'before') await more();
    const report = await runOnce(await openPlace(place));
    if (report.run.outcome === 'failed' || report.run.outcome === 'halted')
      problems.push(`the peer: ${report.run.reason}`);
    if (arrives === 'after') await more();
  })();
  let waited = false;
  const timer = setTimeout(() => {
    waited = true;
    runner.signal('SIGCONT');
  }, patienceMs);
  await peer;
  clearTimeout(timer);
  problems.push(...compare(acked, await readEverything(await openPlace(place))));
  runner.signal('SIGCONT');
  for (let said = await runner.next(); said; said = await runner.next()) {
    if (said.event === 'failed') problems.push(`the frozen one: ${said.message}`);
  }
  const { code, signal } = await runner.ended;
  if (code !== 0) problems.push(`the frozen one ended with ${code ?? signal}`);
  const settled = await settle(place, acked, arrives === 'never' ? expected.same : expected.more);
  problems.push(...settled.problems);
  const what = JSON.stringify({ stop, arrives });
  return { frozen, waited, runs: settled.runs, problems: problems.map((problem) => `${what}: ${problem}`) };
}

/** True once the process stands still; false if it ended first. */
async function freeze(runner: Runner, stop: StopCase['stop']): Promise<boolean> {
  for (let said = await runner.next(); said; said = await runner.next()) {
    if (said.event === 'started' && 'afterMs' in stop) {
      await new Promise((resolve) => setTimeout(resolve, stop.afterMs));
      runner.signal('SIGSTOP');
      break;
    }
    if (said.event === 'SIGSTOP') break;
    if (said.event === 'ended') return false;
  }
  for (;;) {
    const state = stateOf(runner.pid);
    if (state === 'T') return true;
    if (state === undefined || state === 'Z') return false;
    await nextTurn();
  }
}

/** The letter of a process's state; `undefined` if there is none. */
function stateOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
  } catch {
    return undefined;
  }
}

/** Contents of `sources` and of one more object, undisturbed. */
export async function expectContents(ground: Ground, sources: number): Promise<{ same: string; more: string }> {
  return {
    same: (await undisturbed(ground, sources)).digest,
    more: (await undisturbed(ground, sources + 1)).digest,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      store: { type: 'string', default: 'fs' },
      sources: { type: 'string', default: '4' },
      repeats: { type: 'string', default: '1' },
      random: { type: 'string', default: '100' },
      withinMs: { type: 'string', default: '60' },
      json: { type: 'string' },
    },
  });
  const since = performance.now();
  const ground = await openGround(values.store);
  try {
    const sources = Number(values.sources);
    const expected = await expectContents(ground, sources);
    const meanwhile = ['before', 'after', 'never'] as const;
    const problems: string[] = [];
    const runs: number[] = [];
    const counts = { stops: 0, random: 0, waited: 0 };
    const tryOne = async (stop: StopCase['stop'], turn: number): Promise<boolean> => {
      const result = await stopOnce(ground, { stop, arrives: meanwhile[turn % 3]! }, sources, expected);
      problems.push(...result.problems);
      runs.push(result.runs);
      counts.waited += Number(result.waited);
      return result.frozen;
    };
    for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
      for (let at = 0; ; at++) {
        const before = await tryOne({ at, when: 'before' }, at + repeat);
        counts.stops += Number(before) + Number(await tryOne({ at, when: 'after' }, at + repeat + 1));
        // It ended before it came to that operation.
        if (!before) break;
      }
    }
    for (let i = 0; i < Number(values.random); i++) {
      counts.random += Number(await tryOne({ afterMs: Math.random() * Number(values.withinMs) }, i));
    }
    const figures = {
      ...{ schema: 'hc-figures-stop/1', store: values.store, ...counts },
      ...{ medianRuns: median(runs), mostRuns: Math.max(0, ...runs) },
    };
    tellEnd(figures, problems, { since, file: values.json });
  } finally {
    await ground.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
