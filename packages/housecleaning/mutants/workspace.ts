/** A copy of the sources in a temporary folder, in which one line at a time is broken. The working tree stays as it is. */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Edit, Mutant } from './table.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** The copy. */
export interface Workspace {
  readonly root: string;
  /** Breaks the copy; what comes back mends it again. */
  apply(mutant: Mutant): Promise<() => Promise<void>>;
  /** Runs a script of the copy in a process of its own. */
  run(script: string, args: readonly string[]): Promise<{ readonly code: number | null; readonly output: string }>;
  remove(): Promise<void>;
}

/** Copies what the simulation and the tests of this package need. */
export async function createWorkspace(): Promise<Workspace> {
  const root = await mkdtemp(join(tmpdir(), 'tapekit-mutants-'));
  for (const folder of ['packages/housecleaning', 'packages/adapters', 'tooling']) {
    const source = join(repository, folder);
    const filter = (path: string): boolean => !/[/\\](node_modules|dist|\.vite-temp)$/.test(path);
    await cp(source, join(root, folder), { recursive: true, filter });
  }
  for (const file of ['vitest.shared.ts', 'tsconfig.base.json', 'tsconfig.json'])
    await cp(join(repository, file), join(root, file));
  await writeFile(join(root, 'package.json'), '{ "type": "module", "private": true }\n');
  await linkModules(root);
  return {
    root,
    async apply({ also, ...edit }) {
      const mendFirst = await applyEdit(root, edit);
      const mendSecond = also && (await applyEdit(root, also));
      return async () => {
        await mendSecond?.();
        await mendFirst();
      };
    },
    run: (script, args) => runNode(root, [join(root, script), ...args]),
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

async function applyEdit(root: string, { file, find, replace }: Edit): Promise<() => Promise<void>> {
  const path = join(root, 'packages/housecleaning/src', file);
  const text = await readFile(path, 'utf8');
  const times = text.split(find).length - 1;
  if (times !== 1) throw new Error(`"${file}" holds ${times} times what a mutant replaces: ${find}`);
  await writeFile(
    path,
    text.replace(find, () => replace),
  );
  return () => writeFile(path, text);
}

/** Everything that is installed, and the copies instead of the packages that were copied. */
async function linkModules(root: string): Promise<void> {
  const modules = join(root, 'node_modules');
  await mkdir(join(modules, '@tapekit'), { recursive: true });
  const link = (target: string, path: string): Promise<void> =>
    symlink(target, path, 'junction').catch((error: unknown) => {
      // The first owner of a name has it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  const copies = { housecleaning: 'packages/housecleaning', adapters: 'packages/adapters', tooling: 'tooling' };
  for (const [name, folder] of Object.entries(copies)) await link(join(root, folder), join(modules, '@tapekit', name));
  for (const owner of ['packages/housecleaning', 'packages/adapters', '.']) {
    const installed = join(repository, owner, 'node_modules');
    for (const name of await readdir(installed)) {
      if (name === '@tapekit' || (name.startsWith('.') && name !== '.bin')) continue;
      await link(join(installed, name), join(modules, name));
    }
  }
}

function runNode(
  cwd: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--conditions=source', '--no-warnings', ...args], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, CI: '1', NO_COLOR: '1' },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => (output += text));
    }
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}
