// The SQLite method with the memory store that users have and the platform's own streams: every operation of a run fails
// once; then one clean run must finish the work, and the next find nothing to do. All kinds of faults, stores and worlds,
// and all invariants, are in `faults-all.node.test.ts`, over a simulated store.
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { createFaultStore, faultKinds, type Fault } from '@tapekit/tooling/fault-store';
import { runHousecleaning, type HousecleaningOptions } from './housecleaning.ts';
import { archiveKey, clockKey, formatRawKey, rawCellPrefix, reportKey } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readArchiveSources } from './restore.ts';
import { listAll } from './internal/listing.ts';
import { sha256Hex } from './internal/sha256.ts';
import { toUtf8 } from './internal/utf8.ts';

const cell = { symbol: 'BTCUSDT', date: '2026-11-19' };
const writtenMs = Date.parse('2026-11-19T12:00:00Z');
const runMs = Date.parse('2026-11-21T12:00:00Z');
const env = { env: 'test', bucketId: 'tape' };

type Scenario = 'gen1' | 'late' | 'half-pruned';

const stores = [{ conditionalDelete: true }, { conditionalDelete: false }];
const worlds: readonly (readonly [scenario: Scenario, sources: number])[] = [
  ['gen1', 0],
  ['gen1', 1],
  ['late', 1],
  ['half-pruned', 2],
];

/** A tape under a store clock; `acked` is what was acknowledged and must never be lost. */
function createWorld(conditionalDelete: boolean) {
  let nowMs = writtenMs;
  const store = createMemoryStore({ clock: () => nowMs, conditionalDelete });
  const acked = new Map<string, string>();
  const put = async (firstSeq: number) => {
    const bytes = toUtf8(`{"seq":${firstSeq}}\n{"seq":${firstSeq + 1}}\n`);
    const sha256 = await sha256Hex(bytes);
    const key = formatRawKey({ ...cell, firstSeq, lastSeq: firstSeq + 1, sha256 });
    // Old enough to be deleted in the same run, also when it comes in the middle of one.
    nowMs = writtenMs;
    await store.put(key, bytes, { ifAbsent: true, sha256, metadata: { sha256 } });
    nowMs = runMs;
    acked.set(key, sha256);
  };
  const run = (through: ObjectStore, more: Partial<HousecleaningOptions> = {}) => {
    nowMs = runMs;
    return runHousecleaning({
      ...{ store: through, cells: [cell], nowMs: runMs, writers: 'write-once', env, approve: 'first-run' },
      ...more,
    });
  };
  return { store, acked, put, run };
}

type World = ReturnType<typeof createWorld>;

async function prepare(world: World, scenario: Scenario, sources: number): Promise<void> {
  for (let i = 0; i < sources; i++) await world.put(10 * i);
  if (scenario === 'gen1') return;
  if (scenario === 'half-pruned') {
    await world.run(world.store, { maxDeletes: Math.ceil(sources / 2) });
    return;
  }
  await world.run(world.store);
  // One object before and one after what is archived.
  await world.put(5);
  await world.put(999);
}

/** Acknowledged keys whose bytes are neither in the archive nor in a raw object. */
async function lostKeys(world: World): Promise<readonly string[]> {
  const found = new Map<string, string>();
  for (const { key } of await listAll(world.store, rawCellPrefix(cell), 1_000)) {
    found.set(key, await sha256Hex(await (await world.store.get(key))!.bytes()));
  }
  if (await world.store.head(archiveKey(cell))) {
    for await (const { source, bytes } of readArchiveSources(world.store, cell))
      found.set(source.key, await sha256Hex(bytes));
  }
  return [...world.acked].filter(([key, sha256]) => found.get(key) !== sha256).map(([key]) => key);
}

/** The decompressed archive as its sources say it is. */
async function archived(world: World): Promise<readonly string[]> {
  const sources: string[] = [];
  if (!(await world.store.head(archiveKey(cell)))) return sources;
  for await (const { source } of readArchiveSources(world.store, cell)) sources.push(`${source.key} ${source.sha256}`);
  return sources;
}

/** Fails a delete that comes without a proven archive that holds the key. */
function guardDeletes(world: World): ObjectStore {
  return {
    ...world.store,
    async delete(targets, options) {
      const proven = new Set<string>();
      for await (const { source } of readArchiveSources(world.store, cell)) proven.add(source.key);
      for (const { key } of targets) expect(proven, `delete of ${key}`).toContain(key);
      return world.store.delete(targets, options);
    },
  };
}

let cases = 0;

async function tryFault(
  config: { conditionalDelete: boolean },
  scenario: Scenario,
  sources: number,
  fault: Fault,
  name: string,
  during: (world: World) => Promise<void>,
) {
  cases += 1;
  const world = createWorld(config.conditionalDelete);
  await prepare(world, scenario, sources);
  const faulty = createFaultStore(guardDeletes(world), { ...fault, interlude: () => during(world) });
  await world.run(faulty.store).catch(() => undefined);
  expect(await lostKeys(world), `${name}: lost after the fault`).toEqual([]);

  const first = await world.run(guardDeletes(world));
  expect(await lostKeys(world), `${name}: lost after the first clean run`).toEqual([]);
  const counted = createFaultStore(guardDeletes(world));
  const second = await world.run(counted.store);
  const mutations = counted.log.filter(({ op }) => op === 'put' || op === 'delete');
  expect(mutations, `${name}: changes of a run with nothing to do`).toEqual([
    { op: 'put', subject: clockKey },
    { op: 'put', subject: reportKey },
  ]);

  expect([first.run.outcome, second.run.outcome], name).toEqual(['ok', 'ok']);
  expect(second.cells[0]?.state, name).toBe(world.acked.size === 0 ? 'empty' : 'archived');
  expect(
    (await archived(world)).map((line) => line.split(' ')),
    name,
  ).toEqual([...world.acked].sort());
  expect(await listAll(world.store, rawCellPrefix(cell), 1_000), name).toEqual([]);
}

describe('after any single fault and two clean runs nothing is lost and the result is the same', () => {
  for (const config of stores) {
    for (const [scenario, sources] of worlds) {
      const store = config.conditionalDelete ? 'conditional delete' : 'as R2';
      test(`${store}, ${scenario}, ${sources} sources`, async () => {
        const clean = createWorld(config.conditionalDelete);
        await prepare(clean, scenario, sources);
        const counted = createFaultStore(clean.store);
        await clean.run(counted.store);
        const interludes = {
          'late put': (world: World) => world.put(7_000),
          'peer run': async (world: World) => {
            await world.run(world.store);
          },
          'late put and peer run': async (world: World) => {
            await world.put(7_000);
            await world.run(world.store);
          },
        };
        for (const [at, { op, subject }] of counted.log.entries()) {
          const where = `at ${at} ${op} ${subject}`;
          for (const kind of faultKinds) {
            if ((kind === 'short-body' || kind === 'bit-flip') && op !== 'get' && op !== 'put') continue;
            await tryFault(config, scenario, sources, { at, kind }, `${kind} ${where}`, async () => undefined);
          }
          for (const [what, during] of Object.entries(interludes)) {
            await tryFault(config, scenario, sources, { at, kind: 'interlude' }, `${what} ${where}`, during);
          }
        }
      });
    }
  }

  test('covers a known number of cases', () => {
    // Operations of a clean run × 10 kinds, summed over 8 configurations; fewer means that the enumeration broke.
    expect(cases).toBeGreaterThan(1_400);
    console.info(`${cases} single-fault cases`);
  });
});
