/**
 * Volume profiles of the venue's sessions, by a calendar that is data.
 *
 * - A **session** has a profile once it has a trade. It closes, and its profile is emitted, when a trade of a later
 *   session arrives, or by `advanceTo` or `flush`.
 * - **Late trades** revise a closed session while it is among the `retainSessions` latest closed ones: its profile is
 *   emitted again, whole, with `revision` + 1. Later than that they are counted in `lateRejected` and `lateRejectedLots`.
 * - Trades **outside** of every session, in the lunch break for example, are counted and are in no profile.
 * - There is no memory of ids: feed a tape without duplicates, or the bars of a bar builder when they will not change
 *   any more.
 */
import { rowCount, sideOfCode, type TradeColumns } from '@tapekit/orderflow/columns';
import { addExact, exactFromJson, exactToJson, type ExactInt, type ExactIntJson } from '@tapekit/orderflow/exact';
import type { TickTrade } from '@tapekit/orderflow/market';
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { checkBar, checkRowsGiven } from './internal/bar-check.ts';
import { areCounts } from './internal/bar-json-check.ts';
import { LiveSession, type LiveSessionJson, type SessionProfile } from './internal/live-session.ts';
import type { RowRule } from './internal/rows.ts';
import { SessionIndex, type SessionRange } from './internal/session-index.ts';
import { requireSameOptions, restored } from './internal/snapshot-checks.ts';
import { checkGiven, checkTime, checkTrade } from './internal/trade-check.ts';
import { createProfile, profileDefaults, type ProfileOptions } from './profile.ts';
import type { Session } from './sessions.ts';

export type { LiveSessionJson, SessionProfile } from './internal/live-session.ts';

/** What {@link createSessionProfiles} is made with. */
export interface SessionProfilesOptions extends ProfileOptions {
  /** The venue's calendar, as `sessionsOfDates` makes it or by hand, in any order. No two ranges overlap. */
  readonly sessions: readonly Session[];
  /**
   * How many of the latest closed sessions stay open to late trades.
   * @defaultValue 1
   */
  readonly retainSessions?: number;
}

/** The defaults of {@link SessionProfilesOptions}. */
export const sessionProfilesDefaults = {
  ...profileDefaults,
  retainSessions: 1,
} as const satisfies Required<Omit<SessionProfilesOptions, 'sessions'>>;

/** What became of the trades and bars. Pushed = `taken` + `outside` + `lateRejected` + `ignored`. */
export interface SessionProfilesStats {
  /** In a profile. */
  readonly taken: number;
  /** In no session, with their lots. */
  readonly outside: number;
  readonly outsideLots: ExactInt;
  /** Of a session that was already closed, taken in or rejected. */
  readonly late: number;
  /** Late ones whose session was no longer retained, with their lots. */
  readonly lateRejected: number;
  readonly lateRejectedLots: ExactInt;
  /** Trades with a size of 0, below 0 or NaN, and bars without trades. */
  readonly ignored: number;
}

/** The state of {@link createSessionProfiles} as plain JSON. */
export interface SessionProfilesSnapshot {
  readonly v: 1;
  readonly kind: 'session-profiles';
  readonly rowTicks: number;
  readonly rowRule: RowRule;
  /** Sessions that end by then are closed; absent before the first trade. */
  readonly clockMs?: number;
  /** Sessions that start before were let go. */
  readonly letGoUntilMs?: number;
  readonly stats: Omit<SessionProfilesStats, 'outsideLots' | 'lateRejectedLots'> & {
    readonly outsideLots: ExactIntJson;
    readonly lateRejectedLots: ExactIntJson;
  };
  /** Open and retained sessions, by start. */
  readonly live: readonly LiveSessionJson[];
}

/** Made by {@link createSessionProfiles}. Holds the ladders of the open and the retained sessions. */
export interface SessionProfiles {
  /**
   * Takes a trade and gives the profiles that it completed or revised: none, most of the time.
   * @throws {@link FootprintError} `bad-trade`; the state is as before.
   */
  pushTicks(trade: TickTrade): readonly SessionProfile[];
  /** Takes a bar; it belongs to the session that has all of its time in one range, and is outside where there is none. */
  pushBar(bar: FootprintBar): readonly SessionProfile[];
  /** Says that time has come to `timeMs`: closes the sessions that ended by then. */
  advanceTo(timeMs: number): readonly SessionProfile[];
  /** Closes the open sessions. Trades may follow; those of the closed ones are late. */
  flush(): readonly SessionProfile[];
  /** The profile of the newest open session so far; `undefined` without one. Ends nothing. */
  current(): SessionProfile | undefined;
  /** Counts so far. */
  stats(): SessionProfilesStats;
  /** The state as plain JSON, for {@link restoreSessionProfiles}. */
  snapshot(): SessionProfilesSnapshot;
}

/**
 * Volume profiles session by session.
 *
 * @example
 * ```ts
 * const hours = [{ name: 'session-1', from: '09:00', to: '12:00' }];
 * const sessions = sessionsOfDates({ dates: ['2026-02-19', '2026-02-20'], utcOffsetMinutes: 420, hours });
 * const profiles = createSessionProfiles({ sessions });
 * const timeMs = Date.parse('2026-02-19T10:00:00+07:00');
 * profiles.pushTicks({ timeMs, priceTicks: 100, sizeLots: 5, side: 'buy' }); // => []
 * const [day] = profiles.advanceTo(Date.parse('2026-02-19T12:00:00+07:00'));
 * [day?.session, day?.profile.pocTicks]; // => ['2026-02-19', 100]
 * ```
 * @throws {@link FootprintError} `bad-option`, also for sessions that overlap.
 */
export function createSessionProfiles(options: SessionProfilesOptions): SessionProfiles {
  return seriesOf(options);
}

/**
 * The profiles that a snapshot was taken of. `rowTicks` and `rowRule` must be those of the snapshot, and its open and
 * retained sessions must be in the calendar as they were; other sessions may have come.
 * @throws {@link FootprintError} `bad-snapshot` or `bad-option`.
 */
export function restoreSessionProfiles(
  snapshot: SessionProfilesSnapshot,
  options: SessionProfilesOptions,
): SessionProfiles {
  const retainSessions = options.retainSessions ?? sessionProfilesDefaults.retainSessions;
  const whole = restored('session-profiles', snapshot, () =>
    seriesOf({ ...options, retainSessions: Math.max(retainSessions, snapshot.live.length || 0) }, snapshot),
  );
  return snapshot.live.length <= retainSessions ? whole : seriesOf(options, snapshot);
}

/**
 * The profile of each session that has trades in a whole tape, with what late trades changed in it, by start.
 * @throws {@link FootprintError} `bad-option` or `bad-trade`; OrderflowError `bad-columns`.
 */
export function sessionProfilesOfColumns(trades: TradeColumns, options: SessionProfilesOptions): SessionProfile[] {
  const series = seriesOf(options);
  const byStart = new Map<number, SessionProfile>();
  const keep = (profiles: readonly SessionProfile[]): void => {
    for (const profile of profiles) byStart.set(profile.startMs, profile);
  };
  const rows = rowCount(trades);
  for (let i = 0; i < rows; i += 1) {
    const [timeMs, priceTicks, sizeLots] = [trades.timeMs[i]!, trades.priceTicks[i]!, trades.sizeLots[i]!];
    keep(series.pushTicks({ timeMs, priceTicks, sizeLots, side: sideOfCode(trades.side[i]!) }));
  }
  keep(series.flush());
  return [...byStart.values()].sort((a, b) => a.startMs - b.startMs);
}

const barNumbers = [
  'openTicks',
  'highTicks',
  'lowTicks',
  'closeTicks',
  'volumeLots',
  'valueTickLots',
  'trades',
] as const;
const NOTHING: readonly SessionProfile[] = Object.freeze([]);

type Checked = Required<SessionProfilesOptions>;

function seriesOf(options: SessionProfilesOptions, snapshot?: SessionProfilesSnapshot): SessionProfiles {
  const all: Checked = { ...sessionProfilesDefaults, ...options };
  const { rowTicks, rowRule, retainSessions } = all;
  if (!Number.isSafeInteger(retainSessions) || retainSessions < 0) {
    throw new FootprintError(
      'bad-option',
      `retainSessions "${retainSessions}" is not a whole number of at least 0.`,
      retainSessions,
    );
  }
  // Checks the options that both have.
  createProfile(all);
  const index = new SessionIndex(all.sessions);
  if (snapshot) requireSameOptions(snapshot, all, ['rowTicks', 'rowRule']);
  if (snapshot && !areCounts(snapshot.stats)) throw new TypeError('counts that are none');
  const counts = countsFromJson(snapshot?.stats);
  let clockMs = snapshot?.clockMs ?? -Infinity;
  let letGoUntilMs = snapshot?.letGoUntilMs ?? -Infinity;
  /** Open and retained sessions, by start. */
  const live = (snapshot?.live ?? []).map((json) => LiveSession.fromJson(json, index.sessions, all));
  /** That of the trade before, while it is live. */
  let latest: LiveSession | undefined;
  letGo();

  function letGo(): void {
    const closed = live.filter(({ endMs }) => endMs <= clockMs);
    for (const session of closed.slice(0, Math.max(0, closed.length - retainSessions))) {
      live.splice(live.indexOf(session), 1);
      if (session === latest) latest = undefined;
      letGoUntilMs = Math.max(letGoUntilMs, session.startMs + 1);
    }
  }

  function closeUntil(timeMs: number): readonly SessionProfile[] {
    if (timeMs <= clockMs) return NOTHING;
    const ending = live.filter(({ endMs }) => endMs > clockMs && endMs <= timeMs);
    clockMs = timeMs;
    if (ending.length === 0) return NOTHING;
    const emitted = ending.map((session) => session.publish());
    letGo();
    return emitted;
  }

  /** The live session at that place of the calendar, a new one where it had no trade yet; undefined when it is too old. */
  function liveAt(place: number): LiveSession | undefined {
    const listed = index.sessions[place]!;
    const startMs = listed.ranges[0]!.startMs;
    if (latest?.startMs === startMs) return latest;
    latest = live.find((session) => session.startMs === startMs);
    if (latest) return latest;
    const session = new LiveSession(listed, all);
    const isClosed = session.endMs <= clockMs;
    const newer = live.filter((other) => other.startMs > startMs && other.endMs <= clockMs).length;
    if (isClosed && (newer >= retainSessions || startMs < letGoUntilMs)) return undefined;
    latest = session;
    live.push(session);
    live.sort((a, b) => a.startMs - b.startMs);
    return session;
  }

  /** Finds the session of a print or a bar and lets `add` do the rest. */
  function place(
    range: SessionRange | undefined,
    timeMs: number,
    lots: ExactInt,
    add: (session: LiveSession) => void,
  ): readonly SessionProfile[] {
    if (!range) {
      counts.outside += 1;
      counts.outsideLots = addExact(counts.outsideLots, lots);
      return NOTHING;
    }
    const emitted = closeUntil(timeMs);
    const session = liveAt(range.session);
    const isLate = session ? session.endMs <= clockMs : true;
    if (isLate) counts.late += 1;
    if (!session) {
      counts.lateRejected += 1;
      counts.lateRejectedLots = addExact(counts.lateRejectedLots, lots);
      return emitted;
    }
    add(session);
    counts.taken += 1;
    if (!isLate) return emitted;
    const revised = session.publish();
    letGo();
    return [...emitted, revised];
  }

  return {
    pushTicks(trade) {
      checkGiven(trade);
      const { timeMs, priceTicks, sizeLots, side, id } = trade;
      checkTrade(timeMs, priceTicks, sizeLots, side, id);
      if (!(sizeLots > 0)) {
        counts.ignored += 1;
        return NOTHING;
      }
      return place(index.at(timeMs), timeMs, sizeLots, (session) => session.push(timeMs, priceTicks, sizeLots, side));
    },
    pushBar(bar) {
      checkBar(bar, barNumbers);
      checkRowsGiven(bar.rows);
      if (bar.trades === 0) {
        counts.ignored += 1;
        return NOTHING;
      }
      const range = index.at(bar.startMs);
      const fits = range && bar.endMs <= range.endMs;
      return place(fits ? range : undefined, bar.startMs, bar.volumeLots, (session) => session.pushBar(bar));
    },
    advanceTo(timeMs) {
      checkTime(timeMs);
      return closeUntil(timeMs);
    },
    flush: () => closeUntil(live.reduce((last, { endMs }) => Math.max(last, endMs), -Infinity)),
    current: () =>
      live
        .filter(({ endMs }) => endMs > clockMs)
        .at(-1)
        ?.peek(),
    stats: () => ({ ...counts }),
    snapshot: () => ({
      v: 1,
      kind: 'session-profiles',
      ...{ rowTicks, rowRule },
      ...(clockMs === -Infinity ? {} : { clockMs }),
      ...(letGoUntilMs === -Infinity ? {} : { letGoUntilMs }),
      stats: {
        ...counts,
        outsideLots: exactToJson(counts.outsideLots),
        lateRejectedLots: exactToJson(counts.lateRejectedLots),
      },
      live: live.map((session) => session.toJson()),
    }),
  };
}

type Counts = { -readonly [K in keyof SessionProfilesStats]: SessionProfilesStats[K] };

function countsFromJson(json?: SessionProfilesSnapshot['stats']): Counts {
  const none = { taken: 0, outside: 0, outsideLots: 0, late: 0, lateRejected: 0, lateRejectedLots: 0, ignored: 0 };
  if (!json) return none;
  const [outsideLots, lateRejectedLots] = [exactFromJson(json.outsideLots), exactFromJson(json.lateRejectedLots)];
  return { ...none, ...json, outsideLots, lateRejectedLots };
}
