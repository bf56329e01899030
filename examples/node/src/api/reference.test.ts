import { operations } from '@tapekit/sdk';
import { describe, expect, test } from 'vitest';
import { launchChromium } from '@tapekit/tooling/chromium';
import { createApi } from './create-api.ts';
import { startServer } from './server.ts';
import { testDeps } from './test-support.ts';

const browser = await launchChromium().catch(() => undefined);

describe('the API reference in a browser', () => {
  test.skipIf(!browser)('shows the operations, breaks no rule of its policy and asks nobody else', async () => {
    const server = await startServer({ api: createApi(testDeps()), port: 0 });
    const page = await browser!.newPage();
    const elsewhere: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(server.url) && !/^(data|blob):/.test(request.url())) elsewhere.push(request.url());
    });
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));

    await page.goto(`${server.url}/docs`, { waitUntil: 'networkidle' });
    await page.getByRole('heading', { name: 'Tapekit API' }).waitFor();
    // What is further down is rendered when it is scrolled to.
    await page.getByText(operations.listFootprints.path, { exact: true }).first().waitFor({ state: 'attached' });
    expect({ elsewhere, complaints }).toEqual({ elsewhere: [], complaints: [] });
    await browser!.close();
    await server.close();
  });
});
