import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { describe, expect, test } from 'vitest';
import { recordedFrames } from '../internal/venue/recordings.fixture.ts';
import { platformConnect } from '../internal/live/socket.ts';
import { checkFault, faultCases, type FaultRecording } from '../testing/fault-suite.ts';
import { binanceFeed } from './binance.ts';

/** Four symbols of one real connection; every fetched book is an empty one beyond all updates. */
function recording(market: 'spot' | 'usd-m', file: string): FaultRecording {
  const frames = recordedFrames(recordedPath(`trades_books/${file}`)).map(({ text }) => text);
  const symbols = [...new Set(frames.flatMap((text) => /"s":"([A-Z]+)"/.exec(text)?.[1] ?? []))];
  const make = (restUrl: string): ReturnType<typeof binanceFeed> =>
    binanceFeed({ market, symbols, channels: ['trades', 'book', 'quotes', 'bars'], url: 'ws://127.0.0.1:1', restUrl });
  return {
    feed: make('http://127.0.0.1:1'),
    frames,
    redirect(feed, httpUrl) {
      const fetching = make(httpUrl);
      return { ...feed, snapshot: (...asked) => fetching.snapshot!(...asked) };
    },
    http: () => ({ status: 200, body: `{"lastUpdateId":${2 ** 52},"bids":[],"asks":[]}` }),
  };
}

describe.skipIf(!hasRecordedData).each([
  ['spot', 'cryptofeed_BINANCE.ws.1.0.txt.gz'],
  ['usd-m', 'cryptofeed_BINANCE_FUTURES.ws.1.0.txt.gz'],
] as const)('a live feed of %s survives a venue that', (market, file) => {
  test.each(faultCases.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    const report = await checkFault(fault, recording(market, file));
    // A source that ends early has seen a third.
    expect(report.events).toBeGreaterThan(fault.fails ? 50 : 100);
  });
});

describe.skipIf(!hasRecordedData)("the platform's own WebSocket survives a venue that", () => {
  // It takes frames of any length, and cannot end a connection that does not answer.
  const cases = faultCases.filter(({ ends, fails }) => !ends.includes('oversize') && !fails);
  test.each(cases.map((fault) => [fault.name, fault] as const))('%s', async (_name, fault) => {
    await checkFault(
      { ...fault, leastWaitMs: 0 },
      { ...recording('spot', 'cryptofeed_BINANCE.ws.1.0.txt.gz'), connect: platformConnect },
    );
  });
});
