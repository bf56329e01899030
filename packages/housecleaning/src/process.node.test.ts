// Real processes on a real file system, in small numbers; the scripts do the same in any number.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { refuseRights, takeDescriptors } from '../scripts/errno.ts';
import { fillDisks, limitFiles } from '../scripts/full-disk.ts';
import { openGround, type Ground } from '../scripts/process-ground.ts';
import { expectContents, stopOnce } from '../scripts/stop-and-peer.ts';
import { bustle } from '../scripts/two-runners.ts';

let ground: Ground;

beforeAll(async () => {
  ground = await openGround();
});
afterAll(() => ground.close());

/** No peer needs a lock of the frozen ones here; on a busy machine it may take long. */
const patienceMs = 120_000;

// /proc tells when a process has really stopped.
describe.skipIf(process.platform !== 'linux')('a frozen process', () => {
  test('finds that a peer did everything, or even more, and changes nothing of it', async () => {
    const expected = await expectContents(ground, 2);
    for (const [at, arrives] of [
      [9, 'before'],
      [11, 'after'],
      [13, 'never'],
      [19, 'before'],
    ] as const) {
      const result = await stopOnce(ground, { stop: { at, when: 'before' }, arrives }, 2, expected, patienceMs);
      expect(result).toEqual({ frozen: true, waited: false, runs: 1, problems: [] });
    }
  });
});

describe('two runners and a live writer at once', () => {
  test('lose nothing that was acknowledged, at no time, though runners are killed on the way', async () => {
    const result = await bustle(ground, { runners: 2, objects: 24, overwrites: false, kills: 2 });
    expect(result).toMatchObject({ problems: [], acked: 24, kills: 2 });
    expect(result.looks).toBeGreaterThan(0);
  });

  test('keep the last bytes of keys that the writer overwrites', async () => {
    const result = await bustle(ground, { runners: 2, objects: 30, overwrites: true, kills: 0 });
    expect(result).toMatchObject({ problems: [], acked: 30 });
  });
});

describe('a disk', () => {
  test('that is full at any moment, has no nodes left, or is read-only costs no record', async ({ skip }) => {
    const { means, cases, failed, problems } = await fillDisks(2, 16);
    if (means === 'none') return skip('neither tmpfs nor prlimit works here');
    expect(problems).toEqual([]);
    expect(cases).toBe(16);
    // A disk that is never full proves nothing.
    expect(failed).toBeGreaterThan(5);
  });

  test('on which only short files may be written costs no record', async ({ skip }) => {
    const { means, failed, problems } = await limitFiles(2, 2);
    if (means === 'none') return skip('prlimit does not work here');
    expect(problems).toEqual([]);
    expect(failed).toBeGreaterThan(0);
  });
});

describe('a run', () => {
  test('without a right says so in its own words and costs no record', async ({ skip }) => {
    const { skipped, cases, failed, problems } = await refuseRights(ground, 2, 5);
    if (skipped !== undefined) return skip(skipped);
    expect(problems).toEqual([]);
    expect([cases, failed]).toEqual([5, expect.any(Number)]);
    expect(failed).toBeGreaterThan(0);
  });

  test('without a free descriptor at every third of its operations costs no record', async ({ skip }) => {
    const { skipped, failed, problems } = await takeDescriptors(ground, 24, 3);
    if (skipped !== undefined) return skip(skipped);
    expect(problems).toEqual([]);
    expect(failed).toBeGreaterThan(0);
  });
});
