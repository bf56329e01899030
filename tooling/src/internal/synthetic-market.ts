/**
 * A small market: orders arrive, rest, are cancelled and trade in a limit order book, minute by minute with another
 * intensity, with pressure to one side that comes and goes, and with bursts. Everything is integers and seeded.
 */
import { exponential, type Random } from './random.ts';
import { type BookSide, createSyntheticBook, type Level, type SyntheticBook } from './synthetic-book.ts';
import type { TrueTrade } from './tape-truth.ts';

/** What the exchange publishes, in the order in which it happens. */
export type MarketOutput =
  | { readonly kind: 'trade'; readonly timeMs: number; readonly trade: TrueTrade }
  | {
      readonly kind: 'quote';
      readonly timeMs: number;
      readonly updateId: number;
      readonly bid: Level;
      readonly ask: Level;
    }
  | {
      readonly kind: 'depth';
      readonly timeMs: number;
      readonly firstUpdateId: number;
      readonly lastUpdateId: number;
      readonly bids: readonly Level[];
      readonly asks: readonly Level[];
    }
  | {
      readonly kind: 'snapshot';
      readonly timeMs: number;
      readonly lastUpdateId: number;
      readonly bids: readonly Level[];
      readonly asks: readonly Level[];
    };

export interface MarketOptions {
  readonly startMs: number;
  readonly durationMs: number;
  readonly startTicks: number;
  readonly eventsPerSecond: number;
  readonly depthIntervalMs: number;
  /** Times after the start at which somebody asks for the whole book. */
  readonly snapshotsAtMs: readonly number[];
  readonly bursts: number;
}

export interface SyntheticMarket {
  run(): Generator<MarketOutput, undefined>;
  readonly book: SyntheticBook;
}

/** Orders arrive on this clock. */
const stepMs = 10;
const firstUpdateId = 7_000_000_000;
const firstTradeId = 410_000_000;
const typicalLots = 300;
const burstMs = 8_000;
/** One order takes at most this many levels. */
const maxSweep = 6;

export function createSyntheticMarket(options: MarketOptions, random: Random): SyntheticMarket {
  const { startMs, durationMs, startTicks, eventsPerSecond } = options;
  const book = createSyntheticBook(firstUpdateId);
  const bursts = Array.from({ length: options.bursts }, () => ({
    fromMs: random.below(Math.max(1, durationMs - burstMs)),
    lean: random.chance(0.5) ? 0.6 : -0.6,
  }));
  let tradeId = firstTradeId;
  let publishedId = firstUpdateId;
  let intensity = 1;
  let pressure = 0;

  const orderLots = (scale: number): number =>
    Math.max(1, Math.round(typicalLots * scale * exponential(1.1 * random.normal())));
  /** `ticks` away from the best price, away from the spread. */
  const behind = (side: BookSide, ticks: number): number => book.best(side) + (side === 'bids' ? -ticks : ticks);

  const fill = (): void => {
    for (let distance = 1; distance <= 60; distance++) {
      book.set('bids', startTicks - distance, orderLots(2));
      book.set('asks', startTicks + distance, orderLots(2));
    }
  };

  const rest = (): void => {
    const side: BookSide = random.chance(0.5 + 0.1 * lean(pressure)) ? 'bids' : 'asks';
    const spread = book.best('asks') - book.best('bids');
    // Who can be first in the queue at a better price does that: it is what keeps spreads narrow.
    const inside = spread > 1 && random.chance(0.8);
    const ticks = inside ? behind(side, -1 - random.below(spread - 1)) : behind(side, random.geometric(5));
    book.set(side, ticks, book.lotsAt(side, ticks) + orderLots(inside ? 2 : 1.5));
  };

  const cancel = (): void => {
    const side: BookSide = random.chance(0.5) ? 'bids' : 'asks';
    const ticks = behind(side, random.geometric(6));
    const lots = book.lotsAt(side, ticks);
    if (lots > 0) book.set(side, ticks, random.chance(0.2) ? 0 : lots - random.below(lots >> 1));
  };

  /** A market order: one print for every level that it takes. */
  function* take(timeMs: number, burstLean: number | undefined): Generator<MarketOutput, undefined> {
    const side = random.chance(0.5 + 0.5 * (burstLean ?? 0.75 * lean(pressure))) ? 'buy' : 'sell';
    const against: BookSide = side === 'buy' ? 'asks' : 'bids';
    let left = orderLots(burstLean === undefined ? 2 : 1);
    for (let level = 0; level < maxSweep && left > 0; level++) {
      const priceTicks = book.best(against);
      const resting = book.lotsAt(against, priceTicks);
      const sizeLots = Math.min(left, resting);
      book.set(against, priceTicks, resting - sizeLots);
      left -= sizeLots;
      yield { kind: 'trade', timeMs, trade: { id: tradeId++, timeMs, priceTicks, sizeLots, side } };
    }
  }

  /** Keeps the book from running dry behind the best price. */
  const replenish = (): void => {
    for (const side of ['bids', 'asks'] as const) {
      for (let distance = 1; distance <= 40; distance++) {
        const ticks = behind(side, distance);
        if (book.lotsAt(side, ticks) === 0 && random.chance(0.15)) book.set(side, ticks, orderLots(2));
      }
    }
  };

  const top = (side: BookSide): Level => [book.best(side), book.lotsAt(side, book.best(side))];
  const same = (a: Level, b: Level): boolean => a[0] === b[0] && a[1] === b[1];

  function* depth(timeMs: number): Generator<MarketOutput, undefined> {
    if (book.updateId === publishedId) return;
    const range = { firstUpdateId: publishedId + 1, lastUpdateId: book.updateId };
    publishedId = book.updateId;
    yield { kind: 'depth', timeMs, ...range, bids: book.takeChanges('bids'), asks: book.takeChanges('asks') };
  }

  function* run(): Generator<MarketOutput, undefined> {
    fill();
    book.takeChanges('bids');
    book.takeChanges('asks');
    publishedId = book.updateId;
    const snapshots = options.snapshotsAtMs.toSorted((a, b) => a - b);
    let bid: Level = [0, 0];
    let ask: Level = [0, 0];
    for (let atMs = 0; atMs < durationMs; atMs += stepMs) {
      const timeMs = startMs + atMs + random.below(stepMs);
      if (atMs % 60_000 === 0) intensity = 0.6 * intensity + 0.4 * exponential(0.7 * random.normal());
      if (atMs % 1_000 === 0) {
        pressure = 0.99 * pressure + 0.14 * random.normal();
        replenish();
      }
      const burst = bursts.find(({ fromMs }) => atMs >= fromMs && atMs < fromMs + burstMs);
      const expected = (eventsPerSecond * intensity * stepMs * (burst ? 6 : 1)) / 1000;
      // At most one event a step: that keeps one time stamp to one event.
      if (random.chance(Math.min(0.9, expected))) {
        const kind = random.next();
        if (kind < (burst ? 0.3 : 0.15)) yield* take(timeMs, burst?.lean);
        else if (kind < 0.62) rest();
        else cancel();
      }
      const [bidNow, askNow] = [top('bids'), top('asks')];
      if (!same(bid, bidNow) || !same(ask, askNow)) {
        [bid, ask] = [bidNow, askNow];
        yield { kind: 'quote', timeMs, updateId: book.updateId, bid, ask };
      }
      if ((atMs + stepMs) % options.depthIntervalMs === 0) yield* depth(timeMs);
      if (snapshots.length > 0 && atMs + stepMs > snapshots[0]!) {
        snapshots.shift();
        const levels = { bids: book.levels('bids'), asks: book.levels('asks') };
        yield { kind: 'snapshot', timeMs, lastUpdateId: book.updateId, ...levels };
      }
    }
    yield* depth(startMs + durationMs - 1);
  }

  return { run, book };
}

/** Squeezes any pressure into (−1, 1). */
function lean(pressure: number): number {
  return pressure / (1 + Math.abs(pressure));
}
