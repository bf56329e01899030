/**
 * Wilder's smoothed average gain and loss: the mean of the first `period` moves, then `average + (move − average) /
 * period`. The step is written once here and once, unrolled, in the batch kernel of the RSI; tests hold them equal.
 */
export type WilderState = {
  /** Closes taken so far. */
  count: number;
  last: number;
  /** Sum during the warm-up, then the average gain. */
  up: number;
  /** Sum during the warm-up, then the average loss, positive. */
  down: number;
};

export const noMoves: WilderState = { count: 0, last: 0, up: 0, down: 0 };

/** Averages that decay below this in a dead market are no moves at all. */
export const vanished = 1e-280;

/** The change where it is a gain, else 0; without a branch, because the next sign is a coin flip to the CPU as well. */
export function gainOf(change: number): number {
  return 0.5 * (change + Math.abs(change));
}

/** Writes `to` from `from` and one more close. The averages are defined once `to.count > period`. */
export function stepWilder(from: WilderState, to: WilderState, close: number, period: number): void {
  const { count } = from;
  const change = close - from.last;
  const gain = count === 0 ? 0 : gainOf(change);
  const loss = count === 0 ? 0 : gain - change;
  if (count <= period) {
    to.up = from.up + gain;
    to.down = from.down + loss;
    if (count === period) {
      to.up /= period;
      to.down /= period;
    }
  } else {
    const keep = 1 - 1 / period;
    const share = 1 / period;
    to.up = from.up * keep + gain * share;
    to.down = from.down * keep + loss * share;
  }
  to.last = close;
  to.count = count + 1;
}

/** Average gain and loss after the last close; `undefined` with fewer than `period + 1` closes. */
export function wilderMoves(
  closes: Float64Array,
  period: number,
): { readonly up: number; readonly down: number } | undefined {
  const state = { ...noMoves };
  for (let i = 0; i < closes.length; i++) stepWilder(state, state, closes[i]!, period);
  return state.count > period ? state : undefined;
}
