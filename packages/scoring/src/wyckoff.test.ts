import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isScoringError } from './errors.ts';
import type { WyckoffBar, WyckoffReading } from './wyckoff.ts';
import { createWyckoff, restoreWyckoff, scoreWyckoff, wyckoff } from './wyckoff.ts';

/** high, low, close, volume */
type Row = readonly [number, number, number, number];

const decline: readonly Row[] = Array.from(
  { length: 25 },
  (_, i) => [201 - 2 * i, 199 - 2 * i, 200 - 2 * i, 100] as const,
);
const quiet = (count: number): Row[] => Array.from({ length: count }, () => [156, 152, 154, 80] as const);

/** A whole accumulation between 140 and 162, with the bar that each event is at. */
const accumulation: readonly Row[] = [
  ...decline, // 0-24: 200 down to 152, true range 3, volume 100
  [152, 140, 148, 400], // 25 SC
  [155, 148, 153, 150], // 26
  [162, 153, 160, 150], // 27 AR
  [158, 152, 153, 100], // 28 first lower high
  [153, 141, 145, 150], // 29 ST: 141 is within one average true range of 140, on less than 400
  ...quiet(10), // 30-39 the cause
  [152, 137, 139, 90], // 40 closes below support
  [146, 138, 144, 90], // 41 back above: spring at 40
  [147, 141, 146, 60], // 42 test on less volume
  [158, 147, 157, 90], // 43
  [168, 157, 167, 300], // 44 SOS: above 162 on volume
  [166, 161, 163, 90], // 45 pullback
  [164, 160, 162, 80], // 46 LPS: the lowest of the pullback
  [167, 162, 166, 120], // 47 closes above the high of 46: it held
  [175, 166, 174, 200], // 48 above the peak of 168: phase E
  [176, 172, 175, 100], // 49
];

const bars = (rows: readonly Row[]): WyckoffBar[] =>
  rows.map(([high, low, close, volume]) => ({ high, low, close, volume }));
const mirror = (rows: readonly WyckoffBar[], around: number): WyckoffBar[] =>
  rows.map(({ high, low, close, volume }) => ({
    ...{ high: 2 * around - low, low: 2 * around - high },
    ...{ close: 2 * around - close, volume },
  }));
const eventsOf = (readings: readonly WyckoffReading[]): string[] =>
  readings.flatMap(({ events }) => events.map((e) => `${e.kind} ${e.eventAt} ${e.confirmedAt} ${e.price} ${e.phase}`));

describe('wyckoff', () => {
  test('reads a whole accumulation, each event when it became known', () => {
    expect(eventsOf(wyckoff(bars(accumulation)))).toEqual([
      'SC 25 25 140 A',
      'AR 27 28 162 A',
      'ST 29 29 141 B',
      'Spring 40 41 137 C',
      'Test 42 42 141 C',
      'SOS 44 44 167 D',
      'LPS 46 47 160 D',
    ]);
  });

  test('walks through the phases A to E', () => {
    const phases = wyckoff(bars(accumulation)).map(({ accumulation: range }) => range?.phase ?? '-');
    expect(phases.join('')).toBe(`${'-'.repeat(25)}AAAA${'B'.repeat(12)}CCCDDDDEE`);
  });

  test('support and resistance are fixed when the rally is over', () => {
    const readings = wyckoff(bars(accumulation));
    expect(readings[27]!.accumulation).toEqual({ phase: 'A', since: 25, climaxLevel: 140, rallyLevel: undefined });
    expect(readings[28]!.accumulation).toEqual({ phase: 'A', since: 25, climaxLevel: 140, rallyLevel: 162 });
    expect(readings[43]!.accumulation).toMatchObject({ climaxLevel: 140, rallyLevel: 162 });
  });

  test('a test is on less volume than what it tests, also when it dips through support: 400 at the climax, 90 at the spring', () => {
    const after = (count: number, ...more: readonly Row[]): string[] =>
      eventsOf(wyckoff(bars([...accumulation.slice(0, count), ...more]))).slice(-1);
    const [secondary, inCause, ofSpring] = [
      (volume: number) => after(29, [143, 139, 141, volume]),
      (volume: number) => after(30, [150, 139, 145, volume]),
      (volume: number) => after(42, [147, 138, 146, volume]),
    ];
    expect([secondary(900), secondary(400), secondary(399)].flat()).toEqual([
      ...['AR 27 28 162 A', 'AR 27 28 162 A'],
      'ST 29 29 139 B',
    ]);
    expect([inCause(400), inCause(399)].flat()).toEqual(['ST 29 29 141 B', 'ST 30 30 139 B']);
    expect([ofSpring(90), ofSpring(89)].flat()).toEqual(['Spring 40 41 137 C', 'Test 42 42 138 C']);
    // The bar on too much volume leaves the phase, and the time that the cause has been built for, as they were.
    const { accumulation: range } = wyckoff(bars([...accumulation.slice(0, 29), [143, 139, 141, 900]])).at(-1)!;
    expect(range!.phase).toBe('A');
  });

  test('the same prices upside down are a distribution', () => {
    const readings = wyckoff(mirror(bars(accumulation), 200));
    expect(eventsOf(readings)).toEqual([
      'BC 25 25 260 A',
      'AR 27 28 238 A',
      'ST 29 29 259 B',
      'UTAD 40 41 263 C',
      'Test 42 42 259 C',
      'SOW 44 44 233 D',
      'LPSY 46 47 240 D',
    ]);
    expect(scoreWyckoff(readings.at(-1)).score).toBe(5);
    expect(scoreWyckoff(wyckoff(bars(accumulation)).at(-1)).score).toBe(95);
  });

  test('an earlier effort against the decline is preliminary support once the climax is there', () => {
    const rows = [...accumulation.slice(0, 26)];
    rows[22] = [159, 154, 158, 170];
    // Close 158 is below the mean of the 20 bars before it, range 5 > 3, volume 1.7 times the average.
    expect(eventsOf(wyckoff(bars(rows)))).toEqual(['PS 22 25 154 A', 'SC 25 25 140 A']);
  });

  test('a climax needs volume, range, a new low and a close in the upper half', () => {
    const at25 = (row: Row): string[] => eventsOf(wyckoff(bars([...decline, row])));
    expect(at25([152, 140, 146, 200])).toEqual(['SC 25 25 140 A']);
    expect(at25([152, 140, 146, 199])).toEqual([]);
    expect(at25([152, 140, 145, 400])).toEqual([]);
    // The lowest low before is 151; the average true range 3 asks for a range of 4.5.
    expect(at25([158, 151, 157, 400])).toEqual([]);
    expect(at25([154, 150, 153, 400])).toEqual([]);
    expect(at25([155, 150, 153, 400])).toEqual(['SC 25 25 150 A']);
  });

  test('closes below support for too long end the range', () => {
    const rows: Row[] = [
      ...accumulation.slice(0, 40),
      [152, 137, 139, 90],
      [140, 136, 138, 90],
      [139, 135, 137, 90],
      [139, 135, 136, 90],
    ];
    expect(wyckoff(bars(rows)).at(-1)!.events).toEqual([
      {
        ...{ side: 'accumulation', kind: 'End', eventAt: 43, confirmedAt: 43, price: 136, volume: 90 },
        ...{ phase: undefined, reason: 'broken' },
      },
    ]);
  });

  test('a range that is left without volume is over, and was no sign of strength', () => {
    const rows: Row[] = [
      ...accumulation.slice(0, 42),
      ...Array.from({ length: 4 }, () => [166, 161, 165, 90] as const),
    ];
    const last = wyckoff(bars(rows)).at(-1)!;
    expect([last.events[0]!.kind, last.events[0]!.reason, last.accumulation]).toEqual(['End', 'no-effort', undefined]);
  });

  test('a fall to below the middle of the range after a sign of strength ends it', () => {
    // Support 140 and resistance 162: the middle is 151.
    const after = (close: number): unknown =>
      wyckoff(bars([...accumulation.slice(0, 45), [166, close, close, 90]])).at(-1)!.events[0]?.reason;
    expect([after(151), after(150)]).toEqual([undefined, 'fell-back']);
  });

  test('a market that stands still is never in a range', () => {
    const readings = wyckoff(bars(Array.from({ length: 100 }, () => [100, 100, 100, 0] as const)));
    expect(eventsOf(readings)).toEqual([]);
    expect(scoreWyckoff(readings.at(-1))).toMatchObject({
      score: undefined,
      quality: 'missing',
      reasons: ['no range of accumulation or distribution is open'],
    });
  });

  test('replacing the last bar leaves no trace of the bar before', () => {
    const stream = createWyckoff();
    const readings = bars(accumulation).map((bar) => {
      stream.push({ high: 1000, low: 1, close: 500, volume: 1e9 });
      stream.replaceLast({ ...bar, volume: bar.volume + 7 });
      return stream.replaceLast(bar);
    });
    expect(readings).toEqual(wyckoff(bars(accumulation)));
  });

  test('refuses what no market trades, and keeps its state', () => {
    const stream = createWyckoff();
    expect(() => stream.replaceLast(bars(decline)[0]!)).toThrow('replaceLast was called before the first push.');
    stream.push(bars(decline)[0]!);
    const before = JSON.stringify(stream.snapshot());
    expect(() => stream.push({ high: 1, low: 2, close: 1, volume: 1 })).toThrow(
      'bar 1 closes at "1" with high "1", low "2" and volume "1", expected low ≤ close ≤ high and no negative volume. ' +
        'Leave the bar out, or mend it where it comes from.',
    );
    expect(() => stream.push({ high: Number.NaN, low: 2, close: 1, volume: 1 })).toThrow('high "NaN" of bar 1');
    expect(JSON.stringify(stream.snapshot())).toBe(before);
    expect(() => createWyckoff({ lookback: 0 })).toThrow('lookback "0"');
    expect(() => createWyckoff({ climaxVolume: 0 })).toThrow('climaxVolume "0" is not a number above 0.');
  });

  test('refuses snapshots that are none', () => {
    const stream = createWyckoff();
    for (const bar of bars(accumulation)) stream.push(bar);
    const snapshot = stream.snapshot();
    expect(() => restoreWyckoff({ ...snapshot, v: 2 as 1 })).toThrow('snapshot of "wyckoff" version "2"');
    expect(() => restoreWyckoff({ ...snapshot, bars: [] })).toThrow('"0 of 50" for bars');
    expect(() => restoreWyckoff(snapshot, { lookback: 10 })).toThrow('lookback');
    const state = { ...snapshot.state, accumulation: { ...snapshot.state.accumulation, phase: 'F' as 'E' } };
    expect(() => restoreWyckoff({ ...snapshot, state })).toThrow('"F" for state.accumulation.phase');
  });
});

/** Trends that end in ranges, whole prices, with bursts of volume: ranges open and resolve in all ways. */
function series(seed: number, count: number): WyckoffBar[] {
  let random = seed;
  const next = (below: number): number => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((random / 2_147_483_648) * below);
  };
  let close = 10_000;
  let drift = 0;
  let anchor = close;
  return Array.from({ length: count }, (_, i) => {
    if (i % 12 === 0) {
      drift = next(3) === 0 ? next(13) - 6 : 0;
      anchor = close;
    }
    const open = close;
    close += drift + next(17) - 8 - Math.trunc((close - anchor) / 4);
    const volume = next(5) === 0 ? 150 + next(400) : 60 + next(80);
    return { high: Math.max(open, close) + next(9), low: Math.min(open, close) - next(9), close, volume };
  });
}
const walk: fc.Arbitrary<readonly WyckoffBar[]> = fc
  .tuple(fc.integer({ min: 1, max: 2_000_000_000 }), fc.integer({ min: 1, max: 300 }))
  .map(([seed, count]) => series(seed, count));
const loose = {
  lookback: 5,
  climaxVolume: 1.2,
  climaxRange: 1,
  effortVolume: 1,
  leastCauseBars: 2,
  rallyBars: 3,
  longestBars: 40,
};

describe('wyckoff over random series', () => {
  test('meets every kind of event and of end', () => {
    const kinds = new Set<string>();
    for (const { events } of wyckoff(series(7, 50_000), loose)) for (const e of events) kinds.add(e.reason ?? e.kind);
    for (const kind of ['PS', 'SC', 'AR', 'ST', 'Spring', 'Test', 'SOS', 'LPS', 'PSY', 'BC', 'UTAD', 'SOW', 'LPSY']) {
      expect(kinds).toContain(kind);
    }
    for (const reason of ['broken', 'no-cause', 'no-effort', 'fell-back', 'trend-ended', 'no-range', 'too-old'])
      expect(kinds).toContain(reason);
  });

  test('bars that come later never change what was said', () => {
    fc.assert(
      fc.property(walk, walk, (past, future) => {
        const whole = wyckoff([...past, ...future], loose);
        expect(whole.slice(0, past.length)).toEqual(wyckoff(past, loose));
      }),
      { numRuns: 200 },
    );
  });

  test('nothing is known before it happened', () => {
    fc.assert(
      fc.property(walk, (rows) => {
        for (const { at, events } of wyckoff(rows, loose)) {
          for (const event of events) {
            expect(event.confirmedAt).toBe(at);
            expect(event.eventAt).toBeLessThanOrEqual(at);
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  test('mirrored prices give the mirrored events', () => {
    const other: Record<string, string> = { PS: 'PSY', SC: 'BC', Spring: 'UTAD', SOS: 'SOW', LPS: 'LPSY' };
    const back = Object.fromEntries(Object.entries(other).map(([a, b]) => [b, a]));
    fc.assert(
      fc.property(walk, (rows) => {
        const keys = (readings: readonly WyckoffReading[], isMirrored: boolean): string[] =>
          readings
            .flatMap(({ events }) => events)
            .map((e) => {
              const side = isMirrored === (e.side === 'accumulation') ? 'distribution' : 'accumulation';
              const kind = isMirrored ? (other[e.kind] ?? back[e.kind] ?? e.kind) : e.kind;
              const price = isMirrored ? 20_000 - e.price : e.price;
              return [side, kind, e.eventAt, e.confirmedAt, price, e.volume, e.phase, e.reason].join();
            })
            .sort();
        expect(keys(wyckoff(mirror(rows, 10_000), loose), true)).toEqual(keys(wyckoff(rows, loose), false));
      }),
      { numRuns: 200 },
    );
  });
});

test('no test on any walk has the volume of its climax, or of its spring', () => {
  fc.assert(
    fc.property(walk, (rows) => {
      for (const side of ['accumulation', 'distribution'] as const) {
        let [climax, spring] = [0, 0];
        for (const event of wyckoff(rows, loose).flatMap(({ events }) => events)) {
          if (event.side !== side) continue;
          if (event.kind === 'SC' || event.kind === 'BC') climax = event.volume;
          if (event.kind === 'Spring' || event.kind === 'UTAD') spring = event.volume;
          if (event.kind === 'ST') expect(event.volume).toBeLessThan(climax);
          if (event.kind === 'Test') expect(event.volume).toBeLessThan(spring);
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('a hostile snapshot is refused as one', () => {
  const stream = createWyckoff(loose);
  for (let i = 0; i < 40; i++) stream.push({ high: 11 + (i % 7), low: 9, close: 10, volume: 5 });
  const snapshot = stream.snapshot();
  const { accumulation } = snapshot.state;
  const state = (damage: object): object => ({
    state: { ...snapshot.state, accumulation: { ...accumulation, ...damage } },
  });
  for (const damage of [
    { lookback: 4e9 },
    { climaxVolume: -1 },
    { bars: snapshot.bars.map((bar) => ({ ...bar, volume: 1e308 })) },
    { bars: snapshot.bars.map((bar) => ({ ...bar, close: 99 })) },
    { bars: snapshot.bars.map((bar) => ({ ...bar, volume: -5 })) },
    state({ unit: 1e308 }),
    state({ phase: 'C', climax: { at: 1e9, price: 9, volume: 5 } }),
    state({ above: 0.5 }),
    { count: -1 },
  ]) {
    let error: unknown;
    try {
      restoreWyckoff({ ...snapshot, ...damage });
    } catch (thrown) {
      error = thrown;
    }
    expect(isScoringError(error, 'bad-snapshot') || JSON.stringify(damage)).toBe(true);
  }
  expect(() => createWyckoff({ lookback: 1e9 })).toThrow('lookback "1000000000"');
  expect(restoreWyckoff(snapshot).snapshot()).toEqual(snapshot);
});

describeReducerContract<WyckoffBar, WyckoffReading, ReturnType<typeof createWyckoff>>({
  name: 'createWyckoff',
  create: () => createWyckoff(loose),
  restore: (snapshot) => restoreWyckoff(snapshot, loose),
  inputs: walk,
  batch: (rows) => wyckoff(rows, loose),
  refused: [{ high: 1, low: 2, close: 1, volume: 1 }],
});
