// Stores in temporary folders, and the command line on them.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import { afterAll, beforeAll } from 'vitest';
import { runCli, type ExitCode } from '../../housecleaning-cli.ts';
import { createFsStore } from '../../stores/fs.ts';

export const cell = { symbol: 'ALPHA', date: '2024-08-08' };

let folder = '';
let stores = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'housecleaning-cli-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** A path of its own for every caller; nothing is there. */
export function freshPath(): string {
  return join(folder, `store-${(stores += 1)}`);
}

/** A store with one raw object. */
export async function storeOf(): Promise<string> {
  const root = freshPath();
  await mkdir(root);
  const tape = createTapeWriter({ store: createFsStore({ root }), symbol: cell.symbol });
  await tape.append({ date: cell.date, seq: 0, line: '{"p":"10.1"}' });
  await tape.flush();
  return root;
}

/** What a command said, on both of its outputs, and how it ended. */
export interface Said {
  readonly code: ExitCode;
  readonly text: string;
}

export async function cli(...argv: readonly string[]): Promise<Said> {
  let text = '';
  const told = (more: string): void => void (text += more);
  const code = await runCli(argv, { stdout: told, stderr: told, isTty: false, env: {}, nowMs: Date.now });
  return { code, text };
}

/** Options of a store that need no day of waiting. */
export const at = (root: string, env = 'test'): readonly string[] => [
  ...['--store', root, '--env', env, '--min-age', 'PT0S', '--immediate', '--quiet'],
];

export const run = (root: string, ...more: readonly string[]): Promise<Said> => cli('run', ...at(root), ...more);
