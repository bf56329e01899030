/**
 * Naked points of control: rows with the most volume of a bar or a session that the price has not come back to.
 *
 * A point of control is touched when a later bar trades in its row, at any price from `pocTicks` to
 * `pocTicks + rowTicks − 1`. A gap over it does not touch it.
 */
import type { FootprintBar } from './footprint-bar.ts';
import { checkBar, isSpan, isWhole } from './internal/bar-check.ts';
import { checkWhole } from './internal/option-checks.ts';
import { checkRowTicks } from './internal/rows.ts';
import { areCounts, checkSnapshotOf, requireSound, restored } from './internal/snapshot-checks.ts';

/** What {@link createNakedPocs} is made with. */
export interface NakedPocsOptions {
  /**
   * Height of a row in ticks, that of the bars or profiles.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /**
   * How many naked points are remembered; then the oldest one is dropped, and counted.
   * @defaultValue 500
   */
  readonly maxNaked?: number;
  /**
   * How many of the latest bars may still be revised; `retainBars + 1` of the bars that are pushed.
   * @defaultValue 3
   */
  readonly revisableBars?: number;
}

/** The defaults of {@link NakedPocsOptions}. */
export const nakedPocsDefaults = {
  rowTicks: 1,
  maxNaked: 500,
  revisableBars: 3,
} as const satisfies Required<NakedPocsOptions>;

/** A point of control and the stretch of time that it is of. */
export interface PocPeriod {
  /** Lower edge of its row, in ticks. */
  readonly pocTicks: number;
  /** Inclusive start of the bar or session, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly endMs: number;
}

/** A point of control that the price came back to. */
export interface PocTouched extends PocPeriod {
  /** Start of the bar that touched it, epoch milliseconds UTC. */
  readonly touchedFromMs: number;
  /** End of that bar. */
  readonly touchedUntilMs: number;
}

/** Where a bar traded. */
export type TouchRange = Pick<FootprintBar, 'startMs' | 'endMs' | 'lowTicks' | 'highTicks' | 'trades' | 'revision'>;

/** A bar that may touch, and that has a point of control itself. */
export type PocBar = TouchRange & Pick<FootprintBar, 'pocTicks'>;

/** What became of the points. `added` = `touched` + `withdrawn` + `dropped` + those still naked. */
export interface NakedPocsStats {
  /** Points taken in. */
  readonly added: number;
  /** Points that were touched. */
  readonly touched: number;
  /** Points that were naked when a revision of their bar took them back. */
  readonly withdrawn: number;
  /** Naked points let go of beyond `maxNaked`. */
  readonly dropped: number;
  /**
   * Bars too late for their point to be taken in: what they touch is touched. Also revisions that are no newer than what
   * is known, which change nothing.
   */
  readonly late: number;
  /** Bars without trades. */
  readonly empty: number;
}

/** The state of {@link NakedPocs} as plain JSON, version 1. */
export interface NakedPocsSnapshot {
  readonly v: 1;
  readonly kind: 'naked-pocs';
  readonly options: Required<NakedPocsOptions>;
  /** `[pocTicks, startMs, endMs]`, by start. */
  readonly naked: readonly (readonly [number, number, number])[];
  /** The latest bars, by start: `[startMs, endMs, lowTicks, highTicks, pocTicks, revision]`. */
  readonly latest: readonly (readonly [number, number, number, number, number | null, number])[];
  /** Bars that start at or before are too late; absent while none is. */
  readonly letGoMs?: number;
  readonly stats: NakedPocsStats;
}

/** Made by {@link createNakedPocs}. */
export interface NakedPocs {
  /**
   * Takes a closed bar: gives what it touched, then takes its own point of control in.
   * @throws FootprintError `bad-trade` for what no grid can produce; so do the next two.
   */
  push(bar: PocBar): readonly PocTouched[];
  /** Takes a bar that only touches: for points of sessions, which {@link NakedPocs.addPoc} brings. */
  pushRange(range: TouchRange): readonly PocTouched[];
  /**
   * Takes the point of control of a finished session or profile in. Bars that start at or after its end may have come
   * already, up to `revisableBars` of them; gives the touch if one of them did. It is not taken back: add it when the
   * session can no longer be revised.
   */
  addPoc(poc: PocPeriod): readonly PocTouched[];
  /** The naked points, by start. */
  naked(): readonly PocPeriod[];
  /** Gives nothing: a naked point stays naked. */
  flush(): readonly PocTouched[];
  stats(): NakedPocsStats;
  /** The state as plain JSON, for {@link restoreNakedPocs}. */
  snapshot(): NakedPocsSnapshot;
}

/**
 * The naked points of control of one instrument.
 *
 * Bars come in the order of their start. A bar touches the naked points whose time was over when it started, never that
 * of the session that it is in, whichever comes first. While a bar is among the latest `revisableBars`, it may come again
 * with a higher `revision`, or come late: it touches as it would have in time, and its point of control is set right. A
 * point that moved is withdrawn where it was, if it was naked still, and taken in where it is now, which may be touched by
 * a later bar already. What was said to be touched stays so. Memory: `maxNaked` points and `revisableBars` bars.
 *
 * @example
 * ```ts
 * const bar = (minute: number, lowTicks: number, highTicks: number, pocTicks: number) => {
 *   const startMs = minute * 60_000;
 *   return { startMs, endMs: startMs + 60_000, lowTicks, highTicks, pocTicks, trades: 1, revision: 0 };
 * };
 * const pocs = createNakedPocs();
 * pocs.push(bar(0, 100, 104, 101));
 * pocs.push(bar(1, 103, 108, 106));
 * pocs.naked().map(({ pocTicks }) => pocTicks); // => [101, 106]
 * pocs.push(bar(2, 100, 102, 100)).map(({ pocTicks }) => pocTicks); // => [101]
 * ```
 * @throws FootprintError `bad-option`.
 */
export function createNakedPocs(options: NakedPocsOptions = {}): NakedPocs {
  return nakedPocsOf(checkOptions(options));
}

/**
 * The points that a snapshot was taken of; the options must be those of the snapshot.
 * @throws FootprintError `bad-snapshot` or `bad-option`.
 */
export function restoreNakedPocs(snapshot: NakedPocsSnapshot, options: NakedPocsOptions = {}): NakedPocs {
  const checked = checkOptions(options);
  checkSnapshotOf('naked-pocs', snapshot, checked);
  return restored('naked-pocs', snapshot, () => nakedPocsOf(checked, snapshot));
}

function checkOptions(options: NakedPocsOptions): Required<NakedPocsOptions> {
  const { rowTicks, maxNaked, revisableBars } = { ...nakedPocsDefaults, ...options };
  checkRowTicks(rowTicks);
  checkWhole('maxNaked', maxNaked, 1);
  checkWhole('revisableBars', revisableBars, 1);
  return { rowTicks, maxNaked, revisableBars };
}

interface Latest extends Omit<TouchRange, 'trades'> {
  readonly pocTicks: number | undefined;
}

const NOTHING: readonly PocTouched[] = [];

function nakedPocsOf(options: Required<NakedPocsOptions>, snapshot?: NakedPocsSnapshot): NakedPocs {
  const { rowTicks, maxNaked, revisableBars } = options;
  const naked: PocPeriod[] = (snapshot?.naked ?? []).map(([pocTicks, startMs, endMs]) => ({
    pocTicks,
    startMs,
    endMs,
  }));
  const latest: Latest[] = (snapshot?.latest ?? []).map(([startMs, endMs, lowTicks, highTicks, poc, revision]) => {
    return { startMs, endMs, lowTicks, highTicks, pocTicks: poc ?? undefined, revision };
  });
  let letGoMs = snapshot?.letGoMs;
  const stats = { added: 0, touched: 0, withdrawn: 0, dropped: 0, late: 0, empty: 0, ...snapshot?.stats };
  if (snapshot) {
    const { added, touched, withdrawn, dropped } = stats;
    const isWholly = added === touched + withdrawn + dropped + naked.length;
    requireSound('naked-pocs', snapshot, 'naked', naked.length <= maxNaked && isByStart(naked));
    requireSound('naked-pocs', snapshot, 'latest', latest.length <= revisableBars && isByStart(latest));
    requireSound('naked-pocs', snapshot, 'letGoMs', letGoMs === undefined || Number.isFinite(letGoMs));
    requireSound('naked-pocs', snapshot, 'stats', areCounts(stats) && isWholly);
  }

  const touches = ({ lowTicks, highTicks }: Latest, { pocTicks }: PocPeriod): boolean =>
    lowTicks < pocTicks + rowTicks && highTicks >= pocTicks;
  const touched = ({ pocTicks, startMs, endMs }: PocPeriod, by: Latest): PocTouched => {
    stats.touched += 1;
    return { pocTicks, startMs, endMs, touchedFromMs: by.startMs, touchedUntilMs: by.endMs };
  };
  const touchAll = (by: Latest, inOrder: boolean): PocTouched[] => {
    // Of bars that prints end, the next may begin in the millisecond in which the last one ended.
    const sinceMs = inOrder ? Math.floor(by.startMs) + 1 : by.startMs;
    const events: PocTouched[] = [];
    let kept = 0;
    for (const poc of naked) {
      if (poc.endMs <= sinceMs && touches(by, poc)) events.push(touched(poc, by));
      else naked[kept++] = poc;
    }
    naked.length = kept;
    return events;
  };
  const add = (poc: PocPeriod): readonly PocTouched[] => {
    stats.added += 1;
    const by = latest.find((bar) => bar.startMs >= poc.endMs && touches(bar, poc));
    if (by) return [touched(poc, by)];
    naked.splice(naked.findLastIndex(({ startMs }) => startMs <= poc.startMs) + 1, 0, poc);
    if (naked.length > maxNaked) {
      naked.shift();
      stats.dropped += 1;
    }
    return NOTHING;
  };
  const withdraw = ({ startMs, endMs, pocTicks }: Latest): void => {
    const at = naked.findLastIndex((p) => p.startMs === startMs && p.endMs === endMs && p.pocTicks === pocTicks);
    if (at < 0) return;
    naked.splice(at, 1);
    stats.withdrawn += 1;
  };
  const addOf = ({ startMs, endMs, pocTicks }: Latest): readonly PocTouched[] =>
    pocTicks === undefined ? NOTHING : add({ pocTicks, startMs, endMs });

  const place = ({ trades, ...bar }: Latest & Pick<TouchRange, 'trades'>): readonly PocTouched[] => {
    const at = bar.revision > 0 ? latest.findLastIndex(({ startMs }) => startMs === bar.startMs) : -1;
    if (at >= 0) {
      const former = latest[at]!;
      if (former.revision >= bar.revision) {
        stats.late += 1;
        return NOTHING;
      }
      // A bar that lost its last print trades nowhere.
      if (trades === 0) latest.splice(at, 1);
      else latest[at] = bar;
      const events = trades === 0 ? [] : touchAll(bar, false);
      if (former.pocTicks === bar.pocTicks && trades > 0) return events;
      withdraw(former);
      return trades === 0 ? events : [...events, ...addOf(bar)];
    }
    if (trades === 0) {
      stats.empty += 1;
      return NOTHING;
    }
    const inOrder = bar.startMs >= (latest.at(-1)?.startMs ?? letGoMs ?? -Infinity);
    const events = touchAll(bar, inOrder);
    if (!inOrder && bar.startMs <= (letGoMs ?? -Infinity)) {
      stats.late += 1;
      return events;
    }
    latest.splice(latest.findLastIndex(({ startMs }) => startMs <= bar.startMs) + 1, 0, bar);
    const more = addOf(bar);
    if (latest.length > revisableBars) letGoMs = latest.shift()!.startMs;
    return [...events, ...more];
  };
  const rangeOf = (range: TouchRange): TouchRange => {
    checkBar(range, ['lowTicks', 'highTicks', 'trades', 'revision']);
    const { startMs, endMs, lowTicks, highTicks, trades, revision } = range;
    return { startMs, endMs, lowTicks, highTicks, trades, revision };
  };
  return {
    push(bar) {
      checkBar(bar, ['pocTicks']);
      return place({ ...rangeOf(bar), pocTicks: bar.pocTicks });
    },
    pushRange: (range) => place({ ...rangeOf(range), pocTicks: undefined }),
    addPoc(poc) {
      checkBar(poc, ['pocTicks']);
      const { pocTicks, startMs, endMs } = poc;
      return add({ pocTicks, startMs, endMs });
    },
    naked: () => [...naked],
    flush: () => NOTHING,
    stats: () => ({ ...stats }),
    snapshot: () => ({
      v: 1,
      kind: 'naked-pocs',
      options,
      naked: naked.map(({ pocTicks, startMs, endMs }) => [pocTicks, startMs, endMs] as const),
      latest: latest.map(
        (bar) => [bar.startMs, bar.endMs, bar.lowTicks, bar.highTicks, bar.pocTicks ?? null, bar.revision] as const,
      ),
      ...(letGoMs === undefined ? {} : { letGoMs }),
      stats: { ...stats },
    }),
  };
}

/** Whether these lie on the grid, in the order of their start. */
function isByStart(periods: readonly (PocPeriod | Latest)[]): boolean {
  return periods.every((period, i) => {
    const { startMs, endMs, pocTicks = 0 } = period;
    const isOnGrid = 'revision' in period ? [period.lowTicks, period.highTicks, period.revision].every(isWhole) : true;
    return isOnGrid && isWhole(pocTicks) && isSpan(startMs, endMs) && startMs >= (periods[i - 1]?.startMs ?? -Infinity);
  });
}
