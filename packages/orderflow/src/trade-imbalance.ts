/**
 * Trade imbalance: how one-sided the aggressors are, `(buy − sell) ÷ (buy + sell)` by volume, by number and by value of
 * the prints, from −1 (sellers only) to 1 (buyers only). Volume whose aggressor is unknown is told apart.
 */
import { sideCode } from './columns.ts';
import type { TradeColumns } from './columns.ts';
import type { TickTrade } from './market.ts';
import { requireSide, requireTrade, printOf } from './internal/shared/checks.ts';
import { windowStartMs } from './internal/tape/cvd-window.ts';
import {
  addToFlow,
  emptyFlow,
  flowFromJson,
  flowToJson,
  flowTotalsShape,
  isSumOf,
} from './internal/tape/flow-totals.ts';
import type { FlowTotals, FlowTotalsJson } from './internal/tape/flow-totals.ts';
import { createPrintQueue, printRowsShape } from './internal/tape/print-queue.ts';
import type { PrintRow } from './internal/tape/print-queue.ts';
import { balanceExactOf, balanceOf } from './internal/numbers/ratio.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { stepsOf } from './internal/shared/column-rows.ts';
import { counts, fields, finite, orNull, where } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';
import { imbalanceWindow } from './internal/tape/trade-imbalance-options.ts';
import type { TradeImbalanceOptions, TradeImbalanceWindow } from './internal/tape/trade-imbalance-options.ts';

export type { FlowTotals, FlowTotalsJson } from './internal/tape/flow-totals.ts';
export type { PrintRow } from './internal/tape/print-queue.ts';
export { tradeImbalanceDefaults } from './internal/tape/trade-imbalance-options.ts';
export type { TradeImbalanceOptions, TradeImbalanceWindow } from './internal/tape/trade-imbalance-options.ts';

/** The three imbalances, each `undefined` while neither side has anything: that is unknown, not balanced. */
export interface TradeImbalances<T = number> {
  /** By size. */
  readonly byVolume: T | undefined;
  /** By number of prints. */
  readonly byTrades: T | undefined;
  /** By Σ |price| × size. */
  readonly byValue: T | undefined;
}

/** The imbalances of one interval, or of what a rolling window held, with the sums that they are made of. */
export interface TradeImbalanceInterval extends TradeImbalances {
  /** Inclusive start of the interval, epoch milliseconds UTC; absent for a rolling window. */
  readonly startMs?: number;
  readonly totals: FlowTotals;
}

/** What a push gives: the imbalances of the window with this print in it. */
export interface TradeImbalanceStep extends TradeImbalances {
  /** The interval that this print ended, where it began a new one. */
  readonly ended?: TradeImbalanceInterval;
}

/** What became of the prints, since the start. */
export interface TradeImbalanceCounts {
  /** Prints taken in. */
  readonly trades: number;
  /** Prints that came after their window or interval had ended; left out. */
  readonly lateTrades: number;
  /** Prints earlier than one before them, but still inside the window; taken in, in their place. */
  readonly reorderedTrades: number;
  /** Prints that left a window of time before their time, because it held `maxTrades`. */
  readonly overflowedTrades: number;
  /** Prints of no size; left out, as nothing was traded. */
  readonly zeroTrades: number;
}

/** A running trade imbalance. Made by {@link createTradeImbalance}. */
export interface TradeImbalance {
  /**
   * Takes a print and gives the imbalances with it. A print that is late or of no size is counted and changes nothing.
   * @throws {@link OrderflowError} `bad-trade` for a price or size off the grid, a negative size or no time; the state is
   *   as before.
   */
  push(trade: Pick<TickTrade, 'priceTicks' | 'sizeLots' | 'side' | 'timeMs'>): TradeImbalanceStep;
  /** Gives the open interval, or what a rolling window holds, and starts empty; `undefined` when there is nothing. */
  flush(): TradeImbalanceInterval | undefined;
  /** The sums of the window so far. */
  totals(): FlowTotals;
  /** The imbalances of the window so far as decimal strings of 16 significant digits, rounded half to even. */
  exact(): TradeImbalances<string>;
  counts(): TradeImbalanceCounts;
  /** The state as plain JSON. */
  snapshot(): TradeImbalanceSnapshot;
}

/** The state of a {@link TradeImbalance}. */
export interface TradeImbalanceSnapshot {
  readonly v: 1;
  readonly kind: 'trade-imbalance';
  readonly window: TradeImbalanceWindow;
  readonly latestMs: number | null;
  readonly startMs: number | null;
  /** Prints of a rolling window, oldest first. */
  readonly prints: readonly PrintRow[];
  readonly totals: FlowTotalsJson;
  readonly counts: TradeImbalanceCounts;
}

/**
 * A trade imbalance over the last n prints, the last t milliseconds or fixed intervals.
 *
 * Sums are exact: prints are added as integers and taken out again, so a window never drifts. A window of time holds
 * the prints of `(latest − t, latest]`, `latest` being the latest time on the tape. Memory is bounded by `lastTrades`
 * or `maxTrades`; intervals hold sums alone.
 *
 * @example
 * ```ts
 * const imbalance = createTradeImbalance({ window: { lastTrades: 3 } });
 * imbalance.push({ priceTicks: 100, sizeLots: 6, side: 'buy', timeMs: 0 }).byVolume; // => 1
 * imbalance.push({ priceTicks: 99, sizeLots: 2, side: 'sell', timeMs: 1 }).byVolume; // => 0.5
 * imbalance.push({ priceTicks: 99, sizeLots: 9, side: 'unknown', timeMs: 2 }).byVolume; // => 0.5
 * imbalance.push({ priceTicks: 99, sizeLots: 1, side: 'sell', timeMs: 3 }).byVolume; // => -1
 * ```
 * @throws {@link OrderflowError} `bad-option` when a length is no positive whole number.
 */
export function createTradeImbalance(options: TradeImbalanceOptions = {}): TradeImbalance {
  return startTradeImbalance(imbalanceWindow(options.window), undefined);
}

const shape = where(
  fields({
    latestMs: orNull(finite),
    startMs: orNull(finite),
    prints: printRowsShape,
    totals: flowTotalsShape,
    counts,
  }),
  ({ window, prints, totals }: TradeImbalanceSnapshot) => 'everyMs' in window || isSumOf(totals, prints),
);

/**
 * The imbalance that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreTradeImbalance(
  snapshot: TradeImbalanceSnapshot,
  options?: TradeImbalanceOptions,
): TradeImbalance {
  return restored(snapshot, 'trade-imbalance', shape, () => {
    if (options) requireSameOptions('trade-imbalance', snapshot.window, imbalanceWindow(options.window));
    return startTradeImbalance(storedOptions(imbalanceWindow, snapshot.window), snapshot);
  });
}

/**
 * {@link createTradeImbalance} over columns: in `values` row by row what `push` gives, in `last` what `flush` gives.
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function tradeImbalanceOfColumns(
  columns: TradeColumns,
  options: TradeImbalanceOptions = {},
): { readonly values: TradeImbalanceStep[]; readonly last: TradeImbalanceInterval | undefined } {
  const imbalance = createTradeImbalance(options);
  const values = stepsOf(imbalance, columns);
  return { values, last: imbalance.flush() };
}

/** The imbalances of sums. */
function imbalancesOf(flow: FlowTotals): TradeImbalances {
  return {
    byVolume: balanceOf(flow.buyLots, flow.sellLots),
    byTrades: balanceOf(flow.buyTrades, flow.sellTrades),
    byValue: balanceOf(flow.buyTickLots, flow.sellTickLots),
  };
}

function startTradeImbalance(window: TradeImbalanceWindow, from: TradeImbalanceSnapshot | undefined): TradeImbalance {
  const queue = createPrintQueue(from?.prints);
  let flow = from ? flowFromJson(from.totals) : emptyFlow();
  let latest = from?.latestMs ?? undefined;
  let startMs = from?.startMs ?? undefined;
  let { trades, lateTrades, reorderedTrades, overflowedTrades, zeroTrades } = from?.counts ?? {
    trades: 0,
    lateTrades: 0,
    reorderedTrades: 0,
    overflowedTrades: 0,
    zeroTrades: 0,
  };

  const interval = (): TradeImbalanceInterval => ({
    ...(startMs === undefined ? {} : { startMs }),
    ...imbalancesOf(flow),
    totals: flow,
  });
  const held = (): number => flow.buyTrades + flow.sellTrades + flow.unknownTrades;
  const end = (): TradeImbalanceInterval | undefined => {
    const ended = held() > 0 ? interval() : undefined;
    flow = emptyFlow();
    queue.clear();
    return ended;
  };
  const dropOldest = (): void => addToFlow(flow, -1, queue.shift());
  const isLate = (timeMs: number, start: number | undefined): boolean => {
    if (latest === undefined || 'lastTrades' in window) return false;
    return 'lastMs' in window ? latest - timeMs >= window.lastMs : startMs !== undefined && start! < startMs;
  };

  return {
    push(trade) {
      const { priceTicks, sizeLots, side, timeMs } = printOf(trade);
      requireTrade({ priceTicks, sizeLots, timeMs });
      requireSide(side);
      const start = 'everyMs' in window ? windowStartMs(timeMs, window.everyMs, window.offsetMs ?? 0) : undefined;
      if (sizeLots === 0 || isLate(timeMs, start)) {
        if (sizeLots === 0) zeroTrades += 1;
        else lateTrades += 1;
        return imbalancesOf(flow);
      }
      const ended = start !== startMs ? end() : undefined;
      startMs = start;
      trades += 1;
      if (latest !== undefined && timeMs < latest) reorderedTrades += 1;
      else latest = timeMs + 0;
      const row: PrintRow = [timeMs + 0, priceTicks + 0, sizeLots, sideCode(side)];
      addToFlow(flow, 1, row);
      if ('lastTrades' in window) {
        // The order of arrival alone counts, so time stays out of the queue's order.
        queue.insert(0, row[1], row[2], row[3]);
        if (queue.size > window.lastTrades) dropOldest();
      } else if ('lastMs' in window) {
        queue.insert(...row);
        while (latest - queue.oldestMs() >= window.lastMs) dropOldest();
        if (queue.size > window.maxTrades!) {
          dropOldest();
          overflowedTrades += 1;
        }
      }
      return { ...imbalancesOf(flow), ...(ended ? { ended } : {}) };
    },
    flush: end,
    totals: () => ({ ...flow }),
    exact: () => ({
      byVolume: balanceExactOf(flow.buyLots, flow.sellLots),
      byTrades: balanceExactOf(flow.buyTrades, flow.sellTrades),
      byValue: balanceExactOf(flow.buyTickLots, flow.sellTickLots),
    }),
    counts: () => ({ trades, lateTrades, reorderedTrades, overflowedTrades, zeroTrades }),
    snapshot: () => ({
      v: 1,
      kind: 'trade-imbalance',
      window: { ...window },
      latestMs: latest ?? null,
      startMs: startMs ?? null,
      prints: queue.rows(),
      totals: flowToJson(flow),
      counts: { trades, lateTrades, reorderedTrades, overflowedTrades, zeroTrades },
    }),
  };
}
