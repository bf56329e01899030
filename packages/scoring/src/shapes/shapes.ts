/** Chart shapes in closing prices, found by dynamic time warping, each when its last bar has closed. */
import { ScoringError } from '../errors.ts';
import { checkValue, isUsable } from '../internal/checks.ts';
import { withDefaults } from '../internal/options.ts';
import { checkSnapshot } from '../internal/snapshots.ts';
import { createMatcher, sampleAll } from './matcher.ts';
import type { ShapesOptions } from './options.ts';
import { checkShapes, shapesDefaults } from './options.ts';
import { stretch } from './templates.ts';

/** A shape that was found. */
export interface ShapeMatch {
  readonly name: string;
  readonly side: 'bear' | 'bull';
  /** First bar of the window, counted from 0. */
  readonly from: number;
  /** Last bar of the window, whose close made it known. */
  readonly confirmedAt: number;
  /** Path-normalised cost: mean distance along the path, as a share of the window's height. */
  readonly cost: number;
}

/** A streaming search. Made by {@link createShapes}. */
export interface Shapes {
  /**
   * Takes the next close and gives the shapes that end with it, the best window of each; a shape is not told again before
   * half of its window has passed.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(close: number): readonly ShapeMatch[];
  /**
   * Puts another close in the place of the last one; what the last push or replacement gave is void.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(close: number): readonly ShapeMatch[];
  /** The state as plain JSON; {@link restoreShapes} carries on from it. */
  snapshot(): ShapesSnapshot;
}

/** State of a streaming search, version 1. Memory: the longest window. Templates are not in it. */
export interface ShapesSnapshot {
  readonly v: 1;
  readonly indicator: 'shapes';
  readonly count: number;
  readonly longest: number;
  /** The latest closes, oldest first. */
  readonly closes: readonly number[];
  /** Bar until which a shape is not told again, by name. */
  readonly quietUntil: Readonly<Record<string, number>>;
  /** Before the last bar, for `replaceLast`. */
  readonly previous: Readonly<Record<string, number>>;
}

/**
 * All shapes of a series, in the order in which they became known.
 *
 * @example
 * ```ts
 * const vee = [9, 8, 7, 6, 5, 4, 5, 6, 7, 6, 5, 4, 5, 6, 7, 8, 9];
 * shapes(vee, { lengths: [17] }).map(({ name, from, confirmedAt }) => [name, from, confirmedAt]); // => [['double-bottom', 0, 16]]
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of a close that is not finite.
 */
export function shapes(closes: ArrayLike<number>, options: ShapesOptions = {}): ShapeMatch[] {
  const stream = createShapes(options);
  return Array.from(closes).flatMap((close) => stream.push(close));
}

/**
 * A streaming search; {@link shapes} close by close.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createShapes(options: ShapesOptions = {}): Shapes {
  return start(checkShapes(withDefaults(shapesDefaults, options)), 0, [], {}, {});
}

/**
 * A streaming search that carries on from a snapshot, with the options that it was made with.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreShapes(snapshot: ShapesSnapshot, options: ShapesOptions = {}): Shapes {
  const checked = checkShapes(withDefaults(shapesDefaults, options));
  const longest = checked.lengths.at(-1)!;
  checkSnapshot(snapshot, 'shapes', ['longest'], { longest });
  const { count, closes, quietUntil, previous } = snapshot;
  const names = new Set(checked.templates.map(({ name }) => name));
  const isSound =
    Number.isSafeInteger(count) &&
    count >= 0 &&
    Array.isArray(closes) &&
    closes.length === Math.min(count, longest) &&
    [...(closes as readonly unknown[])].every((close) => typeof close === 'number' && isUsable(close)) &&
    [quietUntil, previous].every(
      (values: unknown) =>
        typeof values === 'object' &&
        values !== null &&
        !Array.isArray(values) &&
        Object.entries(values).every(([name, until]) => names.has(name) && isBar(until) && until < count + longest),
    );
  if (isSound) return start(checked, count, closes, quietUntil, previous);
  throw new ScoringError(
    'bad-snapshot',
    `snapshot of "shapes" has closes or bars that no snapshot of "${String(count)}" closes has. ` +
      'Pass the snapshot as it was taken.',
    snapshot,
  );
}

function isBar(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

type Quiet = Readonly<Record<string, number>>;

function start(
  options: Required<ShapesOptions>,
  initialCount: number,
  initialCloses: readonly number[],
  initialQuiet: Quiet,
  initialPrevious: Quiet,
): Shapes {
  const { lengths, maxCost, leastHeight, templates } = options;
  const sampled = sampleAll(options);
  const longest = lengths.at(-1)!;
  const matchers = lengths.map((length) => createMatcher(length, Math.floor(options.bandShare * length)));
  // By template: numbers in arrays, because every window of every bar asks for them.
  const inOrder = (byName: Quiet): Float64Array => Float64Array.from(templates, ({ name }) => byName[name] ?? -1);
  const quiet = inOrder(initialQuiet);
  const previous = inOrder(initialPrevious);
  const best = new Float64Array(templates.length);
  const bestLength = new Uint16Array(templates.length);
  const closes = [...initialCloses];
  let count = initialCount;

  const read = (): readonly ShapeMatch[] => {
    const at = count - 1;
    quiet.set(previous);
    best.fill(maxCost);
    bestLength.fill(0);
    let isFound = false;
    for (let l = 0; l < lengths.length; l++) {
      const length = lengths[l]!;
      if (closes.length < length) break;
      const matcher = matchers[l]!;
      if (!fill(matcher.window, closes, leastHeight)) continue;
      matcher.begin();
      const shapesOfLength = sampled[l]!;
      for (let k = 0; k < templates.length; k++) {
        if (quiet[k]! >= at) continue;
        const cost = matcher.costOf(shapesOfLength[k]!, best[k]!);
        // Of two windows that fit alike the shorter one stays.
        if (cost === undefined || (bestLength[k]! > 0 && cost >= best[k]!)) continue;
        best[k] = cost;
        bestLength[k] = length;
        isFound = true;
      }
    }
    if (!isFound) return nothing;
    const matches: ShapeMatch[] = [];
    templates.forEach(({ name, side }, k) => {
      const length = bestLength[k]!;
      if (length === 0) return;
      matches.push({ name, side, from: at - length + 1, confirmedAt: at, cost: best[k]! });
      quiet[k] = at + Math.floor(length / 2);
    });
    return matches;
  };
  const byName = (values: Float64Array): Quiet =>
    Object.fromEntries(templates.flatMap(({ name }, k) => (values[k]! >= 0 ? [[name, values[k]!]] : [])));
  return {
    push(close) {
      checkValue(close, count);
      previous.set(quiet);
      closes.push(close + 0);
      if (closes.length > longest) closes.shift();
      count += 1;
      return read();
    },
    replaceLast(close) {
      if (count === 0) {
        throw new ScoringError('no-open-bar', 'replaceLast was called before the first push. Push the open bar first.');
      }
      checkValue(close, count - 1);
      closes[closes.length - 1] = close + 0;
      return read();
    },
    snapshot: () => ({
      ...{ v: 1, indicator: 'shapes', count, longest, closes: [...closes] },
      ...{ quietUntil: byName(quiet), previous: byName(previous) },
    }),
  };
}

const nothing: readonly ShapeMatch[] = [];

/** The latest closes, stretched to 0…1; false for a window too flat to have a shape. */
function fill(window: Float64Array, closes: readonly number[], leastHeight: number): boolean {
  const { length } = window;
  const first = closes.length - length;
  let way = 0;
  for (let i = 0; i < length; i++) {
    window[i] = closes[first + i]!;
    if (i > 0) way += Math.abs(window[i]! - window[i - 1]!);
  }
  return stretch(window) * (length - 1) > leastHeight * way;
}
