import { fileURLToPath } from 'node:url';
import { objectStoreCases } from '@tapekit/housecleaning/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestHarness } from 'wrangler';

const root = fileURLToPath(new URL('..', import.meta.url));
const harness = createTestHarness({ root, workers: [{ configPath: 'tests/store-worker/wrangler.jsonc' }] });

beforeAll(async () => {
  await harness.listen();
});
afterAll(async () => {
  await harness.close();
});

describe('createR2Store inside workerd', () => {
  const facts = objectStoreCases().map(({ fact }) => fact);

  test('the worker proves the cases of this suite', async () => {
    expect(await (await harness.fetch('/')).json()).toEqual(facts);
  });

  test.each(facts.map((fact, index) => ({ fact, index })))('$fact', async ({ index }) => {
    const reply = await harness.fetch(`/${index}`, { method: 'POST' });
    expect(await reply.json()).toEqual({ problem: null });
  });
});
