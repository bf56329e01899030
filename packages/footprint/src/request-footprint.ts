/**
 * A bar under the names of TradingView's `request.footprint`, for code that comes from Pine: prices and sizes as numbers,
 * rows from the lowest to the highest price.
 */
import type { Grid } from '@tapekit/orderflow/grid';
import type { FootprintBar, FootprintRow } from './footprint-bar.ts';
import { imbalanceFlags, imbalancePresets, imbalances, type ImbalanceRule } from './imbalances.ts';
import { checkGrid } from './internal/option-checks.ts';
import { addExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';

/** How {@link requestFootprint} counts. */
export interface RequestFootprintOptions {
  /** The grid that the bar was counted on. */
  readonly grid: Grid;
  /**
   * Height of a row in ticks, that of the bar; `ticks_per_row` there.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /**
   * What an imbalance is; `imbalance_percent` 300 there.
   * @defaultValue imbalancePresets.tradingView
   */
  readonly imbalance?: ImbalanceRule;
}

/** The defaults of {@link RequestFootprintOptions}. */
export const requestFootprintDefaults = {
  rowTicks: 1,
  imbalance: imbalancePresets.tradingView,
} as const satisfies Omit<Required<RequestFootprintOptions>, 'grid'>;

/** A row of a {@link RequestedFootprint}. */
export interface RequestedRow {
  /** Upper edge, exclusive: the lower edge of the row above. */
  readonly upPrice: number;
  /** Lower edge. */
  readonly downPrice: number;
  readonly buyVolume: number;
  readonly sellVolume: number;
  /** Volume whose aggressor is unknown; Pine has no such column. */
  readonly unknownVolume: number;
  /** Buy − sell. */
  readonly delta: number;
  /** Buy + sell + unknown. */
  readonly totalVolume: number;
  readonly hasBuyImbalance: boolean;
  readonly hasSellImbalance: boolean;
}

/** A bar as Pine's footprint object has it. */
export interface RequestedFootprint {
  readonly buyVolume: number;
  readonly sellVolume: number;
  readonly unknownVolume: number;
  readonly delta: number;
  readonly totalVolume: number;
  /** Point of control, highest and lowest row of the value area; absent in a bar without trades. */
  readonly poc: RequestedRow | undefined;
  readonly vah: RequestedRow | undefined;
  readonly val: RequestedRow | undefined;
  readonly rows: readonly RequestedRow[];
  /** The row that holds a price; `undefined` where nothing traded. */
  rowByPrice(price: number): RequestedRow | undefined;
}

/**
 * A bar under Pine's names. Floating point: for the exact figures read the bar.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });
 * const trades = { timeMs: [0, 1], priceTicks: [21, 20], sizeLots: [30, 5], side: [1, -1] };
 * const [bar] = footprintBarsOf(footprintsOfColumns(trades, { intervalMs: 60_000 }));
 * const { delta, poc, rowByPrice } = requestFootprint(bar!, { grid });
 * [delta, poc?.downPrice, poc?.hasBuyImbalance, rowByPrice(10.2)?.sellVolume]; // => [2.5, 10.5, true, 0.5]
 * ```
 * @throws FootprintError `bad-option`.
 */
export function requestFootprint(bar: FootprintBar, options: RequestFootprintOptions): RequestedFootprint {
  const { grid, rowTicks, imbalance } = { ...requestFootprintDefaults, ...options };
  checkGrid(grid);
  const size = (lots: ExactInt): number => Number(grid.formatSize(lots));
  const price = (ticks: number): number => Number(grid.formatPrice(ticks));
  const flags = imbalanceFlags(bar.rows, imbalances(bar.rows, { ...imbalance, rowTicks }), { rowTicks });
  const rowOf = (row: FootprintRow, i: number): RequestedRow => ({
    upPrice: price(row.priceTicks + rowTicks),
    downPrice: price(row.priceTicks),
    buyVolume: size(row.buyLots),
    sellVolume: size(row.sellLots),
    unknownVolume: size(row.unknownLots),
    delta: size(subtractExact(row.buyLots, row.sellLots)),
    totalVolume: size(addExact(addExact(row.buyLots, row.sellLots), row.unknownLots)),
    hasBuyImbalance: flags[i]!.buy,
    hasSellImbalance: flags[i]!.sell,
  });
  const rows = bar.rows.map(rowOf);
  const at = (ticks: number): RequestedRow | undefined => rows[bar.rows.findIndex((row) => row.priceTicks === ticks)];
  return {
    buyVolume: size(bar.buyLots),
    sellVolume: size(bar.sellLots),
    unknownVolume: size(bar.unknownLots),
    delta: size(bar.deltaLots),
    totalVolume: size(bar.volumeLots),
    poc: at(bar.pocTicks),
    vah: at(bar.vahTicks),
    val: at(bar.valTicks),
    rows,
    rowByPrice: (wanted) => rows.find(({ downPrice, upPrice }) => wanted >= downPrice && wanted < upPrice),
  };
}
