import type { DecimalInput, L1Snapshot } from '@tapekit/orderflow/market';
import { decimalText } from './decimal-text.ts';

/** One side of a snapshot: nothing where it is empty (size 0) or unknown (no price). */
export function l1Side<S extends 'bid' | 'ask'>(
  side: S,
  price: DecimalInput | undefined,
  size: DecimalInput | undefined,
): Pick<L1Snapshot, `${S}Price` | `${S}Size`> {
  const priceText = price === undefined ? undefined : decimalText(price);
  const sizeText = size === undefined ? undefined : decimalText(size);
  const fields =
    priceText === undefined || sizeText === '0'
      ? {}
      : { [`${side}Price`]: priceText, ...(sizeText === undefined ? undefined : { [`${side}Size`]: sizeText }) };
  return fields as Pick<L1Snapshot, `${S}Price` | `${S}Size`>;
}
