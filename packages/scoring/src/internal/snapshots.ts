import { ScoringError } from '../errors.ts';
import type { State, TwoStates } from './open-bar.ts';

/** Sums of usable values stay below this, products and squares of theirs do not. */
const largestState = 1e160;

/** What `make` gives; what it refuses of a snapshot's options or values is refused as `bad-snapshot`. */
export function fromSnapshot<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (cause) {
    if (!(cause instanceof ScoringError) || cause.code === 'bad-snapshot') throw cause;
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of "${name}" has what "${name}" cannot take: ${cause.message} Pass the snapshot as it was taken.`,
      cause,
    );
  }
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Throws `bad-snapshot` unless the snapshot is version 1 of `indicator`, has numeric `options`, and these equal the
 * options that the caller restores with.
 */
export function checkSnapshot(snapshot: unknown, indicator: string, names: readonly string[], options: object): void {
  const fields = isFields(snapshot) ? snapshot : {};
  if (fields['v'] !== 1 || fields['indicator'] !== indicator) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of "${String(fields['indicator'])}" version "${String(fields['v'])}" is not one of "${indicator}" ` +
        "version 1. Pass what that indicator's snapshot() gave.",
      snapshot,
    );
  }
  for (const name of names) {
    const wanted = (options as Fields)[name];
    if (isFiniteNumber(fields[name]) && (wanted === undefined || wanted === fields[name])) continue;
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of "${indicator}" was made with ${name} "${String(fields[name])}", expected "${String(wanted)}". ` +
        'Restore with the options of the snapshot, or start afresh and push the bars again.',
      snapshot,
    );
  }
}

/** The two states of a snapshot; throws `bad-snapshot` unless each has every key of `like` as a finite number. */
export function readStates<S extends State>(snapshot: unknown, like: S): TwoStates<S> {
  const fields = isFields(snapshot) ? snapshot : {};
  return { state: readState(fields['state'], like), previous: readState(fields['previous'], like) };
}

function readState<S extends State>(given: unknown, like: S): S {
  const fields = isFields(given) ? given : {};
  for (const key of Object.keys(like)) {
    const value = fields[key];
    if (key === 'count' ? isCount(value) : isFiniteNumber(value) && Math.abs(value) <= largestState) continue;
    throw new ScoringError(
      'bad-snapshot',
      `snapshot has "${String(value)}" for ${key}, expected a ${key === 'count' ? 'whole' : 'finite'} number. ` +
        'Pass the snapshot as it was taken.',
      fields,
    );
  }
  return Object.fromEntries(Object.keys(like).map((key) => [key, fields[key]])) as S;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isFiniteNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
