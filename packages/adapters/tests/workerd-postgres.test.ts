/** Postgres from inside workerd, through a Hyperdrive binding, on a real server. */
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { testBar } from '../src/postgres/internal/test-bars.ts';
import { useTestDatabases } from '../src/postgres/internal/test-database.ts';
import { migrations } from '../src/postgres/migrations.ts';

const databases = useTestDatabases();
const binding = 'CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE';
let close = (): Promise<void> => Promise.resolve();
afterAll(async () => {
  await close();
  Reflect.deleteProperty(process.env, binding);
});

test('a worker migrates, writes in bulk, pages, splits partitions and is refused as Node is', async () => {
  const { url, sql } = await databases.create({ migrated: false });
  process.env[binding] = url;
  const harness = createTestHarness({
    root: fileURLToPath(new URL('..', import.meta.url)),
    workers: [{ configPath: 'tests/postgres-worker/wrangler.jsonc' }],
  });
  close = () => harness.close();
  const { origin } = (await harness.listen()).url;
  const reply = await fetch(origin, { method: 'POST' });
  expect(await reply.json()).toEqual({
    userAgent: 'Cloudflare-Workers',
    version: migrations.length,
    bars: { written: 2, kept: 0 },
    page: { items: [testBar(0)], nextCursor: expect.any(String) as string },
    quotes: [
      { written: 6000, kept: 0 },
      { written: 0, kept: 6000 },
    ],
    partitions: [expect.objectContaining({ kind: 'partitions', moved: 6000 })],
    refused: 'database-refused',
  });
  expect(await sql`select count(*)::int as n from orderbook_l1`).toEqual([{ n: 6000 }]);
});
