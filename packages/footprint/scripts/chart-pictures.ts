/**
 * Makes the pictures of the docs' page about the chart: `node --conditions=source scripts/chart-pictures.ts [folder]`.
 * Needs a Chromium; `CHROMIUM` names one.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openChart } from './chart/browser.ts';
import { toPalettePng } from './chart/palette-png.ts';
import { sampleBars, sampleSteps } from './chart/sample-bars.ts';
import type { Shown } from './chart/page.ts';

const folder = process.argv[2] ?? fileURLToPath(new URL('../../../docs/public/footprint-chart/', import.meta.url));
const mostBytes = 150_000;
const [intervalMs, rowTicks] = [300_000, 5];
const tape = { seed: 23, durationMs: 9 * 3_600_000, faults: { bursts: 4 } };

const bars = sampleBars(tape, { intervalMs, rowTicks });
const withUnknown = sampleBars(tape, { intervalMs, rowTicks, unknownEvery: 5 });
const data: Shown['data'] = { rowTicks, imbalance: { zero: 'skip', minVolume: 3_000 } };
const margins = { top: 0.05, bottom: 0.05 };

const pictures: readonly (Pick<Shown, 'barSpacing' | 'series'> & {
  readonly name: string;
  readonly bars?: typeof bars;
})[] = [
  { name: 'numbers', barSpacing: 104 },
  { name: 'cells', barSpacing: 38 },
  { name: 'profile', barSpacing: 22, series: { maxDetail: 'profile' } },
  { name: 'candles', barSpacing: 8 },
  { name: 'unknown', barSpacing: 118, bars: withUnknown, series: { unfinishedAuctions: true } },
  { name: 'delta', barSpacing: 104, series: { shading: 'delta', imbalances: false, zones: false } },
];

mkdirSync(folder, { recursive: true });
const browser = await openChart({ width: 720, height: 460, pixelRatio: 2 });
for (const theme of ['light', 'dark'] as const) {
  for (const { name, ...shown } of pictures) {
    await browser.call('show', { bars, ...sampleSteps, theme, data, margins, ...shown });
    const path = join(folder, `${name}-${theme}.png`);
    const picture = toPalettePng(await browser.screenshot());
    if (picture.length > mostBytes)
      throw new Error(`${path} would have ${picture.length} bytes, more than ${mostBytes}`);
    writeFileSync(path, picture);
    console.log(`${name}-${theme}.png ${Math.round(picture.length / 1000)} kB`);
  }
}
await browser.close();
if (browser.errors.length > 0) throw new Error(browser.errors.join('\n'));
