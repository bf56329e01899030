/** The proxy over an L2 book against the truth of market by order, on one session; and a session that has L2 only. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { expectedAnswers, hasRecordedData, recordedPath } from '@tapekit/tooling/recorded-data';
import { recordedMbo } from '@tapekit/tooling/recorded-mbo';
import { bookRules, createBook } from './book.ts';
import { createDepth } from './depth.ts';
import { createGrid } from './grid.ts';
import { createIcebergDetector, mboIcebergsOf } from './iceberg.ts';
import type { IcebergEvent } from './iceberg.ts';
import { createLiquidityOutcome, createMboLiquidityOutcome } from './liquidity-outcome.ts';
import type { LiquidityEvent, LiquidityOutcome } from './liquidity-outcome.ts';
import type { BookDepth } from './depth.ts';
import { createMboBook, mboEventOf } from './mbo-book.ts';
import type { MboEvent } from './mbo-book.ts';

/** What an L2 feed of the same session would have sent: the book every `everyMs` (0: after every event), and trades. */
interface L2Sink {
  readonly levels: number;
  readonly everyMs: number;
  readonly depth: (timeMs: number, depth: BookDepth) => void;
  readonly trade: (trade: LiquidityEvent & { readonly type: 'trade' }) => void;
}

const es = (): readonly MboEvent[] => {
  const grid = createGrid({ tickSize: '0.25', lotSize: '1' });
  return recordedMbo('ESH4_2023-12-25_mbo_to2330Z').map((row) => mboEventOf(row, grid));
};
const tradeOf = ({ timeMs, priceTicks, sizeLots, side }: MboEvent) =>
  ({
    type: 'trade',
    timeMs,
    priceTicks,
    sizeLots,
    side: side === 'B' ? 'buy' : side === 'A' ? 'sell' : 'unknown',
  }) as const;

function asL2(events: readonly MboEvent[], { levels, everyMs, depth, trade }: L2Sink): void {
  const book = createMboBook();
  const buffer = createDepth(levels);
  let due = -Infinity;
  for (const event of events) {
    const changes = book.push(event);
    if (event.action === 'T') trade(tradeOf(event));
    if (!changes || event.timeMs < due) continue;
    depth(event.timeMs, book.readDepth(buffer));
    due = event.timeMs + everyMs;
  }
}

/** A second after the open: before it the book is crossed, and the auction has no aggressors. */
const CONTINUOUS_MS = 1_703_545_201_000;
const shares = ({ bid, ask }: LiquidityOutcome) => [bid.consumedShare!.toFixed(4), ask.consumedShare!.toFixed(4)];

describe.skipIf(!hasRecordedData)('the ES session of 2023-12-25', () => {
  test('of the lots that left the book 8.9 % of the bids and 13.7 % of the asks had traded', () => {
    const outcome = createMboLiquidityOutcome();
    let before: LiquidityOutcome | undefined;
    for (const event of es()) {
      if (!before && event.timeMs >= CONTINUOUS_MS) before = outcome.flush();
      outcome.push(event);
    }
    const truth = outcome.flush();
    expect(shares(truth)).toEqual(['0.0887', '0.1375']);
    expect(truth.bid).toMatchObject({ consumedLots: 2258, pulledLots: 23_208, unmatchedLots: 82, closingLots: 21_798 });
    expect(truth.ask).toMatchObject({ consumedLots: 3088, pulledLots: 19_375, unmatchedLots: 62, closingLots: 19_645 });
    // Every lot that an aggressor traded was either shown or hidden, and in the auction both sides of 44 lots rested.
    const lots = ({ bid, ask, unknownLots }: LiquidityOutcome) =>
      [bid.tradedLots, ask.tradedLots, unknownLots].reduce<number>((sum, side) => sum + Number(side), 0);
    expect(lots(before!) + lots(truth)).toBe(3188 + 2366 + 2 * 44);
  });

  test.each([
    // The book after every event: 2 % less than the truth, since a fill and an addition of one event are netted.
    { everyMs: 0, matchWithinMs: 250, expected: ['0.0870', '0.1375'] },
    // The book at most every 100 ms: a window of twice that is within 10 %, …
    { everyMs: 100, matchWithinMs: 250, expected: ['0.0801', '0.1391'] },
    // … and one of the same length misses the trades right after a book.
    { everyMs: 100, matchWithinMs: 100, expected: ['0.0544', '0.0955'] },
  ])('an L2 book every $everyMs ms, paired within $matchWithinMs ms, says $expected', (sampling) => {
    const { everyMs, matchWithinMs, expected } = sampling;
    const outcome = createLiquidityOutcome({ matchWithinMs });
    let started = false;
    const start = (timeMs: number) => {
      if (!started && timeMs >= CONTINUOUS_MS) {
        outcome.flush();
        started = true;
      }
    };
    asL2(es(), {
      levels: 4096,
      everyMs,
      trade: (event) => {
        start(event.timeMs);
        outcome.push(event);
      },
      depth: (timeMs, depth) => {
        start(timeMs);
        outcome.pushDepth(timeMs, depth);
      },
    });
    const proxy = outcome.flush();
    expect(proxy.quality).toBe('proxy');
    expect(shares(proxy)).toEqual(expected);
  });

  test('ten native icebergs show 59 times; the proxy ranks them above other prices in 3 of 4 pairs', () => {
    const events = es();
    const native = mboIcebergsOf(events);
    const orders = [...new Map(native.map((iceberg) => [iceberg.orderId, iceberg])).values()];
    expect([native.length, orders.length]).toEqual([59, 10]);

    const detector = createIcebergDetector({ minProbability: 0 });
    const found = new Map<string, IcebergEvent>();
    asL2(events, {
      levels: 10,
      everyMs: 0,
      depth: (timeMs, depth) => detector.pushDepth(timeMs, depth),
      trade: (event) => {
        const iceberg = detector.push(event);
        if (iceberg) found.set(`${iceberg.side} ${iceberg.priceTicks} ${iceberg.firstMs}`, iceberg);
      },
    });
    const isTrue = (guess: IcebergEvent): boolean =>
      orders.some(
        (order) =>
          order.side === guess.side &&
          order.priceTicks === guess.priceTicks &&
          order.lastMs >= guess.firstMs &&
          order.firstMs <= guess.lastMs,
      );
    const guesses = [...found.values()];
    const [right, wrong] = [guesses.filter(isTrue), guesses.filter((guess) => !isTrue(guess))];
    expect([right.length, wrong.length]).toEqual([9, 227]);
    let above = 0;
    for (const { probability } of right) {
      for (const other of wrong)
        above += probability > other.probability ? 1 : probability === other.probability ? 0.5 : 0;
    }
    expect((above / (right.length * wrong.length)).toFixed(2)).toBe('0.78');
    const likely = guesses.filter(({ probability }) => probability >= 0.5);
    expect([likely.filter(isTrue).length, likely.length]).toEqual([6, 7]);
  });

  test('fills take the front of the queue: 96 % of the filled orders had nothing ahead that was not filled with them', () => {
    const book = createMboBook();
    let filled: string[] = [];
    let [first, all] = [0, 0];
    for (const event of es()) {
      if (event.action !== 'F' && event.action !== 'T') {
        for (const id of filled) {
          all += 1;
          if (book.queuePosition(id)!.lotsAhead === 0) first += 1;
        }
        filled = [];
      }
      book.push(event);
      const order = event.action === 'F' && event.side !== 'N' ? book.order(event.orderId) : undefined;
      if (order?.priceTicks === event.priceTicks) filled.push(String(event.orderId));
    }
    // The rest is mostly cancelled in the same event: self-match prevention.
    expect([first, all]).toEqual([3442, 3575]);
  });
});

interface Message {
  readonly e?: string;
  readonly E: number;
  readonly T: number;
  readonly lastUpdateId?: number;
  readonly bids: readonly [string, string][];
  readonly asks: readonly [string, string][];
  readonly U: number;
  readonly u: number;
  readonly b: readonly [string, string][];
  readonly a: readonly [string, string][];
  readonly p: string;
  readonly q: string;
  readonly m: boolean;
}

test.skipIf(!hasRecordedData)('ETHUSDT spot of 2024-08-08, a book every 100 ms', () => {
  const grid = createGrid({ tickSize: '0.01', lotSize: '0.00001' });
  const book = createBook({ grid, rule: bookRules.binanceSpot });
  const outcome = createLiquidityOutcome();
  const detector = createIcebergDetector({ minProbability: 0.25 });
  const depth = createDepth(20);
  const icebergs = new Set<string>();
  const files = ['binance_spot_ethusdt_20240808.gz', 'binance_spot_ethusdt_20240809.gz'];
  for (const file of files) {
    const lines = gunzipSync(readFileSync(recordedPath(`trades_books/${file}`)))
      .toString()
      .trimEnd()
      .split('\n');
    for (const line of lines) {
      const parsed = JSON.parse(line.slice(line.indexOf(' ') + 1)) as Message | { stream: string; data: Message };
      const message = 'stream' in parsed ? parsed.data : parsed;
      if (message.e === 'trade') {
        const trade = {
          type: 'trade',
          timeMs: message.T,
          priceTicks: grid.toTicks(message.p),
          sizeLots: grid.toLots(message.q),
          side: message.m ? 'sell' : 'buy',
        } as const;
        outcome.push(trade);
        const iceberg = detector.push(trade);
        if (iceberg) icebergs.add(`${iceberg.side} ${iceberg.priceTicks} ${iceberg.firstMs}`);
        continue;
      }
      const { E, U, u, lastUpdateId } = message;
      if (lastUpdateId !== undefined) {
        book.push({
          type: 'book-snapshot',
          symbol: '',
          timeMs: 0,
          lastUpdateId,
          bids: message.bids,
          asks: message.asks,
        });
      } else if (message.e === 'depthUpdate') {
        const at = { symbol: '', timeMs: E, firstUpdateId: U, lastUpdateId: u };
        const { outcome: became } = book.push({ type: 'book-delta', ...at, bids: message.b, asks: message.a });
        if (became !== 'applied') continue;
        outcome.pushDepth(E, book.readDepth(depth));
        detector.pushDepth(E, depth);
      }
    }
  }
  const result = outcome.flush();
  const answers = expectedAnswers<{ trades: { buy_qty: string; sell_qty: string } }>('binance_spot_ETHUSDT').trades;
  expect([grid.formatSize(result.ask.tradedLots), grid.formatSize(result.bid.tradedLots)]).toEqual([
    answers.buy_qty,
    answers.sell_qty,
  ]);
  expect(shares(result)).toEqual(['0.0406', '0.0318']);
  // Traded without the book showing it: a third of the sells, most of them in sweeps beyond 20 levels (0.20 USDT).
  expect([grid.formatSize(result.bid.unmatchedLots), grid.formatSize(result.ask.unmatchedLots)]).toEqual([
    '747.6965',
    '258.7967',
  ]);
  expect(icebergs.size).toBe(2);
});
