import { createGrid } from '@tapekit/orderflow/grid';
import type { TickTrade } from '@tapekit/orderflow/market';
import { describe, expect, test } from 'vitest';
import {
  createBars,
  restoreBars,
  sessionClock,
  type Bars,
  type EventBar,
  type SessionClockOptions,
} from './event-bars.ts';

const grid = createGrid({ tickSize: '1', lotSize: '1' });
/** Two sessions with a break; bars of 60: [0, 60) [60, 120) [120, 150) and [200, 260) [260, 300). */
const sessions = [
  { startMs: 0, endMs: 150 },
  { startMs: 200, endMs: 300 },
];

const create = (more: Partial<SessionClockOptions> = {}): Bars =>
  createBars({ grid, clock: sessionClock({ sessions, intervalMs: 60, ...more }) });

/** One lot bought at 100 + the time. */
const at = (timeMs: number): TickTrade => ({ timeMs, priceTicks: 100 + timeMs, sizeLots: 1, side: 'buy' });
const line = ({ startMs, endMs, closeTicks, trades }: EventBar): string =>
  `[${startMs}, ${endMs}) ${closeTicks} ×${trades}`;
const run = (bars: Bars, times: readonly number[]): string[] =>
  [...times.flatMap((timeMs) => bars.pushTicks(at(timeMs))), ...bars.flush()].map(line);

describe('sessionClock', () => {
  test('begins bars with the session and ends the last with it', () => {
    expect(run(create(), [1, 59, 60, 149, 200, 299])).toEqual([
      '[0, 60) 159 ×2',
      '[60, 120) 160 ×1',
      '[120, 150) 249 ×1',
      '[200, 260) 300 ×1',
      '[260, 300) 399 ×1',
    ]);
  });

  test('leaves out and counts prints between sessions', () => {
    const bars = create();
    expect(run(bars, [-1, 149, 150, 199, 200, 300])).toEqual(['[120, 150) 249 ×1', '[200, 260) 300 ×1']);
    expect(bars.stats()).toMatchObject({ trades: 2, outside: 4, outsideLots: 4 });
  });

  test('closes by a timer too', () => {
    const bars = create();
    bars.pushTicks(at(10));
    expect(bars.advanceTo(59)).toEqual([]);
    expect(bars.advanceTo(60).map(line)).toEqual(['[0, 60) 110 ×1']);
    expect(bars.advanceTo(61)).toEqual([]);
    bars.pushTicks(at(130));
    expect(bars.advanceTo(149)).toEqual([]);
    const [bar] = bars.advanceTo(170);
    expect(bar).toMatchObject({ startMs: 120, endMs: 150, complete: true });
    expect(() => bars.advanceTo(NaN)).toThrow('advanceTo "NaN"');
  });

  test('fills empty intervals of the session with the last price when asked', () => {
    const flat = create({ empty: 'flat' });
    expect(run(flat, [1, 270])).toEqual([
      '[0, 60) 101 ×1',
      '[60, 120) 101 ×0',
      '[120, 150) 101 ×0',
      // No price crosses the break: the second session begins with its first print.
      '[260, 300) 370 ×1',
    ]);
    expect(flat.stats().emptyBars).toBe(2);
  });

  test('carries the last price into the next session when asked', () => {
    expect(run(create({ empty: 'carry' }), [130, 270])).toEqual([
      '[120, 150) 230 ×1',
      '[200, 260) 230 ×0',
      '[260, 300) 370 ×1',
    ]);
  });

  test('gives the same bars with a timer as without', () => {
    const times = [1, 130, 270];
    for (const empty of ['skip', 'flat', 'carry'] as const) {
      const bars = create({ empty });
      const ticked = times.flatMap((timeMs) => {
        const emitted: EventBar[] = [];
        for (let now = timeMs - 120; now <= timeMs; now += 7) emitted.push(...bars.advanceTo(now));
        return [...emitted, ...bars.pushTicks(at(timeMs))];
      });
      expect([...ticked, ...bars.flush()].map(line)).toEqual(run(create({ empty }), times));
    }
  });

  test('gives no bars for more empty intervals in a row than maxEmptyBars', () => {
    expect(run(create({ empty: 'carry', maxEmptyBars: 2 }), [1, 270])).toEqual(['[0, 60) 101 ×1', '[260, 300) 370 ×1']);
    expect(run(create({ empty: 'carry', maxEmptyBars: 3 }), [1, 270])).toHaveLength(5);
  });

  test('puts a late print into the open bar of its session, or begins the next', () => {
    const bars = create();
    bars.pushTicks(at(70));
    expect(bars.pushTicks(at(30))).toEqual([]);
    expect(bars.advanceTo(120).map(line)).toEqual(['[60, 120) 130 ×2']);
    // Its bar is closed and none is open.
    bars.pushTicks(at(110));
    expect(bars.flush().map(line)).toEqual(['[120, 150) 210 ×1']);
    // The session is over, and a print never goes into another.
    bars.pushTicks(at(140));
    bars.pushTicks(at(210));
    bars.pushTicks(at(140));
    expect(bars.stats()).toMatchObject({ trades: 4, late: 4, lateRejected: 2, lateRejectedLots: 2, outOfOrder: 1 });
  });

  test('leaves late prints out when asked', () => {
    const bars = create({ late: 'reject' });
    expect(run(bars, [70, 30, 71])).toEqual(['[60, 120) 171 ×2']);
    expect(bars.stats()).toMatchObject({ trades: 2, late: 1, lateRejected: 1 });
  });

  test('leaves prints of the future out, from the latest print or timer on', () => {
    const bars = create({ maxJumpMs: 100, sessions: { everyMs: 1000 } });
    expect(run(bars, [0, 101, 100, 200])).toEqual(['[0, 60) 100 ×1', '[60, 120) 200 ×1', '[180, 240) 300 ×1']);
    expect(bars.stats()).toMatchObject({ future: 1, futureLots: 1 });
    bars.advanceTo(900);
    bars.pushTicks(at(1000));
    expect(bars.stats().future).toBe(1);
  });

  test('repeats sessions by a rule', () => {
    const rule = { everyMs: 1000, offsetMs: -100, lengthMs: 100 };
    const bars = create({ sessions: rule, empty: 'flat' });
    // [−100, 0) in bars of 60: [−100, −40) [−40, 0); the next is [900, 1000).
    expect(run(bars, [-90, 0, 899, 900, 999])).toEqual([
      '[-100, -40) 10 ×1',
      '[-40, 0) 10 ×0',
      '[900, 960) 1000 ×1',
      '[960, 1000) 1099 ×1',
    ]);
    expect(bars.stats().outside).toBe(2);
  });

  test('goes on with a calendar that has grown', () => {
    const before = create();
    before.pushTicks(at(270));
    const grown = sessionClock({ sessions: [...sessions, { startMs: 500, endMs: 560 }], intervalMs: 60 });
    const bars = restoreBars(before.snapshot(), { grid, clock: grown });
    expect(bars.pushTicks(at(500)).map(line)).toEqual(['[260, 300) 370 ×1']);
    expect(() => restoreBars(before.snapshot(), { grid, clock: sessionClock({ sessions, intervalMs: 30 }) })).toThrow(
      'Snapshot has clock "session intervalMs=60", the options have "session intervalMs=30".',
    );
  });

  test.each([
    ['sessions\\[1\\]', { sessions: [sessions[0]!, sessions[0]!] }],
    ['sessions\\[0\\]', { sessions: [{ startMs: 5, endMs: 5 }] }],
    ['intervalMs', { intervalMs: 0 }],
    ['empty', { empty: 'none' as never }],
    ['late', { late: 'revise' as never }],
    ['maxEmptyBars', { maxEmptyBars: -1 }],
    ['maxJumpMs', { maxJumpMs: 0 }],
    ['everyMs', { sessions: { everyMs: 0 } }],
    ['lengthMs', { sessions: { everyMs: 10, lengthMs: 11 } }],
  ])('names the option that it refuses: %s', (name, more) => {
    expect(() => create(more)).toThrow(new RegExp(`^${name} "`));
  });
});
