/**
 * Runs housecleaning on a disk that is full after so many pages, or out of file nodes, or read-only, and looks at what is
 * left.
 *
 *     node --conditions=source scripts/full-disk.ts --sources 4 --cases 80 --json disk.json
 *
 * The disk is a tmpfs of 64 MiB in a mount namespace of its own (`unshare`), so the disk is really full and nothing is left
 * behind. Where such a disk cannot be mounted, processes that may write only files of so many bytes (`prlimit`) take its
 * place, and the figures say so. Exits 1 if a record was lost, if a run does not say that it failed, or if it does not come
 * to rest once there is room again.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  compare,
  openGround,
  openPlace,
  readEverything,
  runOnce,
  settle,
  tellEnd,
  undisturbed,
  writeRaw,
  type Ground,
} from './process-ground.ts';

const script = fileURLToPath(import.meta.url);
const pageBytes = 4_096;

/** What a disk was short of, how often a run felt it, and what was wrong. */
export interface DiskFigures {
  readonly means: 'tmpfs' | 'rlimit' | 'none';
  /** Runs on a disk without room, without nodes, and read-only. */
  readonly cases: number;
  /** Runs that could not end well. */
  readonly failed: number;
  readonly byKind: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** Runs `cases` times on a full disk; on whatever this machine can offer. */
export async function fillDisks(sources: number, cases: number): Promise<DiskFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'tapekit-disk-'));
  try {
    for (const unshare of [['--mount'], ['--user', '--map-root-user', '--mount']]) {
      const inside = [process.execPath, '--conditions=source', '--no-warnings', script, 'inside', folder];
      const child = spawnSync('unshare', [...unshare, '--', ...inside, String(sources), String(cases)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      if (child.error) break;
      const last = child.stdout.trim().split('\n').at(-1) ?? '';
      if (last.startsWith('{')) return JSON.parse(last) as DiskFigures;
      if (child.stderr.includes('full-disk: mounted')) throw new Error(child.stderr);
    }
    return await limitFiles(sources, cases);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** In the namespace: mounts, and goes through all shortages. */
async function inside(folder: string, sources: number, cases: number): Promise<void> {
  const disk = join(folder, 'disk');
  mkdirSync(disk, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,nr_inodes=400', 'tmpfs', disk], { stdio: 'pipe' });
  console.error('full-disk: mounted');
  // Of the mount, not of the disk: whose own options name users that a namespace of users does not have.
  const remount = (how: string): void =>
    void execFileSync('mount', ['-o', `remount,bind,${how}`, disk], { stdio: 'pipe' });
  const problems: string[] = [];
  const byKind: Record<string, number> = {};
  let failed = 0;
  const ground = await openGround('fs', disk);
  const { digest } = await undisturbed(ground, sources);

  const tryOne = async (name: string, starve: (root: string) => () => void): Promise<boolean> => {
    const place = await ground.newPlace();
    const store = await openPlace(place);
    const acked = new Map(await writeRaw(store, sources));
    const release = starve(ground.folder);
    let outcome: string;
    try {
      outcome = (await runOnce(await openPlace(place))).run.outcome;
    } catch (error) {
      outcome = `threw ${error instanceof Error ? error.name : 'something else'}`;
      if (!(error instanceof Error && ['HousecleaningError', 'ObjectStoreError'].includes(error.name)))
        problems.push(`${name}: an error of no kind of ours: ${String(error)}`);
    }
    problems.push(...compare(acked, await readEverything(await openPlace(place))).map((p) => `${name}, full: ${p}`));
    release();
    const settled = await settle(place, acked, digest);
    problems.push(...settled.problems.map((problem) => `${name}, with room again: ${problem}`));
    if (place.kind === 'fs' && readdirSync(join(place.root, '.tapekit-meta', 'tmp')).length > 0)
      problems.push(`${name}: half-written files are left over`);
    const kind = name.split(' ', 1)[0]!;
    byKind[kind] = (byKind[kind] ?? 0) + 1;
    if (outcome !== 'ok') failed += 1;
    if (place.kind === 'fs') rmSync(place.root, { recursive: true, force: true });
    return outcome !== 'ok';
  };

  for (let pages = 0; pages < cases >> 1; pages++) await tryOne(`pages ${pages}`, (root) => fillPages(root, pages));
  for (let nodes = 0; nodes < cases - (cases >> 1) - 1; nodes++)
    await tryOne(`nodes ${nodes}`, (root) => fillNodes(root, nodes));
  const isReadOnly = await tryOne('read-only', () => {
    remount('ro');
    return () => remount('rw');
  });
  if (!isReadOnly) problems.push('a run on a read-only disk was "ok"');
  await ground.close();
  console.log(JSON.stringify({ means: 'tmpfs', cases, failed, byKind, problems } satisfies DiskFigures));
}

/** Fills the disk until so many pages are left; gives them back by the function that it returns. */
function fillPages(folder: string, pages: number): () => void {
  const ballast = join(folder, 'ballast');
  const { bavail, bsize } = statfsSync(folder);
  writeFileSync(ballast, new Uint8Array(Math.max(0, bavail * bsize - pages * pageBytes)));
  return () => rmSync(ballast);
}

/** Makes files until so many nodes are left. */
function fillNodes(folder: string, nodes: number): () => void {
  const ballast = join(folder, 'ballast');
  mkdirSync(ballast);
  for (let left = statfsSync(folder).ffree; left > nodes; left--) writeFileSync(join(ballast, String(left)), '');
  return () => rmSync(ballast, { recursive: true });
}

/** Runs in processes that may write only files of so many bytes. */
export async function limitFiles(sources: number, cases: number): Promise<DiskFigures> {
  const means = spawnSync('prlimit', ['--fsize=1', 'true']).status === 0 ? 'rlimit' : 'none';
  if (means === 'none') return { means, cases: 0, failed: 0, byKind: {}, problems: [] };
  const ground = await openGround();
  const problems: string[] = [];
  let failed = 0;
  try {
    const { digest } = await undisturbed(ground, sources);
    for (let i = 0; i < cases; i++) {
      // From nothing to more than any object of the run.
      const bytes = Math.round((i / cases) ** 2 * 4_000);
      const result = await limitOne(ground, sources, digest, bytes);
      failed += Number(result.failed);
      problems.push(...result.problems);
    }
    return { means, cases, failed, byKind: { fsize: cases }, problems };
  } finally {
    await ground.close();
  }
}

async function limitOne(
  ground: Ground,
  sources: number,
  expected: string,
  bytes: number,
): Promise<{ readonly failed: boolean; readonly problems: readonly string[] }> {
  const place = await ground.newPlace();
  const acked = await writeRaw(await openPlace(place), sources);
  const runner = ground.start(place, { role: 'run' }, ['prlimit', `--fsize=${bytes}`]);
  let failed = true;
  for (let said = await runner.next(); said; said = await runner.next()) if (said.outcome === 'ok') failed = false;
  await runner.ended;
  const { problems } = await settle(place, acked, expected);
  return { failed, problems: problems.map((problem) => `files of ${bytes} bytes: ${problem}`) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sources: { type: 'string', default: '4' },
      cases: { type: 'string', default: '80' },
      means: { type: 'string', default: 'tmpfs' },
      json: { type: 'string' },
    },
  });
  const since = performance.now();
  const work = values.means === 'rlimit' ? limitFiles : fillDisks;
  const { problems, ...figures } = await work(Number(values.sources), Number(values.cases));
  tellEnd({ schema: 'hc-figures-disk/1', ...figures }, problems, { since, file: values.json });
}

if (process.argv[1] === script) {
  if (process.argv[2] === 'inside') await inside(process.argv[3]!, Number(process.argv[4]), Number(process.argv[5]));
  else await main();
}
