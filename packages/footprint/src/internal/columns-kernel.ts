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

/** Lowest and highest of the prices, written to `range`. */
export function rangeOf(ticks: Int32Array, from: number, to: number, range: Int32Array): void {
  let lowest = ticks[from]!;
  let highest = lowest;
  for (let i = from + 1; i < to; i += 1) {
    const price = ticks[i]!;
    if (price < lowest) lowest = price;
    if (price > highest) highest = price;
  }
  range[0] = lowest;
  range[1] = highest;
}

/** Sums of 32 bits on their way into a ladder: four a row, { buy lots, buy trades, sell lots, sell trades }, twice. */
export function createStage(rows: number): Int32Array {
  return new Int32Array(rows * 8);
}

/**
 * Adds prints whose aggressor is known and whose lots are below 2^31 together; `firstTicks` is row 0. Neighbours in the
 * tape go to different halves of a row, so that two prints at one price do not wait for each other.
 */
export function scatter(
  stage: Int32Array,
  { ticks, side }: KernelTrades,
  lots: Int32Array,
  from: number,
  to: number,
  firstTicks: number,
): void {
  const even = to - ((to - from) & 1);
  for (let i = from; i < even; i += 2) {
    // −1 has its highest bit set.
    const one = ((ticks[i]! - firstTicks) << 3) | ((side[i]! >>> 31) << 1);
    const two = ((ticks[i + 1]! - firstTicks) << 3) | ((side[i + 1]! >>> 31) << 1) | 4;
    stage[one]! += lots[i]!;
    stage[one + 1]! += 1;
    stage[two]! += lots[i + 1]!;
    stage[two + 1]! += 1;
  }
  if (even < to) {
    const slot = ((ticks[even]! - firstTicks) << 3) | ((side[even]! >>> 31) << 1);
    stage[slot]! += lots[even]!;
    stage[slot + 1]! += 1;
  }
}

/** Moves the first `rows` of the stage into the ladder, from row `at` of it on. */
export function addStage(stage: Int32Array, rows: number, ladder: KernelLadder, at: number): void {
  const { lots, trades } = ladder;
  for (let row = 0, slot = at * 2; row < rows; row += 1, slot += 2) {
    const cell = row << 3;
    lots[slot]! += stage[cell]! + stage[cell + 4]!;
    trades[slot]! += stage[cell + 1]! + stage[cell + 5]!;
    lots[slot + 1]! += stage[cell + 2]! + stage[cell + 6]!;
    trades[slot + 1]! += stage[cell + 3]! + stage[cell + 7]!;
  }
  stage.fill(0, 0, rows << 3);
}

/** Adds any prints to the ladder; `baseTicks` is row 0. */
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

/** {@link carryDelta} for lots that are below 2^31 together. */
export function carryDelta32(side: Int8Array, lots: Int32Array, from: number, to: number, state: Float64Array): void {
  let delta = 0;
  let lowest = 0;
  let highest = 0;
  for (let i = from; i < to; i += 1) {
    delta = (delta + Math.imul(side[i]!, lots[i]!)) | 0;
    if (delta < lowest) lowest = delta;
    if (delta > highest) highest = delta;
  }
  const before = state[0]!;
  state[0] = before + delta;
  state[1] = Math.min(state[1]!, before + lowest);
  state[2] = Math.max(state[2]!, before + highest);
}

/** The sum of lots. */
export function sumOf(lots: Float64Array | Int32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i += 1) sum += lots[i]!;
  return sum;
}
