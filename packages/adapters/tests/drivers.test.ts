/** The drivers of Cloudflare Workers in workerd: a real queue and a real Workflow, where everything fails once. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createTestHarness } from 'wrangler';

const harness = createTestHarness({
  root: fileURLToPath(new URL('..', import.meta.url)),
  workers: [{ configPath: 'tests/driver-worker/wrangler.jsonc' }],
});

beforeAll(async () => {
  await harness.listen();
});
afterAll(async () => {
  await harness.close();
});

const read = async (path: string): Promise<unknown> => (await harness.fetch(path)).json();
const count = async (prefix: string): Promise<number> => ((await read(`/${prefix}`)) as readonly string[]).length;

test.each([
  ['a queue', '7 * * * *', '2024-08-08'],
  ['a Workflow', '37 * * * *', '2024-08-09'],
])('a cron tick cleans 30 cells over %s, each of them after a failure', async (_, cron, date) => {
  const failed = (await read('/failures')) as number;
  await harness.getWorker('tapekit-drivers').scheduled({ cron, scheduledTime: new Date('2026-11-20T00:07:00Z') });
  await vi.waitFor(async () => expect(await count('raw_tns_compressed/sanity-info.json')).toBe(1), {
    ...{ timeout: 120_000, interval: 250 },
  });
  await vi.waitFor(async () => expect(await count('raw_tns/')).toBe(0), { timeout: 120_000, interval: 250 });
  const archives = (await read('/raw_tns_compressed/')) as readonly string[];
  expect(archives.filter((key) => key.includes(date))).toHaveLength(30);
  await vi.waitFor(async () => expect(await count('housecleaning-parts/')).toBe(0), {
    timeout: 60_000,
    interval: 250,
  });
  expect(((await read('/failures')) as number) - failed).toBeGreaterThanOrEqual(30);
});

test('an instance of the Workflow that is terminated after any of its steps loses nothing, and the next one ends the work', async () => {
  const date = '2024-08-10';
  const until = async (id: string, status: string): Promise<void> =>
    vi.waitFor(async () => expect(await read(`/instance/${id}`)).toBe(status), { timeout: 60_000, interval: 100 });
  const expectAll = async (most: number): Promise<void> => {
    for (const i of [0, 1]) {
      const lines = Array.from({ length: most }, (_, seq) => `{"i":${i},"seq":${seq + 1}}`);
      expect(await read(`/records/S0${i}/${date}`)).toEqual(lines);
    }
  };
  // List, two steps for each of two cells, report.
  const steps = 6;
  for (let endAfter = 1; endAfter <= steps; endAfter++) {
    await read(`/write/${date}/${endAfter}`);
    await harness.fetch(`/instance/ends-${endAfter}`, { method: 'POST', body: JSON.stringify({ endAfter }) });
    await until(`ends-${endAfter}`, 'terminated');
    await expectAll(endAfter);
  }
  await harness.fetch('/instance/goes-on', { method: 'POST', body: '{}' });
  await until('goes-on', 'complete');
  expect(await count('raw_tns/')).toBe(0);
  await expectAll(steps);
});

test('a Workflow tells which archive it healed, and what it added, though another step than the last one did so', async () => {
  const date = '2024-08-11';
  const runOf = async (id: string): Promise<unknown> => {
    await harness.fetch(`/instance/${id}`, { method: 'POST', body: '{}' });
    await vi.waitFor(async () => expect(await read(`/instance/${id}`)).toBe('complete'), {
      ...{ timeout: 60_000, interval: 100 },
    });
    return read('/report');
  };
  await read(`/write/${date}/1`);
  expect(await runOf('archives')).toMatchObject({
    totals: { cells: 2, healed: 0, addedSources: 2, deletedSources: 2 },
  });
  await read(`/lose/S00/${date}`);
  await read(`/write/${date}/2`);
  expect(await runOf('heals')).toMatchObject({
    run: { id: 'heals', outcome: 'ok' },
    totals: { cells: 2, healed: 1, addedSources: 2, deletedSources: 2 },
    cells: [
      { symbol: 'S00', generation: 2, lines: 2, healed: { replaced: null } },
      { symbol: 'S01', generation: 2, lines: 2, healed: null },
    ],
  });
  expect(await read(`/records/S00/${date}`)).toEqual(['{"i":0,"seq":1}', '{"i":0,"seq":2}']);
});
