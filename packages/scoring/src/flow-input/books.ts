import { ScoringError } from '../errors.ts';
import { clampUnit } from '../internal/micro-points.ts';

/** One price level on the grid. */
export interface FlowLevel {
  readonly priceTicks: number;
  readonly sizeLots: number;
}

/** A book, best level first on both sides. */
export interface FlowBook {
  readonly bids: readonly FlowLevel[];
  readonly asks: readonly FlowLevel[];
}

/** A best bid and offer. */
export interface FlowQuote {
  readonly bidTicks: number;
  readonly bidLots: number;
  readonly askTicks: number;
  readonly askLots: number;
}

/** What books say. */
export interface RestingFlow {
  readonly obi: number | undefined;
  readonly ofiTrend: number | undefined;
  readonly known: number;
  readonly unknown: number;
}

/** Imbalance and flow over books; `offset` is the index of the first one, for messages. */
export function bookFlow(
  books: readonly (FlowBook | undefined)[],
  levels: number,
  offset: number,
): RestingFlow | undefined {
  let [bid, ask, net, way, known] = [0, 0, 0, 0, 0];
  let before: FlowBook | undefined;
  books.forEach((book, i) => {
    if (book) checkBook(book, levels, offset + i);
    const bestBid = book?.bids[0];
    const bestAsk = book?.asks[0];
    // A crossed book is an auction or out of sync: nobody rests where he could trade.
    const isCrossed = bestBid !== undefined && bestAsk !== undefined && bestBid.priceTicks > bestAsk.priceTicks;
    if (!book || (!bestBid && !bestAsk) || isCrossed) {
      before = undefined;
      return;
    }
    known += 1;
    bid += sizeOf(book.bids, levels);
    ask += sizeOf(book.asks, levels);
    if (!bestBid || !bestAsk) {
      before = undefined;
      return;
    }
    if (before) {
      const flow = sideFlow(bestBid, before.bids[0]!, 1) - sideFlow(bestAsk, before.asks[0]!, -1);
      net += flow;
      way += Math.abs(flow);
    }
    before = book;
  });
  if (bid + ask === 0) return undefined;
  return {
    obi: (bid - ask) / (bid + ask),
    ofiTrend: way > 0 ? clampUnit(net / way) : undefined,
    known,
    unknown: books.length - known,
  };
}

/** How the resting size of a side grew: all of it when its price improved, none of the old when it fell back. */
function sideFlow(now: FlowLevel, before: FlowLevel, better: 1 | -1): number {
  const move = (now.priceTicks - before.priceTicks) * better;
  return move > 0 ? now.sizeLots : move < 0 ? -before.sizeLots : now.sizeLots - before.sizeLots;
}

function sizeOf(side: readonly FlowLevel[], levels: number): number {
  let sum = 0;
  for (let i = 0; i < side.length && i < levels; i++) sum += side[i]!.sizeLots;
  return sum;
}

function checkBook({ bids, asks }: FlowBook, levels: number, index: number): void {
  for (const side of [bids, asks]) {
    for (let i = 0; i < side.length && i < levels; i++) {
      const { priceTicks, sizeLots } = side[i]!;
      if (Number.isFinite(priceTicks) && Number.isFinite(sizeLots) && sizeLots >= 0) continue;
      throw new ScoringError(
        'bad-value',
        `level ${i} of book ${index} is "${String(sizeLots)}" at "${String(priceTicks)}", expected a finite price and a ` +
          'size of at least 0. Pass undefined for a book that is not known.',
        side[i],
      );
    }
  }
}
