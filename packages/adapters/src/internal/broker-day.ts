/** Broker summaries in the shape that scoring takes: one row a broker, stock and day. */
import type { BrokerDay } from '@tapekit/scoring/broker-flow';

export type { BrokerDay } from '@tapekit/scoring/broker-flow';

/** Sums over all brokers; in a complete summary every share bought is a share sold. */
export interface BrokerTotals {
  readonly buyShares: number;
  readonly sellShares: number;
  readonly buyValue: number;
  readonly sellValue: number;
}

/** The sums of a summary. */
export function brokerTotals(days: readonly BrokerDay[]): BrokerTotals {
  const totals = { buyShares: 0, sellShares: 0, buyValue: 0, sellValue: 0 };
  for (const day of days) {
    totals.buyShares += day.buyShares;
    totals.sellShares += day.sellShares;
    totals.buyValue += day.buyValue;
    totals.sellValue += day.sellValue;
  }
  return totals;
}

/** One side of a broker's day, before both are put together. */
export interface BrokerSide {
  readonly broker: string;
  readonly shares: number;
  readonly value: number;
}

/** Puts gross buys and gross sells together, one row a broker in order of appearance; a missing side is 0. */
export function joinSides(
  about: Pick<BrokerDay, 'symbol' | 'date' | 'board' | 'valueIsRounded'>,
  buys: readonly BrokerSide[],
  sells: readonly BrokerSide[],
): readonly BrokerDay[] {
  const days = new Map<string, { buyShares: number; sellShares: number; buyValue: number; sellValue: number }>();
  const of = (broker: string): { buyShares: number; sellShares: number; buyValue: number; sellValue: number } => {
    const day = days.get(broker) ?? { buyShares: 0, sellShares: 0, buyValue: 0, sellValue: 0 };
    days.set(broker, day);
    return day;
  };
  for (const { broker, shares, value } of buys) {
    const day = of(broker);
    day.buyShares += shares;
    day.buyValue += value;
  }
  for (const { broker, shares, value } of sells) {
    const day = of(broker);
    day.sellShares += shares;
    day.sellValue += value;
  }
  const { symbol, date, board, valueIsRounded } = about;
  return [...days].map(([broker, day]) => ({
    symbol,
    date,
    broker,
    ...(board === undefined ? undefined : { board }),
    ...day,
    ...(valueIsRounded ? { valueIsRounded } : undefined),
  }));
}
