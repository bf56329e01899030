/**
 * Order-to-trade ratio: how many order messages, and lots of them, the market sends for one trade. High values say that
 * quotes are moved rather than traded.
 *
 * From market by order it is a count of messages. From an L2 feed only changed levels can be counted (several messages
 * in one change, or fills alone): that form says `quality: 'proxy'`.
 */
import { compareExact, divideExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import { mboFlags, requireMbo, requireTime } from './internal/mbo/mbo-event.ts';
import type { MboEvent, MboOrderKey } from './internal/mbo/mbo-event.ts';
import { orderToTradeShape, requireSize, startOrderToTrade } from './internal/liquidity/order-to-trade-sums.ts';
import type {
  OrderToTrade,
  OrderToTradeInterval,
  OrderToTradeOptions,
  OrderToTradeSnapshot,
} from './internal/liquidity/order-to-trade-sums.ts';
import { restored } from './internal/shared/snapshot.ts';
import { requireEventObject } from './internal/shared/checks.ts';

export { orderToTradeDefaults } from './internal/liquidity/order-to-trade-sums.ts';
export type {
  OrderToTrade,
  OrderToTradeInterval,
  OrderToTradeOptions,
  OrderToTradeSnapshot,
} from './internal/liquidity/order-to-trade-sums.ts';

/** Activity of an L2 feed: levels that a message changed, or a trade. */
export type LevelActivity =
  | {
      readonly type: 'levels';
      /** Epoch milliseconds UTC. */
      readonly timeMs: number;
      /** Levels that changed. */
      readonly updates: number;
      /** Σ of the absolute changes of size in lots; left out where only absolute sizes are known. */
      readonly changedLots?: number;
    }
  | {
      readonly type: 'trade';
      /** Epoch milliseconds UTC. */
      readonly timeMs: number;
      readonly sizeLots: number;
    };

/** Most orders that are remembered as filled until the `C` or `M` that shows it. */
const MOST_PENDING = 65_536;

/**
 * A running ratio over market by order: (`A` + `M` + `C`) ÷ `T`. Records of a snapshot are no messages, and a `C` or `M`
 * that shows a fill (the first one of an order after its `F`) is a trade's echo: neither is counted.
 *
 * Lots of a message are what it says: the new size of `A` and `M`, the amount that `C` takes away. State: the orders
 * between their `F` and the record that shows it, at most 65,536.
 *
 * @example
 * ```ts
 * const ratio = createOrderToTrade();
 * const at = { timeMs: 0, priceTicks: 100, side: 'B' } as const;
 * ratio.push({ ...at, action: 'A', orderId: 1, sizeLots: 5 });
 * ratio.push({ ...at, action: 'C', orderId: 1, sizeLots: 2 });
 * ratio.push({ ...at, action: 'T', orderId: 9, sizeLots: 3, side: 'A' });
 * ratio.push({ ...at, action: 'F', orderId: 1, sizeLots: 3 });
 * ratio.push({ ...at, action: 'C', orderId: 1, sizeLots: 3 }); // the echo of the fill
 * ratio.totals().ratio; // => 2
 * ```
 * @throws {@link OrderflowError} `bad-option` when `intervalMs` is not a positive whole number.
 */
export function createOrderToTrade(options: OrderToTradeOptions = {}): OrderToTrade<MboEvent> {
  return startMbo(options, undefined);
}

/**
 * The ratio that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or `intervalMs`.
 */
export function restoreOrderToTrade(
  snapshot: OrderToTradeSnapshot,
  options: OrderToTradeOptions = {},
): OrderToTrade<MboEvent> {
  return restored(snapshot, 'order-to-trade', orderToTradeShape, () => startMbo(options, snapshot));
}

/**
 * A running ratio over an L2 feed: changed levels ÷ trades, `quality: 'proxy'`.
 * @throws {@link OrderflowError} `bad-option` when `intervalMs` is not a positive whole number.
 */
export function createLevelToTrade(options: OrderToTradeOptions = {}): OrderToTrade<LevelActivity> {
  return startLevels(options, undefined);
}

/**
 * The ratio that a snapshot was taken of; pass the options that it was created with.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or `intervalMs`.
 */
export function restoreLevelToTrade(
  snapshot: OrderToTradeSnapshot,
  options: OrderToTradeOptions = {},
): OrderToTrade<LevelActivity> {
  return restored(snapshot, 'level-to-trade', orderToTradeShape, () => startLevels(options, snapshot));
}

/** All intervals of a list of records, the last one included, as {@link createOrderToTrade} gives them. */
export function orderToTradeOf(
  events: readonly MboEvent[],
  options: OrderToTradeOptions = {},
): readonly OrderToTradeInterval[] {
  return intervalsOf(createOrderToTrade(options), events);
}

/** All intervals of an L2 feed's activity, the last one included, as {@link createLevelToTrade} gives them. */
export function levelToTradeOf(
  events: readonly LevelActivity[],
  options: OrderToTradeOptions = {},
): readonly OrderToTradeInterval[] {
  return intervalsOf(createLevelToTrade(options), events);
}

/**
 * The ratios as decimal strings, rounded half to even; `undefined` where there is no trade to divide by.
 *
 * @example
 * ```ts
 * orderToTradeExact({ messages: 20, messageLots: 45, trades: 3, tradedLots: 7 }, 6); // => { ratio: '6.66667', volumeRatio: '6.42857' }
 * ```
 */
export function orderToTradeExact(
  {
    messages,
    messageLots,
    trades,
    tradedLots,
  }: Pick<OrderToTradeInterval, 'messages' | 'messageLots' | 'trades' | 'tradedLots'>,
  significantDigits?: number,
): { readonly ratio?: string; readonly volumeRatio?: string } {
  const of = (top: ExactInt, bottom: ExactInt): string | undefined =>
    compareExact(bottom, 0) === 0 ? undefined : divideExact(top, bottom, significantDigits);
  const ratio = of(messages, trades);
  const volumeRatio = messageLots === undefined ? undefined : of(messageLots, tradedLots);
  return { ...(ratio === undefined ? {} : { ratio }), ...(volumeRatio === undefined ? {} : { volumeRatio }) };
}

function intervalsOf<Event>(reducer: OrderToTrade<Event>, events: readonly Event[]): readonly OrderToTradeInterval[] {
  const intervals: OrderToTradeInterval[] = [];
  for (const event of events) {
    const ended = reducer.push(event);
    if (ended) intervals.push(ended);
  }
  intervals.push(reducer.flush());
  return intervals;
}

function startMbo(options: OrderToTradeOptions, from: OrderToTradeSnapshot | undefined): OrderToTrade<MboEvent> {
  const sums = startOrderToTrade('order-to-trade', 'exact', options, from);
  const filled = new Set<MboOrderKey>(from?.filled);
  return {
    flush: () => sums.flush(),
    totals: () => sums.totals(),
    get lateEvents() {
      return sums.lateEvents;
    },
    push(event) {
      const key = requireMbo(event);
      requireTime(event.timeMs);
      const { action, sizeLots, flags = 0, timeMs } = event;
      const ended = sums.advance(timeMs);
      if (action === 'T') sums.trade(sizeLots);
      else if (action === 'F') {
        // Of those that never show up the oldest is forgotten.
        if (filled.size >= MOST_PENDING) filled.delete(filled.values().next().value!);
        filled.add(key);
      } else if (action === 'A' || action === 'C' || action === 'M') {
        const isEcho = filled.delete(key) && action !== 'A';
        if (!isEcho && (flags & mboFlags.snapshot) === 0) sums.message(1, sizeLots);
      }
      return ended;
    },
    snapshot: () => ({ ...sums.snapshot(), filled: [...filled] }),
  };
}

function startLevels(
  options: OrderToTradeOptions,
  from: OrderToTradeSnapshot | undefined,
): OrderToTrade<LevelActivity> {
  const sums = startOrderToTrade('level-to-trade', 'proxy', options, from);
  return {
    flush: () => sums.flush(),
    totals: () => sums.totals(),
    get lateEvents() {
      return sums.lateEvents;
    },
    push(event) {
      requireEventObject(event);
      requireTime(event.timeMs);
      if (event.type === 'trade') {
        requireSize('sizeLots', event.sizeLots);
        const ended = sums.advance(event.timeMs);
        sums.trade(event.sizeLots);
        return ended;
      }
      requireSize('updates', event.updates);
      if (event.changedLots !== undefined) requireSize('changedLots', event.changedLots);
      const ended = sums.advance(event.timeMs);
      sums.message(event.updates, event.changedLots);
      return ended;
    },
    snapshot: () => ({ ...sums.snapshot(), filled: [] }),
  };
}
