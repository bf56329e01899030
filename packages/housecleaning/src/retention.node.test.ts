// Real processes, a real file system, SIGKILL. scripts/kill-retention.ts does the same in any number.
import { expect, test } from 'vitest';
import { killAndResume } from '../scripts/kill-retention.ts';

test('a deletion of 2,500 objects that is killed after its first and after its second batch is finished by the next process', async () => {
  const { planned, kills, last, left } = await killAndResume(2_500, [{ afterBatch: 1 }, { afterBatch: 1 }]);
  expect(planned).toBe(2_500);
  expect(kills).toBe(2);
  expect(last).toEqual({
    deleted: 500,
    bytes: 500 * 'object 2000'.length,
    absent: 2_000,
    changed: [],
    kept: [],
    remaining: 0,
  });
  expect(left).toEqual(['exports/daily-of-others/kept']);
});
