/** Where the edges of rows are, in device pixels. One conversion for each edge of the grid, not for each cell. */

/** What {@link createRowEdges} converts with. */
export interface PriceAxis {
  readonly priceToY: (price: number) => number | null;
  /** Price of a tick. */
  readonly tick: number;
  readonly verticalPixelRatio: number;
}

/** Edges within one frame. */
export interface RowEdges {
  /** Starts a frame whose edges are `offsetTicks` beside multiples of `stepTicks`, between two of these. */
  begin(axis: PriceAxis, offsetTicks: number, stepTicks: number, lowTicks: number, highTicks: number): void;
  /** The edge beside a multiple of `stepTicks`, a whole number of pixels; NaN where the scale has no place for it. */
  at(ticks: number): number;
}

/** Above this number of edges, each cell is converted by itself. */
const mostEdges = 65_536;

export function createRowEdges(): RowEdges {
  let edges = new Float64Array(256);
  let isKept = false;
  let axis: PriceAxis | undefined;
  let [offset, step, low] = [0, 1, 0];
  return {
    begin(next, offsetTicks, stepTicks, lowTicks, highTicks) {
      [axis, offset, step, low] = [next, offsetTicks, stepTicks, lowTicks];
      const count = Math.round((highTicks - lowTicks) / stepTicks) + 1;
      isKept = count <= mostEdges;
      if (!isKept) return;
      if (edges.length < count) edges = new Float64Array(count);
      for (let i = 0; i < count; i += 1) edges[i] = toPixel(next, lowTicks + i * stepTicks + offsetTicks);
    },
    at(ticks) {
      if (isKept) return edges[Math.round((ticks - low) / step)] ?? NaN;
      return axis ? toPixel(axis, ticks + offset) : NaN;
    },
  };
}

/** A price in ticks as a whole device pixel; NaN where the scale has no place for it. */
export function toPixel({ priceToY, tick, verticalPixelRatio }: PriceAxis, ticks: number): number {
  const y = priceToY(ticks * tick);
  return y === null ? NaN : Math.round(y * verticalPixelRatio);
}
