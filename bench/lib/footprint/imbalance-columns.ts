import type { FootprintColumns } from '@tapekit/footprint/footprint-columns';

/**
 * Diagonal 3:1 imbalances of all rows of all bars, the rule `imbalancePresets.tradingView` over rows of a tick: more than
 * three times the opposite side one row away, any volume against none, nothing against what lies outside of the bar.
 *
 * @returns A flag a row: 1 buy, 2 sell, 3 both.
 */
export function imbalanceFlagsOfColumns(columns: FootprintColumns): Uint8Array {
  const flags = new Uint8Array(columns.rowPriceTicks.length);
  for (let bar = 0; bar < columns.bars; bar += 1) {
    flagRows(columns, columns.firstRow[bar]!, columns.firstRow[bar + 1]! - 1, flags);
  }
  return flags;
}

function flagRows(columns: FootprintColumns, first: number, last: number, flags: Uint8Array): void {
  const { rowPriceTicks: prices, rowBuyLots: buys, rowSellLots: sells } = columns;
  for (let row = first; row < last; row += 1) {
    const above = row + 1;
    const adjoins = prices[above] === prices[row]! + 1;
    const [sellBelow, buyAbove] = adjoins ? [sells[row]!, buys[above]!] : [0, 0];
    if (buys[above]! > 3 * sellBelow) flags[above]! |= 1;
    if (sells[row]! > 3 * buyAbove) flags[row]! |= 2;
  }
}
