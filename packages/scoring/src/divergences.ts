/**
 * Divergences: the price makes a new extreme that another line (RSI, MACD, CVD, OBV) does not confirm.
 *
 * A pivot high is a bar whose high is above those of the `leftBars` before it and not exceeded by the `rightBars` after
 * it; a pivot low is its mirror. A pivot is known when those have closed, and so is the divergence. Appending bars never
 * changes what was said.
 */
import { isUsable } from './internal/checks.ts';
import { withDefaults } from './internal/options.ts';
import { checkSnapshot, fromSnapshot } from './internal/snapshots.ts';
import type { DivergenceOptions } from './divergences/options.ts';
import { checkDivergences, divergenceDefaults, divergenceOptionNames } from './divergences/options.ts';
import type { Divergence, DivergencePoint, Pivot } from './divergences/pivots.ts';
import { comparePivots, isPivotHigh } from './divergences/pivots.ts';
import { readPivot, readPoints } from './divergences/snapshot.ts';
import { ScoringError } from './errors.ts';

export { divergenceDefaults } from './divergences/options.ts';
export type { DivergenceOptions } from './divergences/options.ts';
export type { Divergence, DivergencePoint, Pivot } from './divergences/pivots.ts';
export { divergenceLines, scoreDivergences } from './divergences/score.ts';
export type { DivergenceLines, DivergenceLinesInput, ScoreDivergencesOptions } from './divergences/score.ts';

/** A streaming search. Made by {@link createDivergences}. */
export interface Divergences {
  /**
   * Takes the next bar and gives what its close made known.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(point: DivergencePoint): readonly Divergence[];
  /**
   * Puts another bar in the place of the last one; what the last push or replacement gave is void.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(point: DivergencePoint): readonly Divergence[];
  /** The state as plain JSON; {@link restoreDivergences} carries on from it. */
  snapshot(): DivergencesSnapshot;
}

/** State of a streaming search, version 1. Memory: `leftBars` + `rightBars` + 2 bars. */
export interface DivergencesSnapshot extends Required<DivergenceOptions> {
  readonly v: 1;
  readonly indicator: 'divergences';
  readonly count: number;
  /** The latest bars, oldest first; `null` where the line is unknown. */
  readonly points: readonly { readonly high: number; readonly low: number; readonly line: number | null }[];
  readonly state: DivergencesPivots;
  /** Before the last bar, for `replaceLast`. */
  readonly previous: DivergencesPivots;
}

/** The latest pivots whose line is known. */
export interface DivergencesPivots {
  readonly high: Pivot | null;
  readonly low: Pivot | null;
}

/**
 * All divergences of a price and a line, in the order in which they became known.
 *
 * @example
 * ```ts
 * const highs = [10, 12, 11, 11, 13, 11, 10];
 * const line = [50, 70, 60, 60, 65, 55, 50];
 * const points = highs.map((high, i) => ({ high, low: high - 1, line: line[i] }));
 * const [found] = divergences(points, { leftBars: 1, rightBars: 2 });
 * [found!.side, found!.kind, found!.from, found!.at, found!.confirmedAt]; // => ['bear', 'regular', 1, 4, 6]
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of the bar.
 */
export function divergences(points: readonly DivergencePoint[], options: DivergenceOptions = {}): Divergence[] {
  const stream = createDivergences(options);
  return points.flatMap((point) => stream.push(point));
}

/**
 * A streaming search; {@link divergences} bar by bar.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createDivergences(options: DivergenceOptions = {}): Divergences {
  const none: DivergencesPivots = { high: null, low: null };
  return start(checkDivergences(withDefaults(divergenceDefaults, options)), 0, [], none, none);
}

/**
 * A streaming search that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreDivergences(snapshot: DivergencesSnapshot, options: DivergenceOptions = {}): Divergences {
  checkSnapshot(snapshot, 'divergences', divergenceOptionNames, options);
  const own = Object.fromEntries(divergenceOptionNames.map((name) => [name, snapshot[name]]));
  const checked = fromSnapshot('divergences', () => checkDivergences(own as unknown as Required<DivergenceOptions>));
  const points = readPoints(snapshot);
  const pivots = (when: 'previous' | 'state'): DivergencesPivots => ({
    high: readPivot(snapshot, when, 'high'),
    low: readPivot(snapshot, when, 'low'),
  });
  return start(checked, snapshot.count, points, pivots('state'), pivots('previous'));
}

function start(
  options: Required<DivergenceOptions>,
  initialCount: number,
  initialPoints: readonly DivergencePoint[],
  initialState: DivergencesPivots,
  initialPrevious: DivergencesPivots,
): Divergences {
  const { leftBars, rightBars } = options;
  const span = leftBars + rightBars + 1;
  const points: DivergencePoint[] = [...initialPoints];
  let count = initialCount;
  let state = initialState;
  let previous = initialPrevious;

  const read = (): readonly Divergence[] => {
    state = previous;
    if (points.length < span) return [];
    const first = points.length - span;
    const at = count - 1 - rightBars;
    const { high, low, line } = points[first + leftBars]!;
    if (line === undefined) return [];
    const found: Divergence[] = [];
    if (isPivotHigh(points, first, options, (point) => point.high)) {
      const pivot = { at, price: high, line };
      found.push(...comparePivots('bear', previous.high, pivot, options));
      state = { ...state, high: pivot };
    }
    if (isPivotHigh(points, first, options, (point) => -point.low)) {
      const pivot = { at, price: low, line };
      found.push(...comparePivots('bull', previous.low, pivot, options));
      state = { ...state, low: pivot };
    }
    return found;
  };
  return {
    push(point) {
      const kept = checkPoint(point, count);
      previous = state;
      points.push(kept);
      // One more than a pivot needs, so that the last bar can be replaced.
      if (points.length > span + 1) points.shift();
      count += 1;
      return read();
    },
    replaceLast(point) {
      if (count === 0) {
        throw new ScoringError('no-open-bar', 'replaceLast was called before the first push. Push the open bar first.');
      }
      points[points.length - 1] = checkPoint(point, count - 1);
      return read();
    },
    snapshot: () => ({
      ...{ v: 1, indicator: 'divergences' },
      ...options,
      ...{ count, points: points.map(({ high, low, line }) => ({ high, low, line: line ?? null })) },
      ...{ state, previous },
    }),
  };
}

/** A copy of what is read of the bar. */
function checkPoint({ high, low, line }: DivergencePoint, index: number): DivergencePoint {
  for (const [name, value] of Object.entries({ high, low, line: line ?? 0 })) {
    if (typeof value === 'number' && isUsable(value)) continue;
    throw new ScoringError(
      'bad-value',
      `${name} "${String(value)}" of bar ${index} is not a finite number within ±1e150. ` +
        'Leave out the line where it is unknown, and the bar where its prices are.',
      value,
    );
  }
  if (high >= low) return { high: high + 0, low: low + 0, line: line === undefined ? undefined : line + 0 };
  throw new ScoringError(
    'bad-value',
    `high "${high}" of bar ${index} is not at or above its low "${low}". Leave the bar out, or mend it where it comes from.`,
    high,
  );
}
