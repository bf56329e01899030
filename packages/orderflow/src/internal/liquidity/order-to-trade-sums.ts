import { OrderflowError } from '../../errors.ts';
import { addExact, exactFromJson, exactToJson } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { requireWhole } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';
import type { MboOrderKey } from '../mbo/mbo-event.ts';
import { orderKeyShape } from '../mbo/mbo-event.ts';
import { ratioOf } from '../numbers/ratio.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { count, exactCount, fields, finite, listOf, orNull, tupleOf } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** Options of an order-to-trade ratio. */
export interface OrderToTradeOptions {
  /**
   * Length of an interval in milliseconds, aligned to the epoch; left out, `flush` alone ends intervals.
   */
  readonly intervalMs?: number;
}

/** What an order-to-trade ratio uses where an option is left out: no fixed intervals. */
export const orderToTradeDefaults: OrderToTradeOptions = {};

/** Order messages and trades of an interval. */
export interface OrderToTradeInterval {
  /** Inclusive start, epoch milliseconds UTC; absent without `intervalMs` and before the first event. */
  readonly startMs?: number;
  /** `exact`: messages of market by order. `proxy`: changed levels of an L2 feed. */
  readonly quality: 'exact' | 'proxy';
  /** Order messages, or changed levels. */
  readonly messages: ExactInt;
  /** Σ of their lots; `undefined` when one of them came without. */
  readonly messageLots: ExactInt | undefined;
  readonly trades: number;
  readonly tradedLots: ExactInt;
  /** `messages ÷ trades`; absent without a trade. */
  readonly ratio?: number;
  /** `messageLots ÷ tradedLots`; absent without traded lots and without `messageLots`. */
  readonly volumeRatio?: number;
}

/** A running order-to-trade ratio. Made by `createOrderToTrade` and `createLevelToTrade`. */
export interface OrderToTrade<Event> {
  /**
   * Takes the next event. With `intervalMs`, the first event of a later interval ends the current one and gets it
   * back; intervals without an event are left out. An event that is earlier than its interval counts in the current
   * one and as {@link lateEvents}.
   * @throws {@link OrderflowError} `bad-value`, `bad-quote` or `bad-trade` for an event that no feed can send; the state
   *   is as before.
   */
  push(event: Event): OrderToTradeInterval | undefined;
  /** Ends the current interval. */
  flush(): OrderToTradeInterval;
  /** Everything since the start, over all intervals. */
  totals(): OrderToTradeInterval;
  /** Events that were earlier than the interval they were counted in. */
  readonly lateEvents: number;
  /** The state as plain JSON. */
  snapshot(): OrderToTradeSnapshot;
}

/** Sums of an interval; lots of messages are `null` once unknown. */
export type OrderToTradeSumsJson = readonly [
  messages: ExactIntJson,
  messageLots: ExactIntJson | null,
  trades: number,
  tradedLots: ExactIntJson,
];

/** The state of an order-to-trade ratio. */
export interface OrderToTradeSnapshot {
  readonly v: 1;
  readonly kind: 'order-to-trade' | 'level-to-trade';
  readonly intervalMs: number | null;
  readonly startMs: number | null;
  readonly interval: OrderToTradeSumsJson;
  /** Of the intervals that have ended. */
  readonly ended: OrderToTradeSumsJson;
  readonly lateEvents: number;
  /** Orders filled, with the record that shows it still to come. */
  readonly filled: readonly MboOrderKey[];
}

interface Sums {
  messages: ExactInt;
  messageLots: ExactInt | undefined;
  trades: number;
  tradedLots: ExactInt;
}

/** Sums over the current interval and over all. */
export interface OrderToTradeSums {
  flush(): OrderToTradeInterval;
  totals(): OrderToTradeInterval;
  readonly lateEvents: number;
  /** Moves to the interval of a time and gives the one that it ended. */
  advance(timeMs: number): OrderToTradeInterval | undefined;
  message(count: number, lots: number | undefined): void;
  trade(lots: number): void;
  snapshot(): Omit<OrderToTradeSnapshot, 'filled'>;
}

/** Sums that start at zero or where a snapshot left off. */
export function startOrderToTrade(
  kind: OrderToTradeSnapshot['kind'],
  quality: OrderToTradeInterval['quality'],
  { intervalMs }: OrderToTradeOptions,
  from: OrderToTradeSnapshot | undefined,
): OrderToTradeSums {
  if (intervalMs !== undefined) requireWhole('intervalMs', intervalMs);
  if (from) requireSameOptions(kind, { intervalMs: from.intervalMs }, { intervalMs: intervalMs ?? null });
  let startMs = from?.startMs ?? undefined;
  let lateEvents = from?.lateEvents ?? 0;
  let interval = sumsFromJson(from?.interval);
  let before = sumsFromJson(from?.ended);

  const result = ({ messages, messageLots, trades, tradedLots }: Sums, start?: number): OrderToTradeInterval => {
    const ratio = ratioOf(messages, trades);
    const volumeRatio = messageLots === undefined ? undefined : ratioOf(messageLots, tradedLots);
    return {
      ...(start === undefined ? {} : { startMs: start }),
      quality,
      messages,
      messageLots,
      trades,
      tradedLots,
      ...(ratio === undefined ? {} : { ratio }),
      ...(volumeRatio === undefined ? {} : { volumeRatio }),
    };
  };
  const flush = (): OrderToTradeInterval => {
    const ended = result(interval, startMs);
    before = addSums(before, interval);
    interval = sumsFromJson(undefined);
    return ended;
  };

  return {
    flush,
    totals: () => result(addSums(before, interval)),
    get lateEvents() {
      return lateEvents;
    },
    advance(timeMs) {
      if (intervalMs === undefined) return undefined;
      const start = Math.floor(timeMs / intervalMs) * intervalMs + 0;
      if (startMs !== undefined && start <= startMs) {
        if (start < startMs) lateEvents += 1;
        return undefined;
      }
      const ended = startMs === undefined ? undefined : flush();
      startMs = start;
      return ended;
    },
    message(count, lots) {
      interval.messages = addExact(interval.messages, count);
      interval.messageLots =
        lots === undefined || interval.messageLots === undefined ? undefined : addExact(interval.messageLots, lots);
    },
    trade(lots) {
      interval.trades += 1;
      interval.tradedLots = addExact(interval.tradedLots, lots);
    },
    snapshot: () => ({
      v: 1,
      kind,
      intervalMs: intervalMs ?? null,
      startMs: startMs ?? null,
      interval: sumsToJson(interval),
      ended: sumsToJson(before),
      lateEvents,
    }),
  };
}

/**
 * Refuses a count or size that is no whole, unsigned number.
 * @throws {@link OrderflowError} `bad-value`.
 */
export function requireSize(what: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new OrderflowError('bad-value', `${what} ${excerpt(value)} is not a whole, unsigned number.`, value);
}

function addSums(a: Sums, b: Sums): Sums {
  const known = a.messageLots !== undefined && b.messageLots !== undefined;
  return {
    messages: addExact(a.messages, b.messages),
    messageLots: known ? addExact(a.messageLots!, b.messageLots!) : undefined,
    trades: a.trades + b.trades,
    tradedLots: addExact(a.tradedLots, b.tradedLots),
  };
}

function sumsFromJson([messages, lots, trades, tradedLots]: OrderToTradeSumsJson = [0, 0, 0, 0]): Sums {
  return {
    messages: exactFromJson(messages),
    messageLots: lots === null ? undefined : exactFromJson(lots),
    trades,
    tradedLots: exactFromJson(tradedLots),
  };
}

function sumsToJson({ messages, messageLots, trades, tradedLots }: Sums): OrderToTradeSumsJson {
  return [
    exactToJson(messages),
    messageLots === undefined ? null : exactToJson(messageLots),
    trades,
    exactToJson(tradedLots),
  ];
}

const sumsShape = tupleOf(exactCount, orNull(exactCount), count, exactCount);

/** A ratio as it is stored. */
export const orderToTradeShape: Shape = fields({
  startMs: orNull(finite),
  interval: sumsShape,
  ended: sumsShape,
  lateEvents: count,
  filled: listOf(orderKeyShape),
});
