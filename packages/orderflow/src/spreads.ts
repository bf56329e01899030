/**
 * What trading cost, measured on quotes and prints. With s = 1 for a buyer and −1 for a seller, p the price, m the mid
 * when the print happened and m′ the mid a while later:
 *
 * - quoted spread `ask − bid`: what a round trip should cost;
 * - effective spread `2·s·(p − m)`: what it did cost;
 * - realised spread `2·s·(p − m′)`: what the maker kept of it;
 * - price impact `2·s·(m′ − m)`: what the taker knew; effective = realised + impact, always.
 *
 * Huang and Stoll 1996 (doi 10.1016/0304-405X(95)00867-E). A mid is kept in half ticks, as bid + ask, so all four are
 * whole ticks and exact.
 */
import type { QuoteColumns, TradeColumns } from './columns.ts';
import { addExact, multiplyExact, subtractExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import type { Side, TickQuote, TickTrade } from './market.ts';
import { requireBetween } from './internal/shared/checks.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import {
  createSettlement,
  settlementDefaults,
  settlementOptions,
  settlementShape,
} from './internal/costs/settlement.ts';
import type { Settled, SettlementCounts, SettlementJson, SettlementOptions } from './internal/costs/settlement.ts';
import { fields } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';
import {
  addSpread,
  bpsExactOf,
  bpsOf,
  emptySpreadSums,
  measureOf,
  spreadSumsFromJson,
  spreadSumsToJson,
} from './internal/costs/spread-sums.ts';
import type { SpreadMeasure, SpreadSumsJson } from './internal/costs/spread-sums.ts';
import { readTape } from './internal/shared/tape-columns.ts';
import { spreadSumsShape } from './internal/costs/spread-sums.ts';

export type { QuoteEntry, QuoteHistoryCounts, QuoteHistoryState } from './internal/aggressor/quote-history.ts';
export type { SettlementCounts, SettlementJson, SettlementOptions } from './internal/costs/settlement.ts';
export { exactAverages as spreadAveragesExact } from './internal/costs/spread-sums.ts';
export type { SpreadAverages, SpreadMeasure, SpreadSums, SpreadSumsJson } from './internal/costs/spread-sums.ts';

/** Options of {@link createSpreads}. */
export interface SpreadsOptions extends SettlementOptions {
  /**
   * How long after a print the later mid is taken, in milliseconds. Customary: 5 minutes for days of old, seconds today.
   * @defaultValue 5000
   */
  readonly horizonMs?: number;
}

/** What {@link createSpreads} uses where an option is left out. */
export const spreadsDefaults: Required<SpreadsOptions> = { horizonMs: 5000, ...settlementDefaults };

/** The spreads of one print, in ticks. */
export interface TradeSpreads {
  /** Time of the print, epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly side: Side;
  readonly priceTicks: number;
  readonly sizeLots: number;
  /** Mid when the print happened, in half ticks; what relative spreads are relative to. */
  readonly midHalfTicks: ExactInt;
  readonly quotedTicks: ExactInt;
  readonly effectiveTicks: ExactInt;
  /** `undefined` when there was no usable quote at the horizon, or the tape ended before it. */
  readonly realisedTicks: ExactInt | undefined;
  /** `undefined` where `realisedTicks` is. */
  readonly impactTicks: ExactInt | undefined;
}

/** All prints so far. */
export interface SpreadsSummary {
  /** Over the prints with a quote. */
  readonly quoted: SpreadMeasure;
  /** Over the same prints. */
  readonly effective: SpreadMeasure;
  /** Over those of them whose later mid is known: fewer, so compare it with `impact`, not with `effective`. */
  readonly realised: SpreadMeasure;
  /** Over the same prints as `realised`. */
  readonly impact: SpreadMeasure;
}

/** Running spreads. Made by {@link createSpreads}. */
export interface Spreads {
  /**
   * Takes the next quote, `undefined` for none from `timeMs` on, and gives the prints whose later mid is known now.
   * Locked and crossed quotes and those with an empty side count as none. A quote with a time before the one pushed
   * last is counted and left out.
   * @throws {@link OrderflowError} `bad-quote` for what is no quote on a grid; the state is as before.
   */
  pushQuote(timeMs: number, quote: TickQuote | undefined): readonly TradeSpreads[];
  /**
   * Takes the next print and gives those whose later mid is known now. Prints without a side, size or quote, and late
   * ones, are counted and left out.
   * @throws {@link OrderflowError} `bad-trade` for what is no print on a grid; the state is as before.
   */
  push(trade: TickTrade): readonly TradeSpreads[];
  /** Ends the tape: gives all that wait, with what is known by the latest time. */
  flush(): readonly TradeSpreads[];
  /** Averages so far: quoted and effective with every print, realised and impact with those that were given. */
  summary(): SpreadsSummary;
  readonly counts: SettlementCounts;
  /** Prints that wait for their later mid. */
  readonly pending: number;
  /** The state as plain JSON: at most `maxQuotes` quotes and `maxPending` prints. */
  snapshot(): SpreadsSnapshot;
}

/** The state of {@link Spreads}. */
export interface SpreadsSnapshot {
  readonly v: 1;
  readonly kind: 'spreads';
  readonly horizonMs: number;
  readonly tape: SettlementJson;
  readonly sums: { readonly [K in keyof SpreadsSummary]: SpreadSumsJson };
}

/**
 * The quoted spread in ticks; below 0 for a crossed quote.
 *
 * @example
 * ```ts
 * quotedSpread({ bidTicks: 1000, askTicks: 1010 }); // => 10
 * quotedSpreadBps({ bidTicks: 1000, askTicks: 1010 }); // => 99.50248756218906
 * ```
 */
export function quotedSpread({ bidTicks, askTicks }: Pick<TickQuote, 'bidTicks' | 'askTicks'>): ExactInt {
  return subtractExact(askTicks, bidTicks);
}

/** {@link quotedSpread} in basis points of the mid; `undefined` for a mid that is not above 0. */
export function quotedSpreadBps(quote: Pick<TickQuote, 'bidTicks' | 'askTicks'>): number | undefined {
  return bpsOf(quotedSpread(quote), addExact(quote.bidTicks, quote.askTicks));
}

/** {@link quotedSpreadBps} as a decimal string of 16 significant digits, rounded half to even. */
export function quotedSpreadBpsExact(quote: Pick<TickQuote, 'bidTicks' | 'askTicks'>): string | undefined {
  return bpsExactOf(quotedSpread(quote), addExact(quote.bidTicks, quote.askTicks));
}

/**
 * `2·s·(p − m)` in ticks: the effective spread with the mid at the print, the realised spread with a later one.
 *
 * @param midHalfTicks - The mid in half ticks: bid + ask in ticks.
 * @example
 * ```ts
 * // On ticks of 0.1: a buy at 101.0, mid 100.5, later mid 100.7.
 * spreadAround('buy', 1010, 2010); // => 10
 * spreadAround('buy', 1010, 2014); // => 6
 * ```
 */
export function spreadAround(side: Side, priceTicks: number, midHalfTicks: ExactInt): ExactInt {
  return signed(side, subtractExact(addExact(priceTicks, priceTicks), midHalfTicks));
}

/** A spread in ticks as basis points of a mid in half ticks; `undefined` for a mid that is not above 0. */
export function spreadBps(spreadTicks: ExactInt, midHalfTicks: ExactInt): number | undefined {
  return bpsOf(spreadTicks, midHalfTicks);
}

/** {@link spreadBps} as a decimal string of 16 significant digits, rounded half to even. */
export function spreadBpsExact(spreadTicks: ExactInt, midHalfTicks: ExactInt): string | undefined {
  return bpsExactOf(spreadTicks, midHalfTicks);
}

/**
 * Running spreads over quotes and prints, pushed in order of time.
 *
 * A later mid is read `reorderMs` after it is due, so that prints which arrive late find their place; results come in
 * order of the prints' time.
 *
 * @example
 * ```ts
 * const spreads = createSpreads({ horizonMs: 1000, reorderMs: 0 });
 * spreads.pushQuote(0, { bidTicks: 1000, bidLots: 5, askTicks: 1010, askLots: 5 });
 * spreads.push({ timeMs: 1, priceTicks: 1010, sizeLots: 2, side: 'buy' });
 * spreads.pushQuote(500, { bidTicks: 1002, bidLots: 5, askTicks: 1012, askLots: 5 });
 * const [print] = spreads.pushQuote(2000, undefined);
 * [print?.effectiveTicks, print?.realisedTicks, print?.impactTicks]; // => [10, 6, 4]
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createSpreads(options: SpreadsOptions = {}): Spreads {
  return startSpreads(spreadsOptions(options), undefined);
}

const shape = fields({
  tape: settlementShape,
  sums: fields({
    quoted: spreadSumsShape,
    effective: spreadSumsShape,
    realised: spreadSumsShape,
    impact: spreadSumsShape,
  }),
});

/**
 * The spreads that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreSpreads(snapshot: SpreadsSnapshot, options?: SpreadsOptions): Spreads {
  return restored(snapshot, 'spreads', shape, () => {
    const stored = storedOptions(spreadsOptions, { horizonMs: snapshot.horizonMs, ...snapshot.tape.options });
    if (options) requireSameOptions('spreads', stored, spreadsOptions(options));
    return startSpreads(stored, snapshot);
  });
}

/**
 * {@link createSpreads} over columns, flushed: every print with a side, a size and a quote, and their averages. Before a
 * print come the quotes up to its time, at the same time the quote first.
 */
export function spreadsOfColumns(
  trades: TradeColumns,
  quotes: QuoteColumns,
  options: SpreadsOptions = {},
): {
  readonly values: readonly TradeSpreads[];
  readonly summary: SpreadsSummary;
  readonly counts: SettlementCounts;
} {
  const spreads = createSpreads(options);
  const values = readTape(spreads, trades, quotes);
  return { values, summary: spreads.summary(), counts: spreads.counts };
}

function signed(side: Side, value: ExactInt): ExactInt {
  return multiplyExact(value, side === 'buy' ? 1 : -1);
}

function spreadsOptions(options: SpreadsOptions): Required<SpreadsOptions> {
  const { horizonMs = spreadsDefaults.horizonMs, ...tape } = options;
  requireBetween('horizonMs', horizonMs, 0);
  return { horizonMs: horizonMs + 0, ...settlementOptions(tape) };
}

function startSpreads({ horizonMs, ...tapeOptions }: Required<SpreadsOptions>, from?: SpreadsSnapshot): Spreads {
  const tape = createSettlement([horizonMs], tapeOptions, from?.tape);
  const sums = {
    quoted: from ? spreadSumsFromJson(from.sums.quoted) : emptySpreadSums(),
    effective: from ? spreadSumsFromJson(from.sums.effective) : emptySpreadSums(),
    realised: from ? spreadSumsFromJson(from.sums.realised) : emptySpreadSums(),
    impact: from ? spreadSumsFromJson(from.sums.impact) : emptySpreadSums(),
  };
  const add = (measure: keyof typeof sums, spread: ExactInt, { sizeLots, midHalfTicks }: Settled): void => {
    sums[measure] = addSpread(sums[measure], spread, sizeLots, midHalfTicks);
  };
  const give = (settled: readonly Settled[]): TradeSpreads[] =>
    settled.map((print) => {
      const spreads = spreadsOf(print);
      if (spreads.realisedTicks !== undefined) add('realised', spreads.realisedTicks, print);
      if (spreads.impactTicks !== undefined) add('impact', spreads.impactTicks, print);
      return spreads;
    });

  return {
    pushQuote: (timeMs, quote) => give(tape.pushQuote(timeMs, quote)),
    push(trade) {
      const { taken, settled } = tape.push(trade);
      if (taken) {
        add('quoted', quotedSpread(taken), taken);
        add('effective', spreadAround(taken.side, taken.priceTicks, taken.midHalfTicks), taken);
      }
      return give(settled);
    },
    flush: () => give(tape.flush()),
    summary: () => ({
      quoted: measureOf(sums.quoted),
      effective: measureOf(sums.effective),
      realised: measureOf(sums.realised),
      impact: measureOf(sums.impact),
    }),
    get counts() {
      return tape.counts;
    },
    get pending() {
      return tape.pending;
    },
    snapshot: () => ({
      v: 1,
      kind: 'spreads',
      horizonMs,
      tape: tape.toJson(),
      sums: {
        quoted: spreadSumsToJson(sums.quoted),
        effective: spreadSumsToJson(sums.effective),
        realised: spreadSumsToJson(sums.realised),
        impact: spreadSumsToJson(sums.impact),
      },
    }),
  };
}

function spreadsOf(print: Settled): TradeSpreads {
  const { timeMs, side, priceTicks, sizeLots, midHalfTicks, laterMidHalfTicks } = print;
  const later = laterMidHalfTicks[0];
  return {
    timeMs,
    side,
    priceTicks,
    sizeLots,
    midHalfTicks,
    quotedTicks: quotedSpread(print),
    effectiveTicks: spreadAround(side, priceTicks, midHalfTicks),
    realisedTicks: later === undefined ? undefined : spreadAround(side, priceTicks, later),
    impactTicks: later === undefined ? undefined : signed(side, subtractExact(later, midHalfTicks)),
  };
}
