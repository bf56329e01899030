/** Opens the page in a browser and reads it the way a person would: by its words and figures. */
import type { Footprint } from '@tapekit/sdk/schemas';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** What is wrong with a page that looks right. */
export interface PageFaults {
  /** Errors and warnings of the console, and exceptions. */
  readonly console: string[];
  /** Requests that left the origin. */
  readonly outside: string[];
}

export interface OpenPage {
  readonly page: Page;
  readonly faults: PageFaults;
  /** Text of the first element with this test id. */
  readonly text: (testid: string) => Promise<string>;
  /** Texts of all elements with this test id, in the order of the page. */
  readonly texts: (testid: string) => Promise<string[]>;
  /** An attribute of the first element with this test id. */
  readonly attribute: (testid: string, name: string) => Promise<string | null>;
  readonly close: () => Promise<void>;
}

/** Opens `url`; the browser context is new, so nothing is remembered from another test. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    colorScheme: 'light',
    ...options,
  });
  const page = await context.newPage();
  const faults: PageFaults = { console: [], outside: [] };
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') faults.console.push(message.text());
  });
  page.on('pageerror', (error) => faults.console.push(error.message));
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== new URL(url).origin) faults.outside.push(request.url());
  });
  await page.goto(url);
  const all = (testid: string) => page.getByTestId(testid);
  return {
    page,
    faults,
    text: async (testid) => ((await all(testid).first().textContent()) ?? '').trim(),
    texts: async (testid) => (await all(testid).allTextContents()).map((text) => text.trim()),
    attribute: (testid, name) => all(testid).first().getAttribute(name),
    close: () => context.close(),
  };
}

/** The ladder panel as rows of text, highest price first. */
export async function readLadder({ texts }: OpenPage): Promise<string[][]> {
  const columns = await Promise.all(['price', 'sell', 'buy', 'unknown'].map((name) => texts(`ladder-${name}`)));
  return columns[0]!.map((_, row) => columns.map((column) => column[row]!));
}

/** The same rows as the API's document has them. */
export function ladderOf(bar: Footprint): string[][] {
  return bar.levels.map(({ price, sell, buy, unknown }) => [price, sell, buy, unknown]).reverse();
}

const legendFigures = [
  'open',
  'high',
  'low',
  'close',
  'volume',
  'trades',
  'vwap',
  'buy',
  'sell',
  'delta',
  'poc',
  'vah',
  'val',
] as const;

/** The legend as text by name. */
export async function readLegend({ text }: OpenPage): Promise<Record<string, string>> {
  const entries = await Promise.all(legendFigures.map(async (name) => [name, await text(`legend-${name}`)] as const));
  return Object.fromEntries(entries);
}

/** The same figures as the API's document has them. */
export function legendOf(bar: Footprint): Record<string, string> {
  return Object.fromEntries(legendFigures.map((name) => [name, String(bar[name])]));
}

/** Number of different colours on the largest canvas of the chart; 1 where nothing is drawn. */
export async function canvasColours(page: Page): Promise<number> {
  return page.evaluate<number>(`(() => {
    const canvases = [...document.querySelectorAll('[data-testid="chart"] canvas')];
    const [largest] = canvases.sort((a, b) => b.width * b.height - a.width * a.height);
    const { data } = largest.getContext('2d').getImageData(0, 0, largest.width, largest.height);
    return new Set(new Uint32Array(data.buffer)).size;
  })()`);
}

/** Pixels by which the page is wider than the window. */
export async function sidewaysOverflow(page: Page): Promise<number> {
  return page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
}

/** Counts, from the next page on, how much of the window moves without the reader's doing. */
export async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(`
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  `);
}

/** The sum of layout shift scores since {@link watchShifts}, after the next frame. */
export async function shiftsSoFar(page: Page): Promise<number> {
  return page.evaluate<number>(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(window.shifted))))',
  );
}
