/** What one price level contributes to order flow, by the direction its price moved. Sizes are unsigned lots. */

/** Growth of demand at a bid: all of the new size after a rise, the difference at the same price, −old after a fall. */
export function bidFlow(previousTicks: number, previousLots: number, ticks: number, lots: number): number {
  return ticks > previousTicks ? lots : ticks < previousTicks ? 0 - previousLots : lots - previousLots;
}

/** Growth of supply at an ask: all of the new size after a fall, the difference at the same price, −old after a rise. */
export function askFlow(previousTicks: number, previousLots: number, ticks: number, lots: number): number {
  return ticks < previousTicks ? lots : ticks > previousTicks ? 0 - previousLots : lots - previousLots;
}
