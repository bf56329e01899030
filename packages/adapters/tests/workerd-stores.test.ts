/** The stores inside workerd: the R2 binding, and the S3 client, each under the whole conformance suite. */
import { objectStoreCases } from '@tapekit/housecleaning/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { divergences } from './store-worker/divergences.ts';
import { suites } from './store-worker/suites.ts';
import { startStoreServer, type StoreServer } from './store-server.ts';

let server: StoreServer;
beforeAll(async () => {
  server = await startStoreServer();
});
afterAll(() => server.stop());

const factsOf = (kind: keyof typeof suites): readonly string[] =>
  objectStoreCases({ ...suites[kind], requests: () => 0 }).map(({ fact }) => fact);

async function prove(kind: string, index: number): Promise<{ problem: string | null; assertions: number }> {
  const reply = await server.fetch(`/${kind}/${index}`, { method: 'POST' });
  return (await reply.json()) as { problem: string | null; assertions: number };
}

test('the worker proves the cases of this suite', async () => {
  const reply = await (await server.fetch('/')).json();
  const facts = { r2: factsOf('r2'), s3: factsOf('s3'), divergences: divergences().map(({ fact }) => fact) };
  expect(reply).toEqual(facts);
});

for (const [name, kind] of [
  ['createR2Store', 'r2'],
  ['createS3Store', 's3'],
] as const) {
  describe(`${name} inside workerd`, () => {
    let assertions = 0;
    test.each(factsOf(kind).map((fact, index) => ({ fact, index })))('$fact', async ({ index }) => {
      const reply = await prove(kind, index);
      expect(reply.problem).toBeNull();
      assertions += reply.assertions;
    });
    test('is held to at least 500 assertions', () => {
      expect(assertions).toBeGreaterThanOrEqual(500);
    });
  });
}

describe('R2 in workerd', () => {
  test.each(divergences().map(({ fact }, index) => ({ fact, index })))('$fact', async ({ index }) => {
    expect((await prove('divergences', index)).problem).toBeNull();
  });
});
