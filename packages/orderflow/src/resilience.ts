/**
 * Market resilience: how fast spread and depth come back after a shock, from the best quotes and the prints.
 *
 * The idea is that of Degryse, de Jong, van Ravenswaaij and Wuyts 2005 (doi 10.1007/s10679-005-7590-6), who follow spread
 * and depth for some best-limit updates after an aggressive order, and of Foucault, Kadan and Kandel 2005
 * (doi 10.1093/rfs/hhi029), for whom resilience is the chance that the spread is back before the next trade. There is no
 * standard number; this library's definition:
 *
 * - *before* is the mean spread and the mean size at both best prices over the last `baselineQuotes` quotes;
 * - a *shock* is an order of at least `tradeTimes` the mean order, or a spread of at least `spreadTimes` the mean spread;
 * - the market has *recovered* at the first quote from the shock on whose spread has made `recovery` of the way back from
 *   the widest one to the mean before, and whose depth has made as much of the way back from the thinnest one. A shock
 *   that leaves no mark is recovered at the first quote after it;
 * - one shock is followed at a time. After one that timed out the baseline starts anew: this market is another one.
 *
 * Every number is known when it is given; quotes after a shock are no part of what was before it.
 */
import { rowCount } from './columns.ts';
import type { QuoteColumns, TradeColumns } from './columns.ts';
import { OrderflowError } from './errors.ts';
import { compareExact, multiplyExact, subtractExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { TickQuote, TickTrade } from './market.ts';
import { requireQuote, requireSide, requireTrade, printOf } from './internal/shared/checks.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { createOrderSizes, orderSizesShape } from './internal/costs/order-sizes.ts';
import { resilienceOptions } from './internal/costs/resilience-types.ts';
import type {
  OpenShock,
  ResilienceCounts,
  ResilienceEvent,
  ResilienceOptions,
  ResilienceSnapshot,
} from './internal/costs/resilience-types.ts';
import { decimalFraction, timesMean } from './internal/numbers/decimal-fraction.ts';
import { createRollingWindow } from './internal/numbers/rolling-window.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import {
  amount,
  count,
  countsOf,
  fields,
  finite,
  listOf,
  oneOf,
  orNull,
  tupleOf,
  where,
} from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';
import { readTape } from './internal/shared/tape-columns.ts';

export type { OrderSizesJson } from './internal/costs/order-sizes.ts';
export { resilienceDefaults } from './internal/costs/resilience-types.ts';
export type {
  OpenShock,
  ResilienceCounts,
  ResilienceEvent,
  ResilienceOptions,
  ResilienceSnapshot,
} from './internal/costs/resilience-types.ts';

/** A running measure. Made by {@link createResilience}. */
export interface Resilience {
  /**
   * Takes the next quote, `undefined` for none from `timeMs` on, and gives the shocks that it ends: none or one.
   * @throws {@link OrderflowError} `bad-quote` for what is no quote on a grid; the state is as before.
   */
  pushQuote(timeMs: number, quote: TickQuote | undefined): readonly ResilienceEvent[];
  /**
   * Takes the next print and gives the shocks that its time ends. A print is a shock at the latest time seen, so one that
   * arrives after the quotes that it moved counts from when it was known.
   * @throws {@link OrderflowError} `bad-trade` for what is no print on a grid; the state is as before.
   */
  push(trade: Pick<TickTrade, 'timeMs' | 'sizeLots' | 'side'>): readonly ResilienceEvent[];
  /** Ends the tape: gives the shock that is open as `interrupted`, and starts the baseline anew. */
  flush(): readonly ResilienceEvent[];
  readonly counts: ResilienceCounts;
  /** The state as plain JSON: `2·baselineQuotes + baselineOrders` numbers. */
  snapshot(): ResilienceSnapshot;
}

/**
 * A running measure of resilience. Spreads are in ticks, depths in lots of both best prices together. The means that are
 * given are doubles; what is a shock or a recovery is decided on exact sums and on the decimals that the options are
 * written as, so that three times the mean spread is one, and `0.9` of the way back is all it takes.
 *
 * @example
 * ```ts
 * const market = createResilience({ baselineQuotes: 2, spreadTimes: 3, timeoutMs: 1000 });
 * const quote = (bidTicks: number, askTicks: number) => ({ bidTicks, askTicks, bidLots: 5, askLots: 5 });
 * market.pushQuote(0, quote(100, 101));
 * market.pushQuote(10, quote(100, 101));
 * market.pushQuote(20, quote(97, 101)); // a spread of 4, where it was 1
 * const [event] = market.pushQuote(270, quote(100, 101));
 * event?.recoveredMs; // => 270
 * event?.score; // => 0.75
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createResilience(options: ResilienceOptions = {}): Resilience {
  return startResilience(resilienceOptions(options), undefined);
}

const shape = where(
  fields({
    latestMs: orNull(finite),
    spreads: listOf(amount),
    depths: listOf(amount),
    orders: orderSizesShape,
    last: orNull(tupleOf(amount, amount)),
    open: orNull(
      fields({
        trigger: oneOf('trade', 'spread'),
        side: oneOf('buy', 'sell', 'unknown', null),
        tradeLots: orNull(amount),
        shockMs: finite,
        quotes: count,
        spreadBeforeTicks: amount,
        spreadAtTicks: amount,
        spreadAfterTicks: amount,
        depthBeforeLots: amount,
        depthAtLots: amount,
        depthAfterLots: amount,
      }),
    ),
    counts: countsOf('quotes', 'lateQuotes', 'unusableQuotes', 'trades', 'lateTrades', 'ignoredTriggers'),
  }),
  ({ spreads, depths }: ResilienceSnapshot) => spreads.length === depths.length,
);

/**
 * The measure that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreResilience(snapshot: ResilienceSnapshot, options?: ResilienceOptions): Resilience {
  return restored(snapshot, 'resilience', shape, () => {
    if (options) requireSameOptions('resilience', snapshot.options, resilienceOptions(options));
    return startResilience(storedOptions(resilienceOptions, snapshot.options), snapshot);
  });
}

/** {@link createResilience} over columns, flushed. At the same time the quote comes before the print. */
export function resilienceOfColumns(
  trades: TradeColumns,
  quotes: QuoteColumns,
  options: ResilienceOptions = {},
): { readonly values: readonly ResilienceEvent[]; readonly counts: ResilienceCounts } {
  rowCount(trades);
  const resilience = createResilience(options);
  const values = readTape(resilience, trades, quotes);
  return { values, counts: resilience.counts };
}

function startResilience(options: Required<ResilienceOptions>, from: ResilienceSnapshot | undefined): Resilience {
  const { baselineQuotes, spreadTimes, tradeTimes, baselineOrders, recovery, timeoutMs } = options;
  let spreads = createRollingWindow(baselineQuotes, from?.spreads);
  let depths = createRollingWindow(baselineQuotes, from?.depths);
  const orders = createOrderSizes(baselineOrders, tradeTimes, from?.orders);
  let latest = from?.latestMs ?? -Infinity;
  let last = from?.last ?? undefined;
  let open: OpenShock | undefined = from?.open ? { ...from.open } : undefined;
  const counts = {
    ...(from?.counts ?? {
      quotes: 0,
      lateQuotes: 0,
      unusableQuotes: 0,
      trades: 0,
      lateTrades: 0,
      ignoredTriggers: 0,
    }),
  };

  const widening = decimalFraction(spreadTimes);
  const { top: undone, bottom: whole } = decimalFraction(recovery);
  const wideTicks = (sumTicks: ExactInt): number => timesMean(widening, sumTicks, baselineQuotes);
  /** The whole sum that a mean before was made of: far less than half a tick or lot is lost in the mean. */
  const sumOf = (mean: number): number => Math.round(mean * baselineQuotes);
  /**
   * Whether `recovery` of the way back from the worst to the mean before is made: `now` and `worst` are how far beyond
   * the mean the market is and was. All of them are whole, times the number of quotes.
   */
  const isBack = (now: ExactInt, worst: ExactInt): boolean =>
    compareExact(multiplyExact(now, whole), multiplyExact(worst > 0 ? worst : 0, subtractExact(whole, undone))) <= 0;
  const restartBaseline = (): void => {
    spreads = createRollingWindow(baselineQuotes);
    depths = createRollingWindow(baselineQuotes);
  };
  const end = (outcome: ResilienceEvent['outcome'], recoveredMs?: number): ResilienceEvent[] => {
    if (!open) return [];
    const { side, tradeLots, ...shock } = open;
    open = undefined;
    if (outcome !== 'recovered') restartBaseline();
    const score = outcome === 'recovered' ? 1 - (recoveredMs! - shock.shockMs) / timeoutMs : 0;
    return [
      {
        ...shock,
        side: side ?? undefined,
        tradeLots: tradeLots ?? undefined,
        outcome,
        recoveredMs,
        score: outcome === 'interrupted' ? undefined : Math.min(1, Math.max(0, score)),
      },
    ];
  };
  const advance = (timeMs: number): ResilienceEvent[] => {
    if (timeMs > latest) latest = timeMs + 0;
    return open && latest - open.shockMs > timeoutMs ? end('timed-out') : [];
  };
  const start = (
    trigger: OpenShock['trigger'],
    shockMs: number,
    side: OpenShock['side'],
    lots: number | null,
  ): void => {
    if (open || !last || spreads.size < baselineQuotes) {
      counts.ignoredTriggers += 1;
      return;
    }
    const [spread, depth] = last;
    open = {
      trigger,
      side,
      tradeLots: lots,
      shockMs,
      quotes: 0,
      spreadBeforeTicks: spreads.moments()!.mean,
      spreadAtTicks: spread,
      spreadAfterTicks: spread,
      depthBeforeLots: depths.moments()!.mean,
      depthAtLots: depth,
      depthAfterLots: depth,
    };
  };
  const follow = (shock: OpenShock, spread: number, depth: number): boolean => {
    const widest = Math.max(shock.spreadAtTicks, spread);
    const thinnest = Math.min(shock.depthAtLots, depth);
    open = {
      ...shock,
      quotes: shock.quotes + 1,
      spreadAtTicks: widest,
      spreadAfterTicks: spread,
      depthAtLots: thinnest,
      depthAfterLots: depth,
    };
    const [usualSpread, usualDepth] = [sumOf(shock.spreadBeforeTicks), sumOf(shock.depthBeforeLots)];
    const beyond = (ticks: number): ExactInt => subtractExact(multiplyExact(ticks, baselineQuotes), usualSpread);
    const below = (lots: number): ExactInt => subtractExact(usualDepth, multiplyExact(lots, baselineQuotes));
    return isBack(beyond(spread), beyond(widest)) && isBack(below(depth), below(thinnest));
  };

  return {
    pushQuote(timeMs, quote) {
      if (quote) requireQuote(quote);
      if (!Number.isFinite(timeMs)) throw badQuoteTime(timeMs);
      counts.quotes += 1;
      if (timeMs < latest) {
        counts.lateQuotes += 1;
        return [];
      }
      const ended = advance(timeMs);
      if (!quote || !(quote.bidLots > 0 && quote.askLots > 0 && quote.bidTicks < quote.askTicks)) {
        counts.unusableQuotes += 1;
        last = undefined;
        ended.push(...end('interrupted'));
        restartBaseline();
        return ended;
      }
      const [spread, depth] = [quote.askTicks - quote.bidTicks, quote.bidLots + quote.askLots];
      last = [spread, depth];
      if (open) {
        const wide = wideTicks(sumOf(open.spreadBeforeTicks));
        if (spread >= wide && open.spreadAfterTicks < wide) counts.ignoredTriggers += 1;
        return follow(open, spread, depth) ? [...ended, ...end('recovered', latest)] : ended;
      }
      if (spreads.size === baselineQuotes && spread >= wideTicks(spreads.sum()!)) {
        start('spread', latest, null, null);
      } else {
        spreads.push(spread);
        depths.push(depth);
      }
      return ended;
    },
    push(trade) {
      const { timeMs, sizeLots, side } = printOf(trade);
      requireTrade({ timeMs, sizeLots, priceTicks: 0 });
      requireSide(side);
      counts.trades += 1;
      if (timeMs < latest) counts.lateTrades += 1;
      const ended = advance(timeMs);
      const lots = orders.push(timeMs, side, sizeLots);
      if (lots !== undefined) start('trade', latest, side, lots);
      return ended;
    },
    flush() {
      const ended = end('interrupted');
      restartBaseline();
      last = undefined;
      return ended;
    },
    get counts() {
      return { ...counts };
    },
    snapshot: () => ({
      v: 1,
      kind: 'resilience',
      options: { ...options },
      latestMs: latest === -Infinity ? null : latest,
      spreads: spreads.values(),
      depths: depths.values(),
      orders: orders.toJson(),
      last: last ? [...last] : null,
      open: open ? { ...open } : null,
      counts: { ...counts },
    }),
  };
}

function badQuoteTime(timeMs: number): OrderflowError {
  return new OrderflowError(
    'bad-quote',
    `timeMs ${excerpt(timeMs)} of a quote is not a time in epoch milliseconds. Pass the time on the clock of the trades.`,
    timeMs,
  );
}
