import { describeReducerContract } from '@tapekit/tooling/contract';
import { damaged } from '@tapekit/tooling/hostile';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isScoringError } from './errors.ts';
import type { VolumeBar } from './indicators.ts';
import { sma, toBarColumns, valueAt } from './indicators.ts';
import type { TechnicalRating, TechnicalRatingStream } from './technical-rating.ts';
import { createTechnicalRating, ratingSignal, restoreTechnicalRating, technicalRating } from './technical-rating.ts';
import { voteNames } from './technical-rating/votes.ts';

const columnsOf = (bars: readonly VolumeBar[]) => toBarColumns(bars.map((bar, i) => ({ startMs: i, ...bar })));

/** Walks in whole ticks, long enough for every vote in some runs. */
const walk = (maxLength: number): fc.Arbitrary<readonly VolumeBar[]> =>
  fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(6), fc.nat(6), fc.nat(500)), { maxLength }).map((steps) => {
    let close = 4_000;
    return steps.map(([step, up, down, volume]) => {
      const open = close;
      close += step;
      return { high: Math.max(open, close) + up, low: Math.min(open, close) - down, close, volume };
    });
  });
const tapes = fc.oneof(walk(30), walk(120), walk(260));

const batch = (bars: readonly VolumeBar[]): unknown[] => {
  const { rating, movingAverages, oscillators } = technicalRating(columnsOf(bars));
  return Array.from(rating.values, (value, i) => ({
    rating: value,
    movingAverages: valueAt(movingAverages, i + 9),
    oscillators: valueAt(oscillators, i + 9),
  }));
};

describeReducerContract<VolumeBar, unknown, TechnicalRatingStream>({
  name: 'createTechnicalRating',
  create: createTechnicalRating,
  restore: (snapshot) => restoreTechnicalRating(snapshot),
  push: (stream, bar) => {
    const point = stream.push(bar);
    return point && { rating: point.rating, movingAverages: point.movingAverages, oscillators: point.oscillators };
  },
  batch,
  inputs: tapes,
  refused: [{ high: 1, low: 2, close: 1, volume: 1 }],
  runs: 15,
});

describe('technicalRating', () => {
  test('never changes an earlier rating when bars are appended', () => {
    fc.assert(
      fc.property(tapes, fc.nat(260), (tape, cut) => {
        const known = batch(tape.slice(0, cut));
        expect(batch(tape).slice(0, known.length)).toEqual(known);
      }),
      { numRuns: 60 },
    );
  });

  test('is mirrored by mirrored prices', () => {
    fc.assert(
      fc.property(tapes, (tape) => {
        const mirrored = tape.map(({ high, low, close, volume }) => ({
          high: 8_192 - low,
          low: 8_192 - high,
          close: 8_192 - close,
          volume,
        }));
        const other = technicalRating(columnsOf(mirrored)).rating.values;
        expect(Array.from(other, (value) => -value + 0)).toEqual(
          Array.from(technicalRating(columnsOf(tape)).rating.values),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('is neutral, and says so, in a market that never moved', () => {
    const stream = createTechnicalRating();
    let last: TechnicalRating | undefined;
    for (let i = 0; i < 260; i++) last = stream.push({ high: 10.1, low: 10.1, close: 10.1, volume: 5 });
    expect(last).toMatchObject({ rating: 0, signal: 'neutral', movingAverages: 0, oscillators: 0, coverage: 1 });
    expect(Object.keys(last?.votes ?? {})).toEqual(voteNames);
  });

  test('an average whose whole period stood still casts no vote: what it keeps of before is a remnant', () => {
    // Up from 100 to 160, then suspended at 130 for 60 bars: EMA 50 has nothing but remnants, EMA 100 still remembers.
    const up = Array.from({ length: 150 }, (_, i) => 100 + Math.min(60, i));
    const closes = [...up, ...new Array<number>(60).fill(130)];
    const stream = createTechnicalRating();
    const ratings = closes.map((close) => stream.push({ high: close, low: close, close, volume: 0 }));
    const at = ratings.at(-1)!.votes;
    expect(at).toMatchObject({ sma50: 0, ema10: 0, ema20: 0, ema30: 0, ema50: 0, macd: 0, elderRay: 0, hma9: 0 });
    expect(at).toMatchObject({ sma100: -1, ema100: -1, ema200: -1 });
    expect(ratings[150 + 48]!.votes['ema50']).toBe(-1);
  });

  test('a stock that is suspended for long is neutral, and so is its mirror image, bar by bar', () => {
    const closes = [
      ...Array.from({ length: 260 }, (_, i) => 150 + ((i * 37) % 83)),
      ...new Array<number>(400).fill(202),
    ];
    const bars = closes.map((close) => ({ high: close, low: close, close, volume: close === 202 ? 0 : 5 }));
    const mirrored = bars.map(({ close, volume }) => ({
      ...{ high: 1_400 - close, low: 1_400 - close, close: 1_400 - close, volume },
    }));
    const { rating } = technicalRating(columnsOf(bars));
    expect(Array.from(technicalRating(columnsOf(mirrored)).rating.values, (value) => -value + 0)).toEqual(
      Array.from(rating.values, (value) => value + 0),
    );
    expect(rating.values.at(-1)).toBe(0);
    const stream = createTechnicalRating();
    expect(bars.map((bar) => stream.push(bar)).at(-1)).toMatchObject({ rating: 0, coverage: expect.any(Number) });
  });

  test('counts what it knows: ten bars know SMA 10 and EMA 10 alone', () => {
    const stream = createTechnicalRating();
    const bars = Array.from({ length: 10 }, (_, i) => ({ high: i + 1, low: i + 1, close: i + 1, volume: 1 }));
    const points = bars.map((bar) => stream.push(bar));
    expect(points.slice(0, 9)).toEqual(new Array(9).fill(undefined));
    expect(points[9]).toEqual({
      rating: 1,
      signal: 'strong-buy',
      movingAverages: 1,
      oscillators: undefined,
      coverage: 2 / 26,
      votes: { sma10: 1, ema10: 1 },
    });
  });

  test('in a steady rise 14 of 15 averages say buy, and of 11 oscillators only the ultimate one', () => {
    // 300 bars, one up each. The price is above every average but the HMA, which is a straight line itself. The lines of
    // Ichimoku stand in order: conversion 4 below the price, base 12.5, span A of 26 bars ago 34.25, span B 51.5.
    // Momentum stays at 10, RSI and CCI do not fall, nothing crosses; the MACD lies on its signal.
    const stream = createTechnicalRating();
    let last: TechnicalRating | undefined;
    for (let i = 0; i < 300; i++) last = stream.push({ high: i + 1, low: i + 1, close: i + 1, volume: 1 });
    expect(last?.votes).toMatchObject({ hma9: 0, ichimoku: 1, sma200: 1, momentum: 0, ultimate: 1, rsi: 0, macd: 0 });
    expect(last?.movingAverages).toBe(14 / 15);
    expect(last?.oscillators).toBe(1 / 11);
    expect(last?.rating).toBeCloseTo((14 / 15 + 1 / 11) / 2, 15);
    expect(last?.signal).toBe('strong-buy');
  });

  test('gives the same whether the open bar was replaced on the way or not', () => {
    fc.assert(
      fc.property(walk(80), (tape) => {
        const [direct, revised] = [createTechnicalRating(), createTechnicalRating()];
        for (const bar of tape) {
          const expected = direct.push(bar);
          revised.push({ ...bar, high: bar.high + 50, close: bar.high + 20 });
          const restored = restoreTechnicalRating(JSON.parse(JSON.stringify(revised.snapshot())));
          expect(revised.replaceLast(bar)).toEqual(expected);
          expect(restored.replaceLast(bar)).toEqual(expected);
        }
      }),
      { numRuns: 8 },
    );
  });

  test('a vote of an average is the side of the close: checked by hand against SMA 10', () => {
    const bars = fc.sample(walk(120), { numRuns: 30, seed: 3 }).sort((a, b) => b.length - a.length)[0]!;
    const averages = sma(
      bars.map((bar) => bar.close),
      { period: 10 },
    );
    const stream = createTechnicalRating();
    bars.forEach((bar, i) => {
      const vote = stream.push(bar)?.votes['sma10'];
      const average = valueAt(averages, i);
      expect(vote).toBe(average === undefined ? undefined : Math.sign(bar.close - average) + 0);
    });
  });

  test('a snapshot that is damaged anywhere is refused as one, or goes on with a rating from −1 to 1', () => {
    const stream = createTechnicalRating();
    const bars = fc.sample(walk(260), { numRuns: 30, seed: 5 }).sort((a, b) => b.length - a.length)[0]!;
    for (const bar of bars) stream.push(bar);
    const snapshot = stream.snapshot();
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(undefined, null, -1, 1e308, 0.5, 'x', true, [], {}), (place, put) => {
        let restored: TechnicalRatingStream;
        try {
          restored = restoreTechnicalRating(damaged(snapshot, place, put) as never);
        } catch (error) {
          if (!isScoringError(error, 'bad-snapshot')) throw error;
          return;
        }
        for (const bar of bars.slice(0, 40)) expect(Math.abs(restored.push(bar)!.rating)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  test('refuses a snapshot of another shape', () => {
    const snapshot = createTechnicalRating().snapshot();
    expect(() => restoreTechnicalRating({ ...snapshot, v: 2 as 1 })).toThrow(/version "2" is not one of/);
    expect(() => restoreTechnicalRating({ ...snapshot, rows: [] })).toThrow(/Pass the snapshot as it was taken/);
    expect(() => restoreTechnicalRating({ ...snapshot, readings: [] })).toThrow(/Pass the snapshot as it was taken/);
    expect(() => restoreTechnicalRating(undefined as never)).toThrow(/version "undefined"/);
    expect(() =>
      restoreTechnicalRating({ ...snapshot, readings: [...snapshot.readings, snapshot.readings[0]!] }),
    ).toThrow(/Pass the snapshot as it was taken/);
    expect(() => restoreTechnicalRating({ ...snapshot, count: 7 })).toThrow(/Pass the snapshot as it was taken/);
    const row = snapshot.rows[0]!.map(() => 1e308);
    expect(() => restoreTechnicalRating({ ...snapshot, rows: [row, row, row] })).toThrow(/as it was taken/);
  });
});

describe('ratingSignal', () => {
  test.each([
    [-1, 'strong-sell'],
    [-0.5, 'sell'],
    [-0.1, 'neutral'],
    [0, 'neutral'],
    [0.1, 'neutral'],
    [0.11, 'buy'],
    [0.5, 'buy'],
    [0.51, 'strong-buy'],
  ])('%d is %s', (rating, signal) => {
    expect(ratingSignal(rating)).toBe(signal);
  });
});
