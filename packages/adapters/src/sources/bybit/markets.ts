/** Bybit's public markets: each has an address and a range of depths of its own. */
export type BybitMarket = 'spot' | 'linear' | 'inverse';

/** Depths of the book topics by market. */
export const bybitDepths: Readonly<Record<BybitMarket, readonly number[]>> = {
  spot: [1, 50, 200, 1000],
  linear: [1, 50, 200, 500, 1000],
  inverse: [1, 50, 200, 500, 1000],
};
