/** Large trades: by size, by value, or against the sizes before them. */
import type { TradeColumns } from './columns.ts';
import { addExact, compareExact, exactFromJson, exactToJson, multiplyExact } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { Aggressor, TickTrade } from './market.ts';
import { requireSide, requireTrade, printOf } from './internal/shared/checks.ts';
import { largeTradeOptions } from './internal/tape/large-trade-rule.ts';
import type { LargeTradeOptions } from './internal/tape/large-trade-rule.ts';
import { absExact } from './internal/numbers/ratio.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { createSizeHistory } from './internal/tape/size-history.ts';
import { eventsOf } from './internal/shared/column-rows.ts';
import { count, counts, exactCount, fields, finite, listOf, oneOf, orNull, whole } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

export { largeTradeDefaults, largeTradePresets } from './internal/tape/large-trade-rule.ts';
export type { LargeTradeOptions, LargeTradeRule } from './internal/tape/large-trade-rule.ts';

/** One large trade: a print, or the prints of one order that were put together. */
export interface LargeTrade {
  readonly side: Aggressor;
  /** Venue event time, epoch milliseconds UTC. */
  readonly timeMs: number;
  /** Price of the first and of the last print, in ticks. */
  readonly fromTicks: number;
  readonly toTicks: number;
  /** Size in lots. */
  readonly lots: ExactInt;
  /** Σ |ticks| × lots. */
  readonly tickLots: ExactInt;
  /** Number of prints. */
  readonly trades: number;
  /** What the size was held against, in lots: `minLots`, the quantile, or mean + z × deviation; absent for a value. */
  readonly thresholdLots?: ExactInt;
  /** Standard deviations above the mean of the sizes before; with a `zScore` rule only. */
  readonly z?: number;
}

/** What became of the prints, since the start. */
export interface LargeTradeCounts {
  /** Prints with a size. */
  readonly trades: number;
  /** Prints of no size; left out, as nothing was traded. */
  readonly zeroTrades: number;
  /** Prints earlier than the one before them. They are judged like all others: the order of arrival alone counts. */
  readonly outOfOrderTrades: number;
}

/** A running detector. Made by {@link createLargeTradeDetector}. */
export interface LargeTradeDetector {
  /**
   * Takes a print and gives it when it is large. With `mergeSameTime` it gives the order that this print shows to be
   * complete, when that is large.
   * @throws {@link OrderflowError} `bad-trade` for a price or size off the grid, a negative size or no time; the state is
   *   as before.
   */
  push(trade: Pick<TickTrade, 'priceTicks' | 'sizeLots' | 'side' | 'timeMs'>): LargeTrade | undefined;
  /** Ends the open order and gives it when it is large. */
  flush(): LargeTrade | undefined;
  /** False while the rule looks back at fewer sizes than its warm-up: then nothing is large, because nobody knows. */
  readonly ready: boolean;
  counts(): LargeTradeCounts;
  /** The state as plain JSON. */
  snapshot(): LargeTradeSnapshot;
}

interface Order {
  side: Aggressor;
  timeMs: number;
  fromTicks: number;
  toTicks: number;
  lots: ExactInt;
  tickLots: ExactInt;
  trades: number;
}

/** The state of a {@link LargeTradeDetector}. */
export interface LargeTradeSnapshot {
  readonly v: 1;
  readonly kind: 'large-trades';
  readonly options: Required<LargeTradeOptions>;
  /** Past sizes, oldest first; empty where the rule looks at none. */
  readonly sizes: readonly ExactIntJson[];
  readonly order: (Omit<Order, 'lots' | 'tickLots'> & Record<'lots' | 'tickLots', ExactIntJson>) | null;
  readonly lastMs: number | null;
  readonly counts: LargeTradeCounts;
}

/**
 * A detector of large trades. A `quantile` or `zScore` rule holds a size against the sizes before it only, so it never
 * looks ahead; sizes of all sides are in the history, also those that were large. A history without any spread has no
 * z-score, so nothing is large. Memory: `lastTrades` sizes.
 *
 * @example
 * ```ts
 * const large = createLargeTradeDetector({ rule: { minLots: 100 } });
 * large.push({ priceTicks: 50, sizeLots: 99, side: 'buy', timeMs: 0 }); // => undefined
 * large.push({ priceTicks: 50, sizeLots: 100, side: 'buy', timeMs: 1 })?.tickLots; // => 5000
 * ```
 * @throws {@link OrderflowError} `bad-option` when a number of the rule is outside its domain.
 */
export function createLargeTradeDetector(options: LargeTradeOptions): LargeTradeDetector {
  return startLargeTrades(largeTradeOptions(options), undefined);
}

const shape = fields({
  sizes: listOf(exactCount),
  order: orNull(
    fields({
      side: oneOf('buy', 'sell', 'unknown'),
      timeMs: finite,
      fromTicks: whole,
      toTicks: whole,
      lots: exactCount,
      tickLots: exactCount,
      trades: count,
    }),
  ),
  lastMs: orNull(finite),
  counts,
});

/**
 * The detector that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreLargeTradeDetector(
  snapshot: LargeTradeSnapshot,
  options?: LargeTradeOptions,
): LargeTradeDetector {
  return restored(snapshot, 'large-trades', shape, () => {
    if (options) requireSameOptions('large-trades', snapshot.options, largeTradeOptions(options));
    return startLargeTrades(storedOptions(largeTradeOptions, snapshot.options), snapshot);
  });
}

/**
 * The large trades of columns: what `push` and at last `flush` give, one after the other.
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function largeTradesOfColumns(columns: TradeColumns, options: LargeTradeOptions): LargeTrade[] {
  return eventsOf(createLargeTradeDetector(options), columns);
}

function startLargeTrades(
  options: Required<LargeTradeOptions>,
  from: LargeTradeSnapshot | undefined,
): LargeTradeDetector {
  const { rule, side: wanted, mergeSameTime } = options;
  const minTickLots = 'minTickLots' in rule ? exactFromJson(rule.minTickLots) : undefined;
  const looksBack = 'quantile' in rule || 'zScore' in rule;
  const history = looksBack
    ? createSizeHistory(rule.lastTrades!, 'quantile' in rule ? rule.quantile : undefined, from?.sizes)
    : undefined;
  const isReady = (): boolean => !looksBack || history!.size >= rule.warmUp!;
  let order: Order | undefined = from?.order
    ? { ...from.order, lots: exactFromJson(from.order.lots), tickLots: exactFromJson(from.order.tickLots) }
    : undefined;
  let lastMs = from?.lastMs ?? undefined;
  let { trades, zeroTrades, outOfOrderTrades } = from?.counts ?? { trades: 0, zeroTrades: 0, outOfOrderTrades: 0 };

  /** What the rule says of a complete order; `undefined` when it is not large, or nobody can say. */
  const verdict = ({ lots, tickLots }: Order): Pick<LargeTrade, 'thresholdLots' | 'z'> | undefined => {
    if ('minLots' in rule) return lots >= rule.minLots ? { thresholdLots: rule.minLots } : undefined;
    if ('minTickLots' in rule) return compareExact(tickLots, minTickLots!) >= 0 ? {} : undefined;
    if (!isReady()) return undefined;
    if ('quantile' in rule) {
      const thresholdLots = history!.quantile()!;
      return lots > thresholdLots ? { thresholdLots } : undefined;
    }
    const { mean, deviation } = history!.moments()!;
    if (deviation === 0) return undefined;
    const z = (Number(lots) - mean) / deviation;
    return z > rule.zScore ? { z } : undefined;
  };
  const judge = (complete: Order): LargeTrade | undefined => {
    const found = verdict(complete);
    history?.push(complete.lots);
    return found && (wanted === 'any' || wanted === complete.side) ? { ...complete, ...found } : undefined;
  };
  const end = (): LargeTrade | undefined => {
    const complete = order;
    order = undefined;
    return complete && judge(complete);
  };

  return {
    push(trade) {
      const { priceTicks, sizeLots, side, timeMs } = printOf(trade);
      requireTrade({ priceTicks, sizeLots, timeMs });
      requireSide(side);
      if (sizeLots === 0) {
        zeroTrades += 1;
        return undefined;
      }
      trades += 1;
      if (lastMs !== undefined && timeMs < lastMs) outOfOrderTrades += 1;
      lastMs = timeMs + 0;
      const known: Aggressor = side === 'buy' || side === 'sell' ? side : 'unknown';
      const tickLots = multiplyExact(absExact(priceTicks), sizeLots);
      if (order && known !== 'unknown' && order.side === known && order.timeMs === timeMs) {
        order.toTicks = priceTicks + 0;
        order.lots = addExact(order.lots, sizeLots);
        order.tickLots = addExact(order.tickLots, tickLots);
        order.trades += 1;
        return undefined;
      }
      const ticks = priceTicks + 0;
      const print: Order = {
        side: known,
        timeMs: lastMs,
        fromTicks: ticks,
        toTicks: ticks,
        lots: sizeLots,
        tickLots,
        trades: 1,
      };
      if (!mergeSameTime) return judge(print);
      const ended = end();
      order = print;
      return ended;
    },
    flush: end,
    get ready() {
      return isReady();
    },
    counts: () => ({ trades, zeroTrades, outOfOrderTrades }),
    snapshot: () => ({
      v: 1,
      kind: 'large-trades',
      options: { ...options, rule: { ...rule } },
      sizes: history?.toJson() ?? [],
      order: order ? { ...order, lots: exactToJson(order.lots), tickLots: exactToJson(order.tickLots) } : null,
      lastMs: lastMs ?? null,
      counts: { trades, zeroTrades, outOfOrderTrades },
    }),
  };
}
