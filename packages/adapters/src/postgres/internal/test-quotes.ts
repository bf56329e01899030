/** For tests: quotes, one each 10 ms. */
import type { L1Snapshot } from '@tapekit/orderflow/market';

export const firstQuoteMs = 1_723_075_200_000;

export function testQuotes(count: number): L1Snapshot[] {
  return Array.from({ length: count }, (_, index) => ({
    time: firstQuoteMs + index * 10,
    symbol: 'ETHUSDT',
    bidPrice: `2680.${(index % 9) + 1}`,
    bidSize: '1.5',
    askPrice: `2681.${(index % 9) + 1}`,
    askSize: '2',
    source: 'replay',
  }));
}
