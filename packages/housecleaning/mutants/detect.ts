/**
 * Looks for a violation in the copy that this file lies in: first random schedules, then single faults. Prints one line of
 * JSON: what found it and after how many tries. Exits 0 if something was found, 1 if not, 2 if the copy does not even load.
 */
import { parseArgs } from 'node:util';

/** What found a mutant. */
export interface Detection {
  readonly by: 'schedules' | 'faults';
  /** Schedules or worlds tried until then. */
  readonly after: number;
  readonly message: string;
}

async function detect(schedules: number, every: number): Promise<Detection | undefined> {
  const { runSchedule } = await import('@tapekit/tooling/sim/schedule');
  const { enumerateSingleFaults, faultConfigs } = await import('@tapekit/tooling/sim/single-faults');
  for (let seed = 1; seed <= schedules; seed++) {
    const found = await runSchedule(seed).then(
      ({ violations }) => violations[0] && `${violations[0].invariant} ${violations[0].message}`,
      (error: unknown) => `failed: ${String(error)}`,
    );
    if (found !== undefined) return { by: 'schedules', after: seed, message: found };
  }
  const configs = faultConfigs.filter(({ sources }) => sources === 5);
  for (const [index, config] of configs.entries()) {
    const { failures } = await enumerateSingleFaults(config, { every });
    const [violation] = failures[0]?.violations ?? [];
    if (violation) return { by: 'faults', after: index + 1, message: `${violation.invariant} ${violation.message}` };
  }
  return undefined;
}

const { values } = parseArgs({
  options: { schedules: { type: 'string', default: '300' }, every: { type: 'string', default: '7' } },
});
try {
  const found = await detect(Number(values.schedules), Number(values.every));
  console.log(JSON.stringify(found ?? null));
  process.exitCode = found ? 0 : 1;
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
