/** One session while trades can still reach it. */
import { FootprintError } from '../errors.ts';
import type { FootprintBar } from '../footprint-bar.ts';
import {
  createProfile,
  restoreProfile,
  type Profile,
  type ProfileOptions,
  type ProfileSnapshot,
  type VolumeProfile,
} from '../profile.ts';
import type { Session, TimeRange } from '../sessions.ts';

/** The volume profile of a session. */
export interface SessionProfile {
  /** Name of the session. */
  readonly session: string;
  /** Start of its first range, epoch milliseconds UTC. */
  readonly startMs: number;
  /** End of its last range (exclusive), epoch milliseconds UTC. */
  readonly endMs: number;
  /** First and last trade by time, then by arrival; high and low over all trades. */
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  readonly profile: VolumeProfile;
  /** 0 when first emitted; one more for each time that a late trade changed it after that. */
  readonly revision: number;
}

/** Plain JSON of a {@link LiveSession}. */
export interface LiveSessionJson {
  readonly name: string;
  readonly ranges: readonly TimeRange[];
  readonly published: number;
  readonly ohlc: readonly [open: number, high: number, low: number, close: number];
  readonly times: readonly [openMs: number, closeMs: number];
  readonly profile: ProfileSnapshot;
}

export class LiveSession {
  readonly session: Session;
  readonly startMs: number;
  readonly endMs: number;
  /** Number of times that the profile was emitted. */
  published = 0;
  readonly #profile: Profile;
  #open = 0;
  #high = -Infinity;
  #low = Infinity;
  #close = 0;
  #openMs = Infinity;
  #closeMs = -Infinity;

  constructor(session: Session, options: ProfileOptions, json?: LiveSessionJson) {
    this.session = session;
    this.startMs = session.ranges[0]!.startMs;
    this.endMs = session.ranges.at(-1)!.endMs;
    this.#profile = json ? restoreProfile(json.profile, options) : createProfile(options);
    if (!json) return;
    this.published = json.published;
    [this.#open, this.#high, this.#low, this.#close] = json.ohlc;
    [this.#openMs, this.#closeMs] = json.times;
  }

  /** The session of that JSON, which must be in the calendar with the same name and ranges. */
  static fromJson(json: LiveSessionJson, calendar: readonly Session[], options: ProfileOptions): LiveSession {
    const ranges = JSON.stringify(json.ranges);
    const session = calendar.find(({ name, ranges: own }) => name === json.name && JSON.stringify(own) === ranges);
    if (session) return new LiveSession(session, options, json);
    throw new FootprintError(
      'bad-snapshot',
      `Snapshot has session "${json.name}", the calendar does not, or with other ranges. Restore with a calendar that keeps it.`,
      json.name,
    );
  }

  push(timeMs: number, priceTicks: number, sizeLots: number, side: 'buy' | 'sell' | 'unknown'): void {
    this.#profile.pushTicks({ priceTicks, sizeLots, side });
    this.#see(timeMs, priceTicks, priceTicks, priceTicks, priceTicks);
  }

  pushBar(bar: FootprintBar): void {
    this.#profile.pushBar(bar);
    this.#see(bar.startMs, bar.openTicks, bar.highTicks, bar.lowTicks, bar.closeTicks);
  }

  /** The profile so far, counted as emitted no time. */
  peek(): SessionProfile {
    return {
      session: this.session.name,
      startMs: this.startMs,
      endMs: this.endMs,
      openTicks: this.#open,
      highTicks: this.#high,
      lowTicks: this.#low,
      closeTicks: this.#close,
      profile: this.#profile.flush()!,
      revision: this.published,
    };
  }

  publish(): SessionProfile {
    const profile = this.peek();
    this.published += 1;
    return profile;
  }

  toJson(): LiveSessionJson {
    return {
      name: this.session.name,
      ranges: this.session.ranges.map(({ startMs, endMs }) => ({ startMs, endMs })),
      published: this.published,
      ohlc: [this.#open, this.#high, this.#low, this.#close],
      times: [this.#openMs, this.#closeMs],
      profile: this.#profile.snapshot(),
    };
  }

  #see(timeMs: number, open: number, high: number, low: number, close: number): void {
    if (timeMs < this.#openMs) [this.#open, this.#openMs] = [open + 0, timeMs];
    if (timeMs >= this.#closeMs) [this.#close, this.#closeMs] = [close + 0, timeMs];
    if (high > this.#high) this.#high = high + 0;
    if (low < this.#low) this.#low = low + 0;
  }
}
