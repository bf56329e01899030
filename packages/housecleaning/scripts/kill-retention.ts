/**
 * Kills real processes in the middle of a bulk delete on a real file system and carries the same plan on.
 *
 *     node --conditions=source scripts/kill-retention.ts --objects 2500 --kills 20
 *
 * Each process is killed after a random time; a last one finishes. Exits 1 if an object that was not planned is gone, or
 * a planned one is left.
 */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import { envKey } from '../src/keys.ts';
import type { ObjectStore } from '../src/object-store.ts';
import { planBulkDelete, runBulkDelete, type BulkDeleteResult, type DeletePlan } from '../src/retention.ts';

const script = fileURLToPath(import.meta.url);
const env = { env: 'kill-test', bucketId: 'fs' };
const secret = new TextEncoder().encode('only for this test, 32 bytes long');
const prefix = 'exports/daily/';

/** When a child dies: after the batch of this number, after a time, or never. */
export type RetentionKill = { readonly afterBatch: number } | { readonly afterMs: number } | undefined;

/** What a killed and resumed deletion left. */
export interface KilledRetention {
  readonly planned: number;
  /** Processes that died before they were done. */
  readonly kills: number;
  /** What the last process found and did. */
  readonly last: BulkDeleteResult;
  /** Objects left below the prefix, and elsewhere. */
  readonly left: readonly string[];
}

/** Plans the deletion of `objects`, kills a process for every entry of `kills`, and lets a last one finish. */
export async function killAndResume(objects: number, kills: readonly RetentionKill[]): Promise<KilledRetention> {
  const folder = await mkdtemp(join(tmpdir(), 'tapekit-retention-'));
  const root = join(folder, 'store');
  try {
    // Written past the store, which would sync each of them.
    await mkdir(join(root, prefix), { recursive: true });
    await mkdir(join(root, 'exports/daily-of-others'), { recursive: true });
    await writeFile(join(root, 'exports/daily-of-others/kept'), 'kept');
    for (let i = 0; i < objects; i++) await writeFile(join(root, prefix, String(i).padStart(6, '0')), `object ${i}`);
    const store = createFsStore({ root });
    await store.put(envKey, new TextEncoder().encode(JSON.stringify(env)));
    const plan = await planBulkDelete(store, [{ what: 'objects', prefix, olderThan: 'P1D', keepLast: 0 }], {
      allow: ['exports/'],
      minDepth: 2,
      env,
      // Of the day after tomorrow: nothing in a fresh folder is a day old.
      nowMs: Date.now() + 2 * 86_400_000,
      secret,
      ttlMs: 86_400_000,
    });
    const planFile = join(folder, 'plan.json');
    await writeFile(planFile, JSON.stringify(plan));
    let died = 0;
    for (const kill of kills) died += Number((await runChild(root, planFile, kill)).killed);
    const { result } = await runChild(root, planFile, undefined);
    const left: string[] = [];
    for (const below of [prefix, 'exports/daily-of-others/']) {
      left.push(...(await createFsStore({ root }).list({ prefix: below })).objects.map(({ key }) => key));
    }
    return { planned: plan.objects, kills: died, last: result!, left };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runChild(
  root: string,
  planFile: string,
  kill: RetentionKill,
): Promise<{ readonly killed: boolean; readonly result?: BulkDeleteResult }> {
  const batch = kill && 'afterBatch' in kill ? String(kill.afterBatch) : '-1';
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--conditions=source', '--no-warnings', script, 'child', root, planFile, batch],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let printed = '';
    child.stdout.on('data', (data: Buffer) => {
      // The clock of a random kill starts with the first deletion.
      if (printed === '' && kill && 'afterMs' in kill) setTimeout(() => child.kill('SIGKILL'), kill.afterMs);
      printed += data.toString();
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const line = printed.split('\n').at(-2) ?? '';
      if (signal === 'SIGKILL') resolve({ killed: true });
      else if (code === 0) resolve({ killed: false, result: JSON.parse(line) as BulkDeleteResult });
      else reject(new Error(`The child ended with code ${code}.`));
    });
  });
}

async function child(root: string, planFile: string, killAfterBatch: number): Promise<void> {
  const plan = JSON.parse(await readFile(planFile, 'utf8')) as DeletePlan;
  let batches = 0;
  const store = createFsStore({ root });
  const telling: ObjectStore = {
    ...store,
    delete(targets, options) {
      if (batches === 0) process.stdout.write('deleting\n');
      return store.delete(targets, options);
    },
  };
  const result = await runBulkDelete(telling, plan, {
    token: plan.token,
    secret,
    nowMs: plan.madeAtMs,
    clockToleranceMs: 3 * 86_400_000,
    onProgress() {
      batches += 1;
      if (batches === killAfterBatch) process.kill(process.pid, 'SIGKILL');
    },
  });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      objects: { type: 'string', default: '2500' },
      kills: { type: 'string', default: '20' },
      withinMs: { type: 'string', default: '300' },
    },
  });
  const kills = Array.from({ length: Number(values.kills) }, () => ({
    afterMs: Math.random() * Number(values.withinMs),
  }));
  const { planned, kills: died, last, left } = await killAndResume(Number(values.objects), kills);
  console.log(
    JSON.stringify({
      kill: 'retention',
      planned,
      processes: kills.length + 1,
      died,
      lastDeleted: last.deleted,
      left: left.length,
    }),
  );
  if (left.length !== 1 || planned !== Number(values.objects)) process.exitCode = 1;
}

if (process.argv[1] === script) {
  if (process.argv[2] === 'child') await child(process.argv[3]!, process.argv[4]!, Number(process.argv[5]));
  else await main();
}
