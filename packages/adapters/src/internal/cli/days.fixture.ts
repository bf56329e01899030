// Stores with raw days in temporary folders, and the command line on them, its outputs apart.
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import { afterAll, beforeAll } from 'vitest';
import { runCli, type ExitCode } from '../../housecleaning-cli.ts';
import { createFsStore } from '../../stores/fs.ts';

let folder = '';
let stores = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'housecleaning-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A path beside the stores. */
export const inFolder = (name: string): string => join(folder, name);

export const date = '2024-08-08';
export const lineOf = (symbol: string, i: number): string => `{"symbol":"${symbol}","T":${i},"p":"10.${i % 10}"}`;

/** A store with a raw day of each symbol: three lines in two objects. */
export async function storeOf(...symbols: readonly string[]): Promise<string> {
  const root = join(folder, `store-${(stores += 1)}`);
  await mkdir(root);
  const store = createFsStore({ root });
  for (const symbol of symbols) {
    const tape = createTapeWriter({ store, symbol });
    for (const seq of [0, 1]) await tape.append({ date, seq, line: lineOf(symbol, seq) });
    await tape.flush();
    await tape.append({ date, seq: 2, line: lineOf(symbol, 2) });
    await tape.flush();
  }
  return root;
}

export interface Ended {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export async function cli(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  isTty = false,
): Promise<Ended> {
  let [out, err] = ['', ''];
  const code = await runCli(argv, {
    stdout: (text) => void (out += text),
    stderr: (text) => void (err += text),
    ...{ isTty, env, nowMs: Date.now },
  });
  return { code, out, err };
}

/** Every entry of a folder with its size and times. */
export async function treeOf(root: string): Promise<readonly string[]> {
  const names = (await readdir(root, { recursive: true })).sort();
  const times = await Promise.all(names.map((name) => stat(join(root, name), { bigint: true })));
  return names.map((name, i) => `${name} ${times[i]!.size} ${times[i]!.mtimeNs} ${times[i]!.ctimeNs}`);
}

/** Ties the card of an object to its file as it is now: times of a test's writes have no nanoseconds. */
export async function bindCard(root: string, key: string): Promise<void> {
  const { ino, mtimeNs, size } = await stat(join(root, key), { bigint: true });
  for (const place of ['0', '1']) {
    const path = join(root, '.tapekit-meta', 'meta', place, key);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) continue;
    const identity = {
      ino: String(ino),
      mtimeNs: String(mtimeNs),
      size: Number(size),
      mtimeMs: Number(mtimeNs / 1_000_000n),
    };
    await writeFile(path, JSON.stringify({ ...(JSON.parse(text) as object), identity }));
  }
}

/** What every run says: which store, and that a demonstration need not wait a day. */
export const run = (root: string): readonly string[] => [
  ...['run', '--store', root, '--env', 'test', '--approve', 'first-run'],
  ...['--min-age', 'PT0S', '--immediate'],
];
export const keysOf = async (root: string, prefix: string): Promise<readonly string[]> =>
  (await createFsStore({ root }).list({ prefix })).objects.map(({ key }) => key);

/** One more raw object. */
export async function createTapeWriterLine(root: string, symbol: string, seq: number): Promise<void> {
  const tape = createTapeWriter({ store: createFsStore({ root }), symbol, startAfterSeq: seq - 1 });
  await tape.append({ date, seq, line: lineOf(symbol, seq) });
  await tape.flush();
}
