/** One number over the bars of a seeded tape and over the trades of its JSON lines, by whichever functions. */
import { createGrid } from '@tapekit/orderflow/grid';
import type { FootprintKernel } from '@tapekit/footprint/wasm';

type Functions = Pick<FootprintKernel, 'footprintsOfColumns' | 'createTradeLines'>;

/** The same number for functions that give the same bits. */
export function checksum({ footprintsOfColumns, createTradeLines }: Functions): number {
  const grid = createGrid({ tickSize: '0.1', lotSize: '0.001' });
  const fields = { time: 'T', price: 'p', size: 'q', side: { path: 'm', buy: false, sell: true } };
  const lines = createTradeLines({ grid, fields });
  let state = 7;
  const random = (below: number): number => (state = (state * 48_271) % 2_147_483_647) % below;
  let [time, ticks] = [1_700_000_000_000, 650_000];
  const text = Array.from({ length: 20_000 }, () => {
    time += random(90);
    ticks += random(5) - 2;
    return `{"e":"trade","T":${time},"p":"${grid.formatPrice(ticks)}","q":"${grid.formatSize(1 + random(5000))}","m":${random(2) === 0}}\n`;
  });
  const trades = lines.push(new TextEncoder().encode(text.join('')));
  const bars = footprintsOfColumns(trades, { intervalMs: 60_000 });
  let sum = lines.stats().learned;
  const columns: readonly (ArrayLike<number> | number)[] = Object.values({ ...trades, ...bars });
  for (const column of columns) {
    if (typeof column === 'number') continue;
    for (let i = 0; i < column.length; i += 1) sum = (sum * 31 + column[i]!) % 9_007_199_254_740;
  }
  return sum;
}
