/** Variants of one job take turns; what is compared is the time of a trade, round by round. */
import { requireSame } from './digest.ts';
import type { Digests } from './digest.ts';

/** One way to do a job. */
export interface Variant {
  readonly name: string;
  /** How many trades of the tape it is given, from the first on. */
  readonly trades: number;
  /** Gets what `run` reads and nobody else, untimed, before each run. */
  readonly prepare?: () => void;
  /** Does the work; only this is timed. Seconds, where it times itself in a process of its own. */
  readonly run: () => unknown;
  /** Checksums of what the last run gave, untimed; empty where the variant builds nothing. */
  readonly digests: () => Digests | Promise<Digests>;
  /** What it leaves out, or how it runs. */
  readonly note?: string;
}

/** What a process of its own says of its run. */
export interface TimedRun {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** The figures of a variant. */
export interface Standing {
  readonly name: string;
  readonly trades: number;
  readonly note: string;
  /** Median over the rounds. */
  readonly tradesPerSecond: number;
  /** Seconds a trade, a round each. */
  readonly perTrade: readonly number[];
  /** Processor seconds a trade of all its threads, a round each. */
  readonly cpuPerTrade: readonly number[];
}

export interface ContestOptions {
  readonly rounds: number;
  /** The checksums of the first so many trades. */
  readonly expected: (trades: number) => Digests;
}

/** A variant is run up to so often before the first round, as long as that takes less than so many seconds. */
const WARM_RUNS = 4;
const WARM_SECONDS = 2;

/**
 * Warms every variant up, then lets each have a turn in every round. Checksums are compared after the warm-up and after
 * the last round.
 * @throws Error when they differ.
 */
export async function contest(
  variants: readonly Variant[],
  { rounds, expected }: ContestOptions,
): Promise<readonly Standing[]> {
  const check = async ({ name, trades, digests }: Variant): Promise<void> =>
    requireSame(name, await digests(), expected(trades));
  for (const variant of variants) {
    let seconds = 0;
    for (let run = 0; run < WARM_RUNS && seconds < WARM_SECONDS; run += 1) seconds += (await timed(variant)).seconds;
    await check(variant);
  }
  const runs = variants.map((): TimedRun[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, variant] of variants.entries()) {
      runs[i]!.push(await timed(variant));
      if (round === rounds - 1) await check(variant);
    }
  }
  return variants.map(({ name, trades, note = '' }, i) => {
    const perTrade = runs[i]!.map(({ seconds }) => seconds / trades);
    const cpuPerTrade = runs[i]!.map(({ cpuSeconds }) => cpuSeconds / trades);
    return { name, trades, note, tradesPerSecond: 1 / median(perTrade), perTrade, cpuPerTrade };
  });
}

/**
 * Nothing is collected by force in between: that gives the pages of the heap back, and what allocates its result pays for
 * them anew in every run, by half its time.
 */
async function timed({ prepare, run }: Variant): Promise<TimedRun> {
  prepare?.();
  const cpuStart = process.cpuUsage();
  const start = performance.now();
  const result = await run();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuStart);
  return isTimedRun(result) ? result : { seconds, cpuSeconds: (user + system) / 1e6 };
}

/** How many times faster `one` was than `other`: the median of the ratios of each round. */
export function timesFaster(one: Standing, other: Standing): number {
  return medianRatio(other.perTrade, one.perTrade);
}

/** The same by processor time, of all threads: what a machine with other work to do sees. */
export function timesFasterByCpu(one: Standing, other: Standing): number {
  return medianRatio(other.cpuPerTrade, one.cpuPerTrade);
}

function medianRatio(above: readonly number[], below: readonly number[]): number {
  return median(above.map((value, round) => value / below[round]!));
}

/** The middle of the values; of an even number the upper one of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function isTimedRun(result: unknown): result is TimedRun {
  return typeof result === 'object' && result !== null && 'seconds' in result;
}
