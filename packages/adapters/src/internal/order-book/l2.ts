/** The book as decimal strings, from a book on a grid. */
import type { Book } from '@tapekit/orderflow/book';
import type { Grid } from '@tapekit/orderflow/grid';
import type { L2Level, L2Snapshot } from '../../order-book-provider.ts';

/** The first `depth` levels a side; `undefined` while the book is out of sync. */
export function l2Of(
  book: Book,
  grid: Grid,
  depth: number,
  from: Pick<L2Snapshot, 'time' | 'symbol' | 'source'>,
): L2Snapshot | undefined {
  const { synced, lastUpdateId } = book.stats();
  if (!synced) return undefined;
  const { bids, asks } = book.top(depth);
  const level = ({ priceTicks, sizeLots }: (typeof bids)[number]): L2Level => [
    grid.formatPrice(priceTicks),
    grid.formatSize(sizeLots),
  ];
  return {
    time: from.time,
    symbol: from.symbol,
    bids: bids.map(level),
    asks: asks.map(level),
    ...(lastUpdateId === undefined ? {} : { lastUpdateId }),
    source: from.source,
  };
}
