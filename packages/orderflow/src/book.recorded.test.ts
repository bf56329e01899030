/** Recorded Binance sessions through the book, against answers that were computed independently. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { bookRules, createBook, restoreBook } from './book.ts';
import type { BookEvent, BookRule } from './book.ts';
import { createCvd } from './cvd.ts';
import { addExact, multiplyExact } from './exact.ts';
import type { ExactInt } from './exact.ts';
import { createGrid } from './grid.ts';
import { vwapOf } from './vwap.ts';

interface Answers {
  readonly files: readonly string[];
  readonly symbol: string;
  readonly tick: string;
  readonly counts: Record<
    'depth_events' | 'snapshots' | 'dropped_before_snapshot' | 'first_event_ok' | 'applied',
    number
  >;
  readonly bookTicker_same_u_comparison: { readonly equal: number };
  readonly sequence_gaps: readonly unknown[];
  readonly final_book: {
    readonly lastUpdateId: number;
    readonly n_bids: number;
    readonly n_asks: number;
    readonly bids: readonly (readonly [string, string])[];
    readonly asks: readonly (readonly [string, string])[];
  };
  readonly trades: Record<'n' | 'trade_id_gaps', number> & Record<'buy_qty' | 'sell_qty' | 'delta' | 'vwap', string>;
}

type Levels = readonly (readonly [string, string])[];
/** The fields of the recorded messages that are read here; which ones are there depends on the message. */
interface Message {
  readonly e?: string;
  readonly E: number;
  readonly T: number;
  readonly s: string;
  readonly lastUpdateId?: number;
  readonly bids: Levels;
  readonly asks: Levels;
  readonly U: number;
  readonly u: number;
  readonly pu?: number;
  /** Price in a bookTicker, levels in a depthUpdate. */
  readonly b: string | Levels | undefined;
  readonly B: string;
  readonly a: string | Levels | undefined;
  readonly A: string;
  readonly p: string;
  readonly q: string;
  readonly m: boolean;
  readonly X?: string;
}

function* messagesOf(files: readonly string[]): Generator<Message> {
  for (const file of files) {
    for (const line of gunzipSync(readFileSync(recordedPath(`trades_books/${file}`)))
      .toString()
      .split('\n')) {
      if (line === '') continue;
      const parsed = JSON.parse(line.slice(line.indexOf(' ') + 1)) as Message | { stream: string; data: Message };
      yield 'stream' in parsed ? parsed.data : parsed;
    }
  }
}

function bookEventOf(message: Message, symbol: string): BookEvent | undefined {
  if (message.lastUpdateId !== undefined) {
    const { lastUpdateId, bids, asks } = message;
    return { type: 'book-snapshot', symbol, timeMs: 0, lastUpdateId, bids, asks };
  }
  if (message.e !== 'depthUpdate') return undefined;
  const { E, U, u, pu, b, a } = message;
  return {
    type: 'book-delta',
    symbol,
    timeMs: E,
    firstUpdateId: U,
    lastUpdateId: u,
    ...(pu === undefined ? {} : { previousUpdateId: pu }),
    bids: b as Levels,
    asks: a as Levels,
  };
}

// The lot of spot ETHUSDT is 0.0001, but two resting sizes far from the market are finer (last test).
const sessions: readonly [expected: string, lotSize: string, rule: BookRule][] = [
  ['binance_spot_ETHUSDT', '0.00001', bookRules.binanceSpot],
  ['binance_usdm_ETHUSDT', '0.001', bookRules.binanceFutures],
  ['binance_cm_ETHUSD_PERP', '1', bookRules.binanceFutures],
];

describe.skipIf(!hasRecordedData).each(sessions)('the recorded session %s', (name, lotSize, rule) => {
  const answers = hasRecordedData ? expectedAnswers<Answers>(name) : (undefined as never);
  const gridOf = () => createGrid({ tickSize: answers.tick, lotSize });

  test('keeps the book in sync, with the best quote of every bookTicker of the same update id', () => {
    const grid = gridOf();
    let book = createBook({ grid, rule });
    const gaps: unknown[] = [];
    const quotes = new Map<number, Message>();
    let equal = 0;
    const different: unknown[] = [];
    let events = 0;
    for (const message of messagesOf(answers.files)) {
      if (typeof message.b === 'string') quotes.set(message.u, message);
      const event = bookEventOf(message, answers.symbol);
      if (!event) continue;
      const { outcome, gap, offGrid } = book.push(event);
      if (gap) gaps.push(gap);
      expect(offGrid).toEqual([]);
      // A cut in the middle of the session must not show.
      if ((events += 1) % 3000 === 0) book = restoreBook(JSON.parse(JSON.stringify(book.snapshot())), { grid, rule });
      const quote = outcome === 'applied' && event.type === 'book-delta' ? quotes.get(event.lastUpdateId) : undefined;
      if (!quote) continue;
      const [bidTicks, askTicks] = [grid.toTicks(quote.b as string), grid.toTicks(quote.a as string)];
      const theirs = { bidTicks, bidLots: grid.toLots(quote.B), askTicks, askLots: grid.toLots(quote.A) };
      if (JSON.stringify(book.best()) === JSON.stringify(theirs)) equal += 1;
      else different.push([event.lastUpdateId, book.best(), theirs]);
    }

    expect(gaps).toEqual(answers.sequence_gaps);
    expect(book.stats()).toEqual({
      synced: true,
      lastUpdateId: answers.final_book.lastUpdateId,
      bidLevels: answers.final_book.n_bids,
      askLevels: answers.final_book.n_asks,
      deltas: answers.counts.depth_events,
      snapshots: answers.counts.snapshots,
      droppedBeforeSnapshot: answers.counts.dropped_before_snapshot,
      firstEventOk: answers.counts.first_event_ok,
      applied: answers.counts.applied,
      ignored: 0,
      gaps: 0,
      offGridLevels: 0,
      staleSnapshots: 0,
      buffered: 0,
      overflowed: 0,
      crossed: 0,
      checksumMatches: 0,
      checksumMismatches: 0,
      invalidations: 0,
    });
    expect(different).toEqual([]);
    expect({ equal }).toEqual(answers.bookTicker_same_u_comparison);
    const top = book.top(20);
    const text = (levels: typeof top.bids) =>
      levels.map(({ priceTicks, sizeLots }) => [grid.formatPrice(priceTicks), grid.formatSize(sizeLots)]);
    expect(text(top.bids)).toEqual(answers.final_book.bids);
    expect(text(top.asks)).toEqual(answers.final_book.asks);
  });

  test('gives the session VWAP, the volume by aggressor and their delta exactly', () => {
    const grid = gridOf();
    const cvd = createCvd();
    let value: ExactInt = 0;
    for (const message of messagesOf(answers.files)) {
      if (message.e !== 'trade' || (message.X !== undefined && message.X !== 'MARKET')) continue;
      const sizeLots = grid.toLots(message.q);
      cvd.push({ sizeLots, side: message.m ? 'sell' : 'buy', timeMs: message.T });
      value = addExact(value, multiplyExact(grid.toTicks(message.p), sizeLots));
    }
    const { buyLots, sellLots, cvdLots, trades } = cvd.totals();
    expect({
      n: trades,
      buy_qty: grid.formatSize(buyLots),
      sell_qty: grid.formatSize(sellLots),
      delta: grid.formatSize(cvdLots),
      vwap: vwapOf(grid, value, addExact(buyLots, sellLots)),
    }).toEqual({
      n: answers.trades.n,
      buy_qty: answers.trades.buy_qty,
      sell_qty: answers.trades.sell_qty,
      delta: answers.trades.delta,
      vwap: answers.trades.vwap,
    });
  });
});

test.skipIf(!hasRecordedData)(
  'on the lot of spot ETHUSDT, leaves out and reports the resting sizes that are finer',
  () => {
    const answers = expectedAnswers<Answers>('binance_spot_ETHUSDT');
    const book = createBook({ grid: createGrid({ tickSize: '0.01', lotSize: '0.0001' }), rule: bookRules.binanceSpot });
    const offGrid = [];
    for (const message of messagesOf(answers.files)) {
      const event = bookEventOf(message, answers.symbol);
      if (event) offGrid.push(...book.push(event).offGrid);
    }
    expect(offGrid).toEqual([
      { side: 'ask', price: '5000.00000000', size: '2292.22972000', reason: 'off-grid' },
      { side: 'ask', price: '5300.00000000', size: '47.50196000', reason: 'off-grid' },
      { side: 'ask', price: '5000.00000000', size: '2292.31612000', reason: 'off-grid' },
    ]);
    const { synced, offGridLevels, askLevels, bidLevels } = book.stats();
    expect({ synced, offGridLevels, askLevels, bidLevels }).toEqual({
      synced: true,
      offGridLevels: 3,
      askLevels: answers.final_book.n_asks - 2,
      bidLevels: answers.final_book.n_bids,
    });
  },
);
