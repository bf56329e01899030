/** Flags of imbalances over the rows of bars as columns. */
import type { FootprintColumns } from '../footprint-columns.ts';
import { outweighs, type ImbalanceRule } from './imbalance-rule.ts';
import type { Ratio } from './option-checks.ts';

const BUY = 1;
const SELL = 2;

/**
 * The usual rule without a branch a row: no processor guesses where imbalances are. False, with nothing written, for
 * rules that ask for more than a ratio, and for sums whose products are no safe integers.
 */
export function flagDiagonals(
  columns: FootprintColumns,
  rule: ImbalanceRule,
  { numerator, denominator }: Ratio,
  flags: Uint8Array,
): boolean {
  const isUsual =
    rule.mode === 'diagonal' &&
    rule.outside === 'skip' &&
    rule.attribution === 'aggressor' &&
    rule.whenBoth === 'both' &&
    rule.zero === 'infinite' &&
    Math.max(rule.minDifference, rule.minOpposite) === 0 &&
    (rule.minVolume === 0 || (rule.minVolumeOf === 'side' && rule.basis === 'volume'));
  if (!isUsual) return false;
  const { firstRow, bars, rowPriceTicks, rowTicks } = columns;
  const [buys, sells] = sidesBy(rule.basis, columns);
  const bounds = rule.basis === 'count' ? [columns.trades] : [columns.buyLots, columns.sellLots];
  // No row has more than its bar.
  const most = Math.max(...bounds.map(mostOf));
  if (most * Math.max(numerator, denominator) >= Number.MAX_SAFE_INTEGER) return false;
  // Of whole numbers a ≥ b is a > b − 1; and nothing never outweighs anything.
  const slack = rule.compare === 'gte' ? 1 : 0;
  const least = Math.max(1, rule.minVolume);
  for (let bar = 0; bar < bars; bar += 1) {
    const last = firstRow[bar + 1]! - 1;
    let flag = 0;
    for (let row = firstRow[bar]!; row < last; row += 1) {
      // What lies between two rows that do not adjoin did not trade. Each comparison stands alone: as parts of one
      // expression they become branches.
      const sell = sells[row]!;
      const buy = buys[row + 1]!;
      const adjoins = +(rowPriceTicks[row + 1]! - rowPriceTicks[row]! === rowTicks);
      const sellOutweighs = +(sell * denominator > numerator * buy * adjoins - slack);
      const sellCounts = +(sell >= least);
      const buyOutweighs = +(buy * denominator > numerator * sell * adjoins - slack);
      const buyCounts = +(buy >= least);
      flags[row] = flag | ((sellOutweighs & sellCounts) << 1);
      flag = buyOutweighs & buyCounts;
    }
    flags[last] = flag;
  }
  return true;
}

/** Any rule, exactly; `flags` are 0 before. */
export function flagRows(columns: FootprintColumns, rule: ImbalanceRule, multiple: Ratio, flags: Uint8Array): void {
  const { firstRow, bars, rowPriceTicks, rowTicks } = columns;
  const [buys, sells] = sidesBy(rule.basis, columns);
  const isDiagonal = rule.mode === 'diagonal';
  const marksLower = isDiagonal && rule.attribution === 'lower';

  const hasVolume = (own: Float64Array, row: number, marked: number): boolean => {
    if (rule.minVolume === 0) return true;
    if (rule.minVolumeOf === 'side') return own[row]! >= rule.minVolume;
    return (
      columns.rowBuyLots[marked]! + columns.rowSellLots[marked]! + columns.rowUnknownLots[marked]! >= rule.minVolume
    );
  };

  for (let bar = 0; bar < bars; bar += 1) {
    const [first, end] = [firstRow[bar]!, firstRow[bar + 1]!];
    /** The row next to one, −1 where none traded; `undefined` outside of the bar, where the rule skips that. */
    const neighbour = (row: number, step: -1 | 1): number | undefined => {
      const other = row + step;
      if (other < first || other >= end) return rule.outside === 'skip' ? undefined : -1;
      return rowPriceTicks[other]! - rowPriceTicks[row]! === step * rowTicks ? other : -1;
    };
    for (let row = first; row < end; row += 1) {
      const below = isDiagonal ? neighbour(row, -1) : row;
      const above = isDiagonal ? neighbour(row, 1) : row;
      // A mark at a lower row that did not trade has no entry.
      const buyAt = marksLower ? (below ?? -1) : row;
      if (below !== undefined && buyAt >= 0) {
        const opposite = below < 0 ? 0 : sells[below]!;
        if (outweighs(buys[row]!, opposite, rule, multiple) && hasVolume(columns.rowBuyLots, row, buyAt)) {
          flags[buyAt]! |= BUY;
        }
      }
      if (above !== undefined) {
        const opposite = above < 0 ? 0 : buys[above]!;
        if (outweighs(sells[row]!, opposite, rule, multiple) && hasVolume(columns.rowSellLots, row, row)) {
          flags[row]! |= SELL;
        }
      }
    }
  }
  if (rule.whenBoth === 'both') return;
  for (let row = 0; row < flags.length; row += 1) if (flags[row] === (BUY | SELL)) flags[row] = BUY;
}

function sidesBy(basis: ImbalanceRule['basis'], columns: FootprintColumns): readonly [Float64Array, Float64Array] {
  return basis === 'volume' ? [columns.rowBuyLots, columns.rowSellLots] : [columns.rowBuyTrades, columns.rowSellTrades];
}

function mostOf(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i += 1) if (values[i]! > most) most = values[i]!;
  return most;
}
