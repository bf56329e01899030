/** The bars of blocks that come in order: the engine, and what of a tape's state it does not know. */
import type { NumberColumn } from '@tapekit/orderflow/columns';
import { addExact, exactFromJson, exactToJson, multiplyExact, subtractExact } from '@tapekit/orderflow/exact';
import type { FootprintColumns } from '../../footprint-columns.ts';
import type { BarBuilderJson } from '../bar-builder.ts';
import { countsFromJson, countsToJson, noCounts, optionsToJson } from '../bar-series-state.ts';
import type { BarSeriesOptions, Counts, TimeBarsSnapshot } from '../bar-series-state.ts';
import { MAX_ID_RANGES } from '../bar-series.ts';
import { ColumnOutputs } from '../columns-builder.ts';
import { ColumnsEngine, type OpenBar } from '../columns-engine.ts';
import { leaps } from '../columns-door.ts';
import { IdRanges } from '../id-ranges.ts';
import { startOf } from '../intervals.ts';
import type { CheckedTrades } from '../kernel-trades.ts';
import { areNewIds, planBlock, type BlockPlan } from './block-plan.ts';
import { fillLadder, sumsOf } from './ladder-rows.ts';

/** Prices that the ladder's loops are compiled for. */
const isInt32 = (ticks: number): boolean => ticks === (ticks | 0);

export class FastBars {
  readonly #options: BarSeriesOptions;
  readonly #outputs = new ColumnOutputs();
  readonly #engine: ColumnsEngine;
  #counts: Counts = noCounts();
  #ids = new IdRanges(MAX_ID_RANGES);
  #closedUntilMs = -Infinity;
  #letGoUntilMs = -Infinity;
  #firstTimeMs = Infinity;
  #lastTimeMs = -Infinity;
  #newest: TimeBarsSnapshot['newest'];

  // Of the open bar.
  #openTimeMs = 0;
  #openLots = 0;
  #openIds = new IdRanges();
  #integrity: BarBuilderJson['integrity'];
  /** Its value less that of the ladder: a restored ladder has its volume at the lower edges of the rows. */
  #valueShift = 0;

  constructor(options: BarSeriesOptions) {
    this.#options = options;
    this.#engine = new ColumnsEngine(options, this.#outputs);
  }

  /** Goes on from a state of `createTimeBars`; false when its open bar does not fit, and the state is of no use then. */
  load(snapshot: TimeBarsSnapshot): boolean {
    const { counts, open } = snapshot;
    this.#counts = countsFromJson(counts);
    this.#ids = new IdRanges(MAX_ID_RANGES, snapshot.ids);
    this.#closedUntilMs = snapshot.closedUntilMs ?? -Infinity;
    this.#letGoUntilMs = snapshot.letGoUntilMs ?? -Infinity;
    this.#firstTimeMs = counts.firstTimeMs ?? Infinity;
    this.#lastTimeMs = counts.lastTimeMs ?? -Infinity;
    this.#newest = snapshot.newest;
    this.#valueShift = 0;
    return open ? this.#loadOpen(open) : this.#engine.resume(undefined);
  }

  #loadOpen(open: BarBuilderJson): boolean {
    const { rowTicks } = this.#options;
    const [openTicks, highTicks, lowTicks, closeTicks] = open.ohlc;
    const [minDelta, maxDelta] = [exactFromJson(open.minDelta), exactFromJson(open.maxDelta)];
    const [buy, sell, unknown] = [exactFromJson(open.buy), exactFromJson(open.sell), exactFromJson(open.unknown)];
    const lots = addExact(addExact(buy, sell), unknown);
    const delta = [subtractExact(buy, sell), minDelta, maxDelta];
    if (typeof lots !== 'number' || !Number.isSafeInteger(lots * (highTicks - lowTicks + 1))) return false;
    if (!isInt32(lowTicks) || !isInt32(highTicks) || !areNumbers(delta)) return false;
    const { startMs, trades } = open;
    if (!this.#engine.resume({ startMs, trades, openTicks, closeTicks, lowTicks, highTicks, delta })) return false;
    const bar = this.#engine.openBar;
    if (!bar || !fillLadder(bar, open, rowTicks)) {
      this.#engine.resume(undefined);
      return false;
    }
    const valueAboveLow = subtractExact(exactFromJson(open.value), multiplyExact(lowTicks, lots));
    this.#valueShift = Number(valueAboveLow) - sumsOf(bar, rowTicks).valueAboveLow;
    this.#openTimeMs = open.times[0];
    this.#openLots = lots;
    this.#openIds = new IdRanges(Infinity, { ranges: open.ids });
    this.#integrity = open.integrity;
    return true;
  }

  /** What the block will do; `undefined` when it needs the rules of `createTimeBars`. */
  plan(checked: CheckedTrades, ids: NumberColumn | undefined): BlockPlan | undefined {
    const { intervalMs, maxJumpMs } = this.#options;
    const { timeMs } = checked.trades;
    const nowMs = Math.max(this.#lastTimeMs, this.#closedUntilMs);
    if (timeMs[0]! < nowMs) return undefined;
    if ((nowMs !== -Infinity && timeMs[0]! - nowMs > maxJumpMs) || leaps(timeMs, maxJumpMs)) return undefined;
    if (ids && !areNewIds(ids, this.#ids.max)) return undefined;
    const bar = this.#engine.openBar;
    return planBlock(checked, intervalMs, bar && { ...bar, endMs: bar.startMs + intervalMs, lots: this.#openLots });
  }

  /** Takes a block, as planned. */
  push(
    checked: CheckedTrades,
    ids: NumberColumn | undefined,
    { firstPrint, lots }: BlockPlan,
  ): FootprintColumns | undefined {
    const { timeMs } = checked.trades;
    sure(this.#engine.push(checked));
    this.#counts.trades += checked.rows;
    this.#firstTimeMs = Math.min(this.#firstTimeMs, timeMs[0]!);
    this.#lastTimeMs = timeMs[checked.rows - 1]!;
    this.#openLots = lots;
    if (firstPrint >= 0) {
      this.#openTimeMs = timeMs[firstPrint]!;
      this.#openIds = new IdRanges();
      this.#integrity = undefined;
      this.#closedUntilMs = this.#engine.openBar!.startMs;
    }
    if (ids) {
      for (let i = 0; i < ids.length; i += 1) this.#ids.add(ids[i]!);
      for (let i = Math.max(0, firstPrint); i < ids.length; i += 1) this.#openIds.add(ids[i]!);
    }
    return this.#drain();
  }

  advanceTo(timeMs: number): FootprintColumns | undefined {
    const startMs = startOf(timeMs, this.#options.intervalMs, 0);
    if (startMs <= this.#closedUntilMs) return undefined;
    sure(this.#engine.close());
    this.#closedUntilMs = startMs;
    return this.#drain();
  }

  flush(): FootprintColumns | undefined {
    const bar = this.#engine.openBar;
    return bar && this.advanceTo(bar.startMs + this.#options.intervalMs);
  }

  stats(): Counts & { idGaps: number; firstTimeMs?: number; lastTimeMs?: number } {
    return { ...this.#counts, idGaps: this.#ids.missing, ...this.#times() };
  }

  /** The state as `createTimeBars` would have it. */
  toJson(): TimeBarsSnapshot {
    const bar = this.#engine.openBar;
    return {
      v: 1,
      kind: 'time-bars',
      ...optionsToJson(this.#options),
      ...(this.#closedUntilMs === -Infinity ? {} : { closedUntilMs: this.#closedUntilMs }),
      ...(this.#letGoUntilMs === -Infinity ? {} : { letGoUntilMs: this.#letGoUntilMs }),
      ...(this.#newest ? { newest: this.#newest } : {}),
      counts: { ...countsToJson(this.#counts), ...this.#times() },
      ids: this.#ids.toJson(),
      ...(bar ? { open: this.#openToJson(bar) } : {}),
      retained: [],
    };
  }

  #times(): Pick<TimeBarsSnapshot['counts'], 'firstTimeMs' | 'lastTimeMs'> {
    return this.#firstTimeMs === Infinity ? {} : { firstTimeMs: this.#firstTimeMs, lastTimeMs: this.#lastTimeMs };
  }

  #openToJson(bar: OpenBar): BarBuilderJson {
    const { rows, buy, sell, unknown, valueAboveLow } = sumsOf(bar, this.#options.rowTicks);
    const value = addExact(valueAboveLow + this.#valueShift, multiplyExact(bar.lowTicks, this.#openLots));
    return {
      startMs: bar.startMs,
      published: 0,
      trades: bar.trades,
      buy,
      sell,
      unknown,
      minDelta: bar.delta[1]!,
      maxDelta: bar.delta[2]!,
      value: exactToJson(value),
      ohlc: [bar.openTicks, bar.highTicks, bar.lowTicks, bar.closeTicks],
      times: [this.#openTimeMs, this.#lastTimeMs],
      ids: this.#openIds.toJson().ranges,
      names: [],
      rows,
      ...(this.#integrity ? { integrity: this.#integrity } : {}),
    };
  }

  /** The bars that the engine wrote; `undefined` for none. */
  #drain(): FootprintColumns | undefined {
    const { bars } = this.#outputs;
    if (bars === 0) return undefined;
    const columns = this.#outputs.take();
    // A bar that was open at a restore is the first one to close.
    columns.valueAboveLowTickLots[0]! += this.#valueShift;
    this.#valueShift = 0;
    const { intervalMs, rowTicks } = this.#options;
    const startMs = columns.startMs[bars - 1]!;
    this.#newest = [startMs, columns.closeTicks[bars - 1]!];
    this.#letGoUntilMs = startMs + intervalMs;
    this.#counts.barsClosed += bars;
    return { ...columns, bars, intervalMs, rowTicks };
  }
}

function areNumbers(values: readonly (number | bigint)[]): values is readonly number[] {
  return values.every((value) => typeof value === 'number');
}

/** The plan said so. */
function sure(isDone: boolean): void {
  if (!isDone) throw new Error('A bar that was planned did not fit the engine.');
}
