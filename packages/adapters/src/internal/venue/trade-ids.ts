/** Finds lost trades by ids that count by 1 for each symbol. */
import type { FrameSink } from '../../venue-feed.ts';

export interface TradeIds {
  /** Takes the ids of the next record in order of arrival, `first` to `last`; reports what is missing before them. */
  push(symbol: string, first: number, last: number, sink: FrameSink): void;
  /** The venue says that this was the last trade so far. */
  upTo(symbol: string, id: number, sink: FrameSink): void;
}

export function createTradeIds(): TradeIds {
  const last = new Map<string, number>();
  const report = (symbol: string, after: number, before: number, sink: FrameSink): void => {
    sink.control({
      kind: 'gap',
      symbol,
      channel: 'trades',
      afterId: String(after),
      beforeId: String(before),
      detail: `trade ${before} after ${after}; ${before - after - 1} are missing`,
    });
  };
  return {
    push(symbol, first, lastId, sink) {
      const before = last.get(symbol);
      if (before !== undefined && first > before + 1) report(symbol, before, first, sink);
      // A repeat or a late one changes nothing: whoever stores trades tells them by their id.
      if (before === undefined || lastId > before) last.set(symbol, lastId);
    },
    upTo(symbol, id, sink) {
      const before = last.get(symbol);
      if (before === undefined || id <= before) return;
      report(symbol, before, id + 1, sink);
      last.set(symbol, id);
    },
  };
}
