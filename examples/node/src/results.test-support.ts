/** Reads what a run left in its results folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import { readArchive } from '@tapekit/housecleaning/restore';

export async function readJson<T>(dir: string, name: string): Promise<T> {
  return JSON.parse(await readFile(join(dir, name), 'utf8')) as T;
}

export async function readJsonLines<T>(dir: string, name: string): Promise<T[]> {
  const text = await readFile(join(dir, name), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);
}

/** One archived record, with its frame as the text that was received. */
export interface ArchivedLine {
  readonly seq: number;
  readonly receiveNs: string;
  readonly raw: string;
}

/** Every record of the archives of these days, in order. */
export async function archivedLines(out: string, symbol: string, dates: readonly string[]): Promise<ArchivedLine[]> {
  const store = createFsStore({ root: join(out, 'archive') });
  const lines: ArchivedLine[] = [];
  for (const date of dates) {
    for await (const line of readArchive(store, { symbol, date })) {
      const { seq, receiveNs } = JSON.parse(line) as { seq: number; receiveNs: string };
      lines.push({ seq, receiveNs, raw: line.slice(line.indexOf('"raw":') + 6, -1) });
    }
  }
  return lines;
}

/** Every file below a folder, as sorted relative paths with `/`. */
export async function filesOf(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dir, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .sort();
}
