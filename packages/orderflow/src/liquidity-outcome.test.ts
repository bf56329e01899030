import { describe, expect, test } from 'vitest';
import { createDepth } from './depth.ts';
import {
  consumedShareExact,
  createLiquidityOutcome,
  createMboLiquidityOutcome,
  liquidityOutcomeOf,
  restoreLiquidityOutcome,
} from './liquidity-outcome.ts';
import type { LiquidityEvent } from './liquidity-outcome.ts';
import type { Aggressor, TickLevel } from './market.ts';

const levels = (...pairs: readonly (readonly [number, number])[]): TickLevel[] =>
  pairs.map(([priceTicks, sizeLots]) => ({ priceTicks, sizeLots }));
const asks = levels([101, 9]);
const depth = (timeMs: number, ...bids: readonly (readonly [number, number])[]): LiquidityEvent => ({
  type: 'depth',
  timeMs,
  bids: levels(...bids),
  asks,
});
const trade = (timeMs: number, priceTicks: number, sizeLots: number, side: Aggressor = 'sell'): LiquidityEvent => ({
  type: 'trade',
  timeMs,
  priceTicks,
  sizeLots,
  side,
});

describe('createLiquidityOutcome', () => {
  test('of 4 lots that left a bid a trade explains 3: consumed 3, pulled 1', () => {
    const { quality, bid, ask } = liquidityOutcomeOf([
      depth(0, [100, 10], [99, 5]),
      trade(5, 100, 3),
      depth(10, [100, 6], [99, 7]),
    ]);
    expect(quality).toBe('proxy');
    expect(bid).toEqual({
      openingLots: 0,
      enteredLots: 15,
      addedLots: 2,
      leftLots: 0,
      consumedLots: 3,
      pulledLots: 1,
      undecidedLots: 0,
      closingLots: 13,
      tradedLots: 3,
      unmatchedLots: 0,
      waitingLots: 0,
      consumedShare: 0.75,
    });
    expect(ask).toMatchObject({ closingLots: 9, consumedLots: 0, pulledLots: 0 });
    expect(ask.consumedShare).toBeUndefined();
  });

  test('a book that comes before its trade waits for it, and not longer than it is told to', () => {
    const start = [depth(0, [100, 10]), depth(10, [100, 7])];
    const inTime = createLiquidityOutcome({ matchWithinMs: 50 });
    for (const event of start) inTime.push(event);
    expect(inTime.totals().bid).toMatchObject({ undecidedLots: 3, consumedLots: 0, pulledLots: 0, closingLots: 7 });
    inTime.push(trade(60, 100, 3));
    expect(inTime.totals().bid).toMatchObject({ undecidedLots: 0, consumedLots: 3, pulledLots: 0 });

    const tooLate = createLiquidityOutcome({ matchWithinMs: 50 });
    for (const event of [...start, trade(61, 100, 3)]) tooLate.push(event);
    expect(tooLate.totals().bid).toMatchObject({ consumedLots: 0, pulledLots: 3, waitingLots: 3 });
    expect(tooLate.flush().bid).toMatchObject({ consumedLots: 0, pulledLots: 3, waitingLots: 0, unmatchedLots: 3 });
  });

  test('volume beyond what the book shows going is unmatched: hidden, or refilled between two books', () => {
    const { bid } = liquidityOutcomeOf([depth(0, [100, 10]), trade(1, 100, 25), depth(2, [100, 8])]);
    expect(bid).toMatchObject({ consumedLots: 2, tradedLots: 25, unmatchedLots: 23, pulledLots: 0 });
  });

  test('a trade explains its own price and the side it hit, no other', () => {
    const { bid, ask, unknownLots } = liquidityOutcomeOf([
      depth(0, [100, 10], [99, 10]),
      trade(1, 100, 4, 'buy'),
      trade(1, 99, 4),
      trade(1, 100, 4, 'unknown'),
      depth(2, [100, 6], [99, 10]),
    ]);
    expect(bid).toMatchObject({ pulledLots: 4, consumedLots: 0, tradedLots: 4, unmatchedLots: 4 });
    expect(ask).toMatchObject({ tradedLots: 4, unmatchedLots: 4 });
    expect(unknownLots).toBe(4);
  });

  test('levels beyond the edge of the view come and go without being added or pulled', () => {
    const { bid } = liquidityOutcomeOf([
      depth(0, [100, 10], [99, 5]),
      depth(1, [101, 1], [100, 10]),
      depth(2, [100, 10], [99, 6]),
    ]);
    expect(bid).toMatchObject({ enteredLots: 21, leftLots: 5, addedLots: 1, pulledLots: 1, closingLots: 16 });
    const whole = { type: 'depth', timeMs: 0, asks: [], complete: true } as const;
    const all = liquidityOutcomeOf([
      { ...whole, bids: levels([100, 10], [99, 5]) },
      { ...whole, bids: levels([101, 1], [100, 10]) },
    ]).bid;
    expect(all).toMatchObject({ enteredLots: 15, leftLots: 0, addedLots: 1, pulledLots: 5, closingLots: 11 });
  });

  test('a gap is no pull: the book goes out of view and comes back', () => {
    const { bid } = liquidityOutcomeOf([depth(0, [100, 10]), { type: 'gap', timeMs: 1 }, depth(2, [100, 4])]);
    expect(bid).toMatchObject({ enteredLots: 14, leftLots: 10, pulledLots: 0, closingLots: 4 });
  });

  test('intervals join: the closing lots of one are the opening lots of the next', () => {
    const outcome = createLiquidityOutcome();
    outcome.push(depth(0, [100, 10]));
    expect(outcome.flush().bid).toMatchObject({ openingLots: 0, enteredLots: 10, closingLots: 10 });
    outcome.push(depth(1, [100, 12]));
    expect(outcome.flush().bid).toMatchObject({ openingLots: 10, enteredLots: 0, addedLots: 2, closingLots: 12 });
  });

  test('time does not go back: a late event counts now', () => {
    const outcome = createLiquidityOutcome({ matchWithinMs: 50 });
    for (const event of [depth(0, [100, 10]), depth(1000, [100, 7]), trade(5, 100, 3)]) outcome.push(event);
    expect([outcome.lateEvents, outcome.totals().bid.consumedLots]).toEqual([1, 3]);
  });

  test('gives up early on the oldest of too many that wait', () => {
    const outcome = createLiquidityOutcome({ maxWaiting: 1 });
    for (const event of [depth(0, [100, 10]), trade(1, 100, 2), trade(1, 99, 3)]) outcome.push(event);
    expect([outcome.overflowed, outcome.totals().bid.unmatchedLots, outcome.totals().bid.waitingLots]).toEqual([
      1, 2, 3,
    ]);
  });

  test('reads a depth buffer; a side with room left is complete', () => {
    const outcome = createLiquidityOutcome();
    const buffer = createDepth(2);
    const fill = (...bids: readonly (readonly [number, number])[]) => {
      buffer.bidLevels = bids.length;
      for (const [i, [ticks, lots]] of bids.entries()) {
        buffer.bidTicks[i] = ticks;
        buffer.bidLots[i] = lots;
      }
    };
    fill([100, 10]);
    outcome.pushDepth(0, buffer);
    fill([100, 10], [99, 4]);
    outcome.pushDepth(1, buffer);
    expect(outcome.totals().bid).toMatchObject({ enteredLots: 10, addedLots: 4 });
    fill([101, 1], [100, 10]);
    outcome.pushDepth(2, buffer);
    expect(outcome.totals().bid).toMatchObject({ addedLots: 5, leftLots: 4, pulledLots: 0 });
    buffer.bidTicks[0] = NaN;
    expect(() => outcome.pushDepth(3, buffer)).toThrow(expect.objectContaining({ code: 'bad-quote' }));
  });

  test('the share is exact as a decimal string', () => {
    expect(consumedShareExact({ consumedLots: 1, pulledLots: 2 }, 5)).toBe('0.33333');
    expect(consumedShareExact({ consumedLots: 2n ** 60n, pulledLots: 2n ** 60n })).toBe('0.5');
    expect(consumedShareExact({ consumedLots: 0, pulledLots: 0 })).toBeUndefined();
  });

  test('refuses options and snapshots that do not fit', () => {
    expect(() => createLiquidityOutcome({ matchWithinMs: -1 })).toThrow(
      expect.objectContaining({ code: 'bad-option' }),
    );
    expect(() => createLiquidityOutcome({ maxWaiting: 0 })).toThrow(expect.objectContaining({ code: 'bad-option' }));
    const snapshot = createLiquidityOutcome({ matchWithinMs: 5 }).snapshot();
    expect(() => restoreLiquidityOutcome(snapshot)).toThrow(expect.objectContaining({ code: 'bad-snapshot' }));
    expect(() => createLiquidityOutcome().push(depth(0, [99, 1], [100, 1]))).toThrowErrorMatchingInlineSnapshot(
      `[OrderflowError: bid 100 does not come after a better price. Pass levels best first, each price once.]`,
    );
  });
});

describe('createMboLiquidityOutcome', () => {
  const at = { side: 'B', orderId: 1, priceTicks: 100 } as const;

  test('tells fills from cancels, and a moved order is pulled there and added here', () => {
    const outcome = createMboLiquidityOutcome();
    outcome.push({ ...at, action: 'A', sizeLots: 10 });
    outcome.push({ ...at, action: 'F', sizeLots: 3 });
    outcome.push({ ...at, action: 'M', sizeLots: 7 });
    outcome.push({ ...at, action: 'C', sizeLots: 1 });
    outcome.push({ ...at, action: 'M', sizeLots: 6, priceTicks: 99 });
    expect(outcome.flush()).toEqual({
      quality: 'exact',
      bid: {
        openingLots: 0,
        enteredLots: 0,
        addedLots: 16,
        leftLots: 0,
        consumedLots: 3,
        pulledLots: 7,
        undecidedLots: 0,
        closingLots: 6,
        tradedLots: 3,
        unmatchedLots: 0,
        waitingLots: 0,
        consumedShare: 0.3,
      },
      ask: expect.objectContaining({ closingLots: 0 }),
      unknownLots: 0,
    });
  });

  test('a fill beyond what an order shows is unmatched: an iceberg’s hidden part', () => {
    const outcome = createMboLiquidityOutcome();
    outcome.push({ ...at, action: 'A', sizeLots: 4 });
    outcome.push({ ...at, action: 'F', sizeLots: 10 });
    outcome.push({ ...at, action: 'M', sizeLots: 4 });
    expect(outcome.totals().bid).toMatchObject({ consumedLots: 4, unmatchedLots: 6, addedLots: 8, closingLots: 4 });
  });

  test('an order that was moved to trade is pulled: its fill names another price than its own', () => {
    const outcome = createMboLiquidityOutcome();
    outcome.push({ ...at, action: 'A', sizeLots: 4 });
    outcome.push({ ...at, action: 'T', sizeLots: 4, priceTicks: 101 });
    outcome.push({ ...at, action: 'F', sizeLots: 4, priceTicks: 101 });
    outcome.push({ ...at, action: 'C', sizeLots: 4 });
    expect(outcome.totals().bid).toMatchObject({ consumedLots: 0, pulledLots: 4, tradedLots: 0 });
  });

  test('a snapshot enters, a cleared book leaves', () => {
    const outcome = createMboLiquidityOutcome();
    outcome.push({ ...at, action: 'A', sizeLots: 4, flags: 0xa0 });
    outcome.push({ ...at, action: 'R', side: 'N', sizeLots: 0, priceTicks: NaN });
    expect(outcome.totals().bid).toMatchObject({ enteredLots: 4, leftLots: 4, closingLots: 0, addedLots: 0 });
  });
});
