/**
 * Takes rights and descriptors away from housecleaning and looks at what is left.
 *
 *     node --conditions=source scripts/errno.ts --sources 3 --json errno.json
 *
 * EACCES: every folder of a store, and a raw object, cannot be written or not even entered while a process runs that is not
 * root. EMFILE: at every operation of a run the process has no free descriptor, or one. Exits 1 if a record was lost, if an
 * error is of no kind of ours, or if it does not come to rest afterwards.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  compare,
  keysOf,
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

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const asNobody = [`--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups'];

/** What was tried, and what was wrong. */
export interface ErrnoFigures {
  readonly cases: number;
  /** Runs that could not end well. */
  readonly failed: number;
  /** Why nothing could be tried; `undefined` if it could. */
  readonly skipped?: string;
  readonly problems: readonly string[];
}

/** Runs once for every place of a store to which there is no right, and every kind of right. */
export async function refuseRights(ground: Ground, sources: number, most = Infinity): Promise<ErrnoFigures> {
  if (process.getuid === undefined) return { cases: 0, failed: 0, skipped: 'no users here', problems: [] };
  chmodSync(ground.folder, 0o755);
  const script = fileURLToPath(new URL('process-runner.ts', import.meta.url));
  if (isRoot && spawnSync('setpriv', [...asNobody, 'test', '-r', script]).status !== 0)
    return { cases: 0, failed: 0, skipped: 'who is not root cannot read these scripts', problems: [] };
  const { digest } = await undisturbed(ground, sources);
  const model = await ground.newPlace();
  await prepare(model, sources);
  if (model.kind !== 'fs') return { cases: 0, failed: 0, skipped: 'only a file system has rights', problems: [] };
  const places = pathsBelow(model.root).map((path) => relative(model.root, path));
  const problems: string[] = [];
  let cases = 0;
  let failed = 0;
  for (const mode of [0o555, 0o000]) {
    for (const path of places) {
      if (cases === most) break;
      cases += 1;
      const result = await refuseOne(ground, sources, digest, path, mode);
      failed += Number(result.failed);
      problems.push(...result.problems);
    }
  }
  return { cases, failed, problems };
}

async function refuseOne(
  ground: Ground,
  sources: number,
  expected: string,
  path: string,
  mode: number,
): Promise<{ readonly failed: boolean; readonly problems: readonly string[] }> {
  const place = await ground.newPlace();
  const acked = await prepare(place, sources);
  if (place.kind !== 'fs') throw new Error('Rights need a file system.');
  for (const each of [place.root, ...pathsBelow(place.root, true)]) if (isRoot) chownSync(each, nobody, nobody);
  const target = join(place.root, path);
  const before = lstatSync(target).mode & 0o777;
  chmodSync(target, mode);
  const user = isRoot ? ['setpriv', ...asNobody] : [];
  const runner = ground.start(place, { role: 'run' }, user);
  let outcome = 'died';
  const problems: string[] = [];
  for (let said = await runner.next(); said; said = await runner.next()) {
    if (said.event === 'ended') outcome = said.outcome!;
    if (said.event !== 'failed') continue;
    outcome = 'failed';
    if (!/^(HousecleaningError|ObjectStoreError):/.test(said.message!))
      problems.push(`an error of no kind of ours: ${said.message}`);
  }
  await runner.ended;
  if (outcome === 'died') problems.push('the process died');
  // An object that may not be written may still be deleted: that is a right of its folder.
  if (existsSync(target)) chmodSync(target, before);
  problems.push(...(await settle(place, acked, expected)).problems);
  const what = `"${path}" with mode ${mode.toString(8)}`;
  return { failed: outcome !== 'ok', problems: problems.map((problem) => `${what}: ${problem}`) };
}

/** An archive, and a late object. */
async function prepare(
  place: Awaited<ReturnType<Ground['newPlace']>>,
  sources: number,
): Promise<ReadonlyMap<string, string>> {
  const store = await openPlace(place);
  const acked = new Map(await writeRaw(store, sources - 1));
  await runOnce(store);
  for (const [key, sha256] of await writeRaw(store, 1, (sources - 1) * 50)) acked.set(key, sha256);
  return acked;
}

/** Folders below a folder, and the files among the raw objects; all files if asked. */
function pathsBelow(folder: string, everything = false): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isDirectory() || everything || entry.parentPath.includes('/raw_tns/'))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Runs with no descriptor or one at every operation, or at `every` so many. */
export async function takeDescriptors(ground: Ground, operations: number, every = 1): Promise<ErrnoFigures> {
  const place = await ground.newPlace();
  const runner = ground.start(place, { role: 'starve', operations, every });
  const acked = new Map<string, string>();
  const problems: string[] = [];
  let cases = 0;
  let failed = 0;
  for (let said = await runner.next(); said; said = await runner.next()) {
    if (said.event === 'skipped') return { cases: 0, failed: 0, skipped: said.message!, problems: [] };
    if (said.event === 'acked') acked.set(said.key!, said.sha256!);
    if (said.event !== 'ran') continue;
    cases += 1;
    if (said.outcome !== 'ok') failed += 1;
    if (said.outcome === undefined && !/^(HousecleaningError|ObjectStoreError):/.test(said.message!))
      problems.push(`operation ${said.at}: an error of no kind of ours: ${said.message}`);
  }
  const { code } = await runner.ended;
  if (code !== 0) problems.push(`the process ended with ${code}`);
  const store = await openPlace(place);
  problems.push(...compare(acked, await readEverything(store), 'allowed'));
  const { run } = await runOnce(store);
  const left = (await keysOf(store, 'raw_tns/')).length;
  if (run.outcome !== 'ok' || left > 0) problems.push(`it does not come to rest: ${run.reason ?? left}`);
  problems.push(...compare(acked, await readEverything(store), 'allowed'));
  return { cases, failed, problems: problems.map((problem) => `without descriptors: ${problem}`) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      sources: { type: 'string', default: '3' },
      operations: { type: 'string', default: '32' },
      json: { type: 'string' },
    },
  });
  const since = performance.now();
  const ground = await openGround();
  try {
    const rights = await refuseRights(ground, Number(values.sources));
    const descriptors = await takeDescriptors(ground, Number(values.operations));
    const problems = [...rights.problems, ...descriptors.problems];
    const counts = ({ cases, failed, skipped }: ErrnoFigures): object => ({ cases, failed, skipped });
    const figures = { schema: 'hc-figures-errno/1', rights: counts(rights), descriptors: counts(descriptors) };
    tellEnd(figures, problems, { since, file: values.json });
  } finally {
    await ground.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
