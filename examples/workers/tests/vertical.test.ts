import { gunzipSync } from 'node:zlib';
import { createMemoryStore } from '@tapekit/adapters/stores/memory';
import type { R2BucketLike } from '@tapekit/adapters/stores/r2';
import { archiveKey, parseRawKey } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { verifyArchive } from '@tapekit/housecleaning/restore';
import { expect, test, vi } from 'vitest';
import { generatedTrades } from '../scripts/generated-trades.ts';
import type { FeedTrade } from '../scripts/tape-client.ts';
import { expectedFootprints } from './expected-footprints.ts';
import { receiveShiftMs, useWorkers, type FootprintPage, type Status } from './harness.ts';

const workers = useWorkers(['ETHUSDT', 'ETHUSD']);

/** Ten minutes with late and repeated trades. */
const trades = generatedTrades({ seed: 'vertical', durationMs: 600_000 });
const once = [...new Map(trades.map((trade) => [trade.id, trade])).values()];

interface RawLine {
  readonly v: number;
  readonly seq: number;
  readonly receivedMs: number;
  readonly client: string;
  readonly trade: FeedTrade;
}

async function feed(symbol: string, tape: readonly FeedTrade[]): Promise<{ accepted: number; duplicates: number }> {
  const client = await workers.connect(symbol);
  const acks = [];
  for (let at = 0; at < tape.length; at += 100) acks.push(client.send(tape.slice(at, at + 100)));
  const sums = { accepted: 0, duplicates: 0 };
  for (const { accepted, duplicates } of await Promise.all(acks)) {
    sums.accepted += accepted;
    sums.duplicates += duplicates;
  }
  client.close();
  return sums;
}

async function readObject(key: string): Promise<{ bytes: Buffer; metadata: Record<string, string> }> {
  const { TAPE } = (await workers.ingest.getEnv()) as { TAPE: R2BucketLike };
  const object = await TAPE.get(key, {});
  if (!object || !('arrayBuffer' in object)) throw new Error(`"${key}" is missing.`);
  return { bytes: Buffer.from(await object.arrayBuffer()), metadata: object.customMetadata ?? {} };
}

/** Text of an object; Node's zlib is another decoder than the one that the workers prove archives with. */
async function readText(key: string): Promise<string> {
  const { bytes } = await readObject(key);
  return (key.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

/** What R2 holds, taken home. */
async function download(): Promise<ObjectStore> {
  const store = createMemoryStore();
  for (const key of await workers.keys()) {
    const { bytes, metadata } = await readObject(key);
    await store.put(key, new Uint8Array(bytes), { metadata });
  }
  return store;
}

function linesOf(ndjson: string): readonly RawLine[] {
  return ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as RawLine);
}

test('carries every trade of a tape through footprints and raw segments into a proven archive', async () => {
  expect(trades.length).toBeGreaterThan(once.length);
  const sums = await feed('ETHUSDT', trades);
  expect(sums).toEqual({ accepted: once.length, duplicates: trades.length - once.length });

  // Footprints: the same as counted in Node, and every lot is in some bar.
  const page = await workers.read<FootprintPage>('/footprints/ETHUSDT');
  const expected = expectedFootprints('ETHUSDT', trades);
  expect(page.items.length).toBe(9);
  expect(page).toEqual({ symbol: 'ETHUSDT', ...expected, nextFrom: null });
  const bars = [...page.items, page.open!];
  expect(bars.reduce((sum, bar) => sum + bar.trades, 0)).toBe(once.length);
  const status = await workers.read<Status>('/status/ETHUSDT');
  expect(status.lateTrades).toBeGreaterThan(0);
  expect(status).toMatchObject({ records: once.length, pendingRecords: once.length, lateRejected: 0 });
  expect(await workers.keys()).toEqual([]);

  // The alarm: raw segments, numbered, dated by the day of receipt.
  await workers.flush('ETHUSDT');
  const raw = await workers.keys('raw_tns/');
  const date = new Date(status.lastReceivedMs).toISOString().slice(0, 10);
  expect(Date.now() + receiveShiftMs - status.lastReceivedMs).toBeGreaterThanOrEqual(0);
  expect(raw.map((key) => parseRawKey(key)?.date)).toEqual(raw.map(() => date));
  const content = (await Promise.all(raw.map(readText))).join('');
  const lines = linesOf(content);
  expect(lines.map(({ seq }) => seq)).toEqual(once.map((_, i) => i + 1));
  expect(lines.map(({ trade }) => trade)).toEqual(once);

  // Housecleaning over the service binding: archived, proven, raw gone.
  const { status: code, body } = await workers.request('/admin/run-cron', 'ADMIN_TOKEN', { method: 'POST' });
  expect(code).toBe(200);
  expect(body).toMatchObject({
    run: { outcome: 'ok', reason: null },
    cells: [
      { symbol: 'ETHUSDT', date, state: 'archived', generation: 1, lines: once.length, deletedSources: raw.length },
    ],
  });
  expect(await workers.keys('raw_tns/')).toEqual([]);
  expect(await readText(archiveKey({ symbol: 'ETHUSDT', date }))).toBe(content);
  const proof = await verifyArchive(await download(), { symbol: 'ETHUSDT', date });
  expect(proof).toMatchObject({ ok: true, problem: null, manifest: { archive: { lines: once.length } } });
});

test('adds what comes after the archive as its next generation', async () => {
  const before = linesOf(await archiveText('ETHUSDT'));
  const late: FeedTrade = { id: 'late-1', timeMs: once.at(-1)!.timeMs, price: '100', size: '1', side: 'unknown' };
  expect(await feed('ETHUSDT', [late])).toEqual({ accepted: 1, duplicates: 0 });
  await workers.flush('ETHUSDT');

  const { body } = await workers.request('/admin/compress', 'ADMIN_TOKEN', {
    method: 'POST',
    body: JSON.stringify({ symbol: 'ETHUSDT' }),
  });
  expect(body).toMatchObject({ cells: [{ state: 'archived', generation: 2, lines: once.length + 1 }] });
  const after = linesOf(await archiveText('ETHUSDT'));
  expect(after.slice(0, -1)).toEqual(before);
  expect(after.at(-1)).toMatchObject({ seq: once.length + 1, trade: late });
  expect(await workers.keys('raw_tns/')).toEqual([]);
});

async function archiveText(symbol: string): Promise<string> {
  const [key] = await workers.keys(`raw_tns_compressed/${symbol}/`);
  return readText(key!);
}

test('compresses one symbol and leaves its namesake with a longer name alone', async () => {
  await feed('ETHUSD', trades.slice(0, 100));
  await workers.flush('ETHUSD');
  const raw = await workers.keys('raw_tns/ETHUSD/');
  expect(raw).toHaveLength(1);
  const { body } = await workers.request('/admin/compress', 'ADMIN_TOKEN', {
    method: 'POST',
    body: JSON.stringify({ symbol: 'ETHUSDT' }),
  });
  expect(body).toMatchObject({ cells: [] });
  expect(await workers.keys('raw_tns/')).toEqual(raw);
  // The cron handler takes every cell, in steps of a Workflow; on no first tick of a day, which also looks at old archives.
  const scheduledTime = new Date(Date.UTC(2030, 0, 1, 1, 7));
  const { outcome } = await workers.housecleaning.scheduled({ cron: '7 * * * *', scheduledTime });
  expect(outcome).toBe('ok');
  await vi.waitFor(
    async () => {
      const { body: report } = await workers.request('/admin/report', 'ADMIN_TOKEN');
      expect(report).toMatchObject({ run: { id: expect.stringMatching(/^tick-\d+$/) as string } });
    },
    { timeout: 60_000, interval: 100 },
  );
  expect(await workers.keys('raw_tns/')).toEqual([]);
  expect((await workers.request('/admin/report', 'ADMIN_TOKEN')).body).toMatchObject({
    cells: [{ symbol: 'ETHUSD', state: 'archived' }],
  });
});

test('misses an archive that is gone on the first tick of a day, though nothing of it is raw', async () => {
  const [key = ''] = await workers.keys('raw_tns_compressed/ETHUSDT/');
  const before = await readText(key);
  const { TAPE } = (await workers.ingest.getEnv()) as { TAPE: { delete(key: string): Promise<void> } };
  await TAPE.delete(key);
  const reportOf = async (hour: number): Promise<unknown> => {
    const scheduledTime = Date.UTC(2030, 0, 2, hour, 7);
    await workers.housecleaning.scheduled({ cron: '7 * * * *', scheduledTime: new Date(scheduledTime) });
    return vi.waitFor(
      async () => {
        const { body } = await workers.request('/admin/report', 'ADMIN_TOKEN');
        expect(body).toMatchObject({ run: { id: `tick-${scheduledTime}` } });
        return body;
      },
      { timeout: 60_000, interval: 100 },
    );
  };
  expect(await reportOf(1)).toMatchObject({ run: { outcome: 'ok' }, totals: { cells: 0, healed: 0 } });
  expect(await reportOf(0)).toMatchObject({
    ...{ run: { outcome: 'ok' }, totals: { cells: 2, healed: 1, deletedSources: 0 } },
    cells: [
      { symbol: 'ETHUSD', state: 'archived', healed: null },
      { symbol: 'ETHUSDT', state: 'archived', generation: 2, healed: { replaced: null } },
    ],
  });
  expect(await readText(key)).toBe(before);
});

test('is healthy while every symbol is fresh and housecleaning ended well', async () => {
  const { status, body } = await workers.request('/health');
  expect(body).toMatchObject({ status: 'ok', problems: [], housecleaning: { outcome: 'ok' } });
  expect(status).toBe(200);
});

test('keeps data, archive and control apart: under raw_tns lie segments only', async () => {
  await feed('ETHUSD', [{ id: 'last', timeMs: 1_768_431_600_000, price: '100', size: '1', side: 'buy' }]);
  await workers.flush('ETHUSD');
  const keys = await workers.keys();
  const raw = keys.filter((key) => key.startsWith('raw_tns/'));
  expect(raw).toHaveLength(1);
  expect(raw.every((key) => parseRawKey(key) !== undefined)).toBe(true);
  const rest = keys.filter((key) => !key.startsWith('raw_tns/'));
  expect(new Set(rest.map((key) => key.split('/')[0]))).toEqual(new Set(['housecleaning', 'raw_tns_compressed']));
});

test('the housecleaning worker lets nobody in from outside without its token', async () => {
  for (const token of ['', 'Bearer wrong', 'Bearer test-admin-token-0123456789']) {
    const reply = await workers.housecleaning.fetch('/run-cron', { method: 'POST', headers: { authorization: token } });
    expect(reply.status).toBe(401);
    expect(await reply.json()).toMatchObject({ error: { code: 'unauthorized' } });
  }
  const authorization = 'Bearer test-service-token-0123456789';
  const report = await workers.housecleaning.fetch('/report', { headers: { authorization } });
  expect(report.status).toBe(200);
});
