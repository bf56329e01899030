import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import {
  createOfiRegression,
  flowPointOf,
  ofiRegressionDefaults,
  ofiRegressionOfColumns,
  restoreOfiRegression,
} from './windowed-regression.ts';
import type { FlowPoint, OfiRegressionWindow, WindowedOfiRegression } from './windowed-regression.ts';
import { regressPriceOnFlow } from '../../ofi-regression.ts';
import { createOfiBuckets } from '../../ofi-buckets.ts';

const point = (timeMs: number, flow: number, changeTicks: number, depthLots?: number): FlowPoint =>
  depthLots === undefined ? { timeMs, flow, changeTicks } : { timeMs, flow, changeTicks, depthLots };

describe('createOfiRegression', () => {
  test('has the line of each window, as one regression over its points has it', () => {
    const regression = createOfiRegression({ windowMs: 1000, minPoints: 3 });
    const points = [point(0, -2, -3, 4), point(250, -1, -3), point(500, 0, 0, 8), point(750, 1, 3), point(999, 2, 3)];
    for (const next of points) expect(regression.push(next)).toBeUndefined();
    expect(regression.push(point(1000, 5, 1))).toEqual({
      startMs: 0,
      endMs: 1000,
      points: 5,
      line: regressPriceOnFlow([-2, -1, 0, 1, 2], [-3, -3, 0, 3, 3]),
      averageDepthLots: 6,
    });
    expect(regression.flush()).toEqual({
      startMs: 1000,
      endMs: 2000,
      points: 1,
      line: undefined,
      averageDepthLots: undefined,
    });
    expect(regression.flush()).toBeUndefined();
  });

  test('too few points draw no line; more than fit are left out and counted, as are late ones', () => {
    const regression = createOfiRegression({ windowMs: 10, minPoints: 4, maxPoints: 4 });
    for (const next of [0, 1, 2]) regression.push(point(next, next, next));
    expect(regression.push(point(10, 0, 0))).toMatchObject({ points: 3, line: undefined });
    expect(regression.push(point(9, 0, 0))).toBeUndefined();
    expect(regression.push(undefined)).toBeUndefined();
    for (const next of [11, 12, 13, 14, 15]) regression.push(point(next, next, 2 * next));
    expect(regression.flush()).toMatchObject({ points: 4 });
    expect(regression.counts()).toEqual({ points: 7, latePoints: 1, overflowedPoints: 2 });
  });

  test('takes the buckets of OFI that are complete', () => {
    const buckets = createOfiBuckets({ everyMs: 10 });
    buckets.push(0, { bidTicks: 100, bidLots: 4, askTicks: 101, askLots: 4 });
    buckets.push(5, { bidTicks: 100, bidLots: 6, askTicks: 102, askLots: 6 });
    const [first] = buckets.push(10, { bidTicks: 100, bidLots: 6, askTicks: 102, askLots: 6 });
    expect(flowPointOf(first!)).toEqual({ timeMs: 0, flow: 2 + 4, changeTicks: 0.5, depthLots: 6 });
    expect(flowPointOf(buckets.flush()!)).toBeUndefined();
  });

  test.each([{ windowMs: 0 }, { minPoints: 2 }, { maxPoints: 5, minPoints: 6 }, { offsetMs: 0.5 }])(
    'the options %j are refused',
    (options) => {
      expect(() => createOfiRegression(options)).toThrow(expect.objectContaining({ code: 'bad-option' }));
    },
  );

  test('a snapshot goes back to its own options alone', () => {
    const snapshot = createOfiRegression().snapshot();
    expect(snapshot.options).toEqual(ofiRegressionDefaults);
    expect(() => restoreOfiRegression(snapshot, { windowMs: 5 })).toThrow(
      expect.objectContaining({ code: 'bad-snapshot' }),
    );
  });
});

const values = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constantFrom(-0, 1e70, 5e-324));
const points = fc.array(
  fc.option(
    fc.record(
      { timeMs: fc.integer({ min: -20, max: 60 }), flow: values, changeTicks: values, depthLots: fc.nat({ max: 9 }) },
      { requiredKeys: ['timeMs', 'flow', 'changeTicks'] },
    ),
    { nil: undefined, freq: 8 },
  ),
  { maxLength: 25 },
);
const options = { windowMs: 10, minPoints: 3, maxPoints: 6 };

describeReducerContract<FlowPoint | undefined, OfiRegressionWindow, WindowedOfiRegression>({
  name: 'createOfiRegression',
  create: () => createOfiRegression(options),
  restore: (snapshot) => restoreOfiRegression(snapshot, options),
  inputs: points,
  batch: (tape) => {
    const column = (read: (next: FlowPoint) => number | undefined): number[] =>
      tape.map((next) => (next && read(next)) ?? NaN);
    const { values: windows, last } = ofiRegressionOfColumns(
      {
        timeMs: column((next) => next.timeMs),
        flow: column((next) => next.flow),
        changeTicks: column((next) => next.changeTicks),
        depthLots: column((next) => next.depthLots),
      },
      options,
    );
    return [...windows, last].filter((window) => window !== undefined);
  },
  refused: [point(NaN, 1, 1), point(0, NaN, 1), point(0, 1, Infinity), point(0, 1e80, 1), point(0, 1, 1, NaN)],
});
