/** The real chart in a real browser: what is on the screen, by its pixels. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChart, type ChartBrowser } from '../scripts/chart/browser.ts';
import { barsOf } from './internal/chart/test-bars.ts';
import { darkTheme, lightTheme, shades } from './internal/chart/theme.ts';

const steps = { tickSize: '0.25', lotSize: '1' } as const;
/** Sell, buy: the largest cell is 200 bought at 101, an imbalance against 40 sold at 100. */
const bars = barsOf(
  [
    [100, 40, 10],
    [101, 150, 200],
    [102, 60, 0],
  ],
  [
    [101, 90, 50],
    [102, 30, 35, 20],
  ],
);
const themes = { light: lightTheme, dark: darkTheme };
const lightSell = shades(lightTheme.background, lightTheme.sellCell);

test('is reached by its subpath alone', async () => {
  const { metafile } = await build({
    entryPoints: [fileURLToPath(new URL('index.ts', import.meta.url))],
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    conditions: ['source'],
    logLevel: 'error',
  });
  const reached = Object.keys(metafile.inputs);
  expect(reached.length).toBeGreaterThan(10);
  expect(reached.filter((file) => /lightweight-charts|internal\/chart/.test(file))).toEqual([]);
});

describe('the chart in Chromium', () => {
  let browser: ChartBrowser;
  beforeAll(async () => {
    browser = await openChart({ width: 640, height: 480, pixelRatio: 2 });
  });
  afterAll(async () => {
    expect(browser.errors).toEqual([]);
    await browser.close();
  });

  const minute = 60_000;
  /** At the left end of the sell cell, away from the figures; a bar is 120 px wide. */
  const sellPx = -40;
  const buyPx = 48;

  test.each(['light', 'dark'] as const)(
    'has the colours of the volumes at the centres of its cells: %s',
    async (theme) => {
      await browser.call('show', { bars, ...steps, theme, barSpacing: 120 });
      const { background, sellCell, buyCell, buy, sell, unknownCell } = themes[theme];
      const [sells, buys, unknowns] = [sellCell, buyCell, unknownCell].map((cell) => shades(background, cell));
      const at = (start: number, price: number, dx: number): Promise<string> =>
        browser.call('colourAt', start, price, dx);
      // √(40 / 200) × 11 = 4.9 is step 5, √(10 / 200) × 11 = 2.5 step 3.
      expect(await at(0, 25, sellPx)).toBe(sells![5]);
      expect(await at(0, 25, buyPx)).toBe(buys![3]);
      // An imbalance: 200 bought against 40 sold a row below; 150 sold against nothing bought a row above.
      expect(await at(0, 25.25, buyPx)).toBe(buy);
      expect(await at(0, 25.25, sellPx)).toBe(sell);
      // Nothing was bought at the high.
      expect(await at(0, 25.5, buyPx)).toBe(buys![0]);
      // √(20 / 200) × 11 = 3.5, at the right end of the second bar.
      expect(await at(minute, 25.5, buyPx)).toBe(unknowns![4]);
      // Between two bars, outside their rows.
      expect(await at(0, 25.8, 59)).toBe(background);
    },
  );

  test('reads the cell that stands under a pixel', async () => {
    await browser.call('show', { bars, ...steps, theme: 'light', barSpacing: 120 });
    expect(await browser.call('cellAt', 0, 25.25)).toMatchObject({
      price: '25.25',
      sell: '150',
      buy: '200',
      isPoc: true,
    });
    expect(await browser.call('cellAt', 1, 25.5)).toMatchObject({ sell: '30', buy: '35', unknown: '20', delta: '5' });
    expect(await browser.call('cellAt', 1, 25)).toBeUndefined();
  });

  test('shows delta and the running sum', async () => {
    await browser.call('show', { bars, ...steps, theme: 'light', barSpacing: 120 });
    // 210 − 250, and 85 − 120.
    expect(await browser.call('values')).toEqual({
      closes: [25.5, 25.5],
      deltas: [-40, -35],
      cvd: [-40, -75],
      colours: [lightTheme.sell, lightTheme.sell],
    });
  });

  test('replaces a bar by its revision, the last one and an older one, and adds what is new', async () => {
    const [first, second] = bars;
    const [moreBuys] = barsOf([[100, 10, 90]]);
    const revised = { ...moreBuys!, revision: 1 };
    await browser.call('show', { bars, ...steps, theme: 'light', barSpacing: 120 });
    await browser.call('update', revised);
    expect(await browser.call('values')).toMatchObject({ closes: [25, 25.5], deltas: [80, -35], cvd: [80, 45] });
    // 90 bought is the most in view.
    expect(await browser.call('colourAt', 0, 25, buyPx)).toBe(lightTheme.buyCell);
    // Beside the line of the chart's grid at 25.25.
    expect(await browser.call('colourAt', 0, 25.3, buyPx)).toBe(lightTheme.background);

    const at = { startMs: second!.startMs, endMs: second!.endMs };
    await browser.call('update', { ...first!, ...at, revision: 1 });
    expect(await browser.call('values')).toMatchObject({ deltas: [80, -40], cvd: [80, 40] });

    await browser.call('update', { ...moreBuys!, startMs: 2 * minute, endMs: 3 * minute });
    expect(await browser.call('values')).toMatchObject({ deltas: [80, -40, 80], cvd: [80, 40, 120] });
    await browser.call('update', { ...moreBuys!, startMs: 2 * minute, endMs: 3 * minute, deltaLots: 60 });
    expect(await browser.call('values')).toMatchObject({ cvd: [80, 40, 100] });
  });

  test('puts a late bar between others', async () => {
    const [first, second] = bars;
    const last = { ...second!, startMs: 2 * minute, endMs: 3 * minute };
    await browser.call('show', { bars: [first!, last], ...steps, theme: 'light', barSpacing: 120 });
    await browser.call('update', { ...second!, deltaLots: 7 });
    expect(await browser.call('values')).toMatchObject({ deltas: [-40, 7, -35], cvd: [-40, -33, -68] });
  });

  test('changes every colour with the theme, there and back', async () => {
    await browser.call('show', { bars, ...steps, theme: 'light', barSpacing: 120 });
    await browser.call('applyTheme', 'dark');
    expect(await browser.call('colourAt', 0, 25.25, buyPx)).toBe(darkTheme.buy);
    expect(await browser.call('colourAt', 0, 25.8, 59)).toBe(darkTheme.background);
    expect((await browser.call('values')).colours).toEqual([darkTheme.sell, darkTheme.sell]);
    await browser.call('applyTheme', 'light');
    expect(await browser.call('colourAt', 0, 25, sellPx)).toBe(lightSell[5]);
  });

  test('covers all rows with the price scale, and goes with its panes', async () => {
    await browser.call('show', { bars, ...steps, theme: 'light', barSpacing: 120, margins: { top: 0, bottom: 0 } });
    expect(await browser.call('priceRange')).toEqual({ from: 24.875, to: 25.625 });
    expect(await browser.call('remove')).toBe(1);
  });

  test('draws less the less room there is, and nothing breaks on the way', async () => {
    for (const barSpacing of [200, 60, 30, 12, 4, 0.5]) {
      for (const shading of ['volume', 'delta'] as const) {
        const series = { shading, unfinishedAuctions: true };
        await browser.call('show', { bars, ...steps, theme: 'dark', barSpacing, series });
      }
    }
    await browser.call('show', { bars: [], ...steps, theme: 'dark', barSpacing: 100 });
    expect(browser.errors).toEqual([]);
  });
});
