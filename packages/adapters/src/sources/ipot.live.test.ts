/** The live feed of IPOT against a venue that does every fault of the contract. */
import { expect, test } from 'vitest';
import { nodeConnect } from '../live-source-node.ts';
import { createLiveSource } from '../live-source.ts';
import { checkFault, faultCases } from '../testing/fault-suite.ts';
import { startLoopbackVenue } from '../testing/loopback-venue.ts';
import { ipotFeed } from './ipot.ts';

const feed = ipotFeed({ appsession: 'secret' });
const stream = (data: string): string =>
  JSON.stringify({ event: 'stream', data: { source: 'IDX', service: 'mi', rtype: 'LT', code: 'ANY', data } });
/** Handshake and answer, then trades of two stocks with a heartbeat after each tenth. */
const frames = ['{"rid":1,"data":{"id":"x","isAuthenticated":false}}', '{"rid":2,"data":{"status":"OK"}}'];
for (let i = 1; i <= 60; i += 1) {
  const code = i % 2 ? 'TSTA' : 'TSTB';
  const sequence = String(1000 + i).padStart(8, '0');
  frames.push(stream(`B|090002|0|${code}|RG|${sequence}|${200 + 2 * (i % 5)}|${i}|--|-|--|-|200|00|7${i}|0|0|200|0|1`));
  if (i % 10 === 0) frames.push('#1');
}

test.each(faultCases.map((fault) => [fault.name, fault] as const))('survives a venue that %s', async (_name, fault) => {
  const { events, yielded, delivered } = await checkFault(fault, { feed, frames });
  expect(yielded).toBe(delivered);
  expect(events).toBeGreaterThan(0);
});

test('the venue hears the handshake, then the subscription, and each heartbeat answered', async () => {
  const done = new AbortController();
  // It ends when the answer to a heartbeat was heard: what was sent before that, it has heard, too.
  const venue = await startLoopbackVenue({
    frames,
    connections: [[{ do: 'send', count: Infinity }, { do: 'await' }, { do: 'answer' }]],
    answers: (text) => (text === '#2' ? [] : undefined),
    onDone: () => done.abort(),
  });
  const source = createLiveSource({ ...feed, url: () => venue.wsUrl }, { connect: nodeConnect, signal: done.signal });
  let yielded = 0;
  const read = async (): Promise<void> => {
    for await (const item of source) {
      if (item.kind === 'record' || item.kind === 'quarantined') venue.acknowledge((yielded += 1));
    }
  };
  await expect(read()).rejects.toThrow();
  expect(source.stats()).toMatchObject({ quarantined: 0, events: { trade: 60 } });
  const [said] = venue.received;
  await venue.close();
  expect(said?.map((text) => (text === '#2' ? text : (JSON.parse(text) as { event: string }).event))).toEqual(
    expect.arrayContaining(['#handshake', 'cmd', '#2']),
  );
});
