/**
 * How much memory a process needs that archives one large cell on a file system, from listing to pruning.
 *
 *     node --conditions=source scripts/run-memory.ts --megabytes 500
 *
 * Prints JSON. The run is bundled and has a process of its own: type stripping alone costs some 50 MiB.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import { runHousecleaning } from '../src/housecleaning.ts';
import { collect } from '../src/internal/streams.ts';
import { peakMiB } from './peak-memory.ts';

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '500' }, run: { type: 'string' } } });
if (values.run === undefined) await measureInChild(Number(values.megabytes));
else await measure(values.run);

function rounded(mebibytes: number): number {
  return Math.round(mebibytes * 10) / 10;
}

/** Archives what lies in a folder and says what that took. */
async function measure(root: string): Promise<void> {
  const idleMiB = rounded(peakMiB());
  const report = await runHousecleaning({
    store: createFsStore({ root }),
    nowMs: Date.now(),
    minAgeMs: 0,
    allowImmediate: true,
    approve: 'first-run',
    writers: 'write-once',
    env: { env: 'bench', bucketId: 'folder' },
    maxCellBytes: 1e12,
  });
  const states = report.cells.map(({ state }) => state);
  console.log(JSON.stringify({ outcome: report.run.outcome, states, idleMiB, peakMiB: rounded(peakMiB()) }));
}

async function measureInChild(megabytes: number): Promise<void> {
  const { build } = await import('esbuild');
  // In the bundle of this file its own main part must not run.
  const { tapeSources } = await import('./archive-memory.ts');
  const folder = await mkdtemp(join(tmpdir(), 'tapekit-run-memory-'));
  try {
    const outfile = join(folder, 'run-memory.mjs');
    await build({
      entryPoints: [import.meta.filename],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      conditions: ['source'],
      external: ['esbuild'],
      logLevel: 'error',
    });
    const root = join(folder, 'store');
    const store = createFsStore({ root });
    for await (const { source, open } of tapeSources(megabytes)) await store.put(source.key, await collect(open()));
    const run = spawnSync(process.execPath, [outfile, '--run', root], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`The measurement failed:\n${run.stderr}`);
    process.stdout.write(run.stdout);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
