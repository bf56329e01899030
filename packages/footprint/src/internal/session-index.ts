/** Which session a time belongs to. */
import { FootprintError } from '../errors.ts';
import type { Session } from '../sessions.ts';

/** A range of a session, and where in the list that session is. */
export interface SessionRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly session: number;
}

export class SessionIndex {
  /** By start. */
  readonly sessions: readonly Session[];
  readonly #ranges: readonly SessionRange[];
  #last: SessionRange | undefined;

  constructor(sessions: readonly Session[]) {
    for (const session of sessions) {
      const from = session.ranges[0];
      if (!from) throw wrong(session, 'has no ranges', 'Leave it out of the calendar.');
      for (const { startMs, endMs } of session.ranges) {
        if (Number.isFinite(startMs) && Number.isFinite(endMs) && endMs > startMs) continue;
        throw wrong(session, `has a range "${startMs} to ${endMs}" that does not end after it starts`, '');
      }
    }
    this.sessions = sessions
      .map(({ name, ranges }) => ({
        name,
        ranges: ranges.map(({ startMs, endMs }) => ({ startMs, endMs })).sort((a, b) => a.startMs - b.startMs),
      }))
      .sort((a, b) => a.ranges[0]!.startMs - b.ranges[0]!.startMs);
    this.#ranges = this.sessions
      .flatMap(({ ranges }, session) => ranges.map(({ startMs, endMs }) => ({ startMs, endMs, session })))
      .sort((a, b) => a.startMs - b.startMs);
    this.#ranges.forEach((range, i) => {
      const before = this.#ranges[i - 1];
      if (!before || range.startMs >= before.endMs) return;
      const other = this.sessions[before.session]!.name;
      throw wrong(this.sessions[range.session]!, `overlaps session "${other}"`, 'A time belongs to one session.');
    });
  }

  /** The range that holds the time; undefined in a break, and outside of the calendar. */
  at(timeMs: number): SessionRange | undefined {
    const last = this.#last;
    if (last && timeMs >= last.startMs && timeMs < last.endMs) return last;
    let [from, to] = [0, this.#ranges.length];
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#ranges[middle]!.endMs <= timeMs) from = middle + 1;
      else to = middle;
    }
    const range = this.#ranges[from];
    if (!range || timeMs < range.startMs) return undefined;
    this.#last = range;
    return range;
  }
}

function wrong({ name }: Session, what: string, next: string): FootprintError {
  return new FootprintError('bad-option', `Session "${name}" ${what}. ${next}`.trim(), name);
}
