/** Values of other types than the ones asked for, as JSON and venues bring them: never a number made of what is none. */
import { describe, expect, test } from 'vitest';
import * as orderflow from './index.ts';

const code = (name: string) => expect.objectContaining({ code: name }) as Error;
const quote = { bidTicks: 99, bidLots: 5, askTicks: 101, askLots: 7 };

describe('strings where numbers are asked for', () => {
  test.each([
    [
      'vamp',
      () => orderflow.vamp({ bids: [{ price: '100', size: '1' }], asks: [{ price: '101', size: '2' }] } as never),
    ],
    ['vampBbo', () => orderflow.vampBbo({ bidPrice: '100', bidSize: '1', askPrice: '101', askSize: '2' } as never)],
    ['weightedDepthPrice', () => orderflow.weightedDepthPrice({ bids: [{ price: 1, size: '1' }], asks: [] } as never)],
    ['orderBookImbalance', () => orderflow.orderBookImbalance(['5', '6'] as never, ['7'] as never)],
    ['bookPressureRatio', () => orderflow.bookPressureRatio(['5', '6'] as never, ['7'] as never)],
  ])('%s refuses them', (_, call) => {
    expect(call).toThrow(code('bad-quote'));
  });

  test.each([undefined, null, '', '7', true, []])('a level with the size %j is no level', (sizeLots) => {
    const book = { bids: [{ priceTicks: 99, sizeLots: 3 }], asks: [{ priceTicks: 101, sizeLots }] } as never;
    expect(() => orderflow.obiOfDepth(book)).toThrow(code('bad-quote'));
    expect(() => orderflow.vampOfDepth(book, 1)).toThrow(code('bad-quote'));
    expect(() => orderflow.createStandardisedImbalance().push(book)).toThrow(code('bad-quote'));
    expect(() => orderflow.createNormalisedOfi({ levels: 1 }).push(book)).toThrow(code('bad-quote'));
  });
});

describe('times that are none', () => {
  test.each([null, '5000', true, [], undefined, NaN])('%j is refused', (time) => {
    const timeMs = time as never;
    expect(() => orderflow.createOfiBuckets().push(timeMs, quote)).toThrow(code('bad-quote'));
    expect(() => orderflow.createMlofiBuckets().push(timeMs, undefined)).toThrow(code('bad-quote'));
    expect(() => orderflow.createDecayedOfi().push(timeMs, quote)).toThrow(code('bad-quote'));
    expect(() => orderflow.createIcebergDetector().push({ type: 'gap', timeMs })).toThrow(code('bad-value'));
    expect(() => orderflow.createLiquidityOutcome().push({ type: 'gap', timeMs })).toThrow(code('bad-value'));
    expect(() => orderflow.createVelocity().push({ timeMs, sizeLots: 1, side: 'buy' })).toThrow(code('bad-trade'));
  });
});

describe('sides that are none', () => {
  test.each(['BUY', 'b', 1, null, undefined])('%j is refused', (word) => {
    const trade = { timeMs: 1, priceTicks: 100, sizeLots: 5, side: word as never };
    const reducers = [
      orderflow.createAbsorption(),
      orderflow.createCvd(),
      orderflow.createCvdBySize({ edgesLots: [3] }),
      orderflow.createExhaustion(),
      orderflow.createImpactNormalisedFlow(),
      orderflow.createKyle(),
      orderflow.createLargeTradeDetector({ rule: { minLots: 1 } }),
      orderflow.createMarkouts({ horizonsMs: [5] }),
      orderflow.createResilience(),
      orderflow.createSpreads({ horizonMs: 5 }),
      orderflow.createSweepDetector(),
      orderflow.createTradeImbalance(),
      orderflow.createVelocity(),
      orderflow.createVpin({ bucketLots: 5 }),
    ];
    for (const reducer of reducers) {
      const before = JSON.stringify(reducer.snapshot());
      expect(() => reducer.push(trade)).toThrow(code('bad-trade'));
      expect(JSON.stringify(reducer.snapshot())).toBe(before);
    }
    for (const detector of [orderflow.createIcebergDetector(), orderflow.createLiquidityOutcome()]) {
      expect(() => detector.push({ type: 'trade', ...trade })).toThrow(code('bad-trade'));
    }
  });
});

test('a snapshot may come back with its keys in another order, at every depth', () => {
  const reversed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, inner]) => [key, reversed(inner)]),
    );
  };
  const vpin = orderflow.createVpin({ bucketLots: 5 }).snapshot();
  expect(orderflow.restoreVpin(reversed(vpin) as never, { bucketLots: 5 }).snapshot()).toEqual(vpin);
  const emo = orderflow.createEmo({ quoteLagMs: 3 }).snapshot();
  expect(orderflow.restoreEmo(reversed(emo) as never).snapshot()).toEqual(emo);
  const icebergs = orderflow.createIcebergDetector().snapshot();
  expect(orderflow.restoreIcebergDetector(reversed(icebergs) as never).snapshot()).toEqual(icebergs);
});

test('a range that is neither levels nor a band is refused', () => {
  const book = { bids: [{ priceTicks: 99, sizeLots: 3 }], asks: [{ priceTicks: 101, sizeLots: 1 }] };
  expect(() => orderflow.obiOfDepth(book, { bps: 50 } as never)).toThrow('Pass 10, or priceBand({ bps: 50 })');
});

describe('what is no print, quote or event at all', () => {
  test.each([undefined, null, 5])('%j is refused with a code', (nothing) => {
    const none = nothing as never;
    const reducers = [
      orderflow.createAbsorption(),
      orderflow.createClnv(),
      orderflow.createCvd(),
      orderflow.createCvdBySize({ edgesLots: [3] }),
      orderflow.createExhaustion(),
      orderflow.createImpactNormalisedFlow(),
      orderflow.createKyle(),
      orderflow.createLargeTradeDetector({ rule: { minLots: 1 } }),
      orderflow.createMarkouts({ horizonsMs: [5] }),
      orderflow.createResilience(),
      orderflow.createSpreads({ horizonMs: 5 }),
      orderflow.createSweepDetector(),
      orderflow.createTickRule(),
      orderflow.createTradeImbalance(),
      orderflow.createVelocity(),
      orderflow.createVpin({ bucketLots: 5 }),
    ];
    for (const reducer of reducers) expect(() => reducer.push(none)).toThrow(code('bad-trade'));
    const events = [
      orderflow.createIcebergDetector(),
      orderflow.createLevelToTrade(),
      orderflow.createLiquidityOutcome(),
      orderflow.createMboBook(),
      orderflow.createMboIcebergDetector(),
      orderflow.createMboLiquidityOutcome(),
      orderflow.createOrderToTrade(),
    ];
    for (const reducer of events) expect(() => reducer.push(none)).toThrow(code('bad-value'));
  });

  test('a number where a book is asked for is no book', () => {
    expect(() => orderflow.createMlofi().push(5 as never)).toThrow(code('bad-quote'));
    expect(() => orderflow.createNormalisedOfi().push(5 as never)).toThrow(code('bad-quote'));
    expect(() => orderflow.obiOfDepth('x' as never)).toThrow(code('bad-quote'));
  });
});

describe('series that hold what is no number', () => {
  test.each([null, '5', [], true])('%j is no value', (value) => {
    const bad = value as never;
    expect(() => orderflow.createOfiRegression().push({ timeMs: 0, flow: bad, changeTicks: 1 })).toThrow(
      code('bad-value'),
    );
    expect(() => orderflow.createOfiRegression().push({ timeMs: 0, flow: 1, changeTicks: bad })).toThrow(
      code('bad-value'),
    );
    expect(() => orderflow.regressPriceOnFlow([1, 2, bad], [1, 2, 3])).toThrow(code('bad-value'));
    expect(() => orderflow.createIntegratedOfiFit({ levels: 2 }).push([1, bad])).toThrow(code('bad-value'));
    expect(() => orderflow.createBulkVolume().push({ close: bad, volume: 1 })).toThrow(code('bad-bar'));
    expect(() => orderflow.createBulkVolume().push({ close: 1, volume: bad })).toThrow(code('bad-bar'));
  });

  test('a column of the names of sides is refused: they would all count as unknown', () => {
    const columns = { timeMs: [0, 1], priceTicks: [5, 5], sizeLots: [1, 1], side: ['buy', 'sell'] as never };
    expect(() => orderflow.cvdOfColumns(columns)).toThrow(
      'column side holds "buy" in row 0, which is no number. Pass numbers, NaN where one is unknown; sides as 1, −1 and 0',
    );
  });

  test('flat rows are no rows of quoteColumns', () => {
    const rows = [{ timeMs: 0, bidTicks: 99, bidLots: 1, askTicks: 101, askLots: 1 }] as never;
    expect(() => orderflow.quoteColumns(rows)).toThrow(code('bad-columns'));
    expect(orderflow.quoteColumns([{ timeMs: 0, quote: undefined }]).bidTicks[0]).toBeNaN();
  });
});

describe('options that are none', () => {
  test.each([
    ['reset', () => orderflow.createCvd({ reset: 'day' as never })],
    ['rule', () => orderflow.createLargeTradeDetector({} as never)],
    ['rule', () => orderflow.createLargeTradeDetector({ rule: {} as never })],
    ['threshold', () => orderflow.createAbsorption({ threshold: 5 as never })],
    ['window', () => orderflow.createTradeImbalance({ window: 5 as never })],
    ['levels', () => orderflow.createMlofi({ levels: 1e9 })],
    ['levels', () => orderflow.createMlofiBuckets({ levels: 10_001 })],
    ['levels', () => orderflow.createIntegratedOfiFit({ levels: 1e9 })],
    ['levels', () => orderflow.createDepth(1e9)],
    ['log', () => orderflow.createRoll({ log: 'x' as never })],
  ])('%s', (name, call) => {
    expect(call).toThrow(code('bad-option'));
    expect(call).toThrow(name);
  });

  test('one that has no default says so', () => {
    expect(() => orderflow.createVpin({} as never)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: bucketLots undefined is not a whole number from 1 on. It has no default: pass one.]`,
    );
    expect(() => orderflow.createLargeTradeDetector({ rule: {} } as never)).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: rule {} is none. Pass { minLots }, { minTickLots }, { quantile } or { zScore }.]`,
    );
    expect(() =>
      orderflow.createVelocity().push({ timeMs: 'x' as never, sizeLots: 1, side: 'buy' }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: timeMs "x" of a trade is not a time in epoch milliseconds. Pass the venue's event time as a number.]`,
    );
  });
});
