/** Best bids and offers of the venues: a side without price or size is empty. */
import { isZero } from './fields.ts';

/** The sides of a quote. */
export interface QuoteSides {
  readonly bidPrice?: string;
  readonly bidSize?: string;
  readonly askPrice?: string;
  readonly askSize?: string;
}

/** A price with its size; the size is absent where the venue does not send it. */
export type QuoteSide = readonly [price: string, size: string | undefined] | undefined;

export function quoteSides(bid: QuoteSide, ask: QuoteSide): QuoteSides {
  const [bidPrice, bidSize] = present(bid);
  const [askPrice, askSize] = present(ask);
  return {
    ...(bidPrice === undefined ? undefined : { bidPrice }),
    ...(bidSize === undefined ? undefined : { bidSize }),
    ...(askPrice === undefined ? undefined : { askPrice }),
    ...(askSize === undefined ? undefined : { askSize }),
  };
}

function present(side: QuoteSide): readonly [string?, string?] {
  if (!side) return [];
  const [price, size] = side;
  if (isZero(price) || (size !== undefined && isZero(size))) return [];
  return size === undefined ? [price] : [price, size];
}
