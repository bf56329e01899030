/**
 * Order flow of one symbol, sampled at a cadence: what the book and the best quotes were at the end of each interval, and
 * what flowed in it. Nothing is read and written here; the same events always give the same samples.
 */
import { type Book, createBook, restoreBook } from '@tapekit/orderflow/book';
import { isOrderflowError } from '@tapekit/orderflow/errors';
import { addExact, exactFromJson, type ExactInt, exactToJson } from '@tapekit/orderflow/exact';
import type { Grid } from '@tapekit/orderflow/grid';
import { orderBookImbalanceExact } from '@tapekit/orderflow/imbalance';
import type { L1Snapshot, MarketEvent, TickLevel, TickQuote } from '@tapekit/orderflow/market';
import { createOfi, restoreOfi } from '@tapekit/orderflow/ofi';
import { vampExact } from '@tapekit/orderflow/vamp';
import { AdaptersError } from '../../errors.ts';
import {
  checkOptions,
  type OrderBookSample,
  type OrderBookSampler,
  orderBookSamplerDefaults,
  type OrderBookSamplerOptions,
  type OrderBookSamplerState,
} from './sampler-options.ts';

/** @throws {@link AdaptersError} `bad-option`; `bad-record` for a state of other options. */
export function createOrderBookSampler(
  options: OrderBookSamplerOptions,
  from?: OrderBookSamplerState,
): OrderBookSampler {
  const { symbol, grid, source, rule } = options;
  const { everyMs, levels, best: bestFrom } = { ...orderBookSamplerDefaults, ...options };
  checkOptions(options, everyMs, levels, bestFrom);
  if (
    from &&
    ((from.v as number) !== 1 || from.symbol !== symbol || from.everyMs !== everyMs || (from.book === null) !== !rule)
  ) {
    throw new AdaptersError('bad-record', `The state is not one of a sampler of ${symbol} every ${everyMs} ms.`, {
      value: from,
    });
  }
  const { checksum, maxLevels } = options;
  const bookOptions = rule && {
    grid,
    rule,
    ...(checksum ? { checksum } : {}),
    ...(maxLevels === undefined ? {} : { maxLevels }),
  };
  const book: Book | undefined =
    bookOptions && (from?.book ? restoreBook(from.book, bookOptions) : createBook(bookOptions));
  const ofi = from ? restoreOfi(from.ofi) : createOfi();
  const counts = { quotes: 0, bookEvents: 0, staleQuotes: 0, offGrid: 0, breaks: 0, ...from?.counts };
  let cumulative: ExactInt | undefined = from && from.cumulative !== null ? exactFromJson(from.cumulative) : undefined;
  let endMs = from?.endMs ?? undefined;
  let best = from?.best ?? undefined;
  let tick = from?.tick ?? undefined;
  let lastQuoteId = from?.lastQuoteId ?? undefined;

  const sample = (atMs: number): OrderBookSample => {
    const { sum, events } = ofi;
    const total = events > 0 ? addExact(cumulative ?? 0, sum) : cumulative;
    const depth = levelsNow();
    return {
      ...(best === undefined ? {} : { quote: { ...best, time: atMs } }),
      metrics: {
        timeMs: atMs,
        symbol,
        obi: (depth && orderBookImbalanceExact(depth.bids.map(lots), depth.asks.map(lots))) ?? null,
        ofi: events > 0 ? grid.formatSize(sum) : null,
        ofiCumulative: total === undefined ? null : grid.formatSize(total),
        vamp: (depth && vampExact(grid, depth)) ?? null,
        source,
      },
    };
  };
  const levelsNow = (): { bids: readonly TickLevel[]; asks: readonly TickLevel[] } | undefined => {
    if (book) return book.stats().synced ? book.top(levels) : undefined;
    return (
      tick && {
        bids: [{ priceTicks: tick.bidTicks, sizeLots: tick.bidLots }],
        asks: [{ priceTicks: tick.askTicks, sizeLots: tick.askLots }],
      }
    );
  };
  /** A late event belongs to the open interval: time does not go back. */
  const advance = (timeMs: number): OrderBookSample | undefined => {
    if (endMs !== undefined && timeMs < endMs) return undefined;
    const closed = endMs === undefined ? undefined : sample(endMs);
    const { sumLots, events } = ofi.flush();
    if (events > 0) cumulative = addExact(cumulative ?? 0, sumLots);
    endMs = (Math.floor(timeMs / everyMs) + 1) * everyMs;
    return closed;
  };
  const setBest = (next: TickQuote | undefined, l1: L1Snapshot | undefined): void => {
    tick = next;
    best = l1;
    ofi.push(next);
  };
  const unknown = (): void => {
    counts.breaks += 1;
    setBest(undefined, undefined);
  };

  return {
    push(event) {
      if (event.symbol !== symbol) return undefined;
      if (event.type === 'quote') {
        const closed = advance(event.timeMs);
        counts.quotes += 1;
        if (bestFrom !== 'quotes') return closed;
        // The same quotes again (a file given twice, a resent message) are no flow.
        if (event.updateId !== undefined && lastQuoteId !== undefined && event.updateId < lastQuoteId) {
          counts.staleQuotes += 1;
          return closed;
        }
        lastQuoteId = event.updateId ?? lastQuoteId;
        const next = onGrid(grid, event);
        if (next === 'off-grid') {
          counts.offGrid += 1;
          setBest(undefined, undefined);
        } else setBest(next.tick, { time: event.timeMs, symbol, ...next.sides, source });
        return closed;
      }
      if ((event.type === 'book-snapshot' || event.type === 'book-delta') && book) {
        const closed = advance(event.timeMs);
        counts.bookEvents += 1;
        const { outcome, offGrid } = book.push(event);
        counts.offGrid += offGrid.length;
        const broken = outcome === 'gap' || outcome === 'checksum-mismatch';
        if (broken && bestFrom === 'quotes') counts.breaks += 1;
        if (bestFrom !== 'book') return closed;
        if (broken) unknown();
        // A snapshot says where the book is, not how it came there.
        if (outcome === 'snapshot') ofi.push(undefined);
        if (outcome === 'snapshot' || outcome === 'applied') {
          const { bids, asks } = book.top(1);
          setBest(book.best(), { time: event.timeMs, symbol, ...sidesOf(grid, bids[0], asks[0]), source });
        }
        return closed;
      }
      return undefined;
    },

    interrupt() {
      book?.invalidate();
      lastQuoteId = undefined;
      unknown();
    },

    flush: () => (endMs === undefined ? undefined : sample(endMs)),

    snapshot: () => ({
      v: 1,
      kind: 'order-book-sampler',
      symbol,
      everyMs,
      endMs: endMs ?? null,
      best: best ?? null,
      tick: tick ?? null,
      lastQuoteId: lastQuoteId ?? null,
      ofi: ofi.snapshot(),
      cumulative: cumulative === undefined ? null : exactToJson(cumulative),
      book: book?.snapshot() ?? null,
      counts: { ...counts },
    }),

    counts: () => ({ ...counts }),
  };
}

const lots = ({ sizeLots }: TickLevel): number => sizeLots;

type Sides = Pick<L1Snapshot, 'bidPrice' | 'bidSize' | 'askPrice' | 'askSize'>;

function sidesOf(grid: Grid, bid: TickLevel | undefined, ask: TickLevel | undefined): Sides {
  return {
    ...(bid && { bidPrice: grid.formatPrice(bid.priceTicks), bidSize: grid.formatSize(bid.sizeLots) }),
    ...(ask && { askPrice: grid.formatPrice(ask.priceTicks), askSize: grid.formatSize(ask.sizeLots) }),
  };
}

/** The quote in ticks and lots; a side of size 0, or without a price or size, is not there. */
function onGrid(
  grid: Grid,
  quote: Extract<MarketEvent, { type: 'quote' }>,
): { readonly tick: TickQuote | undefined; readonly sides: Sides } | 'off-grid' {
  try {
    const side = (price: typeof quote.bidPrice, size: typeof quote.bidSize): TickLevel | undefined => {
      if (price === undefined || size === undefined) return undefined;
      const sizeLots = grid.toLots(size);
      return sizeLots > 0 ? { priceTicks: grid.toTicks(price), sizeLots } : undefined;
    };
    const [bid, ask] = [side(quote.bidPrice, quote.bidSize), side(quote.askPrice, quote.askSize)];
    const both = bid && ask;
    const tick = both && {
      bidTicks: bid.priceTicks,
      bidLots: bid.sizeLots,
      askTicks: ask.priceTicks,
      askLots: ask.sizeLots,
    };
    return { tick, sides: sidesOf(grid, bid, ask) };
  } catch (error) {
    if (isOrderflowError(error)) return 'off-grid';
    throw error;
  }
}
