/** Runs a clock over a tape: which print goes to which bar, what is left out, and what is counted. */
import { addExact, exactFromJson, exactToJson, type ExactInt, type ExactIntJson } from '@tapekit/orderflow/exact';
import type { Aggressor } from '@tapekit/orderflow/market';
import { FootprintError } from '../errors.ts';
import type { BarForm } from './bar-builder.ts';
import { areCounts } from './bar-json-check.ts';
import type { BarClock, BarPart, BarPlan, BarsSoFar, ClockStep, OpenBar } from './clocks/clock.ts';
import { EventBarBuilder, type EventBar, type EventBarBuilderJson } from './event-bar-builder.ts';
import type { Column } from './ladder.ts';
import { RecentIds, type RecentIdsJson } from './recent-ids.ts';
import { rowOf, type RowRule } from './rows.ts';
import { requireSameOptions } from './snapshot-checks.ts';
import { checkTime, checkTrade } from './trade-check.ts';

/** What an {@link EventBarSeries} needs to know, every option set and checked. */
export interface EventBarSeriesOptions extends BarForm {
  readonly tickSize: string;
  readonly lotSize: string;
  readonly rowRule: RowRule;
  readonly dedupe: boolean;
  readonly clock: BarClock;
}

/** What became of the trades. Pushed = `trades` + `duplicates` + `ignored` + `lateRejected` + `outside` + `future`. */
export interface BarsStats {
  /** Prints that are in bars, each counted once. */
  readonly trades: number;
  /** Of these, prints that lie in more than one bar. */
  readonly splitTrades: number;
  /** Of these, prints whose time is before that of one that came earlier. They are where they came. */
  readonly outOfOrder: number;
  /** Prints whose id was seen before. */
  readonly duplicates: number;
  /** Prints without volume: size 0, below 0 or NaN. */
  readonly ignored: number;
  /** Prints of an interval that was closed: taken into a later bar, or rejected. Session clocks only. */
  readonly late: number;
  /** Of these, the rejected ones. */
  readonly lateRejected: number;
  /** Volume of the rejected ones, in lots. */
  readonly lateRejectedLots: ExactInt;
  /** Prints outside of the sessions; in no bar. */
  readonly outside: number;
  /** Volume of the prints in `outside`, in lots. */
  readonly outsideLots: ExactInt;
  /** Prints more than `maxJumpMs` ahead of all before them; in no bar. */
  readonly future: number;
  /** Volume of the prints in `future`, in lots. */
  readonly futureLots: ExactInt;
  /** Bars emitted. */
  readonly barsClosed: number;
  /** Of these, bars without a print: phantoms, bricks of a jump, empty intervals. */
  readonly emptyBars: number;
  /** Earliest time of a print in a bar, epoch milliseconds UTC. */
  readonly firstTimeMs?: number;
  /** Latest time of a print in a bar, epoch milliseconds UTC. */
  readonly lastTimeMs?: number;
}

type Counts = { -readonly [K in keyof Omit<BarsStats, 'firstTimeMs' | 'lastTimeMs'>]: BarsStats[K] };
type Lots = 'lateRejectedLots' | 'outsideLots' | 'futureLots';

/** The state of `createBars` as plain JSON, version 1. */
export interface BarsSnapshot {
  readonly v: 1;
  readonly kind: 'event-bars';
  readonly tickSize: string;
  readonly lotSize: string;
  readonly rowTicks: number;
  readonly rowRule: RowRule;
  readonly clock: {
    readonly kind: string;
    readonly options: Readonly<Record<string, string | number | boolean>>;
    /** What the clock remembers. */
    readonly state: unknown;
  };
  /** Absent between two bars. */
  readonly open?: EventBarBuilderJson;
  /** Price of the last print; absent before the first. */
  readonly closeTicks?: number;
  /** Absent before the first print. */
  readonly times?: readonly [firstMs: number, lastMs: number];
  readonly counts: Omit<Counts, Lots> & Readonly<Record<Lots, ExactIntJson>>;
  readonly ids: RecentIdsJson;
}

const NO_BARS: readonly EventBar[] = [];

export class EventBarSeries {
  readonly #options: EventBarSeriesOptions;
  readonly #bar: EventBarBuilder;
  readonly #ids: RecentIds;
  readonly #counts: Counts;
  readonly #soFar: { -readonly [K in keyof BarsSoFar]: BarsSoFar[K] };
  #state: unknown;
  #firstMs = Infinity;

  constructor(options: EventBarSeriesOptions, snapshot?: BarsSnapshot) {
    this.#options = options;
    if (snapshot !== undefined) checkSnapshot(snapshot, options);
    if (snapshot && (!isState(options.clock, snapshot.clock.state) || !areCounts(snapshot.counts))) {
      throw new TypeError('a state that no bars have');
    }
    this.#bar = new EventBarBuilder(snapshot?.open);
    this.#ids = new RecentIds(snapshot?.ids);
    this.#counts = snapshot ? countsFromJson(snapshot.counts) : noCounts();
    this.#state = snapshot ? copy(snapshot.clock.state) : options.clock.start;
    const [firstMs, latestMs] = snapshot?.times ?? [Infinity, undefined];
    this.#firstMs = firstMs;
    this.#soFar = { open: this.#openBar(), closeTicks: snapshot?.closeTicks, latestMs };
  }

  push(
    timeMs: number,
    ticks: number,
    lots: number,
    side: Aggressor,
    id: number | string | undefined,
  ): readonly EventBar[] {
    const column = checkTrade(timeMs, ticks, lots, side, id);
    const known = this.#options.dedupe ? id : undefined;
    if (known !== undefined && this.#ids.has(known)) {
      this.#counts.duplicates += 1;
      return NO_BARS;
    }
    if (!(lots > 0)) {
      this.#counts.ignored += 1;
      return NO_BARS;
    }
    const print = { timeMs, priceTicks: ticks + 0, sizeLots: lots, side };
    const step = this.#options.clock.step(this.#state, print, this.#soFar);
    checkStep(step, lots, this.#options.clock.kind);
    this.#state = step.state;
    if (known !== undefined) this.#ids.add(known);
    return this.#take(step, timeMs, ticks + 0, lots, column);
  }

  advanceTo(timeMs: number): readonly EventBar[] {
    checkTime(timeMs);
    const step = this.#options.clock.advance?.(this.#state, timeMs, this.#soFar);
    if (!step) return NO_BARS;
    const parts = typeof step.plan === 'string' ? [] : step.plan;
    checkParts(parts, 0, this.#options.clock.kind);
    this.#state = step.state;
    return this.#share(parts, timeMs, 0, 0, 0);
  }

  flush(): readonly EventBar[] {
    return this.#bar.isOpen ? [this.#close(false)] : NO_BARS;
  }

  stats(): BarsStats {
    const { latestMs } = this.#soFar;
    return {
      ...this.#counts,
      ...(latestMs === undefined ? {} : { firstTimeMs: this.#firstMs, lastTimeMs: latestMs }),
    };
  }

  toJson(): BarsSnapshot {
    const { tickSize, lotSize, rowTicks, rowRule, clock } = this.#options;
    const { closeTicks, latestMs } = this.#soFar;
    return {
      ...({ v: 1, kind: 'event-bars', tickSize, lotSize, rowTicks, rowRule } as const),
      clock: { kind: clock.kind, options: { ...clock.options }, state: copy(this.#state) },
      ...(this.#bar.isOpen ? { open: this.#bar.toJson() } : {}),
      ...(closeTicks === undefined ? {} : { closeTicks }),
      ...(latestMs === undefined ? {} : { times: [this.#firstMs, latestMs] as const }),
      counts: countsToJson(this.#counts),
      ids: this.#ids.toJson(),
    };
  }

  #take(
    { plan, isLate }: ClockStep<unknown>,
    timeMs: number,
    ticks: number,
    lots: number,
    column: Column,
  ): readonly EventBar[] {
    if (plan === 'late' || plan === 'outside' || plan === 'future') {
      this.#leaveOut(plan, lots);
      return NO_BARS;
    }
    const counts = this.#counts;
    const latestMs = this.#soFar.latestMs ?? timeMs;
    counts.trades += 1;
    if (isLate) counts.late += 1;
    if (timeMs < latestMs) counts.outOfOrder += 1;
    if (timeMs < this.#firstMs) this.#firstMs = timeMs;
    this.#soFar.latestMs = timeMs > latestMs ? timeMs : latestMs;
    this.#soFar.closeTicks = ticks;
    if (typeof plan !== 'string') return this.#share(plan, timeMs, ticks, lots, column);

    if (!this.#bar.isOpen) this.#begin(timeMs);
    this.#bar.add(timeMs, ticks, this.#rowOf(ticks), column, lots, false);
    return plan === 'close' ? [this.#close(true)] : NO_BARS;
  }

  #share(parts: readonly BarPart[], timeMs: number, ticks: number, lots: number, column: Column): readonly EventBar[] {
    const emitted: EventBar[] = [];
    const row = this.#rowOf(ticks);
    let given = 0;
    for (const part of parts) {
      if (!this.#bar.isOpen) this.#begin(part.startMs ?? timeMs, part.endMs);
      if (part.openTicks !== undefined) this.#bar.setOpen(part.openTicks);
      if (part.lots > 0) this.#bar.add(timeMs, ticks, row, column, part.lots, given > 0);
      if (part.closeTicks !== undefined) this.#bar.setClose(part.closeTicks);
      if (given > 0 && part.lots > 0 && given + part.lots === lots) this.#counts.splitTrades += 1;
      given += part.lots;
      if (part.closes) emitted.push(this.#close(true));
    }
    return emitted;
  }

  #leaveOut(plan: BarPlan & ('late' | 'outside' | 'future'), lots: number): void {
    const counts = this.#counts;
    if (plan === 'late') {
      counts.late += 1;
      counts.lateRejected += 1;
      counts.lateRejectedLots = addExact(counts.lateRejectedLots, lots);
    } else if (plan === 'outside') {
      counts.outside += 1;
      counts.outsideLots = addExact(counts.outsideLots, lots);
    } else {
      counts.future += 1;
      counts.futureLots = addExact(counts.futureLots, lots);
    }
  }

  #begin(startMs: number, endMs?: number): void {
    if (endMs === undefined) this.#bar.begin(startMs);
    else this.#bar.beginSpan(startMs, endMs);
    this.#soFar.open = this.#bar;
  }

  #close(complete: boolean): EventBar {
    const bar = this.#bar.close(this.#options, complete);
    this.#soFar.open = undefined;
    this.#counts.barsClosed += 1;
    if (bar.trades === 0) this.#counts.emptyBars += 1;
    return bar;
  }

  #openBar(): OpenBar | undefined {
    return this.#bar.isOpen ? this.#bar : undefined;
  }

  #rowOf(ticks: number): number {
    return rowOf(ticks, this.#options.rowTicks, this.#options.rowRule);
  }
}

function noCounts(): Counts {
  return {
    trades: 0,
    splitTrades: 0,
    outOfOrder: 0,
    duplicates: 0,
    ignored: 0,
    late: 0,
    lateRejected: 0,
    lateRejectedLots: 0,
    outside: 0,
    outsideLots: 0,
    future: 0,
    futureLots: 0,
    barsClosed: 0,
    emptyBars: 0,
  };
}

function countsToJson(counts: Counts): BarsSnapshot['counts'] {
  return {
    ...counts,
    lateRejectedLots: exactToJson(counts.lateRejectedLots),
    outsideLots: exactToJson(counts.outsideLots),
    futureLots: exactToJson(counts.futureLots),
  };
}

function countsFromJson(json: BarsSnapshot['counts']): Counts {
  return {
    ...json,
    lateRejectedLots: exactFromJson(json.lateRejectedLots),
    outsideLots: exactFromJson(json.outsideLots),
    futureLots: exactFromJson(json.futureLots),
  };
}

function isState(clock: BarClock, state: unknown): boolean {
  if (clock.isState) return clock.isState(state);
  return clock.start !== null || state === null;
}

/** Conservation does not rest on the clock: what it gives out must be what came in. */
function checkParts(parts: readonly BarPart[], lots: number, kind: string): void {
  let sum = 0;
  let isWhole = Array.isArray(parts);
  for (const part of isWhole ? (parts as readonly (BarPart | null)[]) : []) {
    isWhole &&= isPart(part);
    sum += part?.lots ?? NaN;
  }
  if (isWhole && sum === lots) return;
  throw new FootprintError(
    'bad-option',
    `clock "${kind}" shares a print of ${lots} lots out as ${sum}. Give parts of whole lots and ticks that add up to the print.`,
    sum,
  );
}

function checkSnapshot(
  snapshot: BarsSnapshot,
  { tickSize, lotSize, rowTicks, rowRule, clock }: EventBarSeriesOptions,
): void {
  const made = { tickSize, lotSize, rowTicks, rowRule, clock: keyOf(clock) };
  const stored = { ...snapshot, clock: keyOf(snapshot.clock) };
  requireSameOptions(stored, made, ['tickSize', 'lotSize', 'rowTicks', 'rowRule', 'clock']);
}

function keyOf({ kind, options }: Pick<BarClock, 'kind' | 'options'>): string {
  const names = Object.keys(options).sort();
  return [kind, ...names.map((name) => `${name}=${options[name]!}`)].join(' ');
}

function copy(state: unknown): unknown {
  return JSON.parse(JSON.stringify(state)) as unknown;
}

const WORDS: ReadonlySet<unknown> = new Set<BarPlan>(['keep', 'close', 'late', 'outside', 'future']);

/** A clock of one's own may give anything. */
function checkStep(step: ClockStep<unknown> | undefined, lots: number, kind: string): void {
  const plan = step?.plan;
  if (typeof plan === 'object') checkParts(plan, lots, kind);
  else if (!WORDS.has(plan)) {
    const words = [...WORDS].map((word) => `'${String(word)}'`).join(', ');
    throw new FootprintError(
      'bad-option',
      `clock "${kind}" gives the plan "${plan}", expected ${words} or parts.`,
      plan,
    );
  }
}

function isPart(part: BarPart | null): part is BarPart {
  if (typeof part !== 'object' || part === null) return false;
  const { lots, openTicks = 0, closeTicks = 0, startMs, endMs } = part;
  const hasSpan = startMs !== undefined || endMs !== undefined;
  return (
    Number.isSafeInteger(lots) &&
    lots >= 0 &&
    Number.isSafeInteger(openTicks) &&
    Number.isSafeInteger(closeTicks) &&
    (!hasSpan || (Number.isFinite(startMs) && Number.isFinite(endMs) && startMs! < endMs!))
  );
}
