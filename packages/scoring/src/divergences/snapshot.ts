import { ScoringError } from '../errors.ts';
import { isUsable } from '../internal/checks.ts';
import { excerpt } from '../internal/excerpt.ts';
import type { DivergencePoint, Pivot } from './pivots.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The bars of a snapshot; throws `bad-snapshot` unless they are as many and as sound as it says. */
export function readPoints(snapshot: {
  count: unknown;
  points: unknown;
  leftBars: number;
  rightBars: number;
}): DivergencePoint[] {
  const { count, points, leftBars, rightBars } = snapshot;
  const isSound =
    Number.isSafeInteger(count) &&
    (count as number) >= 0 &&
    Array.isArray(points) &&
    points.length === Math.min(count as number, leftBars + rightBars + 2) &&
    [...(points as unknown[])]
      .map(fieldsOf)
      .every(
        ({ high, low, line }) =>
          [high, low, line ?? 0].every((value) => typeof value === 'number' && isUsable(value)) &&
          (high as number) >= (low as number),
      );
  if (!isSound) throw bad('points', `${Array.isArray(points) ? points.length : String(points)} of ${String(count)}`);
  return (points as { high: number; low: number; line: number | null }[]).map(({ high, low, line }) => ({
    ...{ high, low, line: line ?? undefined },
  }));
}

/** A pivot of a snapshot; throws `bad-snapshot` unless it is one or `null`. */
export function readPivot(
  snapshot: { count: number; rightBars: number },
  when: 'previous' | 'state',
  side: 'high' | 'low',
): Pivot | null {
  const value = fieldsOf(fieldsOf(snapshot)[when])[side];
  if (value === null) return null;
  const { at, price, line } = fieldsOf(value);
  const isBar = Number.isSafeInteger(at) && (at as number) >= 0 && (at as number) < snapshot.count - snapshot.rightBars;
  if (!isBar || ![price, line].every((number) => typeof number === 'number' && isUsable(number))) {
    throw bad(`${when}.${side}`, excerpt(value));
  }
  return { at, price, line } as Pivot;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function bad(what: string, value: string): ScoringError {
  return new ScoringError(
    'bad-snapshot',
    `snapshot of "divergences" has "${value}" for ${what}, which no snapshot has. Pass the snapshot as it was taken.`,
    value,
  );
}
