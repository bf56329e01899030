/**
 * Tests the tests: breaks a copy of the sources in forty ways, one at a time, and prints what notices.
 *
 *     node --conditions=source scripts/mutants.ts --json mutants.json
 *     node --conditions=source scripts/mutants.ts --only "publishes without comparing"
 *
 * Each mutant meets random schedules first (`--schedules`), then single faults (every `--every`th), then the unit tests
 * that its row names. Exits 1 if one of them is noticed by nothing.
 */
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Detection } from '../mutants/detect.ts';
import { mutants, type Mutant } from '../mutants/table.ts';
import { createWorkspace, type Workspace } from '../mutants/workspace.ts';

/** What became of a mutant. */
export interface Verdict {
  readonly name: string;
  /** What noticed it; `null` if nothing did. */
  readonly by: Detection['by'] | 'tests' | null;
  readonly message: string;
}

export interface JudgeOptions {
  readonly schedules: number;
  readonly every: number;
}

/** Breaks the copy, looks who notices, and mends it. */
export async function judge(workspace: Workspace, mutant: Mutant, options: JudgeOptions): Promise<Verdict> {
  const mend = await workspace.apply(mutant);
  try {
    if (mutant.tests) {
      const args = ['run', '--root', 'packages/housecleaning', ...mutant.tests.map((file) => `src/${file}`)];
      const { code, output } = await workspace.run('node_modules/vitest/vitest.mjs', args);
      const failed = / FAIL .*> (.*)/.exec(output)?.[1];
      // A run that could not load its tests says nothing of the mutant.
      if (code !== 0 && failed === undefined) throw new Error(`The tests of "${mutant.name}" did not run:\n${output}`);
      return { name: mutant.name, by: code === 0 ? null : 'tests', message: failed ?? '' };
    }
    const args = ['--schedules', String(options.schedules), '--every', String(options.every)];
    const { code, output } = await workspace.run('packages/housecleaning/mutants/detect.ts', args);
    if (code === 2) throw new Error(`The mutant "${mutant.name}" does not load:\n${output}`);
    const found = JSON.parse(output.trim().split('\n').at(-1)!) as Detection | null;
    return { name: mutant.name, by: found?.by ?? null, message: found?.message ?? '' };
  } finally {
    await mend();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      schedules: { type: 'string', default: '400' },
      every: { type: 'string', default: '5' },
      json: { type: 'string' },
    },
  });
  const start = performance.now();
  const chosen = mutants.filter(({ name }) => values.only === undefined || name.includes(values.only));
  const options = { schedules: Number(values.schedules), every: Number(values.every) };
  const workspace = await createWorkspace();
  const verdicts: Verdict[] = [];
  try {
    const sound = await workspace.run('packages/housecleaning/mutants/detect.ts', [
      '--schedules',
      '50',
      '--every',
      '50',
    ]);
    if (sound.code !== 1) throw new Error(`The sources are not sound before they are broken:\n${sound.output}`);
    for (const mutant of chosen) {
      // A mutant that cannot be tried is not noticed by anything either.
      const verdict = await judge(workspace, mutant, options).catch((error: unknown): Verdict => {
        return { name: mutant.name, by: null, message: error instanceof Error ? error.message : String(error) };
      });
      verdicts.push(verdict);
      console.log(`${(verdict.by ?? 'NOTHING').padEnd(10)} ${mutant.name}`);
      if (verdict.message) console.log(`           ${verdict.message.slice(0, 160)}`);
    }
  } finally {
    await workspace.remove();
  }
  const killed = verdicts.filter(({ by }) => by !== null).length;
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const figures = { schema: 'hc-figures-mutants/1', mutants: verdicts.length, killed, seconds, verdicts };
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, undefined, 1)}\n`);
  console.log(`${killed} of ${verdicts.length} mutants are noticed, ${seconds} s`);
  if (killed < verdicts.length) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
