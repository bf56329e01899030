/** Unfinished auctions: a bar's high or low where both sides still traded, so that the price may come back. */
import { compareExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { FootprintRow } from './footprint-bar.ts';
import { checkWhole } from './internal/option-checks.ts';

/** How {@link unfinishedAuctions} decides. */
export interface AuctionOptions {
  /**
   * At the high, buys must be more than this, in lots (ATAS: ask filter).
   * @defaultValue 0
   */
  readonly buyFilterLots?: number;
  /**
   * At the low, sells must be more than this, in lots (ATAS: bid filter).
   * @defaultValue 0
   */
  readonly sellFilterLots?: number;
}

/** The defaults of {@link AuctionOptions}. */
export const auctionDefaults = { buyFilterLots: 0, sellFilterLots: 0 } as const satisfies Required<AuctionOptions>;

/** How the auction ended at one end of a ladder. */
export interface AuctionEnd {
  /** The highest or lowest row that traded (lower edge, ticks). */
  readonly priceTicks: number;
  readonly buyLots: ExactInt;
  readonly sellLots: ExactInt;
  readonly unknownLots: ExactInt;
  /** `undefined` when it depends on who the unknown aggressors of the row were. */
  readonly unfinished: boolean | undefined;
}

/** Both ends of a ladder. */
export interface Auctions {
  readonly high: AuctionEnd;
  readonly low: AuctionEnd;
}

/**
 * Whether the auction was left unfinished at the high (buys above the filter, and some sells, in the highest row) and at
 * the low (sells above the filter, and some buys, in the lowest row); `undefined` without rows. After ATAS, Unfinished
 * Auction (article 17466).
 *
 * @example
 * ```ts
 * const row = (priceTicks: number, sellLots: number, buyLots: number) => ({ priceTicks, buyLots, sellLots, unknownLots: 0 });
 * const { high, low } = unfinishedAuctions([row(100, 40, 10), row(101, 12, 130), row(102, 0, 16)])!;
 * [high.unfinished, low.unfinished]; // => [false, true]
 * ```
 * @param rows - Sorted from the lowest to the highest price.
 * @throws FootprintError `bad-option`.
 */
export function unfinishedAuctions(
  rows: readonly Pick<FootprintRow, 'priceTicks' | 'buyLots' | 'sellLots' | 'unknownLots'>[],
  options: AuctionOptions = {},
): Auctions | undefined {
  const { buyFilterLots, sellFilterLots } = { ...auctionDefaults, ...options };
  checkWhole('buyFilterLots', buyFilterLots, 0);
  checkWhole('sellFilterLots', sellFilterLots, 0);
  const [lowest, highest] = [rows[0], rows.at(-1)];
  if (!lowest || !highest) return undefined;
  const end = (row: typeof lowest, moreBuysThan: number, moreSellsThan: number): AuctionEnd => {
    const { priceTicks, buyLots, sellLots, unknownLots } = row;
    const missing = lacking(buyLots, moreBuysThan) + lacking(sellLots, moreSellsThan);
    const unfinished = missing === 0n ? true : missing > BigInt(unknownLots) ? false : undefined;
    return { priceTicks, buyLots, sellLots, unknownLots, unfinished };
  };
  return { high: end(highest, buyFilterLots, 0), low: end(lowest, 0, sellFilterLots) };
}

/** Lots that are missing until there are more than the filter. */
function lacking(lots: ExactInt, filterLots: number): bigint {
  return compareExact(lots, filterLots) > 0 ? 0n : BigInt(filterLots) + 1n - BigInt(lots);
}
