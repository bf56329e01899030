/**
 * One instrument's session as a pure reducer: events in; bars, quotes per bar and the metrics document out.
 *
 * It does no I/O. What it cannot place on the grid it refuses, with the reason, and stays as it was.
 */
import { createTimeBars, timeBarsDefaults } from '@tapekit/footprint/time-bars';
import type { FootprintBar, FootprintRow } from '@tapekit/footprint/footprint-bar';
import { footprintToJson } from '@tapekit/footprint/footprint-json';
import type { FootprintJson } from '@tapekit/footprint/footprint-json';
import { createProfile } from '@tapekit/footprint/profile';
import { createSelfRulingBook } from './self-ruling-book.ts';
import type { BookEvent, TickLevel } from '@tapekit/orderflow/book';
import { createCvd } from '@tapekit/orderflow/cvd';
import { isOrderflowError } from '@tapekit/orderflow/errors';
import { addExact } from '@tapekit/orderflow/exact';
import type { ExactInt } from '@tapekit/orderflow/exact';
import { createGrid } from '@tapekit/orderflow/grid';
import type { Grid } from '@tapekit/orderflow/grid';
import { orderBookImbalanceExact } from '@tapekit/orderflow/imbalance';
import type { DecimalInput, L1Snapshot, Quote, TickQuote, TickTrade, Trade } from '@tapekit/orderflow/market';
import { createMlofi, createOfi } from '@tapekit/orderflow/ofi';
import { vampExact } from '@tapekit/orderflow/vamp';
import { vwapOf } from '@tapekit/orderflow/vwap';
import type { Metrics } from '@tapekit/sdk/schemas';
import { createBarFlows } from './bar-flow.ts';
import { createQuoteCheck } from './quote-check.ts';

/** Levels of the book that MLOFI looks at, and how many the metrics document prints. */
const mlofiLevels = 5;
const printedLevels = 20;

export interface SessionOptions {
  readonly symbol: string;
  readonly grid: Grid;
  readonly intervalMs: number;
  readonly rowTicks: number;
}

/** A bar that closed or was revised, with the flow and the book as they stood when that happened. */
export interface PublishedBar {
  readonly bar: FootprintJson;
  readonly revision: number;
  /**
   * OFI of the events since the bar before it, and since the start, in size units; as of its first close. Null for an
   * interval whose first trade came late.
   */
  readonly ofi: string | null;
  readonly ofiCumulative: string | null;
  /** Null while the book is not in sync. */
  readonly obi: string | null;
  readonly vamp: string | null;
  /** The latest best quotes. */
  readonly quote: L1Snapshot | undefined;
}

/** What an event did: the bars that it published, and why (part of) it was refused. */
export interface Outcome {
  readonly bars: readonly PublishedBar[];
  /** Set when the event, or a level of it, is off the grid or no decimal; everything else of it was taken. */
  readonly refused?: Refusal;
}

/** Why an event could not be placed on the grid. */
export interface Refusal {
  readonly reason: 'off-grid' | 'out-of-range';
  /** Names the value and the grid. */
  readonly detail: string;
}

/** The part of the metrics document that the session knows; the input's counts come from the source. */
export type SessionMetrics = Omit<Metrics, 'input'>;

export interface Session {
  trade(trade: Trade): Outcome;
  /** A print that is no market trade: counted, in no volume. */
  nonMarketTrade(): Outcome;
  quote(quote: Quote & { readonly updateId?: number }): Outcome;
  /** `line` is where the event stands in the input: a gap names it. */
  book(event: BookEvent, line: number): Outcome;
  /** Closes the bars that are still open. */
  flush(): Outcome;
  metrics(): SessionMetrics;
}

const nothing: Outcome = { bars: [] };

/** The book and the quotes when a bar closed. */
type BookMark = Pick<PublishedBar, 'obi' | 'vamp' | 'quote'>;

/** A session with empty state. */
export function createSession(options: SessionOptions): Session {
  const { symbol, grid } = options;
  const bookGrid = bookGridOf(grid);
  const bars = createTimeBars({ grid, intervalMs: options.intervalMs, rowTicks: options.rowTicks });
  const profile = createProfile({ rowTicks: 1 });
  const cvd = createCvd();
  const books = createSelfRulingBook(bookGrid);
  const ofi = createOfi();
  const mlofi = createMlofi({ levels: mlofiLevels });
  const check = createQuoteCheck();
  const gaps: { line: number; expected: number; received: number }[] = [];
  let quotes = 0;
  let staleQuotes = 0;
  let lastQuoteId = -Infinity;
  let nonMarket = 0;
  const flows = createBarFlows<BookMark>(timeBarsDefaults.retainBars + 1);
  let lastQuote: L1Snapshot | undefined;

  const publish = (closed: readonly FootprintBar[]): readonly PublishedBar[] =>
    closed.map((bar) => {
      const flow = flows.of(bar.startMs, () => ({ ofiLots: ofi.sum, book: bookMark() }));
      return {
        bar: footprintToJson(bar, { symbol, grid }),
        revision: bar.revision,
        ofi: flow && bookGrid.formatSize(flow.barOfiLots),
        ofiCumulative: flow && bookGrid.formatSize(flow.ofiLots),
        ...(flow ? flow.book : { obi: null, vamp: null, quote: undefined }),
      };
    });
  const bookMark = (): BookMark => {
    const top = books.book.stats().synced ? books.book.top(mlofiLevels) : undefined;
    return {
      obi: top ? imbalance(top) : null,
      vamp: top ? (vampExact(bookGrid, top) ?? null) : null,
      quote: lastQuote,
    };
  };

  return {
    trade(trade) {
      const onGrid = attempt(() => toTickTrade(grid, trade));
      if ('refused' in onGrid) return { bars: [], refused: onGrid.refused };
      const tick = onGrid.value;
      const before = bars.stats();
      const closed = bars.pushTicks(tick);
      const after = bars.stats();
      if (after.trades > before.trades) {
        profile.pushTicks(tick);
        cvd.push(tick);
      }
      return closed.length === 0 ? nothing : { bars: publish(closed) };
    },

    nonMarketTrade() {
      nonMarket += 1;
      return nothing;
    },

    quote(quote) {
      const onGrid = attempt(() => ({ tick: toTickQuote(bookGrid, quote), l1: l1Of(quote, bookGrid) }));
      if ('refused' in onGrid) return { bars: [], refused: onGrid.refused };
      quotes += 1;
      // The same quotes again (a file given twice, a resent message) are no flow.
      if (quote.updateId !== undefined && quote.updateId < lastQuoteId) {
        staleQuotes += 1;
        return nothing;
      }
      lastQuoteId = quote.updateId ?? lastQuoteId;
      const { tick } = onGrid.value;
      lastQuote = onGrid.value.l1;
      ofi.push(tick);
      if (tick && quote.updateId !== undefined) check.quote(quote.updateId, tick);
      return nothing;
    },

    book(event, line) {
      const result = books.push(event);
      const { book } = books;
      if (result.gap) {
        gaps.push({ line, ...result.gap });
        mlofi.push(undefined);
      } else if (result.outcome === 'snapshot') {
        mlofi.push(undefined);
        mlofi.push(book.top(mlofiLevels));
      } else if (result.outcome === 'applied') {
        mlofi.push(book.top(mlofiLevels));
        check.book(event.lastUpdateId, book.best());
      }
      const [first] = result.offGrid;
      if (!first) return nothing;
      return {
        bars: [],
        refused: {
          reason: first.reason === 'out-of-range' ? 'out-of-range' : 'off-grid',
          detail: `${first.side} level "${String(first.price)}" × "${String(first.size)}": ${first.reason} on tick ${bookGrid.tickSize}, lot ${bookGrid.lotSize}; ${result.offGrid.length} of the event's levels skipped, the others applied`,
        },
      };
    },

    flush() {
      return { bars: publish(bars.flush()) };
    },

    metrics() {
      const trades = bars.stats();
      const prices = profile.flush();
      const poc = prices?.rows.find((row) => row.priceTicks === prices.pocTicks);
      const totals = cvd.totals();
      const { book } = books;
      const bookStats = book.stats();
      const top = bookStats.synced ? book.top(printedLevels) : undefined;
      const best = book.best();
      const size = (lots: ExactInt): string => grid.formatSize(lots);
      const firstLevels = (n: number): { bids: readonly TickLevel[]; asks: readonly TickLevel[] } | undefined =>
        top && { bids: top.bids.slice(0, n), asks: top.asks.slice(0, n) };
      const printLevels = (levels: readonly TickLevel[]): [string, string][] =>
        levels.map((level) => [bookGrid.formatPrice(level.priceTicks), bookGrid.formatSize(level.sizeLots)]);
      const obiOf = (n: number): string | null => orNull(firstLevels(n), imbalance);
      const vampOf = (n: number): string | null =>
        orNull(firstLevels(n), (levels) => vampExact(bookGrid, levels) ?? null);
      return {
        v: 1,
        symbol,
        counts: {
          quotes,
          staleQuotes,
          bookSnapshots: bookStats.snapshots,
          bookDeltas: bookStats.deltas,
          trades: trades.trades + trades.duplicates + trades.lateRejected + trades.ignored + trades.future + nonMarket,
        },
        trades: {
          n: trades.trades,
          nonMarket: nonMarket + trades.ignored,
          idGaps: trades.idGaps,
          idDuplicates: trades.duplicates,
          late: trades.late,
          lateRejected: trades.lateRejected,
          firstTimeMs: trades.firstTimeMs ?? null,
          lastTimeMs: trades.lastTimeMs ?? null,
          volume: size(volumeOf(totals)),
          buy: size(totals.buyLots),
          sell: size(totals.sellLots),
          unknown: size(totals.unknownLots),
          delta: size(totals.cvdLots),
          vwap:
            (prices?.valueTickLots === undefined ? undefined : vwapOf(grid, prices.valueTickLots, prices.totalLots)) ??
            null,
          levels: prices?.rows.length ?? 0,
          poc: poc ? grid.formatPrice(poc.priceTicks) : null,
          pocVolume: poc ? size(volumeOf(poc)) : null,
        },
        cvd: size(cvd.value),
        ofi: { events: ofi.events, sum: bookGrid.formatSize(ofi.sum) },
        mlofi: { events: mlofi.events, sums: mlofi.sums.map((lots) => bookGrid.formatSize(lots)) },
        book: {
          synced: bookStats.synced,
          lastUpdateId: bookStats.lastUpdateId ?? null,
          bidLevels: bookStats.bidLevels,
          askLevels: bookStats.askLevels,
          droppedBeforeSnapshot: bookStats.droppedBeforeSnapshot,
          firstEventOk: bookStats.firstEventOk,
          applied: bookStats.applied,
          ignored: bookStats.ignored,
          gaps,
          quoteCheck: check.result(),
          bids: printLevels(top?.bids ?? []),
          asks: printLevels(top?.asks ?? []),
        },
        obi: { top1: obiOf(1), top5: obiOf(5), top20: obiOf(20) },
        vamp: {
          bbo: best ? vampOf(1) : null,
          top5: vampOf(5),
          top20: vampOf(20),
        },
      };
    },
  };
}

function volumeOf(by: Pick<FootprintRow, 'buyLots' | 'sellLots' | 'unknownLots'>): ExactInt {
  return addExact(addExact(by.buyLots, by.sellLots), by.unknownLots);
}

/**
 * The grid of quotes and books. A venue that makes its lot coarser leaves older orders resting in finer sizes (Binance
 * prints 8 decimals), so where the lot has a fraction the book counts in units of 10⁻⁸ or of the lot, if that is finer.
 */
function bookGridOf({ tickSize, lotSize }: Grid): Grid {
  const decimals = lotSize.split('.')[1]?.length ?? 0;
  return decimals === 0
    ? createGrid({ tickSize, lotSize })
    : createGrid({ tickSize, lotSize: `1e-${Math.max(8, decimals)}` });
}

type Attempt<T> = { readonly value: T } | { readonly refused: Refusal };

function attempt<T>(read: () => T): Attempt<T> {
  try {
    return { value: read() };
  } catch (error) {
    if (isOrderflowError(error, 'off-grid') || isOrderflowError(error, 'out-of-range')) {
      return { refused: { reason: error.code as Refusal['reason'], detail: error.message } };
    }
    throw error;
  }
}

function toTickTrade(grid: Grid, trade: Trade): TickTrade {
  return {
    timeMs: trade.timeMs,
    priceTicks: grid.toTicks(trade.price),
    sizeLots: grid.toLots(trade.size),
    side: trade.side,
    ...(trade.id === undefined ? {} : { id: trade.id }),
  };
}

/** Undefined while a side is missing: half a quote has no imbalance and no flow. */
function toTickQuote(grid: Grid, quote: Quote): TickQuote | undefined {
  const { bidPrice, bidSize, askPrice, askSize } = quote;
  if (bidPrice === undefined || bidSize === undefined || askPrice === undefined || askSize === undefined) {
    return undefined;
  }
  return {
    bidTicks: grid.toTicks(bidPrice),
    bidLots: grid.toLots(bidSize),
    askTicks: grid.toTicks(askPrice),
    askLots: grid.toLots(askSize),
  };
}

/** The quote as it is stored: each side that is known, on the grid. */
function l1Of(quote: Quote, grid: Grid): L1Snapshot {
  const price = (value: DecimalInput | undefined): string | undefined =>
    value === undefined ? undefined : grid.formatPrice(grid.toTicks(value));
  const size = (value: DecimalInput | undefined): string | undefined =>
    value === undefined ? undefined : grid.formatSize(grid.toLots(value));
  const sides = {
    bidPrice: price(quote.bidPrice),
    bidSize: size(quote.bidSize),
    askPrice: price(quote.askPrice),
    askSize: size(quote.askSize),
  };
  const known = Object.fromEntries(Object.entries(sides).filter(([, value]) => value !== undefined));
  return { time: quote.timeMs, symbol: quote.symbol, ...known, source: 'replay:binance-combined' };
}

function imbalance(top: { readonly bids: readonly TickLevel[]; readonly asks: readonly TickLevel[] }): string | null {
  return (
    orderBookImbalanceExact(
      top.bids.map((level) => level.sizeLots),
      top.asks.map((level) => level.sizeLots),
    ) ?? null
  );
}

function orNull<T, R>(value: T | undefined, read: (value: T) => R | null): R | null {
  return value === undefined ? null : read(value);
}
