/** The stored and served form of a footprint bar, version 1: decimals as strings, times as epoch milliseconds UTC. */
export interface FootprintJson {
  readonly v: 1;
  readonly symbol: string;
  /** Inclusive start, epoch milliseconds UTC. */
  readonly t0: number;
  /** Exclusive end, epoch milliseconds UTC. */
  readonly t1: number;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly buy: string;
  readonly sell: string;
  readonly unknown: string;
  readonly delta: string;
  readonly minDelta: string;
  readonly maxDelta: string;
  readonly trades: number;
  /** Σ price × size ÷ volume, to 16 significant digits, half to even. */
  readonly vwap: string;
  /** Lower edge of the row with the most volume. */
  readonly poc: string;
  /** Lower edge of the highest row of the value area. */
  readonly vah: string;
  /** Lower edge of the lowest row of the value area. */
  readonly val: string;
  /** From the lowest to the highest price. */
  readonly levels: readonly FootprintLevelJson[];
}

/** One price row of a {@link FootprintJson}. */
export interface FootprintLevelJson {
  /** Lower edge of the row. */
  readonly price: string;
  readonly buy: string;
  readonly sell: string;
  readonly unknown: string;
  readonly buyTrades: number;
  readonly sellTrades: number;
}
