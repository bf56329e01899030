/** Prints summed over intervals of time: signed volume and the move of the last price from interval to interval. */
import { addExact, exactFromJson, exactToJson, subtractExact } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import type { TickTrade } from '../../market.ts';
import { requireSide, requireTrade } from '../shared/checks.ts';
import { windowStartMs } from '../tape/cvd-window.ts';
import { count, exact, exactCount, fields, finite, orNull, whole, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** The prints of one interval. */
export interface FlowInterval {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Bought minus sold size in lots; volume without a side is no part of it. */
  readonly signedLots: ExactInt;
  /** Volume whose aggressor is unknown, in lots. */
  readonly unknownLots: ExactInt;
  /** Number of prints, also those without a side. */
  readonly trades: number;
  /** Last price minus the last price of the interval with prints before; `undefined` for the first interval. */
  readonly priceChangeTicks: ExactInt | undefined;
}

/** The state of a {@link FlowIntervals}. */
export interface FlowIntervalsJson {
  readonly startMs: number | null;
  readonly signedLots: ExactIntJson;
  readonly unknownLots: ExactIntJson;
  readonly trades: number;
  readonly lastTicks: number | null;
  readonly previousTicks: number | null;
  readonly lateTrades: number;
  readonly lateLots: ExactIntJson;
}

/** Sums by interval. Made by {@link createFlowIntervals}. */
export interface FlowIntervals {
  readonly lateTrades: number;
  readonly lateLots: ExactInt;
  /** Adds a print; gives the interval that it ends, if it does. */
  push(trade: TickTrade): FlowInterval | undefined;
  /** Ends the open interval; `undefined` when it has no print. */
  flush(): FlowInterval | undefined;
  toJson(): FlowIntervalsJson;
}

/** Intervals of `everyMs`, aligned to the epoch; those without a print are left out. */
export function createFlowIntervals(everyMs: number, from?: FlowIntervalsJson): FlowIntervals {
  let startMs = from?.startMs ?? undefined;
  let signedLots = exactFromJson(from?.signedLots ?? 0);
  let unknownLots = exactFromJson(from?.unknownLots ?? 0);
  let trades = from?.trades ?? 0;
  let lastTicks = from?.lastTicks ?? undefined;
  let previousTicks = from?.previousTicks ?? undefined;
  let lateTrades = from?.lateTrades ?? 0;
  let lateLots = exactFromJson(from?.lateLots ?? 0);

  const end = (): FlowInterval | undefined => {
    if (trades === 0) return undefined;
    const ended = {
      startMs: startMs!,
      signedLots,
      unknownLots,
      trades,
      priceChangeTicks: previousTicks === undefined ? undefined : subtractExact(lastTicks!, previousTicks),
    };
    previousTicks = lastTicks;
    signedLots = unknownLots = trades = 0;
    return ended;
  };

  return {
    get lateTrades() {
      return lateTrades;
    },
    get lateLots() {
      return lateLots;
    },
    push(trade) {
      requireTrade(trade);
      requireSide(trade.side);
      const { timeMs, priceTicks, sizeLots, side } = trade;
      const start = windowStartMs(timeMs, everyMs, 0);
      if (startMs !== undefined && start < startMs) {
        lateTrades += 1;
        lateLots = addExact(lateLots, sizeLots);
        return undefined;
      }
      const ended = start === startMs ? undefined : end();
      startMs = start;
      trades += 1;
      lastTicks = priceTicks + 0;
      if (side === 'buy') signedLots = addExact(signedLots, sizeLots);
      else if (side === 'sell') signedLots = subtractExact(signedLots, sizeLots);
      else unknownLots = addExact(unknownLots, sizeLots);
      return ended;
    },
    flush: end,
    toJson: () => ({
      startMs: startMs ?? null,
      signedLots: exactToJson(signedLots),
      unknownLots: exactToJson(unknownLots),
      trades,
      lastTicks: lastTicks ?? null,
      previousTicks: previousTicks ?? null,
      lateTrades,
      lateLots: exactToJson(lateLots),
    }),
  };
}

/** Intervals as they are stored. */
export const flowIntervalsShape: Shape = where(
  fields({
    startMs: orNull(finite),
    signedLots: exact,
    unknownLots: exactCount,
    trades: count,
    lastTicks: orNull(whole),
    previousTicks: orNull(whole),
    lateTrades: count,
    lateLots: exactCount,
  }),
  ({ startMs, lastTicks }: FlowIntervalsJson) => (startMs === null) === (lastTicks === null),
);
