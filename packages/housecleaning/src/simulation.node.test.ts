// Random schedules from consecutive seeds. `scripts/simulate.ts` plays any number of them, and repeats one by its seed.
import { describe, expect, test } from 'vitest';
import { runSchedule, type ScheduleResult } from '@tapekit/tooling/sim/schedule';

/** Schedules of a test run; they take a core about half a minute. */
const schedules = Number(process.env['TAPEKIT_SCHEDULES'] ?? 3_000);
const parts = 20;
/** Seeds that found something once, with what it was; a change of the simulator makes other schedules of them. */
const remembered: readonly (readonly [seed: number, what: string])[] = [
  [213, 'a plan differs from the run when the run heals an archive before it publishes the next'],
];

function violationsOf({ seed, violations }: ScheduleResult): readonly string[] {
  return violations.map(
    ({ invariant, message }) => `${invariant} ${message}; repeat: scripts/simulate.ts --mode schedules --seed ${seed}`,
  );
}

describe('no schedule of writers, cleaners, readers, faults and clocks breaks an invariant', () => {
  const size = Math.ceil(schedules / parts);
  const totals = { requests: 0, faults: 0, runs: 0, planned: 0, reads: 0, restores: 0, rotten: 0, simulatedMs: 0 };

  test.each(Array.from({ length: parts }, (_, i) => 1 + i * size))('seeds from %i', async (from) => {
    const violations: string[] = [];
    for (let seed = from; seed < from + size; seed++) {
      const result = await runSchedule(seed);
      violations.push(...violationsOf(result));
      for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += result.counts[name];
    }
    expect(violations.slice(0, 5)).toEqual([]);
  });

  test('everything that may happen has happened', () => {
    // A simulation in which nothing happens proves nothing.
    expect(Math.min(...Object.values(totals)), JSON.stringify(totals)).toBeGreaterThan(0);
    console.info(`${size * parts} schedules: ${JSON.stringify(totals)}`);
  });

  test.each(remembered)('seed %i: %s', async (seed) => {
    expect(violationsOf(await runSchedule(seed))).toEqual([]);
  });

  test('a seed decides everything', async () => {
    const [once, twice] = [await runSchedule(5), await runSchedule(5)];
    expect(once.history).toMatch(/^[0-9a-f]{64}$/);
    expect(twice).toEqual(once);
    expect((await runSchedule(6)).history).not.toBe(once.history);
  });
});
