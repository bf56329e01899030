/** What follows from a bar or a row by division: exact, as decimal strings, computed when asked for. */
import { addExact, divideExact, multiplyExact, subtractExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { FootprintBar, FootprintRow } from './footprint-bar.ts';

/** The columns of a bar, a row or a sum of them that hold volume by aggressor, in lots. */
export type LotsByAggressor = Pick<FootprintRow, 'buyLots' | 'sellLots' | 'unknownLots'>;

/** What {@link barStats} derives from a bar. */
export interface BarStats {
  /** (Buy − sell) ÷ volume × 100, up to 16 significant digits; `undefined` without volume. */
  readonly deltaPercent: string | undefined;
  /** Running delta at the end of the bar, in lots: where it finished between its lowest and its highest. */
  readonly finishLots: ExactInt;
  /** Volume ÷ prints in lots, up to 16 significant digits; `undefined` without prints. */
  readonly averageLots: string | undefined;
  /** Size of the largest print in lots; `undefined` unless the bar was made with `tradeSizes`, and without prints. */
  readonly maxTradeLots: number | undefined;
  /** Σ price × size ÷ volume in ticks, up to 16 significant digits; `undefined` without volume. */
  readonly vwapTicks: string | undefined;
  /** Number of buy prints. */
  readonly buyTrades: number;
  /** Number of sell prints. */
  readonly sellTrades: number;
  /** Number of prints whose aggressor is unknown. */
  readonly unknownTrades: number;
}

/**
 * The derived numbers of a bar.
 *
 * @example
 * ```ts
 * const bars = createTimeBars({ grid: createGrid({ tickSize: '1', lotSize: '1' }), intervalMs: 60_000 });
 * bars.pushTicks({ timeMs: 0, priceTicks: 100, sizeLots: 6, side: 'buy' });
 * bars.pushTicks({ timeMs: 1, priceTicks: 101, sizeLots: 2, side: 'sell' });
 * const { deltaPercent, averageLots, vwapTicks } = barStats(bars.flush()[0]!);
 * [deltaPercent, averageLots, vwapTicks]; // => ['50', '4', '100.25']
 * ```
 */
export function barStats(bar: FootprintBar): BarStats {
  const count = (of: (row: FootprintRow) => number): number => bar.rows.reduce((sum, row) => sum + of(row), 0);
  return {
    deltaPercent: deltaPercent(bar),
    finishLots: bar.deltaLots,
    averageLots: averageTradeLots(bar),
    maxTradeLots: maxTradeLots(bar.rows),
    vwapTicks: bar.volumeLots === 0 ? undefined : divideExact(bar.valueTickLots, bar.volumeLots),
    buyTrades: count((row) => row.buyTrades),
    sellTrades: count((row) => row.sellTrades),
    unknownTrades: count((row) => row.unknownTrades),
  };
}

/** Buy + sell + unknown of a row or a bar, in lots. */
export function volumeLots({ buyLots, sellLots, unknownLots }: LotsByAggressor): ExactInt {
  return addExact(addExact(buyLots, sellLots), unknownLots);
}

/** Buy − sell of a row or a bar, in lots. */
export function deltaLots({ buyLots, sellLots }: Pick<LotsByAggressor, 'buyLots' | 'sellLots'>): ExactInt {
  return subtractExact(buyLots, sellLots);
}

/**
 * Delta in percent of the volume (the unknown included) of a row or a bar, up to 16 significant digits, half to even;
 * `undefined` without volume.
 */
export function deltaPercent(lots: LotsByAggressor): string | undefined {
  const volume = volumeLots(lots);
  return volume === 0 ? undefined : divideExact(multiplyExact(deltaLots(lots), 100), volume);
}

/** Volume ÷ number of prints of a row or a bar in lots, up to 16 significant digits; `undefined` without prints. */
export function averageTradeLots(
  of: LotsByAggressor &
    (Pick<FootprintBar, 'trades'> | Pick<FootprintRow, 'buyTrades' | 'sellTrades' | 'unknownTrades'>),
): string | undefined {
  const trades = 'trades' in of ? of.trades : of.buyTrades + of.sellTrades + of.unknownTrades;
  return trades === 0 ? undefined : divideExact(volumeLots(of), trades);
}

/** The largest print of rows in lots; `undefined` without rows, and where a row does not know its own. */
export function maxTradeLots(rows: readonly Pick<FootprintRow, 'maxTradeLots'>[]): number | undefined {
  let most: number | undefined;
  for (const row of rows) {
    if (row.maxTradeLots === undefined) return undefined;
    if (most === undefined || row.maxTradeLots > most) most = row.maxTradeLots;
  }
  return most;
}
