import { describe, expect, test } from 'vitest';
import type { FrameDecoder } from '../venue-feed.ts';
import { fuzzDecoder, impossible, mutateFrame, seededRandom } from './fuzz-frames.ts';

const good = '{"s":"TAPEUSDT","p":"2.5","q":"0.1","T":1723161255611,"m":true,"b":[["2.4","3"]]}';

/** Accepts whatever has the two texts; a decoder as nobody should write it. */
const careless: FrameDecoder = {
  decode(frame, _receiveMs, sink) {
    let json: { s: string; p: string };
    try {
      json = JSON.parse(String(frame)) as typeof json;
    } catch (error) {
      sink.reject('bad-frame', (error as Error).message);
      return;
    }
    sink.event({ type: 'trade', symbol: json.s, timeMs: 1, price: json.p, size: '1', side: 'buy' });
  },
};

describe('mutateFrame', () => {
  test('damages the same frame in the same way for the same seed', () => {
    const run = (seed: number): (string | Uint8Array)[] => {
      const random = seededRandom(seed);
      return Array.from({ length: 200 }, () => mutateFrame(good, random));
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
  });

  test('leaves hardly any frame as it was, and reaches text that no JSON parser takes as well as text that it does', () => {
    const random = seededRandom(1);
    const frames = Array.from({ length: 2_000 }, () => mutateFrame(good, random) as string);
    const parses = frames.filter((frame) => {
      try {
        JSON.parse(frame);
        return true;
      } catch {
        return false;
      }
    });
    expect(frames.filter((frame) => frame === good).length).toBeLessThan(60);
    expect(parses.length).toBeGreaterThan(300);
    expect(frames.length - parses.length).toBeGreaterThan(300);
  });

  test('damages bytes and gives bytes', () => {
    const bytes = Uint8Array.from({ length: 64 }, (_, i) => i);
    const random = seededRandom(3);
    const frames = Array.from({ length: 300 }, () => mutateFrame(bytes, random));
    expect(frames.every((frame) => frame instanceof Uint8Array)).toBe(true);
    expect(new Set(frames.map(String)).size).toBeGreaterThan(200);
    expect(bytes[63]).toBe(63);
  });
});

describe('fuzzDecoder', () => {
  test('finds the decoder that checks nothing, with the seed and the frame', () => {
    expect(() => fuzzDecoder(() => careless, [good], { seed: 1, count: 1_000 })).toThrow(
      /^seed 1, frame \d+: .*\nframe: /s,
    );
  });

  test('finds the decoder that swallows a frame', () => {
    expect(() => fuzzDecoder(() => ({ decode: () => {} }), [good], { seed: 1, count: 10 })).toThrow(
      'the frame vanished',
    );
  });

  test('counts what a careful decoder makes of the frames', () => {
    const careful: FrameDecoder = {
      decode: (frame, _receiveMs, sink) => (frame === good ? sink.unmodelled('trade') : sink.reject('bad-frame', 'no')),
    };
    const result = fuzzDecoder(() => careful, [good], { seed: 1, count: 1_000 });
    expect(result.frames).toBe(1_000);
    expect((result.rejected['bad-frame'] ?? 0) + result.unmodelled).toBe(result.frames + result.goodFrames);
  });
});

test.each<[string, Partial<Record<string, unknown>>]>([
  ['an empty symbol', { symbol: '' }],
  ['a time that is no number', { timeMs: NaN }],
  ['a price that is no decimal', { price: '1,5' }],
  ['a size below zero', { size: '-1' }],
  ['a side of its own', { side: 'bid' }],
])('impossible() finds %s', (_name, change) => {
  const trade = { type: 'trade', symbol: 'A', timeMs: 1, price: '1', size: '1', side: 'buy' } as const;
  expect(impossible(trade)).toBeUndefined();
  expect(impossible({ ...trade, ...change })).toBeTypeOf('string');
});
