/** The open bar, the retained bars and the ids of one tape. */
import { addExact } from '@tapekit/orderflow/exact';
import type { Aggressor, TickTrade } from '@tapekit/orderflow/market';
import type { FootprintBar } from '../footprint-bar.ts';
import { BarBuilder, type BarBuilderJson } from './bar-builder.ts';
import { checkBarJson } from './bar-json-check.ts';
import {
  checkSnapshot,
  countsFromJson,
  countsToJson,
  noCounts,
  optionsToJson,
  type BarSeriesOptions,
  type Counts,
  type TimeBarsSnapshot,
  type TimeBarsStats,
} from './bar-series-state.ts';
import { IdRanges, type IdGap } from './id-ranges.ts';
import { startOf } from './intervals.ts';
import { Ladder, type Column } from './ladder.ts';
import { RetainedBars } from './retained-bars.ts';
import { printOf, type Print } from './print.ts';
import { rowOf } from './rows.ts';
import { checkTime, checkTrade, notRemembered } from './trade-check.ts';

export const NO_BARS: readonly FootprintBar[] = Object.freeze([]);
/** Gaps of the whole tape's ids that are remembered; older ones are counted and forgotten. */
export const MAX_ID_RANGES = 4096;

export class BarSeries {
  readonly #options: BarSeriesOptions;
  readonly #remembers: boolean;
  readonly #counts: Counts;
  readonly #ids: IdRanges;
  #open: BarBuilder | undefined;
  readonly #retained: RetainedBars;
  #closedUntilMs = -Infinity;
  #firstTimeMs = Infinity;
  #lastTimeMs = -Infinity;
  /** Start and close of the newest bar that was emitted. */
  #newestMs = -Infinity;
  #newestClose = 0;

  constructor(options: BarSeriesOptions, snapshot?: TimeBarsSnapshot) {
    this.#options = options;
    this.#remembers = options.corrections;
    if (!snapshot) {
      this.#ids = new IdRanges(MAX_ID_RANGES);
      this.#counts = noCounts();
      this.#retained = new RetainedBars(options);
      return;
    }
    checkSnapshot(snapshot, options);
    this.#counts = countsFromJson(snapshot.counts);
    this.#firstTimeMs = snapshot.counts.firstTimeMs ?? Infinity;
    this.#lastTimeMs = snapshot.counts.lastTimeMs ?? -Infinity;
    this.#closedUntilMs = snapshot.closedUntilMs ?? -Infinity;
    this.#ids = new IdRanges(MAX_ID_RANGES, snapshot.ids);
    const restore = (json: BarBuilderJson): BarBuilder => {
      checkBarJson(json);
      const ladder = Ladder.fromJson(json.rows, options.tradeSizes);
      return new BarBuilder(json.startMs, json.startMs + options.intervalMs, ladder, json);
    };
    if (snapshot.open) this.#open = restore(snapshot.open);
    this.#retained = new RetainedBars(options, snapshot.retained.map(restore), snapshot.letGoUntilMs);
    if (snapshot.newest) [this.#newestMs, this.#newestClose] = snapshot.newest;
  }

  push(
    timeMs: number,
    ticks: number,
    lots: number,
    side: Aggressor,
    id: number | string | undefined,
  ): readonly FootprintBar[] {
    const column = checkTrade(timeMs, ticks, lots, side, id);
    const known = this.#options.dedupe ? id : undefined;
    if (known !== undefined && this.#isDuplicate(known)) return NO_BARS;
    if (!(lots > 0)) {
      this.#counts.ignored += 1;
      if (typeof known === 'number') this.#ids.add(known);
      return NO_BARS;
    }
    const open = this.#open;
    if (open !== undefined && timeMs >= open.startMs && timeMs < open.endMs) {
      this.#take(open, timeMs, ticks, lots, column, known);
      return NO_BARS;
    }
    if (this.#isFuture(timeMs)) {
      this.#counts.future += 1;
      this.#counts.futureLots = addExact(this.#counts.futureLots, lots);
      return NO_BARS;
    }
    return this.#begin(timeMs, ticks, lots, column, known);
  }

  /** The open bar, while its next prints need nothing but {@link BarBuilder.addNext} and {@link noteTurns}. */
  get turns(): BarBuilder | undefined {
    return this.#remembers || !this.#open?.hasOwn ? undefined : this.#open;
  }

  /** The highest numeric id so far, or −∞. */
  get highestId(): number {
    return this.#ids.max;
  }

  /** Hears of prints that {@link turns} was given: how many, the time of the last, and the highest id, none left out. */
  noteTurns(prints: number, timeMs: number, highestId: number): void {
    const bar = this.#open!;
    bar.noteTurns(prints, timeMs);
    this.#counts.trades += prints;
    this.#noteTime(timeMs);
    if (highestId === this.#ids.max) return;
    bar.addIds(this.#ids.max + 1, highestId);
    this.#ids.addRun(this.#ids.max + 1, highestId);
  }

  /** Takes a remembered print out of its bar. */
  cancel(id: number | string): readonly FootprintBar[] {
    const [bar, print] = this.#remembered(id);
    if (!bar) return NO_BARS;
    this.#counts.cancelled += 1;
    return this.#takeOut(bar, print);
  }

  /** Puts another print in the place of a remembered one. */
  correct(
    id: number | string,
    { timeMs, priceTicks, sizeLots, side, id: newId = id }: TickTrade,
  ): readonly FootprintBar[] {
    const column = checkTrade(timeMs, priceTicks, sizeLots, side, newId);
    const [bar, print] = this.#remembered(id);
    if (!bar) return NO_BARS;
    const startMs = this.#startOf(timeMs);
    const staysInBar = startMs === this.#startOf(print.timeMs);
    if (!staysInBar && startMs >= this.#closedUntilMs && this.#isFuture(timeMs)) {
      this.#counts.correctionsRejected += 1;
      return NO_BARS;
    }
    const cameBefore = newId !== id && this.#liveBarWith(newId) !== undefined;
    if (cameBefore || !(sizeLots > 0)) {
      this.#counts.cancelled += 1;
      return this.#takeOut(bar, print);
    }
    this.#counts.corrected += 1;
    if (!staysInBar) {
      const revised = this.#takeOut(bar, print);
      const landed = this.#begin(timeMs, priceTicks, sizeLots, column, newId, true);
      return [...revised, ...landed];
    }
    bar.corrected += 1;
    this.#noteId(bar, newId);
    this.#noteTime(timeMs);
    this.#change(bar, print, { ...print, timeMs, ticks: priceTicks + 0, column, lots: sizeLots, id: newId });
    return this.#revise(bar);
  }

  advanceTo(timeMs: number): readonly FootprintBar[] {
    checkTime(timeMs);
    const startMs = this.#startOf(timeMs);
    if (startMs <= this.#closedUntilMs) return NO_BARS;
    const emitted = this.#closeUntil(startMs);
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

  gaps(): readonly IdGap[] {
    return this.#ids.gaps();
  }

  toJson(): TimeBarsSnapshot {
    return {
      v: 1,
      kind: 'time-bars',
      ...optionsToJson(this.#options),
      ...(this.#closedUntilMs === -Infinity ? {} : { closedUntilMs: this.#closedUntilMs }),
      ...(this.#retained.letGoUntilMs === -Infinity ? {} : { letGoUntilMs: this.#retained.letGoUntilMs }),
      ...(this.#newestMs === -Infinity ? {} : { newest: [this.#newestMs, this.#newestClose] as const }),
      counts: { ...countsToJson(this.#counts), ...this.#times() },
      ids: this.#ids.toJson(),
      ...(this.#open ? { open: this.#open.toJson() } : {}),
      retained: this.#retained.bars.map((bar) => bar.toJson()),
    };
  }

  #startOf(timeMs: number): number {
    return startOf(timeMs, this.#options.intervalMs, this.#options.offsetMs);
  }

  /** One trade of a wrong clock would close the open bar and make every trade after it late. */
  #isFuture(timeMs: number): boolean {
    const nowMs = Math.max(this.#lastTimeMs, this.#closedUntilMs);
    return nowMs !== -Infinity && timeMs - nowMs > this.#options.maxJumpMs;
  }

  #times(): Pick<TimeBarsStats, 'firstTimeMs' | 'lastTimeMs'> {
    return this.#firstTimeMs === Infinity ? {} : { firstTimeMs: this.#firstTimeMs, lastTimeMs: this.#lastTimeMs };
  }

  #noteTime(timeMs: number): void {
    if (timeMs < this.#firstTimeMs) this.#firstTimeMs = timeMs;
    if (timeMs > this.#lastTimeMs) this.#lastTimeMs = timeMs;
  }

  #isDuplicate(id: number | string): boolean {
    if (typeof id === 'number' && id > this.#ids.max) return false;
    const bar = this.#liveBarWith(id);
    if (!bar) return false;
    bar.duplicates += 1;
    this.#counts.duplicates += 1;
    return true;
  }

  /**
   * A duplicate has its original's trade time, so it belongs to the same bar: the ids of the bars that are there tell
   * duplicates from late trades, however far back the id lies.
   */
  #liveBarWith(id: number | string): BarBuilder | undefined {
    return this.#open?.hasId(id) ? this.#open : this.#retained.withId(id);
  }

  #take(
    bar: BarBuilder,
    timeMs: number,
    ticks: number,
    lots: number,
    column: Column,
    id: number | string | undefined,
    arrival: 'on-time' | 'late' | 'moved' = 'on-time',
  ): void {
    const row = rowOf(ticks, this.#options.rowTicks, this.#options.rowRule);
    if (arrival === 'on-time') bar.add(timeMs, ticks + 0, row, column, lots);
    else bar.addLate(timeMs, ticks + 0, row, column, lots, arrival === 'moved');
    this.#counts.trades += 1;
    this.#noteTime(timeMs);
    if (id !== undefined) this.#noteId(bar, id);
    if (this.#remembers) bar.remember(printOf(timeMs, ticks, lots, column, id, arrival));
  }

  #noteId(bar: BarBuilder, id: number | string): void {
    bar.addId(id);
    if (typeof id === 'number') this.#ids.add(id);
  }

  /** Takes a print that is not of the open bar: the first one of the next bar, or a late one. */
  #begin(
    timeMs: number,
    ticks: number,
    lots: number,
    column: Column,
    id: number | string | undefined,
    isCorrection = false,
  ): readonly FootprintBar[] {
    const startMs = this.#startOf(timeMs);
    if (startMs < this.#closedUntilMs) return this.#pushLate(startMs, timeMs, ticks, lots, column, id, isCorrection);
    let bar = this.#open;
    let emitted = NO_BARS;
    if (!bar || bar.startMs !== startMs) {
      emitted = this.#closeUntil(startMs);
      this.#open = bar = this.#retained.begin(startMs);
      this.#closedUntilMs = startMs;
    }
    this.#take(bar, timeMs, ticks, lots, column, id);
    return emitted;
  }

  #pushLate(
    startMs: number,
    timeMs: number,
    ticks: number,
    lots: number,
    column: Column,
    id: number | string | undefined,
    isCorrection: boolean,
  ): readonly FootprintBar[] {
    const { late } = this.#options;
    const bar = late === 'revise' ? this.#retained.at(startMs) : undefined;
    if (bar) {
      this.#counts.late += 1;
      this.#take(bar, timeMs, ticks, lots, column, id, 'late');
      return this.#revise(bar);
    }
    // The ids of a bar that is gone are known by the tape's ranges only: seen before means sent again, not lost.
    if (!isCorrection && typeof id === 'number' && this.#ids.has(id)) {
      this.#counts.duplicates += 1;
      return NO_BARS;
    }
    this.#counts.late += 1;
    if (late === 'next-bar') {
      this.#counts.lateMoved += 1;
      this.#open ??= this.#retained.begin(this.#closedUntilMs);
      this.#take(this.#open, timeMs, ticks, lots, column, id, 'moved');
      return NO_BARS;
    }
    this.#counts.lateRejected += 1;
    this.#counts.lateRejectedLots = addExact(this.#counts.lateRejectedLots, lots);
    if (typeof id === 'number') this.#ids.add(id);
    return NO_BARS;
  }

  #remembered(id: number | string): readonly [BarBuilder, Print] | readonly [undefined, undefined] {
    if (!this.#remembers) throw notRemembered(id);
    const bar = this.#liveBarWith(id);
    const print = bar?.printOf(id);
    if (bar && print) return [bar, print];
    this.#counts.correctionsRejected += 1;
    return [undefined, undefined];
  }

  #takeOut(bar: BarBuilder, print: Print): readonly FootprintBar[] {
    this.#counts.trades -= 1;
    bar.cancelled += 1;
    this.#change(bar, print, undefined);
    return this.#revise(bar);
  }

  #change(bar: BarBuilder, print: Print, by: Print | undefined): void {
    bar.change(print, by, this.#options.rowTicks, this.#options.rowRule);
  }

  /** Closes the open bar, and where they are wanted gives the bars without trades from there to `startMs`. */
  #closeUntil(startMs: number): readonly FootprintBar[] {
    const { emptyBars, maxFlatBars, intervalMs } = this.#options;
    let fromMs = this.#open?.endMs ?? this.#closedUntilMs;
    const closed = this.#closeOpen();
    const bars = (startMs - fromMs) / intervalMs;
    if (emptyBars !== 'flat' || this.#newestMs === -Infinity || !(bars > 0 && bars <= maxFlatBars)) return closed;
    const emitted = [...closed];
    for (; fromMs < startMs; fromMs += intervalMs) {
      const bar = this.#retained.begin(fromMs);
      bar.flatten(this.#newestClose);
      emitted.push(this.#publish(bar));
      this.#retained.add(bar);
    }
    return emitted;
  }

  #closeOpen(): readonly FootprintBar[] {
    const bar = this.#open;
    if (!bar) return NO_BARS;
    this.#open = undefined;
    // Every trade of it may have been cancelled.
    const isFlat = bar.trades === 0;
    if (isFlat) bar.flatten(this.#newestClose);
    const isWanted = !isFlat || (this.#options.emptyBars === 'flat' && this.#newestMs !== -Infinity);
    const emitted = isWanted ? [this.#publish(bar)] : NO_BARS;
    this.#retained.add(bar);
    return emitted;
  }

  /** Emits a closed bar again that was changed, and the bars without trades behind it whose price was its close. */
  #revise(bar: BarBuilder): readonly FootprintBar[] {
    if (bar === this.#open) return NO_BARS;
    const { bars } = this.#retained;
    let i = bars.indexOf(bar);
    if (bar.trades === 0) {
      // A bar that lost its prints before it was published is not part of the series.
      const before = bars.slice(0, i).findLast(({ published }) => published > 0);
      if (before) bar.flatten(before.closeTicks);
    }
    const emitted = [this.#publish(bar)];
    if (this.#options.emptyBars !== 'flat') return emitted;
    for (let next = bars[++i]; next?.trades === 0; next = bars[++i]) {
      if (next.published === 0) continue;
      if (next.closeTicks === bar.closeTicks) break;
      next.flatten(bar.closeTicks);
      emitted.push(this.#publish(next));
    }
    return emitted;
  }

  #publish(bar: BarBuilder): FootprintBar {
    if (bar.published > 0) this.#counts.revisions += 1;
    else {
      this.#counts.barsClosed += 1;
      if (bar.trades === 0) this.#counts.flatBars += 1;
    }
    if (bar.startMs >= this.#newestMs) {
      this.#newestMs = bar.startMs;
      this.#newestClose = bar.closeTicks;
    }
    return bar.publish(this.#options);
  }
}
