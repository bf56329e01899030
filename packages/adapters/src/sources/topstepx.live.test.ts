/** The live feed of a ProjectX hub against a venue that does every fault of the contract. */
import { expect, test } from 'vitest';
import { checkFault, faultCases } from '../testing/fault-suite.ts';
import { startLoopbackVenue } from '../testing/loopback-venue.ts';
import { nodeConnect } from '../live-source-node.ts';
import { createLiveSource } from '../live-source.ts';
import { topstepxFeed } from './topstepx.ts';

const rs = '\u001e';
const feed = topstepxFeed({ symbols: ['F.US.ENQ'], channels: ['trades', 'quotes'], token: 'secret' });
const timestamp = '2026-01-15T14:30:00.123Z';
const record = (message: object): string => JSON.stringify(message) + rs;

/** Handshake and answers, then in turn a quote with two prints, a ping, and a record over two frames. */
const frames = [`{}${rs}`, record({ type: 3, invocationId: '1', result: null })];
for (let i = 0; i < 20; i += 1) {
  const print = (volume: number): object => ({ price: 21450 + i / 4, volume, type: i % 2, timestamp });
  const quote = { symbol: 'F.US.ENQ', bestBid: 21450 + i / 4, bestAsk: 21450.25 + i / 4 };
  const quotes = record({ type: 1, target: 'RealTimeSymbolQuote', arguments: [quote] });
  const trades = record({
    type: 1,
    target: 'RealTimeTradeLogWithSpeed',
    arguments: ['F.US.ENQ', [print(1), print(2)]],
  });
  frames.push(quotes + trades, `{"type":6}${rs}`, trades.slice(0, 40), trades.slice(40));
}

test.each(faultCases.map((fault) => [fault.name, fault] as const))('survives a venue that %s', async (_name, fault) => {
  const { events, yielded, delivered } = await checkFault(fault, { feed, frames });
  expect(yielded).toBe(delivered);
  expect(events).toBeGreaterThan(0);
});

test('the whole recording gives 20 quotes and 80 trades, and the hub hears handshake, subscriptions and answered pings', async () => {
  const done = new AbortController();
  // It ends when the hub has heard the answer to a ping: what was sent before that, it has heard, too.
  const venue = await startLoopbackVenue({
    frames,
    connections: [[{ do: 'send', count: Infinity }, { do: 'await' }, { do: 'answer' }]],
    answers: (text) => (text === `{"type":6}${rs}` ? [] : undefined),
    onDone: () => done.abort(),
  });
  const source = createLiveSource({ ...feed, url: () => venue.wsUrl }, { connect: nodeConnect, signal: done.signal });
  let yielded = 0;
  const read = async (): Promise<void> => {
    for await (const item of source) {
      if (item.kind === 'record') venue.acknowledge((yielded += 1));
    }
  };
  await expect(read()).rejects.toThrow();
  expect(source.stats().events).toMatchObject({ quote: 20, trade: 80 });
  const [said] = venue.received;
  await venue.close();
  expect(said?.slice(0, 3).map((text) => text.slice(0, 60))).toEqual([
    `{"protocol":"json","version":1}${rs}`,
    '{"type":1,"target":"SubscribeTradeLogWithSpeed","arguments":',
    '{"type":1,"target":"SubscribeQuotesForSymbolWithSpeed","argu',
  ]);
  expect(said?.filter((text) => text === `{"type":6}${rs}`).length).toBeGreaterThan(0);
});
