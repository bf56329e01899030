/**
 * Bars without their ladder: OHLCV rows as decimals, CSV or JSON lines for other tools, and columns of numbers for
 * indicators.
 */
import type { BarColumns } from '@tapekit/orderflow/columns';
import type { Grid } from '@tapekit/orderflow/grid';
import { vwapOf } from '@tapekit/orderflow/vwap';
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { checkGrid } from './internal/option-checks.ts';

/** The columns of {@link ohlcvRows}, in the order of a CSV. */
export const ohlcvColumns = [
  'timeMs',
  'open',
  'high',
  'low',
  'close',
  'volume',
  'buy',
  'sell',
  'unknown',
  'delta',
  'vwap',
  'trades',
] as const;

/** A name of {@link ohlcvColumns}. */
export type OhlcvColumn = (typeof ohlcvColumns)[number];

/** One bar in decimals. */
export interface OhlcvRow {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly timeMs: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  /** Buy + sell + unknown. */
  readonly volume: string;
  readonly buy: string;
  readonly sell: string;
  readonly unknown: string;
  /** Buy − sell. */
  readonly delta: string;
  /** Σ price × size ÷ volume, to 16 significant digits; `null` in a bar without trades. */
  readonly vwap: string | null;
  readonly trades: number;
}

/** What a table is made of. */
export interface OhlcvOptions {
  /** The grid that the bars were counted on. */
  readonly grid: Grid;
  /**
   * Which columns a line has, in their order.
   * @defaultValue all of ohlcvColumns
   */
  readonly columns?: readonly OhlcvColumn[];
}

/** The bar of a latest revision is what counts: pass each bar once. */
type OhlcvBar = Omit<FootprintBar, 'rows'>;

/** Bars in decimals, each with all columns. */
export function ohlcvRows(bars: readonly OhlcvBar[], { grid }: Pick<OhlcvOptions, 'grid'>): OhlcvRow[] {
  checkGrid(grid);
  return bars.map((bar) => ({
    timeMs: bar.startMs,
    open: grid.formatPrice(bar.openTicks),
    high: grid.formatPrice(bar.highTicks),
    low: grid.formatPrice(bar.lowTicks),
    close: grid.formatPrice(bar.closeTicks),
    volume: grid.formatSize(bar.volumeLots),
    buy: grid.formatSize(bar.buyLots),
    sell: grid.formatSize(bar.sellLots),
    unknown: grid.formatSize(bar.unknownLots),
    delta: grid.formatSize(bar.deltaLots),
    vwap: vwapOf(grid, bar.valueTickLots, bar.volumeLots) ?? null,
    trades: bar.trades,
  }));
}

/**
 * Bars as CSV (RFC 4180): a header, then a line a bar, each ended by CR LF. An unknown value is an empty field.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });
 * const trades = { timeMs: [0, 1], priceTicks: [21, 20], sizeLots: [30, 5], side: [1, -1] };
 * const bars = footprintBarsOf(footprintsOfColumns(trades, { intervalMs: 60_000 }));
 * formatOhlcvCsv(bars, { grid, columns: ['timeMs', 'close', 'volume'] }); // => 'timeMs,close,volume\r\n0,10,3.5\r\n'
 * ```
 * @throws FootprintError `bad-option` for a column that there is not.
 */
export function formatOhlcvCsv(bars: readonly OhlcvBar[], options: OhlcvOptions): string {
  const columns = checkedColumns(options.columns ?? ohlcvColumns);
  const line = (fields: readonly (string | number | null)[]): string => `${fields.join(',')}\r\n`;
  return (
    line(columns) +
    ohlcvRows(bars, options)
      .map((row) => line(columns.map((name) => row[name])))
      .join('')
  );
}

/**
 * Bars as JSON lines: an object a line, times and counts as numbers, decimals as strings, unknown as null.
 * @throws FootprintError `bad-option` for a column that there is not.
 */
export function formatOhlcvLines(bars: readonly OhlcvBar[], options: OhlcvOptions): string {
  const columns = checkedColumns(options.columns ?? ohlcvColumns);
  return ohlcvRows(bars, options)
    .map((row) => `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]])))}\n`)
    .join('');
}

/** The columns that {@link ohlcvNumbers} always has. */
type BaseColumn = 'timeMs' | 'open' | 'high' | 'low' | 'close' | 'volume';

const baseColumns: readonly BaseColumn[] = ['timeMs', 'open', 'high', 'low', 'close', 'volume'];

/**
 * Bars as columns of floating point for indicators: `open`, `high`, `low`, `close` and `volume` in the venue's units, as
 * `@tapekit/orderflow/ohlcv-proxy` and `@tapekit/scoring` read them, and the `columns` that are asked for besides. The
 * VWAP of a bar without trades is NaN.
 *
 * @example
 * ```ts
 * const grid = createGrid({ tickSize: '0.5', lotSize: '0.1' });
 * const trades = { timeMs: [0, 1], priceTicks: [21, 20], sizeLots: [30, 5], side: [1, -1] };
 * const bars = footprintBarsOf(footprintsOfColumns(trades, { intervalMs: 60_000 }));
 * const { close, delta } = ohlcvNumbers(bars, { grid, columns: ['delta'] });
 * [close[0], delta[0]]; // => [10, 2.5]
 * ```
 * @throws FootprintError `bad-option` for a column that there is not.
 */
export function ohlcvNumbers<Extra extends OhlcvColumn = never>(
  bars: readonly OhlcvBar[],
  { grid, columns = [] }: Pick<OhlcvOptions, 'grid'> & { readonly columns?: readonly Extra[] },
): Readonly<Record<BaseColumn | Extra, Float64Array>> & BarColumns {
  const names = [...new Set<BaseColumn | Extra>([...baseColumns, ...checkedColumns(columns)])];
  const rows = ohlcvRows(bars, { grid });
  const numbers = names.map((name) => [name, Float64Array.from(rows, (row) => Number(row[name] ?? NaN))] as const);
  return Object.fromEntries(numbers) as Record<BaseColumn | Extra, Float64Array>;
}

function checkedColumns<Name extends OhlcvColumn>(columns: readonly Name[]): readonly Name[] {
  for (const name of columns) {
    if (ohlcvColumns.includes(name)) continue;
    throw new FootprintError(
      'bad-option',
      `columns has "${name as string}", expected some of ${ohlcvColumns.join(', ')}.`,
      name,
    );
  }
  return columns;
}
