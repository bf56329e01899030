import { addExact, type ExactInt } from '@tapekit/orderflow/exact';
import { tradeColumns } from '@tapekit/orderflow/columns';
import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describeReducerContract } from '@tapekit/tooling/contract';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createProfile } from './profile.ts';
import {
  createSessionProfiles,
  restoreSessionProfiles,
  sessionProfilesDefaults,
  sessionProfilesOfColumns,
  type SessionProfile,
  type SessionProfiles,
  type SessionProfilesOptions,
} from './session-profiles.ts';
import type { Session } from './sessions.ts';
import { createTimeBars } from './time-bars.ts';

/** Minutes of a small calendar: a morning and an afternoon a day, the day is 100 minutes. */
const range = (from: number, to: number): Session['ranges'][number] => ({ startMs: from * 60_000, endMs: to * 60_000 });
const joined: readonly Session[] = [
  { name: 'one', ranges: [range(10, 40), range(60, 90)] },
  { name: 'two', ranges: [range(110, 140), range(160, 190)] },
  { name: 'three', ranges: [range(210, 240), range(260, 290)] },
  { name: 'four', ranges: [range(310, 340)] },
];
const separate: readonly Session[] = joined.flatMap(({ name, ranges }) =>
  ranges.map((each, i) => ({ name: `${name} ${i === 0 ? 'am' : 'pm'}`, ranges: [each] })),
);

function at(minute: number, priceTicks: number, sizeLots = 1, side: TickTrade['side'] = 'buy'): TickTrade {
  return { timeMs: minute * 60_000, priceTicks, sizeLots, side };
}

function feed(profiles: SessionProfiles, ...trades: readonly TickTrade[]): SessionProfile[] {
  return trades.flatMap((trade) => [...profiles.pushTicks(trade)]);
}

describe('a session', () => {
  test('has the profile of its trades, with the break left out', () => {
    const profiles = createSessionProfiles({ sessions: joined });
    const emitted = feed(
      profiles,
      ...[at(5, 99), at(10, 20, 3), at(39, 22, 5, 'sell'), at(50, 500, 7), at(60, 21, 4, 'unknown'), at(89.99, 20, 1)],
    );
    expect(emitted).toEqual([]);
    expect(profiles.current()).toMatchObject({ session: 'one', revision: 0, closeTicks: 20 });
    expect(feed(profiles, at(110, 30))).toMatchObject([
      {
        session: 'one',
        startMs: 600_000,
        endMs: 5_400_000,
        ...{ openTicks: 20, highTicks: 22, lowTicks: 20, closeTicks: 20, revision: 0 },
        profile: { pocTicks: 22, totalLots: 13, trades: 4, valueTickLots: 60 + 110 + 84 + 20 },
      },
    ]);
    expect(profiles.stats()).toEqual({
      ...{ taken: 5, outside: 2, outsideLots: 8, late: 0, lateRejected: 0, lateRejectedLots: 0, ignored: 0 },
    });
  });

  test('is closed by the clock at its end, by flush before it', () => {
    const profiles = createSessionProfiles({ sessions: separate });
    feed(profiles, at(39, 20));
    expect(profiles.advanceTo(40 * 60_000 - 1)).toEqual([]);
    expect(profiles.advanceTo(40 * 60_000)).toMatchObject([{ session: 'one am' }]);
    expect(profiles.advanceTo(41 * 60_000)).toEqual([]);
    feed(profiles, at(70, 20));
    expect(profiles.flush()).toMatchObject([{ session: 'one pm' }]);
    expect(profiles.flush()).toEqual([]);
    expect(profiles.current()).toBeUndefined();
    expect(feed(profiles, at(80, 25))).toMatchObject([{ session: 'one pm', revision: 1, profile: { totalLots: 2 } }]);
  });

  test('that had no trade has no profile', () => {
    const profiles = createSessionProfiles({ sessions: joined });
    expect(feed(profiles, at(20, 1), at(320, 1)).map(({ session }) => session)).toEqual(['one']);
  });

  test('is revised by late trades while it is retained', () => {
    const profiles = createSessionProfiles({ sessions: joined, retainSessions: 1 });
    feed(profiles, at(20, 20), at(120, 20), at(220, 20));
    expect(feed(profiles, at(121, 26, 3, 'sell'))).toMatchObject([
      { session: 'two', revision: 1, closeTicks: 26, highTicks: 26, profile: { totalLots: 4 } },
    ]);
    expect(feed(profiles, at(21, 26, 7))).toEqual([]);
    expect(profiles.stats()).toMatchObject({ taken: 4, late: 2, lateRejected: 1, lateRejectedLots: 7 });
  });

  test('begins late where it had no trade, but not again once it was let go', () => {
    const profiles = createSessionProfiles({ sessions: joined, retainSessions: 2 });
    feed(profiles, at(220, 20), at(320, 20));
    expect(feed(profiles, at(120, 5))).toMatchObject([{ session: 'two', revision: 0 }]);
    expect(feed(profiles, at(20, 5))).toEqual([]);
    expect(profiles.stats()).toMatchObject({ late: 2, lateRejected: 1 });
  });
});

test('a session that was let go never begins again, also when more are retained after a restore', () => {
  const profiles = createSessionProfiles({ sessions: joined, retainSessions: 1 });
  feed(profiles, at(20, 20), at(120, 20), at(220, 20));
  const again = restoreSessionProfiles(profiles.snapshot(), { sessions: joined, retainSessions: 5 });
  expect(feed(again, at(21, 26, 7))).toEqual([]);
  expect(again.stats()).toMatchObject({ lateRejected: 1, lateRejectedLots: 7 });
  const fewer = restoreSessionProfiles(profiles.snapshot(), { sessions: joined, retainSessions: 0 });
  expect(feed(fewer, at(121, 26, 7))).toEqual([]);
});

describe('bars', () => {
  const bars = createTimeBars({ grid: createGrid({ tickSize: '1', lotSize: '1' }), intervalMs: 600_000 });
  const trades = [at(12, 20, 3), at(13, 25, 2, 'sell'), at(35, 22, 1), at(62, 24, 8), at(115, 20, 1), at(155, 20, 6)];
  const all = [...trades.flatMap((trade) => [...bars.pushTicks(trade)]), ...bars.flush()];

  test('give the profiles of their trades', () => {
    const [fromBars, fromTrades] = [joined, joined].map((sessions) => createSessionProfiles({ sessions }));
    const one = [...all.flatMap((bar) => [...fromBars!.pushBar(bar)]), ...fromBars!.flush()];
    expect(one).toEqual([...feed(fromTrades!, ...trades), ...fromTrades!.flush()]);
    expect(one).toHaveLength(2);
    expect(fromBars!.stats()).toMatchObject({ taken: 4, outside: 1, outsideLots: 6 });
  });

  test('over the end of a range are outside, without trades ignored', () => {
    const profiles = createSessionProfiles({ sessions: [{ name: 'short', ranges: [range(10, 19)] }] });
    profiles.pushBar(all[0]!);
    profiles.pushBar({ ...all[0]!, trades: 0 });
    expect(profiles.stats()).toMatchObject({ taken: 0, outside: 1, outsideLots: 5, ignored: 1 });
  });
});

describe('a calendar', () => {
  test.each<[readonly Session[], string]>([
    [[{ name: 'a', ranges: [] }], 'Session "a" has no ranges. Leave it out of the calendar.'],
    [
      [{ name: 'a', ranges: [range(5, 5)] }],
      'Session "a" has a range "300000 to 300000" that does not end after it starts.',
    ],
    [
      [
        { name: 'b', ranges: [range(15, 20)] },
        { name: 'a', ranges: [range(5, 16)] },
      ],
      'Session "b" overlaps session "a". A time belongs to one session.',
    ],
  ])('%j is refused', (sessions, message) => {
    expect(() => createSessionProfiles({ sessions })).toThrow(message);
  });

  test('may grow over a restore, but keeps the sessions that are open', () => {
    const profiles = createSessionProfiles({ sessions: joined.slice(0, 2) });
    feed(profiles, at(20, 20), at(120, 21));
    const snapshot = profiles.snapshot();
    const again = restoreSessionProfiles(snapshot, { sessions: joined });
    expect(feed(again, at(220, 5))).toMatchObject([{ session: 'two', openTicks: 21 }]);
    expect(() => restoreSessionProfiles(snapshot, { sessions: separate })).toThrow(
      'Snapshot has session "one", the calendar does not, or with other ranges. Restore with a calendar that keeps it.',
    );
    expect(() => restoreSessionProfiles(snapshot, { sessions: joined, rowTicks: 2 })).toThrow(
      'Snapshot has rowTicks "1", the options have "2". Restore with the options it was made with.',
    );
  });
});

test('the options are checked and have the documented defaults', () => {
  expect(() => createSessionProfiles({ sessions: joined, retainSessions: -1 })).toThrow(
    'retainSessions "-1" is not a whole number of at least 0.',
  );
  expect(() => createSessionProfiles({ sessions: joined, rowTicks: 0 })).toThrow('rowTicks "0" is not a whole number');
  expect(sessionProfilesDefaults).toEqual({
    ...{ rowTicks: 1, rowRule: 'floor', valueAreaPercent: 70, valueAreaMethod: 'two-row', retainSessions: 1 },
  });
});

const anyTrade = fc.record({
  timeMs: fc.integer({ min: 0, max: 350 * 60_000 }),
  priceTicks: fc.integer({ min: -20, max: 60 }),
  sizeLots: fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 1, max: 50 }) }, fc.constantFrom(0, 2 ** 53 - 1)),
  side: fc.constantFrom('buy' as const, 'sell' as const, 'unknown' as const),
});
const sum = <T>(items: readonly T[], of: (item: T) => ExactInt): ExactInt =>
  items.map(of).reduce<ExactInt>(addExact, 0);

for (const [name, sessions, retainSessions] of [
  ['a lunch break inside', joined, 1],
  ['a lunch break between', separate, 3],
  ['nothing retained', separate, 0],
] as const) {
  const options: SessionProfilesOptions = { sessions, retainSessions, rowTicks: 4, rowRule: 'half-even' };
  describeReducerContract<TickTrade, SessionProfile, SessionProfiles>({
    name: `createSessionProfiles with ${name}`,
    create: () => createSessionProfiles(options),
    restore: (snapshot) => restoreSessionProfiles(snapshot, options),
    push: (profiles, trade) => profiles.pushTicks(trade),
    flush: (profiles) => profiles.flush(),
    inputs: fc.array(anyTrade, { maxLength: 60 }),
    refused: [{ timeMs: 1_200_000, priceTicks: 1, sizeLots: 0.5, side: 'buy' }],
    conserve(inputs, outputs, profiles) {
      const stats = profiles.stats();
      expect(stats.taken + stats.outside + stats.lateRejected + stats.ignored).toBe(inputs.length);
      const latest = [...new Map(outputs.map((output) => [output.startMs, output])).values()];
      expect(sum(latest, ({ profile }) => profile.trades)).toBe(stats.taken);
      const lots = [sum(latest, ({ profile }) => profile.totalLots), stats.outsideLots, stats.lateRejectedLots];
      expect(sum(lots, (each) => each)).toBe(sum(inputs, (trade) => trade.sizeLots));
      for (const { profile } of outputs) {
        expect(sum(profile.rows, (row) => sum([row.buyLots, row.sellLots, row.unknownLots], (each) => each))).toBe(
          profile.totalLots,
        );
      }
    },
    runs: 100,
  });
}

test('each session has the profile that a profile of its trades alone has, in whatever order they come', () => {
  fc.assert(
    fc.property(fc.array(anyTrade), (trades) => {
      const profiles = sessionProfilesOfColumns(tradeColumns(trades), { sessions: joined, retainSessions: 9 });
      const expected = joined.flatMap(({ name, ranges }) => {
        const alone = createProfile();
        for (const trade of trades) {
          if (ranges.some(({ startMs, endMs }) => trade.timeMs >= startMs && trade.timeMs < endMs))
            alone.pushTicks(trade);
        }
        const profile = alone.flush();
        return profile ? [[name, profile]] : [];
      });
      expect(profiles.map(({ session, profile }) => [session, profile])).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});
