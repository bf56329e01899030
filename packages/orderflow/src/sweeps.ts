/** Sweeps: one aggressor takes several price levels in a row within a short time. */
import type { TradeColumns } from './columns.ts';
import { addExact, exactFromJson, exactToJson, multiplyExact } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { Side, TickTrade } from './market.ts';
import { requireBetween, requireSide, requireTrade, requireWhole, printOf } from './internal/shared/checks.ts';
import { ratioOf } from './internal/numbers/ratio.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { eventsOf } from './internal/shared/column-rows.ts';
import {
  count,
  counts,
  exact,
  exactCount,
  fields,
  finite,
  listOf,
  oneOf,
  orNull,
  tupleOf,
  where,
  whole,
} from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

/** Options of {@link createSweepDetector}. */
export interface SweepOptions {
  /**
   * Fewest distinct prices that the aggressor must take.
   * @defaultValue 3
   */
  readonly minLevels?: number;
  /**
   * Longest time from the first to the last print, in milliseconds.
   * @defaultValue 100
   */
  readonly withinMs?: number;
}

/** What {@link createSweepDetector} uses where an option is left out. */
export const sweepDefaults: Required<SweepOptions> = { minLevels: 3, withinMs: 100 };

/** One sweep. */
export interface Sweep {
  /** The aggressor. */
  readonly side: Side;
  /** Time of the first and of the last print, epoch milliseconds UTC. */
  readonly startMs: number;
  readonly endMs: number;
  /** Price of the first and of the last print, in ticks: rising for a buy, falling for a sell. */
  readonly fromTicks: number;
  readonly toTicks: number;
  /** Distinct prices that were printed. Prices in between at which nothing rested are no levels. */
  readonly levels: number;
  /** Size taken, in lots. */
  readonly lots: ExactInt;
  /** Σ ticks × lots. */
  readonly tickLots: ExactInt;
  /** Volume-weighted average price in ticks: `tickLots ÷ lots`. */
  readonly averagePriceTicks: number;
  /** Number of prints. */
  readonly trades: number;
}

/** What became of the prints, since the start. */
export interface SweepCounts {
  /** Prints with a known side and a size. */
  readonly trades: number;
  /** Prints without a known aggressor: they neither belong to a sweep nor break one. */
  readonly unknownTrades: number;
  /** Prints of no size: they take no level and are passed over. */
  readonly zeroTrades: number;
  /** Prints earlier than the one before them: each ends the run, and begins the next one. */
  readonly outOfOrderTrades: number;
  /** Prints at the start of a run that it had to forget, because it held 4,096 of them and was no sweep yet. */
  readonly forgottenTrades: number;
}

/** A running detector. Made by {@link createSweepDetector}. */
export interface SweepDetector {
  /**
   * Takes a print and gives the sweep that ended before it, if one did.
   * @throws {@link OrderflowError} `bad-trade` for a price or size off the grid, a negative size or no time; the state is
   *   as before.
   */
  push(trade: Pick<TickTrade, 'priceTicks' | 'sizeLots' | 'side' | 'timeMs'>): Sweep | undefined;
  /** Ends the open run and gives it when it is a sweep. */
  flush(): Sweep | undefined;
  counts(): SweepCounts;
  /** The state as plain JSON. */
  snapshot(): SweepSnapshot;
}

type Row = readonly [timeMs: number, priceTicks: number, sizeLots: number];

interface OpenSweep {
  startMs: number;
  endMs: number;
  fromTicks: number;
  toTicks: number;
  levels: number;
  lots: ExactInt;
  tickLots: ExactInt;
  trades: number;
}

/** The state of a {@link SweepDetector}. */
export interface SweepSnapshot {
  readonly v: 1;
  readonly kind: 'sweeps';
  readonly options: Required<SweepOptions>;
  readonly side: Side | null;
  /** Prints of a run that is no sweep yet: `[timeMs, priceTicks, sizeLots]`. */
  readonly run: readonly Row[];
  readonly open: (Omit<OpenSweep, 'lots' | 'tickLots'> & Record<'lots' | 'tickLots', ExactIntJson>) | null;
  readonly counts: SweepCounts;
}

/** Most prints of a run that are held before it is a sweep. */
const MAX_RUN = 4096;

/**
 * A detector of sweeps: at least `minLevels` distinct prices, within `withinMs` from the first print to the last, by
 * prints of one side whose price never gets better for the aggressor (never falls for a buy, never rises for a sell).
 *
 * A sweep ends with a print of the other side, a better price, the first print beyond `withinMs`, a time that goes back,
 * or a flush, and is given then, once. Every print belongs to one sweep at most. A run that is too slow loses its first
 * prints, not its last ones: whenever some consecutive prints are a sweep, a sweep with some of them is given. Prints
 * without a known aggressor and prints of no size are passed over. Memory: at most 4,096 prints of a run that is no
 * sweep yet, then sums.
 *
 * @example
 * ```ts
 * const sweeps = createSweepDetector({ minLevels: 3, withinMs: 50 });
 * sweeps.push({ priceTicks: 100, sizeLots: 5, side: 'buy', timeMs: 0 });
 * sweeps.push({ priceTicks: 101, sizeLots: 3, side: 'buy', timeMs: 0 });
 * sweeps.push({ priceTicks: 103, sizeLots: 2, side: 'buy', timeMs: 20 });
 * const sweep = sweeps.push({ priceTicks: 102, sizeLots: 1, side: 'sell', timeMs: 30 });
 * [sweep?.levels, sweep?.fromTicks, sweep?.toTicks, sweep?.lots]; // => [3, 100, 103, 10]
 * sweep?.averagePriceTicks; // => 100.9
 * ```
 * @throws {@link OrderflowError} `bad-option` when `minLevels` is not a whole number from 2 on or `withinMs` is negative.
 */
export function createSweepDetector(options: SweepOptions = {}): SweepDetector {
  return startSweeps(optionsOf(options), undefined);
}

const shape = where(
  fields({
    side: oneOf('buy', 'sell', null),
    run: listOf(tupleOf(finite, whole, count)),
    open: orNull(
      fields({
        startMs: finite,
        endMs: finite,
        fromTicks: whole,
        toTicks: whole,
        levels: count,
        lots: exactCount,
        tickLots: exact,
        trades: count,
      }),
    ),
    counts,
  }),
  ({ side, run, open }: SweepSnapshot) => side !== null || (run.length === 0 && open === null),
);

/**
 * The detector that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreSweepDetector(snapshot: SweepSnapshot, options?: SweepOptions): SweepDetector {
  return restored(snapshot, 'sweeps', shape, () => {
    if (options) requireSameOptions('sweeps', snapshot.options, optionsOf(options));
    return startSweeps(storedOptions(optionsOf, snapshot.options), snapshot);
  });
}

/**
 * The sweeps of columns: what `push` and at last `flush` give, one after the other.
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function sweepsOfColumns(columns: TradeColumns, options: SweepOptions = {}): Sweep[] {
  return eventsOf(createSweepDetector(options), columns);
}

function optionsOf({
  minLevels = sweepDefaults.minLevels,
  withinMs = sweepDefaults.withinMs,
}: SweepOptions): Required<SweepOptions> {
  requireWhole('minLevels', minLevels, 2);
  requireBetween('withinMs', withinMs, 0);
  return { minLevels, withinMs: withinMs + 0 };
}

function startSweeps(options: Required<SweepOptions>, from: SweepSnapshot | undefined): SweepDetector {
  const { minLevels, withinMs } = options;
  let side = from?.side ?? undefined;
  /** Prints of the run while it is no sweep; from `first` on. */
  let run: Row[] = from ? from.run.map(([timeMs, ticks, lots]) => [timeMs, ticks, lots]) : [];
  let first = 0;
  /** Distinct prices of `run`. */
  let levels = run.filter(([, ticks], i) => i === 0 || ticks !== run[i - 1]![1]).length;
  let open: OpenSweep | undefined = from?.open
    ? { ...from.open, lots: exactFromJson(from.open.lots), tickLots: exactFromJson(from.open.tickLots) }
    : undefined;
  let { trades, unknownTrades, zeroTrades, outOfOrderTrades, forgottenTrades } = from?.counts ?? {
    trades: 0,
    unknownTrades: 0,
    zeroTrades: 0,
    outOfOrderTrades: 0,
    forgottenTrades: 0,
  };

  const end = (): Sweep | undefined => {
    const ended = open && {
      side: side!,
      ...open,
      averagePriceTicks: ratioOf(open.tickLots, open.lots)!,
    };
    open = undefined;
    side = undefined;
    run = [];
    first = levels = 0;
    return ended;
  };
  const forgetFirst = (): void => {
    const next = run[first + 1];
    if (!next || next[1] !== run[first]![1]) levels -= 1;
    first += 1;
    if (first * 2 > run.length) {
      run = run.slice(first);
      first = 0;
    }
  };
  const addToOpen = (sweep: OpenSweep, [timeMs, ticks, lots]: Row): void => {
    if (ticks !== sweep.toTicks) sweep.levels += 1;
    sweep.endMs = timeMs;
    sweep.toTicks = ticks;
    sweep.lots = addExact(sweep.lots, lots);
    sweep.tickLots = addExact(sweep.tickLots, multiplyExact(ticks, lots));
    sweep.trades += 1;
  };
  const takeIntoRun = (row: Row): void => {
    if (run.length === first || run[run.length - 1]![1] !== row[1]) levels += 1;
    run.push(row);
    while (row[0] - run[first]![0] > withinMs) forgetFirst();
    if (levels < minLevels) {
      if (run.length - first <= MAX_RUN) return;
      forgetFirst();
      forgottenTrades += 1;
      return;
    }
    const [startMs, fromTicks] = run[first]!;
    open = { startMs, endMs: startMs, fromTicks, toTicks: fromTicks, levels: 1, lots: 0, tickLots: 0, trades: 0 };
    for (const held of run.slice(first)) addToOpen(open, held);
    run = [];
    first = levels = 0;
  };

  return {
    push(trade) {
      const { priceTicks, sizeLots, side: aggressor, timeMs } = printOf(trade);
      requireTrade({ priceTicks, sizeLots, timeMs });
      requireSide(aggressor);
      if (sizeLots === 0 || (aggressor !== 'buy' && aggressor !== 'sell')) {
        if (sizeLots === 0) zeroTrades += 1;
        else unknownTrades += 1;
        // It is passed over, but it may say that the time of an open sweep is up.
        return open && timeMs - open.startMs > withinMs ? end() : undefined;
      }
      trades += 1;
      const row: Row = [timeMs + 0, priceTicks + 0, sizeLots];
      const [lastMs, lastTicks] = open ? [open.endMs, open.toTicks] : (run[run.length - 1] ?? []);
      let ended: Sweep | undefined;
      if (lastMs !== undefined && lastTicks !== undefined) {
        const back = timeMs < lastMs;
        if (back) outOfOrderTrades += 1;
        const better = aggressor === 'buy' ? priceTicks < lastTicks : priceTicks > lastTicks;
        const timedOut = open !== undefined && timeMs - open.startMs > withinMs;
        if (back || better || timedOut || aggressor !== side) ended = end();
      }
      side = aggressor;
      if (open) addToOpen(open, row);
      else takeIntoRun(row);
      return ended;
    },
    flush: end,
    counts: () => ({ trades, unknownTrades, zeroTrades, outOfOrderTrades, forgottenTrades }),
    snapshot: () => ({
      v: 1,
      kind: 'sweeps',
      options: { ...options },
      side: side ?? null,
      run: run.slice(first),
      open: open ? { ...open, lots: exactToJson(open.lots), tickLots: exactToJson(open.tickLots) } : null,
      counts: { trades, unknownTrades, zeroTrades, outOfOrderTrades, forgottenTrades },
    }),
  };
}
