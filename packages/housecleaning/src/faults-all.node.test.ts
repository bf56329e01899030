// Every single fault at every operation, in every kind of world, as the specification lists them; the invariants are
// those of the simulator. `scripts/simulate.ts --mode faults` also has the worlds of 1,001 objects, `--mode pairs` the pairs.
import { describe, expect, test } from 'vitest';
import {
  enumerateCrashes,
  enumeratePairs,
  enumerateSingleFaults,
  faultConfigs,
  pairConfigs,
  type Enumeration,
  type FaultConfig,
} from '@tapekit/tooling/sim/single-faults';

const small = faultConfigs.filter(({ sources }) => sources <= 5);
const large = faultConfigs.filter(({ sources, scenario }) => sources > 5 && scenario === 'late');

const twice = faultConfigs.filter(
  ({ flavour, scenario, sources, maxDeleteBatch }) =>
    flavour !== 'fs' && scenario === 'late' && sources === 1 && maxDeleteBatch > 1,
);
/** Every case, or every so many-th. */
const every = Number(process.env['TAPEKIT_FAULTS_EVERY'] ?? 1);

let cases = 0;

/** The first failures as text, so that a red test says what to repeat. */
function failuresOf({ failures, cases: tried }: Enumeration): readonly string[] {
  cases += tried;
  return failures.slice(0, 5).map(({ faults, where, violations }) => {
    const what = faults.map(({ at, name }) => `${name} at ${at}`).join(', ');
    return `${what} (${where}): ${violations[0]!.invariant} ${violations[0]!.message}`;
  });
}

function nameOf({ flavour, scenario, sources, maxDeleteBatch }: FaultConfig): string {
  return `${flavour}, ${scenario}, ${sources} sources, deletes of ${maxDeleteBatch}`;
}

describe('no single fault breaks an invariant, and undisturbed runs finish the work', () => {
  test.each(small.map((config) => [nameOf(config), config] as const))('%s', async (_, config) => {
    expect(failuresOf(await enumerateSingleFaults(config, { every }))).toEqual([]);
  });

  test.each(large.map((config) => [nameOf(config), config] as const))('a sample of %s', async (_, config) => {
    expect(failuresOf(await enumerateSingleFaults(config, { every: 150 }))).toEqual([]);
  });

  test('covers a known number of cases', () => {
    // Operations of an undisturbed run × kinds of faults, over 78 worlds; fewer means that the enumeration broke.
    expect(cases).toBeGreaterThan(23_000 / every);
    console.info(`${cases.toLocaleString('en')} single-fault cases`);
  });
});

describe('no two faults break an invariant', () => {
  test.each(pairConfigs.map((config) => [nameOf(config), config] as const))('a sample of %s', async (_, config) => {
    expect(failuresOf(await enumeratePairs(config, { every: 2_000 }))).toEqual([]);
  });

  test.each(twice.map((config) => [nameOf(config), config] as const))(
    'a crash after every prefix of a run and of the one that follows: %s',
    async (_, config) => {
      expect(failuresOf(await enumerateCrashes(config))).toEqual([]);
    },
  );
});
