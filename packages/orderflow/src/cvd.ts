/** Cumulative volume delta: bought minus sold size, exact; for ever, by window, by session, from an anchor, by size. */
import { rowCount, sideOfCode } from './columns.ts';
import type { TradeColumns } from './columns.ts';
import { addExact, exactFromJson, exactToJson } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { TickTrade } from './market.ts';
import { requireSide, requireTrade, printOf } from './internal/shared/checks.ts';
import { createCvdSums, cvdSumsFields } from './internal/tape/cvd-sums.ts';
import type { CvdSumsJson, CvdTotals } from './internal/tape/cvd-sums.ts';
import { createCvdClock, cvdOptionsJson } from './internal/tape/cvd-window.ts';
import type { CvdOptions, CvdReset } from './internal/tape/cvd-window.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { count, exactCount, fields, finite, orNull } from './internal/shared/shapes.ts';
import { restored } from './internal/shared/snapshot.ts';

export { createCvdBySize, cvdBySizeOfColumns, restoreCvdBySize } from './internal/tape/cvd-by-size.ts';
export type {
  CvdBucketTotals,
  CvdBySize,
  CvdBySizeOptions,
  CvdBySizeSnapshot,
  CvdBySizeStep,
} from './internal/tape/cvd-by-size.ts';
export type { CvdSumsJson, CvdTotals } from './internal/tape/cvd-sums.ts';
export type { CvdOptions, CvdReset } from './internal/tape/cvd-window.ts';

/** What {@link createCvd} uses where an option is left out; there is no anchor unless one is given. */
export const cvdDefaults: { readonly reset: CvdReset } = { reset: 'never' };

/** A running volume delta. Made by {@link createCvd}. */
export interface Cvd {
  /**
   * Adds a print and gives the delta of its window so far, in lots. A print of an earlier window than the current one
   * is late, and one before the anchor or outside every session is outside: both are counted apart and leave the
   * current window alone.
   * @throws {@link OrderflowError} `bad-trade` when `sizeLots` is not a whole, unsigned number or `timeMs` is not
   *   finite; the state is as before.
   */
  push(trade: Pick<TickTrade, 'sizeLots' | 'side' | 'timeMs'>): ExactInt;
  /** Ends the current window: gives its totals and starts again from zero. */
  flush(): CvdTotals;
  /** The totals of the current window so far. */
  totals(): CvdTotals;
  /** The totals of the window that a later print ended last; `undefined` before the first. */
  readonly previous: CvdTotals | undefined;
  /** The delta of the current window so far, in lots. */
  readonly value: ExactInt;
  /** Volume of the current window whose aggressor is unknown, in lots. */
  readonly unknownLots: ExactInt;
  /** Number of prints that came after their window had ended, since the start. */
  readonly lateTrades: number;
  /** Volume of the late prints, in lots. */
  readonly lateLots: ExactInt;
  /** Number of prints before the anchor or outside every session, since the start. */
  readonly outsideTrades: number;
  /** Volume of the outside prints, in lots. */
  readonly outsideLots: ExactInt;
  /** The state as plain JSON. */
  snapshot(): CvdSnapshot;
}

/** The state of a {@link Cvd}. */
export interface CvdSnapshot extends CvdSumsJson {
  readonly v: 1;
  readonly kind: 'cvd';
  readonly windowStartMs: number | null;
  readonly lateTrades: number;
  readonly lateLots: ExactIntJson;
  readonly outsideTrades: number;
  readonly outsideLots: ExactIntJson;
  readonly previous: (CvdSumsJson & { readonly windowStartMs: number }) | null;
  /** The options as data; a function shows as `'sessionStartOf'`. */
  readonly options: object;
}

/**
 * A cumulative volume delta that starts at zero.
 *
 * @example
 * ```ts
 * const cvd = createCvd();
 * cvd.push({ sizeLots: 5, side: 'buy', timeMs: 0 }); // => 5
 * cvd.push({ sizeLots: 8, side: 'sell', timeMs: 1 }); // => -3
 * cvd.push({ sizeLots: 9, side: 'unknown', timeMs: 2 }); // => -3
 *
 * const session = createCvd({ reset: { sessions: [[1000, 2000], [3000, 4000]] } });
 * session.push({ sizeLots: 5, side: 'buy', timeMs: 1999 }); // => 5
 * session.push({ sizeLots: 7, side: 'buy', timeMs: 2000 }); // => 5
 * session.outsideLots; // => 7
 * session.push({ sizeLots: 1, side: 'sell', timeMs: 3000 }); // => -1
 * session.previous?.cvdLots; // => 5
 * ```
 * @throws {@link OrderflowError} `bad-option` when `everyMs` is not a positive integer, `offsetMs` not an integer,
 *   session times do not ascend, or `anchorMs` is not finite.
 */
export function createCvd(options: CvdOptions = {}): Cvd {
  return startCvd(options, undefined);
}

const shape = fields({
  ...cvdSumsFields,
  windowStartMs: orNull(finite),
  lateTrades: count,
  lateLots: exactCount,
  outsideTrades: count,
  outsideLots: exactCount,
  previous: orNull(fields({ ...cvdSumsFields, windowStartMs: finite })),
});

/**
 * The delta that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options, `bad-option` as
 *   in {@link createCvd}.
 */
export function restoreCvd(snapshot: CvdSnapshot, options: CvdOptions = {}): Cvd {
  return restored(snapshot, 'cvd', shape, () => {
    requireSameOptions('cvd', snapshot.options, cvdOptionsJson(options));
    return startCvd(options, snapshot);
  });
}

/**
 * {@link createCvd} over columns: row by row what `push` gives. An array of exact integers, since a typed array would
 * round sums beyond 2^53. `priceTicks` is not read.
 *
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function cvdOfColumns(columns: TradeColumns, options: CvdOptions = {}): ExactInt[] {
  const rows = rowCount(columns);
  const { timeMs, sizeLots, side } = columns;
  const cvd = createCvd(options);
  const values = new Array<ExactInt>(rows);
  for (let i = 0; i < rows; i += 1) {
    values[i] = cvd.push({ timeMs: timeMs[i]!, sizeLots: sizeLots[i]!, side: sideOfCode(side[i]!) });
  }
  return values;
}

function startCvd(options: CvdOptions, from: CvdSnapshot | undefined): Cvd {
  const clock = createCvdClock(options, from?.windowStartMs ?? undefined);
  const stored = cvdOptionsJson(options);
  const sums = createCvdSums(from);
  let before = from?.previous ?? undefined;
  let lateTrades = from?.lateTrades ?? 0;
  let lateLots = exactFromJson(from?.lateLots ?? 0);
  let outsideTrades = from?.outsideTrades ?? 0;
  let outsideLots = exactFromJson(from?.outsideLots ?? 0);

  return {
    push(trade) {
      const { sizeLots, side, timeMs } = printOf(trade);
      requireTrade({ priceTicks: 0, sizeLots, timeMs });
      requireSide(side);
      const startMs = clock.startMs;
      const place = clock.place(timeMs);
      if (place === 'late') {
        lateTrades += 1;
        lateLots = addExact(lateLots, sizeLots);
      } else if (place === 'outside') {
        outsideTrades += 1;
        outsideLots = addExact(outsideLots, sizeLots);
      } else {
        if (place === 'new') {
          if (startMs !== undefined) before = { ...sums.toJson(), windowStartMs: startMs };
          sums.clear();
        }
        sums.add(side, sizeLots);
      }
      return sums.cvdLots;
    },
    flush() {
      const ended = sums.totals(clock.startMs);
      sums.clear();
      return ended;
    },
    totals: () => sums.totals(clock.startMs),
    get previous() {
      return before && createCvdSums(before).totals(before.windowStartMs);
    },
    get value() {
      return sums.cvdLots;
    },
    get unknownLots() {
      return sums.totals(undefined).unknownLots;
    },
    get lateTrades() {
      return lateTrades;
    },
    get lateLots() {
      return lateLots;
    },
    get outsideTrades() {
      return outsideTrades;
    },
    get outsideLots() {
      return outsideLots;
    },
    snapshot: () => ({
      v: 1,
      kind: 'cvd',
      windowStartMs: clock.startMs ?? null,
      ...sums.toJson(),
      lateTrades,
      lateLots: exactToJson(lateLots),
      outsideTrades,
      outsideLots: exactToJson(outsideLots),
      previous: before ? { ...before } : null,
      options: stored,
    }),
  };
}
