/** The live feed of Twelve Data against a venue that does every fault of the contract. */
import { expect, test } from 'vitest';
import { checkFault, faultCases } from '../testing/fault-suite.ts';
import { twelveDataFeed } from './twelve-data.ts';

const feed = twelveDataFeed({ apiKey: 'secret', symbols: ['TEST', 'EUR/USD'] });
const frames = [
  '{"event":"subscribe-status","status":"ok","success":[{"symbol":"TEST"},{"symbol":"EUR/USD"}],"fails":null}',
];
for (let i = 0; i < 50; i += 1) {
  const timestamp = 1_618_482_192 + i;
  const stock = { event: 'price', symbol: 'TEST', exchange: 'IDX', timestamp, price: 100 + i, day_volume: 1000 * i };
  const pair = { event: 'price', symbol: 'EUR/USD', timestamp, price: 1.1, bid: 1.0999, ask: 1.1001 };
  frames.push(JSON.stringify(i % 2 ? stock : pair));
  if (i % 10 === 9) frames.push('{"event":"heartbeat","status":"ok"}');
}

test.each(faultCases.map((fault) => [fault.name, fault] as const))('survives a venue that %s', async (_name, fault) => {
  const { events, yielded, delivered } = await checkFault(fault, { feed, frames });
  expect(yielded).toBe(delivered);
  expect(events).toBeGreaterThan(0);
});
