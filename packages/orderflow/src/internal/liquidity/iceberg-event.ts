import type { MboOrderKey } from '../mbo/mbo-event.ts';

/** An iceberg as it is known so far; a later event of the same `side`, `priceTicks` and `firstMs` replaces it. */
export interface IcebergEvent {
  /** `native`: proven by market by order. `proxy`: guessed from a book and trades, see `probability`. */
  readonly quality: 'native' | 'proxy';
  readonly priceTicks: number;
  /** The side that rests. */
  readonly side: 'bid' | 'ask';
  /** From 0 to 1; 1 when `native`. */
  readonly probability: number;
  /** Lots traded against it since `firstMs`. */
  readonly tradedLots: number;
  /** Most lots shown at once since `firstMs`. */
  readonly displayedLots: number;
  /** Times that it showed more again, with trades after each. */
  readonly refills: number;
  /** First trade, epoch milliseconds UTC. */
  readonly firstMs: number;
  /** Last trade, epoch milliseconds UTC. */
  readonly lastMs: number;
  /** The order, when `native`. */
  readonly orderId?: MboOrderKey;
}
