/** Cumulative volume delta: bought minus sold size, exact, over a window or for ever. */
import { OrderflowError } from './errors.ts';
import { addExact, exactFromJson, exactToJson, subtractExact } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { TickTrade } from './market.ts';
import { excerpt } from './internal/excerpt.ts';
import { requireSnapshot } from './internal/snapshot.ts';

/** When a {@link Cvd} starts again from zero. */
export type CvdReset =
  | 'never'
  | {
      /** Length of a window in milliseconds; windows are aligned to the epoch. */
      readonly everyMs: number;
      /** Start of the windows after the epoch, in milliseconds: −25,200,000 for days of UTC+7. Default 0. */
      readonly offsetMs?: number;
    };

/** Options of {@link createCvd}. */
export interface CvdOptions {
  /**
   * When the sum starts again from zero.
   * @defaultValue 'never'
   */
  readonly reset?: CvdReset;
}

/** What {@link createCvd} uses where an option is left out. */
export const cvdDefaults: Required<CvdOptions> = { reset: 'never' };

/** Volume of one window by aggressor, in lots. `buyLots + sellLots + unknownLots` is all volume. */
export interface CvdTotals {
  /** Inclusive start of the window, epoch milliseconds UTC; absent with `reset: 'never'` and before the first trade. */
  readonly windowStartMs?: number;
  /** Bought − sold. */
  readonly cvdLots: ExactInt;
  /** Volume that lifted the ask. */
  readonly buyLots: ExactInt;
  /** Volume that hit the bid. */
  readonly sellLots: ExactInt;
  /** Volume whose aggressor is unknown; no part of the delta. */
  readonly unknownLots: ExactInt;
  /** Number of prints. */
  readonly trades: number;
}

/** A running volume delta. Made by {@link createCvd}. */
export interface Cvd {
  /**
   * Adds a print and gives the delta of its window so far, in lots. A print of an earlier window than the current one
   * is late: it is counted in {@link lateTrades} and leaves the current window alone.
   * @throws {@link OrderflowError} `bad-trade` when `sizeLots` is not a safe integer or `timeMs` is not finite; the state
   *   is as before.
   */
  push(trade: Pick<TickTrade, 'sizeLots' | 'side' | 'timeMs'>): ExactInt;
  /** Ends the current window: gives its totals and starts again from zero. */
  flush(): CvdTotals;
  /** The totals of the current window so far. */
  totals(): CvdTotals;
  /** The delta of the current window so far, in lots. */
  readonly value: ExactInt;
  /** Volume of the current window whose aggressor is unknown, in lots. */
  readonly unknownLots: ExactInt;
  /** Number of prints that came after their window had ended, since the start. */
  readonly lateTrades: number;
  /** The state as plain JSON. */
  snapshot(): CvdSnapshot;
}

/** The state of a {@link Cvd}. */
export interface CvdSnapshot {
  readonly v: 1;
  readonly kind: 'cvd';
  readonly windowStartMs: number | null;
  readonly buyLots: ExactIntJson;
  readonly sellLots: ExactIntJson;
  readonly unknownLots: ExactIntJson;
  readonly trades: number;
  readonly lateTrades: number;
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
 * ```
 * @throws {@link OrderflowError} `bad-option` when `everyMs` is not a positive integer or `offsetMs` not an integer.
 */
export function createCvd(options: CvdOptions = {}): Cvd {
  return startCvd(options, undefined);
}

/**
 * The delta that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module or version, `bad-option` as in {@link createCvd}.
 */
export function restoreCvd(snapshot: CvdSnapshot, options: CvdOptions = {}): Cvd {
  requireSnapshot(snapshot, 'cvd');
  return startCvd(options, snapshot);
}

function startCvd(options: CvdOptions, from: CvdSnapshot | undefined): Cvd {
  const windowStart = windows(options.reset ?? cvdDefaults.reset);
  let start = from?.windowStartMs ?? undefined;
  let buy = exactFromJson(from?.buyLots ?? 0);
  let sell = exactFromJson(from?.sellLots ?? 0);
  let unknown = exactFromJson(from?.unknownLots ?? 0);
  let trades = from?.trades ?? 0;
  let lateTrades = from?.lateTrades ?? 0;

  const clear = (): void => {
    buy = sell = unknown = trades = 0;
  };
  const totals = (): CvdTotals => ({
    ...(start === undefined ? {} : { windowStartMs: start }),
    cvdLots: subtractExact(buy, sell),
    buyLots: buy,
    sellLots: sell,
    unknownLots: unknown,
    trades,
  });

  return {
    push({ sizeLots, side, timeMs }) {
      if (!Number.isSafeInteger(sizeLots)) {
        throw badTrade('sizeLots', sizeLots, 'a whole number of lots. Put decimals on a grid first, with toLots.');
      }
      if (!Number.isFinite(timeMs)) throw badTrade('timeMs', timeMs, 'a time in epoch milliseconds.');
      const window = windowStart?.(timeMs);
      if (window !== undefined && window !== start) {
        if (start !== undefined && window < start) {
          lateTrades += 1;
          return subtractExact(buy, sell);
        }
        start = window;
        clear();
      }
      trades += 1;
      if (side === 'buy') buy = addExact(buy, sizeLots);
      else if (side === 'sell') sell = addExact(sell, sizeLots);
      else unknown = addExact(unknown, sizeLots);
      return subtractExact(buy, sell);
    },
    flush() {
      const ended = totals();
      clear();
      return ended;
    },
    totals,
    get value() {
      return subtractExact(buy, sell);
    },
    get unknownLots() {
      return unknown;
    },
    get lateTrades() {
      return lateTrades;
    },
    snapshot: () => ({
      v: 1,
      kind: 'cvd',
      windowStartMs: start ?? null,
      buyLots: exactToJson(buy),
      sellLots: exactToJson(sell),
      unknownLots: exactToJson(unknown),
      trades,
      lateTrades,
    }),
  };
}

function badTrade(field: 'sizeLots' | 'timeMs', value: number, expected: string): OrderflowError {
  return new OrderflowError('bad-trade', `${field} ${excerpt(value)} of a trade is not ${expected}`, value);
}

function windows(reset: CvdReset): ((timeMs: number) => number) | undefined {
  if (reset === 'never') return undefined;
  const { everyMs, offsetMs = 0 } = reset;
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
  return (timeMs) => Math.floor((timeMs - offsetMs) / everyMs) * everyMs + offsetMs;
}
