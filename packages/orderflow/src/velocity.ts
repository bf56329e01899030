/** Velocity of the tape: prints and lots per second, and bursts of them. */
import { sideCode } from './columns.ts';
import type { TradeColumns } from './columns.ts';
import { addExact, exactFromJson, exactToJson, subtractExact } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { TickTrade } from './market.ts';
import { requireBetween, requireSide, requireTrade, requireWhole, printOf } from './internal/shared/checks.ts';
import { createPrintQueue, printRowsShape } from './internal/tape/print-queue.ts';
import type { PrintRow } from './internal/tape/print-queue.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { stepsOf } from './internal/shared/column-rows.ts';
import { count, counts, exactCount, fields, finite, orNull } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';
import { createWindowBaseline, windowBaselineShape } from './internal/tape/window-baseline.ts';
import type { WindowBaselineJson } from './internal/tape/window-baseline.ts';

export type { PrintRow } from './internal/tape/print-queue.ts';
export type { WindowBaselineJson } from './internal/tape/window-baseline.ts';

/** Options of {@link createVelocity}. */
export interface VelocityOptions {
  /**
   * Length of the sliding window, and of each window of the baseline, in milliseconds.
   * @defaultValue 3000
   */
  readonly windowMs?: number;
  /**
   * Number of past windows that the z-scores are taken against.
   * @defaultValue 100
   */
  readonly baselineWindows?: number;
  /**
   * Fewest past windows before there is a z-score.
   * @defaultValue 20
   */
  readonly warmUpWindows?: number;
  /**
   * Fewest prints in the window of a burst.
   * @defaultValue 15
   */
  readonly minTrades?: number;
  /**
   * A burst needs a z-score of prints above this.
   * @defaultValue 2.5
   */
  readonly zMin?: number;
  /**
   * Most prints that the window holds; beyond, the oldest leaves early and is counted.
   * @defaultValue 100000
   */
  readonly maxTrades?: number;
}

/** What {@link createVelocity} uses where an option is left out: a burst is 15 prints in 3 s with z above 2.5. */
export const velocityDefaults: Required<VelocityOptions> = {
  windowMs: 3000,
  baselineWindows: 100,
  warmUpWindows: 20,
  minTrades: 15,
  zMin: 2.5,
  maxTrades: 100_000,
};

/** One burst. */
export interface Burst {
  /** Time of the oldest print of the window in which the burst was found, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Time of the print that it was found with. */
  readonly detectedMs: number;
  /** Time of the last print with which it still was one. */
  readonly endMs: number;
  /** Time of the print with which the window held most prints; the first of several. */
  readonly peakMs: number;
  /** Prints in the window at the peak. */
  readonly peakTrades: number;
  /** Prints per second at the peak. */
  readonly peakTradesPerSecond: number;
  /** z-score of the prints at the peak. */
  readonly peakZ: number;
  /** Prints from start to end. */
  readonly trades: number;
  /** Volume from start to end, in lots. */
  readonly lots: ExactInt;
}

/** The velocity with a print. */
export interface VelocityStep {
  /** Prints in the window. */
  readonly trades: number;
  /** Volume in the window, in lots. */
  readonly lots: ExactInt;
  readonly tradesPerSecond: number;
  readonly lotsPerSecond: number;
  /** Standard deviations above the mean of the past windows; `undefined` in warm-up and where those are all equal. */
  readonly tradesZ: number | undefined;
  readonly lotsZ: number | undefined;
  /** Whether there is a burst with this print. */
  readonly bursting: boolean;
  /** The burst that had ended before this print, where one had. */
  readonly burst?: Burst;
}

/** What became of the prints, since the start. */
export interface VelocityCounts {
  /** Prints taken in. */
  readonly trades: number;
  /** Prints that came after the window had passed them; left out. */
  readonly lateTrades: number;
  /** Prints earlier than one before them, but inside the window; taken in, in their place. */
  readonly reorderedTrades: number;
  /** Prints that left the window before their time, because it held `maxTrades`. */
  readonly overflowedTrades: number;
  /** Prints of no size; left out, as nothing was traded. */
  readonly zeroTrades: number;
}

/** A running velocity. Made by {@link createVelocity}. */
export interface Velocity {
  /**
   * Takes a print and gives the velocity with it. A print that is late or of no size is counted and changes nothing.
   * @throws {@link OrderflowError} `bad-trade` for a size off the grid, a negative size or no time; the state is as before.
   */
  push(trade: Pick<TickTrade, 'sizeLots' | 'side' | 'timeMs'>): VelocityStep;
  /** Ends the open burst and gives it. The window and the baseline go on. */
  flush(): Burst | undefined;
  counts(): VelocityCounts;
  /** The state as plain JSON. */
  snapshot(): VelocitySnapshot;
}

type OpenBurst = Omit<Burst, 'peakTradesPerSecond'>;
type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** The state of a {@link Velocity}. */
export interface VelocitySnapshot {
  readonly v: 1;
  readonly kind: 'velocity';
  readonly options: Required<VelocityOptions>;
  readonly latestMs: number | null;
  /** Prints of the window, oldest first; their prices are not kept. */
  readonly prints: readonly PrintRow[];
  readonly baseline: WindowBaselineJson;
  readonly burst: (Omit<OpenBurst, 'lots'> & { readonly lots: ExactIntJson }) | null;
  readonly counts: VelocityCounts;
}

/**
 * The velocity over the prints of `(latest − windowMs, latest]`, by the times on the tape alone.
 *
 * The z-score is `(n − mean) ÷ deviation` against the number of prints of past windows of the same length, aligned to
 * the epoch, that end before the sliding window starts (sample deviation, n − 1). Windows without a print count as 0;
 * the first one, which was not seen whole, does not count; and a silence longer than the whole baseline starts it anew.
 *
 * A burst is the time over which the window holds at least `minTrades` prints with a z-score above `zMin`. It is given
 * when a print finds it over, once. A push takes constant time on average, and at most one step for each past window
 * that goes by. Memory: `maxTrades` prints and `baselineWindows` windows.
 *
 * @example
 * ```ts
 * const velocity = createVelocity({ windowMs: 1000 });
 * velocity.push({ sizeLots: 5, side: 'buy', timeMs: 0 });
 * const { tradesPerSecond, lotsPerSecond, tradesZ } = velocity.push({ sizeLots: 3, side: 'sell', timeMs: 999 });
 * [tradesPerSecond, lotsPerSecond, tradesZ]; // => [2, 8, undefined]
 * velocity.push({ sizeLots: 1, side: 'buy', timeMs: 1000 }).lotsPerSecond; // => 4
 * ```
 * @throws {@link OrderflowError} `bad-option` when a number is outside its domain.
 */
export function createVelocity(options: VelocityOptions = {}): Velocity {
  return startVelocity(optionsOf(options), undefined);
}

const shape = fields({
  latestMs: orNull(finite),
  prints: printRowsShape,
  baseline: windowBaselineShape,
  burst: orNull(
    fields({
      startMs: finite,
      detectedMs: finite,
      endMs: finite,
      peakMs: finite,
      peakTrades: count,
      peakZ: finite,
      trades: count,
      lots: exactCount,
    }),
  ),
  counts,
});

/**
 * The velocity that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreVelocity(snapshot: VelocitySnapshot, options?: VelocityOptions): Velocity {
  return restored(snapshot, 'velocity', shape, () => {
    if (options) requireSameOptions('velocity', snapshot.options, optionsOf(options));
    return startVelocity(storedOptions(optionsOf, snapshot.options), snapshot);
  });
}

/**
 * {@link createVelocity} over columns: in `values` row by row what `push` gives, in `last` what `flush` gives.
 * `priceTicks` is not read.
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function velocityOfColumns(
  columns: TradeColumns,
  options: VelocityOptions = {},
): { readonly values: VelocityStep[]; readonly last: Burst | undefined } {
  const velocity = createVelocity(options);
  const values = stepsOf(velocity, columns);
  return { values, last: velocity.flush() };
}

function optionsOf(options: VelocityOptions): Required<VelocityOptions> {
  const { windowMs, baselineWindows, warmUpWindows, minTrades, zMin, maxTrades } = { ...velocityDefaults, ...options };
  requireWhole('windowMs', windowMs);
  requireWhole('baselineWindows', baselineWindows, 2);
  requireWhole('warmUpWindows', warmUpWindows, 2);
  requireBetween('warmUpWindows', warmUpWindows, 2, baselineWindows);
  requireWhole('minTrades', minTrades);
  requireBetween('zMin', zMin, 0);
  requireWhole('maxTrades', maxTrades);
  return { windowMs, baselineWindows, warmUpWindows, minTrades, zMin: zMin + 0, maxTrades };
}

function startVelocity(options: Required<VelocityOptions>, from: VelocitySnapshot | undefined): Velocity {
  const { windowMs, baselineWindows, warmUpWindows, minTrades, zMin, maxTrades } = options;
  const queue = createPrintQueue(from?.prints);
  const baseline = createWindowBaseline(
    windowMs,
    baselineWindows,
    [
      ({ trades }) => trades,
      ({ buyLots, sellLots, unknownLots }) => Number(addExact(addExact(buyLots, sellLots), unknownLots)),
    ],
    from?.baseline,
  );
  let latest = from?.latestMs ?? undefined;
  let lots: ExactInt = (from?.prints ?? []).reduce<ExactInt>((sum, row) => addExact(sum, row[2]), 0);
  let burst: Mutable<OpenBurst> | undefined = from?.burst
    ? { ...from.burst, lots: exactFromJson(from.burst.lots) }
    : undefined;
  let { trades, lateTrades, reorderedTrades, overflowedTrades, zeroTrades } = from?.counts ?? {
    trades: 0,
    lateTrades: 0,
    reorderedTrades: 0,
    overflowedTrades: 0,
    zeroTrades: 0,
  };

  const zOf = (series: number, value: number): number | undefined => {
    if (baseline.size < warmUpWindows) return undefined;
    const { mean, deviation } = baseline.moments(series)!;
    return deviation === 0 ? undefined : (value - mean) / deviation;
  };
  const perSecond = (sum: ExactInt): number => (Number(sum) * 1000) / windowMs;
  const step = (ended: Burst | undefined): VelocityStep => ({
    trades: queue.size,
    lots,
    tradesPerSecond: perSecond(queue.size),
    lotsPerSecond: perSecond(lots),
    tradesZ: zOf(0, queue.size),
    lotsZ: zOf(1, Number(lots)),
    bursting: burst !== undefined,
    ...(ended ? { burst: ended } : {}),
  });
  const end = (): Burst | undefined => {
    const ended = burst && { ...burst, peakTradesPerSecond: perSecond(burst.peakTrades) };
    burst = undefined;
    return ended;
  };
  const dropOldest = (): void => {
    lots = subtractExact(lots, queue.shift()[2]);
  };
  /** Opens, carries on or ends the burst, now that the window holds the print. */
  const judge = (timeMs: number, sizeLots: number): Burst | undefined => {
    const z = zOf(0, queue.size);
    if (queue.size < minTrades || z === undefined || !(z > zMin)) return end();
    if (burst) {
      burst.trades += 1;
      burst.lots = addExact(burst.lots, sizeLots);
      burst.startMs = Math.min(burst.startMs, timeMs);
      burst.endMs = latest!;
    } else {
      const startMs = queue.oldestMs();
      burst = {
        startMs,
        detectedMs: latest!,
        endMs: latest!,
        peakMs: latest!,
        peakTrades: 0,
        peakZ: z,
        trades: queue.size,
        lots,
      };
    }
    if (queue.size > burst.peakTrades) {
      burst.peakMs = latest!;
      burst.peakTrades = queue.size;
      burst.peakZ = z;
    }
    return undefined;
  };

  return {
    push(trade) {
      const { sizeLots, side, timeMs } = printOf(trade);
      requireTrade({ priceTicks: 0, sizeLots, timeMs });
      requireSide(side);
      const late = latest !== undefined && latest - timeMs >= windowMs;
      if (sizeLots === 0 || late) {
        if (sizeLots === 0) zeroTrades += 1;
        else lateTrades += 1;
        return step(undefined);
      }
      trades += 1;
      if (latest !== undefined && timeMs < latest) reorderedTrades += 1;
      else latest = timeMs + 0;
      baseline.add(timeMs, sizeLots, sideCode(side));
      queue.insert(timeMs + 0, 0, sizeLots, sideCode(side));
      lots = addExact(lots, sizeLots);
      while (latest - queue.oldestMs() >= windowMs) dropOldest();
      if (queue.size > maxTrades) {
        dropOldest();
        overflowedTrades += 1;
      }
      return step(judge(timeMs + 0, sizeLots));
    },
    flush: end,
    counts: () => ({ trades, lateTrades, reorderedTrades, overflowedTrades, zeroTrades }),
    snapshot: () => ({
      v: 1,
      kind: 'velocity',
      options: { ...options },
      latestMs: latest ?? null,
      prints: queue.rows(),
      baseline: baseline.toJson(),
      burst: burst ? { ...burst, lots: exactToJson(burst.lots) } : null,
      counts: { trades, lateTrades, reorderedTrades, overflowedTrades, zeroTrades },
    }),
  };
}
