/** The open bar, the retained bars and the ids of one tape. */
import { addExact, exactFromJson, exactToJson, type ExactInt, type ExactIntJson } from '@tapekit/orderflow/exact';
import type { Aggressor } from '@tapekit/orderflow/market';
import { FootprintError } from '../errors.ts';
import type { FootprintBar } from '../footprint-bar.ts';
import { BarBuilder, type BarBuilderJson } from './bar-builder.ts';
import { IdRanges, type IdRangesJson } from './id-ranges.ts';
import { columnOf, Ladder, type Column } from './ladder.ts';
import type { ValueAreaRule } from './value-area.ts';

/** What a {@link BarSeries} needs to know, every option set and checked. */
export interface BarSeriesOptions {
  readonly tickSize: string;
  readonly lotSize: string;
  readonly intervalMs: number;
  readonly rowTicks: number;
  readonly retainBars: number;
  readonly dedupe: boolean;
  readonly maxJumpMs: number;
  readonly rule: ValueAreaRule;
}

/** What became of the trades. Pushed = `trades` + `duplicates` + `lateRejected` + `ignored` + `future`. */
export interface TimeBarsStats {
  /** Trades that are in a bar. */
  readonly trades: number;
  /** Trades whose id was seen before. */
  readonly duplicates: number;
  /** Numbers missing so far between the lowest and the highest numeric id. */
  readonly idGaps: number;
  /** Trades of a bar that was already closed, taken in or rejected. */
  readonly late: number;
  /** Late trades whose bar was no longer retained. */
  readonly lateRejected: number;
  /** Volume of the rejected late trades, in lots. */
  readonly lateRejectedLots: ExactInt;
  /** Trades more than `maxJumpMs` ahead of all before them; in no bar, and as if they had not come. */
  readonly future: number;
  /** Volume of the trades in `future`, in lots; one that comes twice counts twice. */
  readonly futureLots: ExactInt;
  /** Trades without volume: size 0, below 0 or NaN. */
  readonly ignored: number;
  /** Bars emitted, each counted once. */
  readonly barsClosed: number;
  /** Times that a bar was emitted again. */
  readonly revisions: number;
  /** Earliest trade time in a bar, epoch milliseconds UTC. */
  readonly firstTimeMs?: number;
  /** Latest trade time in a bar, epoch milliseconds UTC. */
  readonly lastTimeMs?: number;
}

/** The state of `createTimeBars` as plain JSON, version 1. */
export interface TimeBarsSnapshot {
  readonly v: 1;
  readonly tickSize: string;
  readonly lotSize: string;
  readonly intervalMs: number;
  readonly rowTicks: number;
  /** Bars that start before are closed; absent before the first trade. */
  readonly closedUntilMs?: number;
  /** Bars that start before were let go: they cannot be revised, however many bars are retained. */
  readonly letGoUntilMs?: number;
  /** `future` and `futureLots` are absent while there are none. */
  readonly counts: Omit<TimeBarsStats, 'idGaps' | 'lateRejectedLots' | 'future' | 'futureLots'> & {
    readonly lateRejectedLots: ExactIntJson;
    readonly future?: number;
    readonly futureLots?: ExactIntJson;
  };
  readonly ids: IdRangesJson;
  readonly open?: BarBuilderJson;
  /** Closed bars that late trades may still revise, oldest first. */
  readonly retained: readonly BarBuilderJson[];
}

type Counts = { -readonly [K in keyof Omit<TimeBarsStats, 'idGaps' | 'firstTimeMs' | 'lastTimeMs'>]: TimeBarsStats[K] };

const NO_COUNTS: Readonly<Counts> = {
  trades: 0,
  duplicates: 0,
  late: 0,
  lateRejected: 0,
  lateRejectedLots: 0,
  future: 0,
  futureLots: 0,
  ignored: 0,
  barsClosed: 0,
  revisions: 0,
};
const NO_BARS: readonly FootprintBar[] = Object.freeze([]);
/** Gaps of the whole tape's ids that are remembered; older ones are counted and forgotten. */
const MAX_ID_RANGES = 4096;

export class BarSeries {
  readonly #options: BarSeriesOptions;
  readonly #counts: Counts;
  readonly #ids: IdRanges;
  #open: BarBuilder | undefined;
  /** Ascending by start. */
  readonly #retained: BarBuilder[] = [];
  #spareLadder: Ladder | undefined;
  #closedUntilMs = -Infinity;
  /** End of the newest bar that is no longer retained; a bar before it must not begin again. */
  #letGoUntilMs = -Infinity;
  #firstTimeMs = Infinity;
  #lastTimeMs = -Infinity;

  constructor(options: BarSeriesOptions, snapshot?: TimeBarsSnapshot) {
    this.#options = options;
    if (!snapshot) {
      this.#ids = new IdRanges(MAX_ID_RANGES);
      this.#counts = { ...NO_COUNTS };
      return;
    }
    checkSnapshot(snapshot, options);
    const { firstTimeMs, lastTimeMs, lateRejectedLots, futureLots, ...counts } = snapshot.counts;
    this.#counts = {
      ...NO_COUNTS,
      ...counts,
      lateRejectedLots: exactFromJson(lateRejectedLots),
      futureLots: exactFromJson(futureLots ?? 0),
    };
    this.#firstTimeMs = firstTimeMs ?? Infinity;
    this.#lastTimeMs = lastTimeMs ?? -Infinity;
    this.#closedUntilMs = snapshot.closedUntilMs ?? -Infinity;
    this.#ids = new IdRanges(MAX_ID_RANGES, snapshot.ids);
    const restore = (json: BarBuilderJson): BarBuilder =>
      new BarBuilder(json.startMs, json.startMs + options.intervalMs, Ladder.fromJson(json.rows), json);
    if (snapshot.open) this.#open = restore(snapshot.open);
    this.#letGoUntilMs = snapshot.letGoUntilMs ?? -Infinity;
    const firstKept = Math.max(0, snapshot.retained.length - options.retainBars);
    this.#retained = snapshot.retained.slice(firstKept).map(restore);
    const letGo = snapshot.retained[firstKept - 1];
    if (letGo) this.#letGoUntilMs = letGo.startMs + options.intervalMs;
  }

  push(
    timeMs: number,
    ticks: number,
    lots: number,
    side: Aggressor,
    id: number | string | undefined,
  ): readonly FootprintBar[] {
    const column = columnOf(side);
    if (column === undefined || !isTime(timeMs) || !Number.isSafeInteger(ticks) || !isSize(lots) || !isId(id)) {
      throw badTrade(timeMs, ticks, lots, side, id);
    }
    const knows = this.#options.dedupe && id !== undefined;
    if (knows && this.#isInLiveBar(id)) {
      this.#counts.duplicates += 1;
      return NO_BARS;
    }
    if (!(lots > 0)) {
      this.#counts.ignored += 1;
      if (knows && typeof id === 'number') this.#ids.add(id);
      return NO_BARS;
    }

    const open = this.#open;
    let bar = open;
    let emitted = NO_BARS;
    if (open === undefined || timeMs >= open.endMs || timeMs < open.startMs) {
      if (this.#isFuture(timeMs)) {
        this.#counts.future += 1;
        this.#counts.futureLots = addExact(this.#counts.futureLots, lots);
        return NO_BARS;
      }
      const startMs = this.#startOf(timeMs);
      if (startMs < this.#closedUntilMs)
        return this.#pushLate(startMs, timeMs, ticks, lots, column, knows ? id : undefined);
      emitted = this.#closeOpen();
      this.#open = bar = this.#newBar(startMs);
      this.#closedUntilMs = startMs;
    }
    this.#take(bar!, timeMs, ticks, lots, column, knows ? id : undefined);
    return emitted;
  }

  advanceTo(timeMs: number): readonly FootprintBar[] {
    if (!isTime(timeMs)) {
      throw new FootprintError('bad-option', `advanceTo "${timeMs}" is not a time in epoch milliseconds.`, timeMs);
    }
    const startMs = this.#startOf(timeMs);
    if (startMs <= this.#closedUntilMs) return NO_BARS;
    const emitted = this.#closeOpen();
    this.#closedUntilMs = startMs;
    return emitted;
  }

  flush(): readonly FootprintBar[] {
    if (this.#open) this.#closedUntilMs = this.#open.endMs;
    return this.#closeOpen();
  }

  stats(): TimeBarsStats {
    return { ...this.#counts, idGaps: this.#ids.missing, ...this.#times() };
  }

  toJson(): TimeBarsSnapshot {
    const { tickSize, lotSize, intervalMs, rowTicks } = this.#options;
    const { future, futureLots, lateRejectedLots, ...counts } = this.#counts;
    return {
      v: 1,
      tickSize,
      lotSize,
      intervalMs,
      rowTicks,
      ...(this.#closedUntilMs === -Infinity ? {} : { closedUntilMs: this.#closedUntilMs }),
      ...(this.#letGoUntilMs === -Infinity ? {} : { letGoUntilMs: this.#letGoUntilMs }),
      counts: {
        ...counts,
        lateRejectedLots: exactToJson(lateRejectedLots),
        ...(future > 0 ? { future, futureLots: exactToJson(futureLots) } : {}),
        ...this.#times(),
      },
      ids: this.#ids.toJson(),
      ...(this.#open ? { open: this.#open.toJson() } : {}),
      retained: this.#retained.map((bar) => bar.toJson()),
    };
  }

  #startOf(timeMs: number): number {
    // A time below a multiple of the interval never rounds up to it: a double's gap there is above half an ulp of the quotient.
    return Math.floor(timeMs / this.#options.intervalMs) * this.#options.intervalMs + 0;
  }

  /** One trade of a wrong clock would close the open bar and make every trade after it late. */
  #isFuture(timeMs: number): boolean {
    const nowMs = Math.max(this.#lastTimeMs, this.#closedUntilMs);
    return nowMs !== -Infinity && timeMs - nowMs > this.#options.maxJumpMs;
  }

  #times(): Pick<TimeBarsStats, 'firstTimeMs' | 'lastTimeMs'> {
    return this.#counts.trades === 0 ? {} : { firstTimeMs: this.#firstTimeMs, lastTimeMs: this.#lastTimeMs };
  }

  /**
   * A duplicate has its original's trade time, so it belongs to the same bar: the ids of the bars that are there tell
   * duplicates from late trades, however far back the id lies.
   */
  #isInLiveBar(id: number | string): boolean {
    if (typeof id === 'number' && id > this.#ids.max) return false;
    if (this.#open?.hasId(id)) return true;
    for (const bar of this.#retained) if (bar.hasId(id)) return true;
    return false;
  }

  #take(
    bar: BarBuilder,
    timeMs: number,
    ticks: number,
    lots: number,
    column: Column,
    id: number | string | undefined,
  ): void {
    const { rowTicks } = this.#options;
    bar.add(timeMs, ticks + 0, rowTicks === 1 ? ticks + 0 : Math.floor(ticks / rowTicks) + 0, column, lots);
    this.#counts.trades += 1;
    if (timeMs < this.#firstTimeMs) this.#firstTimeMs = timeMs;
    if (timeMs > this.#lastTimeMs) this.#lastTimeMs = timeMs;
    if (id !== undefined) {
      bar.addId(id);
      if (typeof id === 'number') this.#ids.add(id);
    }
  }

  #pushLate(
    startMs: number,
    timeMs: number,
    ticks: number,
    lots: number,
    column: Column,
    id: number | string | undefined,
  ): readonly FootprintBar[] {
    const bar = this.#retainedAt(startMs);
    if (!bar) {
      // The ids of a bar that is gone are known by the tape's ranges only: seen before means sent again, not lost.
      if (typeof id === 'number' && this.#ids.has(id)) {
        this.#counts.duplicates += 1;
        return NO_BARS;
      }
      this.#counts.late += 1;
      this.#counts.lateRejected += 1;
      this.#counts.lateRejectedLots = addExact(this.#counts.lateRejectedLots, lots);
      if (typeof id === 'number') this.#ids.add(id);
      return NO_BARS;
    }
    this.#counts.late += 1;
    this.#take(bar, timeMs, ticks, lots, column, id);
    return [this.#publish(bar)];
  }

  /** The retained bar that starts there, a new one where it had no trade yet; undefined when it is too old. */
  #retainedAt(startMs: number): BarBuilder | undefined {
    const i = this.#retained.findIndex((bar) => bar.startMs >= startMs);
    if (i >= 0 && this.#retained[i]!.startMs === startMs) return this.#retained[i];
    const newer = i < 0 ? 0 : this.#retained.length - i;
    if (newer >= this.#options.retainBars || startMs < this.#letGoUntilMs) return undefined;
    const bar = this.#newBar(startMs);
    this.#retain(bar);
    return bar;
  }

  #newBar(startMs: number): BarBuilder {
    const ladder = this.#spareLadder ?? new Ladder();
    this.#spareLadder = undefined;
    return new BarBuilder(startMs, startMs + this.#options.intervalMs, ladder);
  }

  #closeOpen(): readonly FootprintBar[] {
    const bar = this.#open;
    if (!bar) return NO_BARS;
    this.#open = undefined;
    const published = this.#publish(bar);
    this.#retain(bar);
    return [published];
  }

  #publish(bar: BarBuilder): FootprintBar {
    if (bar.published === 0) this.#counts.barsClosed += 1;
    else this.#counts.revisions += 1;
    return bar.publish(this.#options.rowTicks, this.#options.rule);
  }

  #retain(bar: BarBuilder): void {
    const i = this.#retained.findIndex(({ startMs }) => startMs > bar.startMs);
    this.#retained.splice(i < 0 ? this.#retained.length : i, 0, bar);
    if (this.#retained.length <= this.#options.retainBars) return;
    const { ladder, endMs } = this.#retained.shift()!;
    this.#letGoUntilMs = endMs;
    ladder.clear();
    this.#spareLadder = ladder;
  }
}

/** Within the range of `Date`. */
function isTime(timeMs: number): boolean {
  return Math.abs(timeMs) <= 8.64e15;
}

function isSize(lots: number): boolean {
  return Number.isSafeInteger(lots) || Number.isNaN(lots);
}

function isId(id: number | string | undefined): boolean {
  return typeof id !== 'number' || Number.isSafeInteger(id);
}

function badTrade(timeMs: number, ticks: number, lots: number, side: Aggressor, id: unknown): FootprintError {
  const [what, value, expected] =
    columnOf(side) === undefined
      ? ['side', side, "'buy', 'sell' or 'unknown'"]
      : !isTime(timeMs)
        ? ['timeMs', timeMs, 'epoch milliseconds']
        : !Number.isSafeInteger(ticks)
          ? ['priceTicks', ticks, 'a whole number of ticks; pass decimals to push']
          : !isSize(lots)
            ? ['sizeLots', lots, 'a whole number of lots; pass decimals to push']
            : ['id', id, 'a safe integer; pass ids beyond 2^53 as strings'];
  return new FootprintError('bad-trade', `Trade ${what} "${String(value)}" is not ${expected}.`, value);
}

function checkSnapshot(snapshot: TimeBarsSnapshot, options: BarSeriesOptions): void {
  if ((snapshot as { v?: unknown } | null)?.v !== 1) {
    const v: unknown = (snapshot as { v?: unknown } | null)?.v;
    throw new FootprintError('bad-snapshot', `Snapshot version "${String(v)}" cannot be read, expected 1.`, v);
  }
  for (const key of ['tickSize', 'lotSize', 'intervalMs', 'rowTicks'] as const) {
    if (snapshot[key] === options[key]) continue;
    throw new FootprintError(
      'bad-snapshot',
      `Snapshot has ${key} "${snapshot[key]}", the options have "${options[key]}". Restore with the options it was made with.`,
      snapshot[key],
    );
  }
}
