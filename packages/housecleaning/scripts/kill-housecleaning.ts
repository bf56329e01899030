/**
 * Kills real processes in the middle of housecleaning on a real file system and looks at what is left.
 *
 *     node --conditions=source scripts/kill-housecleaning.ts --sources 4 --repeats 1 --random 100
 *
 * Every operation of a run is killed before and after it, `repeats` times; then `random` processes are killed after a
 * random time, which also hits the middle of an operation. Exits 1 if a record was lost or a result differs.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import { runHousecleaning } from '../src/housecleaning.ts';
import { archiveKey, rawCellPrefix } from '../src/keys.ts';
import type { ObjectStore } from '../src/object-store.ts';
import { readArchiveSources } from '../src/restore.ts';
import { createTapeWriter } from '../src/tape-writer.ts';

const cell = { symbol: 'BTCUSDT', date: '2024-08-08' };
const script = fileURLToPath(import.meta.url);

/** When a child dies. */
export type Kill = { readonly at: number; readonly when: 'before' | 'after' } | { readonly afterMs: number };

/** Fills a fresh folder with raw objects; what was acknowledged, by key. */
export async function prepare(root: string, sources: number): Promise<ReadonlyMap<string, string>> {
  const store = createFsStore({ root });
  const writer = createTapeWriter({ store, symbol: cell.symbol, maxLines: 50 });
  for (let seq = 0; seq < sources * 50; seq++) {
    await writer.append({ date: cell.date, seq, line: `{"t":${seq},"p":"${(seq * 7_919) % 1_000}"}` });
  }
  await writer.flush();
  return rawObjects(store);
}

/** What every raw object of the cell holds. */
export async function rawObjects(store: ObjectStore): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { key } of (await store.list({ prefix: rawCellPrefix(cell) })).objects) {
    const object = await store.get(key);
    if (object) found.set(key, new TextDecoder().decode(await object.bytes()));
  }
  return found;
}

/** Raw objects and what the archive holds together; the archive is proven on the way. */
export async function readable(root: string): Promise<Map<string, string>> {
  const store = createFsStore({ root });
  const found = await rawObjects(store);
  if (await store.head(archiveKey(cell))) {
    for await (const { source, bytes } of readArchiveSources(store, cell)) {
      found.set(source.key, new TextDecoder().decode(bytes));
    }
  }
  return found;
}

/** Operations of one undisturbed run. */
export async function countOperations(root: string): Promise<number> {
  const { store, log } = createFaultStore(createFsStore({ root }));
  await clean(store);
  return log.length;
}

/** SHA-256 of the compressed archive, as the store tells it. */
export async function archiveDigest(root: string): Promise<string | undefined> {
  return (await createFsStore({ root }).head(archiveKey(cell)))?.etag;
}

/** Runs housecleaning in a process of its own and kills it; true if it died by the signal. */
export function killedRun(root: string, kill: Kill): Promise<boolean> {
  const how = 'at' in kill ? [String(kill.at), kill.when] : ['-1', 'never'];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=source', '--no-warnings', script, 'child', root, ...how], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    // The clock of a random kill starts when the child says that it does.
    child.stdout.once('data', () => {
      if ('afterMs' in kill) setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve(true);
      else if (code === 0) resolve(false);
      else reject(new Error(`The child ended with code ${code}.`));
    });
  });
}

/** One undisturbed run in this process. */
export async function clean(store: ObjectStore): Promise<void> {
  const report = await runHousecleaning({
    store,
    cells: [cell],
    nowMs: Date.now(),
    minAgeMs: 0,
    writers: 'write-once',
    env: { env: 'kill-test', bucketId: 'fs' },
  });
  if (report.run.outcome !== 'ok')
    throw new Error(`The run ended "${report.run.outcome}": ${report.cells[0]?.problem ?? report.run.reason}`);
}

/**
 * Prepares a folder, kills one run in it, and finishes with one clean run; throws if anything was lost or the archive is
 * not the one of an undisturbed run.
 */
export async function provesSafe(
  folder: string,
  sources: number,
  kill: Kill,
  expected: string | undefined,
): Promise<boolean> {
  const root = await mkdtemp(join(folder, 'kill-'));
  const acked = await prepare(root, sources);
  const killed = await killedRun(root, kill);
  compare(acked, await readable(root), `after the kill ${JSON.stringify(kill)}`);
  await clean(createFsStore({ root }));
  compare(acked, await readable(root), `after the clean run, kill ${JSON.stringify(kill)}`);
  const digest = await archiveDigest(root);
  if (digest !== expected)
    throw new Error(
      `Another archive after the kill ${JSON.stringify(kill)}: ${digest ?? 'none'}, expected ${expected ?? 'none'}.`,
    );
  const left = await rawObjects(createFsStore({ root }));
  if (left.size > 0) throw new Error(`${left.size} raw objects were left over after the kill ${JSON.stringify(kill)}.`);
  await rm(root, { recursive: true, force: true });
  return killed;
}

function compare(acked: ReadonlyMap<string, string>, found: ReadonlyMap<string, string>, when: string): void {
  for (const [key, text] of acked) {
    if (found.get(key) !== text) throw new Error(`"${key}" is ${found.has(key) ? 'damaged' : 'lost'} ${when}.`);
  }
  if (found.size !== acked.size) throw new Error(`${found.size} raw objects came out ${when}, expected ${acked.size}.`);
}

async function child(root: string, at: number, when: string): Promise<void> {
  const { store, log } = createFaultStore(createFsStore({ root }));
  const die = (): boolean => process.kill(process.pid, 'SIGKILL');
  /** Dies before or after the operation whose number was chosen. */
  const deadly = async <R>(work: () => Promise<R>): Promise<R> => {
    const chosen = log.length === at;
    if (chosen && when === 'before') die();
    const result = await work();
    if (chosen) die();
    return result;
  };
  process.stdout.write('started\n');
  await clean({
    capabilities: store.capabilities,
    get: (key, options) => deadly(() => store.get(key, options)),
    head: (key, options) => deadly(() => store.head(key, options)),
    put: (key, body, options) => deadly(() => store.put(key, body, options)),
    delete: (targets, options) => deadly(() => store.delete(targets, options)),
    list: (options) => deadly(() => store.list(options)),
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sources: { type: 'string', default: '4' },
      repeats: { type: 'string', default: '1' },
      random: { type: 'string', default: '100' },
      withinMs: { type: 'string', default: '150' },
    },
  });
  const folder = await mkdtemp(join(tmpdir(), 'tapekit-kill-'));
  try {
    const sources = Number(values.sources);
    const reference = join(folder, 'reference');
    await prepare(reference, sources);
    const operations = await countOperations(reference);
    const expected = await archiveDigest(reference);
    let kills = 0;
    for (let repeat = 0; repeat < Number(values.repeats); repeat++) {
      for (let at = 0; at < operations; at++) {
        for (const when of ['before', 'after'] as const)
          kills += Number(await provesSafe(folder, sources, { at, when }, expected));
      }
    }
    console.log(`${kills} kills at ${operations} operations: nothing lost, always the same archive.`);
    let hits = 0;
    for (let i = 0; i < Number(values.random); i++) {
      hits += Number(await provesSafe(folder, sources, { afterMs: Math.random() * Number(values.withinMs) }, expected));
    }
    console.log(
      `${hits} of ${values.random} random kills hit a running process: nothing lost, always the same archive.`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] === script) {
  if (process.argv[2] === 'child') await child(process.argv[3]!, Number(process.argv[4]), process.argv[5]!);
  else await main();
}
