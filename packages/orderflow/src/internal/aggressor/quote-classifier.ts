import { OrderflowError } from '../../errors.ts';
import type { Side, TickQuote } from '../../market.ts';
import { requireBetween, requireTrade, requireWhole, printOf } from '../shared/checks.ts';
import type { Classification, Classifier } from './classification.ts';
import { excerpt } from '../shared/excerpt.ts';
import { createQuoteHistory, quoteHistoryShape } from './quote-history.ts';
import type { QuoteHistoryCounts, QuoteHistoryState, Spread } from './quote-history.ts';
import { requireSameOptions } from '../shared/same-options.ts';
import { count, fields, finite, orNull } from '../shared/shapes.ts';
import { restored, storedOptions } from '../shared/snapshot.ts';
import { createTickRule, restoreTickRule } from './tick-rule.ts';
import type { TickRuleSnapshot } from './tick-rule.ts';

/** Options of the rules that read quotes. */
export interface QuoteClassifierOptions {
  /**
   * How old a quote must be to count, in milliseconds: the quote in force for a print at t is the last one with a time
   * of at most `t − quoteLagMs`. At 0 a quote of the same time counts.
   * @defaultValue 0
   */
  readonly quoteLagMs?: number;
  /**
   * How far a print may lie before the latest time seen and still find its quote, in milliseconds. A print beyond it
   * may find none, and is then classified as if there were none.
   * @defaultValue 1000
   */
  readonly reorderMs?: number;
  /**
   * Most changes of price that are remembered: the bound of the memory. One that is pushed out while it could still be
   * asked for is counted in `droppedQuotes`.
   * @defaultValue 10,000
   */
  readonly maxQuotes?: number;
}

/** What the rules that read quotes use where an option is left out. */
export const quoteClassifierDefaults: Required<QuoteClassifierOptions> = {
  quoteLagMs: 0,
  reorderMs: 1000,
  maxQuotes: 10_000,
};

/** What a {@link QuoteClassifier} saw since its start. */
export interface QuoteClassifierCounts extends QuoteHistoryCounts {
  /** Prints classified. */
  readonly trades: number;
  /** Prints for which no usable quote was in force; the rule fell back, or the side is unknown. */
  readonly tradesWithoutQuote: number;
}

/** A running rule that reads quotes. Made by {@link createLeeReady} and its sisters. */
export interface QuoteClassifier extends Classifier {
  /**
   * Takes the next quote; `undefined` says that there is none from `timeMs` on (a side is empty, the book is out of
   * sync). Locked and crossed quotes and those with an empty side count as none. A quote with a time before the one
   * pushed last is counted and left out.
   * @throws {@link OrderflowError} `bad-quote` for what is no quote on a grid or a time that is not finite; the state is
   *   as before.
   */
  pushQuote(timeMs: number, quote: TickQuote | undefined): void;
  /** What was seen since the start. */
  readonly counts: QuoteClassifierCounts;
  /** The state as plain JSON: as many quotes as `quoteLagMs + reorderMs` hold, at most `maxQuotes`. */
  snapshot(): QuoteClassifierSnapshot;
}

/** The state of a {@link QuoteClassifier}. */
export interface QuoteClassifierSnapshot {
  readonly v: 1;
  /** Which rule. */
  readonly kind: string;
  /** What the rule was created with. */
  readonly options: QuoteClassifierState;
  readonly history: QuoteHistoryState;
  readonly latestMs: number | null;
  readonly trades: number;
  readonly tradesWithoutQuote: number;
  readonly tickRule: TickRuleSnapshot | null;
}

/** The options that a rule runs with. */
export interface QuoteClassifierState extends Required<QuoteClassifierOptions> {
  /** Of CLNV alone. */
  readonly edgePercent?: number;
}

/** How a rule reads a price and the quote in force; `undefined` where it has no opinion. */
export type Decide = (priceTicks: number, quote: Spread) => { side: Side; confidence: Where } | undefined;
type Where = 'at-quote' | 'inside' | 'outside';

/** One of the rules: the only thing in which they differ. */
export interface QuoteRule {
  readonly kind: string;
  readonly decide: Decide;
  /** Asks the tick rule where `decide` has no opinion. */
  readonly fallBack: boolean;
  /** Of CLNV alone, for the snapshot. */
  readonly edgePercent?: number;
}

/** A rule as it is stored. */
const shape = fields({
  history: quoteHistoryShape,
  latestMs: orNull(finite),
  trades: count,
  tradesWithoutQuote: count,
});

/**
 * The rule that a snapshot was taken of; `ruleOf` gives the one of some options.
 * @throws {@link OrderflowError} `bad-snapshot`; `bad-option` for options that are none.
 */
export function restoreQuoteClassifier<Options extends QuoteClassifierOptions>(
  kind: string,
  ruleOf: (options: Options) => QuoteRule,
  options: Options | undefined,
  snapshot: QuoteClassifierSnapshot,
): QuoteClassifier {
  return restored(snapshot, kind, shape, () => {
    if (options) return startQuoteClassifier(ruleOf(options), options, snapshot);
    const rule = storedOptions(ruleOf, snapshot.options as unknown as Options);
    const stored = storedOptions((given) => optionsOf(rule, given), snapshot.options);
    return startQuoteClassifier(rule, stored, snapshot);
  });
}

/** A running rule, from the start or from a snapshot. */
export function startQuoteClassifier(
  rule: QuoteRule,
  options: QuoteClassifierOptions | undefined,
  from: QuoteClassifierSnapshot | undefined,
): QuoteClassifier {
  const stored = optionsOf(rule, options ?? from?.options ?? {});
  if (from) requireSameOptions(rule.kind, from.options, stored);
  const { quoteLagMs, reorderMs, maxQuotes } = stored;
  const history = createQuoteHistory(maxQuotes, from?.history);
  const tickRule = rule.fallBack ? (from?.tickRule ? restoreTickRule(from.tickRule) : createTickRule()) : undefined;
  let latest = from?.latestMs ?? -Infinity;
  let trades = from?.trades ?? 0;
  let tradesWithoutQuote = from?.tradesWithoutQuote ?? 0;
  const advance = (timeMs: number): void => {
    if (timeMs > latest) latest = timeMs + 0;
    history.trim(latest - quoteLagMs - reorderMs);
  };

  return {
    pushQuote(timeMs, quote) {
      if (!Number.isFinite(timeMs)) throw badQuoteTime(timeMs);
      history.push(timeMs, quote);
      advance(timeMs);
    },
    push(trade) {
      const { priceTicks, timeMs } = printOf(trade);
      requireTrade({ priceTicks, timeMs, sizeLots: 0 });
      const byTick = tickRule?.push({ priceTicks });
      const quote = history.at(timeMs - quoteLagMs);
      advance(timeMs);
      trades += 1;
      if (!quote) tradesWithoutQuote += 1;
      const byQuote = quote && rule.decide(priceTicks, quote);
      if (byQuote) return { side: byQuote.side, method: 'quote-rule', confidence: byQuote.confidence };
      return byTick ?? nothing();
    },
    flush: () => undefined,
    get counts() {
      return { trades, tradesWithoutQuote, ...history.counts() };
    },
    snapshot: () => ({
      v: 1,
      kind: rule.kind,
      options: { ...stored },
      history: history.state(),
      latestMs: latest === -Infinity ? null : latest,
      trades,
      tradesWithoutQuote,
      tickRule: tickRule?.snapshot() ?? null,
    }),
  };
}

function nothing(): Classification {
  return { side: 'unknown', method: 'quote-rule', confidence: 'none' };
}

function badQuoteTime(timeMs: number): OrderflowError {
  return new OrderflowError(
    'bad-quote',
    `timeMs ${excerpt(timeMs)} of a quote is not a time in epoch milliseconds. Pass the time on the clock of the trades.`,
    timeMs,
  );
}

function optionsOf(rule: QuoteRule, options: QuoteClassifierOptions): QuoteClassifierState {
  const { quoteLagMs, reorderMs, maxQuotes } = { ...quoteClassifierDefaults, ...options };
  requireBetween('quoteLagMs', quoteLagMs, 0);
  requireBetween('reorderMs', reorderMs, 0);
  requireWhole('maxQuotes', maxQuotes);
  return {
    quoteLagMs: quoteLagMs + 0,
    reorderMs: reorderMs + 0,
    maxQuotes,
    ...(rule.edgePercent === undefined ? {} : { edgePercent: rule.edgePercent }),
  };
}
