/** What stands under the crosshair. */
import { subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { FootprintItem } from './footprint-item.ts';

/** One row of a ladder, for a tooltip. */
export interface FootprintCell {
  /** The row, in ticks. */
  readonly priceTicks: number;
  /** The same as an exact decimal. */
  readonly price: string;
  readonly buyLots: ExactInt;
  readonly sellLots: ExactInt;
  readonly unknownLots: ExactInt;
  /** Sizes as exact decimals. */
  readonly buy: string;
  readonly sell: string;
  readonly unknown: string;
  /** Buy − sell. */
  readonly delta: string;
  /** Number of prints. */
  readonly trades: number;
  readonly isPoc: boolean;
  readonly isInValueArea: boolean;
  /** Which imbalances are marked on the row. */
  readonly imbalance: Readonly<Record<'buy' | 'sell', boolean>>;
}

/**
 * The row of an item at a price, or `undefined` where the bar did not trade. The item is that of
 * `param.seriesData.get(series)` in `chart.subscribeCrosshairMove`, the price that of `series.coordinateToPrice`.
 */
export function footprintCellAt(item: Pick<FootprintItem, 'ladder'>, price: number): FootprintCell | undefined {
  const { bar, grid, rowTicks, offsetTicks, area, imbalances } = item.ladder;
  const offset = price / Number(grid.tickSize) - offsetTicks;
  const priceTicks = Math.floor(offset / rowTicks) * rowTicks;
  const row = bar.rows.find((candidate) => candidate.priceTicks === priceTicks);
  if (!row) return undefined;
  const { buyLots, sellLots, unknownLots } = row;
  const marked = (side: 'buy' | 'sell'): boolean =>
    imbalances.some((mark) => mark.priceTicks === priceTicks && mark.side === side);
  return {
    priceTicks,
    price: grid.formatPrice(priceTicks),
    buyLots,
    sellLots,
    unknownLots,
    buy: grid.formatSize(buyLots),
    sell: grid.formatSize(sellLots),
    unknown: grid.formatSize(unknownLots),
    delta: grid.formatSize(subtractExact(buyLots, sellLots)),
    trades: row.buyTrades + row.sellTrades + row.unknownTrades,
    isPoc: priceTicks === area?.pocTicks,
    isInValueArea: area !== undefined && priceTicks >= area.valTicks && priceTicks <= area.vahTicks,
    imbalance: { buy: marked('buy'), sell: marked('sell') },
  };
}
