import { addDecimals } from '../web/src/lib/decimal.ts';
import { ensureWebBuild } from '../web/ensure-build.mjs';
import type { Footprint, FootprintPage } from '@tapekit/sdk/schemas';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { launchChromium } from '@tapekit/tooling/chromium';
import { onKeptPort } from '../src/api/test-support.ts';
import {
  canvasColours,
  ladderOf,
  legendOf,
  openPage,
  readLadder,
  readLegend,
  shiftsSoFar,
  sidewaysOverflow,
  watchShifts,
  type OpenPage,
} from './page-driver.ts';
import {
  hostileText,
  sampleArchive,
  sampleBar,
  sampleMetrics,
  sampleScore,
  startSampleMarket,
  type SampleMarket,
} from './sample-market.ts';

const bars = 40;
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const patience = { timeout: 30_000, interval: 50 };
const eventually = (check: () => Promise<void>): Promise<void> => vi.waitFor(check, patience);

let webRoot: string;
let browser: Browser;
let market: SampleMarket;
const opened: OpenPage[] = [];

beforeAll(async () => {
  [webRoot, browser] = await Promise.all([ensureWebBuild(), launchChromium()]);
});
afterAll(() => browser.close());
beforeEach(async () => {
  market = await startSampleMarket({ webRoot, bars });
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.close()));
  await market.server.close();
});

/** Opens the page and waits until its last bar is selected. */
async function open(options?: BrowserContextOptions): Promise<OpenPage> {
  const view = await openPage(browser, market.server.url, options);
  opened.push(view);
  await selected(view, market.bars.at(-1)!);
  return view;
}

const selected = (view: OpenPage, bar: Footprint): Promise<void> =>
  eventually(async () => expect(await view.attribute('ladder', 'data-t0')).toBe(String(bar.t0)));

async function servedBars(): Promise<readonly Footprint[]> {
  const reply = await fetch(`${market.server.url}/v1/symbols/ETHUSDT/footprints?limit=500`);
  return ((await reply.json()) as FootprintPage).items;
}

async function expectFigures(view: OpenPage, bar: Footprint): Promise<void> {
  await selected(view, bar);
  expect(await readLadder(view)).toEqual(ladderOf(bar));
  expect(await readLegend(view)).toEqual(legendOf(bar));
  expect(await view.text('ladder-total-sell')).toBe(bar.sell);
  expect(await view.text('ladder-total-buy')).toBe(bar.buy);
  expect(await view.text('ladder-total-unknown')).toBe(bar.unknown);
  expect(addDecimals(await view.texts('ladder-delta'))).toBe(bar.delta);
  expect(await view.text('bar-min-delta')).toBe(bar.minDelta);
  expect(await view.text('bar-max-delta')).toBe(bar.maxDelta);
  const before = market.bars.filter(({ t0 }) => t0 <= bar.t0).map(({ delta }) => delta);
  expect(await view.text('bar-cvd')).toBe(addDecimals(before));
}

describe('figures', () => {
  test('the ladder and the legend equal the API for the last, the first and a middle bar, by keyboard', async () => {
    const served = await servedBars();
    expect(served).toHaveLength(bars);
    const view = await open();
    await expectFigures(view, served[39]!);
    await view.page.getByTestId('chart').focus();
    await view.page.keyboard.press('Home');
    await expectFigures(view, served[0]!);
    for (let step = 0; step < 17; step += 1) await view.page.keyboard.press('ArrowRight');
    await expectFigures(view, served[17]!);
    await view.page.keyboard.press('ArrowLeft');
    await expectFigures(view, served[16]!);
    await view.page.keyboard.press('End');
    await expectFigures(view, served[39]!);
    expect(view.faults).toEqual({ console: [], outside: [] });
  });

  test('the session panel equals the API', async () => {
    const view = await open();
    const { trades, input, book, counts, ofi, mlofi, obi, vamp, cvd } = sampleMetrics;
    const expected: Record<string, string | number | null> = {
      trades: trades.n,
      volume: trades.volume,
      buy: trades.buy,
      sell: trades.sell,
      unknown: trades.unknown,
      delta: trades.delta,
      vwap: trades.vwap,
      poc: trades.poc,
      'poc-volume': trades.pocVolume,
      levels: trades.levels,
      'non-market': trades.nonMarket,
      'id-gaps': trades.idGaps,
      'id-duplicates': trades.idDuplicates,
      late: trades.late,
      'late-rejected': trades.lateRejected,
      cvd,
      ofi: ofi.sum,
      'ofi-events': ofi.events,
      'mlofi-1': mlofi.sums[0]!,
      'mlofi-2': mlofi.sums[1]!,
      'mlofi-3': mlofi.sums[2]!,
      'obi-1': obi.top1,
      'obi-5': obi.top5,
      'obi-20': obi.top20,
      'vamp-bbo': vamp.bbo,
      'vamp-5': vamp.top5,
      'vamp-20': vamp.top20,
      quotes: counts.quotes,
      'book-snapshots': counts.bookSnapshots,
      'book-deltas': counts.bookDeltas,
      applied: book.applied,
      ignored: book.ignored,
      dropped: book.droppedBeforeSnapshot,
      gaps: book.gaps.length,
      'check-equal': book.quoteCheck.equal,
      'check-different': book.quoteCheck.different,
      lines: input.lines,
      accepted: input.accepted,
      quarantined: input.quarantined,
      'quarantined-bad-json': 2,
      'quarantined-off-grid': 7,
      'other-BTCUSDT': 41,
    };
    await view.page.getByTestId('metric-trades').waitFor();
    const shown: Record<string, string> = {};
    for (const name of Object.keys(expected)) shown[name] = await view.text(`metric-${name}`);
    const asShown = Object.entries(expected).map(([name, value]) => [name, value === null ? '—' : String(value)]);
    expect(shown).toEqual(Object.fromEntries(asShown));
    expect(await view.texts('book-bid')).toEqual(book.bids.map(([price]) => price));
    expect(await view.texts('book-ask-size')).toEqual(book.asks.map(([, size]) => size));
    expect(await view.attribute('book-sync', 'data-value')).toBe('true');
  });

  test('the score panel equals the API, and a missing component is missing, not 50', async () => {
    const view = await open();
    await view.page.getByTestId('score-value').waitFor();
    expect(await view.attribute('score-value', 'data-value')).toBe('61.38');
    expect(await view.text('score-total')).toBe('61.38');
    expect(await view.attribute('score-signal', 'data-value')).toBe('buy');
    expect(await view.attribute('score-coverage', 'data-value')).toBe('0.75');
    const contributions = view.page.getByTestId('component-contribution');
    expect(await contributions.allTextContents()).toEqual(['+43.5', '+17.88']);
    const missing = view.page.locator('[data-testid="score-component"][data-quality="missing"]');
    expect(await missing.getAttribute('data-name')).toBe(sampleScore.components[2]!.name);
    expect(await missing.getByTestId('component-score').textContent()).toBe('Missing');
    expect(await missing.textContent()).not.toContain('50');
  });

  test('the archive panel equals the API', async () => {
    const view = await open();
    await view.page.getByTestId('archive-cell').first().waitFor();
    const cells = sampleArchive.cells;
    expect(await view.texts('archive-generation')).toEqual(cells.map((cell) => String(cell.generation)));
    expect(await view.texts('archive-sources')).toEqual(cells.map((cell) => String(cell.sources)));
    expect(await view.texts('archive-lines')).toEqual(cells.map((cell) => String(cell.lines)));
    expect(await view.texts('archive-pruned')).toEqual(cells.map((cell) => String(cell.prunedSources)));
    expect(await view.attribute('archive-raw', 'data-value')).toBe('10482113');
    expect(await view.attribute('archive-gz', 'data-value')).toBe('912004');
    expect(await view.attribute('archive-outcome', 'data-value')).toBe('partial');
    expect(await view.text('archive-reason')).toBe(sampleArchive.reason);
    expect(await view.texts('archive-problem')).toEqual([cells[1]!.problem]);
  });

  test('text of the API stays text', async () => {
    const view = await open();
    expect(await view.page.locator('[data-name="order-flow"] ul li').textContent()).toBe(hostileText);
    expect(await view.page.title()).not.toBe('run');
  });
});

describe('live', () => {
  test('a new bar arrives and is followed; an older one that is revised changes in place', async () => {
    const view = await open();
    market.publishBar(sampleBar(bars));
    await expectFigures(view, sampleBar(bars));
    await view.page.getByTestId('previous-bar').click();
    await selected(view, sampleBar(bars - 1));
    market.publishBar(sampleBar(bars + 1));
    market.publishBar(sampleBar(bars - 1, 1));
    await eventually(async () => expect(await view.text('ladder-total-buy')).toBe(sampleBar(bars - 1, 1).buy));
    await expectFigures(view, sampleBar(bars - 1, 1));
    expect(view.faults).toEqual({ console: [], outside: [] });
  });

  test('progress, score, metrics and archive change as events say', async () => {
    const view = await open();
    market.events.publish('progress', { stage: 'done', done: 94_212, total: 94_212, unit: 'lines', message: '' });
    market.events.publish('score', { ...sampleScore, score: 12.25, signal: 'strong-sell' });
    market.events.publish('metrics', { ...sampleMetrics, cvd: '77.5' });
    market.events.publish('archive', { ...sampleArchive, outcome: 'ok', reason: null });
    await eventually(async () => {
      expect(await view.attribute('job', 'data-value')).toBe('done');
      expect(await view.text('job-done')).toBe('94212');
      expect(await view.text('score-total')).toBe('12.25');
      expect(await view.text('metric-cvd')).toBe('77.5');
      expect(await view.attribute('archive-outcome', 'data-value')).toBe('ok');
    });
  });

  test('says when the stream breaks off, and catches up when it is back', async () => {
    await market.server.close();
    market = await onKeptPort((free) => startSampleMarket({ webRoot, bars, port: free }));
    const view = await open();
    expect(await view.attribute('connection', 'data-value')).toBe('live');
    const port = Number(new URL(market.server.url).port);
    await market.server.close();
    await eventually(async () => expect(await view.attribute('connection', 'data-value')).toBe('reconnecting'));
    expect(await readLadder(view)).toEqual(ladderOf(sampleBar(bars - 1)));
    market = await startSampleMarket({ webRoot, bars: bars + 3, port });
    await eventually(async () => expect(await view.attribute('connection', 'data-value')).toBe('live'));
    await expectFigures(view, sampleBar(bars + 2));
  });

  test('the first bar replaces the empty state without a reload', async () => {
    await market.server.close();
    market = await startSampleMarket({ webRoot, bars: 0 });
    const view = await openPage(browser, market.server.url);
    opened.push(view);
    await view.page.getByTestId('empty-state').waitFor();
    market.publishBar(sampleBar(0));
    await expectFigures(view, sampleBar(0));
  });

  test('an API that does not answer is explained, and tried again', async () => {
    const view = await openPage(browser, `${market.server.url}/favicon.svg`);
    await view.page.route(/\/(v1|health)/, (route) => route.abort());
    opened.push(view);
    // The page would try again by itself; with its clock at a stop it is the button that does it.
    await view.page.clock.install();
    await view.page.clock.pauseAt(Date.now() + 60_000);
    await view.page.goto(market.server.url);
    await view.page.getByTestId('failed-state').waitFor();
    expect(await view.text('problem')).not.toBe('');
    await view.page.unroute(/\/(v1|health)/);
    await view.page.getByTestId('retry').click();
    await view.page.clock.resume();
    // The button was where the chart is now: no bar shall be under the pointer.
    await view.page.mouse.move(1, 1);
    await expectFigures(view, sampleBar(bars - 1));
  });
});

describe('looks', () => {
  test.each([
    ['desktop, light', { colorScheme: 'light' }],
    ['desktop, dark', { colorScheme: 'dark' }],
    ['phone, light', { ...phone, colorScheme: 'light' }],
    ['phone, dark', { ...phone, colorScheme: 'dark' }],
  ] as const satisfies readonly (readonly [string, BrowserContextOptions])[])(
    '%s: drawn, and nothing is wider than the window',
    async (name, options) => {
      const view = await open(options);
      await eventually(async () => expect(await view.attribute('chart', 'data-detail')).toBe('cells'));
      await eventually(async () => expect(await canvasColours(view.page)).toBeGreaterThan(50));
      expect(await sidewaysOverflow(view.page)).toBeLessThanOrEqual(0);
      expect(await view.page.locator('html').getAttribute('data-theme')).toBe(options.colorScheme);
      const shot = await view.page.screenshot({ fullPage: true });
      expect(shot.byteLength).toBeGreaterThan(20_000);
      await keepShot(name, shot);
      expect(view.faults).toEqual({ console: [], outside: [] });
    },
  );

  test('nothing moves while the figures arrive, nor when a bar closes', async () => {
    const view = await openPage(browser, `${market.server.url}/favicon.svg`);
    opened.push(view);
    await watchShifts(view.page);
    await view.page.goto(market.server.url);
    await expectFigures(view, sampleBar(bars - 1));
    await view.page.getByTestId('metric-trades').waitFor();
    // Below 0.1 counts as good; what is left here is figures that take the place of dashes.
    expect(await shiftsSoFar(view.page)).toBeLessThan(0.03);
    const before = await shiftsSoFar(view.page);
    market.publishBar(sampleBar(bars));
    await expectFigures(view, sampleBar(bars));
    expect((await shiftsSoFar(view.page)) - before).toBeLessThan(0.005);
  });

  test('zooming goes from figures over profiles to candles and back', async () => {
    const view = await open();
    const detail = (name: string): Promise<void> =>
      eventually(async () => expect(await view.attribute('chart', 'data-detail')).toBe(name));
    await detail('cells');
    expect(await view.attribute('chart-note', 'data-figures')).toBe('exact');
    for (let press = 0; press < 3; press += 1) await view.page.keyboard.press('-');
    await detail('profile');
    for (let press = 0; press < 8; press += 1) await view.page.keyboard.press('-');
    await detail('candles');
    await view.page.getByTestId('show-footprint').click();
    await detail('cells');
  });

  test('the theme switch wins over the system and is remembered', async () => {
    const view = await open({ colorScheme: 'light' });
    await view.page.locator('[data-testid="theme"] [data-value="dark"]').click();
    const theme = (): Promise<string | null> => view.page.locator('html').getAttribute('data-theme');
    await eventually(async () => expect(await theme()).toBe('dark'));
    await view.page.reload();
    await eventually(async () => expect(await theme()).toBe('dark'));
  });

  test('speaks the language of the browser, and the chosen one after that', async () => {
    const view = await open({ locale: 'id-ID' });
    expect(await view.page.locator('#ladder-title').textContent()).toBe('Tangga harga');
    expect(await view.page.locator('html').getAttribute('lang')).toBe('id');
    await view.page.locator('[data-testid="language"] [data-value="en"]').click();
    await eventually(async () => expect(await view.page.locator('#ladder-title').textContent()).toBe('Ladder'));
    await view.page.reload();
    await eventually(async () => expect(await view.page.locator('#ladder-title').textContent()).toBe('Ladder'));
  });

  test('up and down scroll a ladder that is too long, also from the chart', async () => {
    const view = await open();
    const bar = sampleBar(bars);
    const levels = Array.from({ length: 80 }, (_, row) => ({ ...bar.levels[0]!, price: (2600 + row / 10).toFixed(1) }));
    market.publishBar({ ...bar, levels, poc: '2604.0' });
    await eventually(async () => expect(await view.page.getByTestId('ladder-row').count()).toBe(80));
    const scrolled = (): Promise<number> =>
      view.page.evaluate<number>('document.querySelector("[data-testid=ladder]").scrollTop');
    // It opens at its point of control, in the middle.
    await eventually(async () => expect(await scrolled()).toBeGreaterThan(200));
    const start = await scrolled();
    await view.page.getByTestId('chart').focus();
    await view.page.keyboard.press('ArrowDown');
    expect(await scrolled()).toBe(start + 50);
    await view.page.keyboard.press('ArrowUp');
    await view.page.keyboard.press('ArrowUp');
    expect(await scrolled()).toBe(start - 50);
  });

  test('every control can be reached by keyboard and has a name', async () => {
    const view = await open();
    const controls = view.page.locator('button:not([disabled]), select, summary, a[href], [tabindex="0"]');
    const count = await controls.count();
    const reached = new Set<string>();
    for (let press = 0; press < count + 2; press += 1) {
      await view.page.keyboard.press('Tab');
      reached.add(await view.page.evaluate<string>('document.activeElement.outerHTML.slice(0, 300)'));
    }
    expect(reached.size).toBeGreaterThanOrEqual(count);
    for (const button of await view.page.getByRole('button').all()) {
      expect((await button.getAttribute('aria-label')) ?? (await button.textContent())?.trim()).toBeTruthy();
    }
  });
});

/** Keeps a screenshot where `PAGE_SHOTS` names a folder, to be looked at. */
async function keepShot(name: string, shot: Uint8Array): Promise<void> {
  const folder = process.env['PAGE_SHOTS'];
  if (folder === undefined || folder === '') return;
  const { mkdir, writeFile } = await import('node:fs/promises');
  await mkdir(folder, { recursive: true });
  await writeFile(`${folder}/${name.replace(/\W+/g, '-')}.png`, shot);
}
