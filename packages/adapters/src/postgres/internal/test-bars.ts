/** For tests: small bars whose sums can be checked by eye. */
import type { FootprintJson } from '@tapekit/footprint/footprint-json';

/** A bar of one trade at one price; `buy` lots bought, nothing sold. */
export function testBar(startMs: number, changes: Partial<FootprintJson> = {}): FootprintJson {
  return {
    v: 1,
    symbol: 'ETHUSDT',
    t0: startMs,
    t1: startMs + 60_000,
    open: '2680.77',
    high: '2680.77',
    low: '2680.77',
    close: '2680.77',
    volume: '3',
    buy: '3',
    sell: '0',
    unknown: '0',
    delta: '3',
    minDelta: '0',
    maxDelta: '3',
    trades: 1,
    vwap: '2680.77',
    poc: '2680.7',
    vah: '2680.7',
    val: '2680.7',
    levels: [{ price: '2680.7', buy: '3', sell: '0', unknown: '0', buyTrades: 1, sellTrades: 0 }],
    ...changes,
  };
}
