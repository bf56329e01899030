/** Absorption: the price fails to move against the flow, because resting orders take all of it. */
import { sideCode } from './columns.ts';
import type { TradeColumns } from './columns.ts';
import { addExact, exactFromJson, exactToJson, multiplyExact, subtractExact } from './exact.ts';
import type { ExactInt, ExactIntJson } from './exact.ts';
import type { Side, TickTrade } from './market.ts';
import { absorptionOptions } from './internal/tape/absorption-options.ts';
import type { AbsorptionOptions } from './internal/tape/absorption-options.ts';
import { requireSide, requireTrade, printOf } from './internal/shared/checks.ts';
import { createPrintQueue, printRowsShape } from './internal/tape/print-queue.ts';
import type { PrintRow } from './internal/tape/print-queue.ts';
import { decimalFraction, timesMean } from './internal/numbers/decimal-fraction.ts';
import { absExact, balanceOf } from './internal/numbers/ratio.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { eventsOf } from './internal/shared/column-rows.ts';
import {
  amount,
  count,
  counts,
  exactCount,
  fields,
  finite,
  oneOf,
  orNull,
  where,
  whole,
} from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';
import { createWindowBaseline, windowBaselineShape } from './internal/tape/window-baseline.ts';
import type { WindowBaselineJson } from './internal/tape/window-baseline.ts';

export {
  absorptionLotsPerTick,
  absorptionLotsPerTickExact,
  absorptionSeed,
  absorptionSeedExact,
} from './internal/tape/absorption-measures.ts';
export type { AbsorptionRange, AbsorptionWindow } from './internal/tape/absorption-measures.ts';
export { absorptionDefaults, absorptionMaxTicks } from './internal/tape/absorption-options.ts';
export type { AbsorptionOptions, AbsorptionThreshold } from './internal/tape/absorption-options.ts';
export type { PrintRow } from './internal/tape/print-queue.ts';
export type { WindowBaselineJson } from './internal/tape/window-baseline.ts';

/**
 * Why an absorption was over: the flow dried up (its prints left the window), aggressors of the other side opposed it, or
 * the stream was flushed.
 */
export type AbsorptionEnd = 'dried' | 'opposed' | 'flush';

/** One absorption. */
export interface AbsorptionEvent {
  /** The aggressors whose flow was absorbed. */
  readonly absorbedSide: Side;
  /** The resting orders that absorbed it: the ask absorbs buys, the bid sells. */
  readonly byRestingSide: 'ask' | 'bid';
  /** Time of the first print, of the print with which the flow was enough, and of the last, epoch milliseconds UTC. */
  readonly startMs: number;
  readonly detectedMs: number;
  readonly endMs: number;
  /** Volume by known aggressors, in lots. */
  readonly lots: ExactInt;
  /** Bought − sold, in lots: above 0 when buys were absorbed. */
  readonly deltaLots: ExactInt;
  /** Volume whose aggressor is unknown, in lots. */
  readonly unknownLots: ExactInt;
  /** Number of prints. */
  readonly trades: number;
  /** First and last price, in ticks. */
  readonly fromTicks: number;
  readonly toTicks: number;
  /** `toTicks − fromTicks`; against the flow when the failed push was rejected. */
  readonly priceMoveTicks: ExactInt;
  /** Net flow that it took, in lots. */
  readonly thresholdLots: number;
  /** `(|deltaLots| ÷ thresholdLots) ÷ (1 + |priceMoveTicks|)`: 1 is just enough flow without any move. */
  readonly score: number;
  readonly ended: AbsorptionEnd;
}

/** What became of the prints, since the start. */
export interface AbsorptionCounts {
  /** Prints taken in. */
  readonly trades: number;
  /** Prints earlier than one before them; left out, since the path of the price is what counts. */
  readonly lateTrades: number;
  /** Prints that left the window before their time, because it held `maxTrades`. */
  readonly overflowedTrades: number;
  /** Prints of no size; left out, as nothing was traded. */
  readonly zeroTrades: number;
  /** Candidates that the price broke through: no absorption. */
  readonly broken: number;
}

/** A running detector. Made by {@link createAbsorption}. */
export interface Absorption {
  /**
   * Takes a print and gives the absorption that it shows to be over, where it does.
   * @throws {@link OrderflowError} `bad-trade` for a price or size off the grid, a negative size or no time; the state is
   *   as before.
   */
  push(trade: Pick<TickTrade, 'priceTicks' | 'sizeLots' | 'side' | 'timeMs'>): AbsorptionEvent | undefined;
  /** Ends the stream: gives the open candidate, which the price has not broken so far, and empties the window. */
  flush(): AbsorptionEvent | undefined;
  counts(): AbsorptionCounts;
  /** The state as plain JSON. */
  snapshot(): AbsorptionSnapshot;
}

interface Candidate {
  side: Side;
  startMs: number;
  detectedMs: number;
  endMs: number;
  buyLots: ExactInt;
  sellLots: ExactInt;
  unknownLots: ExactInt;
  trades: number;
  fromTicks: number;
  toTicks: number;
  thresholdLots: number;
}
type LotsField = 'buyLots' | 'sellLots' | 'unknownLots';

/** The state of an {@link Absorption}. */
export interface AbsorptionSnapshot {
  readonly v: 1;
  readonly kind: 'absorption';
  readonly options: Required<AbsorptionOptions>;
  readonly latestMs: number | null;
  readonly prints: readonly PrintRow[];
  readonly baseline: WindowBaselineJson | null;
  readonly candidate: (Omit<Candidate, LotsField> & Record<LotsField, ExactIntJson>) | null;
  readonly counts: AbsorptionCounts;
}

/**
 * A detector of absorption over the prints of the last `windowMs`.
 *
 * A candidate opens when the window's net aggressive volume reaches the threshold, is one-sided enough (`minShare`), and
 * the price has advanced by less than `maxTicks` in its direction since the window's first print. Advance is
 * `price − first` for buys and `first − price` for sells; a move against the flow is none. Then:
 * - when the prints that are still in the window at the time of the next print are below the threshold, the flow has
 *   dried up and the absorption is given, whatever the next print does;
 * - else a print that advances by `maxTicks` or more breaks it, even one that takes the flow below the threshold itself:
 *   it was no absorption, and is counted;
 * - else, when with this print the net flow of the window, or of the candidate as a whole, is below the threshold, the
 *   push was opposed and the absorption is given, with the prints before.
 *
 * So it is given after the fact, once, and never revised; each print is part of one absorption at most. A threshold of
 * `timesMean` compares with past windows that end before the sliding window starts; there is none in warm-up and while
 * their mean is 0. Memory: `maxTrades` prints and `baselineWindows` windows.
 *
 * @example
 * ```ts
 * const absorption = createAbsorption({ windowMs: 1000, threshold: { minDeltaLots: 100 } });
 * absorption.push({ priceTicks: 50, sizeLots: 60, side: 'buy', timeMs: 0 });
 * absorption.push({ priceTicks: 50, sizeLots: 70, side: 'buy', timeMs: 10 });
 * const event = absorption.push({ priceTicks: 49, sizeLots: 80, side: 'sell', timeMs: 20 });
 * [event?.absorbedSide, event?.byRestingSide, event?.deltaLots, event?.score]; // => ['buy', 'ask', 130, 1.3]
 * ```
 * @throws {@link OrderflowError} `bad-option` when a number is outside its domain.
 */
export function createAbsorption(options: AbsorptionOptions = {}): Absorption {
  return startAbsorption(absorptionOptions(options), undefined);
}

const shape = fields({
  latestMs: orNull(finite),
  prints: printRowsShape,
  baseline: orNull(windowBaselineShape),
  candidate: orNull(
    fields({
      side: oneOf('buy', 'sell'),
      startMs: finite,
      detectedMs: finite,
      endMs: finite,
      buyLots: exactCount,
      sellLots: exactCount,
      unknownLots: exactCount,
      trades: count,
      fromTicks: whole,
      toTicks: whole,
      thresholdLots: where(amount, (lots: number) => lots > 0),
    }),
  ),
  counts,
});

/**
 * The detector that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreAbsorption(snapshot: AbsorptionSnapshot, options?: AbsorptionOptions): Absorption {
  return restored(snapshot, 'absorption', shape, () => {
    if (options) requireSameOptions('absorption', snapshot.options, absorptionOptions(options));
    return startAbsorption(storedOptions(absorptionOptions, snapshot.options), snapshot);
  });
}

/**
 * The absorptions of columns: what `push` and at last `flush` give, one after the other.
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function absorptionsOfColumns(columns: TradeColumns, options: AbsorptionOptions = {}): AbsorptionEvent[] {
  return eventsOf(createAbsorption(options), columns);
}

function startAbsorption(options: Required<AbsorptionOptions>, from: AbsorptionSnapshot | undefined): Absorption {
  const { windowMs, threshold, minShare, maxTicks, maxTrades } = options;
  const queue = createPrintQueue(from?.prints);
  const baseline =
    'timesMean' in threshold
      ? createWindowBaseline(
          windowMs,
          threshold.baselineWindows!,
          [({ buyLots, sellLots }) => Number(absExact(subtractExact(buyLots, sellLots)))],
          from?.baseline ?? undefined,
        )
      : undefined;
  const factor = decimalFraction('timesMean' in threshold ? threshold.timesMean : 1);
  let latest = from?.latestMs ?? undefined;
  /** Volume of the window by side, kept by adding and taking away integers. */
  let buy: ExactInt = 0;
  let sell: ExactInt = 0;
  const count = ([, , lots, side]: PrintRow, sign: 1 | -1): void => {
    if (side === 1) buy = addExact(buy, lots * sign);
    else if (side === -1) sell = addExact(sell, lots * sign);
  };
  for (const row of from?.prints ?? []) count(row, 1);
  let candidate: Candidate | undefined = from?.candidate
    ? {
        ...from.candidate,
        buyLots: exactFromJson(from.candidate.buyLots),
        sellLots: exactFromJson(from.candidate.sellLots),
        unknownLots: exactFromJson(from.candidate.unknownLots),
      }
    : undefined;
  let { trades, lateTrades, overflowedTrades, zeroTrades, broken } = from?.counts ?? {
    trades: 0,
    lateTrades: 0,
    overflowedTrades: 0,
    zeroTrades: 0,
    broken: 0,
  };

  const thresholdLots = (): number | undefined => {
    if ('minDeltaLots' in threshold) return threshold.minDeltaLots;
    if (baseline!.size < threshold.warmUpWindows!) return undefined;
    const lots = timesMean(factor, baseline!.sum(0)!, baseline!.size);
    return lots > 0 ? lots : undefined;
  };
  /** Net volume of the window in the direction of a side. */
  const flowOf = (side: Side): ExactInt => (side === 'buy' ? subtractExact(buy, sell) : subtractExact(sell, buy));
  const advanceOf = (side: Side, fromTicks: number, toTicks: number): ExactInt =>
    side === 'buy' ? subtractExact(toTicks, fromTicks) : subtractExact(fromTicks, toTicks);
  const clear = (): void => {
    candidate = undefined;
    queue.clear();
    buy = sell = 0;
  };
  const end = (ended: AbsorptionEnd): AbsorptionEvent | undefined => {
    const done = candidate;
    clear();
    if (!done) return undefined;
    const { side, buyLots, sellLots, fromTicks, toTicks, unknownLots, trades: prints, thresholdLots: enough } = done;
    const deltaLots = subtractExact(buyLots, sellLots);
    const priceMoveTicks = subtractExact(toTicks, fromTicks);
    return {
      absorbedSide: side,
      byRestingSide: side === 'buy' ? 'ask' : 'bid',
      startMs: done.startMs,
      detectedMs: done.detectedMs,
      endMs: done.endMs,
      lots: addExact(buyLots, sellLots),
      deltaLots,
      unknownLots,
      trades: prints,
      fromTicks,
      toTicks,
      priceMoveTicks,
      thresholdLots: enough,
      score: Number(absExact(deltaLots)) / enough / (1 + Number(absExact(priceMoveTicks))),
      ended,
    };
  };
  const addTo = (open: Candidate, [timeMs, ticks, lots, side]: PrintRow): void => {
    open.endMs = timeMs;
    open.toTicks = ticks;
    open.trades += 1;
    const field: LotsField = side === 1 ? 'buyLots' : side === -1 ? 'sellLots' : 'unknownLots';
    open[field] = addExact(open[field], lots);
  };
  /** Opens a candidate over the window when its flow is enough and the price has not gone along. */
  const open = (row: PrintRow): void => {
    const side: Side = buy >= sell ? 'buy' : 'sell';
    const enough = thresholdLots();
    const share = balanceOf(buy, sell);
    if (enough === undefined || share === undefined || flowOf(side) < enough || Math.abs(share) < minShare) return;
    const [timeMs, priceTicks] = row;
    if (advanceOf(side, queue.oldestTicks(), priceTicks) >= maxTicks) return;
    candidate = {
      side,
      startMs: queue.oldestMs(),
      detectedMs: timeMs,
      endMs: timeMs,
      buyLots: 0,
      sellLots: 0,
      unknownLots: 0,
      trades: 0,
      fromTicks: queue.oldestTicks(),
      toTicks: priceTicks,
      thresholdLots: enough,
    };
    for (const held of queue.rows()) addTo(candidate, held);
  };
  /** What a print makes of the open candidate, before it is taken in. */
  const judge = (open: Candidate, [, ticks, lots, printSide]: PrintRow): AbsorptionEvent | undefined => {
    const { side, fromTicks, thresholdLots: enough, buyLots, sellLots } = open;
    if (flowOf(side) < enough) return end('dried');
    if (advanceOf(side, fromTicks, ticks) >= maxTicks) {
      broken += 1;
      clear();
      return undefined;
    }
    const along = multiplyExact(lots, side === 'buy' ? printSide : -printSide);
    const total = side === 'buy' ? subtractExact(buyLots, sellLots) : subtractExact(sellLots, buyLots);
    const opposed = addExact(flowOf(side), along) < enough || addExact(total, along) < enough;
    return opposed ? end('opposed') : undefined;
  };

  return {
    push(trade) {
      const { priceTicks, sizeLots, side, timeMs } = printOf(trade);
      requireTrade({ priceTicks, sizeLots, timeMs });
      requireSide(side);
      const late = latest !== undefined && timeMs < latest;
      if (sizeLots === 0 || late) {
        if (sizeLots === 0) zeroTrades += 1;
        else lateTrades += 1;
        return undefined;
      }
      trades += 1;
      latest = timeMs + 0;
      const row: PrintRow = [latest, priceTicks + 0, sizeLots, sideCode(side)];
      baseline?.add(latest, sizeLots, row[3]);
      while (queue.size > 0 && latest - queue.oldestMs() >= windowMs) count(queue.shift(), -1);
      const event = candidate && judge(candidate, row);
      queue.insert(...row);
      count(row, 1);
      if (queue.size > maxTrades) {
        count(queue.shift(), -1);
        overflowedTrades += 1;
      }
      if (candidate) addTo(candidate, row);
      else open(row);
      return event;
    },
    flush: () => end('flush'),
    counts: () => ({ trades, lateTrades, overflowedTrades, zeroTrades, broken }),
    snapshot: () => ({
      v: 1,
      kind: 'absorption',
      options: { ...options, threshold: { ...threshold } },
      latestMs: latest ?? null,
      prints: queue.rows(),
      baseline: baseline?.toJson() ?? null,
      candidate: candidate
        ? {
            ...candidate,
            buyLots: exactToJson(candidate.buyLots),
            sellLots: exactToJson(candidate.sellLots),
            unknownLots: exactToJson(candidate.unknownLots),
          }
        : null,
      counts: { trades, lateTrades, overflowedTrades, zeroTrades, broken },
    }),
  };
}
