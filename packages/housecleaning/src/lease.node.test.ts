// Real processes on a real file system. scripts/race-leases.ts does the same in any number.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFsStore } from '@tapekit/adapters/stores/fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freezeHolder, prepareGround, raceRounds } from '../scripts/race-leases.ts';
import { leaseKey } from './keys.ts';
import { acquireLease } from './lease.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tapekit-leases-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('of eight processes that ask at once exactly one gets the lease, round after round', async () => {
  const ground = await prepareGround(folder);
  expect(await raceRounds(ground, 8, 12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
});

test('of eight calls at once through stores of their own exactly one gets the lease', async () => {
  const { root } = await prepareGround(folder);
  for (let round = 1; round <= 5; round++) {
    const asked = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        acquireLease(createFsStore({ root }), 'calls', { owner: `${round}-${i}`, nowMs: () => Date.now() }),
      ),
    );
    const winners = asked.filter((lease) => lease !== undefined);
    expect(winners.map(({ generation }) => generation)).toEqual([round]);
    await winners[0]!.release();
  }
  expect(await createFsStore({ root }).head(leaseKey('calls'))).toBeDefined();
});

// /proc tells when a process has really stopped.
test.skipIf(process.platform !== 'linux')('a process frozen past its time stops at its next operation', async () => {
  const { finished, end, generations } = await freezeHolder(await prepareGround(folder));
  expect(end).toBe('lease-lost');
  // The operation in which it was frozen may come to its end.
  expect(finished).toBeLessThanOrEqual(1);
  expect(generations).toEqual([1, 2]);
});
