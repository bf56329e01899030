/**
 * The ground on which real processes are killed, frozen and starved: fresh places in a real store, runners in processes
 * of their own, and a judge of what is left.
 *
 * The judge does not believe the code under test: it reads archives with the platform's gzip and SHA-256.
 */
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import type { S3StoreOptions } from '@tapekit/adapters/stores/s3';
import { isObjectStoreError } from '../src/errors.ts';
import { runHousecleaning, type HousecleaningOptions, type SanityReport } from '../src/housecleaning.ts';
import { archiveKey, manifestKey, rawCellPrefix, type Cell } from '../src/keys.ts';
import type { ObjectStore } from '../src/object-store.ts';
import { createTapeWriter } from '../src/tape-writer.ts';

/** The cell of tests that need one only: a day that is long over. */
export const cell: Cell = { symbol: 'BTCUSDT', date: '2024-08-08' };

/** A store of its own; plain data, so that a process can be told of it. */
export type Place =
  | { readonly kind: 'fs'; readonly root: string }
  | { readonly kind: 's3'; readonly s3: S3StoreOptions; readonly prefix: string };

/** SHA-256 of every raw object that was acknowledged, by key. */
export type Acked = ReadonlyMap<string, string>;

/** An operation of a run, before or after it takes effect. */
export interface FailPoint {
  readonly at: number;
  readonly when: 'before' | 'after';
}

/** What a runner process is for. */
export type Order =
  /** One run; `kill` and `stop` send that signal to itself. */
  | { readonly role: 'run'; readonly kill?: FailPoint; readonly stop?: FailPoint }
  /** Runs until standard input ends, over every cell. */
  | { readonly role: 'loop'; readonly writers: HousecleaningOptions['writers'] }
  /** Writes until it has put so many objects. */
  | { readonly role: 'write'; readonly cells: readonly Cell[]; readonly objects: number; readonly overwrites: boolean }
  /** One run after another, each with too few free descriptors at one operation. */
  | { readonly role: 'starve'; readonly operations: number; readonly every: number };

/** What a runner says, one JSON document a line. */
export interface Said {
  readonly event: string;
  readonly key?: string;
  readonly sha256?: string;
  readonly outcome?: string;
  readonly message?: string;
  readonly at?: number;
  readonly runs?: number;
}

/** A runner in a process of its own. */
export interface Runner {
  readonly pid: number;
  /** The next thing that it says; `undefined` when it has ended. */
  next(): Promise<Said | undefined>;
  signal(signal: NodeJS.Signals): void;
  /** Ends its standard input. */
  end(): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Fresh places and runners, cleaned up together. */
export interface Ground {
  readonly folder: string;
  newPlace(): Promise<Place>;
  start(place: Place, order: Order, command?: readonly string[]): Runner;
  close(): Promise<void>;
}

/**
 * Makes a ground on the file system, or, for `s3`, on local R2's S3 API, which it starts.
 *
 * @param below - folder on the disk to use
 */
export async function openGround(kind: string = 'fs', below = tmpdir()): Promise<Ground> {
  if (kind !== 'fs' && kind !== 's3') throw new Error(`The store is "${kind}"; expected fs or s3.`);
  // The server's module brings all of workerd with it.
  const server =
    kind === 's3' ? await (await import('../../adapters/tests/store-server.ts')).startStoreServer() : undefined;
  const folder = await mkdtemp(join(below, 'tapekit-ground-'));
  const running = new Set<Runner>();
  let places = 0;
  return {
    folder,
    async newPlace() {
      places += 1;
      if (server) return { kind: 's3', s3: server.s3, prefix: `${process.pid}-${Date.now()}-${places}/` };
      return { kind: 'fs', root: await mkdtemp(join(folder, 'place-')) };
    },
    start(place, order, command = []) {
      const runner = startRunner(place, order, join(folder, 'compiled'), command);
      running.add(runner);
      void runner.ended.finally(() => running.delete(runner)).catch(() => undefined);
      return runner;
    },
    async close() {
      const left = [...running];
      for (const runner of left) runner.signal('SIGKILL');
      await Promise.allSettled(left.map(({ ended }) => ended));
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Opens the store of a place; every call has no memory of the others. */
export async function openPlace(place: Place): Promise<ObjectStore> {
  if (place.kind === 'fs') return createFsStore({ root: place.root });
  // Loaded only where it is used: every process pays for what it loads.
  const { createS3Store } = await import('@tapekit/adapters/stores/s3');
  const { withPrefix } = await import('@tapekit/adapters/stores/prefix');
  return withPrefix(createS3Store(place.s3), place.prefix);
}

/** Puts raw objects of 50 records each, from the record `firstSeq` on; what was acknowledged. */
export async function writeRaw(store: ObjectStore, objects: number, firstSeq = 0, into = cell): Promise<Acked> {
  const acked = new Map<string, string>();
  const noting: ObjectStore = {
    ...store,
    async put(key, body, options) {
      const info = await store.put(key, body, options);
      acked.set(key, sha256Of(body as Uint8Array));
      return info;
    },
  };
  const writer = createTapeWriter({ store: noting, symbol: into.symbol, maxLines: 50 });
  for (let seq = firstSeq; seq < firstSeq + objects * 50; seq++) {
    await writer.append({ date: into.date, seq, line: `{"t":${seq},"p":"${(seq * 7_919) % 1_000}"}` });
  }
  await writer.flush();
  return acked;
}

/** One run, as every process here does it. */
export function runOnce(
  store: ObjectStore,
  cells: readonly Cell[] | 'all' = [cell],
  more: Partial<HousecleaningOptions> = {},
): Promise<SanityReport> {
  return runHousecleaning({
    store,
    ...(cells === 'all' ? {} : { cells }),
    nowMs: Date.now(),
    minAgeMs: 0,
    allowImmediate: true,
    approve: 'first-run',
    writers: 'write-once',
    env: { env: 'process-test', bucketId: 'ground' },
    ...more,
  });
}

/** Digests of everything that can be read of a cell, raw or archived, by key. Raw first: whatever is gone is archived by then. */
export async function readEverything(store: ObjectStore, of = cell): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  const add = (key: string, bytes: Uint8Array): void => {
    const digests = found.get(key) ?? new Set();
    found.set(key, digests.add(sha256Of(bytes)));
  };
  for (const key of await keysOf(store, rawCellPrefix(of))) {
    const bytes = await readStable(store, key);
    if (bytes) add(key, bytes.bytes);
  }
  const archive = await readArchiveApart(store, of);
  for (const { key, offset, size } of archive?.sources ?? [])
    add(key, archive!.content.subarray(offset, offset + size));
  return found;
}

/** SHA-256 of the records of the archive, decompressed; `undefined` without one. */
export async function contentDigest(store: ObjectStore, of = cell): Promise<string | undefined> {
  const archive = await readArchiveApart(store, of);
  return archive && sha256Of(archive.content);
}

/**
 * What of the acknowledged is lost or damaged, and what came out of nowhere; empty if all is well. Where puts may have
 * taken effect without an answer, `strangers` are fine.
 */
export function compare(
  acked: Acked,
  found: ReadonlyMap<string, ReadonlySet<string>>,
  strangers: 'refused' | 'allowed' = 'refused',
): readonly string[] {
  const problems: string[] = [];
  for (const [key, sha256] of acked) {
    if (found.get(key)?.has(sha256) !== true) problems.push(`"${key}" is ${found.has(key) ? 'damaged' : 'lost'}`);
  }
  for (const key of found.keys()) {
    if (strangers === 'refused' && !acked.has(key)) problems.push(`"${key}" came out of nowhere`);
  }
  return problems;
}

/** How a disturbed place came to rest. */
export interface Settled {
  /** Undisturbed runs until everything was archived and nothing raw was left. */
  readonly runs: number;
  readonly problems: readonly string[];
}

/**
 * Runs until nothing is left to do, and judges: every acknowledged object is readable after every run, the content of the
 * archive is that of an undisturbed one, and one more run changes nothing.
 */
export async function settle(place: Place, acked: Acked, expected: string): Promise<Settled> {
  const problems = [...compare(acked, await readEverything(await openPlace(place)))];
  let runs = 0;
  for (; runs < 3;) {
    const store = await openPlace(place);
    const report = await runOnce(store);
    runs += 1;
    problems.push(...compare(acked, await readEverything(store)));
    if (report.run.outcome === 'ok' && (await keysOf(store, rawCellPrefix(cell))).length === 0) break;
    if (runs === 3) problems.push(`it does not come to rest: ${report.run.reason ?? report.run.outcome}`);
  }
  const store = await openPlace(place);
  const digest = await contentDigest(store);
  if (digest !== expected) problems.push(`the archive holds ${digest ?? 'nothing'}, expected ${expected}`);
  const again = await runOnce(store);
  if (again.run.outcome !== 'ok' || again.totals.addedSources + again.totals.deletedSources > 0)
    problems.push(`a run with nothing to do is "${again.run.outcome}" and changes something`);
  return { runs, problems };
}

/** The content that an undisturbed run makes of such objects: their bytes in the order of their keys. */
export async function undisturbed(ground: Ground, objects: number): Promise<{ digest: string; acked: Acked }> {
  const store = await openPlace(await ground.newPlace());
  const acked = await writeRaw(store, objects);
  const hash = createHash('sha256');
  for (const key of [...acked.keys()].sort()) hash.update((await readStable(store, key))!.bytes);
  const report = await runOnce(store);
  const digest = hash.digest('hex');
  if (report.run.outcome !== 'ok' || (await contentDigest(store)) !== digest)
    throw new Error(`The undisturbed run ended "${report.run.outcome}": ${report.run.reason ?? 'another content'}`);
  return { digest, acked };
}

/** Every key below a prefix. */
export async function keysOf(store: ObjectStore, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await store.list(cursor === undefined ? { prefix } : { prefix, cursor });
    keys.push(...page.objects.map(({ key }) => key));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return keys;
}

/** Lower-case hex. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Adds figures as a line to a file, if there is one, and prints them. */
export function tellFigures(figures: object, file: string | undefined): void {
  const line = JSON.stringify(figures);
  if (file !== undefined) appendFileSync(file, `${line}\n`);
  console.log(line);
}

/** Ends a script: tells its figures and the first of what went wrong; then the process exits with 1. */
export function tellEnd(
  figures: object,
  problems: readonly string[],
  { since, file }: { readonly since: number; readonly file: string | undefined },
): void {
  for (const problem of problems.slice(0, 20)) console.error(problem);
  const seconds = Math.round((performance.now() - since) / 100) / 10;
  tellFigures({ ...figures, violations: problems.length, seconds }, file);
  if (problems.length > 0) process.exitCode = 1;
}

/** Middle of some numbers; 0 of none. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0;
}

interface ApartSource {
  readonly key: string;
  readonly offset: number;
  readonly size: number;
}

/** Reads the archive by what its format says, with nothing but the platform's gzip, SHA-256 and JSON. */
async function readArchiveApart(
  store: ObjectStore,
  of: Cell,
): Promise<{ readonly content: Uint8Array; readonly sources: readonly ApartSource[] } | undefined> {
  const object = await readStable(store, archiveKey(of));
  if (object === undefined) return undefined;
  const { bytes, metadata } = object;
  const name = metadata['manifest']!;
  const manifest = await readStable(store, manifestKey(of, name));
  if (manifest === undefined || sha256Of(manifest.bytes) !== name)
    throw new Error(`The manifest ${name} is not whole.`);
  const { archive, sources } = JSON.parse(Buffer.from(manifest.bytes).toString()) as {
    archive: { gzSha256: string; sha256: string };
    sources: ApartSource[];
  };
  const content = gunzipSync(bytes);
  if (sha256Of(bytes) !== archive.gzSha256 || sha256Of(content) !== archive.sha256)
    throw new Error(`The archive of ${of.symbol} ${of.date} is not what its manifest says.`);
  return { content, sources };
}

/** Reads one state of an object that others are replacing. */
async function readStable(
  store: ObjectStore,
  key: string,
): Promise<{ readonly bytes: Uint8Array; readonly metadata: Readonly<Record<string, string>> } | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      const object = await store.get(key);
      return object && { bytes: await object.bytes(), metadata: object.metadata };
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed') || attempt === 50) throw error;
    }
  }
}

function startRunner(place: Place, order: Order, compiled: string, command: readonly string[]): Runner {
  const script = fileURLToPath(new URL('process-runner.ts', import.meta.url));
  const node = ['--conditions=source', '--no-warnings', script, JSON.stringify(place), JSON.stringify(order)];
  const [program, ...args] = [...command, process.execPath, ...node];
  const child: ChildProcessByStdio<Writable, Readable, null> = spawn(program!, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    // What one process compiled the others need not.
    env: { ...process.env, NODE_COMPILE_CACHE: compiled },
  });
  // A process that was killed does not read what is still written to it.
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid!,
    next: async () => {
      const { value, done } = await lines.next();
      return done ? undefined : (JSON.parse(value) as Said);
    },
    signal: (signal) => void child.kill(signal),
    end: () => child.stdin.end(),
    ended: new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, signal) => resolve({ code, signal }));
    }),
  };
}
