import type { ExactInt } from '@tapekit/orderflow/exact';

/** Volume by aggressor and trade counts of one price row. Buy + sell + unknown is all volume of the row. */
export interface FootprintRow {
  /**
   * Lower edge of the row, in ticks; a whole multiple of the row size. Bars with another `rowRule` than `floor` have the
   * middle (`half-even`) or the upper edge (`ceil`) here.
   */
  readonly priceTicks: number;
  /** Volume that lifted the ask, in lots. */
  readonly buyLots: ExactInt;
  /** Volume that hit the bid, in lots. */
  readonly sellLots: ExactInt;
  /** Volume whose aggressor is unknown, in lots. */
  readonly unknownLots: ExactInt;
  /** Number of buy prints. */
  readonly buyTrades: number;
  /** Number of sell prints. */
  readonly sellTrades: number;
  /** Number of prints whose aggressor is unknown. */
  readonly unknownTrades: number;
  /** Size of the largest print, in lots; only of bars made with `tradeSizes`. */
  readonly maxTradeLots?: number;
}

/** What a bar went through; only of bars made with `integrity`. */
export interface BarIntegrity {
  /** Prints in the bar that came when their bar was closed: they revised this one, or were put into it. */
  readonly late: number;
  /** Prints in the bar whose time lies before that of one that came earlier; without those put in by `next-bar`. */
  readonly outOfOrder: number;
  /** Prints whose id was in the bar already; they are not in it again. */
  readonly duplicates: number;
  /** Prints that were cancelled or corrected away; they are no longer in it. */
  readonly cancelled: number;
  /** Prints that were corrected in place. */
  readonly corrected: number;
}

/** One bar with its ladder, in integers of the grid. {@link footprintToJson} gives the decimal form. */
export interface FootprintBar {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly endMs: number;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  /** Buy + sell + unknown, in lots. */
  readonly volumeLots: ExactInt;
  readonly buyLots: ExactInt;
  readonly sellLots: ExactInt;
  readonly unknownLots: ExactInt;
  /** Buy − sell, in lots. */
  readonly deltaLots: ExactInt;
  /** Lowest running delta over the bar's trades in arrival order; starts at 0, so never above 0. */
  readonly minDeltaLots: ExactInt;
  /** Highest running delta over the bar's trades in arrival order; starts at 0, so never below 0. */
  readonly maxDeltaLots: ExactInt;
  /** Number of prints; 0 in a bar without trades, whose prices are all the close before it and whose rows are none. */
  readonly trades: number;
  /** Σ price × size, in ticks × lots. */
  readonly valueTickLots: ExactInt;
  /** Row with the most volume (lower edge, ticks). */
  readonly pocTicks: number;
  /** Highest row of the value area (lower edge, ticks). */
  readonly vahTicks: number;
  /** Lowest row of the value area (lower edge, ticks). */
  readonly valTicks: number;
  /** 0 when first published; one more for each time that a late trade, a cancel or a correction changed the bar after that. */
  readonly revision: number;
  /** What the bar went through; only of bars made with `integrity`. */
  readonly integrity?: BarIntegrity;
  /** Rows that traded, from the lowest to the highest price. */
  readonly rows: readonly FootprintRow[];
}
