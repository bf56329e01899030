/**
 * How long one frame of the footprint chart takes in a headless Chromium while one zooms from candles to figures and
 * scrolls through all bars: `node --conditions=source bench/chart.ts [bars] [rows] [frames] [pixelRatio]`.
 *
 * `draw()` is the work of the series. Frames also hold what the chart does, and the rasteriser: without a GPU here.
 */
import { createGrid } from '@tapekit/orderflow/grid';
import type { FootprintBar } from '@tapekit/footprint/footprint-bar';
import { createTimeBars } from '@tapekit/footprint/time-bars';
import { openChart } from '../packages/footprint/scripts/chart/browser.ts';

const [barCount = 500, rowCount = 60, frames = 120, pixelRatio = 1] = process.argv.slice(2).map(Number);
const steps = { tickSize: '0.25', lotSize: '1' };

const browser = await openChart({ width: 1280, height: 800, pixelRatio });
const bars = ladders();
console.log(
  `${bars.length} bars × ${rowCount} rows, ${frames} frames at 1280 × 800 × ${pixelRatio}; milliseconds a frame, draw() and whole frames`,
);
for (const [name, from, to, rows] of [
  ['zoom from candles to figures', 2, 120],
  ['figures', 90, 90, 44],
  ['cells', 30, 30],
  ['profiles', 10, 10],
  ['candles', 2.5, 2.5],
] as const) {
  const shown = { bars, ...steps, theme: 'dark', barSpacing: from, series: { zoneBars: 50 } } as const;
  const { drawMs, frameMs } = await browser.call('measure', shown, { frames, from, to, ...(rows && { rows }) });
  console.log(`${name.padEnd(30)} draw ${summary(drawMs)}   frame ${summary(frameMs)}`);
}
await browser.close();

/** Seeded bars of `rowCount` rows each, whose middle wanders. */
function ladders(): FootprintBar[] {
  const grid = createGrid(steps);
  const builder = createTimeBars({ grid, intervalMs: 60_000 });
  const closed: FootprintBar[] = [];
  let state = 12_345;
  const below = (limit: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((state / 0x8000_0000) * limit);
  };
  let [middle, id] = [20_000, 0];
  for (let bar = 0; bar < barCount; bar += 1) {
    // Back to the first price by and by, so that every bar is in view when the price scale is held.
    middle += below(13) - 6 - Math.sign(middle - 20_000);
    for (let i = 0; i < rowCount * 2; i += 1) {
      const priceTicks = middle - (rowCount >> 1) + (i >> 1);
      const busy = rowCount / (2 + Math.abs((i >> 1) - (rowCount >> 1)));
      const timeMs = bar * 60_000 + Math.floor((i * 59_999) / (rowCount * 2));
      const side = i % 2 === 0 ? 'sell' : 'buy';
      closed.push(...builder.pushTicks({ id: id++, timeMs, priceTicks, sizeLots: 1 + below(20 + busy * 40), side }));
    }
  }
  return [...closed, ...builder.flush()];
}

function summary(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN).toFixed(2);
  return `median ${at(0.5).padStart(6)}  p95 ${at(0.95).padStart(6)}  max ${at(1).padStart(6)}`;
}
