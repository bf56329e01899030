/**
 * A power cut at every moment of every kind of write to the store in a folder: whatever the disk had not synced may be
 * gone, in any combination. What was acknowledged is there, and nothing that is there is torn.
 *
 * Where there are more than `TAPEKIT_POWER_BITS` unsynced operations, seeded samples of their subsets are tried; 14 leaves
 * none out, a test run takes 7. `TAPEKIT_POWER_JSON` names a file for the figures.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { lossesOf, treeAfter, volatileOps, type LostBytes, type Start, type Tree } from './power-loss/crash-states.ts';
import { log, startLog } from './power-loss/disk-log.ts';

vi.mock(import('node:fs/promises'), async (original) => {
  const { recorded } = await import('./power-loss/disk-log.ts');
  return recorded(await original());
});

const { createFsStore } = await import('@tapekit/adapters/stores/fs');

const mostBits = Number(process.env['TAPEKIT_POWER_BITS'] ?? 7);
/** In memory where there is such a place: thousands of disks are synced for nothing. */
const ground = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'tapekit-power-'));
const totals = { schema: 'hc-figures-power/1', states: 0, disks: 0, violations: 0 };
afterAll(() => {
  rmSync(ground, { recursive: true, force: true });
  const file = process.env['TAPEKIT_POWER_JSON'];
  if (file !== undefined) writeFileSync(file, JSON.stringify(totals));
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const target = 'raw_tns/X/2026-01-02/000000000000';
const beside = 'raw_tns/X/2026-01-02/000000000001';

/** An object as a reader sees it. */
interface Seen {
  readonly text: string;
  readonly metadata: Readonly<Record<string, string>>;
}

const old: Seen = { text: 'the old object', metadata: { generation: '1' } };
const next: Seen = { text: 'the next object, which is longer', metadata: { generation: '2' } };
const plain: Seen = { text: 'an object without metadata', metadata: {} };
const neighbour: Seen = { text: 'a neighbour', metadata: { kind: 'other' } };

const put = async (store: ObjectStore, key: string, { text, metadata }: Seen, more: object = {}): Promise<void> => {
  await store.put(key, bytes(text), { metadata, ...more });
};

interface Scenario {
  readonly name: string;
  /** What lies under the key before. */
  readonly before?: Seen;
  readonly work: (store: ObjectStore) => Promise<unknown>;
  /** What lies there when it is done. */
  readonly after?: Seen;
  /** Nothing may lie there meanwhile. */
  readonly hasGap?: true;
}

const scenarios: readonly Scenario[] = [
  { name: 'a put', work: (store) => put(store, target, next), after: next },
  { name: 'a put without metadata', work: (store) => put(store, target, plain), after: plain },
  { name: 'a put if absent', work: (store) => put(store, target, next, { ifAbsent: true }), after: next },
  { name: 'a put over an object', before: old, work: (store) => put(store, target, next), after: next },
  {
    name: 'a compare-and-swap',
    before: old,
    work: async (store) => put(store, target, next, { ifMatch: (await store.head(target))!.etag }),
    after: next,
  },
  { name: 'a put of the same bytes', before: old, work: (store) => put(store, target, old), after: old },
  { name: 'a delete', before: old, work: (store) => store.delete([{ key: target }]) },
  {
    name: 'a delete of a pinned object',
    before: old,
    work: async (store) => store.delete([{ key: target, etag: (await store.head(target))!.etag }]),
  },
  {
    name: 'a delete and a put',
    before: old,
    work: async (store) => {
      await store.delete([{ key: target }]);
      await put(store, target, next, { ifAbsent: true });
    },
    after: next,
    hasGap: true,
  },
];

describe.each(scenarios)('$name', ({ before, work, after, hasGap }) => {
  test('survives a power cut at every moment', async () => {
    const root = mkdtempSync(join(ground, 'live-'));
    const store = createFsStore({ root });
    await put(store, beside, neighbour);
    if (before) await put(store, target, before);
    const start = startOf(root);
    await work(store);
    const steps = [...log];

    const checked = new Map<string, string | undefined>();
    let states = 0;
    for (let end = 0; end <= steps.length; end += 1) {
      const isDone = end === steps.length;
      const allowed = isDone ? [after] : [before, after, ...(hasGap ? [undefined] : [])];
      const unsynced = volatileOps(steps, end);
      for (const lost of lossesOf(unsynced, mostBits)) {
        for (const lostBytes of ['empty', 'zeros'] satisfies LostBytes[]) {
          states += 1;
          const tree = treeAfter(start, steps, end, lost, lostBytes);
          const name = `${nameOf(tree)} ${isDone}`;
          if (!checked.has(name)) checked.set(name, await problemOf(root, tree, allowed));
          const problem = checked.get(name);
          if (problem === undefined) continue;
          totals.violations += 1;
          const shown = steps.slice(0, end).map((step, i) => `${lost.has(i) ? 'LOST ' : ''}${showOp(step, root)}`);
          throw new Error(`${problem} after\n${shown.join('\n')}\n-- power cut (lost bytes are ${lostBytes})`);
        }
      }
    }
    totals.states += states;
    totals.disks += checked.size;
    expect(states).toBeGreaterThan(steps.length);
    expect(checked.size).toBeGreaterThan(5);
  });
});

/** Numbers and contents of what lies in a folder. */
function startOf(root: string): Start {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const paths = entries.map((entry) => ({ entry, path: join(entry.parentPath, entry.name) }));
  const names = startLog(paths.filter(({ entry }) => entry.isFile()).map(({ path }) => path));
  const folders = new Set([root, ...paths.filter(({ entry }) => entry.isDirectory()).map(({ path }) => path)]);
  const contents = new Map([...names].map(([path, file]) => [file, new Uint8Array(readFileSync(path))]));
  return { root, names, contents, folders };
}

/** What is wrong with a disk; `undefined` if nothing is. */
async function problemOf(
  root: string,
  tree: Tree,
  allowed: readonly (Seen | undefined)[],
): Promise<string | undefined> {
  const copy = mkdtempSync(join(ground, 'cut-'));
  try {
    for (const folder of [...tree.folders].sort()) mkdirSync(folder.replace(root, copy), { recursive: true });
    for (const [path, content] of tree.files) {
      // Whoever held a lock is gone with the power; that such a lock is broken is tested with the locks.
      if (path.startsWith(join(root, '.tapekit-meta', 'lock'))) continue;
      mkdirSync(dirname(path.replace(root, copy)), { recursive: true });
      writeFileSync(path.replace(root, copy), content);
    }
    const store = createFsStore({ root: copy });
    const kept = await see(store, beside);
    if (!isSame(kept, neighbour)) return `The neighbour is ${JSON.stringify(kept)}`;
    const found = await see(store, target);
    if (!allowed.some((candidate) => isSame(found, candidate))) return `The object is ${JSON.stringify(found)}`;
    const { objects } = await store.list();
    const keys = objects.map(({ key }) => key);
    if (keys.some((key) => key !== beside && key !== target)) return `There is also ${keys.join(' ')}`;
    await put(store, target, plain);
    const again = await see(createFsStore({ root: copy }), target);
    return isSame(again, plain) ? undefined : `The store is of no use any more: ${JSON.stringify(again)}`;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function see(store: ObjectStore, key: string): Promise<Seen | undefined> {
  const object = await store.get(key);
  return object && { text: new TextDecoder().decode(await object.bytes()), metadata: object.metadata };
}

function isSame(a: Seen | undefined, b: Seen | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function nameOf({ files, folders }: Tree): string {
  const shown = [...files].map(([path, content]) => `${path}=${Buffer.from(content).toString('latin1')}`);
  return [...shown, ...folders].sort().join('\n');
}

function showOp(step: (typeof log)[number], root: string): string {
  return JSON.stringify({ ...step, ...('bytes' in step ? { bytes: step.bytes.length } : {}) }).replaceAll(root, '');
}
