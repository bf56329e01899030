/**
 * Who was the aggressor, where the venue does not say: the rules of the literature, told by the place of a price in the
 * quote (with a quote lag) and by its last change.
 *
 * All comparisons are exact: integers of the grid on both sides, no mid price that is rounded. Every rule of prices is
 * a guess; where the venue flags the aggressor, use the flag. How often each rule is right on recorded sessions, by
 * quote lag, stands in the guide `trade-classification`.
 *
 * The rules that read quotes take two inputs in order of time, `pushQuote` and `push`, on one clock: both times by the
 * venue, or both by the recorder. On recorded tapes the quote that a print caused often arrives before the print, so a
 * lag of 0 compares a print with the quote that it left behind.
 */
import type { QuoteColumns, TradeColumns } from './columns.ts';
import type { TickTrade } from './market.ts';
import { requireBetween, requireWhole } from './internal/shared/checks.ts';
import type { Classification } from './internal/aggressor/classification.ts';
import { classifyColumns } from './internal/aggressor/classify-columns.ts';
import type { ClassificationBatch } from './internal/aggressor/classify-columns.ts';
import { startQuoteClassifier, restoreQuoteClassifier } from './internal/aggressor/quote-classifier.ts';
import type {
  QuoteClassifier,
  QuoteClassifierOptions,
  QuoteClassifierSnapshot,
  QuoteRule,
} from './internal/aggressor/quote-classifier.ts';
import { clnvRule, emoRule, leeReadyRule, quoteRule } from './internal/aggressor/quote-rules.ts';
import { createTickRule } from './internal/aggressor/tick-rule.ts';

export { classificationConfidences } from './internal/aggressor/classification.ts';
export type {
  Classification,
  ClassificationConfidence,
  ClassificationMethod,
  Classifier,
  UnsignedTrade,
} from './internal/aggressor/classification.ts';
export type { ClassificationBatch } from './internal/aggressor/classify-columns.ts';
export { quoteClassifierDefaults } from './internal/aggressor/quote-classifier.ts';
export type {
  QuoteClassifier,
  QuoteClassifierCounts,
  QuoteClassifierOptions,
  QuoteClassifierSnapshot,
  QuoteClassifierState,
} from './internal/aggressor/quote-classifier.ts';
export type { QuoteEntry, QuoteHistoryCounts, QuoteHistoryState } from './internal/aggressor/quote-history.ts';
export { createTickRule, restoreTickRule } from './internal/aggressor/tick-rule.ts';
export type { TickRule, TickRuleSnapshot } from './internal/aggressor/tick-rule.ts';

/** Options of {@link createClnv}. */
export interface ClnvOptions extends QuoteClassifierOptions {
  /**
   * Share of the spread, from the ask and from the bid, in which a print takes that side; whole percent, 1 to 50.
   * @defaultValue 30
   */
  readonly edgePercent?: number;
}

/** What {@link createClnv} uses where an option is left out; the rest is {@link quoteClassifierDefaults}. */
export const clnvDefaults: { readonly edgePercent: number } = { edgePercent: 30 };

/**
 * The side as the venue flagged it, in the form of the rules.
 *
 * @example
 * ```ts
 * classifyByFlag({ side: 'buy' }); // => { side: 'buy', method: 'flag', confidence: 'flagged' }
 * classifyByFlag({ side: 'unknown' }).confidence; // => 'none'
 * ```
 */
export function classifyByFlag({ side }: Pick<TickTrade, 'side'>): Classification {
  return { side, method: 'flag', confidence: side === 'unknown' ? 'none' : 'flagged' };
}

/**
 * The quote rule: above the mid of the quote in force a buy, below it a sell; at the mid, and without a quote, unknown.
 *
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createQuoteRule(options: QuoteClassifierOptions = {}): QuoteClassifier {
  return startQuoteClassifier(quoteRule, options, undefined);
}

/**
 * The rule of Lee and Ready 1991 (doi 10.1111/j.1540-6261.1991.tb02683.x): above the mid of the quote in force a buy,
 * below it a sell; at the mid, and without a quote, the tick rule. They lag quotes by 5 s; today it is milliseconds.
 *
 * @example
 * ```ts
 * const rule = createLeeReady({ quoteLagMs: 20 });
 * rule.pushQuote(1000, { bidTicks: 10, bidLots: 5, askTicks: 12, askLots: 5 });
 * rule.pushQuote(1090, { bidTicks: 12, bidLots: 5, askTicks: 14, askLots: 5 });
 * // The print that took the ask at 12 arrives after the quote that it left behind.
 * rule.push({ timeMs: 1100, priceTicks: 12 }); // => { side: 'buy', method: 'quote-rule', confidence: 'at-quote' }
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createLeeReady(options: QuoteClassifierOptions = {}): QuoteClassifier {
  return startQuoteClassifier(leeReadyRule, options, undefined);
}

/**
 * The rule of Ellis, Michaely and O'Hara 2000 (doi 10.2307/2676254): at the ask a buy, at the bid a sell; anywhere else,
 * and without a quote, the tick rule.
 *
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createEmo(options: QuoteClassifierOptions = {}): QuoteClassifier {
  return startQuoteClassifier(emoRule, options, undefined);
}

/**
 * The rule of Chakrabarty, Li, Nguyen and Van Ness 2007 (doi 10.1016/j.jbankfin.2007.03.003): in the upper 30 % of the
 * spread a buy, in the lower 30 % a sell, both with their ends; in between, outside of the quote, and without a quote,
 * the tick rule.
 *
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createClnv(options: ClnvOptions = {}): QuoteClassifier {
  return startQuoteClassifier(clnvOf(options), options, undefined);
}

/**
 * The rule that a snapshot was taken of.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another rule or version, or of other options than
 *   those passed; left out, they are those of the snapshot.
 */
export function restoreQuoteRule(snapshot: QuoteClassifierSnapshot, options?: QuoteClassifierOptions): QuoteClassifier {
  return restoreQuoteClassifier(quoteRule.kind, () => quoteRule, options, snapshot);
}

/** As {@link restoreQuoteRule}, of {@link createLeeReady}. */
export function restoreLeeReady(snapshot: QuoteClassifierSnapshot, options?: QuoteClassifierOptions): QuoteClassifier {
  return restoreQuoteClassifier(leeReadyRule.kind, () => leeReadyRule, options, snapshot);
}

/** As {@link restoreQuoteRule}, of {@link createEmo}. */
export function restoreEmo(snapshot: QuoteClassifierSnapshot, options?: QuoteClassifierOptions): QuoteClassifier {
  return restoreQuoteClassifier(emoRule.kind, () => emoRule, options, snapshot);
}

/** As {@link restoreQuoteRule}, of {@link createClnv}. */
export function restoreClnv(snapshot: QuoteClassifierSnapshot, options?: ClnvOptions): QuoteClassifier {
  return restoreQuoteClassifier('clnv', clnvOf, options, snapshot);
}

/** {@link createTickRule} over columns: one classification a print. */
export function tickRuleOfColumns(trades: Pick<TradeColumns, 'priceTicks'>): Classification[] {
  const rule = createTickRule();
  const values: Classification[] = [];
  for (let i = 0; i < trades.priceTicks.length; i += 1) values.push(rule.push({ priceTicks: trades.priceTicks[i]! }));
  return values;
}

/**
 * {@link createQuoteRule} over columns. Before a print come the quotes up to its time, at the same time the quote first;
 * a quote row with a `NaN` says that there is none.
 */
export function quoteRuleOfColumns(
  trades: TradeColumns,
  quotes: QuoteColumns,
  options: QuoteClassifierOptions = {},
): ClassificationBatch {
  return classifyColumns(createQuoteRule(options), trades, quotes);
}

/** {@link createLeeReady} over columns, merged as in {@link quoteRuleOfColumns}. */
export function leeReadyOfColumns(
  trades: TradeColumns,
  quotes: QuoteColumns,
  options: QuoteClassifierOptions = {},
): ClassificationBatch {
  return classifyColumns(createLeeReady(options), trades, quotes);
}

/** {@link createEmo} over columns, merged as in {@link quoteRuleOfColumns}. */
export function emoOfColumns(
  trades: TradeColumns,
  quotes: QuoteColumns,
  options: QuoteClassifierOptions = {},
): ClassificationBatch {
  return classifyColumns(createEmo(options), trades, quotes);
}

/** {@link createClnv} over columns, merged as in {@link quoteRuleOfColumns}. */
export function clnvOfColumns(
  trades: TradeColumns,
  quotes: QuoteColumns,
  options: ClnvOptions = {},
): ClassificationBatch {
  return classifyColumns(createClnv(options), trades, quotes);
}

function clnvOf(options: ClnvOptions): QuoteRule {
  const edgePercent = options.edgePercent ?? clnvDefaults.edgePercent;
  requireWhole('edgePercent', edgePercent);
  requireBetween('edgePercent', edgePercent, 1, 50);
  return clnvRule(edgePercent);
}
