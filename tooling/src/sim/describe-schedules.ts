import { describe, expect, test } from 'vitest';
import { runSchedule, type ScheduleResult } from './schedule.ts';

/** Schedules of a test run; they take a core some two minutes. */
const schedules = Number(process.env['TAPEKIT_SCHEDULES'] ?? 20_000);
/** Files that share them, each a worker's. */
const shards = 5;
const parts = 10;

/** What a schedule found, with the command that repeats it. */
export function violationsOf({ seed, violations }: ScheduleResult): readonly string[] {
  return violations.map(
    ({ invariant, message }) => `${invariant} ${message}; repeat: scripts/simulate.ts --mode schedules --seed ${seed}`,
  );
}

/** The tests of one of {@link shards} shares, from 1 on. */
export function describeSchedules(shard: number): void {
  describe('no schedule of writers, cleaners, readers, faults and clocks breaks an invariant', () => {
    const size = Math.ceil(schedules / shards / parts);
    const first = 1 + (shard - 1) * parts * size;
    const totals = { requests: 0, faults: 0, runs: 0, planned: 0, reads: 0, restores: 0, rotten: 0, simulatedMs: 0 };

    test.each(Array.from({ length: parts }, (_, i) => first + i * size))('seeds from %i', async (from) => {
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
  });
}
