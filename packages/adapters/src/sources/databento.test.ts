import { describe, expect, test } from 'vitest';
import { createDbnDecoder } from './databento.ts';
import { decodeCsv, decodeDbn, collector } from './databento/decode.fixture.ts';
import { fixedPriceText } from './databento/fixed-price.ts';
import {
  dbnStream,
  mboRecord,
  mbp1Record,
  noPrice,
  notice,
  openNs,
  symbolMapping,
  tradeRecord,
  unknownRecord,
} from './databento/dbn.fixture.ts';

const openMs = Date.UTC(2023, 11, 25, 23);

describe('events of a DBN stream', () => {
  test('a trade has the price as a decimal, the aggressor, and no id', () => {
    const { events } = decodeDbn(dbnStream(3, [tradeRecord({ price: 4_799_250_000_000n, size: 3, side: 'A' })]));
    expect(events).toEqual([
      { type: 'trade', symbol: '17077', timeMs: openMs, price: '4799.25', size: '3', side: 'sell' },
    ]);
  });

  test('a trade without an aggressor, as in the opening cross, is of unknown side', () => {
    const { events } = decodeDbn(dbnStream(1, [tradeRecord({ side: 'N', size: 44 })]));
    expect(events[0]).toMatchObject({ side: 'unknown', size: '44' });
  });

  test('a trade of size 0 is no market trade', () => {
    expect(decodeDbn(dbnStream(1, [tradeRecord({ size: 0 })])).events[0]).toMatchObject({ nonMarket: true });
  });

  test('identical trades are all kept', () => {
    const twice = [tradeRecord(), tradeRecord()];
    expect(decodeDbn(dbnStream(2, twice)).events).toHaveLength(2);
  });

  test('an order keeps the fraction of its millisecond, its flags, and ids beyond 2^53 as text', () => {
    const record = mboRecord({ eventNs: openNs + 1_500_000n, orderId: 2n ** 63n, size: 5, flags: 0x82 });
    expect(decodeDbn(dbnStream(3, [record])).events).toEqual([
      {
        type: 'order',
        symbol: '17077',
        timeMs: openMs + 1.5,
        action: 'A',
        side: 'B',
        orderId: '9223372036854775808',
        price: '4799',
        size: '5',
        flags: 0x82,
      },
    ]);
  });

  test('a clear of the book needs no price; adding an order does', () => {
    const { events, rejected } = decodeDbn(
      dbnStream(1, [mboRecord({ action: 'R', side: 'N', price: noPrice }), mboRecord({ price: noPrice })]),
    );
    expect(events).toHaveLength(1);
    expect(events[0]).not.toHaveProperty('price');
    expect(rejected).toEqual([
      { reason: 'bad-record', detail: 'record 2: price is missing; expected a price for action A' },
    ]);
  });

  test('a quote comes at the last record of an event, and before each trade; one inside an event is counted', () => {
    const { events, unmodelled } = decodeDbn(
      dbnStream(1, [
        mbp1Record({ action: 'T', size: 3 }),
        mbp1Record({ action: 'C' }),
        mbp1Record({ action: 'A', size: 0, flags: 0x80 }),
      ]),
    );
    expect(events).toMatchObject([
      { type: 'quote', bidPrice: '4799', bidSize: '10', askPrice: '4799.25', askSize: '3' },
      { type: 'trade', price: '4799', size: '3', side: 'buy' },
      { type: 'quote', bidPrice: '4799', bidSize: '10' },
    ]);
    // A side without size is none.
    expect(events[2]).not.toHaveProperty('askPrice');
    expect(unmodelled).toEqual({ metadata: 1, 'mbp-1 inside an event': 1 });
  });

  test('a time that is undefined gives way to the time of receipt, of the venue first', () => {
    const none = 2n ** 64n - 1n;
    const stream = dbnStream(1, [
      tradeRecord({ eventNs: none, receiveNs: openNs + 5_999_999n }),
      tradeRecord({ eventNs: none, receiveNs: none }),
    ]);
    const collected = collector();
    const decoder = createDbnDecoder();
    decoder.decode(stream, 77, collected.sink);
    expect(collected.events.map((event) => event.type === 'trade' && event.timeMs)).toEqual([openMs + 5, 77]);
  });

  test.each([
    [0n, '0'],
    [1n, '0.000000001'],
    [-37_630_000_000n, '-37.63'],
    [-500_000_000n, '-0.5'],
    [5_528_750_000_000n, '5528.75'],
    [9_007_199_254_740_993n, '9007199.254740993'],
    [-9_007_199_254_740_993n, '-9007199.254740993'],
    [9_223_372_036_854_775_806n, '9223372036.854775806'],
  ])('the stored price %s is %s', (stored, text) => {
    expect(fixedPriceText(stored)).toBe(text);
    expect(decodeDbn(dbnStream(1, [tradeRecord({ price: stored })])).events[0]).toMatchObject({ price: text });
  });
});

describe('symbols', () => {
  const mappings = [
    ['ESH4', 20231225, 20231226, '17077'],
    ['ESM4', 20231226, 20231227, '17077'],
  ] as const;
  const day = 86_400_000_000_000n;

  test.each([1, 2, 3])('of version %i come from the head, by the day of receipt', (version) => {
    const records = [0n, day, 2n * day].map((later) =>
      tradeRecord({ receiveNs: openNs + later, eventNs: openNs + later }),
    );
    const { events } = decodeDbn(dbnStream(version, records, { mappings }));
    // On the third day nothing names the instrument.
    expect(events.map((event) => event.symbol)).toEqual(['ESH4', 'ESM4', '17077']);
  });

  test.each([1, 2, 3])('of a live session of version %i come from its messages', (version) => {
    const stream = dbnStream(version, [symbolMapping(version, 17_077, 'ES.FUT', 'ESH4'), tradeRecord()]);
    const { events, controls } = decodeDbn(stream);
    expect(events[0]?.symbol).toBe('ESH4');
    expect(controls).toEqual([{ kind: 'subscribed', channel: 'ES.FUT ESH4' }]);
  });

  test('that the caller gives go before all others', () => {
    const stream = dbnStream(3, [symbolMapping(3, 17_077, 'ES.FUT', 'ESH4'), tradeRecord()], { mappings });
    expect(decodeDbn(stream, { names: { 17077: 'mine' } }).events[0]?.symbol).toBe('mine');
  });

  test('that were not asked for are rejected', () => {
    const { events, rejected } = decodeDbn(
      dbnStream(3, [tradeRecord(), tradeRecord({ instrumentId: 5 })], { mappings }),
      {
        symbols: ['ESH4'],
      },
    );
    expect(events).toHaveLength(1);
    expect(rejected).toEqual([
      { reason: 'other-symbol', detail: 'the record is of "5"; expected one of the symbols asked for' },
    ]);
  });
});

describe('what the feed says of itself', () => {
  test('a sequence that falls is a gap; orders of a snapshot keep their old numbers', () => {
    const { controls } = decodeDbn(
      dbnStream(1, [
        mboRecord({ sequence: 900, flags: 0x20 }),
        mboRecord({ sequence: 682, flags: 0xa0 }),
        mboRecord({ sequence: 20 }),
        mboRecord({ sequence: 21 }),
        mboRecord({ sequence: 19 }),
      ]),
    );
    expect(controls).toEqual([
      {
        kind: 'gap',
        symbol: '17077',
        channel: 'orders',
        afterId: '21',
        beforeId: '19',
        detail: 'the sequence fell from 21 to 19: the venue began anew, or records are out of order',
      },
    ]);
  });

  test('a book that may be bad is to be asked for anew, once until it is cleared', () => {
    const bad = mboRecord({ flags: 0x84 });
    const clear = mboRecord({ action: 'R', side: 'N' });
    const { controls } = decodeDbn(dbnStream(1, [bad, bad, clear, bad]));
    expect(controls.map(({ kind }) => kind)).toEqual(['resync', 'resync']);
  });

  test.each([1, 3])('heartbeats and errors of version %i are told apart', (version) => {
    const { controls, rejected } = decodeDbn(
      dbnStream(version, [notice(version, 0x17, 'Heartbeat', 0), notice(version, 0x15, 'Unknown symbol', 4)]),
    );
    expect(controls).toEqual([{ kind: 'heartbeat' }]);
    expect(rejected).toEqual([{ reason: 'venue-error', detail: 'the gateway says: Unknown symbol' }]);
  });

  test('records that a slow reader lost are a gap', () => {
    const { controls } = decodeDbn(dbnStream(3, [notice(3, 0x15, 'Skipped 12 records', 7)]));
    expect(controls).toMatchObject([{ kind: 'gap', detail: 'Skipped 12 records' }]);
  });
});

describe('bytes that are no good', () => {
  test('unknown record types are passed over by their length and counted', () => {
    const { events, unmodelled } = decodeDbn(
      dbnStream(3, [unknownRecord(0x77, 30), unknownRecord(0x18, 16), tradeRecord()]),
    );
    expect(events).toHaveLength(1);
    expect(unmodelled).toEqual({ metadata: 1, 'rtype-0x77': 1, statistics: 1 });
  });

  test('a record that is longer than known is read, a shorter one refused, and its neighbours stay', () => {
    const longer = new Uint8Array(56);
    longer.set(tradeRecord());
    longer[0] = 14;
    const shorter = tradeRecord().slice(0, 32);
    shorter[0] = 8;
    const { events, rejected } = decodeDbn(dbnStream(1, [longer, shorter, tradeRecord()]));
    expect(events).toHaveLength(2);
    expect(rejected).toEqual([
      { reason: 'bad-record', detail: 'record 2: length of a record of type 0x0 is 32; expected 48 bytes' },
    ]);
  });

  test('a record ends with the time of sending where the head says so', () => {
    const sent = new Uint8Array(56);
    sent.set(tradeRecord());
    sent[0] = 14;
    new DataView(sent.buffer).setBigUint64(48, openNs + 9n, true);
    const { records, rejected } = decodeDbn(dbnStream(2, [sent, tradeRecord()], { tsOut: true }));
    expect(records).toMatchObject([{ sentNs: openNs + 9n }]);
    expect(rejected[0]?.detail).toBe('record 2: length of a record of type 0x0 is 48; expected 56 bytes');
  });

  test('a length of zero ends the reading, and says where', () => {
    const head = dbnStream(1, []).length;
    const stream = dbnStream(1, [tradeRecord(), new Uint8Array(48), tradeRecord()]);
    const { events, rejected } = decodeDbn(stream);
    expect(events).toHaveLength(1);
    expect(rejected).toEqual([
      {
        reason: 'bad-frame',
        detail: `the record at byte ${head + 48} says that it has 0 bytes; expected at least 16. What follows cannot be read`,
      },
    ]);
  });

  test('a cut is reported wherever it is', () => {
    const stream = dbnStream(1, [tradeRecord(), tradeRecord()]);
    for (let length = 0; length < stream.length; length += 1) {
      const { rejected, decoder } = decodeDbn(stream.slice(0, length));
      const isBetweenRecords = length === stream.length - 48 || length === stream.length - 96;
      expect(rejected.map(({ reason }) => reason)).toEqual(isBetweenRecords ? [] : ['bad-frame']);
      expect(decoder.records()).toBe(Math.max(0, Math.floor((length - (stream.length - 96)) / 48)));
    }
    expect(decodeDbn(stream.slice(0, -1)).rejected[0]?.detail).toBe(
      'the data ends inside a record: 47 of its 48 bytes are there',
    );
  });

  test('compressed bytes are named, with the way out', () => {
    expect(decodeDbn(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0, 0, 0)).rejected).toEqual([
      {
        reason: 'bad-frame',
        detail:
          'the data is compressed with zstd (28 b5 2f fd); expected the bytes after decompression. ' +
          'In Node, open it with dbnFile of @tapekit/adapters/sources/databento-node',
      },
    ]);
  });

  test.each([
    [Uint8Array.of(0x44, 0x42, 0x4e, 4, 0, 0, 0, 0), 'the DBN version is 4; expected 1 to 3'],
    [Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0, 0), 'the data starts with 50 4b 03 04; expected 44 42 4e ("DBN")'],
  ])('what is no DBN of a known version is refused', (bytes, detail) => {
    expect(decodeDbn(bytes).rejected).toEqual([{ reason: 'bad-frame', detail }]);
  });

  test('a head longer than the limit is refused before it is kept', () => {
    const bytes = Uint8Array.of(0x44, 0x42, 0x4e, 3, 0xff, 0xff, 0xff, 0xff);
    expect(decodeDbn(bytes).rejected).toEqual([
      { reason: 'too-long', detail: 'the metadata has 4294967295 bytes; expected at most 67108864 (maxMetadataBytes)' },
    ]);
  });

  test('a head that makes no sense costs the symbols, not the records', () => {
    const stream = dbnStream(3, [tradeRecord()], { mappings: [['ESH4', 20231225, 20231226, '17077']] });
    // Four billion mappings.
    stream.fill(0xff, 8 + 100 + 4 + 12, 8 + 100 + 4 + 16);
    const { events, rejected } = decodeDbn(stream);
    expect(events).toMatchObject([{ symbol: '17077' }]);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]?.detail).toContain('Symbols are given as instrument ids');
  });
});

describe('CSV files', () => {
  const header =
    'ts_recv,ts_event,rtype,publisher_id,instrument_id,action,side,depth,price,size,flags,ts_in_delta,sequence,symbol';

  test('readable and raw prices and times are the same record', () => {
    const { records } = decodeCsv([
      header,
      '1703545200000000001,1703545200000000000,0,1,17077,T,B,0,4799.250000000,2,0,-5,9,ESH4',
      '2023-12-25T23:00:00.000000001Z,2023-12-25T23:00:00.000000000Z,0,1,17077,T,B,0,4799250000000,2,0,-5,9,ESH4\r',
    ]);
    expect(records[0]).toMatchObject({
      price: '4799.25',
      eventNs: openNs,
      receiveNs: openNs + 1n,
      inDeltaNs: -5,
      symbol: 'ESH4',
    });
    expect(records[1]).toEqual(records[0]);
  });

  test('rows before a header, of another width or with other letters are refused one by one', () => {
    const { rejected, events } = decodeCsv([
      '1,1,0,1,17077,T,B,0,1.0,2,0,0,9,ESH4',
      header,
      '1,1,0,1,17077,T,B,0,1.0,2,0,0,9',
      '1,1,0,1,17077,X,B,0,1.0,2,0,0,9,ESH4',
      '1,1,0,1,17077,T,B,0,1e3,2,0,0,9,ESH4',
      '1,1,0,1,17077,T,B,0,1.0,4294967296,0,0,9,ESH4',
      '1,1,0,1,17077,T,B,0,1.0,2,0,0,9,ESH4',
    ]);
    expect(rejected.map(({ detail }) => detail)).toEqual([
      'the line starts with "1,1,0,1,17077,T,B,0,1.0,2,0,0,9,ESH4" before a header; expected ts_recv,ts_event,… or ts_event,rtype,…',
      'the number of cells is 13; expected 14, as in the header',
      'action is "X"; expected A, C, M, R, T, F or N',
      'price is "1e3"; expected a decimal with a point, or a whole number of units of 1e-9',
      'size is "4294967296"; expected a whole number up to 4294967295',
    ]);
    expect(events).toHaveLength(1);
  });
});
