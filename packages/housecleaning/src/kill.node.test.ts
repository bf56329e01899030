// Real processes, a real file system, SIGKILL. scripts/kill-housecleaning.ts does the same in any number, on S3 too.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failPoints, killOnce, openSetting, type KillSetting } from '../scripts/kill-housecleaning.ts';
import { openGround, type Ground } from '../scripts/process-ground.ts';

let ground: Ground;
let setting: KillSetting;

beforeAll(async () => {
  ground = await openGround();
  setting = await openSetting(ground, 2);
});
afterAll(() => ground.close());

/** Kills after every change of a run: reads change nothing, so these are all the stores that a killed run can leave. */
async function killAfterChanges(isLate: boolean, expected: readonly string[]): Promise<void> {
  const names = await failPoints(setting, isLate);
  const changes = [...names.entries()].filter(([, name]) => /^(put|delete)/.test(name));
  expect(changes.map(([, name]) => name)).toEqual(expected);
  for (const [at, name] of changes) {
    const result = await killOnce(setting, { at, when: 'after' }, isLate);
    expect(result, name).toEqual({ killed: true, runs: 1, problems: [] });
  }
}

const generation = ['put manifest', 'put stage', 'put archive', 'delete raw'];

test('a process killed after any change of a first run loses nothing, and one more run makes the same archive', async () => {
  const opening = ['put clock', 'put env', 'put journal'];
  await killAfterChanges(false, [...opening, ...generation, 'put journal', 'put report']);
});

test('nor does one that is killed after any change of a run on a late cell', async () => {
  await killAfterChanges(true, ['put clock', ...generation, 'put journal', 'put report']);
});

test('nor does one that is killed before it changes anything, or while it reads', async () => {
  const names = await failPoints(setting, true);
  for (const at of [0, names.indexOf('get raw'), names.indexOf('get stage'), names.lastIndexOf('get manifest')]) {
    const result = await killOnce(setting, { at, when: 'before' }, true);
    expect(result, names[at]).toEqual({ killed: true, runs: 1, problems: [] });
  }
});
