import type { BrokerClassTable } from '../broker-classes.ts';
import type { BrokerDay } from '../broker-flow.ts';

/** Three foreign brokers, a local institution and two of retail. */
export const classes: BrokerClassTable = {
  v: 1,
  id: 'test',
  sources: { own: 'made for the test' },
  entries: [
    ...['F1', 'F2', 'F3'].map((broker) => ({ broker, class: 'foreign' as const, source: 'own' })),
    { broker: 'L1', class: 'local-institution', source: 'own' },
    { broker: 'R1', class: 'retail', source: 'own' },
    { broker: 'R2', class: 'retail', source: 'own' },
  ],
};

/** A broker's day at 50 rupiah a share. */
export function row(date: string, broker: string, buy: number, sell: number, more: Partial<BrokerDay> = {}): BrokerDay {
  const price = 50;
  return {
    ...{ symbol: 'BBRI', date, broker, buyShares: buy, sellShares: sell },
    ...{ buyValue: buy * price, sellValue: sell * price, ...more },
  };
}

/** Foreigners buy 300 and sell 100 from retail, 400 shares a day. */
export const accumulation = (date: string): readonly BrokerDay[] => [
  row(date, 'F1', 300, 100),
  row(date, 'R1', 100, 300),
];
