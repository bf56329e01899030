/** Trades with decimals onto the grid. */
import type { Grid } from '@tapekit/orderflow/grid';
import type { DecimalInput, TickTrade, Trade } from '@tapekit/orderflow/market';

/**
 * The lots of a size; NaN of a NaN, which venues print for a trade without volume.
 * @throws OrderflowError `bad-decimal`, `off-grid` or `out-of-range`.
 */
export function lotsOf(grid: Grid, size: DecimalInput): number {
  return isNaNSize(size) ? NaN : grid.toLots(size);
}

/** @throws OrderflowError `bad-decimal`, `off-grid` or `out-of-range`. */
export function onGrid(grid: Grid, { timeMs, price, size, side, id }: Trade): TickTrade {
  const trade = { timeMs, side, priceTicks: grid.toTicks(price), sizeLots: lotsOf(grid, size) };
  return id === undefined ? trade : { ...trade, id };
}

function isNaNSize(size: DecimalInput): boolean {
  if (typeof size === 'string') return size.length === 3 && size === 'NaN';
  if (typeof size === 'number') return Number.isNaN(size);
  // What is no decimal at all is the grid's to refuse.
  return typeof (size as { isNaN?: unknown } | null | undefined)?.isNaN === 'function' && size.isNaN();
}
