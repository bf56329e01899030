/** The live feed of dxLink against a venue that does every fault of the contract. */
import { expect, test } from 'vitest';
import { checkFault, faultCases } from '../testing/fault-suite.ts';
import { dxlinkFeed } from './dxlink.ts';

const es = '/ESH26:XCME';
const feed = dxlinkFeed({ symbols: [es], channels: ['trades', 'quotes'] });
const frame = (message: object): string => JSON.stringify(message);

/** The way to an open channel, then prints, quotes and words that keep the connection alive. */
const frames = [
  frame({ type: 'SETUP', channel: 0, keepaliveTimeout: 60, version: '1.0' }),
  frame({ type: 'AUTH_STATE', channel: 0, state: 'AUTHORIZED' }),
  frame({ type: 'CHANNEL_OPENED', channel: 1, service: 'FEED' }),
];
for (let i = 0; i < 20; i += 1) {
  const time = 1_700_000_000_000 + i;
  const print = {
    eventType: 'TimeAndSale',
    eventSymbol: es,
    index: i,
    time,
    price: 4500 + i / 4,
    size: 1,
    aggressorSide: 'BUY',
  };
  const quote = {
    eventType: 'Quote',
    eventSymbol: es,
    bidPrice: 4500,
    bidSize: 1,
    askPrice: 4500.25,
    askSize: 2,
    bidTime: time,
  };
  frames.push(frame({ type: 'FEED_DATA', channel: 1, data: [print, quote] }), frame({ type: 'KEEPALIVE', channel: 0 }));
}

test.each(faultCases.map((fault) => [fault.name, fault] as const))('survives a venue that %s', async (_name, fault) => {
  const { events, yielded, delivered } = await checkFault(fault, { feed, frames });
  expect(yielded).toBe(delivered);
  expect(events).toBeGreaterThan(0);
});
