/**
 * Runs the main job as a process that kills itself, without any warning, right before or after the n-th operation on the
 * object store: `node killed-run.test-support.ts OUT INPUT N before|after`. N = 0 runs to the end and prints the count.
 */
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { runJob } from './job/run-job.ts';
import { parseOptions } from './cli/options.ts';
import { openSystem } from './system/open-system.ts';
import { createResultStore } from './system/postgres-results.ts';

const [out, input, at, when] = process.argv.slice(2) as [string, string, string, 'before' | 'after'];
const killAt = Number(at);
let operations = 0;

function dieAt(moment: 'before' | 'after'): void {
  if (operations === killAt && when === moment) process.kill(process.pid, 'SIGKILL');
}

/** The store with a count of its operations and death at one of them. */
function mortal(store: ObjectStore): ObjectStore {
  const guarded =
    <Args extends readonly unknown[], Result>(operation: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      operations += 1;
      dieAt('before');
      const result = await operation(...args);
      dieAt('after');
      return result;
    };
  return {
    capabilities: store.capabilities,
    get: guarded(store.get.bind(store)),
    head: guarded(store.head.bind(store)),
    put: guarded(store.put.bind(store)),
    delete: guarded(store.delete.bind(store)),
    list: guarded(store.list.bind(store)),
  };
}

const options = parseOptions([
  ...['--input', input, '--symbol', 'TAPEUSDT', '--tick-size', '0.01', '--lot-size', '0.001', '--out', out, '--once'],
]);
if (options === 'help') throw new Error('unreachable: no --help was passed');
const { signal } = new AbortController();
const system = await openSystem({ out, databaseUrl: process.env['DATABASE_URL'], signal });
await runJob(options, options.inputs, {
  results: createResultStore(system.repositories, { instrument: options, startedAtMs: Date.now(), input: {} }),
  store: mortal(system.store),
  publish: () => undefined,
  progress: () => undefined,
  now: Date.now,
  signal,
});
await system.close();
process.stdout.write(`operations ${operations}\n`);
