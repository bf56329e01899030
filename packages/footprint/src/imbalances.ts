/**
 * Imbalances: price rows where one side's aggressors outweigh the other's, by a rule that is data, and the zones where
 * such rows stand on each other.
 *
 * Rows are on the price grid: a row is compared with the next row up or down, not with the next one that traded. Volume
 * whose aggressor is unknown is on neither side.
 */
import { addExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { Side } from '@tapekit/orderflow/market';
import { FootprintError } from './errors.ts';
import type { FootprintRow } from './footprint-bar.ts';
import { imbalancePresets } from './internal/imbalance-presets.ts';
import { checkImbalanceRule, outweighs, type ImbalanceRule } from './internal/imbalance-rule.ts';
import { checkWhole } from './internal/option-checks.ts';
import { checkRowTicks } from './internal/rows.ts';

export { imbalancePresets } from './internal/imbalance-presets.ts';
export type { ImbalanceRule } from './internal/imbalance-rule.ts';

/** The columns of a row that {@link imbalances} reads; the counts for `basis: 'count'` only. */
export type ImbalanceRow = Pick<FootprintRow, 'priceTicks' | 'buyLots' | 'sellLots' | 'unknownLots'> &
  Partial<Pick<FootprintRow, 'buyTrades' | 'sellTrades'>>;

/** How {@link imbalances} counts: a rule, whole or in part, and the height of the rows. */
export interface ImbalanceOptions extends Partial<ImbalanceRule> {
  /**
   * Height of a row in ticks; the step of the price grid.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
}

/** The defaults of {@link ImbalanceOptions}: `imbalancePresets.tradingView` on rows of a tick. */
export const imbalanceDefaults = {
  ...imbalancePresets.tradingView,
  rowTicks: 1,
} as const satisfies Required<ImbalanceOptions>;

/** One imbalance. */
export interface ImbalanceMark {
  /** The marked row (lower edge, ticks). */
  readonly priceTicks: number;
  /** The aggressors that outweigh. */
  readonly side: Side;
  /** What they traded: lots, or prints with `basis: 'count'`. */
  readonly dominant: ExactInt;
  /** What the opposite side traded, in the same unit; 0 is as it was, also with `zero: 'as-one'`. */
  readonly opposite: ExactInt;
  /** Row of `dominant` (lower edge, ticks); the marked one, unless the rule marks the lower row. */
  readonly dominantTicks: number;
  /** Row of `opposite` (lower edge, ticks); it may be one that did not trade. */
  readonly oppositeTicks: number;
}

/** Which marks a row has. */
export interface ImbalanceFlags {
  /** Lower edge of the row, in ticks. */
  readonly priceTicks: number;
  readonly buy: boolean;
  readonly sell: boolean;
}

/** How {@link stackedImbalances} counts. */
export interface StackOptions {
  /**
   * Least number of rows that stand on each other.
   * @defaultValue 3
   */
  readonly minRows?: number;
  /**
   * Height of a row in ticks.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
}

/** The defaults of {@link StackOptions}. */
export const stackDefaults = { minRows: 3, rowTicks: 1 } as const satisfies Required<StackOptions>;

/** Neighbouring rows with marks of one side. */
export interface ImbalanceZone {
  /** Lowest row of the zone (lower edge, ticks). */
  readonly lowTicks: number;
  /** Highest row of the zone (lower edge, ticks). */
  readonly highTicks: number;
  readonly side: Side;
  /** Number of rows. */
  readonly count: number;
}

/**
 * The imbalances of a ladder, from the lowest to the highest marked row, buy before sell.
 *
 * @example
 * ```ts
 * const row = (priceTicks: number, sellLots: number, buyLots: number) => ({ priceTicks, buyLots, sellLots, unknownLots: 0 });
 * const rows = [row(100, 40, 10), row(101, 12, 130), row(102, 30, 35)];
 * imbalances(rows).map(({ priceTicks, side }) => [priceTicks, side]); // => [[101, 'buy']]
 * imbalances(rows, { ...imbalancePresets.atasClusters, ratio: 350 }); // => []
 * ```
 * @param rows - Sorted from the lowest to the highest price, as in a footprint bar or a profile.
 * @throws FootprintError `bad-option`: also for rows that do not ascend by multiples of `rowTicks`, and for
 *   `basis: 'count'` over rows without counts.
 */
export function imbalances(rows: readonly ImbalanceRow[], options: ImbalanceOptions = {}): ImbalanceMark[] {
  const { rowTicks, ...rule } = { ...imbalanceDefaults, ...options };
  checkRowTicks(rowTicks);
  checkRows(rows, rowTicks);
  const multiple = checkImbalanceRule(rule);
  const [isDiagonal, last] = [rule.mode === 'diagonal', rows.length - 1];
  const comparesOutside = !isDiagonal || rule.outside === 'zero';
  const volumes = rule.minVolume > 0 && rule.minVolumeOf === 'row' ? volumesOf(rows) : undefined;
  const marks: ImbalanceMark[] = [];

  const compare = (row: ImbalanceRow, side: Side, neighbour: ImbalanceRow | undefined, step: number): void => {
    const dominantTicks = row.priceTicks;
    const oppositeTicks = dominantTicks + step;
    const dominant = sizeOf(row, side, rule.basis);
    // What lies between two rows that do not adjoin did not trade.
    const adjoins = neighbour !== undefined && neighbour.priceTicks === oppositeTicks;
    const opposite = adjoins ? sizeOf(neighbour, side === 'buy' ? 'sell' : 'buy', rule.basis) : 0;
    if (!outweighs(dominant, opposite, rule, multiple)) return;
    const priceTicks = rule.attribution === 'lower' ? Math.min(dominantTicks, oppositeTicks) : dominantTicks;
    const volume = volumes ? (volumes.get(priceTicks) ?? 0) : side === 'buy' ? row.buyLots : row.sellLots;
    if (volume < rule.minVolume) return;
    marks.push({ priceTicks, side, dominant, opposite, dominantTicks, oppositeTicks });
  };
  const step = isDiagonal ? rowTicks : 0;
  let below: ImbalanceRow | undefined;
  for (let i = 0; i <= last; i += 1) {
    const row = rows[i]!;
    const above = i < last ? rows[i + 1] : undefined;
    if (comparesOutside || below) compare(row, 'buy', isDiagonal ? below : row, 0 - step);
    if (comparesOutside || above) compare(row, 'sell', isDiagonal ? above : row, step);
    below = row;
  }
  // A buy marked at the lower row comes after the sell of that row.
  if (rule.attribution === 'lower') marks.sort(byPrice);
  return rule.whenBoth === 'both'
    ? marks
    : marks.filter((mark, i) => mark.side === 'buy' || marks[i - 1]?.priceTicks !== mark.priceTicks);
}

/**
 * One entry for every row given, in their order: which marks lie in it. The rows may be higher than those that the marks
 * were found on (`rowTicks` is the height of the given ones); a row then has the marks of all that it covers.
 *
 * @param rows - Sorted from the lowest to the highest price.
 * @throws FootprintError `bad-option`.
 */
export function imbalanceFlags(
  rows: readonly Pick<FootprintRow, 'priceTicks'>[],
  marks: readonly Pick<ImbalanceMark, 'priceTicks' | 'side'>[],
  { rowTicks = imbalanceDefaults.rowTicks }: Pick<ImbalanceOptions, 'rowTicks'> = {},
): ImbalanceFlags[] {
  checkRowTicks(rowTicks);
  const sorted = [...marks].sort(byPrice);
  let next = 0;
  return rows.map(({ priceTicks }) => {
    let [buy, sell] = [false, false];
    while (next < sorted.length && sorted[next]!.priceTicks < priceTicks) next += 1;
    for (; next < sorted.length && sorted[next]!.priceTicks < priceTicks + rowTicks; next += 1) {
      if (sorted[next]!.side === 'buy') buy = true;
      else sell = true;
    }
    return { priceTicks, buy, sell };
  });
}

/**
 * The zones of at least `minRows` neighbouring rows with marks of one side, from the lowest to the highest, buy before
 * sell. A row of the price grid without a mark ends a zone, whether it traded or not.
 *
 * @example
 * ```ts
 * const marks = [100, 101, 102, 104].map((priceTicks) => ({ priceTicks, side: 'buy' as const }));
 * stackedImbalances(marks); // => [{ lowTicks: 100, highTicks: 102, side: 'buy', count: 3 }]
 * ```
 * @throws FootprintError `bad-option`.
 */
export function stackedImbalances(
  marks: readonly Pick<ImbalanceMark, 'priceTicks' | 'side'>[],
  options: StackOptions = {},
): ImbalanceZone[] {
  const { minRows, rowTicks } = { ...stackDefaults, ...options };
  checkRowTicks(rowTicks);
  checkWhole('minRows', minRows, 1);
  const zones: ImbalanceZone[] = [];
  for (const side of ['buy', 'sell'] as const) {
    const prices = marks.filter((mark) => mark.side === side).map((mark) => mark.priceTicks);
    prices.sort((a, b) => a - b);
    let from = 0;
    for (let i = 1; i <= prices.length; i += 1) {
      if (prices[i] === prices[i - 1]! + rowTicks) continue;
      if (i - from >= minRows) {
        zones.push({ lowTicks: prices[from]!, highTicks: prices[i - 1]!, side, count: i - from });
      }
      from = i;
    }
  }
  return zones.sort((a, b) => a.lowTicks - b.lowTicks);
}

function volumesOf(rows: readonly ImbalanceRow[]): ReadonlyMap<number, ExactInt> {
  return new Map(rows.map((row) => [row.priceTicks, addExact(addExact(row.buyLots, row.sellLots), row.unknownLots)]));
}

function sizeOf(row: ImbalanceRow, side: Side, basis: ImbalanceRule['basis']): ExactInt {
  if (basis === 'volume') return addExact(side === 'buy' ? row.buyLots : row.sellLots, 0);
  const count = side === 'buy' ? row.buyTrades : row.sellTrades;
  if (count !== undefined) return count;
  throw new FootprintError(
    'bad-option',
    `basis "count" needs buyTrades and sellTrades, the row at "${row.priceTicks}" has none. Use basis 'volume'.`,
    row,
  );
}

function checkRows(rows: readonly ImbalanceRow[], rowTicks: number): void {
  for (let i = 1; i < rows.length; i += 1) {
    const [below, at] = [rows[i - 1]!.priceTicks, rows[i]!.priceTicks];
    const gap = at - below;
    if (gap === rowTicks || (gap > 0 && gap % rowTicks === 0)) continue;
    throw new FootprintError(
      'bad-option',
      `Row at "${at}" after the one at "${below}" is not a multiple of rowTicks "${rowTicks}" above it. ` +
        `Pass ascending rows, and the rowTicks of their bar.`,
      rowTicks,
    );
  }
}

function byPrice(a: Pick<ImbalanceMark, 'priceTicks' | 'side'>, b: Pick<ImbalanceMark, 'priceTicks' | 'side'>): number {
  return a.priceTicks - b.priceTicks || (a.side === b.side ? 0 : a.side === 'buy' ? -1 : 1);
}
