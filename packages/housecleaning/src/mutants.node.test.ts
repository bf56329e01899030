// Tests the tests: broken copies of the sources are noticed. `scripts/mutants.ts` breaks them in all forty ways.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mutants } from '../mutants/table.ts';
import { createWorkspace, type Workspace } from '../mutants/workspace.ts';
import { judge } from '../scripts/mutants.ts';

/** One of each kind: compare-and-swap, re-reading, listing, identity, age. */
const sample = [
  'publishes without comparing',
  'believes what it published without reading it back',
  'reads only the first page of a listing',
  'takes whatever lies under an archived key for archived',
  'deletes objects of any age',
];

let workspace: Workspace;

beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace.remove());

describe('a broken copy of housecleaning is noticed', () => {
  test('the table has forty different mutants', () => {
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(40);
  });

  test('every mutant fits the sources', async () => {
    for (const mutant of mutants) {
      const mend = await workspace.apply(mutant);
      await mend();
    }
  });

  test('the sources themselves are sound', async () => {
    const args = ['--schedules', '100', '--every', '100'];
    const { code, output } = await workspace.run('packages/housecleaning/mutants/detect.ts', args);
    expect({ code, output }).toEqual({ code: 1, output: 'null\n' });
  });

  test.each(sample)('%s', async (name) => {
    const mutant = mutants.find((one) => one.name === name)!;
    const verdict = await judge(workspace, mutant, { schedules: 300, every: 20 });
    expect(verdict).toMatchObject({ name, by: 'schedules' });
  });
});
