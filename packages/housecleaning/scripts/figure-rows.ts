/** The rows of the README's table of long tests: which figures are meant, what they say, and how they are made. */

/** Figures as a script wrote them. */
export type Figures = Readonly<Record<string, unknown>>;

/** One row. */
export interface Row {
  readonly name: string;
  /** What the test plan asks for. */
  readonly goal: string;
  /** Makes the figures in full, from the folder of the package; `$F` is the folder to collect. */
  readonly command: string;
  readonly isOf: (figures: Figures) => boolean;
  /** What is kept of a document that several rows are about; without it, all but long lists. */
  readonly fields?: readonly string[];
  /** The figures in words. */
  readonly tell: (figures: Figures) => string;
}

const number = (value: unknown): string => {
  if (typeof value !== 'number') throw new Error(`Expected a number, found ${JSON.stringify(value)}.`);
  return value.toLocaleString('en');
};
const sum = (object: unknown, field: string): number =>
  Object.values(object as Record<string, Record<string, number>>).reduce((total, entry) => total + entry[field]!, 0);
const isSchema =
  (name: string, more: Figures = {}) =>
  (figures: Figures): boolean =>
    figures['schema'] === `hc-figures-${name}/1` &&
    Object.entries(more).every(([field, value]) => figures[field] === value);
const run = (script: string, rest: string): string => `node --conditions=source scripts/${script}.ts ${rest}`;
const violations = (figures: Figures): string => `${number(figures['violations'])} violations`;

function simulation(mode: string, name: string, goal: string, rest: string): Row {
  return {
    ...{ name, goal, isOf: isSchema('simulation', { mode }) },
    command: run('simulate', `--mode ${mode}${rest} --json $F/${mode}.json`),
    tell: (figures) => `${number(figures['count'])}, ${violations(figures)}`,
  };
}

function kills(store: string, goal: string, rest: string): Row {
  return {
    ...{ name: `SIGKILL, ${store}`, goal, isOf: isSchema('kill', { store }) },
    command: run('kill-housecleaning', `--store ${store} ${rest} --json $F/kill-${store}.json`),
    tell: (figures) =>
      `${number(figures['kills'])} at ${number(figures['failPoints'] ?? Object.keys(figures['points'] as object).length)} ` +
      `named points, ${number(figures['randomHits'])} at random, ${violations(figures)}, ` +
      `median of runs to recover ${number(figures['medianRuns'])}`,
  };
}

function stops(store: string, goal: string, rest: string): Row {
  return {
    ...{ name: `SIGSTOP, a peer's run, SIGCONT, ${store}`, goal, isOf: isSchema('stop', { store }) },
    command: run('stop-and-peer', `--store ${store} ${rest} --json $F/stop-${store}.json`),
    tell: (figures) =>
      `${number(figures['stops'])} at named points, ${number(figures['random'])} at random, ${violations(figures)}`,
  };
}

function runners(overwrites: boolean, store: string, rest: string): Row {
  const writer = overwrites ? 'an overwriting writer' : 'a live writer';
  return {
    name: `runners at once with ${writer}, ${store}`,
    goal: store === 'fs' && !overwrites ? '500 runs, 0' : '0',
    isOf: isSchema('runners', { overwrites, store }),
    command: run(
      'two-runners',
      `--store ${store} ${rest}--json $F/runners-${store}${overwrites ? '-overwriting' : ''}.json`,
    ),
    tell: (figures) =>
      `${number(figures['runs'])} runs of ${number(figures['runners'])} processes, ${number(figures['acked'])} puts, ` +
      `${number(figures['kills'])} kills, ${number(figures['looks'])} looks, ${violations(figures)}`,
  };
}

/** One of the rows of the bench, which may leave parts out. */
function bench(name: string, goal: string, fields: readonly string[], tell: (told: readonly string[]) => string): Row {
  return {
    ...{ name, goal, fields: ['schema', ...fields] },
    command: 'node --conditions=source ../../bench/housecleaning.ts --json $F/bench.json',
    isOf: (figures) => isSchema('bench')(figures) && fields.every((field) => typeof figures[field] === 'number'),
    tell: (figures) => tell(fields.map((field) => number(figures[field]))),
  };
}

const rotten = (figures: Figures): string =>
  `${number(figures['flips'])} flips, ${number(figures['healed'])} healed, ` +
  `${number(figures['quarantined'])} quarantined, ${violations(figures)}`;

/** Of one day on one core, of one on all, and of two at once. */
const speeds = ['oneCore', 'byCpu', 'allCores', 'twoDays'] as const;

/** In the order of the test plan. */
export const rows: readonly Row[] = [
  simulation('faults', 'every single fault, cases', '30,000, 0', ''),
  simulation('pairs', 'ordered pairs of faults, cases', '614,000, 0', ''),
  simulation('crashes', 'crash after every prefix, cases', 'all, 0', ''),
  simulation('schedules', 'random schedules', '1,000,000, 0', ' --count 1000000'),
  {
    name: 'model, states',
    goal: '2,750,000, 0; 9 of 9 lose',
    command: run('model', '--json $F/model.json'),
    isOf: isSchema('model'),
    tell: (figures) =>
      `${number(figures['safeStates'])}, ${violations(figures)}; ` +
      `${number(figures['counterexamples'])} of ${number(figures['losingCases'])} weak ones lose`,
  },
  {
    name: 'seeded bugs caught',
    goal: '40 of 40',
    command: run('mutants', '--json $F/mutants.json'),
    isOf: isSchema('mutants'),
    tell: (figures) => `${number(figures['killed'])} of ${number(figures['mutants'])}`,
  },
  kills('fs', '1,000 and 2,000, 0', '--repeats 11 --random 2000'),
  kills('s3', '0', '--repeats 1 --random 100 --withinMs 400'),
  stops('fs', '200, 0', '--repeats 3 --random 100'),
  stops('s3', '0', '--repeats 1 --random 20 --withinMs 400'),
  runners(false, 'fs', '--runners 3 --objects 2000 --kills 50 '),
  runners(true, 'fs', '--runners 3 --objects 1000 --kills 20 --overwrites '),
  runners(false, 's3', '--runners 2 --objects 100 --kills 5 '),
  {
    name: 'full disk',
    goal: '50, 0',
    command: run('full-disk', '--cases 120 --json $F/disk.json'),
    isOf: isSchema('disk'),
    tell: (figures) =>
      `${number(figures['cases'])} on ${String(figures['means'])}, ${number(figures['failed'])} of them felt it, ${violations(figures)}`,
  },
  {
    name: 'no right, read-only, no descriptor',
    goal: '30, 0',
    command: run('errno', '--json $F/errno.json'),
    isOf: isSchema('errno'),
    tell: (figures) =>
      `${number(sum({ a: figures['rights'], b: figures['descriptors'] }, 'cases'))}, ${violations(figures)}`,
  },
  {
    name: 'bulk delete, killed and carried on',
    goal: '0',
    command: run('kill-retention', '--objects 2500 --kills 100 > $F/kill-retention.txt'),
    isOf: (figures) => figures['kill'] === 'retention',
    tell: (figures) =>
      `${number(figures['planned'])} objects, ${number(figures['died'])} kills, ${number(Number(figures['left']) - 1)} violations`,
  },
  {
    name: 'leases raced for and frozen',
    goal: '0',
    command: run('race-leases', '--rounds 500 --freezes 50 > $F/leases.txt'),
    isOf: isSchema('leases'),
    tell: (figures) =>
      `${number(figures['rounds'])} rounds of ${number(figures['processes'])} processes, ${number(figures['freezes'])} freezes, ${violations(figures)}`,
  },
  {
    name: 'power cuts of the folder store, states of the disk',
    goal: '16,384, 0',
    command:
      'TAPEKIT_POWER_BITS=14 TAPEKIT_POWER_JSON=$F/power.json npx vitest run --root ../.. --project adapters --testTimeout 600000 tests/power-loss',
    isOf: isSchema('power'),
    tell: (figures) =>
      `${number(figures['states'])}, ${number(figures['disks'])} of them different, ${violations(figures)}`,
  },
  {
    name: 'damaged gzip streams taken for something else',
    goal: '327,000, 0',
    command: run('fuzz-gzip', '--scale 4 > $F/gzip.txt'),
    isOf: (figures) => 'pieceBytes' in figures && 'bases' in figures,
    tell: (figures) =>
      `${number((figures['wrong'] as unknown[]).length)} of ${number(figures['inputs'])}, each by three decoders; harmless: ` +
      `${number(figures['harmless'])} of ${number(figures['decoded'])} readings gave the very content`,
  },
  {
    name: 'damaged documents believed',
    goal: '1,000,000, 0',
    command: run('fuzz-documents', '--count 1000000 --runs 80000 --json $F/documents.json'),
    isOf: isSchema('documents'),
    tell: (figures) => `${number(figures['violations'])} of ${number(sum(figures['documents'], 'inputs'))}`,
  },
  {
    name: 'flipped bits of stored archives',
    goal: 'all noticed',
    command: run('rot-archive', '--samples 1000 --disk 200 --json $F/rot.json'),
    isOf: isSchema('rot'),
    tell: rotten,
  },
  {
    name: 'symbols and dates as keys',
    goal: '1,000,000, 0',
    command: run('fuzz-keys', '--count 1000000 > $F/keys.txt'),
    isOf: (figures) => 'pairs' in figures && 'accepted' in figures,
    tell: (figures) => `${number(figures['pairs'])}, ${number(figures['accepted'])} of them keys, 0 violations`,
  },
  {
    name: 'raw objects restored',
    goal: '1,000,000, byte for byte',
    command: run('restore-drill', '--sources 1000000 > $F/restore.txt'),
    isOf: (figures) => figures['drill'] === 'restore',
    tell: (figures) => `${number(figures['sources'])}, ${number(figures['differing'])} differ`,
  },
  {
    name: 'changes of clocks, starts of days',
    goal: '0 differ',
    command: run('sweep-days', '> $F/days.txt'),
    isOf: (figures) => 'zones' in figures && 'compared' in figures,
    tell: (figures) =>
      `${number(figures['compared'])} around ${number(figures['changes'])} changes in ${number(figures['zones'])} zones, 0 differ`,
  },
  {
    ...bench('compress and verify, speed of the shell = 1', '1 on one core, 2 on two', speeds, () => ''),
    fields: ['schema', ...speeds, 'largeOneCore', 'largeAllCores', 'largeTwoDays'],
    tell: (figures: Figures): string => {
      const [oneCore, byCpu, allCores, twoDays] = speeds.map((field) => number(figures[field]));
      const large = ['largeOneCore', 'largeAllCores', 'largeTwoDays'].map((field) => figures[field]);
      const inTwoPasses = large.includes(undefined)
        ? ''
        : `; a large day, in two passes: ${large.map(number).join(', ')}`;
      return (
        `${oneCore} on one core (by processor time ${byCpu}), ${allCores} on all, ${twoDays} with two days at once` +
        inTwoPasses
      );
    },
  },
  bench('size of a day of trades ÷ its archive', 'none', ['archiveRatio'], ([ratio]) => `${ratio}`),
  bench(
    'growth: processor time a MB, the largest day ÷ the smallest',
    '1.2 at most',
    ['growth'],
    ([growth]) => `${growth}`,
  ),
  bench(
    'peak memory of a process that archives',
    '96 MiB at 500 MB',
    ['peakMiB', 'peakMegabytes'],
    ([peak, megabytes]) => `${peak} MiB at ${megabytes} MB`,
  ),
  bench(
    'requests for a million trades, from the writer to the prune',
    'none',
    ['classA', 'classB'],
    ([classA, classB]) => `${classA} of class A, ${classB} of class B`,
  ),
  {
    name: 'R2 and AWS S3 themselves',
    goal: 'with credentials',
    command: '# S3_TEST_ENDPOINT=… npx vitest run --project adapters tests/s3-store.test.ts',
    isOf: isSchema('cloud'),
    tell: (figures) => String(figures['said']),
  },
  {
    name: 'soak with chaos, hours',
    goal: '72, 0',
    command: run('two-runners', '--store s3 --runners 3 --objects 1000000 --kills 1000 # for 72 hours'),
    isOf: isSchema('soak'),
    tell: (figures) => `${number(figures['hours'])}, ${violations(figures)}`,
  },
];
