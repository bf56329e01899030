/**
 * The result files of one run. Each is written beside its place and renamed into it when it is whole, so that a reader
 * never sees half of one and a killed run leaves the one before.
 */
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { dirname, join } from 'node:path';

/** A file that grows line by line and appears under its name on `commit`. */
export interface LineFile {
  readonly lines: number;
  write(line: string): Promise<void>;
  /** Makes the file durable under its name; without any line the name is removed. */
  commit(options?: { readonly keepEmpty: boolean }): Promise<void>;
  discard(): Promise<void>;
}

const partial = '.partial';

/** Opens `{dir}/{name}` for writing. */
export async function openLineFile(dir: string, name: string): Promise<LineFile> {
  await mkdir(dir, { recursive: true });
  const target = join(dir, name);
  const stream = createWriteStream(target + partial);
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure = error;
  });
  let lines = 0;
  const check = (): void => {
    if (failure) throw new Error(`Cannot write ${target}: ${failure.message}`, { cause: failure });
  };
  const drained = (): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        stream.off('drain', done);
        stream.off('close', done);
        resolve();
      };
      stream.on('drain', done);
      stream.on('close', done);
    });
  return {
    get lines() {
      return lines;
    },
    async write(line) {
      check();
      lines += 1;
      if (!stream.write(`${line}\n`)) await drained();
    },
    async commit({ keepEmpty } = { keepEmpty: true }) {
      stream.end();
      await finished(stream).catch(() => undefined);
      check();
      if (lines === 0 && !keepEmpty) {
        await rm(target + partial);
        await rm(target, { force: true });
        return;
      }
      await moveIntoPlace(target);
    },
    async discard() {
      stream.destroy();
      await rm(target + partial, { force: true });
    },
  };
}

/** Writes one JSON document, indented, under its name. */
export async function writeDocument(dir: string, name: string, document: unknown): Promise<void> {
  await mkdir(dir, { recursive: true });
  const target = join(dir, name);
  await writeFile(target + partial, `${JSON.stringify(document, null, 2)}\n`);
  await moveIntoPlace(target);
}

/** Removes what a killed run left half-written. */
export async function removePartialResults(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const name of await readdir(dir)) {
    if (name.endsWith(partial)) await rm(join(dir, name), { force: true });
  }
}

async function moveIntoPlace(target: string): Promise<void> {
  await sync(target + partial);
  await rename(target + partial, target);
  // A rename is durable when its folder is; Windows cannot open folders and needs no sync of them.
  if (process.platform !== 'win32') await sync(dirname(target));
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
