/** The goldens come from goldens/make_impact.py: a simulated market whose spread of 40 ticks is known. */
import { describe, expect, test } from 'vitest';
import {
  abdiRanaldoOfColumns,
  abdiRanaldoSquare,
  corwinSchultzOfColumns,
  corwinSchultzSpread,
  createAbdiRanaldo,
  createCorwinSchultz,
  createRoll,
  rollOfColumns,
  rollSpread,
} from './spread-estimators.ts';
import type { HighLowClose } from './spread-estimators.ts';

/** Park and Miller's generator, as in the generator of the goldens. */
function* minstd(seed: number): Generator<number, never> {
  for (;;) yield (seed = (seed * 48271) % 2147483647);
}

/** 200 days of 390 prints: a random walk of the mid around 100,000 ticks, and a bounce of 20 ticks around it. */
function simulate(): { high: number[]; low: number[]; close: number[]; volume: number[]; prices: number[] } {
  const random = minstd(1);
  const next = () => random.next().value;
  const days = { high: [] as number[], low: [] as number[], close: [] as number[], volume: [] as number[] };
  let mid = 100_000;
  let last: number[] = [];
  for (let day = 0; day < 200; day += 1) {
    last = Array.from({ length: 390 }, () => {
      mid += (next() % 11) - 5;
      return mid + (next() % 2 ? 20 : -20);
    });
    days.high.push(Math.max(...last));
    days.low.push(Math.min(...last));
    days.close.push(last.at(-1)!);
    days.volume.push(1);
  }
  return { ...days, prices: last };
}
const { prices, ...market } = simulate();
const trueSpread = 40 / 100_000;

const bar = (high: number, low: number, close: number): HighLowClose => ({ high, low, close });

describe('rollSpread', () => {
  test('a price that bounces between 100 and 101 has a spread of 2 ticks, the mean taken out or not', () => {
    expect(rollSpread([100, 101, 100, 101, 100])).toEqual({
      spread: 2,
      autocovariance: -1,
      outcome: 'bounce',
      pairs: 3,
    });
    // Later changes −1, 1, −1, earlier ones 1, −1, 1, means ∓1/3: Σ = −8/3, over two.
    expect(rollSpread([100, 101, 100, 101, 100], { centred: true })!.spread).toBeCloseTo(2 * Math.sqrt(4 / 3), 14);
  });

  test('a trend has no bounce: 0 stands for unknown there, and not where the price stands still', () => {
    expect(rollSpread([100, 101, 102, 103])).toEqual({ spread: 0, autocovariance: 1, outcome: 'no-bounce', pairs: 2 });
    expect(rollSpread([100, 101, 102, 103], { centred: true })?.outcome).toBe('no-bounce');
    expect(rollSpread([100, 100, 100])).toEqual({ spread: 0, autocovariance: 0, outcome: 'flat', pairs: 1 });
  });

  test('finds the 40 ticks of the simulated market within 3 %, as an independent computation does', () => {
    expect(rollSpread(prices)?.spread).toBeCloseTo(41.17300687155798, 10);
    expect(rollSpread(prices, { centred: true })?.spread).toBeCloseTo(41.22828734564955, 10);
    expect(rollSpread(prices, { log: true })?.spread).toBeCloseTo(0.00041559326742547924, 15);
  });

  test('has no value of too few prices, or of changes beyond what a double can square', () => {
    expect(rollSpread([])).toBeUndefined();
    expect(rollSpread([1, 2])).toBeUndefined();
    expect(rollSpread([1, 2, 3], { centred: true })).toBeUndefined();
    expect(rollSpread([1e308, -1e308, 1e308, 0])).toBeUndefined();
  });

  test('refuses what is no price', () => {
    expect(() => rollSpread([1, NaN])).toThrow(expect.objectContaining({ code: 'bad-value' }));
    expect(() => rollSpread([1, 0], { log: true })).toThrow(expect.objectContaining({ code: 'bad-value' }));
    expect(() => createRoll({ window: 2 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('the running form gives the estimate over the last prices', () => {
    const values = rollOfColumns({ close: [9, 100, 101, 100, 101, 100, NaN, 5, 6, 7] }, { window: 5 });
    expect(values.map((value) => value?.spread)).toEqual([
      undefined,
      undefined,
      0,
      0,
      0,
      2,
      undefined,
      undefined,
      undefined,
      0,
    ]);
  });
});

describe('corwinSchultzSpread', () => {
  test('two days with the same range are all spread: 2·tanh(ln(1.02) ÷ 2) = 2·2 ÷ 202', () => {
    expect(corwinSchultzSpread(bar(102, 100, 101), bar(102, 100, 101))).toBeCloseTo(4 / 202, 14);
  });

  test('days that do not overlap are volatility, but a jump over night is neither', () => {
    const [one, two] = [bar(102, 100, 101), bar(104, 102, 103)];
    const kept = corwinSchultzSpread(one, two, { overnight: false })!;
    expect(kept).toBeLessThan(0);
    // Moved down by 1 to a low of 101, the close before: 103 to 101.
    const beta = Math.log(1.02) ** 2 + Math.log(103 / 101) ** 2;
    const k = 3 - 2 * Math.SQRT2;
    const alpha = ((Math.SQRT2 - 1) * Math.sqrt(beta)) / k - Math.log(1.03) / Math.sqrt(k);
    expect(corwinSchultzSpread(one, two)).toBeCloseTo(2 * Math.tanh(alpha / 2), 14);
    // And up, by 3 to a high of 101.
    const fallen = corwinSchultzSpread(one, bar(98, 96, 97))!;
    const up = Math.log(1.02) ** 2 + Math.log(101 / 99) ** 2;
    const range = Math.log(102 / 99);
    expect(fallen).toBeCloseTo(2 * Math.tanh((((Math.SQRT2 - 1) * Math.sqrt(up)) / k - range / Math.sqrt(k)) / 2), 14);
  });

  test('a day without a range or at no price above 0 says nothing', () => {
    expect(corwinSchultzSpread(bar(100, 100, 100), bar(102, 100, 101))).toBeUndefined();
    expect(corwinSchultzSpread(bar(102, 100, 101), bar(0, 0, 101))).toBeUndefined();
    expect(corwinSchultzSpread(bar(102, 100, 101), { ...bar(102, 100, 101), volume: 0 })).toBeUndefined();
  });

  test('is at most 2 at any prices, and has no value where high ÷ low leaves all doubles', () => {
    expect(corwinSchultzSpread(bar(1e300, 1, 1), bar(1e300, 1, 1))).toBe(2);
    expect(corwinSchultzSpread(bar(1e308, 5e-324, 1), bar(1e308, 5e-324, 1))).toBeUndefined();
  });

  test('says what no bar can be', () => {
    expect(() => corwinSchultzSpread(bar(1, 2, 1), bar(2, 1, 1))).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: bar with high 1, low 2, close 1 and volume 1 is impossible: expected finite numbers with low ≤ close ≤ high and volume ≥ 0. Drop the bar or push undefined for it.]`,
    );
  });
});

describe('abdiRanaldoSquare', () => {
  test('a close at the ask of two equal days is half a spread above both middles', () => {
    const c = Math.log(102) - Math.log(102 * 100) / 2;
    expect(abdiRanaldoSquare(bar(102, 100, 102), bar(102, 100, 101))).toBeCloseTo(4 * c * c, 14);
  });

  test('a day whose middle moves past the close gives a square below 0', () => {
    expect(abdiRanaldoSquare(bar(102, 100, 102), bar(106, 104, 105))).toBeLessThan(0);
    expect(abdiRanaldoSquare(bar(102, 100, 102), bar(0, 0, 102))).toBeUndefined();
  });
});

describe('200 simulated days with a spread of 4 basis points', () => {
  const cs = (options: Parameters<typeof createCorwinSchultz>[0]) => {
    const { values, counts } = corwinSchultzOfColumns(market, { window: 'all', ...options });
    return { spread: values.at(-1)!.spread!, counts };
  };

  test('starts and ends with the bars of the generator', () => {
    const at = (i: number) => [market.high.at(i), market.low.at(i), market.close.at(i)];
    expect([at(0), at(-1)]).toEqual([
      [100075, 99960, 100010],
      [99157, 99012, 99073],
    ]);
  });

  test('Corwin-Schultz gives what an independent computation gives: 4.93 bps, 3.63 with negative ones kept', () => {
    expect(cs({}).spread).toBeCloseTo(0.00049327796612673, 14);
    expect(cs({ negative: 'keep' }).spread).toBeCloseTo(0.00036337543782751, 14);
    expect(cs({ negative: 'drop' }).spread).toBeCloseTo(0.00067698148454634, 14);
    expect(cs({ overnight: false }).spread).toBeCloseTo(0.00049303568972903, 14);
    expect(cs({}).counts).toEqual({ bars: 200, unusableBars: 0, unknownBars: 0, pairs: 199, negativePairs: 54 });
  });

  test('Abdi-Ranaldo gives what an independent computation gives: 3.67 bps by two days, 4.09 by all', () => {
    const last = abdiRanaldoOfColumns(market, { window: 'all' }).values.at(-1)!;
    expect(last.twoDay).toBeCloseTo(0.00036739981553542, 14);
    expect(last.monthly).toBeCloseTo(0.00040908531623708, 14);
    expect(last.pairs).toBe(199);
  });

  test('all come within a quarter of the truth', () => {
    const { twoDay, monthly } = abdiRanaldoOfColumns(market, { window: 'all' }).values.at(-1)!;
    const roll = rollSpread(prices, { log: true })!.spread;
    for (const spread of [cs({}).spread, cs({ negative: 'keep' }).spread, twoDay!, monthly!, roll]) {
      expect(Math.abs(spread / trueSpread - 1)).toBeLessThan(0.25);
    }
  });
});

describe('the running estimates', () => {
  const days = [bar(102, 100, 101), bar(102, 100, 101), bar(103, 101, 102), bar(102, 100, 100)];

  test('a bar that did not trade is left out, and its neighbours make the pair', () => {
    const asOne = createCorwinSchultz();
    const withHole = createCorwinSchultz();
    const last = days.map((day) => asOne.push(day)).at(-1);
    const holes = [days[0], days[1], bar(101, 101, 101), { ...bar(0, 0, 101), volume: 0 }, days[2], days[3]];
    expect(holes.map((day) => withHole.push(day)).at(-1)).toEqual(last);
    expect(withHole.counts).toMatchObject({ bars: 6, unusableBars: 2, pairs: 3 });
  });

  test('Abdi-Ranaldo takes a bar with one price, which is its own middle', () => {
    const estimate = createAbdiRanaldo();
    estimate.push(bar(102, 100, 102));
    expect(estimate.push(bar(101, 101, 101)).pairs).toBe(1);
  });

  test('a bar that is not known makes no pair', () => {
    const corwinSchultz = createCorwinSchultz();
    const abdiRanaldo = createAbdiRanaldo();
    for (const day of [days[0], undefined, days[1]]) {
      expect(corwinSchultz.push(day)).toEqual({ spread: undefined, pair: undefined, pairs: 0 });
      expect(abdiRanaldo.push(day)).toMatchObject({ monthly: undefined, twoDay: undefined, pairs: 0 });
    }
  });

  test('a window of two holds the last two pairs', () => {
    const estimate = createCorwinSchultz({ window: 2, negative: 'keep' });
    const pairs = days.map((day) => estimate.push(day).pair);
    expect(estimate.push(days[0]).pairs).toBe(2);
    expect(pairs.slice(1).every((pair) => pair !== undefined)).toBe(true);
    const again = createCorwinSchultz({ window: 2, negative: 'keep' });
    expect(days.map((day) => again.push(day).spread).at(-1)).toBeCloseTo((pairs[2]! + pairs[3]!) / 2, 14);
  });
});
