import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeReducerContract } from '@tapekit/tooling/contract';
import { createDepth } from './depth.ts';
import type { TickLevel } from './market.ts';
import { createMlofi } from './ofi.ts';
import type { MlofiLevels } from './ofi.ts';
import {
  createNormalisedOfi,
  normalisedOfi,
  normalisedOfiExact,
  normalisedOfiOfColumns,
  restoreNormalisedOfi,
} from './normalised-ofi.ts';
import { depthColumns, books, book } from './internal/flow/flow-books.test-support.ts';

const before = book(
  [
    [100, 10],
    [99, 5],
  ],
  [
    [101, 8],
    [102, 7],
  ],
);
const after = book(
  [
    [100, 12],
    [98, 6],
  ],
  [
    [101, 8],
    [103, 9],
  ],
);

describe('normalisedOfi', () => {
  test('OFI 6 and −2 over an average level of 32 ÷ (2 levels · 2 books · 2 sides) = 4', () => {
    expect(normalisedOfi({ sumsLots: [6, -2], events: 2, depthSumLots: 32 })).toEqual([1.5, -0.5]);
  });

  test('knows nothing without a contribution, or without any depth', () => {
    expect(normalisedOfi({ sumsLots: [0], events: 0, depthSumLots: 0 })).toBeUndefined();
    expect(normalisedOfi({ sumsLots: [0], events: 3, depthSumLots: 0 })).toBeUndefined();
    expect(normalisedOfiExact({ sumsLots: [0], events: 3, depthSumLots: 0 })).toBeUndefined();
  });

  test('is exact: one third and two thirds in 16 digits, also beyond 2^53', () => {
    expect(normalisedOfiExact({ sumsLots: [1, -2, 0], events: 1, depthSumLots: 18 })).toEqual([
      '0.3333333333333333',
      '-0.6666666666666667',
      '0',
    ]);
    const huge = { sumsLots: [10n ** 30n], events: 1, depthSumLots: 6n * 10n ** 30n };
    expect(normalisedOfiExact(huge)).toEqual(['0.3333333333333333']);
    expect(normalisedOfi(huge)![0]).toBeCloseTo(1 / 3, 15);
  });

  test('a window that is none is refused', () => {
    for (const events of [NaN, -1, 0.5, Infinity]) {
      expect(() => normalisedOfi({ sumsLots: [1], events, depthSumLots: 1 })).toThrow(
        expect.objectContaining({ code: 'bad-value' }),
      );
    }
  });
});

describe('createNormalisedOfi', () => {
  test('bid +2 and second level −5 + 7 over sizes 12 + 6 + 8 + 9: Q̄ = 35 ÷ 4', () => {
    const flow = createNormalisedOfi({ levels: 2 });
    expect(flow.push(before)).toBeUndefined();
    expect(flow.push(after)).toEqual([2 / 8.75, 2 / 8.75]);
    expect(flow.flush()).toEqual({
      sumsLots: [2, 2],
      events: 1,
      depthSumLots: 35,
      averageDepthLots: 8.75,
      values: [2 / 8.75, 2 / 8.75],
    });
    expect(flow.flush()).toEqual({
      sumsLots: [0, 0],
      events: 0,
      depthSumLots: 0,
      averageDepthLots: undefined,
      values: undefined,
    });
  });

  test('only contributing books count for the depth: not the first, not the first after a break', () => {
    const flow = createNormalisedOfi({ levels: 1 });
    for (const next of [before, after, undefined, before, after]) flow.push(next);
    expect(flow.flush()).toMatchObject({ events: 2, depthSumLots: 2 * (12 + 8), averageDepthLots: 10 });
  });

  test('deeper levels than asked for are not read', () => {
    const flow = createNormalisedOfi({ levels: 1 });
    flow.push(before);
    expect(flow.push(after)).toEqual([2 / 10]);
  });

  test('a refused book leaves the window as it was', () => {
    const flow = createNormalisedOfi({ levels: 2 });
    flow.push(before);
    expect(() => flow.push(book([[100.5, 1]], []))).toThrow(expect.objectContaining({ code: 'bad-quote' }));
    expect(flow.push(after)).toEqual([2 / 8.75, 2 / 8.75]);
  });

  test('is MLOFI over Q̄, and the same from a buffer', () => {
    fc.assert(
      fc.property(fc.array(books, { maxLength: 15 }), (tape) => {
        const [flow, buffered, mlofi] = [
          createNormalisedOfi({ levels: 3 }),
          createNormalisedOfi({ levels: 3 }),
          createMlofi({ levels: 3 }),
        ];
        for (const next of tape) {
          flow.push(next);
          mlofi.push(next);
          buffered.pushDepth(depthOf(next));
        }
        const interval = flow.flush();
        expect(buffered.flush()).toEqual(interval);
        expect({ sumsLots: interval.sumsLots, events: interval.events }).toEqual(mlofi.flush());
      }),
    );
  });

  test('columns give what books one by one give', () => {
    fc.assert(
      fc.property(fc.array(books, { maxLength: 15 }), (tape) => {
        const flow = createNormalisedOfi({ levels: 2 });
        const values = tape.map((next) => flow.push(next));
        expect(normalisedOfiOfColumns(depthColumns(tape, 4), { levels: 2 })).toEqual({
          values,
          interval: flow.flush(),
        });
      }),
    );
  });

  test('refuses the snapshot of another module and of other levels', () => {
    const snapshot = createNormalisedOfi({ levels: 2 }).snapshot();
    for (const restore of [
      () => restoreNormalisedOfi({ ...snapshot, kind: 'mlofi' } as never, { levels: 2 }),
      () => restoreNormalisedOfi(snapshot, { levels: 3 }),
    ]) {
      expect(restore).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    }
  });
});

function depthOf(levels: MlofiLevels | undefined) {
  const depth = createDepth(5);
  const fill = (side: readonly TickLevel[], ticks: Float64Array, lots: Float64Array): number => {
    side.forEach(({ priceTicks, sizeLots }, i) => {
      ticks[i] = priceTicks;
      lots[i] = sizeLots;
    });
    return side.length;
  };
  depth.bidLevels = fill(levels?.bids ?? [], depth.bidTicks, depth.bidLots);
  depth.askLevels = fill(levels?.asks ?? [], depth.askTicks, depth.askLots);
  return depth;
}

describeReducerContract({
  name: 'createNormalisedOfi',
  create: () => createNormalisedOfi({ levels: 3 }),
  restore: (snapshot) => restoreNormalisedOfi(snapshot, { levels: 3 }),
  inputs: fc.array(books, { maxLength: 15 }),
  push: (flow, next) => [flow.push(next) ?? null, flow.events],
  refused: [book([[NaN, 1]], []), book([[1, -1]], []), book([], [[1, 2 ** 53]]), book([], [[0.5, 1]])],
});
