import { createTimeBars } from '@tapekit/footprint/time-bars';
import { footprintToJson, type FootprintJson } from '@tapekit/footprint/footprint-json';
import { createGrid } from '@tapekit/orderflow/grid';
import type { FeedTrade } from '../scripts/tape-client.ts';
import { instrument } from './harness.ts';

/** The footprints of these trades in this order, counted in Node without any worker: closed bars, then the open one. */
export function expectedFootprints(
  symbol: string,
  trades: readonly FeedTrade[],
): { readonly items: readonly FootprintJson[]; readonly open: FootprintJson | null } {
  const grid = createGrid(instrument);
  const { barMs: intervalMs, rowTicks } = instrument;
  const bars = createTimeBars({ grid, intervalMs, rowTicks, retainBars: 5 });
  const byStart = new Map<number, FootprintJson>();
  for (const trade of trades) {
    for (const bar of bars.push({ symbol, ...trade })) byStart.set(bar.startMs, footprintToJson(bar, { symbol, grid }));
  }
  const items = [...byStart.values()].sort((a, b) => a.t0 - b.t0);
  const [open] = bars.flush();
  return { items, open: open ? footprintToJson(open, { symbol, grid }) : null };
}
