/**
 * Tries to break housecleaning, in as many ways as it is told to, and prints how to repeat what it finds.
 *
 *     node --conditions=source scripts/simulate.ts --mode schedules --count 20000
 *     node --conditions=source scripts/simulate.ts --mode schedules --seed 17
 *     node --conditions=source scripts/simulate.ts --mode faults
 *     node --conditions=source scripts/simulate.ts --mode pairs --every 10
 *     node --conditions=source scripts/simulate.ts --mode crashes
 *
 * `schedules`: random schedules of writers, cleaners, a reader, a restorer and an operator, from consecutive seeds.
 * `faults`: every single fault at every operation, in 96 worlds. `pairs`: every ordered pair of faults, in 6 worlds, or
 * every `--every`th of them. `crashes`: a crash after every prefix of a run and of the run that follows. `--json FILE`
 * stores the figures. Exits 1 if an invariant was violated.
 */
import { writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { runSchedule, type ScheduleCounts } from '@tapekit/tooling/sim/schedule';
import {
  enumerateCrashes,
  enumeratePairs,
  enumerateSingleFaults,
  faultConfigs,
  pairConfigs,
  type Enumeration,
  type FaultConfig,
} from '@tapekit/tooling/sim/single-faults';

/** What one mode found. */
interface Figures {
  readonly schema: 'hc-figures-simulation/1';
  readonly mode: string;
  /** Schedules or cases. */
  readonly count: number;
  readonly violations: number;
  readonly seconds: number;
  /** Sums over all schedules. */
  readonly totals?: ScheduleCounts;
}

const maxShown = 20;

/** Plays schedules from consecutive seeds. */
async function playSchedules(from: number, count: number): Promise<Pick<Figures, 'violations' | 'totals'>> {
  const totals = { requests: 0, faults: 0, runs: 0, planned: 0, reads: 0, restores: 0, rotten: 0, simulatedMs: 0 };
  let violations = 0;
  for (let seed = from; seed < from + count; seed++) {
    const result = await runSchedule(seed);
    for (const name of Object.keys(totals) as (keyof ScheduleCounts)[]) totals[name] += result.counts[name];
    if (result.violations.length > 0 && ++violations <= maxShown) {
      console.log(`seed ${seed}: repeat with scripts/simulate.ts --mode schedules --seed ${seed}`);
      for (const { invariant, message } of result.violations.slice(0, 3)) console.log(`    ${invariant} ${message}`);
    }
    if (process.stderr.isTTY && seed % 100 === 0) process.stderr.write(`\r${seed - from + 1} of ${count} schedules`);
  }
  return { violations, totals };
}

/** Tries cases in every config. */
async function enumerate(
  configs: readonly FaultConfig[],
  work: (config: FaultConfig) => Promise<Enumeration>,
): Promise<{ readonly count: number; readonly violations: number }> {
  let count = 0;
  let violations = 0;
  for (const config of configs) {
    const { cases, failures } = await work(config);
    count += cases;
    violations += failures.length;
    const { flavour, scenario, sources, maxDeleteBatch } = config;
    console.log(`${flavour} ${scenario} ${sources} sources, deletes of ${maxDeleteBatch}: ${cases} cases`);
    for (const { faults, where, violations: found } of failures.slice(0, maxShown)) {
      console.log(`    ${faults.map(({ at, name }) => `${name} at ${at}`).join(', ')} (${where})`);
      console.log(`        ${found[0]!.invariant} ${found[0]!.message}`);
    }
  }
  return { count, violations };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      mode: { type: 'string', default: 'schedules' },
      count: { type: 'string', default: '20000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      every: { type: 'string', default: '1' },
      'max-sources': { type: 'string', default: '1001' },
      json: { type: 'string' },
    },
  });
  const start = performance.now();
  const every = Number(values.every);
  let found: Omit<Figures, 'schema' | 'mode' | 'seconds'>;
  switch (values.mode) {
    case 'schedules': {
      const count = values.seed === undefined ? Number(values.count) : 1;
      found = { count, ...(await playSchedules(Number(values.seed ?? values.from), count)) };
      break;
    }
    case 'faults': {
      const configs = faultConfigs.filter(({ sources }) => sources <= Number(values['max-sources']));
      found = await enumerate(configs, (config) => enumerateSingleFaults(config, { every }));
      break;
    }
    case 'pairs':
      found = await enumerate(pairConfigs, (config) => enumeratePairs(config, { every, from: Number(values.from) }));
      break;
    case 'crashes':
      found = await enumerate(
        faultConfigs.filter(({ sources }) => sources <= 5),
        enumerateCrashes,
      );
      break;
    default:
      console.error(`The mode is "${values.mode}"; expected schedules, faults, pairs or crashes.`);
      process.exitCode = 2;
      return;
  }
  const seconds = Math.round((performance.now() - start) / 100) / 10;
  const figures: Figures = { schema: 'hc-figures-simulation/1', mode: values.mode, ...found, seconds };
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(figures, undefined, 1)}\n`);
  console.log(`${figures.count} ${values.mode}, ${figures.violations} violations, ${seconds} s`);
  if (figures.violations > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
