/** What a tape must come out as, computed from the trades as they were made and from nothing else. */
import { type DecimalSteps, scaledText } from './decimal-steps.ts';

/** A trade as the synthetic exchange made it. */
export interface TrueTrade {
  readonly id: number;
  readonly timeMs: number;
  readonly priceTicks: number;
  readonly sizeLots: number;
  readonly side: 'buy' | 'sell';
}

/** One price of a bar, in ticks, lots and numbers of trades. */
export interface TrueLevel {
  readonly priceTicks: number;
  readonly buyLots: number;
  readonly sellLots: number;
  readonly buyTrades: number;
  readonly sellTrades: number;
}

/** The exact sums over some trades; decimals are canonical (no trailing zeros). */
export interface TrueSums {
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly buy: string;
  readonly sell: string;
  /** buy − sell */
  readonly delta: string;
  /** Sum of price × size. */
  readonly value: string;
  /** Number of trades. */
  readonly n: number;
}

/** One minute in which something traded. */
export interface TrueBar extends TrueSums {
  readonly startMs: number;
  /** Exclusive. */
  readonly endMs: number;
  /** Every price that traded, lowest first. */
  readonly levels: readonly TrueLevel[];
}

/** The steps that the decimals are written in. */
export interface TapeSteps {
  readonly tick: DecimalSteps;
  readonly lot: DecimalSteps;
}

const minuteMs = 60_000;

/** The bars of some trades by venue minute. Trades must be in the order in which they were made. */
export function trueBars(trades: readonly TrueTrade[], steps: TapeSteps): readonly TrueBar[] {
  const minutes = groupBy(trades, (trade) => Math.floor(trade.timeMs / minuteMs) * minuteMs);
  return [...minutes]
    .sort(([a], [b]) => a - b)
    .map(([startMs, inside]) => ({
      startMs,
      endMs: startMs + minuteMs,
      ...trueSums(inside, steps),
      levels: trueLevels(inside),
    }));
}

/** The sums over some trades, of which there must be one. */
export function trueSums(trades: readonly TrueTrade[], { tick, lot }: TapeSteps): TrueSums {
  const prices = trades.map((trade) => trade.priceTicks);
  const lots = (of: readonly TrueTrade[]): number => of.reduce((sum, trade) => sum + trade.sizeLots, 0);
  const buy = lots(trades.filter((trade) => trade.side === 'buy'));
  const sell = lots(trades.filter((trade) => trade.side === 'sell'));
  const value = trades.reduce((sum, trade) => sum + BigInt(trade.priceTicks) * BigInt(trade.sizeLots), 0n);
  return {
    open: tick.canonical(prices[0]!),
    high: tick.canonical(prices.reduce((a, b) => Math.max(a, b))),
    low: tick.canonical(prices.reduce((a, b) => Math.min(a, b))),
    close: tick.canonical(prices.at(-1)!),
    volume: lot.canonical(buy + sell),
    buy: lot.canonical(buy),
    sell: lot.canonical(sell),
    delta: lot.canonical(buy - sell),
    value: scaledText(value * BigInt(tick.mantissa) * BigInt(lot.mantissa), tick.scale + lot.scale),
    n: trades.length,
  };
}

function trueLevels(trades: readonly TrueTrade[]): readonly TrueLevel[] {
  const prices = [...groupBy(trades, (trade) => trade.priceTicks)].sort(([a], [b]) => a - b);
  return prices.map(([priceTicks, inside]) => {
    const level = { priceTicks, buyLots: 0, sellLots: 0, buyTrades: 0, sellTrades: 0 };
    for (const { side, sizeLots } of inside) {
      level[`${side}Lots`] += sizeLots;
      level[`${side}Trades`]++;
    }
    return level;
  });
}

function groupBy(trades: readonly TrueTrade[], key: (trade: TrueTrade) => number): Map<number, TrueTrade[]> {
  const groups = new Map<number, TrueTrade[]>();
  for (const trade of trades) {
    const group = groups.get(key(trade));
    if (group) group.push(trade);
    else groups.set(key(trade), [trade]);
  }
  return groups;
}
