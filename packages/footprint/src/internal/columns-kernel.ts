/**
 * The inner loops of the columnar engine: one small function a phase, over typed arrays, each staying in registers.
 * Prices are 32-bit ticks, and the sum of all sizes of a call is a safe integer, so no sum can round.
 */

/** Trades in the types that the loops are compiled for. */
export interface KernelTrades {
  readonly timeMs: Float64Array;
  readonly ticks: Int32Array;
  readonly lots: Float64Array | Int32Array;
  /** 1 buy, −1 sell, 0 unknown. */
  readonly side: Int8Array;
}

/** The ladder of one bar, one row a tick. Buy at `2 × row`, sell at `2 × row + 1`; unknown apart, it is rare. */
export interface KernelLadder {
  readonly rows: number;
  readonly lots: Float64Array;
  readonly trades: Int32Array;
  readonly unknownLots: Float64Array;
  readonly unknownTrades: Int32Array;
}

/** An empty ladder. */
export function createKernelLadder(rows: number): KernelLadder {
  return {
    rows,
    lots: new Float64Array(rows * 2),
    trades: new Int32Array(rows * 2),
    unknownLots: new Float64Array(rows),
    unknownTrades: new Int32Array(rows),
  };
}

/** Forgets the rows from `from` up to, not including, `to`. */
export function clearRows(ladder: KernelLadder, from: number, to: number): void {
  ladder.lots.fill(0, from * 2, to * 2);
  ladder.trades.fill(0, from * 2, to * 2);
  ladder.unknownLots.fill(0, from, to);
  ladder.unknownTrades.fill(0, from, to);
}

/** Copies the rows from `from` up to `to` of one ladder to row `at` of another. */
export function copyRows(source: KernelLadder, from: number, to: number, target: KernelLadder, at: number): void {
  target.lots.set(source.lots.subarray(from * 2, to * 2), at * 2);
  target.trades.set(source.trades.subarray(from * 2, to * 2), at * 2);
  target.unknownLots.set(source.unknownLots.subarray(from, to), at);
  target.unknownTrades.set(source.unknownTrades.subarray(from, to), at);
}

/** Index of the first time at or after `endMs`, searched from `from` on in growing steps. Times never fall. */
export function findEnd(timeMs: Float64Array, from: number, endMs: number): number {
  let low = from;
  let step = 256;
  while (low + step < timeMs.length && timeMs[low + step]! < endMs) {
    low += step;
    step *= 2;
  }
  let high = Math.min(timeMs.length, low + step);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeMs[middle]! < endMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function lowestOf(ticks: Int32Array, from: number, to: number): number {
  let lowest = ticks[from]!;
  for (let i = from + 1; i < to; i += 1) if (ticks[i]! < lowest) lowest = ticks[i]!;
  return lowest;
}

export function highestOf(ticks: Int32Array, from: number, to: number): number {
  let highest = ticks[from]!;
  for (let i = from + 1; i < to; i += 1) if (ticks[i]! > highest) highest = ticks[i]!;
  return highest;
}

/** Adds prints whose aggressor is known to the ladder; `baseTicks` is row 0. */
export function scatter(ladder: KernelLadder, trades: KernelTrades, from: number, to: number, baseTicks: number): void {
  const { lots: sums, trades: counts } = ladder;
  const { ticks, lots, side } = trades;
  for (let i = from; i < to; i += 1) {
    // −1 has its highest bit set: slot 0 for a buy, 1 for a sell.
    const slot = ((ticks[i]! - baseTicks) << 1) | (side[i]! >>> 31);
    sums[slot]! += lots[i]!;
    counts[slot]! += 1;
  }
}

/** {@link scatter} for prints of which some have no known aggressor. */
export function scatterAny(
  ladder: KernelLadder,
  trades: KernelTrades,
  from: number,
  to: number,
  baseTicks: number,
): void {
  const { ticks, lots, side } = trades;
  for (let i = from; i < to; i += 1) {
    const row = ticks[i]! - baseTicks;
    if (side[i] === 0) {
      ladder.unknownLots[row]! += lots[i]!;
      ladder.unknownTrades[row]! += 1;
    } else {
      const slot = (row << 1) | (side[i]! >>> 31);
      ladder.lots[slot]! += lots[i]!;
      ladder.trades[slot]! += 1;
    }
  }
}

/** Carries the running delta on over the prints: `[delta, lowest, highest]` in and out. */
export function carryDelta({ lots, side }: KernelTrades, from: number, to: number, state: Float64Array): void {
  let delta = state[0]!;
  let lowest = state[1]!;
  let highest = state[2]!;
  for (let i = from; i < to; i += 1) {
    delta += side[i]! * lots[i]!;
    if (delta < lowest) lowest = delta;
    if (delta > highest) highest = delta;
  }
  state[0] = delta;
  state[1] = lowest;
  state[2] = highest;
}
