/** Prints that a bar remembers, so that they can be cancelled and corrected. */
import type { Column } from './ladder.ts';

/** One print as it is remembered for corrections. */
export interface Print {
  readonly timeMs: number;
  readonly ticks: number;
  readonly column: Column;
  readonly lots: number;
  readonly id?: number | string;
  /** In the bar in which it arrived, not in that of its time. */
  readonly isMoved: boolean;
  /** Came when the bar of its time was closed. */
  readonly isLate: boolean;
}

/** The print to remember; prices never −0. */
export function printOf(
  timeMs: number,
  ticks: number,
  lots: number,
  column: Column,
  id: number | string | undefined,
  arrival: 'on-time' | 'late' | 'moved',
): Print {
  const [isLate, isMoved] = [arrival !== 'on-time', arrival === 'moved'];
  return { timeMs, ticks: ticks + 0, column, lots, ...(id === undefined ? {} : { id }), isLate, isMoved };
}

/** `[timeMs, ticks, column, lots, id, 0 on time | 1 late | 2 moved]`. */
export type PrintJson = readonly [number, number, Column, number, number | string | null, 0 | 1 | 2];

export function printToJson({ timeMs, ticks, column, lots, id, isLate, isMoved }: Print): PrintJson {
  return [timeMs, ticks, column, lots, id ?? null, isMoved ? 2 : isLate ? 1 : 0];
}

export function printFromJson([timeMs, ticks, column, lots, id, late]: PrintJson): Print {
  return { timeMs, ticks, column, lots, ...(id === null ? {} : { id }), isLate: late > 0, isMoved: late === 2 };
}
