/**
 * What order flow is known of a symbol, as the input of `scoreOrderFlow`: from books or quotes where there are any, from
 * the trades of footprint bars, or from OHLCV bars as a labelled stand-in. What is not known stays unknown.
 *
 * The types are the fields that are read; a `TickQuote`, the levels of a book and a `FootprintBar` of the other packages
 * fit as they are.
 */
import type { ComponentScore } from './component.ts';
import { missingComponent } from './component.ts';
import { ScoringError } from './errors.ts';
import { barFlow } from './flow-input/bars.ts';
import type { FlowBar } from './flow-input/bars.ts';
import { bookFlow } from './flow-input/books.ts';
import type { FlowBook, FlowQuote } from './flow-input/books.ts';
import { footprintFlow } from './flow-input/footprints.ts';
import type { FlowFootprint, FootprintFlow } from './flow-input/footprints.ts';
import { checkPeriod } from './internal/checks.ts';
import { clampUnit, scoreFromOffset, words } from './internal/micro-points.ts';
import { withDefaults } from './internal/options.ts';
import type { OrderFlowInput } from './order-flow.ts';

export type { FlowBar } from './flow-input/bars.ts';
export type { FlowBook, FlowLevel, FlowQuote } from './flow-input/books.ts';
export type { FlowFootprint, FootprintFlow } from './flow-input/footprints.ts';

/** Options of {@link flowInput}. */
export interface FlowInputOptions {
  /**
   * Books, quotes or bars to look at, counted back from the last.
   * @defaultValue 60
   */
  readonly window?: number;
  /**
   * Levels of a book in the imbalance.
   * @defaultValue 5
   */
  readonly levels?: number;
}

/** The options that apply where none are given. */
export const flowInputDefaults: Required<FlowInputOptions> = { window: 60, levels: 5 };

/** Order flow, and where it comes from. */
export interface FlowInput extends OrderFlowInput {
  /** −1 (asks only) to 1 (bids only); `undefined` where unknown. */
  readonly obi: number | undefined;
  /** −1 (sellers only) to 1 (buyers only); `undefined` where unknown. */
  readonly ofiTrend: number | undefined;
  readonly source: 'books' | 'footprints' | 'ohlcv' | 'quotes';
  /** Books, quotes or bars that could be read. */
  readonly known: number;
  /** Books, quotes or bars that were unknown or empty. */
  readonly unknown: number;
}

/** Everything that order flow can be read from, oldest first; leave out what there is not. */
export interface FlowSources {
  /** Order books; `undefined` while a book was out of sync. */
  readonly books?: readonly (FlowBook | undefined)[] | undefined;
  /** Best bids and offers; `undefined` while a side was empty. */
  readonly quotes?: readonly (FlowQuote | undefined)[] | undefined;
  readonly footprints?: readonly FlowFootprint[] | undefined;
  readonly bars?: readonly FlowBar[] | undefined;
}

/**
 * From L2: the imbalance of the resting sizes over the window, Σ (bids − asks) ÷ Σ (bids + asks) of the first levels, and
 * the trend of order flow: the OFI (Cont, Kukanov and Stoikov 2014, doi 10.1093/jjfinec/nbt003) of the best quote over the
 * window ÷ the sum of its absolute contributions, so 1 when every change was buying.
 *
 * An unknown book, or a crossed one, breaks the flow: what happened meanwhile is not guessed.
 *
 * @example
 * ```ts
 * const book = (bidLots: number, askLots: number) => ({
 *   bids: [{ priceTicks: 100, sizeLots: bidLots }], asks: [{ priceTicks: 101, sizeLots: askLots }],
 * });
 * const { obi, ofiTrend, quality } = flowFromBooks([book(10, 10), book(16, 10), book(16, 12)])!;
 * [obi, ofiTrend, quality]; // => [0.13513513513513514, 0.5, 'measured']
 * ```
 * @returns `undefined` when no book of the window has any size.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` naming the book.
 */
export function flowFromBooks(
  books: readonly (FlowBook | undefined)[],
  options: FlowInputOptions = {},
): FlowInput | undefined {
  const { window, levels } = checkOptions(options);
  const flow = bookFlow(books.slice(-window), levels, Math.max(0, books.length - window));
  return flow && { ...flow, quality: 'measured', source: 'books' };
}

/**
 * From L1: as {@link flowFromBooks}, with the best level alone.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` naming the quote.
 */
export function flowFromQuotes(
  quotes: readonly (FlowQuote | undefined)[],
  options: FlowInputOptions = {},
): FlowInput | undefined {
  const { window } = checkOptions(options);
  const books = quotes.slice(-window).map((quote): FlowBook | undefined => {
    if (!quote) return undefined;
    return {
      bids: [{ priceTicks: quote.bidTicks, sizeLots: quote.bidLots }],
      asks: [{ priceTicks: quote.askTicks, sizeLots: quote.askLots }],
    };
  });
  const flow = bookFlow(books, 1, Math.max(0, quotes.length - window));
  return flow && { ...flow, quality: 'measured', source: 'quotes' };
}

/**
 * From the trades of footprint bars: the trend of order flow as Σ delta ÷ Σ (buy + sell). Trades say nothing about resting
 * sizes, so `obi` stays unknown.
 * @returns `undefined` when no trade of the window has a known aggressor.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` naming the bar.
 */
export function flowFromFootprints(
  footprints: readonly FlowFootprint[],
  options: FlowInputOptions = {},
): FlowInput | undefined {
  const { window } = checkOptions(options);
  const flow = footprintFlow(footprints.slice(-window), Math.max(0, footprints.length - window));
  if (flow.deltaShare === undefined) return undefined;
  const { deltaShare, known, unknown } = flow;
  return { obi: undefined, ofiTrend: deltaShare, quality: 'measured', source: 'footprints', known, unknown };
}

/**
 * From OHLCV bars: with m = ((C − L) − (H − C)) ÷ (H − L) of each bar, `obi` = Σ V·m ÷ Σ V over the window, and `ofiTrend` =
 * that of the newer half − that of the older half, within −1 to 1. A guess from shape and volume: `quality` is `proxy`.
 * The numbers are those of `orderflowInputsFromOhlcv` of `@tapekit/orderflow`.
 * @returns `undefined` when nothing traded in the window.
 * @throws {@link ScoringError} `bad-option`, or `bad-value` naming the bar.
 */
export function flowFromBars(bars: readonly FlowBar[], options: FlowInputOptions = {}): FlowInput | undefined {
  const { window } = checkOptions(options);
  const flow = barFlow(bars.slice(-window), Math.max(0, bars.length - window));
  return flow && { ...flow, quality: 'proxy', source: 'ohlcv' };
}

/**
 * The best order flow that there is: books, else quotes; from footprints where only they are known, and for what the book
 * does not say; OHLCV bars where nothing was measured. A measured number is never mixed with a stand-in.
 *
 * @returns `undefined` when nothing is known; the component is then `missing`.
 * @throws {@link ScoringError} as the functions for the single sources.
 */
export function flowInput(sources: FlowSources, options: FlowInputOptions = {}): FlowInput | undefined {
  const { books, quotes, footprints, bars } = sources;
  const resting = (books && flowFromBooks(books, options)) ?? (quotes && flowFromQuotes(quotes, options)) ?? undefined;
  const traded = footprints && flowFromFootprints(footprints, options);
  if (resting) return { ...resting, ofiTrend: resting.ofiTrend ?? traded?.ofiTrend };
  return traded ?? (bars && flowFromBars(bars, options));
}

/** Options of {@link scoreFootprintFlow}. */
export interface FootprintFlowOptions {
  /**
   * Bars to look at, counted back from the last.
   * @defaultValue 20
   */
  readonly window?: number;
  /**
   * Share of the volume that, as delta, is worth all its points.
   * @defaultValue 0.2
   */
  readonly fullDeltaShare?: number;
}

/** Points of the rules of the component `footprint`; together 50. */
export const footprintFlowPoints: {
  /** Σ delta ÷ Σ (buy + sell), in units of `fullDeltaShare`. */
  readonly deltaShare: number;
  /** Net CVD ÷ the way that it went. */
  readonly cvdTrend: number;
  /** (Buy signals − sell signals) ÷ signals of the bars. */
  readonly signals: number;
} = { deltaShare: 25, cvdTrend: 15, signals: 10 };

/**
 * The component `footprint` from the trades of bars and, where given, the score of each bar's signal (`barSignals` of
 * `@tapekit/footprint`): 50 plus up to 50 points, buyers for and sellers against. Without signals the rest is scaled up.
 *
 * `missing` without a trade whose aggressor is known. Coverage is the share of the rules that could be tried times the
 * share of the volume whose aggressor is known.
 *
 * @example
 * ```ts
 * const bars = [{ buyLots: 60, sellLots: 40, unknownLots: 0 }, { buyLots: 50, sellLots: 50, unknownLots: 3 }];
 * scoreFootprintFlow(bars).score; // => 84.375
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` naming the bar.
 */
export function scoreFootprintFlow(
  footprints: readonly FlowFootprint[],
  options: FootprintFlowOptions = {},
): ComponentScore {
  const { window = 20, fullDeltaShare = 0.2 } = options;
  checkPeriod('window', window);
  if (!(fullDeltaShare > 0 && fullDeltaShare <= 1)) {
    throw new ScoringError(
      'bad-option',
      `fullDeltaShare "${String(fullDeltaShare)}" is not a share above 0, at most 1. Pass for example 0.2.`,
      fullDeltaShare,
    );
  }
  const { deltaShare, cvdTrend, signals, knownShare, signalShare }: FootprintFlow = footprintFlow(
    footprints.slice(-window),
    Math.max(0, footprints.length - window),
  );
  const inputs = { deltaShare, cvdTrend, signals, knownShare };
  if (deltaShare === undefined) {
    return missingComponent('footprint', `no trade with a known aggressor in the last ${window} bars`, inputs);
  }
  const { deltaShare: delta, cvdTrend: trend, signals: marks } = footprintFlowPoints;
  const points = delta * clampUnit(deltaShare / fullDeltaShare) + trend * (cvdTrend ?? 0) + marks * (signals ?? 0);
  const reachable = delta + trend + (signals === undefined ? 0 : marks);
  return {
    name: 'footprint',
    score: scoreFromOffset((50 * points) / reachable),
    quality: 'measured',
    reasons: [
      `delta ${words(100 * deltaShare)} % of the volume with a known aggressor`,
      `cumulative delta went ${words(100 * (cvdTrend ?? 0))} % of its way in one direction`,
      signals === undefined ? 'signals of the bars are unknown and left out' : `signals of the bars: ${words(signals)}`,
    ],
    inputs,
    rule:
      `50 + (${delta} × deltaShare ÷ ${fullDeltaShare} + ${trend} × cvdTrend` +
      `${signals === undefined ? '' : ` + ${marks} × signals`}, each within ±1) × 50 ÷ ${reachable}`,
    coverage: ((delta + trend + marks * signalShare) / (delta + trend + marks)) * (knownShare ?? 0),
  };
}

function checkOptions(options: FlowInputOptions): Required<FlowInputOptions> {
  const { window, levels } = withDefaults(flowInputDefaults, options);
  checkPeriod('window', window);
  checkPeriod('levels', levels);
  return { window, levels };
}
