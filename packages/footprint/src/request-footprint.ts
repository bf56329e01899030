/**
 * A bar under the names of TradingView's `request.footprint`, for code that comes from Pine: prices and sizes as numbers,
 * rows from the lowest to the highest price.
 */
import type { Grid } from '@tapekit/orderflow/grid';
import type { FootprintBar, FootprintRow } from './footprint-bar.ts';
import { imbalanceFlags, imbalancePresets, imbalances, type ImbalanceRule } from './imbalances.ts';
import { checkGrid, checkOptions } from './internal/option-checks.ts';
import { checkRowRule, checkRowTicks, type RowRule } from './internal/rows.ts';
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
   * How the bar's prices found their rows; `floor` there.
   * @defaultValue 'floor'
   */
  readonly rowRule?: RowRule;
  /**
   * What an imbalance is; `imbalance_percent` 300 there.
   * @defaultValue imbalancePresets.tradingView
   */
  readonly imbalance?: ImbalanceRule;
}

/** The defaults of {@link RequestFootprintOptions}. */
export const requestFootprintDefaults = {
  rowTicks: 1,
  rowRule: 'floor',
  imbalance: imbalancePresets.tradingView,
} as const satisfies Omit<Required<RequestFootprintOptions>, 'grid'>;

/** A row of a {@link RequestedFootprint}. */
export interface RequestedRow {
  /** Upper edge: the lower edge of the row above, which has it by `floor`. */
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
  readonly rowByPrice: (price: number) => RequestedRow | undefined;
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
  checkOptions(options, '{ grid }');
  const { grid, rowTicks, rowRule, imbalance } = { ...requestFootprintDefaults, ...options };
  checkGrid(grid);
  checkRowTicks(rowTicks);
  checkRowRule(rowRule);
  const size = (lots: ExactInt): number => Number(grid.formatSize(lots));
  const price = (ticks: number): number => Number(grid.formatPrice(ticks));
  /** How far below its name a row begins. */
  const belowName = rowRule === 'floor' ? 0 : rowRule === 'ceil' ? rowTicks : rowTicks / 2;
  const edge = (ticks: number): number =>
    Number.isInteger(ticks) ? price(ticks) : (price(ticks - 0.5) + price(ticks + 0.5)) / 2;
  const flags = imbalanceFlags(bar.rows, imbalances(bar.rows, { ...imbalance, rowTicks }), { rowTicks });
  const rowOf = (row: FootprintRow, i: number): RequestedRow => ({
    upPrice: edge(row.priceTicks - belowName + rowTicks),
    downPrice: edge(row.priceTicks - belowName),
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
    rowByPrice: (wanted) => rows.find((row, i) => holds(row, wanted, rowRule, bar.rows[i]!.priceTicks / rowTicks)),
  };
}

/** Of two rows that meet at a price, one has it: which, the rule says. Of `half-even` it is the one with the even number. */
function holds({ downPrice, upPrice }: RequestedRow, price: number, rule: RowRule, row: number): boolean {
  if (price > downPrice && price < upPrice) return true;
  if (rule === 'half-even') return row % 2 === 0 && (price === downPrice || price === upPrice);
  return price === (rule === 'ceil' ? upPrice : downPrice);
}
