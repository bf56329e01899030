/** Corrections and cancels, applied to the prints that they are of. */
import type { Trade } from '@tapekit/orderflow/market';
import type { TradeAmendment } from './map.ts';

/** What {@link amendTrades} gives. */
export interface AmendedTrades<T extends Trade> {
  /** The prints that remain, in their order, corrected. */
  readonly trades: readonly (T | Trade)[];
  /** Amendments of prints that are not there. */
  readonly unmatched: readonly TradeAmendment[];
}

/**
 * The tape as the venue now says that it was: corrected prints in place, cancelled ones gone. Amendments count in their
 * order; inputs stay as they are.
 *
 * @example
 * ```ts
 * const print = { symbol: 'ES', timeMs: 0, price: '1', size: '2', side: 'buy', id: '7' } as const;
 * amendTrades([print], [{ kind: 'cancel', symbol: 'ES', id: '7' }]).trades; // => []
 * ```
 */
export function amendTrades<T extends Trade>(
  trades: readonly T[],
  amendments: readonly TradeAmendment[],
): AmendedTrades<T> {
  const key = (symbol: string, id: number | string): string => `${id} ${symbol}`;
  const places = new Map(
    trades.flatMap(({ symbol, id }, i) => (id === undefined ? [] : [[key(symbol, id), i] as const])),
  );
  const amended: (T | Trade | undefined)[] = [...trades];
  const unmatched: TradeAmendment[] = [];
  for (const amendment of amendments) {
    const place = places.get(key(amendment.symbol, amendment.id));
    if (place === undefined) unmatched.push(amendment);
    else amended[place] = amendment.trade;
  }
  return { trades: amended.filter((trade) => trade !== undefined), unmatched };
}
