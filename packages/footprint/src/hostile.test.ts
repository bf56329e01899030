/**
 * Numbers that no market sends, through every reducer: each is either refused with an error of the package, and then the
 * state is as it was, or taken, and then nothing that comes out holds a NaN or an infinity. And snapshots that storage
 * damaged: they are refused, or they go on as the whole one does.
 */
import { checkHostile, damaged, hostileNumbers, type HostileStep as Step } from '@tapekit/tooling/hostile';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOrderflowError } from '@tapekit/orderflow/errors';
import { createGrid } from '@tapekit/orderflow/grid';
import * as footprint from './index.ts';
import { isFootprintError } from './index.ts';

const sides = fc.constantFrom<'buy' | 'sell' | 'unknown'>('buy', 'sell', 'unknown');
const trades = fc.record({ timeMs: hostileNumbers, priceTicks: hostileNumbers, sizeLots: hostileNumbers, side: sides });
const bars = fc
  .tuple(
    fc.nat({ max: 9 }),
    fc.nat({ max: 6 }),
    fc.nat({ max: 3 }),
    fc.integer({ min: -4, max: 4 }),
    fc.nat({ max: 2 }),
  )
  .map(([minute, low, height, deltaLots, revision]) => ({
    ...{
      startMs: minute * 60_000,
      endMs: (minute + 1) * 60_000,
      trades: 1,
      revision,
      deltaLots,
      volumeLots: 9,
      rows: [],
    },
    ...{ openTicks: low, closeTicks: low + height, lowTicks: low, highTicks: low + height, pocTicks: low },
  }));

interface Reducer {
  snapshot(): object;
  flush?(): unknown;
}
const pushTicks = trades.map((trade) => (reducer: { pushTicks(trade: unknown): unknown }) => reducer.pushTicks(trade));
const advance = hostileNumbers.map(
  (timeMs) => (reducer: { advanceTo(timeMs: number): unknown }) => reducer.advanceTo(timeMs),
);
const pushBar = bars.map((bar) => (reducer: { push(bar: unknown): unknown }) => reducer.push(bar));
const timed = fc.oneof({ weight: 4, arbitrary: pushTicks }, advance);

const grid = createGrid({ tickSize: '0.01', lotSize: '1' });
const sessions = [{ name: 'day', ranges: [{ startMs: 0, endMs: 1000 }] }];
const clocks: readonly footprint.BarClock[] = [
  footprint.tickClock(3),
  footprint.volumeClock(5),
  footprint.valueClock(40),
  footprint.deltaClock(4),
  footprint.rangeClock(3),
  footprint.rangeClock(3, { jump: 'wide' }),
  footprint.renkoClock(2),
  footprint.fixedImbalanceClock({ of: 'volume', threshold: 4 }),
  footprint.fixedRunsClock({ of: 'value', threshold: 30 }),
  footprint.imbalanceClock({ of: 'volume', expectedTrades: 3 }),
  footprint.runsClock({ of: 'trades', expectedTrades: 3 }),
  footprint.sessionClock({ sessions: { everyMs: 20, lengthMs: 15 }, intervalMs: 4, empty: 'flat', maxEmptyBars: 9 }),
];

type Case = readonly [name: string, make: (snapshot?: object) => Reducer, steps: fc.Arbitrary<Step>];
const timeBars: footprint.TimeBarsOptions = {
  grid,
  intervalMs: 5,
  emptyBars: 'flat',
  maxFlatBars: 9,
  tradeSizes: true,
};
const session: footprint.TpoProfileOptions = { startMs: 0, endMs: 1000, periodMs: 10 };
const cases: readonly Case[] = [
  [
    'createTimeBars',
    (from) => (from ? footprint.restoreTimeBars(from as never, timeBars) : footprint.createTimeBars(timeBars)),
    timed,
  ],
  ...clocks.map((clock): Case => {
    const make: Case[1] = (from) =>
      from ? footprint.restoreBars(from as never, { grid, clock }) : footprint.createBars({ grid, clock });
    return [`createBars, ${clock.kind}`, make, timed];
  }),
  ['createProfile', (from) => (from ? footprint.restoreProfile(from as never) : footprint.createProfile()), pushTicks],
  [
    'createSessionProfiles',
    (from) =>
      from
        ? footprint.restoreSessionProfiles(from as never, { sessions })
        : footprint.createSessionProfiles({ sessions }),
    timed,
  ],
  [
    'createTpoProfile',
    (from) => (from ? footprint.restoreTpoProfile(from as never, session) : footprint.createTpoProfile(session)),
    pushTicks,
  ],
  [
    'createNakedPocs',
    (from) => (from ? footprint.restoreNakedPocs(from as never) : footprint.createNakedPocs()),
    pushBar,
  ],
  [
    'createBarSignals',
    (from) => (from ? footprint.restoreBarSignals(from as never) : footprint.createBarSignals()),
    pushBar,
  ],
  [
    'createDivergence',
    (from) => (from ? footprint.restoreDivergence(from as never) : footprint.createDivergence()),
    pushBar,
  ],
];
/** Take bytes and blocks of columns: their own suites have what is hostile there. */
const elsewhere = ['createColumnBars', 'createTradeLines'];

describe('every reducer', () => {
  test('is on the list', () => {
    const made = Object.keys(footprint).filter((name) => name.startsWith('create'));
    const listed = new Set([...cases.map(([name]) => name.split(',')[0]!), ...elsewhere]);
    expect([...listed].toSorted()).toEqual(made.toSorted());
  });

  test.each(cases)('%s refuses what is no number of a market, or counts it, and never gives NaN', (_, make, steps) => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 25 }), (tape) => {
        checkHostile(make(), tape, isFootprintError);
      }),
      { numRuns: 150 },
    );
  });

  test.each(cases)('%s refuses a snapshot with a part missing, or one of another type', (_, make, steps) => {
    const other = fc.constantFrom<unknown>(undefined, null, 'x', [], {}, -1.5);
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 12 }), fc.nat(), other, (tape, place, value) => {
        const reducer = make();
        for (const step of tape) {
          try {
            step(reducer as never);
          } catch (error) {
            if (!isFootprintError(error)) throw error;
          }
        }
        const whole = JSON.stringify(reducer.snapshot());
        const stored = damaged(reducer.snapshot(), place, value);
        if (JSON.stringify(stored) === whole) return;
        try {
          expect(JSON.stringify(make(stored).snapshot())).toBe(JSON.stringify(stored));
        } catch (error) {
          if (!isFootprintError(error, 'bad-snapshot')) throw error;
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('values of other types than the ones asked for', () => {
  const trade = { timeMs: 5, priceTicks: 7, sizeLots: 3, side: 'buy' as const };
  const made = (): readonly (readonly [name: string, reducer: { pushTicks(trade: never): unknown } & Reducer])[] => [
    ['time bars', footprint.createTimeBars(timeBars)],
    ['volume bars', footprint.createBars({ grid, clock: footprint.volumeClock(5) })],
    ['session profiles', footprint.createSessionProfiles({ sessions })],
    ['TPO profile', footprint.createTpoProfile(session)],
  ];

  test.each([
    ...[null, '5', true, [], undefined].map((timeMs) => ({ ...trade, timeMs })),
    ...[null, '7', true, [], undefined].map((priceTicks) => ({ ...trade, priceTicks })),
    ...[null, '3', true, [], undefined].map((sizeLots) => ({ ...trade, sizeLots })),
    ...[null, 'BUY', 1, undefined].map((side) => ({ ...trade, side })),
    ...[null, true, {}, 2 ** 53].map((id) => ({ ...trade, id })),
  ])('%j is no trade', (wrong) => {
    for (const [, reducer] of made()) {
      const before = JSON.stringify(reducer.snapshot());
      expect(() => reducer.pushTicks(wrong as never)).toThrow(expect.objectContaining({ code: 'bad-trade' }));
      expect(JSON.stringify(reducer.snapshot())).toBe(before);
    }
  });

  test('grids, clocks and bounds that are none are refused', () => {
    const clock = footprint.tickClock(1);
    const wrong: readonly (() => unknown)[] = [
      () => footprint.createTimeBars({ intervalMs: 5 } as never),
      () => footprint.createTimeBars({ ...timeBars, grid: {} as never }),
      () => footprint.createTimeBars({ ...timeBars, maxFlatBars: 1e9 }),
      () => footprint.createBars({ clock } as never),
      () => footprint.createBars({ grid, clock: 'tick' as never }),
      () => footprint.createBars({ grid, clock: footprint.tickClock as never }),
      () => footprint.createBars({ grid } as never),
      () => footprint.sessionClock({ sessions: { everyMs: 5 }, intervalMs: 1, maxEmptyBars: 1e9 }),
      () => footprint.sessionClock({ sessions: null as never, intervalMs: 1 }),
    ];
    for (const make of wrong) expect(make).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('nothing, where a trade or a bar is expected', () => {
  const given: unknown[] = [undefined, null, 0, 'x', {}];
  const trade = { timeMs: 1, priceTicks: 1, sizeLots: 1, side: 'buy' as const };
  const doors: readonly (readonly [string, (nothing: never) => unknown])[] = [
    ['time bars, push', (nothing) => footprint.createTimeBars(timeBars).push(nothing)],
    ['time bars, pushTicks', (nothing) => footprint.createTimeBars(timeBars).pushTicks(nothing)],
    [
      'time bars, correctTicks',
      (nothing) => {
        const made = footprint.createTimeBars({ ...timeBars, corrections: true });
        made.pushTicks({ ...trade, id: 1 });
        return made.correctTicks(1, nothing);
      },
    ],
    [
      'time bars, correct',
      (nothing) => {
        const made = footprint.createTimeBars({ ...timeBars, corrections: true });
        made.pushTicks({ ...trade, id: 1 });
        return made.correct(1, nothing);
      },
    ],
    ['bars, push', (nothing) => footprint.createBars({ grid, clock: footprint.tickClock(3) }).push(nothing)],
    ['bars, pushTicks', (nothing) => footprint.createBars({ grid, clock: footprint.tickClock(3) }).pushTicks(nothing)],
    ['a profile, pushTicks', (nothing) => footprint.createProfile().pushTicks(nothing)],
    ['a profile, pushBar', (nothing) => footprint.createProfile().pushBar(nothing)],
    ['a profile, pushRows', (nothing) => footprint.createProfile().pushRows(nothing)],
    ['a row of a profile', (nothing) => footprint.createProfile().pushRows([nothing])],
    ['session profiles, pushTicks', (nothing) => footprint.createSessionProfiles({ sessions }).pushTicks(nothing)],
    ['session profiles, pushBar', (nothing) => footprint.createSessionProfiles({ sessions }).pushBar(nothing)],
    ['a TPO profile, pushTicks', (nothing) => footprint.createTpoProfile(session).pushTicks(nothing)],
    ['a TPO profile, pushBar', (nothing) => footprint.createTpoProfile(session).pushBar(nothing)],
    ['naked POCs, push', (nothing) => footprint.createNakedPocs().push(nothing)],
    ['naked POCs, pushRange', (nothing) => footprint.createNakedPocs().pushRange(nothing)],
    ['bar signals, push', (nothing) => footprint.createBarSignals().push(nothing)],
    ['divergence, push', (nothing) => footprint.createDivergence().push(nothing)],
    ['mergeBars', (nothing) => footprint.mergeBars(nothing)],
    ['a bar of mergeBars', (nothing) => footprint.mergeBars([nothing])],
    ['mergeProfiles', (nothing) => footprint.mergeProfiles(nothing)],
    ['a profile of mergeProfiles', (nothing) => footprint.mergeProfiles([nothing])],
  ];

  test.each(doors)('%s refuses it', (_, door) => {
    for (const nothing of given) {
      // What the grid refuses is an error of its package.
      const isRefused = (error: unknown): boolean => isFootprintError(error) || isOrderflowError(error);
      const thrown = ((): unknown => {
        try {
          return ['taken', door(nothing as never)];
        } catch (error) {
          return error;
        }
      })();
      expect(isRefused(thrown), `${String(nothing)}: ${String(thrown)}`).toBe(true);
    }
  });
});
