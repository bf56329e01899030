import type { OrderBookProvider } from '../order-book-provider.ts';
import type { Repositories } from './repositories.ts';

/** A provider that answers with the newest stored quote of a symbol, and `undefined` where none is stored. */
export function createStoredOrderBookProvider({ l1 }: Pick<Repositories, 'l1'>): OrderBookProvider {
  return {
    async fetchL1(symbol, { signal } = {}) {
      signal?.throwIfAborted();
      return l1.latest(symbol);
    },
  };
}
