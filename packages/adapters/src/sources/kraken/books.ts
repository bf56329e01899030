/** Books of both protocols: whole ones and changes, each held against the checksum that comes with it. */
import type { BookLevel } from '@tapekit/orderflow/market';
import { createBookGate } from '../../internal/venue/book-gate.ts';
import { withSize } from '../../internal/venue/fields.ts';
import type { FrameSink } from '../../venue-feed.ts';
import { createBookChecksums } from './checksums.ts';

/** What a frame says of a book. */
export interface KrakenLevels {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly timeMs: number;
  readonly checksum?: number;
}

/** Reads levels and delivers them; a book that is not the venue's any more is asked for anew, and nothing of it goes out. */
export type DeliverBook = (
  symbol: string,
  whole: boolean,
  depth: number,
  sink: FrameSink,
  read: () => KrakenLevels,
) => void;

export function createBookDelivery(): DeliverBook {
  const gate = createBookGate('none');
  const checksums = createBookChecksums();
  return (symbol, whole, depth, sink, read) =>
    gate.guard(symbol, whole ? 'snapshot' : 'delta', sink, () => {
      const { bids, asks, ...rest } = read();
      const common = { symbol, lastUpdateId: 0, ...rest };
      const event = whole
        ? ({ type: 'book-snapshot', ...common, bids: withSize(bids), asks: withSize(asks) } as const)
        : ({ type: 'book-delta', ...common, firstUpdateId: 0, bids, asks } as const);
      if (whole) gate.snapshot(symbol, 0);
      else if (!gate.delta(symbol, { first: 0, last: 0 }, sink)) return;
      const detail = checksums.mismatch(event, depth);
      if (detail === undefined) {
        sink.event(event);
        if (whole && !checksums.isChecked(symbol)) sink.unmodelled('book without a checksum that can be checked');
        return;
      }
      sink.control({ kind: 'gap', symbol, channel: 'book', afterId: undefined, beforeId: undefined, detail });
      gate.lose(symbol, detail, sink);
    });
}
