/** When a book must be fetched, and whether a fetched one is of use. The book itself is kept by the consumer. */
import type { SourceEvent } from '../../market-source.ts';
import type { FrameSink } from '../../venue-feed.ts';
import type { BinanceBookRule } from './message.ts';

type Delta = Extract<SourceEvent, { type: 'book-delta' }>;
type Snapshot = Extract<SourceEvent, { type: 'book-snapshot' }>;

export interface DepthSync {
  /** Delivers the delta; asks for a book at the first one, and after a hole in the ids. */
  delta(event: Delta, sink: FrameSink): void;
  /** Delivers the book if the deltas that came go on from it; else asks for a younger one. */
  snapshot(event: Snapshot, sink: FrameSink): void;
}

interface State {
  /** First id of the deltas that follow each other up to now. */
  firstId: number;
  lastId: number;
}

const channel = 'book';

export function createDepthSync(rule: BinanceBookRule): DepthSync {
  const states = new Map<string, State>();
  const follows = (delta: Delta, lastId: number): boolean =>
    rule === 'binanceSpot' ? delta.firstUpdateId <= lastId + 1 : delta.previousUpdateId === lastId;
  return {
    delta(event, sink) {
      const { symbol, firstUpdateId, lastUpdateId } = event;
      const state = states.get(symbol);
      if (!state) {
        states.set(symbol, { firstId: firstUpdateId, lastId: lastUpdateId });
        sink.control({ kind: 'resync', symbol, channel, detail: 'a book begins' });
      } else if (lastUpdateId > state.lastId) {
        if (!follows(event, state.lastId)) {
          const afterId = String(state.lastId);
          const detail = `depth update ${firstUpdateId} to ${lastUpdateId} does not follow on ${afterId}`;
          sink.control({ kind: 'gap', symbol, channel, afterId, beforeId: String(firstUpdateId), detail });
          sink.control({ kind: 'resync', symbol, channel, detail });
          state.firstId = firstUpdateId;
        }
        state.lastId = lastUpdateId;
      }
      sink.event(event);
    },
    snapshot(event, sink) {
      const { symbol, lastUpdateId } = event;
      const firstId = states.get(symbol)?.firstId;
      // Spot updates begin one after the book at the latest, those of futures within it.
      const oldest = firstId === undefined ? -Infinity : rule === 'binanceSpot' ? firstId - 1 : firstId;
      if (lastUpdateId < oldest) {
        const detail = `the fetched book ends at ${lastUpdateId}, before the first update ${String(firstId)}`;
        sink.unmodelled('depth snapshot that is too old');
        sink.control({ kind: 'resync', symbol, channel, detail });
        return;
      }
      sink.event(event);
    },
  };
}
