/** A Chromium with the real chart in it, for tests, pictures and measurements. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { launchChromium } from '@tapekit/tooling/chromium';
import type { ChartPage } from './page.ts';

/** Size of the page, in CSS pixels, and device pixels in one of them. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
}

/** A page with one chart. */
export interface ChartBrowser {
  /** Calls a function of the page; arguments and result are plain JSON. */
  call<Name extends keyof ChartPage>(
    name: Name,
    ...args: Parameters<ChartPage[Name]>
  ): Promise<Awaited<ReturnType<ChartPage[Name]>>>;
  /** The page as a PNG picture. */
  screenshot(): Promise<Buffer>;
  /** Errors that the page threw. */
  readonly errors: readonly string[];
  close(): Promise<void>;
}

/** Starts a browser with a page of this size; the caller closes it. */
export async function openChart({ width, height, pixelRatio }: PageSize): Promise<ChartBrowser> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'iife',
    platform: 'browser',
    conditions: ['source'],
    logLevel: 'error',
  });
  const browser = await launchChromium();
  // Where the environment names no language, Chromium gives one that `Intl` refuses.
  const options = { viewport: { width, height }, deviceScaleFactor: pixelRatio, locale: 'en-US' };
  const context = await browser.newContext(options);
  const page: Page = await context.newPage();
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.setContent('<style>html,body,#chart{margin:0;width:100%;height:100%}</style><div id="chart"></div>');
  await page.addScriptTag({ content: outputFiles[0]!.text });
  return {
    errors,
    call: (name, ...values) => page.evaluate(`chartPage.${name}(...${JSON.stringify(values)})`),
    screenshot: () => page.screenshot(),
    close: () => browser.close(),
  };
}
