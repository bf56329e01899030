/** Options, counts and stored state of a {@link BarSeries}. */
import { exactFromJson, exactToJson, type ExactInt, type ExactIntJson } from '@tapekit/orderflow/exact';
import type { BarBuilderJson } from './bar-builder.ts';
import type { IdRangesJson } from './id-ranges.ts';
import type { RowRule } from './rows.ts';
import { requireSameOptions } from './snapshot-checks.ts';
import type { ValueAreaRule } from './value-area.ts';

/** What becomes of a trade whose bar is closed. */
export type LatePolicy = 'revise' | 'reject' | 'next-bar';

/** What becomes of an interval without trades. */
export type EmptyBarPolicy = 'skip' | 'flat';

/** What a {@link BarSeries} needs to know, every option set and checked. */
export interface BarSeriesOptions {
  readonly tickSize: string;
  readonly lotSize: string;
  readonly intervalMs: number;
  readonly offsetMs: number;
  readonly rowTicks: number;
  readonly rowRule: RowRule;
  readonly retainBars: number;
  readonly dedupe: boolean;
  readonly maxJumpMs: number;
  readonly late: LatePolicy;
  readonly emptyBars: EmptyBarPolicy;
  readonly maxFlatBars: number;
  readonly corrections: boolean;
  readonly tradeSizes: boolean;
  readonly integrity: boolean;
  readonly rule: ValueAreaRule;
}

/** What became of the trades. Pushed = `trades` + `duplicates` + `lateRejected` + `ignored` + `future` + `cancelled`. */
export interface TimeBarsStats {
  /** Trades that are in a bar. */
  readonly trades: number;
  /** Trades whose id was seen before. */
  readonly duplicates: number;
  /** Numbers missing so far between the lowest and the highest numeric id. */
  readonly idGaps: number;
  /** Trades of a bar that was already closed, taken in, moved or rejected. */
  readonly late: number;
  /** Late trades that were put into the open bar: all of them with `late: 'next-bar'`. */
  readonly lateMoved: number;
  /** Late trades whose bar was no longer retained; all of them with `late: 'reject'`. */
  readonly lateRejected: number;
  /** Volume of the rejected late trades, in lots. */
  readonly lateRejectedLots: ExactInt;
  /** Trades more than `maxJumpMs` ahead of all before them; in no bar, and as if they had not come. */
  readonly future: number;
  /** Volume of the trades in `future`, in lots; one that comes twice counts twice. */
  readonly futureLots: ExactInt;
  /** Trades without volume: size 0, below 0 or NaN. */
  readonly ignored: number;
  /** Trades taken out of their bar by `cancel`, or by a correction to a size of 0. */
  readonly cancelled: number;
  /** Trades changed by `correct`. */
  readonly corrected: number;
  /** Cancels and corrections that changed nothing: of an id that is in no live bar, or to a time beyond `maxJumpMs`. */
  readonly correctionsRejected: number;
  /** Bars emitted, each counted once. */
  readonly barsClosed: number;
  /** Of these, the ones without trades: `emptyBars: 'flat'`. */
  readonly flatBars: number;
  /** Times that a bar was emitted again. */
  readonly revisions: number;
  /** Earliest trade time in a bar (cancelled ones included), epoch milliseconds UTC. */
  readonly firstTimeMs?: number;
  /** Latest trade time in a bar (cancelled ones included), epoch milliseconds UTC. */
  readonly lastTimeMs?: number;
}

/** The state of `createTimeBars` as plain JSON, version 1. */
export interface TimeBarsSnapshot {
  readonly v: 1;
  readonly kind: 'time-bars';
  readonly tickSize: string;
  readonly lotSize: string;
  readonly intervalMs: number;
  readonly rowTicks: number;
  /** Absent at 0. */
  readonly offsetMs?: number;
  /** Absent for `floor`. */
  readonly rowRule?: RowRule;
  /** Absent when off. */
  readonly corrections?: true;
  /** Absent when off. */
  readonly tradeSizes?: true;
  /** Bars that start before are closed; absent before the first trade. */
  readonly closedUntilMs?: number;
  /** Bars that start before were let go: they cannot be revised, however many bars are retained. */
  readonly letGoUntilMs?: number;
  /** Start and close of the newest bar that was emitted; absent while there is none. */
  readonly newest?: readonly [startMs: number, closeTicks: number];
  /** Counts that came later than the first ones are absent while they are 0. */
  readonly counts: CountsJson;
  readonly ids: IdRangesJson;
  readonly open?: BarBuilderJson;
  /** Closed bars that late trades may still revise, oldest first. */
  readonly retained: readonly BarBuilderJson[];
}

/** The counts of {@link TimeBarsStats} as they change. */
export type Counts = {
  -readonly [K in keyof Omit<TimeBarsStats, 'idGaps' | 'firstTimeMs' | 'lastTimeMs'>]: TimeBarsStats[K];
};

type Core = 'trades' | 'duplicates' | 'late' | 'lateRejected' | 'ignored' | 'barsClosed' | 'revisions';
type Later = 'lateMoved' | 'future' | 'cancelled' | 'corrected' | 'correctionsRejected' | 'flatBars';

/** {@link TimeBarsStats} as plain JSON. */
export type CountsJson = Pick<TimeBarsStats, Core | 'firstTimeMs' | 'lastTimeMs'> &
  Partial<Pick<TimeBarsStats, Later>> & { readonly lateRejectedLots: ExactIntJson; readonly futureLots?: ExactIntJson };

const LATER = ['lateMoved', 'future', 'cancelled', 'corrected', 'correctionsRejected', 'flatBars'] as const;

export function noCounts(): Counts {
  return {
    trades: 0,
    duplicates: 0,
    late: 0,
    lateMoved: 0,
    lateRejected: 0,
    lateRejectedLots: 0,
    future: 0,
    futureLots: 0,
    ignored: 0,
    cancelled: 0,
    corrected: 0,
    correctionsRejected: 0,
    barsClosed: 0,
    flatBars: 0,
    revisions: 0,
  };
}

export function countsToJson(counts: Counts): Omit<CountsJson, 'firstTimeMs' | 'lastTimeMs'> {
  const { trades, duplicates, late, lateRejected, ignored, barsClosed, revisions } = counts;
  const later = LATER.filter((name) => counts[name] > 0).map((name) => [name, counts[name]] as const);
  return {
    ...{ trades, duplicates, late, lateRejected, ignored, barsClosed, revisions },
    lateRejectedLots: exactToJson(counts.lateRejectedLots),
    ...(Object.fromEntries(later) as Partial<Pick<Counts, Later>>),
    ...(counts.future > 0 ? { futureLots: exactToJson(counts.futureLots) } : {}),
  };
}

export function countsFromJson(json: CountsJson): Counts {
  const stored = Object.entries(json).filter(([name]) => name !== 'firstTimeMs' && name !== 'lastTimeMs');
  return {
    ...noCounts(),
    ...(Object.fromEntries(stored) as Partial<Counts>),
    lateRejectedLots: exactFromJson(json.lateRejectedLots),
    futureLots: exactFromJson(json.futureLots ?? 0),
  };
}

/** The options that a snapshot names. */
export function optionsToJson(
  options: BarSeriesOptions,
): Pick<
  TimeBarsSnapshot,
  'tickSize' | 'lotSize' | 'intervalMs' | 'rowTicks' | 'offsetMs' | 'rowRule' | 'corrections' | 'tradeSizes'
> {
  const { tickSize, lotSize, intervalMs, rowTicks, offsetMs, rowRule, corrections, tradeSizes } = options;
  return {
    ...{ tickSize, lotSize, intervalMs, rowTicks },
    ...(offsetMs === 0 ? {} : { offsetMs }),
    ...(rowRule === 'floor' ? {} : { rowRule }),
    ...(corrections ? { corrections } : {}),
    ...(tradeSizes ? { tradeSizes } : {}),
  };
}

/** What a snapshot says where it is silent. */
const SILENT = { offsetMs: 0, rowRule: 'floor', corrections: false, tradeSizes: false } as const;

export function checkSnapshot(snapshot: TimeBarsSnapshot, options: BarSeriesOptions): void {
  requireSameOptions({ ...SILENT, ...snapshot }, options, [
    'tickSize',
    'lotSize',
    'intervalMs',
    'offsetMs',
    'rowTicks',
    'rowRule',
    'corrections',
    'tradeSizes',
  ]);
}
