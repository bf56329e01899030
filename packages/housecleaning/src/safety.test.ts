import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import { createFaultStore } from '@tapekit/tooling/fault-store';
import { describe, expect, test } from 'vitest';
import { buildArchive } from './archive.ts';
import { createMarketCalendar, type MarketCalendar } from './calendar.ts';
import { utcDay, type MarketDay } from './days.ts';
import { stampMetadata } from './internal/base.ts';
import { idx, nyse } from './internal/calendars.fixture.ts';
import { archiveKey, manifestKey, rawCellPrefix, stageKey, type Cell } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { checkSafety, safetyDefaults, type SafetyOptions, type SafetyVerdict } from './safety.ts';

const roster = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE'];
const jakarta: MarketDay = { tz: 'Asia/Jakarta', dayStart: '00:00' };
const newYork: MarketDay = { tz: 'America/New_York', dayStart: '00:00' };

/** `feed(date, time, symbols)` puts one raw object per symbol; `check(time)` is the verdict at that time. */
function createWorld(options: Partial<SafetyOptions> = {}) {
  let nowMs = 0;
  const store = createMemoryStore({ clock: () => nowMs });
  let puts = 0;
  return {
    store,
    at(time: string) {
      nowMs = Date.parse(time);
    },
    async feed(date: string, time: string, symbols: readonly string[] = roster) {
      nowMs = Date.parse(time);
      for (const symbol of symbols) {
        const bytes = new TextEncoder().encode(`{"n":${++puts}}\n`);
        await store.put(`${rawCellPrefix({ symbol, date })}part-${String(puts).padStart(6, '0')}.jsonl`, bytes);
      }
    },
    check(time: string, more: Partial<Parameters<typeof checkSafety>[1]> = {}): Promise<SafetyVerdict> {
      const storeMs = Date.parse(time);
      return checkSafety(store, {
        ...safetyDefaults,
        day: utcDay,
        roster,
        nowMs: storeMs,
        storeMs,
        ...options,
        ...more,
      });
    },
  };
}

/** Puts the archive of a cell with one raw object, and deletes that. */
async function archiveAndPrune(store: ObjectStore, cell: Cell): Promise<void> {
  const [raw] = (await store.list({ prefix: rawCellPrefix(cell) })).objects;
  const bytes = await (await store.get(raw!.key))!.bytes();
  const built = await buildArchive([{ source: { ...raw!, generation: 1 }, bytes }], {
    ...{ cell, generation: 1, supersedes: null, env: { env: 'test', bucketId: 'tape' }, maxBytes: 1_000 },
  });
  await store.put(manifestKey(cell, built.manifestSha256), built.manifestBytes);
  const stamp = { manifest: built.manifestSha256, stage: stageKey(cell, built.manifest.archive.sha256) };
  await store.put(archiveKey(cell), built.gz, { metadata: stampMetadata(stamp, built.manifest) });
  await store.delete([raw!]);
}

describe('a market that never closes', () => {
  test('is alive with a quorum of the roster fresh under today', async () => {
    const world = createWorld();
    await world.feed('2026-11-19', '2026-11-19T11:40:00Z', roster.slice(0, 4));
    const { verdict, problems, evidence } = await world.check('2026-11-19T12:00:00Z');
    expect({ verdict, problems }).toEqual({ verdict: 'go', problems: [] });
    expect(evidence).toEqual({
      nowMs: Date.parse('2026-11-19T12:00:00Z'),
      storeMs: Date.parse('2026-11-19T12:00:00Z'),
      today: '2026-11-19',
      session: '2026-11-19',
      openMs: Date.parse('2026-11-19T00:00:00Z'),
      closeMs: Date.parse('2026-11-20T00:00:00Z'),
      sinceMs: Date.parse('2026-11-19T11:30:00Z'),
      roster: 5,
      required: 4,
      alive: 4,
      looked: 5,
      silent: ['EEE'],
    });
  });

  test('is not with one symbol less', async () => {
    const world = createWorld();
    await world.feed('2026-11-19', '2026-11-19T11:40:00Z', ['AAA', 'CCC', 'EEE']);
    const { verdict, problems, evidence } = await world.check('2026-11-19T12:00:00Z');
    expect(verdict).toBe('halt');
    expect(problems).toEqual([
      'At most 3 of 5 symbols have data of the session 2026-11-19 from 2026-11-19T11:30:00.000Z on; expected 4 (80 %). ' +
        'Silent: BBB, DDD. Look whether this is the right store and the ingest is alive; take delisted symbols out of the roster.',
    ]);
    expect(evidence).toMatchObject({ alive: 3, silent: ['BBB', 'DDD'] });
  });

  test.each([
    ['exactly thirty minutes old', '2026-11-19T11:30:00.000Z', 'go'],
    ['a millisecond older', '2026-11-19T11:29:59.999Z', 'halt'],
  ])('data %s', async (_, time, verdict) => {
    const world = createWorld();
    await world.feed('2026-11-19', time);
    expect((await world.check('2026-11-19T12:00:00Z')).verdict).toBe(verdict);
  });

  test('is asked for yesterday until today has warmed up', async () => {
    const world = createWorld();
    await world.feed('2026-11-19', '2026-11-19T23:45:00Z');
    expect(await world.check('2026-11-20T00:29:59Z')).toMatchObject({
      verdict: 'go',
      evidence: { session: '2026-11-19' },
    });
    expect(await world.check('2026-11-20T00:30:00Z')).toMatchObject({
      ...{ verdict: 'halt', evidence: { session: '2026-11-20', alive: 0 } },
    });
  });

  test('fresh objects under another day prove nothing', async () => {
    const world = createWorld();
    await world.feed('2026-11-18', '2026-11-19T11:59:00Z');
    await world.feed('2026-11-20', '2026-11-19T11:59:00Z');
    expect((await world.check('2026-11-19T12:00:00Z')).verdict).toBe('halt');
  });

  test('look-alike symbols prove nothing', async () => {
    const world = createWorld({ roster: ['BTC'] });
    await world.feed('2026-11-19', '2026-11-19T11:59:00Z', ['BTCUSD', 'BTC-PERP']);
    expect((await world.check('2026-11-19T12:00:00Z')).verdict).toBe('halt');
  });

  test('a date that its zone skipped is no session', async () => {
    // There was no 30 December 2011 in Apia; half past midnight of the 31st is 10:30 UTC of the 30th.
    const world = createWorld({ day: { tz: 'Pacific/Apia', dayStart: '00:00' } });
    await world.feed('2011-12-29', '2011-12-30T09:50:00Z');
    expect(await world.check('2011-12-30T10:10:00Z')).toMatchObject({
      ...{ verdict: 'go', evidence: { today: '2011-12-31', session: '2011-12-29' } },
    });
  });
});

describe('Jakarta', () => {
  const jkt = (calendar: MarketCalendar = createMarketCalendar(idx)) => createWorld({ day: jakarta, calendar });

  // 2026-11-19 is a Thursday: open 02:00 to 05:00:01 and 06:30 to 09:15:01 UTC.
  test.each([
    ['in the morning', '2026-11-19T04:35:00Z', '2026-11-19T05:00:00Z', '04:30:00'],
    ['at lunch, when nothing has come for an hour', '2026-11-19T04:31:00Z', '2026-11-19T06:00:00Z', '04:30:01'],
    [
      'ten minutes after lunch, over which the clock stood still',
      '2026-11-19T04:41:00Z',
      '2026-11-19T06:40:00Z',
      '04:40:01',
    ],
    ['in the evening, long after the close', '2026-11-19T08:50:00Z', '2026-11-19T14:00:00Z', '08:45:01'],
  ])('%s', async (_, fedAt, now, since) => {
    const world = jkt();
    await world.feed('2026-11-19', fedAt);
    const { verdict, evidence } = await world.check(now);
    expect(new Date(evidence.sinceMs!).toISOString().slice(11, 19)).toBe(since);
    expect(verdict).toBe('go');
    const [justInTime, tooOld] = [jkt(), jkt()];
    await justInTime.feed('2026-11-19', `2026-11-19T${since}Z`);
    await tooOld.feed('2026-11-19', new Date(evidence.sinceMs! - 1).toISOString());
    expect([(await justInTime.check(now)).verdict, (await tooOld.check(now)).verdict]).toEqual(['go', 'halt']);
  });

  test.each([
    ['before the opening', '2026-11-19T01:00:00Z', '2026-11-18'],
    ['while it warms up', '2026-11-19T02:29:59Z', '2026-11-18'],
    ['once it has warmed up', '2026-11-19T02:30:00Z', '2026-11-19'],
    ['on Saturday', '2026-11-21T05:00:00Z', '2026-11-20'],
    ['on Sunday', '2026-11-22T05:00:00Z', '2026-11-20'],
    // Idul Fitri 2026: closed from Wednesday 18 to Tuesday 24 March.
    ['in the longest holidays', '2026-03-24T05:00:00Z', '2026-03-17'],
    ['over the turn of the year', '2026-01-01T05:00:00Z', '2025-12-30'],
  ])('%s the session looked at is the right one', async (_, now, session) => {
    const world = jkt();
    const evidence = (await world.check(now)).evidence;
    expect(evidence.session).toBe(session);
    await world.feed(session, new Date(evidence.sinceMs!).toISOString());
    expect((await world.check(now)).verdict).toBe('go');
  });

  test('on a holiday nothing of today is missed; on a trading day it is', async () => {
    const world = jkt();
    // Friday 20 March 2026 is a holiday, Wednesday 25 a trading day.
    await world.feed('2026-03-17', '2026-03-17T09:10:00Z');
    expect((await world.check('2026-03-20T05:00:00Z')).verdict).toBe('go');
    expect((await world.check('2026-03-25T05:00:00Z')).verdict).toBe('halt');
  });

  test('whose feed died in the last session is not alive on the weekend either', async () => {
    const world = jkt();
    await world.feed('2026-11-20', '2026-11-20T04:00:00Z');
    expect(await world.check('2026-11-21T05:00:00Z')).toMatchObject({ verdict: 'halt', evidence: { alive: 0 } });
  });

  test.each(['halt', 'archive-only'] as const)('beyond the calendar halts, also with %s', async (onUnsafe) => {
    const world = jkt();
    await world.feed('2027-01-04', '2027-01-04T04:59:00Z');
    expect(await world.check('2027-01-04T05:00:00Z', { onUnsafe })).toMatchObject({
      verdict: 'halt',
      problems: ['The calendar does not know 2027-01-04; bring it up to date.'],
      evidence: { today: '2027-01-04', session: null, looked: 0 },
    });
  });

  test('before anything that the calendar knows halts as well', async () => {
    const world = jkt();
    expect((await world.check('2025-01-01T05:00:00Z')).problems).toEqual([
      'The calendar does not know 2024-12-31, and no session from there to 2025-01-01 can be looked at yet; bring it up to date.',
    ]);
  });

  test('with a calendar of holidays only halts', async () => {
    const never: MarketCalendar = { isSession: () => false, sessionOf: () => undefined };
    expect((await jkt(never).check('2026-11-19T05:00:00Z')).problems).toEqual([
      'The calendar has no session that has begun from 2026-10-19 to 2026-11-19; correct it, or give no calendar for a market that never closes.',
    ]);
  });
});

describe('New York', () => {
  const world = () => createWorld({ day: newYork, calendar: createMarketCalendar(nyse) });

  test.each([
    ['before an early close', '2026-11-27T17:59:00Z', '2026-11-27', '17:29:00'],
    ['after an early close', '2026-11-27T20:59:00Z', '2026-11-27', '17:30:00'],
    ['after a usual close', '2026-11-25T23:00:00Z', '2026-11-25', '20:30:00'],
    ['on Thanksgiving', '2026-11-26T16:00:00Z', '2026-11-25', '20:30:00'],
    ['on the Friday after daylight saving time began', '2026-03-13T14:00:00Z', '2026-03-13', '13:30:00'],
    ['at the same time of UTC a week before, before the opening', '2026-03-06T14:00:00Z', '2026-03-05', '20:30:00'],
    // 20:30 in New York, already the 28th in UTC.
    ['late in the evening', '2026-11-28T01:30:00Z', '2026-11-27', '17:30:00'],
  ])('%s', async (_, now, session, since) => {
    const w = world();
    await w.feed(session, `${session}T${since}Z`);
    const { verdict, evidence } = await w.check(now);
    expect([verdict, evidence.session, new Date(evidence.sinceMs!).toISOString().slice(11, 19)]).toEqual([
      ...['go', session, since],
    ]);
  });
});

describe('the proof', () => {
  test('may be an archive whose raw objects are deleted', async () => {
    const world = createWorld({ day: jakarta, calendar: createMarketCalendar(idx) });
    const date = '2026-11-20';
    await world.feed(date, '2026-11-20T09:00:00Z');
    const now = '2026-11-22T05:00:00Z';
    world.at(now);
    for (const symbol of roster) await archiveAndPrune(world.store, { symbol, date });
    expect(await world.check(now)).toMatchObject({ verdict: 'go', evidence: { session: date, alive: 5 } });

    // The same archives prove no feed that was alive in the last minute of trading.
    expect((await world.check(now, { freshMs: 60_000 })).verdict).toBe('halt');

    // An archive that does not name its manifest proves nothing either, and does not stop the check.
    for (const symbol of ['AAA', 'BBB']) {
      await world.store.put(archiveKey({ symbol, date }), new TextEncoder().encode('foreign'));
    }
    expect(await world.check(now)).toMatchObject({ verdict: 'halt', evidence: { silent: ['AAA', 'BBB'] } });
  });

  test('is looked for only until the verdict is certain', async () => {
    const many = Array.from({ length: 100 }, (_, i) => `S${i}`);
    const world = createWorld({ roster: many });
    const dead = createFaultStore(world.store);
    const storeMs = Date.parse('2026-11-19T12:00:00Z');
    const options = { ...safetyDefaults, day: utcDay, roster: many, nowMs: storeMs, storeMs };
    expect((await checkSafety(dead.store, options)).evidence).toMatchObject({ required: 80, alive: 0, looked: 24 });
    // 24 silent symbols: the 21st decides, they are asked in sixes; a list and a head each.
    expect(dead.log).toHaveLength(48);
    await world.feed('2026-11-19', '2026-11-19T11:50:00Z', many);
    const alive = createFaultStore(world.store);
    expect((await checkSafety(alive.store, options)).evidence).toMatchObject({ alive: 84, looked: 84, silent: [] });
    expect(alive.log).toHaveLength(84);
  });

  test('is not looked for in archives that were put before', async () => {
    const world = createWorld({ roster: ['AAA'] });
    await world.feed('2026-11-19', '2026-11-19T11:00:00Z', ['AAA']);
    await archiveAndPrune(world.store, { symbol: 'AAA', date: '2026-11-19' });
    const { store, log } = createFaultStore(world.store);
    const storeMs = Date.parse('2026-11-19T12:00:00Z');
    await checkSafety(store, { ...safetyDefaults, day: utcDay, roster: ['AAA'], nowMs: storeMs, storeMs });
    expect(log.map(({ op }) => op)).toEqual(['list', 'head']);
  });

  test('reads and never writes', async () => {
    const world = createWorld();
    await world.feed('2026-11-19', '2026-11-19T11:50:00Z', roster.slice(0, 2));
    const counted = createFaultStore(world.store);
    const storeMs = Date.parse('2026-11-19T12:00:00Z');
    await checkSafety(counted.store, { ...safetyDefaults, day: utcDay, roster, nowMs: storeMs, storeMs });
    expect([...new Set(counted.log.map(({ op }) => op))].sort()).toEqual(['head', 'list']);
  });

  test('is never an error of the store: it is thrown', async () => {
    const world = createWorld();
    await world.feed('2026-11-19', '2026-11-19T11:50:00Z');
    const storeMs = Date.parse('2026-11-19T12:00:00Z');
    for (let at = 0; at < 5; at++) {
      const { store } = createFaultStore(world.store, { at, kind: 'error-before' });
      await expect(
        checkSafety(store, { ...safetyDefaults, day: utcDay, roster, nowMs: storeMs, storeMs }),
      ).rejects.toThrow('failed before it had an effect');
    }
  });
});

describe('what is unsafe', () => {
  test('lets a run archive and not delete, if that is wanted', async () => {
    const world = createWorld({ onUnsafe: 'archive-only' });
    expect(await world.check('2026-11-19T12:00:00Z')).toMatchObject({ verdict: 'archive-only' });
    await world.feed('2026-11-19', '2026-11-19T11:50:00Z');
    expect(await world.check('2026-11-19T12:00:00Z')).toMatchObject({ verdict: 'go', problems: [] });
  });

  test.each([
    ['+60 s', 60_000, 'go'],
    ['-60 s', -60_000, 'go'],
    ['+60.001 s', 60_001, 'halt'],
    ['+48 h', 48 * 3_600_000, 'halt'],
    ['-48 h', -48 * 3_600_000, 'halt'],
  ])('a host whose clock is off by %s', async (_, off, verdict) => {
    const world = createWorld({ onUnsafe: 'archive-only' });
    await world.feed('2026-11-19', '2026-11-19T11:50:00Z');
    const nowMs = Date.parse('2026-11-19T12:00:00Z') + off;
    const found = await world.check('2026-11-19T12:00:00Z', { nowMs });
    expect(found.verdict).toBe(verdict);
    // Whatever the host shows, the day is that of the store.
    expect(found.evidence.today).toBe('2026-11-19');
  });

  test('says by how much the clocks differ', async () => {
    const world = createWorld();
    const nowMs = Date.parse('2026-11-19T12:02:00Z');
    expect((await world.check('2026-11-19T12:00:00Z', { nowMs })).problems).toEqual([
      "The store's time is 2026-11-19T12:00:00.000Z, but the run's time nowMs is 2026-11-19T12:02:00.000Z, more than 60000 ms apart; correct the clock that gives nowMs.",
    ]);
  });
});

describe('the quorum', () => {
  test.each([
    [0.8, 5, 4],
    [0.8, 1, 1],
    [1, 7, 7],
    [0.01, 7, 1],
    // 0.07 × 100 is 7.000000000000001 in floating point.
    [0.07, 100, 7],
    [0.71, 100, 71],
  ])('%d of %d symbols is %d', async (quorum, count, required) => {
    const world = createWorld({ quorum, roster: Array.from({ length: count }, (_, i) => `S${i}`) });
    expect((await world.check('2026-11-19T12:00:00Z')).evidence.required).toBe(required);
  });
});

describe('options outside their domain are refused', () => {
  const wrong: [Partial<SafetyOptions>, string][] = [
    [{ roster: [] }, 'The option safety.roster is []; expected at least one symbol: an empty one proves nothing.'],
    [{ roster: ['AAA', 'aaa'] }, 'The option safety.roster is "aaa"; expected symbols as in their keys, each once.'],
    [{ roster: ['AAA', 'AAA'] }, 'The option safety.roster is "AAA"; expected symbols as in their keys, each once.'],
    [{ quorum: 0 }, 'The option safety.quorum is 0; expected a share above 0 up to 1.'],
    [{ quorum: 80 }, 'The option safety.quorum is 80; expected a share above 0 up to 1.'],
    [{ quorum: NaN }, 'The option safety.quorum is NaN; expected a share above 0 up to 1.'],
    [{ warmUpMs: -1 }, 'The option safety.warmUpMs is -1; expected milliseconds from 0 on.'],
    [{ freshMs: 0 }, 'The option safety.freshMs is 0; expected milliseconds from 1 on.'],
    [
      { clockToleranceMs: Infinity },
      'The option safety.clockToleranceMs is Infinity; expected milliseconds from 0 on.',
    ],
    [
      { day: { tz: 'WIB', dayStart: '00:00' } },
      'The option tz is "WIB"; expected an IANA time zone such as "UTC" or "Asia/Jakarta".',
    ],
    [{ onUnsafe: 'go' as 'halt' }, 'The option safety.onUnsafe is "go"; expected "halt" or "archive-only".'],
  ];
  test.each(wrong)('%o', async (options, message) => {
    await expect(createWorld(options).check('2026-11-19T12:00:00Z')).rejects.toThrow(message);
  });
});
