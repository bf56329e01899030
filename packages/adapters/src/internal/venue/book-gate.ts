/** Lets deltas of a book through only while they follow on a snapshot without a hole. */
import type { FeedControl, FrameSink } from '../../venue-feed.ts';
import { RecordError } from './fields.ts';

/** The ids of a delta, where the venue numbers its books. */
export interface GateIds {
  readonly first: number;
  readonly last: number;
  /** The id of the delta before this one, where the venue names it. */
  readonly previous?: number | undefined;
}

/**
 * `next-id`: the first id is the last one plus 1; `previous-id`: the named previous id is the last one; `none`: nothing
 * tells a loss (a checksum may).
 */
export type GateChain = 'next-id' | 'previous-id' | 'none';

export interface BookGate {
  /** A whole book came: deltas may follow. */
  snapshot(symbol: string, id: number): void;
  /**
   * True when the delta may be delivered; else the sink knows why. One without a snapshot before it is a gap, and a reason to
   * ask for the book: once, until there is one.
   */
  delta(symbol: string, ids: GateIds, sink: FrameSink): boolean;
  /** True while the book of the symbol is whole. */
  isOpen(symbol: string): boolean;
  /** The book of the symbol is not to be trusted any more; the caller has told the gap. */
  lose(symbol: string, detail: string, sink: FrameSink): void;
  /** A gap in every book, and all are asked for: something came that nobody can read, and it may have been a delta. */
  readonly loseAll: (detail: string, sink: FrameSink) => void;
  /** Runs `read`; a bad record of a book is a hole in it, and a bad snapshot leaves none to follow. */
  guard(symbol: string, kind: 'snapshot' | 'delta', sink: FrameSink, read: () => void): void;
}

/** More books than any venue has. */
const mostAsked = 100_000;

export function createBookGate(chain: GateChain, channel = 'book'): BookGate {
  const last = new Map<string, number>();
  /** Books that were asked for since their last snapshot: what still comes of them says nothing new. */
  const asked = new Set<string>();

  const ask = (symbol: string, detail: string, sink: FrameSink): void => {
    if (asked.size < mostAsked) asked.add(symbol);
    sink.control({ kind: 'resync', symbol, channel, detail });
  };
  const lose = (symbol: string, detail: string, sink: FrameSink): void => {
    if (last.delete(symbol)) ask(symbol, detail, sink);
  };
  const gap = (
    symbol: string,
    afterId: number | undefined,
    beforeId: number | undefined,
    detail: string,
  ): FeedControl => ({
    kind: 'gap',
    symbol,
    channel,
    // Books without ids count as 0.
    afterId: afterId ? String(afterId) : undefined,
    beforeId: beforeId ? String(beforeId) : undefined,
    detail,
  });
  const hole = (symbol: string, detail: string, sink: FrameSink): void => {
    const before = last.get(symbol);
    if (before === undefined) return;
    sink.control(gap(symbol, before, undefined, detail));
    lose(symbol, detail, sink);
  };

  return {
    snapshot(symbol, id) {
      last.set(symbol, id);
      asked.delete(symbol);
    },
    isOpen: (symbol) => last.has(symbol),
    lose,
    loseAll(detail, sink) {
      for (const symbol of last.keys()) hole(symbol, detail, sink);
    },
    delta(symbol, ids, sink) {
      const before = last.get(symbol);
      if (before === undefined) {
        sink.unmodelled(`${channel} delta without snapshot`);
        if (asked.has(symbol)) return false;
        // Its snapshot was lost, or could not be read as anybody's.
        const detail = 'changes came without a snapshot before them';
        sink.control(gap(symbol, undefined, ids.first, detail));
        ask(symbol, detail, sink);
        return false;
      }
      const due = chain === 'next-id' ? before + 1 : before;
      const came = chain === 'next-id' ? ids.first : ids.previous;
      if (chain !== 'none' && came !== undefined && came !== due) {
        // The delta that came last, once more: nothing is lost.
        if (ids.last === before) {
          sink.unmodelled(`repeated ${channel} delta`);
          return false;
        }
        const detail = `${chain} ${came}; expected ${due}`;
        sink.control(gap(symbol, before, ids.first, detail));
        lose(symbol, detail, sink);
        return false;
      }
      last.set(symbol, ids.last);
      return true;
    },
    guard(symbol, kind, sink, read) {
      try {
        read();
      } catch (error) {
        if (!(error instanceof RecordError)) throw error;
        sink.reject('bad-record', error.message);
        if (kind === 'snapshot') last.set(symbol, 0);
        hole(symbol, error.message, sink);
      }
    },
  };
}
