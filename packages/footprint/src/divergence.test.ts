import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createDivergence,
  divergenceDefaults,
  divergencePresets,
  divergences,
  restoreDivergence,
  type DivergenceEvent,
  type DivergenceInput,
  type DivergenceOptions,
} from './divergence.ts';
import { FootprintError, isFootprintError } from './errors.ts';

type Short = readonly [highTicks: number, lowTicks: number, deltaLots: number];

function bar(i: number, [highTicks, lowTicks, deltaLots]: Short, revision = 0): DivergenceInput {
  return { startMs: i * 1000, endMs: (i + 1) * 1000, highTicks, lowTicks, deltaLots, trades: 1, revision };
}

const bars = (...shorts: readonly Short[]): DivergenceInput[] => shorts.map((short, i) => bar(i, short));

/** `side, bar before → new bar, known at the end of bar`. */
function shown({ side, from, to, confirmedMs }: DivergenceEvent): string {
  return `${side} ${from.startMs / 1000}→${to.startMs / 1000} at ${confirmedMs / 1000 - 1}`;
}

describe('the pivot rule', () => {
  // Highs 10 … 12 … 15: pivots at bars 2 and 6; CVD 1, 3, 8, 7, 6, 5, 7, 6, 5.
  const rising = bars(
    [8, 1, 1],
    [9, 1, 2],
    [12, 1, 5],
    [11, 1, -1],
    [10, 1, -1],
    [13, 1, -1],
    [15, 1, 2],
    [14, 1, -1],
    [13, 1, -1],
  );

  test('says bear for a higher pivot high with a lower CVD, when the bars after it have closed', () => {
    expect(divergences(rising)).toEqual([
      {
        side: 'bear',
        from: { startMs: 2000, priceTicks: 12, deltaLots: 8 },
        to: { startMs: 6000, priceTicks: 15, deltaLots: 7 },
        confirmedMs: 9000,
      },
    ]);
  });

  test('compares the delta of the two bars with measure delta', () => {
    expect(divergences(rising, divergencePresets.delta)[0]).toMatchObject({
      from: { deltaLots: 5 },
      to: { deltaLots: 2 },
    });
    const strong = rising.map((at, i) => (i === 6 ? { ...at, deltaLots: 6 } : at));
    expect(divergences(strong, divergencePresets.delta)).toEqual([]);
  });

  test('says bull for a lower pivot low with a higher CVD', () => {
    const falling = rising.map((at) => ({
      ...at,
      highTicks: -at.lowTicks,
      lowTicks: -at.highTicks,
      deltaLots: -at.deltaLots,
    }));
    expect(divergences(falling).map(shown)).toEqual(['bull 2→6 at 8']);
  });

  test('says nothing for equal prices, equal CVD, or a confirmed high', () => {
    const with6 = (short: Short): DivergenceEvent[] =>
      divergences(rising.map((at, i) => (i === 6 ? bar(6, short) : at)));
    expect(with6([15, 1, 2])).toHaveLength(1);
    expect(with6([15, 1, 3])).toEqual([]);
    expect(with6([15, 1, 4])).toEqual([]);
    expect(divergences(rising.map((at, i) => (i === 2 ? bar(2, [15, 1, 5]) : at)))).toEqual([]);
  });

  test('takes the first of equal highs as the pivot', () => {
    const options: DivergenceOptions = { rule: 'pivots', leftBars: 1, rightBars: 1, measure: 'delta' };
    const plateau = bars([1, 0, 0], [5, 0, 9], [5, 0, 3], [1, 0, 0], [6, 0, 4], [1, 0, 0]);
    expect(divergences(plateau, options).map(shown)).toEqual(['bear 1→4 at 5']);
  });

  test('never changes what it said when more bars come', () => {
    fc.assert(
      fc.property(tape, fc.nat({ max: 40 }), (all, cut) => {
        const [some, whole] = [divergences(all.slice(0, cut)), divergences(all)];
        expect(whole.slice(0, some.length)).toEqual(some);
        const known = all[Math.min(cut, all.length) - 1]?.endMs ?? 0;
        expect(whole.filter(({ confirmedMs }) => confirmedMs <= known)).toEqual(some);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the breakout rule', () => {
  const { reference } = divergencePresets;

  test('says bear for a high above three bars with delta of at most 0', () => {
    const four = (deltaLots: number, highTicks = 13): string[] =>
      divergences(bars([10, 5, 1], [12, 5, 1], [11, 5, 1], [highTicks, 5, deltaLots]), reference).map(shown);
    expect([four(-1), four(0), four(1), four(-1, 12)]).toEqual([['bear 1→3 at 3'], ['bear 1→3 at 3'], [], []]);
  });

  test('says bull for a low below three bars with delta of at least 0, and both for a bar outside with none', () => {
    const four = (deltaLots: number, highTicks = 10): string[] =>
      divergences(bars([10, 5, 1], [10, 4, 1], [10, 5, 1], [highTicks, 3, deltaLots]), reference).map(shown);
    expect([four(1), four(0), four(-1)]).toEqual([['bull 1→3 at 3'], ['bull 1→3 at 3'], []]);
    expect(four(0, 11)).toEqual(['bear 2→3 at 3', 'bull 1→3 at 3']);
  });

  test('needs as many bars before', () => {
    expect(divergences(bars([10, 5, 1], [11, 5, 1], [12, 5, -1]), reference)).toEqual([]);
  });
});

describe('any bars', () => {
  test('give what a second look at all of them gives', () => {
    fc.assert(
      fc.property(tape, options, (all, rule) => {
        expect(divergences(all, rule).map(shown)).toEqual(
          rule.rule === 'breakout' ? slowBreakouts(all, rule.lookbackBars) : slowPivots(all, rule),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('seen in a mirror give the divergences in the mirror', () => {
    fc.assert(
      fc.property(tape, options, (all, rule) => {
        const mirrored = all.map((at) => ({
          ...at,
          highTicks: 0 - at.lowTicks,
          lowTicks: 0 - at.highTicks,
          deltaLots: 0 - Number(at.deltaLots),
        }));
        const swap = (text: string): string => text.replace(/bear|bull/, (side) => (side === 'bear' ? 'bull' : 'bear'));
        expect(divergences(mirrored, rule).map(shown).sort()).toEqual(
          divergences(all, rule)
            .map((event) => swap(shown(event)))
            .sort(),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('bars out of the ordinary', () => {
  test('without trades change nothing but a count', () => {
    fc.assert(
      fc.property(tape, fc.nat({ max: 40 }), (all, at) => {
        const flat = { ...bar(all[at] ? at : 1e6, [99, 99, 0]), trades: 0 };
        expect(divergences([...all.slice(0, at), flat, ...all.slice(at)])).toEqual(divergences(all));
      }),
    );
  });

  test('that come again revised take their place in the window, and in the CVD of pivots', () => {
    // The one-bar pivots at 1 and 3 have CVD 5 and 4; with bar 1 at −5 they have −5 and −6, with bar 2 at +9 the
    // second is above the first.
    const rule: DivergenceOptions = { rule: 'pivots', leftBars: 1, rightBars: 1, measure: 'cvd' };
    const all = bars([1, 0, 0], [5, 0, 5], [1, 0, -2], [6, 0, 1], [1, 0, 0]);
    const withRevision = (revised: DivergenceInput): unknown => {
      const divergence = createDivergence(rule);
      const events = [...all.slice(0, 4), revised, all[4]!].flatMap((at) => [...divergence.push(at)]);
      return [...events.map(({ from, to }) => [from.deltaLots, to.deltaLots]), divergence.stats()];
    };
    const stats = { bars: 5, revised: 0, late: 1, empty: 0 };
    expect(withRevision(bar(1, [5, 0, 99]))).toEqual([[5, 4], stats]);
    expect(withRevision(bar(0, [1, 0, 99], 1))).toEqual([[5, 4], stats]);
    expect(withRevision(bar(2, [1, 0, 9], 1))).toEqual([{ ...stats, revised: 1, late: 0 }]);
    expect(withRevision(bar(1, [5, 0, -5], 1))).toEqual([[-5, -6], { ...stats, revised: 1, late: 0 }]);
  });

  test('that lost their last print keep their place, flat at the close before them', () => {
    // With bar 2 gone, bars 1 and 2 are the two to exceed, and 12 is above both.
    const divergence = createDivergence({ rule: 'breakout', lookbackBars: 2 });
    for (const at of bars([10, 5, 1], [11, 5, 1], [13, 5, 1])) divergence.push(at);
    expect(divergence.push({ ...bar(2, [11, 11, 0], 1), trades: 0 })).toEqual([]);
    expect(divergence.push(bar(3, [12, 5, -1])).map(shown)).toEqual(['bear 2→3 at 3']);
    expect(divergence.stats()).toEqual({ bars: 4, revised: 1, late: 0, empty: 0 });
  });

  test('of the same start and revision 0 are bars of their own, as tick bars in one millisecond are', () => {
    const all = bars([1, 0, 0], [5, 0, 5], [1, 0, -2], [6, 0, 1], [1, 0, 0]).map((at) => ({ ...at, startMs: 7 }));
    const rule: DivergenceOptions = { rule: 'pivots', leftBars: 1, rightBars: 1, measure: 'cvd' };
    expect(divergences(all, rule)).toHaveLength(1);
  });

  test('of sums beyond safe integers are compared exactly', () => {
    const big = 2n ** 60n;
    const all = bars([1, 0, 0], [5, 0, 5], [1, 0, -2], [6, 0, 1], [1, 0, 0]);
    const shifted = all.map((at, i) => (i === 0 ? { ...at, deltaLots: big } : at));
    const rule: DivergenceOptions = { rule: 'pivots', leftBars: 1, rightBars: 1, measure: 'cvd' };
    expect(divergences(shifted, rule)[0]).toMatchObject({ from: { deltaLots: big + 5n }, to: { deltaLots: big + 4n } });
  });
});

describe('options and snapshots', () => {
  test('are refused where they do not fit', () => {
    const messageOf = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        return (error as Error).message;
      }
      return 'no error';
    };
    const snapshot = createDivergence().snapshot();
    expect([
      messageOf(() => createDivergence({ rule: 'breakout', lookbackBars: 0 })),
      messageOf(() => createDivergence({ rule: 'bands' as 'breakout', lookbackBars: 3 })),
      messageOf(() => restoreDivergence({ ...snapshot, v: 2 as 1 })),
      messageOf(() => restoreDivergence(snapshot, divergencePresets.delta)),
    ]).toMatchInlineSnapshot(`
      [
        "lookbackBars "0" is not a whole number of at least 1.",
        "rule "bands" is unknown. Pass 'pivots' or 'breakout'.",
        "Snapshot of kind "divergence" and version "2" cannot be read, expected "divergence" version 1.",
        "Snapshot of "divergence" was made with the options {"rule":"pivots","leftBars":2,"rightBars":2,"measure":"cvd"}, not with {"rule":"pivots","leftBars":2,"rightBars":2,"measure":"delta"}. Restore with the options it was made with.",
      ]
    `);
    expect(divergenceDefaults).toBe(divergencePresets.cvd);
  });

  test('go by what the fields say, in whatever order a database gives them', () => {
    const divergence = createDivergence();
    divergence.push(bar(0, [8, 1, 1]));
    const { options, ...rest } = divergence.snapshot();
    const turned = { ...rest, options: Object.fromEntries(Object.entries(options).reverse()) as never };
    expect(restoreDivergence(turned).snapshot()).toEqual(divergence.snapshot());
  });

  test('that were damaged are refused with the part', () => {
    const rule: DivergenceOptions = { rule: 'pivots', leftBars: 1, rightBars: 1, measure: 'cvd' };
    const divergence = createDivergence(rule);
    for (const at of bars([1, 0, 0], [5, 0, 5], [1, 0, -2])) divergence.push(at);
    const whole = divergence.snapshot();
    const [first, second, third] = whole.bars;
    const partOf = (damage: object): string => {
      try {
        restoreDivergence({ ...whole, ...damage }, rule);
      } catch (error) {
        if (isFootprintError(error, 'bad-snapshot')) return /damaged: (\S+) is/.exec(error.message)![1]!;
      }
      return 'taken';
    };
    expect([
      partOf({}),
      partOf({ bars: [first, second, third, third] }),
      partOf({ bars: [second, first, third] }),
      partOf({ bars: [first, ['1000', 2000, 5, 0, 5, 0], third] }),
      partOf({ bars: [first, [1000, 2000, 5.5, 0, 5, 0], third] }),
      partOf({ pivots: { bear: [1000, '5', 5] } }),
      partOf({ stats: { ...whole.stats, late: -1 } }),
      partOf({ cvdBefore: 'much' }),
      partOf({ more: 1 }),
    ]).toEqual(['taken', 'bars', 'bars', 'bars', 'bars', 'pivots', 'stats', 'it', 'more']);
  });

  test('bars that no grid produces are refused and change nothing', () => {
    const divergence = createDivergence();
    const push = (change: object) => (): unknown => divergence.push({ ...bar(0, [8, 1, 1]), ...change });
    for (const change of [{ highTicks: 8.5 }, { deltaLots: NaN }, { startMs: NaN }, { endMs: -1 }, { revision: 0.5 }]) {
      expect(push(change)).toThrow(FootprintError);
    }
    expect(push({ highTicks: 8.5 })).toThrowErrorMatchingInlineSnapshot(
      `[FootprintError: Bar highTicks "8.5" is not a whole number. Pass bars in ticks and lots of the grid.]`,
    );
    expect(divergence.snapshot()).toEqual(createDivergence().snapshot());
  });
});

const tape = fc
  .array(fc.tuple(fc.nat({ max: 6 }), fc.nat({ max: 3 }), fc.integer({ min: -4, max: 4 })), { maxLength: 40 })
  .map((shorts) => shorts.map(([low, height, delta], i) => bar(i, [low + height, low, delta])));

const length = fc.integer({ min: 1, max: 3 });
const options: fc.Arbitrary<DivergenceOptions> = fc.oneof(
  fc.record({ rule: fc.constant('breakout' as const), lookbackBars: length }),
  fc.record({
    rule: fc.constant('pivots' as const),
    leftBars: length,
    rightBars: length,
    measure: fc.constantFrom('delta' as const, 'cvd' as const),
  }),
);

/** A tape with empty bars, repeats and revisions of the last bars. */
const roughTape = fc
  .array(fc.tuple(fc.nat({ max: 9 }), fc.nat({ max: 3 }), fc.integer({ min: -4, max: 4 }), fc.nat({ max: 9 })), {
    maxLength: 60,
  })
  .map((shorts) => {
    const revisions = new Map<number, number>();
    return shorts.map(([low, height, delta, kind], i) => {
      const at = kind < 4 ? Math.max(0, i - kind) : i;
      const revision = kind < 3 ? (revisions.get(at) ?? 0) + 1 : 0;
      revisions.set(at, revision);
      return { ...bar(at, [low + height, low, delta], revision), trades: kind === 9 || kind === 2 ? 0 : 1 };
    });
  });

for (const [name, rule] of Object.entries(divergencePresets)) {
  describeReducerContract({
    name: `createDivergence with ${name}`,
    create: () => createDivergence(rule),
    restore: (snapshot) => restoreDivergence(snapshot, rule),
    inputs: roughTape,
    batch: (inputs) => divergences(inputs, rule),
    conserve: (inputs, _events, divergence) => {
      const { bars: taken, revised, late, empty } = divergence.stats();
      expect(taken + revised + late + empty).toBe(inputs.length);
    },
  });
}

function slowBreakouts(all: readonly DivergenceInput[], lookback: number): string[] {
  return all.flatMap((at, i) => {
    if (i < lookback) return [];
    const before = Array.from({ length: lookback }, (_, j) => i - 1 - j);
    const most = Math.max(...before.map((j) => all[j]!.highTicks));
    const least = Math.min(...before.map((j) => all[j]!.lowTicks));
    const of = (side: string, from: number | undefined): string => `${side} ${from}→${i} at ${i}`;
    return [
      ...(at.highTicks > most && at.deltaLots <= 0
        ? [
            of(
              'bear',
              before.find((j) => all[j]!.highTicks === most),
            ),
          ]
        : []),
      ...(at.lowTicks < least && at.deltaLots >= 0
        ? [
            of(
              'bull',
              before.find((j) => all[j]!.lowTicks === least),
            ),
          ]
        : []),
    ];
  });
}

function slowPivots(
  all: readonly DivergenceInput[],
  { leftBars, rightBars, measure }: Extract<DivergenceOptions, { rule: 'pivots' }>,
): string[] {
  const measureAt = (i: number): number =>
    all.slice(measure === 'cvd' ? 0 : i, i + 1).reduce((sum, { deltaLots }) => sum + Number(deltaLots), 0);
  const found: [number, string][] = [];
  for (const side of ['bear', 'bull'] as const) {
    const price = (i: number): number => (side === 'bear' ? all[i]!.highTicks : -all[i]!.lowTicks);
    const flow = (i: number): number => (side === 'bear' ? measureAt(i) : -measureAt(i));
    const isPivot = (i: number): boolean => {
      for (let j = i - leftBars; j < i; j += 1) if (price(j) >= price(i)) return false;
      for (let j = i + 1; j <= i + rightBars; j += 1) if (price(j) > price(i)) return false;
      return true;
    };
    const pivots: number[] = [];
    for (let i = leftBars; i < all.length - rightBars; i += 1) if (isPivot(i)) pivots.push(i);
    pivots.slice(1).forEach((to, k) => {
      const from = pivots[k]!;
      if (price(to) > price(from) && flow(to) < flow(from))
        found.push([to, `${side} ${from}→${to} at ${to + rightBars}`]);
    });
  }
  return found.sort(([a, one], [b, two]) => a - b || (one < two ? -1 : 1)).map(([, text]) => text);
}
