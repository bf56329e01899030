/** The kernel where it will run: in Node, in workerd and in Chromium, each loading it as its users do. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '@tapekit/tooling/chromium';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { checksum } from '../scripts/kernel/checksum.ts';
import { footprintsOfColumns } from './footprint-columns.ts';
import { createTradeLines } from './trade-lines.ts';
import { loadKernel } from './wasm.ts';

const file = fileURLToPath(import.meta.resolve('@tapekit/footprint/kernel.wasm'));
// What wrangler would tell others, it keeps to itself; packages of the repository are bundled from their source.
Object.assign(process.env, {
  WRANGLER_BUILD_CONDITIONS: 'source,workerd,worker,browser',
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
});

const expected = checksum({ footprintsOfColumns, createTradeLines });
const scripts = fileURLToPath(new URL('../scripts/kernel', import.meta.url));

describe('the kernel gives the numbers of TypeScript', () => {
  test('in Node, from the bytes of the file', async () => {
    expect(checksum(await loadKernel(readFileSync(file)))).toBe(expected);
  });

  test('in workerd, from an import', async () => {
    const harness = createTestHarness({ root: scripts, workers: [{ configPath: 'wrangler.jsonc' }] });
    try {
      const { url } = await harness.listen();
      expect(await (await fetch(url)).json()).toBe(expected);
    } finally {
      await harness.close();
    }
  });

  test('in Chromium, from a fetch', async () => {
    const { outputFiles } = await build({
      entryPoints: [`${scripts}/page.ts`],
      bundle: true,
      write: false,
      format: 'iife',
      globalName: 'kernelPage',
      platform: 'browser',
      conditions: ['source'],
      logLevel: 'error',
    });
    const server = createServer((request, response) => {
      const isKernel = request.url === '/kernel.wasm';
      response.setHeader('content-type', isKernel ? 'application/wasm' : 'text/html');
      response.end(isKernel ? readFileSync(file) : '<!doctype html><title>kernel</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      await page.addScriptTag({ content: outputFiles[0]!.text });
      expect(await page.evaluate('kernelPage.checksums()')).toEqual([expected, expected]);
    } finally {
      await browser.close();
      server.close();
    }
  });
});
