import { describe, expect, test } from 'vitest';
import { fuzzCount, fuzzDecoder } from '../internal/fuzz-frames.ts';
import type { SourceEvent } from '../market-source.ts';
import type { FeedControl, FrameSink } from '../venue-feed.ts';
import { readProto, writeProto } from './stockbit/protobuf.ts';
import { createStockbitDecoder, stockbitFeed } from './stockbit.ts';

const utf8 = new TextEncoder();
/** 2026-02-19 09:00:05 in Jakarta. */
const now = Date.UTC(2026, 1, 19, 2, 0, 5);

function joined(...parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
const double = (tag: number, value: number) => joined([tag * 8 + 1], new Uint8Array(new Float64Array([value]).buffer));
const varint = (tag: number, value: number) => {
  const bytes = [tag * 8];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Uint8Array.from([...bytes, rest]);
};
const message = (tag: number, value: Uint8Array | string) => writeProto([[tag, value]]);

const running = (number: number, more: readonly Uint8Array[] = [], action = 1) =>
  joined(
    message(2, 'TEST'),
    double(3, 6300),
    double(4, 200),
    varint(5, action),
    message(7, joined(varint(1, now / 1000), varint(2, 500_000_000))),
    varint(9, number),
    varint(10, 1),
    ...more,
  );

function decode(frames: readonly Uint8Array[]) {
  const events: SourceEvent[] = [];
  const controls: FeedControl[] = [];
  const others: string[] = [];
  const sink: FrameSink = {
    event: (event) => events.push(event),
    control: (control) => controls.push(control),
    reject: (reason, detail) => others.push(`${reason}: ${detail}`),
    unmodelled: (kind) => others.push(kind),
  };
  const decoder = createStockbitDecoder({ reorderWindow: 1 });
  for (const frame of frames) decoder.decode(frame, now, sink);
  return { events, controls, others };
}

describe('the socket of Stockbit', () => {
  test('trades have shares, the side of the venue and its time', () => {
    const { events, others } = decode([message(1, running(7)), message(8, message(1, running(8, [varint(10, 3)], 2)))]);
    expect(others).toEqual([]);
    const about = { type: 'trade', timeMs: now + 500, price: '6300', size: '200' };
    expect(events).toEqual([
      { ...about, symbol: 'TEST', side: 'buy', id: 2026021900000007 },
      { ...about, symbol: 'TEST.NG', side: 'sell', id: 2026021900000008 },
    ]);
  });

  test('a time may be a clock of Jakarta; one that is a day away is not believed', () => {
    const at = (time: Uint8Array | string) => decode([message(1, running(1, [message(7, time)]))]).events[0];
    expect(at('09:00:01')).toMatchObject({ timeMs: Date.UTC(2026, 1, 19, 2, 0, 1) });
    expect(at(varint(1, 5))).toMatchObject({ timeMs: now });
  });

  test('numbers that come twice are dropped, numbers that never come are a gap of their stock', () => {
    const { events, controls, others } = decode([1, 2, 2, 5, 6].map((number) => message(1, running(number))));
    expect(events).toHaveLength(4);
    expect(others).toEqual(['running-trade:duplicate']);
    expect(controls).toMatchObject([{ kind: 'gap', symbol: 'TEST', afterId: '2', beforeId: '5' }]);
  });

  test('a book goes out when both sides are known, in shares, best first', () => {
    const side = (text: string) =>
      message(
        10,
        writeProto([
          [1, 'TEST'],
          [2, text],
        ]),
      );
    const { events, others } = decode([
      side('#O|TEST|BID|6275;5;3137500|6300;12;7560000'),
      side('#O|TEST|OFFER|6325;4;2530000|6350;0;0'),
      side('#O|TEST|MIDDLE|1;1;1'),
    ]);
    expect(events).toEqual([
      {
        type: 'book-snapshot',
        symbol: 'TEST',
        timeMs: now,
        lastUpdateId: 1,
        bids: [
          ['6300', '1200'],
          ['6275', '500'],
        ],
        asks: [['6325', '400']],
      },
    ]);
    expect(others).toEqual([
      'orderbook:one-side',
      'bad-record: orderbook.body side is "MIDDLE"; expected "BID" or "OFFER"',
    ]);
  });

  test('other channels are counted, text and garbage refused', () => {
    const { others, controls } = decode([message(9, 'x'), message(2, ''), Uint8Array.of(0xff), Uint8Array.of()]);
    expect(others).toEqual([
      'live-price',
      'bad-frame: the frame is no binary message',
      'bad-frame: the frame is no binary message',
    ]);
    expect(controls).toEqual([{ kind: 'heartbeat' }]);
  });

  test('subscribes with the credentials of the user, which are in no address', async () => {
    const feed = stockbitFeed({ token: () => 'T0K3N', key: 'K3Y', userId: '42', symbols: ['TEST', 'TESB'] });
    expect(await feed.url()).toBe('wss://wss-trading.stockbit.com/ws');
    const [frame] = feed.opening();
    const text = new TextDecoder();
    const fields = readProto(frame as Uint8Array)!.map(({ tag, value }) => [tag, text.decode(value as Uint8Array)]);
    expect(fields).toEqual([
      [1, '42'],
      [2, '\u0012\u0004TEST\u0012\u0004TESB\u001a\u0004TEST\u001a\u0004TESB'],
      [3, 'K3Y'],
      [5, 'T0K3N'],
    ]);
  });

  test('under fuzz no frame is lost and no event is impossible', () => {
    const corpus = [
      message(1, running(7)),
      message(1, running(9)),
      message(8, joined(message(1, running(3)), message(1, running(4)))),
      message(
        10,
        writeProto([
          [1, 'TEST'],
          [2, utf8.encode('#O|TEST|BID|6275;5;3137500')],
        ]),
      ),
      message(
        10,
        writeProto([
          [1, 'TEST'],
          [2, utf8.encode('#O|TEST|OFFER|6300;5;3137500')],
        ]),
      ),
    ];
    const result = fuzzDecoder(() => createStockbitDecoder(), corpus, { seed: 56, count: fuzzCount() });
    expect(result.events).toBeGreaterThan(0);
    expect(result.rejected['bad-record']).toBeGreaterThan(0);
  });
});
