import type { JournalEntry } from './journal.ts';
import type { RunConfig } from './run-options.ts';
import type { DeleteLimits } from './run-types.ts';

/** Runs whose deletes are compared with this one's. */
export const historyRuns = 14;

/**
 * Most raw objects that a run may delete: the cap, and unless a plan was approved not more than `medianFactor` times the
 * median of the runs before it.
 */
export function deleteBudget(options: {
  readonly maxDeletes: number;
  readonly limits: DeleteLimits;
  readonly history: readonly number[];
  /** Somebody has seen this very run. */
  readonly approved: boolean;
}): number {
  const { maxDeletes, limits, history, approved } = options;
  if (approved || history.length === 0) return maxDeletes;
  return Math.min(maxDeletes, Math.max(limits.floor, Math.floor(limits.medianFactor * median(history))));
}

/** The middle of numbers; of two in the middle the larger, so that two equal days in a row count as usual. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}

/** Why this run needs somebody's consent; empty where a run like it was let through before. */
export function findReasonsToAsk(facts: {
  readonly config: RunConfig;
  readonly last: Pick<JournalEntry, 'config'> | undefined;
  /** The store has data, but no stamp that says whose it is. */
  readonly unstampedData: boolean;
}): { readonly firstRun: readonly string[]; readonly changed: readonly string[] } {
  const { config, last, unstampedData } = facts;
  const firstRun: string[] = [];
  if (unstampedData) {
    firstRun.push(
      `The store holds data, but no stamp that says that it belongs to env "${config.env}", bucket "${config.bucketId}".`,
    );
  }
  if (last === undefined) {
    firstRun.push('No run before this one changed anything here, so there is nothing to compare it with.');
    return { firstRun, changed: [] };
  }
  const before = last.config as unknown as Readonly<Record<string, unknown>>;
  const changed = Object.entries(config)
    .filter(([name, value]) => before[name] !== value)
    .map(([name, value]) => `${name} was ${JSON.stringify(before[name])}, is ${JSON.stringify(value)}`);
  return {
    firstRun,
    changed: changed.length === 0 ? [] : [`The configuration changed since the last run: ${changed.join('; ')}.`],
  };
}
