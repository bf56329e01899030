/**
 * Markouts: where the mid went after each print, from the taker's side. With s = 1 for a buyer and −1 for a seller, the
 * markout at a horizon h is `s·(m(t + h) − m(t))`, or with `from: 'price'` `s·(m(t + h) − p)`, what the taker would have
 * made by closing at the mid. A maker reads them with the other sign.
 *
 * Mids are kept in half ticks, as bid + ask, so every markout is a whole number of half ticks and exact.
 */
import type { QuoteColumns, TradeColumns } from './columns.ts';
import { OrderflowError } from './errors.ts';
import { addExact, multiplyExact, subtractExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { Side, TickQuote, TickTrade } from './market.ts';
import { requireBetween } from './internal/shared/checks.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import {
  addMarkout,
  joinMarkouts,
  markoutMeasureOf,
  markoutSumsFromJson,
  markoutSumsToJson,
  noMarkouts,
} from './internal/costs/markout-sums.ts';
import type { MarkoutMeasure, MarkoutSumsJson } from './internal/costs/markout-sums.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import {
  createSettlement,
  settlementDefaults,
  settlementOptions,
  settlementShape,
} from './internal/costs/settlement.ts';
import type { Settled, SettlementCounts, SettlementJson, SettlementOptions } from './internal/costs/settlement.ts';
import { count, fields, listOf } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';
import { readTape } from './internal/shared/tape-columns.ts';
import { markoutSumsShape } from './internal/costs/markout-sums.ts';

export { exactMarkouts as markoutAveragesExact } from './internal/costs/markout-sums.ts';
export type { MarkoutAverages, MarkoutMeasure, MarkoutSums, MarkoutSumsJson } from './internal/costs/markout-sums.ts';
export type { QuoteEntry, QuoteHistoryCounts, QuoteHistoryState } from './internal/aggressor/quote-history.ts';
export type { SettlementCounts, SettlementJson, SettlementOptions } from './internal/costs/settlement.ts';

/** Options of {@link createMarkouts}. */
export interface MarkoutsOptions extends SettlementOptions {
  /**
   * How long after a print the mid is read, in milliseconds, ascending; at most 100 of them.
   * @defaultValue [100, 1000, 5000, 30000]
   */
  readonly horizonsMs?: readonly number[];
  /**
   * What the later mid is compared with: the mid when the print happened, or the price of the print.
   * @defaultValue 'mid'
   */
  readonly from?: 'mid' | 'price';
}

/** What {@link createMarkouts} uses where an option is left out. */
export const markoutsDefaults: Required<MarkoutsOptions> = {
  horizonsMs: [100, 1000, 5000, 30_000],
  from: 'mid',
  ...settlementDefaults,
};

/** The markouts of one print. */
export interface TradeMarkouts {
  /** Time of the print, epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly sizeLots: number;
  /**
   * One a horizon, in half ticks, above 0 when the price went the taker's way; `undefined` when there was no usable
   * quote then, or the tape ended before.
   */
  readonly halfTicks: readonly (ExactInt | undefined)[];
}

/** The markouts at one horizon over all prints so far. */
export interface MarkoutHorizon {
  readonly horizonMs: number;
  readonly buy: MarkoutMeasure;
  readonly sell: MarkoutMeasure;
  /** Both sides together. */
  readonly all: MarkoutMeasure;
  /** Prints given without a markout at this horizon. */
  readonly unknownTrades: number;
}

/** Running markouts. Made by {@link createMarkouts}. */
export interface Markouts {
  /**
   * Takes the next quote, `undefined` for none from `timeMs` on, and gives the prints whose last mid is known now. Locked
   * and crossed quotes and those with an empty side count as none. A quote with a time before the one pushed last is
   * counted and left out.
   * @throws {@link OrderflowError} `bad-quote` for what is no quote on a grid; the state is as before.
   */
  pushQuote(timeMs: number, quote: TickQuote | undefined): readonly TradeMarkouts[];
  /**
   * Takes the next print and gives those whose last mid is known now. Prints without a side, size or quote, and late ones,
   * are counted and left out.
   * @throws {@link OrderflowError} `bad-trade` for what is no print on a grid; the state is as before.
   */
  push(trade: TickTrade): readonly TradeMarkouts[];
  /** Ends the tape: gives all that wait, with what is known by the latest time. */
  flush(): readonly TradeMarkouts[];
  /** Averages over the prints that were given, one a horizon. */
  summary(): readonly MarkoutHorizon[];
  readonly counts: SettlementCounts;
  /** Prints that wait for their last mid. */
  readonly pending: number;
  /** The state as plain JSON: at most `maxQuotes` quotes and `maxPending` prints. */
  snapshot(): MarkoutsSnapshot;
}

/** The state of {@link Markouts}. */
export interface MarkoutsSnapshot {
  readonly v: 1;
  readonly kind: 'markouts';
  readonly horizonsMs: readonly number[];
  readonly from: 'mid' | 'price';
  readonly tape: SettlementJson;
  readonly sums: readonly {
    readonly buy: MarkoutSumsJson;
    readonly sell: MarkoutSumsJson;
    readonly unknownTrades: number;
  }[];
}

/**
 * Running markouts over quotes and prints, pushed in order of time.
 *
 * A mid is read `reorderMs` after it is due, so that prints which arrive late find their place; results come in order of
 * the prints' time, when the longest horizon is over.
 *
 * @example
 * ```ts
 * const markouts = createMarkouts({ horizonsMs: [100, 1000], reorderMs: 0 });
 * markouts.pushQuote(0, { bidTicks: 1000, bidLots: 5, askTicks: 1010, askLots: 5 });
 * markouts.push({ timeMs: 1, priceTicks: 1010, sizeLots: 2, side: 'buy' });
 * markouts.pushQuote(50, { bidTicks: 1003, bidLots: 5, askTicks: 1012, askLots: 5 });
 * markouts.pushQuote(500, { bidTicks: 998, bidLots: 5, askTicks: 1010, askLots: 5 });
 * // The mid went from 1005 to 1007.5, then to 1004.
 * markouts.pushQuote(2000, undefined)[0]?.halfTicks; // => [5, -2]
 * markouts.summary()[0]?.buy.meanTicks; // => 2.5
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createMarkouts(options: MarkoutsOptions = {}): Markouts {
  return startMarkouts(markoutsOptions(options), undefined);
}

const shape = fields({
  tape: settlementShape,
  sums: listOf(fields({ buy: markoutSumsShape, sell: markoutSumsShape, unknownTrades: count })),
});

/**
 * The markouts that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreMarkouts(snapshot: MarkoutsSnapshot, options?: MarkoutsOptions): Markouts {
  return restored(snapshot, 'markouts', shape, () => {
    const { horizonsMs, from, tape } = snapshot;
    const stored = storedOptions(markoutsOptions, { horizonsMs, from, ...tape.options });
    if (options) requireSameOptions('markouts', stored, markoutsOptions(options));
    return startMarkouts(stored, snapshot);
  });
}

/**
 * {@link createMarkouts} over columns, flushed: every print with a side, a size and a quote, and the averages. Before a
 * print come the quotes up to its time, at the same time the quote first.
 */
export function markoutsOfColumns(
  trades: TradeColumns,
  quotes: QuoteColumns,
  options: MarkoutsOptions = {},
): {
  readonly values: readonly TradeMarkouts[];
  readonly summary: readonly MarkoutHorizon[];
  readonly counts: SettlementCounts;
} {
  const markouts = createMarkouts(options);
  const values = readTape(markouts, trades, quotes);
  return { values, summary: markouts.summary(), counts: markouts.counts };
}

function markoutsOptions(options: MarkoutsOptions): Required<MarkoutsOptions> {
  const { horizonsMs = markoutsDefaults.horizonsMs, from = markoutsDefaults.from, ...tape } = options;
  const ascend = horizonsMs.every((ms, i) => i === 0 || ms > horizonsMs[i - 1]!);
  if (horizonsMs.length < 1 || horizonsMs.length > 100 || !ascend) {
    throw new OrderflowError(
      'bad-option',
      `horizonsMs ${excerpt(horizonsMs)} is not 1 to 100 ascending times. Pass for example [100, 1000].`,
      horizonsMs,
    );
  }
  for (const ms of horizonsMs) requireBetween('horizonsMs', ms, 0);
  if (!['mid', 'price'].includes(from)) {
    throw new OrderflowError('bad-option', `from ${excerpt(from)} is not "mid" or "price". Leave it out for "mid".`);
  }
  return { horizonsMs: horizonsMs.map((ms) => ms + 0), from, ...settlementOptions(tape) };
}

function startMarkouts(options: Required<MarkoutsOptions>, from: MarkoutsSnapshot | undefined): Markouts {
  const { horizonsMs, from: base, ...tapeOptions } = options;
  const tape = createSettlement(horizonsMs, tapeOptions, from?.tape);
  const sums = horizonsMs.map((_, h) => {
    const json = from?.sums[h];
    return {
      buy: json ? markoutSumsFromJson(json.buy) : noMarkouts,
      sell: json ? markoutSumsFromJson(json.sell) : noMarkouts,
      unknownTrades: json?.unknownTrades ?? 0,
    };
  });
  const give = (settled: readonly Settled[]): TradeMarkouts[] =>
    settled.map(({ timeMs, side, priceTicks, sizeLots, midHalfTicks, laterMidHalfTicks }) => {
      const start = base === 'mid' ? midHalfTicks : addExact(priceTicks, priceTicks);
      const sign = side === 'buy' ? 1 : -1;
      const halfTicks = laterMidHalfTicks.map((later, h) => {
        const at = sums[h]!;
        if (later === undefined) {
          at.unknownTrades += 1;
          return undefined;
        }
        const move = multiplyExact(subtractExact(later, start), sign);
        at[side] = addMarkout(at[side], move, sizeLots);
        return move;
      });
      return { timeMs, side, priceTicks, sizeLots, halfTicks };
    });

  return {
    pushQuote: (timeMs, quote) => give(tape.pushQuote(timeMs, quote)),
    push: (trade) => give(tape.push(trade).settled),
    flush: () => give(tape.flush()),
    summary: () =>
      horizonsMs.map((horizonMs, h) => ({
        horizonMs,
        buy: markoutMeasureOf(sums[h]!.buy),
        sell: markoutMeasureOf(sums[h]!.sell),
        all: markoutMeasureOf(joinMarkouts(sums[h]!.buy, sums[h]!.sell)),
        unknownTrades: sums[h]!.unknownTrades,
      })),
    get counts() {
      return tape.counts;
    },
    get pending() {
      return tape.pending;
    },
    snapshot: () => ({
      v: 1,
      kind: 'markouts',
      horizonsMs: [...horizonsMs],
      from: base,
      tape: tape.toJson(),
      sums: sums.map(({ buy, sell, unknownTrades }) => ({
        buy: markoutSumsToJson(buy),
        sell: markoutSumsToJson(sell),
        unknownTrades,
      })),
    }),
  };
}
