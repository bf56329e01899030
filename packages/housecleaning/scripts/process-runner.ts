/**
 * One process on the ground of `process-ground.ts`: a run, runs without end, or a writer. It is told what to do by its
 * arguments, and says what happens as JSON lines.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LoggedOperation } from '@tapekit/tooling/fault-store';
import { rawCellPrefix } from '../src/keys.ts';
import type { ObjectStore } from '../src/object-store.ts';
import {
  openPlace,
  runOnce,
  sha256Of,
  writeRaw,
  type FailPoint,
  type Order,
  type Place,
  type Said,
} from './process-ground.ts';

type Tail<T extends readonly unknown[]> = T extends [unknown, ...infer R] ? R : never;

const say = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`);

/** A store that does something around every operation, which it numbers from 0. */
export function watched(
  store: ObjectStore,
  around: (at: number, operation: LoggedOperation, work: () => Promise<unknown>) => Promise<unknown>,
): ObjectStore {
  let count = 0;
  const watch = async <R>(op: LoggedOperation['op'], subject: string, work: () => Promise<R>): Promise<R> =>
    (await around(count++, { op, subject }, work)) as R;
  return {
    capabilities: store.capabilities,
    get: (key, options) => watch('get', key, () => store.get(key, options)),
    head: (key, options) => watch('head', key, () => store.head(key, options)),
    put: (key, body, options) => watch('put', key, () => store.put(key, body, options)),
    delete: (targets, options) => watch('delete', targets[0]?.key ?? '', () => store.delete(targets, options)),
    list: (options) => watch('list', options?.prefix ?? '', () => store.list(options)),
  };
}

/** Sends a signal to this process before or after an operation. */
function signalled(store: ObjectStore, point: FailPoint, signal: 'SIGKILL' | 'SIGSTOP'): ObjectStore {
  return watched(store, async (at, _, work) => {
    const send = async (): Promise<void> => {
      say({ event: signal, at });
      // What was said must have left before.
      await new Promise((resolve) => process.stdout.write('', resolve));
      process.kill(process.pid, signal);
    };
    if (at === point.at && point.when === 'before') await send();
    const result = await work();
    if (at === point.at && point.when === 'after') await send();
    return result;
  });
}

async function run(place: Place, order: Extract<Order, { role: 'run' }>): Promise<void> {
  let store = await openPlace(place);
  if (order.kill) store = signalled(store, order.kill, 'SIGKILL');
  if (order.stop) store = signalled(store, order.stop, 'SIGSTOP');
  say({ event: 'started' });
  say(await outcomeOf(store));
}

async function outcomeOf(store: ObjectStore, ...more: Tail<Parameters<typeof runOnce>>): Promise<Said> {
  try {
    const report = await runOnce(store, ...more);
    const message = report.run.reason ?? report.cells[0]?.problem ?? undefined;
    return { event: 'ended', outcome: report.run.outcome, ...(message === undefined ? {} : { message }) };
  } catch (error) {
    return { event: 'failed', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

/** Runs over every cell until standard input ends; a fresh store each time, as a fresh process would have it. */
async function loop(place: Place, writers: 'write-once' | 'overwriting'): Promise<void> {
  const input = { isOver: false };
  process.stdin.resume().on('end', () => (input.isOver = true));
  let runs = 0;
  say({ event: 'started' });
  while (!input.isOver) {
    const said = await outcomeOf(await openPlace(place), 'all', { writers });
    runs += 1;
    say({ ...said, event: 'ran', runs });
  }
  say({ event: 'ended', runs });
}

/** A live writer of several cells; an overwriting one rewrites ten keys of each with ever more records. */
async function write(place: Place, { cells, objects, overwrites }: Extract<Order, { role: 'write' }>): Promise<void> {
  const store = await openPlace(place);
  say({ event: 'started' });
  for (let i = 0; i < objects; i++) {
    const into = cells[i % cells.length]!;
    const turn = Math.floor(i / cells.length);
    if (!overwrites) {
      for (const [key, sha256] of await writeRaw(store, 1, turn * 50, into)) say({ event: 'acked', key, sha256 });
      continue;
    }
    const key = `${rawCellPrefix(into)}${turn % 10}.json`;
    const bytes = Buffer.from(Array.from({ length: 1 + turn }, (_, n) => `{"turn":${n},"key":"${key}"}\n`).join(''));
    await store.put(key, bytes);
    say({ event: 'acked', key, sha256: sha256Of(bytes) });
  }
  say({ event: 'ended' });
}

/**
 * Runs once per operation and number of descriptors that are left to it; this process first takes itself down to few
 * descriptors at all.
 */
async function starve(place: Place, operations: number, every: number): Promise<void> {
  const most = 64;
  const lowered = spawnSync('prlimit', [`--pid=${process.pid}`, `--nofile=${most}:${most}`]);
  if (lowered.status !== 0) {
    say({ event: 'skipped', message: 'prlimit cannot lower the number of open files' });
    return;
  }
  for (let at = 0; at < operations; at += every) {
    for (const spare of [0, 1]) {
      const store = watched(await openPlace(place), async (number, _, work) => {
        if (number !== at) return work();
        const taken = takeDescriptors();
        for (let i = 0; i < spare; i++) closeSync(taken.pop()!);
        try {
          return await work();
        } finally {
          for (const descriptor of taken) closeSync(descriptor);
        }
      });
      await writeRaw(store, 1, (2 * at + spare) * 50).then(
        (acked) => acked.forEach((sha256, key) => say({ event: 'acked', key, sha256 })),
        () => undefined,
      );
      say({ ...(await outcomeOf(store)), event: 'ran', at });
    }
  }
}

function takeDescriptors(): number[] {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'));
    } catch {
      return taken;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const place = JSON.parse(process.argv[2]!) as Place;
  const order = JSON.parse(process.argv[3]!) as Order;
  if (order.role === 'run') await run(place, order);
  else if (order.role === 'loop') await loop(place, order.writers);
  else if (order.role === 'write') await write(place, order);
  else await starve(place, order.operations, order.every);
}
