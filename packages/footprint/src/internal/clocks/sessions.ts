/** Which session a time belongs to: from a list, or one after another for ever. */
import { FootprintError } from '../../errors.ts';
import { startOf } from '../intervals.ts';
import type { TimeRange } from '../../sessions.ts';
import { checkWhole } from '../option-checks.ts';

/** Sessions that come again: one starts at each multiple of `everyMs` plus `offsetMs`. They know no daylight saving. */
export interface RepeatingSessions {
  /** From the start of a session to the start of the next, for example 86,400,000. */
  readonly everyMs: number;
  /**
   * Shifts the starts, in milliseconds.
   * @defaultValue 0
   */
  readonly offsetMs?: number;
  /**
   * Length of a session.
   * @defaultValue `everyMs`
   */
  readonly lengthMs?: number;
}

/** Sessions in order of time. */
export interface SessionCalendar {
  /** The session that holds the time. */
  at(timeMs: number): TimeRange | undefined;
  /** The last session that starts at or before the time. */
  before(timeMs: number): TimeRange | undefined;
  /** The session after one of them. */
  after(session: TimeRange): TimeRange | undefined;
}

/** @throws FootprintError `bad-option`. */
export function calendarOf(sessions: readonly TimeRange[] | RepeatingSessions): SessionCalendar {
  const { before, after } = isList(sessions) ? listed(sessions) : repeating(sessions);
  const at = (timeMs: number): TimeRange | undefined => {
    const session = before(timeMs);
    return session && timeMs < session.endMs ? session : undefined;
  };
  return { at, before, after };
}

export function isList(sessions: readonly TimeRange[] | RepeatingSessions): sessions is readonly TimeRange[] {
  return Array.isArray(sessions);
}

function listed(sessions: readonly TimeRange[]): Omit<SessionCalendar, 'at'> {
  const list = sessions.map(({ startMs, endMs }): TimeRange => ({ startMs, endMs }));
  for (const [i, { startMs, endMs }] of list.entries()) {
    const isOrdered = i === 0 || list[i - 1]!.endMs <= startMs;
    if (Number.isSafeInteger(startMs) && Number.isSafeInteger(endMs) && startMs < endMs && isOrdered) continue;
    throw new FootprintError(
      'bad-option',
      `sessions[${i}] "[${startMs}, ${endMs})" is not a span of time after the one before it. Sort the sessions and let none overlap.`,
      sessions[i],
    );
  }
  const last = (timeMs: number): number => {
    let [from, to] = [0, list.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (list[middle]!.startMs <= timeMs) from = middle + 1;
      else to = middle;
    }
    return from - 1;
  };
  return { before: (timeMs) => list[last(timeMs)], after: ({ startMs }) => list[last(startMs) + 1] };
}

function repeating(sessions: RepeatingSessions): Omit<SessionCalendar, 'at'> {
  // Options may come from JSON, so the static type is a claim.
  const given = sessions as RepeatingSessions | null | undefined;
  if (typeof given !== 'object' || given === null) {
    const message = `sessions "${String(given)}" are neither a list of times nor { everyMs }.`;
    throw new FootprintError('bad-option', message, given);
  }
  const { everyMs, offsetMs, lengthMs } = { offsetMs: 0, lengthMs: given.everyMs, ...given };
  checkWhole('everyMs', everyMs);
  checkWhole('offsetMs', offsetMs, -8.64e15);
  checkWhole('lengthMs', lengthMs);
  if (lengthMs > everyMs) {
    const message = `lengthMs "${lengthMs}" is more than everyMs ${everyMs}. Sessions do not overlap.`;
    throw new FootprintError('bad-option', message, lengthMs);
  }
  const from = (startMs: number): TimeRange => ({ startMs, endMs: startMs + lengthMs });
  return {
    before: (timeMs) => from(startOf(timeMs, everyMs, offsetMs)),
    after: ({ startMs }) => from(startMs + everyMs),
  };
}
