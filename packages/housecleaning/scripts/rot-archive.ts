/**
 * Lets bytes of stored archives rot, one at a time, and looks whether anybody notices.
 *
 *     node --conditions=source scripts/rot-archive.ts --bits 8 --samples 500 --json rot.json
 *
 * Every byte of a small archive is flipped in `bits` ways, and `samples` bytes of a large one: with a sound staged copy,
 * which must heal it, and with one that is rotten in the same place, which must put the cell into quarantine and keep every
 * raw object. On a real file system the bytes of the file are changed in place and its times put back, as a disk would do
 * it. Exits 1 if a flipped byte was not noticed, or a raw object was deleted on the word of a rotten archive.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, openSync, closeSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { archiveKey, stagePrefix } from '../src/keys.ts';
import { verifyArchive } from '../src/restore.ts';
import { cell as memoryCell, prepareWorld, type PreparedWorld } from './document-world.ts';
import { createRandom } from './json-mutations.ts';
import {
  cell,
  compare,
  keysOf,
  openGround,
  openPlace,
  readEverything,
  runOnce,
  tellEnd,
  writeRaw,
  type Ground,
} from './process-ground.ts';

/** What was flipped, and what went unnoticed. */
export interface RotCounts {
  readonly flips: number;
  readonly healed: number;
  readonly quarantined: number;
  readonly wrong: readonly string[];
}

/** Flips bits of the one archive of a world in memory: `of` are the bytes, `bits` how many bits of each. */
export async function rotInMemory(world: PreparedWorld, of: Iterable<number>, bits: number): Promise<RotCounts> {
  const key = archiveKey(memoryCell);
  const stage = world.objects.find((object) => object.key.startsWith(stagePrefix))!.key;
  const counts = { flips: 0, healed: 0, quarantined: 0, wrong: [] as string[] };
  for (const at of of) {
    for (let n = 0; n < bits; n++) {
      const bit = (at + n) % 8;
      const rotten = flip(world.gz, at, bit);
      const onlyArchive = world.damaged(key, rotten);
      const both = onlyArchive.map((object) => (object.key === stage ? { ...object, bytes: rotten } : object));
      const where = `bit ${bit} of byte ${at}`;
      counts.flips += 2;

      const { store } = await world.open(onlyArchive);
      if ((await verifyArchive(store, memoryCell)).ok) counts.wrong.push(`${where} is taken for whole`);
      const healed = await world.run(onlyArchive);
      // Healed from its copy, it is the base of the next generation, and proves itself.
      const { ok } = await verifyArchive(healed.store, memoryCell);
      if (healed.outcome === 'ok' && ok) counts.healed += 1;
      else counts.wrong.push(`${where} was not healed: ${healed.outcome}`);

      const lost = await world.run(both);
      if (lost.state === 'quarantined' && lost.deleted === 0) counts.quarantined += 1;
      else counts.wrong.push(`${where}, with its copy: ${lost.state}, ${lost.deleted} deleted`);
    }
  }
  return counts;
}

/** Lets single bits of archive files rot on a real disk, behind the back of the store. */
export async function rotOnDisk(ground: Ground, samples: number, seed: number): Promise<RotCounts> {
  const random = createRandom(seed);
  const counts = { flips: 0, healed: 0, quarantined: 0, wrong: [] as string[] };
  for (let i = 0; i < samples; i++) {
    const place = await ground.newPlace();
    if (place.kind !== 'fs') throw new Error('Only files rot.');
    const store = await openPlace(place);
    const acked = new Map(await writeRaw(store, 2));
    await runOnce(store);
    for (const [key, sha256] of await writeRaw(store, 1, 100)) acked.set(key, sha256);
    const archive = join(place.root, archiveKey(cell));
    const copies = i % 2 === 0 ? [] : (await keysOf(store, stagePrefix)).map((key) => join(place.root, key));
    const at = random(readFileSync(archive).length);
    const bit = random(8);
    for (const file of [archive, ...copies]) rotFile(file, at, bit);
    counts.flips += 1;
    const report = await runOnce(await openPlace(place));
    const raw = await keysOf(store, 'raw_tns/');
    const where = `bit ${bit} of byte ${at} on disk`;
    if (copies.length === 0) {
      const problems = compare(acked, await readEverything(await openPlace(place)));
      if (problems.length === 0 && report.run.outcome === 'ok') counts.healed += 1;
      else counts.wrong.push(`${where}: ${report.run.outcome}, ${problems.join(', ')}`);
    } else if (report.cells[0]?.state === 'quarantined' && raw.length === 1) counts.quarantined += 1;
    else counts.wrong.push(`${where}, with its copy: ${report.cells[0]?.state}, ${raw.length} raw objects left`);
  }
  return counts;
}

/** Changes a bit of a file in place and puts its times back, to the nanosecond. */
function rotFile(path: string, at: number, bit: number): void {
  const times = `${path}.times`;
  copyFileSync(path, times);
  execFileSync('touch', ['-r', path, times]);
  const file = openSync(path, 'r+');
  writeSync(file, flip(readFileSync(path), at, bit), at, 1, at);
  closeSync(file);
  execFileSync('touch', ['-r', times, path]);
  execFileSync('rm', [times]);
}

function flip(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1 << bit;
  return copy;
}

/** Different bytes of `length`, chosen by a seed. */
export function sample(length: number, count: number, seed: number): readonly number[] {
  const random = createRandom(seed);
  const found = new Set<number>();
  while (found.size < Math.min(count, length)) found.add(random(length));
  return [...found];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      bits: { type: 'string', default: '8' },
      samples: { type: 'string', default: '200' },
      records: { type: 'string', default: '40000' },
      disk: { type: 'string', default: '50' },
      seed: { type: 'string', default: '1' },
      json: { type: 'string' },
    },
  });
  const since = performance.now();
  const seed = Number(values.seed);
  const small = await prepareWorld();
  const large = await prepareWorld(Number(values.records));
  const ground = await openGround();
  try {
    const results = [
      await rotInMemory(small, small.gz.keys(), Number(values.bits)),
      await rotInMemory(large, sample(large.gz.length, Number(values.samples), seed), 1),
      await rotOnDisk(ground, Number(values.disk), seed),
    ];
    const sum = (name: 'flips' | 'healed' | 'quarantined'): number =>
      results.reduce((n, counts) => n + counts[name], 0);
    const wrong = results.flatMap((counts) => counts.wrong);
    const figures = {
      ...{ schema: 'hc-figures-rot/1', smallBytes: small.gz.length, largeBytes: large.gz.length, seed },
      ...{ flips: sum('flips'), onDisk: results[2]!.flips, healed: sum('healed'), quarantined: sum('quarantined') },
    };
    tellEnd(figures, wrong, { since, file: values.json });
  } finally {
    await ground.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
