/**
 * Runners that never stop and a live writer, all at once in real processes on one store, while somebody looks on.
 *
 *     node --conditions=source scripts/two-runners.ts --runners 3 --objects 400 --kills 20 --json runners.json
 *     node --conditions=source scripts/two-runners.ts --store s3 --objects 40
 *     node --conditions=source scripts/two-runners.ts --overwrites
 *
 * The writer puts `objects` objects into two days that are long over, so that runners archive and delete while it writes;
 * with `--overwrites` it rewrites the same keys instead. `kills` runners are killed on the way, and others take their
 * place. The onlooker checks all the time that the last acknowledged bytes of every key can be read. Exits 1 if they
 * cannot, at any time, or if it does not come to rest.
 */
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Cell } from '../src/keys.ts';
import {
  compare,
  keysOf,
  openGround,
  openPlace,
  readEverything,
  runOnce,
  tellEnd,
  type Ground,
  type Place,
  type Runner,
} from './process-ground.ts';

const cells: readonly Cell[] = [
  { symbol: 'BTCUSDT', date: '2024-08-08' },
  { symbol: 'ETHUSDT', date: '2024-08-09' },
];

/** How it goes on the ground. */
export interface Bustle {
  readonly runners: number;
  /** Puts of the writer. */
  readonly objects: number;
  readonly overwrites: boolean;
  /** Runners killed on the way. */
  readonly kills: number;
}

/** What was seen. */
export interface BustleResult {
  /** Runs that came to an end while the writer wrote. */
  readonly runs: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly acked: number;
  readonly looks: number;
  readonly kills: number;
  readonly problems: readonly string[];
}

/** Lets runners and a writer loose on a fresh place until the writer is done, and then until all is at rest. */
export async function bustle(ground: Ground, { runners, objects, overwrites, kills }: Bustle): Promise<BustleResult> {
  const place = await ground.newPlace();
  const writers = overwrites ? 'overwriting' : 'write-once';
  const outcomes: Record<string, number> = {};
  const problems: string[] = [];
  let runs = 0;
  const begin = (): Runner => {
    const runner = ground.start(place, { role: 'loop', writers });
    void (async () => {
      for (let said = await runner.next(); said; said = await runner.next()) {
        if (said.event !== 'ran') continue;
        runs += 1;
        const outcome = said.outcome ?? said.message ?? 'unknown';
        outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      }
    })();
    return runner;
  };
  const active = Array.from({ length: runners }, begin);
  const writer = ground.start(place, { role: 'write', cells, objects, overwrites });
  const acked = new Map<string, string>();
  /** Everything that was acknowledged under a key, in its order. */
  const history = new Map<string, string[]>();
  let puts = 0;
  let killed = 0;
  const state = { isWriting: true };
  const listening = (async () => {
    for (let said = await writer.next(); said; said = await writer.next()) {
      if (said.event !== 'acked') continue;
      acked.set(said.key!, said.sha256!);
      history.set(said.key!, [...(history.get(said.key!) ?? []), said.sha256!]);
      puts += 1;
      if (killed < kills && puts >= ((killed + 1) * objects) / (kills + 1)) {
        const at = killed % runners;
        active[at]!.signal('SIGKILL');
        active[at] = begin();
        killed += 1;
      }
    }
    state.isWriting = false;
  })();
  let looks = 0;
  /** What was found under a key that had so many acknowledged contents, and none of them from the last one on. */
  const open: { readonly key: string; readonly had: number; readonly found: ReadonlySet<string> | undefined }[] = [];
  const isThere = ({ key, had, found }: (typeof open)[number]): boolean =>
    history.get(key)!.some((sha256, i) => i >= had - 1 && found?.has(sha256) === true);
  while (state.isWriting) {
    let sights = [...history].map(([key, digests]) => ({ key, had: digests.length }));
    // A file that changed while somebody tries to delete what lay there before is out of sight for a moment.
    for (let blinks = 0; blinks === 0 || (blinks < 5 && sights.length > 0); blinks++) {
      const found = await look(place);
      const seen = sights
        .map((sight) => ({ ...sight, found: found.get(sight.key) }))
        .filter((sight) => !isThere(sight));
      sights = seen;
      // A content that nobody acknowledged yet may be acknowledged a moment later.
      if (blinks === 4) open.push(...seen);
    }
    looks += 1;
  }
  await listening;
  const { code } = await writer.ended;
  if (code !== 0 || puts !== objects)
    problems.push(`the writer ended with ${code} after ${puts} of ${objects} objects`);
  for (const sight of open.filter((one) => !isThere(one))) {
    problems.push(`while it runs: "${sight.key}" is ${sight.found ? 'another' : 'lost'}`);
  }
  for (const runner of active) runner.end();
  await Promise.all(active.map(({ ended }) => ended));
  problems.push(...compare(acked, await look(place), overwrites ? 'allowed' : 'refused').map((p) => `after it: ${p}`));
  problems.push(...(await rest(place, writers)));
  problems.push(...compare(acked, await look(place), overwrites ? 'allowed' : 'refused').map((p) => `at rest: ${p}`));
  return { runs, outcomes, acked: puts, looks, kills: killed, problems };
}

/** Everything that can be read, of all cells. */
async function look(place: Place): Promise<Map<string, Set<string>>> {
  const store = await openPlace(place);
  const found = await Promise.all(cells.map((cell) => readEverything(store, cell)));
  return new Map(found.flatMap((of) => [...of]));
}

/** Runs until nothing raw is left; what is wrong if that does not come. */
async function rest(place: Place, writers: 'write-once' | 'overwriting'): Promise<readonly string[]> {
  const store = await openPlace(place);
  for (let runs = 0; runs < 3; runs++) {
    const report = await runOnce(store, cells, { writers });
    const left = await keysOf(store, 'raw_tns/');
    const again = await runOnce(store, cells, { writers });
    if (left.length === 0 && again.totals.addedSources === 0) return [];
    if (runs === 2)
      return [`it does not come to rest: ${report.run.reason ?? report.run.outcome}, ${left.length} left`];
  }
  return [];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      store: { type: 'string', default: 'fs' },
      runners: { type: 'string', default: '2' },
      objects: { type: 'string', default: '200' },
      kills: { type: 'string', default: '0' },
      overwrites: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const since = performance.now();
  const ground = await openGround(values.store);
  try {
    const numbers = { runners: Number(values.runners), objects: Number(values.objects), kills: Number(values.kills) };
    const { problems, ...result } = await bustle(ground, { ...numbers, overwrites: values.overwrites });
    const figures = { schema: 'hc-figures-runners/1', store: values.store, runners: numbers.runners };
    tellEnd({ ...figures, overwrites: values.overwrites, ...result }, problems, { since, file: values.json });
  } finally {
    await ground.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
