import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { tokens } from './harness.ts';

/** Settings of a demonstration, deployed by mistake. */
const harness = createTestHarness({
  root: fileURLToPath(new URL('..', import.meta.url)),
  workers: [
    {
      configPath: 'workers/ingest/wrangler.jsonc',
      vars: { ENVIRONMENT: 'production', RECEIVE_SHIFT_MS: -1 },
      secrets: { ...tokens, INGEST_TOKEN: 'short' },
    },
    {
      configPath: 'workers/housecleaning/wrangler.jsonc',
      vars: { ENVIRONMENT: 'production', HC_GRACE_MS: 0 },
      secrets: { SERVICE_TOKEN: tokens.SERVICE_TOKEN },
    },
  ],
});

beforeAll(async () => {
  await harness.listen();
});
afterAll(async () => {
  await harness.close();
});

const answer = async (worker: string, path: string, token: string, method = 'GET'): Promise<unknown> => {
  const headers = { authorization: `Bearer ${token}` };
  const reply = await harness.getWorker(worker).fetch(path, { method, headers });
  return { status: reply.status, body: await reply.json() };
};
const notConfigured = (message: string): unknown => ({
  status: 503,
  body: { error: { code: 'not-configured', message } },
});

test('a secret that is too short lets nobody in, not even who knows it', async () => {
  const message = 'INGEST_TOKEN is not set; run "wrangler secret put INGEST_TOKEN".';
  expect(await answer('tapekit-ingest', '/tape/TAPEUSDT', 'short')).toEqual(notConfigured(message));
});

test('receive times are not set back outside of local runs', async () => {
  const message = 'RECEIVE_SHIFT_MS is for ENVIRONMENT "local" only; remove it.';
  const reply = await answer('tapekit-ingest', '/footprints/TAPEUSDT', tokens.READ_TOKEN);
  expect(reply).toEqual(notConfigured(message));
});

test('raw objects are not deleted without the hour of grace outside of local runs', async () => {
  const message = 'The variable HC_GRACE_MS is "0"; expected a whole number from 3600000 to 31622400000.';
  const reply = await answer('tapekit-housecleaning', '/run-cron', tokens.SERVICE_TOKEN, 'POST');
  expect(reply).toEqual(notConfigured(message));
});
