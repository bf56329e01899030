/** Bars of fixed length that begin with the session. */
import type { TimeRange } from '../../sessions.ts';
import { startOf } from '../intervals.ts';
import { checkWhole, checkWord, MAX_BARS_AT_ONCE } from '../option-checks.ts';
import type { BarClock, BarPart, BarsSoFar, ClockStep } from './clock.ts';
import { calendarOf, isList, type RepeatingSessions } from './sessions.ts';

/** What becomes of an interval of a session without prints. */
export type EmptyIntervals = 'skip' | 'flat' | 'carry';

/** What {@link sessionClock} is made with. */
export interface SessionClockOptions {
  /**
   * The sessions, in order of time and without overlap, or the rule by which they come again. A list may be another after a
   * restore, so that a calendar can grow.
   */
  readonly sessions: readonly TimeRange[] | RepeatingSessions;
  /** Length of a bar in milliseconds. The last bar of a session ends with it, however short. */
  readonly intervalMs: number;
  /**
   * An interval without prints has:
   * - `skip`: no bar;
   * - `flat`: a bar at the last price, from the session's first print to its end; no price crosses from one session into
   *   the next;
   * - `carry`: a bar at the last price, whichever session it is of.
   * @defaultValue 'skip'
   */
  readonly empty?: EmptyIntervals;
  /**
   * More empty intervals than this in a row get no bars; at most 100,000.
   * @defaultValue 1,440
   */
  readonly maxEmptyBars?: number;
  /**
   * A print of a closed interval goes into the open bar of its session (or begins the next one), or is left out. One of an
   * earlier session is always left out.
   * @defaultValue 'next-bar'
   */
  readonly late?: 'next-bar' | 'reject';
  /**
   * How far a print may lie ahead of the latest one, in milliseconds; one beyond is left out as `future`. `Infinity` for no
   * limit.
   * @defaultValue 31,536,000,000 (365 days)
   */
  readonly maxJumpMs?: number;
}

/** The defaults of {@link SessionClockOptions}. */
export const sessionClockDefaults = {
  empty: 'skip',
  maxEmptyBars: 1440,
  late: 'next-bar',
  maxJumpMs: 365 * 86_400_000,
} as const satisfies Partial<SessionClockOptions>;

/** What a session clock remembers. */
export interface SessionClockState {
  /** The session that time has come to; null before the first print. */
  readonly session: TimeRange | null;
  /** In that session, bars that end by then have begun or are past. */
  readonly untilMs: number;
  /** Whether the session had a print. */
  readonly hasPrice: boolean;
  /** Latest time that a timer told; null before. */
  readonly nowMs: number | null;
}

/** What {@link timeClock} is made with. */
export interface TimeClockOptions extends Pick<SessionClockOptions, 'maxEmptyBars' | 'maxJumpMs'> {
  /**
   * What an interval without prints has: no bar, or one at the last price.
   * @defaultValue 'skip'
   */
  readonly empty?: 'skip' | 'carry';
  /**
   * Shifts the starts away from multiples of `intervalMs` since the epoch, in milliseconds.
   * @defaultValue 0
   */
  readonly offsetMs?: number;
}

/**
 * Bars of `intervalMs` aligned to the epoch: those of `createTimeBars` for a tape in order of time. Prints of a bar that is
 * closed are left out and counted as late; `createTimeBars` can revise and correct bars.
 * @throws FootprintError `bad-option`.
 */
export function timeClock(
  intervalMs: number,
  { offsetMs = 0, ...options }: TimeClockOptions = {},
): BarClock<SessionClockState> {
  return sessionClock({ ...options, sessions: { everyMs: intervalMs, offsetMs }, intervalMs });
}

/**
 * Bars of `intervalMs` that start with each session. A bar closes with a print of a later one, or by `advanceTo`. Prints
 * outside of the sessions are left out and counted with their lots as `outside`. For days that follow a clock on the wall,
 * list the sessions.
 * @throws FootprintError `bad-option`.
 */
export function sessionClock(options: SessionClockOptions): BarClock<SessionClockState> {
  const { sessions, intervalMs, empty, maxEmptyBars, late, maxJumpMs } = { ...sessionClockDefaults, ...options };
  checkWhole('intervalMs', intervalMs);
  checkWhole('maxEmptyBars', maxEmptyBars, 0, MAX_BARS_AT_ONCE);
  if (maxJumpMs !== Infinity) checkWhole('maxJumpMs', maxJumpMs);
  checkWord('empty', empty, ['skip', 'flat', 'carry']);
  checkWord('late', late, ['next-bar', 'reject']);
  const calendar = calendarOf(sessions);

  const barAt = (timeMs: number, session: TimeRange): TimeRange => {
    const startMs = startOf(timeMs, intervalMs, session.startMs);
    return { startMs, endMs: Math.min(startMs + intervalMs, session.endMs) };
  };

  /** The bars without prints from where time was, up to the bar that starts at `startMs`. */
  const emptyBars = (state: SessionClockState, startMs: number, price: number | undefined): readonly BarPart[] => {
    const bars: BarPart[] = [];
    if (empty === 'skip' || state.session === null || price === undefined) return bars;
    if (empty === 'flat' && !state.hasPrice) return bars;
    let session: TimeRange = state.session;
    let { untilMs } = state;
    for (;;) {
      if (untilMs >= session.endMs) {
        const next = empty === 'carry' ? calendar.after(session) : undefined;
        if (!next) return bars;
        [session, untilMs] = [next, next.startMs];
      }
      if (untilMs >= startMs) return bars;
      if (bars.length === maxEmptyBars) return [];
      const span = barAt(untilMs, session);
      bars.push({ lots: 0, closes: true, openTicks: price, closeTicks: price, ...span });
      untilMs = span.endMs;
    }
  };

  const closing = ({ open }: BarsSoFar): readonly BarPart[] => (open ? [{ lots: 0, closes: true }] : []);

  return {
    kind: 'session',
    options: {
      intervalMs,
      ...(isList(sessions)
        ? {}
        : {
            everyMs: sessions.everyMs,
            offsetMs: sessions.offsetMs ?? 0,
            lengthMs: sessions.lengthMs ?? sessions.everyMs,
          }),
    },
    start: { session: null, untilMs: 0, hasPrice: false, nowMs: null },
    isState: (state) => {
      const { session, untilMs, hasPrice, nowMs } = state as SessionClockState;
      const isTime = (value: unknown): boolean => typeof value === 'number' && Math.abs(value) <= 8.64e15;
      return (
        (session === null || (isTime(session.startMs) && isTime(session.endMs) && session.startMs < session.endMs)) &&
        isTime(untilMs) &&
        typeof hasPrice === 'boolean' &&
        (nowMs === null || isTime(nowMs))
      );
    },

    step(state, { timeMs, sizeLots }, bars) {
      const latestMs = Math.max(bars.latestMs ?? -Infinity, state.nowMs ?? -Infinity);
      if (latestMs !== -Infinity && timeMs - latestMs > maxJumpMs) return { state, plan: 'future' };
      const session = calendar.at(timeMs);
      if (!session) return { state, plan: 'outside' };
      if (state.session === null || timeMs >= state.untilMs) {
        const span = barAt(timeMs, session);
        const plan = [
          ...closing(bars),
          ...emptyBars(state, span.startMs, bars.closeTicks),
          { lots: sizeLots, closes: false, ...span },
        ];
        return { state: { ...state, session, untilMs: span.endMs, hasPrice: true }, plan };
      }
      if (bars.open && timeMs >= bars.open.startMs) return { state, plan: 'keep' };
      if (session.startMs !== state.session.startMs || late === 'reject') return { state, plan: 'late' };
      if (bars.open) return { state, plan: 'keep', isLate: true };
      if (state.untilMs >= session.endMs) return { state, plan: 'late' };
      const span = barAt(state.untilMs, session);
      return {
        state: { ...state, untilMs: span.endMs, hasPrice: true },
        plan: [{ lots: sizeLots, closes: false, ...span }],
        isLate: true,
      };
    },

    advance(state, timeMs, bars): ClockStep<SessionClockState> {
      const nowMs = Math.max(timeMs, state.nowMs ?? -Infinity);
      const session = calendar.before(nowMs);
      if (state.session === null || !session) return { state: { ...state, nowMs }, plan: 'keep' };
      const untilMs = nowMs < session.endMs ? barAt(nowMs, session).startMs : session.endMs;
      if (bars.open ? untilMs < state.untilMs : untilMs <= state.untilMs) {
        return { state: { ...state, nowMs }, plan: 'keep' };
      }
      const hasPrice = state.hasPrice && session.startMs === state.session.startMs;
      return {
        state: { session, untilMs, hasPrice, nowMs },
        plan: [...closing(bars), ...emptyBars(state, untilMs, bars.closeTicks)],
      };
    },
  };
}
