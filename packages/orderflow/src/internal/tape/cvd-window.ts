/** Which window of a volume delta a print belongs to. Shared by the delta over all sizes and the one by size. */
import { OrderflowError } from '../../errors.ts';
import { badTradeTime, requireBetween, requireObject } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';

/** When a volume delta starts again from zero. */
export type CvdReset =
  | 'never'
  | {
      /** Length of a window in milliseconds; windows are aligned to the epoch. */
      readonly everyMs: number;
      /** Start of the windows after the epoch, in milliseconds: −25,200,000 for days of UTC+7. Default 0. */
      readonly offsetMs?: number;
    }
  | {
      /** Starts of the sessions, ascending, epoch milliseconds UTC; a session lasts until the next one starts. */
      readonly sessionStartsMs: readonly number[];
    }
  | {
      /** Sessions, ascending and apart, epoch milliseconds UTC: start inclusive, end exclusive. */
      readonly sessions: readonly (readonly [startMs: number, endMs: number])[];
    }
  | {
      /**
       * Start of the session that holds a time, or `undefined` where none does; for a venue's calendar. Times of one
       * session must give the same start. A snapshot cannot hold it: pass the same function to restore.
       */
      readonly sessionStartOf: (timeMs: number) => number | undefined;
    };

/** Options of `createCvd`. */
export interface CvdOptions {
  /**
   * When the sum starts again from zero.
   * @defaultValue 'never'
   */
  readonly reset?: CvdReset;
  /**
   * The anchor: prints before this time, epoch milliseconds UTC, are counted apart as outside.
   * @defaultValue undefined (every print counts)
   */
  readonly anchorMs?: number;
}

/** Start of the window that holds a time; `undefined` when no window does. */
type WindowOf = (timeMs: number) => number | undefined;

/** The windows of the options, or `undefined` for one window without an end. */
function cvdWindows(reset: CvdReset): WindowOf | undefined {
  if (reset === 'never') return undefined;
  // Options may come from JSON, so the static type is a claim.
  requireObject('reset', reset, "'never', { everyMs: 86400000 }, { sessions } or { sessionStartsMs }");
  if ('everyMs' in reset) return fixedWindows(reset.everyMs, reset.offsetMs ?? 0);
  if ('sessionStartsMs' in reset) {
    const starts = edgesOf(reset.sessionStartsMs);
    requireAscending('reset.sessionStartsMs', starts);
    return (timeMs) => starts[lastAtMost(starts, timeMs)];
  }
  if ('sessions' in reset) {
    const edges = edgesOf(reset.sessions.flat());
    if (edges.length !== reset.sessions.length * 2) throw badReset('reset.sessions', reset.sessions, 'pairs');
    for (const [startMs, endMs] of reset.sessions) {
      if (!(startMs < endMs)) throw badReset('reset.sessions', [startMs, endMs], 'a start before its end');
    }
    requireAscending('reset.sessions', edges);
    return (timeMs) => {
      // Edges alternate, so a time is inside a session exactly when the last edge at or before it is a start.
      const i = lastAtMost(edges, timeMs);
      return i % 2 === 0 ? edges[i] : undefined;
    };
  }
  const { sessionStartOf } = reset;
  if (typeof sessionStartOf !== 'function') throw badReset('reset', JSON.stringify(reset), 'a known way to reset');
  return (timeMs) => {
    const startMs = sessionStartOf(timeMs);
    if (startMs !== undefined && !Number.isFinite(startMs)) throw badReset('sessionStartOf(time)', startMs, 'a time');
    return startMs === undefined ? undefined : startMs + 0;
  };
}

/** The options as plain data in one order of fields, for a snapshot; a function shows as `'sessionStartOf'`. */
export function cvdOptionsJson({ reset = 'never', anchorMs }: CvdOptions): object {
  let data: unknown = reset;
  if (typeof reset === 'object') {
    if ('everyMs' in reset) data = { everyMs: reset.everyMs, offsetMs: (reset.offsetMs ?? 0) + 0 };
    else data = 'sessionStartOf' in reset ? 'sessionStartOf' : (JSON.parse(JSON.stringify(reset)) as unknown);
  }
  return { reset: data, anchorMs: anchorMs === undefined ? null : anchorMs + 0 };
}

/** What becomes of a print: the current window's, the first of a new one, of an ended one, or of none at all. */
export type CvdPlace = 'current' | 'new' | 'late' | 'outside';

/** Tells the window of each print. */
export interface CvdClock {
  /** Inclusive start of the current window, where windows have one and a print came. */
  readonly startMs: number | undefined;
  /** The place of a print; moves on to its window when that is new. Refuses a bad time before it moves. */
  place(timeMs: number): CvdPlace;
}

/** A clock; `startMs` is that of the snapshot. */
export function createCvdClock({ reset = 'never', anchorMs }: CvdOptions, startMs: number | undefined): CvdClock {
  const windowOf = cvdWindows(reset);
  if (anchorMs !== undefined) requireBetween('anchorMs', anchorMs, -Number.MAX_VALUE);
  let start = startMs;
  return {
    get startMs() {
      return start;
    },
    place(timeMs) {
      if (anchorMs !== undefined && timeMs < anchorMs) return 'outside';
      if (!windowOf) return 'current';
      const window = windowOf(timeMs);
      if (window === undefined) return 'outside';
      if (window === start) return 'current';
      if (start !== undefined && window < start) return 'late';
      start = window;
      return 'new';
    },
  };
}

/** Windows of a fixed length, aligned to the epoch plus `offsetMs`. */
function fixedWindows(everyMs: number, offsetMs: number): WindowOf {
  if (!Number.isSafeInteger(everyMs) || everyMs <= 0) {
    throw new OrderflowError(
      'bad-option',
      `reset.everyMs ${excerpt(everyMs)} is not a positive whole number of milliseconds. Pass 86400000 for a day.`,
      everyMs,
    );
  }
  if (!Number.isSafeInteger(offsetMs)) {
    throw new OrderflowError(
      'bad-option',
      `reset.offsetMs ${excerpt(offsetMs)} is not a whole number of milliseconds. Pass -25200000 for days of UTC+7.`,
      offsetMs,
    );
  }
  return (timeMs) => windowStartMs(timeMs, everyMs, offsetMs);
}

/**
 * Inclusive start of the window of `everyMs` that holds `timeMs`.
 * @throws {@link OrderflowError} `bad-trade` for a time so far out that its window has no finite start.
 */
export function windowStartMs(timeMs: number, everyMs: number, offsetMs: number): number {
  const startMs = Math.floor((timeMs - offsetMs) / everyMs) * everyMs + offsetMs;
  if (Number.isFinite(startMs)) return startMs + 0;
  throw badTradeTime(timeMs);
}

/** A copy that callers cannot change, without −0, which JSON does not know. */
function edgesOf(times: readonly number[]): Float64Array {
  return Float64Array.from(times, (timeMs) => timeMs + 0);
}

/** Index of the last edge that is at most `timeMs`; −1 when there is none. */
function lastAtMost(edges: Float64Array, timeMs: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle]! <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function requireAscending(option: string, edges: Float64Array): void {
  if (edges.length === 0) throw badReset(option, '', 'at least one time');
  for (const [i, edge] of edges.entries()) {
    if (!Number.isFinite(edge)) throw badReset(option, edge, 'a time in epoch milliseconds');
    if (i > 0 && edge < edges[i - 1]!) throw badReset(option, edge, 'in ascending order');
  }
}

function badReset(option: string, value: unknown, expected: string): OrderflowError {
  return new OrderflowError(
    'bad-option',
    `${option} ${excerpt(value)} is not ${expected}. Pass ascending epoch milliseconds, one start (or [start, end)) a session.`,
    value,
  );
}
