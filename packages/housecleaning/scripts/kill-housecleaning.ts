/**
 * Kills real processes in the middle of housecleaning on a real store and looks at what is left.
 *
 *     node --conditions=source scripts/kill-housecleaning.ts --sources 4 --repeats 25 --random 2000 --json kills.json
 *     node --conditions=source scripts/kill-housecleaning.ts --store s3 --random 20
 *
 * Every operation of a run is killed before and after it, `repeats` times; then `random` processes are killed after a
 * random time, which also hits the middle of an operation. Every second place holds an archive and late objects. Exits 1 if
 * a record was lost, a result differs, or the runs after it do not come to rest.
 */
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  median,
  openGround,
  openPlace,
  runOnce,
  settle,
  tellEnd,
  undisturbed,
  writeRaw,
  type Acked,
  type FailPoint,
  type Ground,
  type Place,
} from './process-ground.ts';
import { watched } from './process-runner.ts';

/** When a process dies. */
export type Kill = FailPoint | { readonly afterMs: number };

/** What the places are filled with. */
export interface KillSetting {
  readonly ground: Ground;
  readonly sources: number;
  /** Digest of the content that an undisturbed run makes. */
  readonly expected: string;
}

/** One kill and what came after. */
export interface KillResult {
  /** False if the process had ended before. */
  readonly killed: boolean;
  /** Runs until everything was at rest. */
  readonly runs: number;
  readonly problems: readonly string[];
}

/** Prepares places for kills. */
export async function openSetting(ground: Ground, sources: number): Promise<KillSetting> {
  return { ground, sources, expected: (await undisturbed(ground, sources)).digest };
}

/** Names of the operations of an undisturbed run, `put stage` for example, in their order. */
export async function failPoints(setting: KillSetting, isLate: boolean): Promise<readonly string[]> {
  const { place } = await prepare(setting, isLate);
  const names: string[] = [];
  const store = watched(await openPlace(place), (_, { op, subject }, work) => {
    names.push(`${op} ${areaOf(subject)}`);
    return work();
  });
  await runOnce(store);
  return names;
}

/** Kills one run in a fresh place, and lets others finish its work. */
export async function killOnce(setting: KillSetting, kill: Kill, isLate: boolean): Promise<KillResult> {
  const { place, acked } = await prepare(setting, isLate);
  const runner = setting.ground.start(place, 'at' in kill ? { role: 'run', kill } : { role: 'run' });
  // The clock of a random kill starts when the process has loaded its modules.
  for (let said = await runner.next(); said; said = await runner.next()) {
    if (said.event === 'started' && 'afterMs' in kill) setTimeout(() => runner.signal('SIGKILL'), kill.afterMs);
    if (said.event === 'failed') throw new Error(said.message);
  }
  const { signal } = await runner.ended;
  const { runs, problems } = await settle(place, acked, setting.expected);
  return {
    killed: signal === 'SIGKILL',
    runs,
    problems: problems.map((problem) => `${JSON.stringify(kill)}: ${problem}`),
  };
}

/** Raw objects only, or, where the cell is late, an archive of the first half of them as well. */
async function prepare({ ground, sources }: KillSetting, isLate: boolean): Promise<{ place: Place; acked: Acked }> {
  const place = await ground.newPlace();
  const store = await openPlace(place);
  if (!isLate) return { place, acked: await writeRaw(store, sources) };
  const early = sources >> 1;
  const acked = new Map(await writeRaw(store, early));
  await runOnce(store);
  for (const [key, sha256] of await writeRaw(store, sources - early, early * 50)) acked.set(key, sha256);
  return { place, acked };
}

/** What kind of object a key or prefix is. */
function areaOf(subject: string): string {
  if (subject.startsWith('raw_tns/')) return 'raw';
  if (subject.startsWith('raw_tns_compressed/')) return subject.endsWith('.gz') ? 'archive' : 'report';
  return subject.split('/')[2]?.replace('.json', '') ?? subject;
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
    const setting = await openSetting(ground, Number(values.sources));
    const problems: string[] = [];
    const runs: number[] = [];
    const points: Record<string, number> = {};
    const note = (result: KillResult): boolean => {
      problems.push(...result.problems);
      runs.push(result.runs);
      return result.killed;
    };
    let kills = 0;
    for (const isLate of [false, true]) {
      const names = await failPoints(setting, isLate);
      for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
        for (const [at, name] of names.entries()) {
          for (const when of ['before', 'after'] as const) {
            if (!note(await killOnce(setting, { at, when }, isLate))) continue;
            kills += 1;
            points[`${when} ${name}`] = (points[`${when} ${name}`] ?? 0) + 1;
          }
        }
      }
    }
    let hits = 0;
    for (let i = 0; i < Number(values.random); i++) {
      hits += Number(note(await killOnce(setting, { afterMs: Math.random() * Number(values.withinMs) }, i % 2 === 1)));
    }
    const figures = {
      ...{ schema: 'hc-figures-kill/1', store: values.store, points, kills },
      ...{ random: Number(values.random), randomHits: hits },
      ...{ medianRuns: median(runs), mostRuns: Math.max(0, ...runs) },
    };
    tellEnd(figures, problems, { since, file: values.json });
  } finally {
    await ground.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
