/** Damaged DBN streams and CSV lines: nothing is thrown, nothing vanishes, nothing impossible comes out. */
import { describe, expect, test } from 'vitest';
import { hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import type { FrameDecoder } from '../venue-feed.ts';
import { createDbnDecoder } from './databento.ts';
import { createDatabentoCsvDecoder } from './databento-csv.ts';
import { dbnBytes, gzippedLines } from './databento/decode.fixture.ts';
import { dbnStream, mboRecord, notice, symbolMapping, tradeRecord } from './databento/dbn.fixture.ts';

/** Each frame is a whole stream, since a piece of one may rightly give nothing. */
const wholeStreams = (): FrameDecoder => ({
  decode(frame, receiveMs, sink) {
    const decoder = createDbnDecoder({ maxMetadataBytes: 1 << 20 });
    decoder.decode(frame, receiveMs, sink);
    decoder.end(sink);
  },
});

const synthetic = [1, 2, 3].map((version) =>
  dbnStream(version, [
    mboRecord({ action: 'A', orderId: 7n }),
    tradeRecord({ size: 2 }),
    symbolMapping(version, 17_077, 'ES.FUT', 'ESH4'),
    notice(version, 0x17, 'Heartbeat', 0),
    notice(version, 0x15, 'Slow reading', 7),
  ]),
);

describe('damaged data of Databento', () => {
  test('in binary form is refused and counted', async () => {
    const corpus = [...synthetic];
    if (hasRecordedData) {
      for (const name of [
        'mbo.v1.dbn.zst',
        'mbo.v3.dbn',
        'mbp-10.v3.dbn.zst',
        'trades.v2.dbn.zst',
        'ohlcv-1m.v3.dbn.zst',
        'bbo-1s.v3.dbn.zst',
      ]) {
        corpus.push(await dbnBytes(recordedPath(`fixtures/dbn/test_data.${name}`)));
      }
    }
    const result = fuzzDecoder(wholeStreams, corpus, { seed: 8_401, count: fuzzCount() });
    expect(result.frames).toBe(fuzzCount());
    expect(result.events).toBeGreaterThan(0);
    expect(result.rejected['bad-frame']).toBeGreaterThan(0);
    expect(result.rejected['bad-record']).toBeGreaterThan(0);
  });

  test('in CSV form is refused and counted', () => {
    const header =
      'ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,price,size,channel_id,order_id,flags,ts_in_delta,sequence';
    const corpus = [
      header,
      '1703462400000000000,1703422805243925307,160,1,17077,A,B,4799.000000000,2,0,6412777162812,40,0,682',
      '1703462400000000000,1703422805243925307,160,1,17077,T,N,4799000000000,44,0,0,128,0,683',
    ];
    if (hasRecordedData)
      corpus.push(...gzippedLines(recordedPath('futures/ESH4_2023-12-25_mbo_to2330Z.csv.gz')).slice(9_000, 9_200));
    // Without its header no row can be read: each connection of the fuzzing begins with one.
    const withHeader = (): FrameDecoder => {
      const decoder = createDatabentoCsvDecoder({ maxLineLength: 4_096 });
      decoder.decode(header, 0, { event() {}, reject() {}, unmodelled() {}, control() {} });
      return decoder;
    };
    const result = fuzzDecoder(withHeader, corpus, { seed: 8_402, count: fuzzCount() });
    expect(result.frames).toBe(fuzzCount());
    expect(result.events).toBeGreaterThan(0);
    expect(result.rejected['bad-record']).toBeGreaterThan(0);
  });
});
