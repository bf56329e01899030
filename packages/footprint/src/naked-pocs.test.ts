import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FootprintError, isFootprintError } from './errors.ts';
import {
  createNakedPocs,
  nakedPocsDefaults,
  restoreNakedPocs,
  type NakedPocs,
  type NakedPocsOptions,
  type NakedPocsStats,
  type PocBar,
  type PocPeriod,
  type PocTouched,
} from './naked-pocs.ts';

/** A bar of a minute. */
function bar(minute: number, [lowTicks, highTicks]: readonly [number, number], pocTicks: number, revision = 0): PocBar {
  return { ...span(minute), lowTicks, highTicks, pocTicks, trades: 1, revision };
}

function span(minute: number, minutes = 1): { startMs: number; endMs: number } {
  return { startMs: minute * 60_000, endMs: (minute + minutes) * 60_000 };
}

/** `poc of its minute → minute of the touch`. */
const shown = ({ pocTicks, startMs, touchedFromMs }: PocTouched): string =>
  `${pocTicks} of ${startMs / 60_000} → ${touchedFromMs / 60_000}`;

const open = (pocs: NakedPocs): string[] =>
  pocs.naked().map(({ pocTicks, startMs }) => `${pocTicks} of ${startMs / 60_000}`);

function created(bars: readonly PocBar[], options?: NakedPocsOptions): { pocs: NakedPocs; events: string[] } {
  const pocs = createNakedPocs(options);
  return { pocs, events: bars.flatMap((one) => pocs.push(one).map(shown)) };
}

const noStats: NakedPocsStats = { added: 0, touched: 0, withdrawn: 0, dropped: 0, late: 0, empty: 0 };

describe('a point of control', () => {
  test('is naked until a later bar trades in its row', () => {
    const { pocs, events } = created([
      bar(0, [100, 104], 101),
      bar(1, [103, 108], 106),
      bar(2, [107, 112], 110),
      bar(3, [100, 109], 108),
    ]);
    expect(events).toEqual(['101 of 0 → 3', '106 of 1 → 3']);
    expect(open(pocs)).toEqual(['110 of 2', '108 of 3']);
    expect(pocs.stats()).toEqual({ ...noStats, added: 4, touched: 2 });
  });

  test('is told with the bar that touched it', () => {
    const pocs = createNakedPocs();
    pocs.push(bar(0, [100, 104], 101));
    expect(pocs.push(bar(1, [101, 101], 101))).toEqual([
      { pocTicks: 101, startMs: 0, endMs: 60_000, touchedFromMs: 60_000, touchedUntilMs: 120_000 },
    ]);
  });

  test('is not touched by its own bar, nor by a gap over it', () => {
    const { pocs, events } = created([bar(0, [100, 104], 104), bar(1, [105, 109], 105), bar(2, [90, 99], 95)]);
    expect(events).toEqual([]);
    expect(open(pocs)).toEqual(['104 of 0', '105 of 1', '95 of 2']);
  });

  test('is a row from its lower edge on, as high as rowTicks', () => {
    // The row of 100 is 100 to 104.
    const eventsOf = (range: readonly [number, number]): string[] =>
      created([bar(0, [100, 109], 100), bar(1, range, 200)], { rowTicks: 5 }).events;
    expect([eventsOf([104, 110]), eventsOf([105, 110]), eventsOf([90, 100]), eventsOf([90, 99])]).toEqual([
      ['100 of 0 → 1'],
      [],
      ['100 of 0 → 1'],
      [],
    ]);
  });

  test('of a bar without trades is none', () => {
    const { pocs, events } = created([bar(0, [100, 104], 101), { ...bar(1, [101, 101], 101), trades: 0 }]);
    expect([events, open(pocs)]).toEqual([[], ['101 of 0']]);
    expect(pocs.stats()).toEqual({ ...noStats, added: 1, empty: 1 });
  });

  test('of a tick bar is touched by the next one in the same millisecond', () => {
    const at = (startMs: number, poc: number): PocBar => ({ ...bar(0, [poc, poc], poc), startMs, endMs: 8 });
    const pocs = createNakedPocs();
    pocs.push(at(7, 100));
    expect(pocs.push(at(7.5, 100))).toHaveLength(1);
  });
});

describe('points of sessions', () => {
  const session: PocPeriod = { ...span(0, 10), pocTicks: 101 };

  test('are touched by bars that only touch', () => {
    const pocs = createNakedPocs();
    pocs.pushRange(bar(9, [100, 104], 0));
    expect(pocs.addPoc(session)).toEqual([]);
    expect(pocs.pushRange(bar(10, [103, 108], 0))).toEqual([]);
    expect(pocs.pushRange(bar(11, [101, 108], 0)).map(shown)).toEqual(['101 of 0 → 11']);
    expect([open(pocs), pocs.stats()]).toEqual([[], { ...noStats, added: 1, touched: 1 }]);
  });

  test('are not touched by the last bars of their own session, whichever comes first', () => {
    const pocs = createNakedPocs();
    pocs.addPoc(session);
    expect(pocs.pushRange(bar(9, [100, 104], 0))).toEqual([]);
    expect(pocs.pushRange(bar(10, [100, 104], 0)).map(shown)).toEqual(['101 of 0 → 10']);
  });

  test('that are added late are touched by the bars that have come since, the earliest first', () => {
    const pocs = createNakedPocs();
    for (const minute of [9, 10, 11]) pocs.pushRange(bar(minute, minute === 10 ? [102, 104] : [100, 104], 0));
    expect(pocs.addPoc(session).map(shown)).toEqual(['101 of 0 → 11']);
    expect(pocs.addPoc({ ...session, pocTicks: 102 }).map(shown)).toEqual(['102 of 0 → 10']);
    expect(open(pocs)).toEqual([]);
  });
});

describe('a bar that comes again', () => {
  const three = [bar(0, [100, 104], 101), bar(1, [103, 108], 106), bar(2, [107, 112], 110)];

  test('moves its point, if that was naked', () => {
    const { pocs } = created(three);
    expect(pocs.push(bar(1, [103, 108], 105, 1))).toEqual([]);
    expect(open(pocs)).toEqual(['101 of 0', '105 of 1', '110 of 2']);
    expect(pocs.stats()).toEqual({ ...noStats, added: 4, withdrawn: 1 });
  });

  test('moves its point to where a later bar has traded: it is touched there', () => {
    const { pocs } = created(three);
    expect(pocs.push(bar(1, [103, 108], 107, 1)).map(shown)).toEqual(['107 of 1 → 2']);
    expect(open(pocs)).toEqual(['101 of 0', '110 of 2']);
    expect(pocs.stats()).toEqual({ ...noStats, added: 4, touched: 1, withdrawn: 1 });
  });

  test('touches what is before it where it trades now, not what is after it', () => {
    const { pocs } = created(three);
    expect(pocs.push(bar(1, [101, 111], 106, 1)).map(shown)).toEqual(['101 of 0 → 1']);
    expect(open(pocs)).toEqual(['106 of 1', '110 of 2']);
  });

  test('without its last print takes its point back', () => {
    const { pocs } = created(three);
    expect(pocs.push({ ...bar(1, [104, 104], 104, 1), trades: 0 })).toEqual([]);
    expect(open(pocs)).toEqual(['101 of 0', '110 of 2']);
    // It trades nowhere now, so it touches no point that comes later.
    expect(pocs.addPoc({ ...span(0), pocTicks: 104 })).toEqual([]);
  });

  test('leaves what was said: a point touched before stays touched', () => {
    const { pocs, events } = created([three[0]!, bar(1, [101, 108], 106)]);
    expect(events).toEqual(['101 of 0 → 1']);
    expect(pocs.push(bar(1, [103, 108], 106, 1))).toEqual([]);
    expect(open(pocs)).toEqual(['106 of 1']);
  });

  test('changes nothing when it is no newer', () => {
    const { pocs } = created(three);
    pocs.push(bar(1, [103, 108], 105, 2));
    for (const revision of [1, 2]) expect(pocs.push(bar(1, [101, 108], 104, revision))).toEqual([]);
    expect(open(pocs)).toEqual(['101 of 0', '105 of 1', '110 of 2']);
    expect(pocs.stats().late).toBe(2);
  });

  test('too late touches only, its point stays as it was', () => {
    const { pocs } = created([...three, bar(3, [120, 121], 120), bar(4, [130, 131], 130)], { revisableBars: 2 });
    // Of five bars, those of 3 and 4 may still change.
    expect(pocs.push(bar(2, [106, 112], 109, 1)).map(shown)).toEqual(['106 of 1 → 2']);
    expect(open(pocs)).toEqual(['101 of 0', '110 of 2', '120 of 3', '130 of 4']);
    expect(pocs.stats()).toEqual({ ...noStats, added: 5, touched: 1, late: 1 });
  });

  test('late for the first time is taken in where it belongs, while it is among the latest', () => {
    const { pocs } = created([three[0]!, three[2]!]);
    expect(pocs.push(bar(1, [101, 111], 108)).map(shown)).toEqual(['101 of 0 → 1', '108 of 1 → 2']);
    expect(open(pocs)).toEqual(['110 of 2']);
  });
});

describe('the memory', () => {
  test('is maxNaked points, of which the oldest is dropped, and revisableBars bars', () => {
    const { pocs } = created(
      Array.from({ length: 1000 }, (_, i) => bar(i, [i, i], i)),
      { maxNaked: 3, revisableBars: 2 },
    );
    expect(open(pocs)).toEqual(['997 of 997', '998 of 998', '999 of 999']);
    expect(pocs.stats()).toEqual({ ...noStats, added: 1000, dropped: 997 });
    const { naked, latest, letGoMs } = pocs.snapshot();
    expect([naked.length, latest.length, letGoMs]).toEqual([3, 2, 997 * 60_000]);
  });
});

/** Bars in order, most of them near the one before. */
const ordered = fc
  .array(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 3 }), fc.nat({ max: 3 })), { maxLength: 40 })
  .map((shorts) => shorts.map(([low, height, poc], i) => bar(i, [low, low + height], low + Math.min(poc, height))));

describe('any bars', () => {
  test('leave naked what no later bar trades at, and tell of the first touch', () => {
    fc.assert(
      fc.property(ordered, fc.integer({ min: 1, max: 3 }), (bars, rowTicks) => {
        const touch = (i: number): number =>
          bars.findIndex(
            (b, j) => j > i && b.lowTicks < bars[i]!.pocTicks + rowTicks && b.highTicks >= bars[i]!.pocTicks,
          );
        const all = bars.map(({ pocTicks }, i) => ({ pocTicks, i, at: touch(i) }));
        const { pocs, events } = created(bars, { rowTicks });
        expect(open(pocs)).toEqual(all.filter(({ at }) => at < 0).map(({ pocTicks, i }) => `${pocTicks} of ${i}`));
        expect(events).toEqual(
          all
            .filter(({ at }) => at >= 0)
            .sort((a, b) => a.at - b.at || a.i - b.i)
            .map(({ pocTicks, i, at }) => `${pocTicks} of ${i} → ${at}`),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test('seen in a mirror (negative prices) leave naked what the mirror shows', () => {
    fc.assert(
      fc.property(ordered, (bars) => {
        const mirrored = bars.map((b) => ({
          ...b,
          ...{ lowTicks: 0 - b.highTicks, highTicks: 0 - b.lowTicks, pocTicks: 0 - b.pocTicks },
        }));
        const there = created(mirrored).pocs.naked();
        expect(there.map((poc) => ({ ...poc, pocTicks: 0 - poc.pocTicks }))).toEqual(created(bars).pocs.naked());
      }),
      { numRuns: 1000 },
    );
  });

  test('that come late, but among the latest, leave the same naked', () => {
    fc.assert(
      fc.property(ordered, fc.nat({ max: 39 }), (bars, at) => {
        const swapped = [...bars.slice(0, at), ...bars.slice(at, at + 2).reverse(), ...bars.slice(at + 2)];
        expect(created(swapped).pocs.naked()).toEqual(created(bars).pocs.naked());
      }),
      { numRuns: 1000 },
    );
  });
});

type Step = ['push' | 'range', PocBar] | ['add', PocPeriod];

const rough = fc
  .array(fc.tuple(fc.nat({ max: 12 }), fc.nat({ max: 3 }), fc.nat({ max: 3 }), fc.nat({ max: 11 })), { maxLength: 50 })
  .map((shorts) =>
    shorts.map(([low, height, poc, kind], i): Step => {
      const minute = kind < 5 ? Math.max(0, i - kind) : i;
      const one = bar(minute, [low, low + height], low + Math.min(poc, height), kind < 4 ? i : 0);
      if (kind === 11) return ['add', { ...span(Math.max(0, i - 4), 3), pocTicks: low }];
      return [kind === 10 ? 'range' : 'push', kind === 3 || kind === 9 ? { ...one, trades: 0 } : one];
    }),
  );

for (const options of [{}, { rowTicks: 2, maxNaked: 4, revisableBars: 2 }]) {
  describeReducerContract({
    name: `createNakedPocs with ${JSON.stringify(options)}`,
    create: () => createNakedPocs(options),
    restore: (snapshot) => restoreNakedPocs(snapshot, options),
    inputs: rough,
    push: (pocs, [kind, input]: Step) =>
      kind === 'add' ? pocs.addPoc(input) : kind === 'range' ? pocs.pushRange(input) : pocs.push(input),
    refused: [
      ['push', { ...bar(0, [1, 2], 1), pocTicks: 1.5 }],
      ['range', { ...bar(0, [1, 2], 1), highTicks: NaN }],
      ['add', { ...span(0), pocTicks: Infinity }],
      ['add', { startMs: 2, endMs: 1, pocTicks: 1 }],
    ],
    runs: 200,
    conserve: (_, outputs, pocs) => {
      const { added, touched, withdrawn, dropped } = pocs.stats();
      expect(added).toBe(touched + withdrawn + dropped + pocs.naked().length);
      expect(outputs).toHaveLength(touched);
      for (const { endMs, touchedFromMs } of outputs) expect(touchedFromMs).toBeGreaterThanOrEqual(endMs);
    },
  });
}

describe('options and snapshots', () => {
  test('are refused where they do not fit', () => {
    const messageOf = (act: () => unknown): string => {
      try {
        act();
      } catch (error) {
        if (isFootprintError(error)) return `${error.code}: ${error.message}`;
        throw error;
      }
      return 'no error';
    };
    const snapshot = createNakedPocs().snapshot();
    expect(
      [
        () => createNakedPocs({ rowTicks: 0 }),
        () => createNakedPocs({ maxNaked: 0 }),
        () => createNakedPocs({ revisableBars: 1.5 }),
        () => createNakedPocs().push(bar(0, [1, 2], 1.5)),
        () => createNakedPocs().addPoc({ ...span(0), startMs: NaN, pocTicks: 1 }),
        () => restoreNakedPocs({ ...snapshot, v: 2 as 1 }),
        () => restoreNakedPocs(snapshot, { maxNaked: 7 }),
        () => restoreNakedPocs(snapshot, nakedPocsDefaults),
      ].map(messageOf),
    ).toMatchInlineSnapshot(`
      [
        "bad-option: rowTicks "0" is not a whole number of at least 1.",
        "bad-option: maxNaked "0" is not a whole number of at least 1.",
        "bad-option: revisableBars "1.5" is not a whole number of at least 1.",
        "bad-trade: Bar pocTicks "1.5" is not a whole number. Pass bars in ticks and lots of the grid.",
        "bad-trade: Bar from "NaN" to "60000" is not a stretch of time in epoch milliseconds.",
        "bad-snapshot: Snapshot of kind "naked-pocs" and version "2" cannot be read, expected "naked-pocs" version 1.",
        "bad-snapshot: Snapshot of "naked-pocs" was made with the options {"rowTicks":1,"maxNaked":500,"revisableBars":3}, not with {"rowTicks":1,"maxNaked":7,"revisableBars":3}. Restore with the options it was made with.",
        "no error",
      ]
    `);
  });

  test('that were damaged are refused with the part', () => {
    const options = { maxNaked: 3, revisableBars: 2 };
    const { pocs } = created([bar(0, [1, 1], 1), bar(1, [2, 2], 2), bar(2, [3, 3], 3), bar(3, [4, 4], 4)], options);
    const whole = pocs.snapshot();
    expect(whole).toMatchObject({ letGoMs: 60_000, stats: { added: 4, dropped: 1 } });
    const { naked, latest, stats } = whole;
    const partOf = (damage: object): string => {
      try {
        restoreNakedPocs({ ...whole, ...damage }, options);
      } catch (error) {
        expect(error).toBeInstanceOf(FootprintError);
        return /damaged: (\S+) is/.exec((error as Error).message)?.[1] ?? 'unreadable';
      }
      return 'taken';
    };
    expect([
      partOf({}),
      partOf({ naked: [...naked, naked[2]], stats: { ...stats, added: 5 } }),
      partOf({ naked: [...naked].reverse() }),
      partOf({ naked: [[2.5, 60_000, 120_000], ...naked.slice(1)] }),
      partOf({ naked: [['2', 60_000, 120_000], ...naked.slice(1)] }),
      partOf({ naked: naked.slice(1) }),
      partOf({ latest: [...latest, latest[1]] }),
      partOf({ latest: [latest[1], latest[0]] }),
      partOf({ letGoMs: '60000' }),
      partOf({ stats: { ...stats, dropped: 0 } }),
      partOf({ stats: { ...stats, late: -1 } }),
      partOf({ naked: undefined }),
      partOf({ more: true }),
    ]).toEqual([
      'taken',
      ...[
        'naked',
        'naked',
        'naked',
        'naked',
        'stats',
        'latest',
        'latest',
        'letGoMs',
        'stats',
        'stats',
        'stats',
        'more',
      ],
    ]);
  });
});
