/** Prints that wait for the mid price at one or more horizons after them. Shared by spreads and markouts. */
import { OrderflowError } from '../../errors.ts';
import { addExact, exactFromJson, exactToJson } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import type { Side, TickQuote, TickTrade } from '../../market.ts';
import { requireBetween, requireSide, requireTrade, requireWhole } from '../shared/checks.ts';
import { excerpt } from '../shared/excerpt.ts';
import { createQuoteHistory, quoteHistoryShape } from '../aggressor/quote-history.ts';
import type { QuoteHistoryCounts, QuoteHistoryState } from '../aggressor/quote-history.ts';
import {
  count,
  countsOf,
  exact,
  fields,
  finite,
  isAscending,
  listOf,
  oneOf,
  orNull,
  tupleOf,
  where,
  whole,
} from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** How quotes and prints of one tape are brought together. */
export interface SettlementOptions {
  /**
   * How old a quote must be to count for a print, in milliseconds: the last one with a time of at most `t − quoteLagMs`.
   * With 0 a quote of the same time that was pushed before counts; venues stamp the quote that a print left behind with
   * the time of the print, so 1 is right for times of the venue.
   * @defaultValue 0
   */
  readonly quoteLagMs?: number;
  /**
   * How far a print may lie before the latest time seen and still count, in milliseconds. A mid price after a print is
   * read this much later than it is due.
   * @defaultValue 1000
   */
  readonly reorderMs?: number;
  /**
   * Most changes of price that are remembered.
   * @defaultValue 10,000
   */
  readonly maxQuotes?: number;
  /**
   * Most prints that wait; beyond, the oldest is given with what is known of it.
   * @defaultValue 100,000
   */
  readonly maxPending?: number;
}

/** What is used where an option is left out. */
export const settlementDefaults: Required<SettlementOptions> = {
  quoteLagMs: 0,
  reorderMs: 1000,
  maxQuotes: 10_000,
  maxPending: 100_000,
};

/** What became of the tape, since the start. */
export interface SettlementCounts extends QuoteHistoryCounts {
  /** Prints pushed, also those that follow. */
  readonly trades: number;
  /** Prints without a side: not guessed, left out. */
  readonly unknownSideTrades: number;
  /** Prints of no size: left out. */
  readonly zeroTrades: number;
  /** Prints further than `reorderMs` before the latest time: left out. */
  readonly lateTrades: number;
  /** Prints for which no usable quote was in force: left out. */
  readonly tradesWithoutQuote: number;
  /** Prints given early because `maxPending` waited. */
  readonly droppedTrades: number;
}

/** A print with the quote that it met and the mids after it; mids are in half ticks, which is bid + ask in ticks. */
export interface Settled {
  readonly timeMs: number;
  readonly priceTicks: number;
  readonly sizeLots: number;
  readonly side: Side;
  readonly bidTicks: number;
  readonly askTicks: number;
  readonly midHalfTicks: ExactInt;
  /** One a horizon; `undefined` when no usable quote was in force then, or the tape ended before. */
  readonly laterMidHalfTicks: readonly (ExactInt | undefined)[];
}

type PendingRow = readonly [
  timeMs: number,
  priceTicks: number,
  sizeLots: number,
  side: 1 | -1,
  bidTicks: number,
  askTicks: number,
  mids: readonly (ExactIntJson | null)[],
];

/** The state of a {@link Settlement}. */
export interface SettlementJson {
  readonly options: Required<SettlementOptions>;
  readonly latestMs: number | null;
  readonly history: QuoteHistoryState;
  /** Prints that wait, in order of time. */
  readonly pending: readonly PendingRow[];
  readonly counts: Omit<SettlementCounts, keyof QuoteHistoryCounts>;
}

/** Brings prints and later mids together. Made by {@link createSettlement}. */
export interface Settlement {
  readonly counts: SettlementCounts;
  readonly pending: number;
  pushQuote(timeMs: number, quote: TickQuote | undefined): Settled[];
  /** The print with its quote, where it counts, and the prints that its time settles. */
  push(trade: TickTrade): { readonly taken: Settled | undefined; readonly settled: Settled[] };
  /** All that wait, with what is known by the latest time. */
  flush(): Settled[];
  toJson(): SettlementJson;
}

/** The options with their defaults. */
export function settlementOptions(options: SettlementOptions): Required<SettlementOptions> {
  const { quoteLagMs, reorderMs, maxQuotes, maxPending } = { ...settlementDefaults, ...options };
  requireBetween('quoteLagMs', quoteLagMs, 0);
  requireBetween('reorderMs', reorderMs, 0);
  requireWhole('maxQuotes', maxQuotes);
  requireWhole('maxPending', maxPending);
  return { quoteLagMs: quoteLagMs + 0, reorderMs: reorderMs + 0, maxQuotes, maxPending };
}

interface Pending {
  readonly trade: Omit<Settled, 'laterMidHalfTicks'>;
  readonly mids: (ExactInt | undefined)[];
}

/** A settlement for ascending horizons. */
export function createSettlement(
  horizonsMs: readonly number[],
  options: Required<SettlementOptions>,
  from?: SettlementJson,
): Settlement {
  const { quoteLagMs, reorderMs, maxQuotes, maxPending } = options;
  const history = createQuoteHistory(maxQuotes, from?.history);
  let latest = from?.latestMs ?? -Infinity;
  let queue: Pending[] = (from?.pending ?? []).map(pendingOfRow);
  /** Prints before this one are given; they are cut off once they are the larger part. */
  let first = 0;
  /** By horizon, how many prints of the queue have their mid; a print has those of its shorter horizons first. */
  const done = horizonsMs.map((_, h) => queue.filter(({ mids }) => mids.length > h).length);
  const counts = {
    ...(from?.counts ?? {
      trades: 0,
      unknownSideTrades: 0,
      zeroTrades: 0,
      lateTrades: 0,
      tradesWithoutQuote: 0,
      droppedTrades: 0,
    }),
  };

  const midAt = (timeMs: number): ExactInt | undefined => {
    const quote = history.at(timeMs);
    return quote && addExact(quote.bidTicks, quote.askTicks);
  };
  const takeFirst = (): Settled => {
    const { trade, mids } = queue[first]!;
    first += 1;
    if (first * 2 > queue.length) {
      queue = queue.slice(first);
      for (let h = 0; h < done.length; h += 1) done[h]! -= first;
      first = 0;
    }
    return { ...trade, laterMidHalfTicks: horizonsMs.map((_, h) => mids[h]) };
  };
  /** Reads the mids that are due before `timeMs`, or at it. */
  const settle = (timeMs: number, inclusive = false): Settled[] => {
    for (const [h, horizonMs] of horizonsMs.entries()) {
      let i = Math.max(first, done[h]!);
      for (; i < queue.length; i += 1) {
        const due = queue[i]!.trade.timeMs + horizonMs;
        if (inclusive ? due > timeMs : due >= timeMs) break;
        queue[i]!.mids.push(midAt(due));
      }
      done[h] = i;
    }
    const settled: Settled[] = [];
    while (first < done[done.length - 1]!) settled.push(takeFirst());
    return settled;
  };
  const advance = (timeMs: number): Settled[] => {
    if (timeMs > latest) latest = timeMs + 0;
    const settled = settle(latest - reorderMs);
    history.trim(latest - reorderMs - quoteLagMs);
    return settled;
  };

  return {
    get counts() {
      return { ...counts, ...history.counts() };
    },
    get pending() {
      return queue.length - first;
    },
    pushQuote(timeMs, quote) {
      if (!Number.isFinite(timeMs)) throw badQuoteTime(timeMs);
      history.push(timeMs, quote);
      return advance(timeMs);
    },
    push(trade) {
      requireTrade(trade);
      requireSide(trade.side);
      const { timeMs, priceTicks, sizeLots, side } = trade;
      counts.trades += 1;
      if (timeMs < latest - reorderMs) {
        counts.lateTrades += 1;
        return { taken: undefined, settled: [] };
      }
      const quote = history.at(timeMs - quoteLagMs);
      const settled = advance(timeMs);
      if (side !== 'buy' && side !== 'sell') counts.unknownSideTrades += 1;
      else if (sizeLots === 0) counts.zeroTrades += 1;
      else if (!quote) counts.tradesWithoutQuote += 1;
      else {
        const { bidTicks, askTicks } = quote;
        const midHalfTicks = addExact(bidTicks, askTicks);
        const row = {
          timeMs: timeMs + 0,
          priceTicks: priceTicks + 0,
          sizeLots,
          side,
          bidTicks,
          askTicks,
          midHalfTicks,
        };
        let at = queue.length;
        while (at > first && queue[at - 1]!.trade.timeMs > timeMs) at -= 1;
        queue.splice(at, 0, { trade: row, mids: [] });
        if (queue.length - first > maxPending) {
          counts.droppedTrades += 1;
          for (let h = 0; h < done.length; h += 1) done[h] = Math.max(done[h]!, first + 1);
          settled.push(takeFirst());
        }
        return { taken: { ...row, laterMidHalfTicks: [] }, settled };
      }
      return { taken: undefined, settled };
    },
    flush() {
      const settled = settle(latest, true);
      while (first < queue.length) settled.push(takeFirst());
      queue = [];
      first = 0;
      done.fill(0);
      return settled;
    },
    toJson: () => ({
      options: { ...options },
      latestMs: latest === -Infinity ? null : latest,
      history: history.state(),
      pending: queue.slice(first).map(rowOfPending),
      counts: { ...counts },
    }),
  };
}

function rowOfPending({ trade, mids }: Pending): PendingRow {
  const { timeMs, priceTicks, sizeLots, side, bidTicks, askTicks } = trade;
  const json = mids.map((mid) => (mid === undefined ? null : exactToJson(mid)));
  return [timeMs, priceTicks, sizeLots, side === 'buy' ? 1 : -1, bidTicks, askTicks, json];
}

function pendingOfRow([timeMs, priceTicks, sizeLots, side, bidTicks, askTicks, mids]: PendingRow): Pending {
  return {
    trade: {
      timeMs,
      priceTicks,
      sizeLots,
      side: side === 1 ? 'buy' : 'sell',
      bidTicks,
      askTicks,
      midHalfTicks: addExact(bidTicks, askTicks),
    },
    mids: mids.map((mid) => (mid === null ? undefined : exactFromJson(mid))),
  };
}

function badQuoteTime(timeMs: number): OrderflowError {
  return new OrderflowError(
    'bad-quote',
    `timeMs ${excerpt(timeMs)} of a quote is not a time in epoch milliseconds. Pass the time on the clock of the trades.`,
    timeMs,
  );
}

/** What is stored of a settlement: prints in order of time, each with the later mids that it has so far. */
export const settlementShape: Shape = fields({
  latestMs: orNull(finite),
  history: quoteHistoryShape,
  pending: where(
    listOf(tupleOf(finite, whole, count, oneOf(1, -1), whole, whole, listOf(orNull(exact)))),
    (rows: readonly PendingRow[]) =>
      isAscending(rows.map(([timeMs]) => timeMs)) && isAscending(rows.map((row) => row[6].length).toReversed()),
  ),
  counts: countsOf('trades', 'unknownSideTrades', 'zeroTrades', 'lateTrades', 'tradesWithoutQuote', 'droppedTrades'),
});
