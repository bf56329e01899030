/** Bybit's `orderbook.1` as quotes: a delta takes the old best level away and brings the new one. */
import { createBookGate } from '../../internal/venue/book-gate.ts';
import { isZero, pairLevels, RecordError } from '../../internal/venue/fields.ts';
import type { Json } from '../../internal/venue/fields.ts';
import { quoteSides } from '../../internal/venue/quotes.ts';
import type { FrameSink } from '../../venue-feed.ts';
import { bookMessage } from './book-message.ts';

/** Sizes by price; a side has one level, and two while a frame is read. */
type Side = Map<string, string>;
type Levels = readonly (readonly [price: string, size: string])[];

/** More levels than a side of this topic has at any time: something was lost. */
const mostLevels = 50;

export function createTopOfBook(): { read(symbol: string, message: Json, sink: FrameSink): void } {
  const gate = createBookGate('none', 'quotes');
  const sides = new Map<string, { readonly bids: Side; readonly asks: Side }>();
  return {
    read(symbol, message, sink) {
      gate.guard(symbol, message['type'] === 'snapshot' ? 'snapshot' : 'delta', sink, () => {
        const { whole, timeMs, id, data } = bookMessage(message);
        const bids = pairLevels(data['b'], 'data.b');
        const asks = pairLevels(data['a'], 'data.a');
        if (whole) {
          gate.snapshot(symbol, id);
          sides.set(symbol, { bids: new Map(), asks: new Map() });
        } else if (!gate.delta(symbol, { first: id, last: id }, sink)) {
          return;
        }
        const both = sides.get(symbol)!;
        put(both.bids, bids as Levels);
        put(both.asks, asks as Levels);
        const best = quoteSides(bestOf(both.bids, 1), bestOf(both.asks, -1));
        sink.event({ type: 'quote', symbol, timeMs, updateId: id, ...best });
      });
    },
  };
}

function put(side: Side, levels: Levels): void {
  for (const [price, size] of levels) {
    if (isZero(size)) side.delete(price);
    else side.set(price, size);
  }
  if (side.size > mostLevels) throw new RecordError('orderbook.1', side.size, `at most ${mostLevels} levels a side`);
}

function bestOf(side: Side, sign: 1 | -1): readonly [string, string] | undefined {
  let best: readonly [string, string] | undefined;
  for (const level of side) if (!best || sign * (Number(level[0]) - Number(best[0])) > 0) best = level;
  return best;
}
