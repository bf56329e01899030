import { describe, expect, test } from 'vitest';
import type { FeedTrade } from '../scripts/tape-client.ts';
import { useWorkers, type Status } from './harness.ts';

const workers = useWorkers(['CRASHED', 'ARCHIVED', 'REFUSED', 'FORGETS']);

const trades = (from: number, count: number): readonly FeedTrade[] =>
  Array.from({ length: count }, (_, i) => {
    const id = from + i;
    return { id, timeMs: Date.UTC(2026, 0, 15) + id * 100, price: '10', size: '1', side: 'buy' };
  });

/** Remembers messages as they are before a flush. */
async function remember(symbol: string): Promise<void> {
  await workers.sql(symbol, 'CREATE TABLE remembered AS SELECT * FROM messages');
}

/** Puts an object back to the moment before it let go of the records; `begunSeq` is the cut of a flush that was begun. */
async function putBack(symbol: string, begunSeq: number | null): Promise<void> {
  await workers.sql(symbol, 'INSERT INTO messages SELECT * FROM remembered');
  await workers.sql(symbol, 'DROP TABLE remembered');
  const rewind =
    "UPDATE documents SET json = json_set(json, '$.flushedSeq', 0, '$.flushingSeq', ?) WHERE name = 'state'";
  await workers.sql(symbol, rewind, begunSeq);
  // The object must read what was written behind its back.
  await workers.evict(symbol, 'hibernate');
}

async function seqsOf(symbol: string): Promise<readonly number[]> {
  const { TAPE } = (await workers.ingest.getEnv()) as {
    TAPE: { get(key: string): Promise<{ text(): Promise<string> }> };
  };
  const seqs: number[] = [];
  for (const key of await workers.keys(`raw_tns/${symbol}/`)) {
    const lines = (await (await TAPE.get(key)).text()).split('\n').filter((line) => line !== '');
    seqs.push(...lines.map((line) => (JSON.parse(line) as { seq: number }).seq));
  }
  return seqs;
}

describe('a crash between storing a segment and letting go of its records', () => {
  test('leads to the same segment again, also when more has come since', async () => {
    const client = await workers.connect('CRASHED');
    await client.send(trades(1, 30));
    await client.send(trades(31, 12));
    await remember('CRASHED');
    await workers.flush('CRASHED');
    const first = await workers.keys('raw_tns/CRASHED/');
    expect(first).toEqual([expect.stringMatching(/\/000000000001-000000000042-[0-9a-f]{16}\.jsonl$/)]);

    await putBack('CRASHED', 42);
    await client.send(trades(43, 8));
    await workers.flush('CRASHED');
    const keys = await workers.keys('raw_tns/CRASHED/');
    expect(keys[0]).toBe(first[0]);
    expect(keys.slice(1)).toEqual([expect.stringMatching(/\/000000000043-000000000050-[0-9a-f]{16}\.jsonl$/)]);
    expect(await seqsOf('CRASHED')).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
  });

  test('does not bring a segment back that was archived and pruned in between', async () => {
    const client = await workers.connect('ARCHIVED');
    await client.send(trades(1, 10));
    await remember('ARCHIVED');
    await workers.flush('ARCHIVED');
    await workers.request('/admin/compress', 'ADMIN_TOKEN', { method: 'POST', body: '{"symbol":"ARCHIVED"}' });
    expect(await workers.keys('raw_tns/ARCHIVED/')).toEqual([]);

    await putBack('ARCHIVED', 10);
    await workers.flush('ARCHIVED');
    expect(await workers.keys('raw_tns/ARCHIVED/')).toEqual([]);
    expect(await workers.read<Status>('/status/ARCHIVED')).toMatchObject({ records: 10, pendingRecords: 0 });
  });
});

describe('a flush that fails', () => {
  test('keeps the records, is reported, and succeeds once the cause is gone', async () => {
    const client = await workers.connect('REFUSED');
    await client.send(trades(1, 10));
    await remember('REFUSED');
    await workers.flush('REFUSED');
    const [key] = await workers.keys('raw_tns/REFUSED/');
    await putBack('REFUSED', null);

    // Other bytes under the name of the segment: nothing may be written over them, and nothing may be let go of.
    const { TAPE } = (await workers.ingest.getEnv()) as {
      TAPE: { put(key: string, text: string): Promise<unknown>; delete(key: string): Promise<void> };
    };
    await TAPE.put(key!, 'somebody else wrote this\n');
    await expect(workers.flush('REFUSED')).rejects.toThrow('The flush of REFUSED failed.');
    expect(await workers.read('/status/REFUSED')).toMatchObject({
      pendingRecords: 10,
      lastFlushError: expect.stringMatching(/^HousecleaningError: .* holds other bytes/),
    });
    expect((await workers.request('/health')).body).toMatchObject({
      problems: expect.arrayContaining([expect.stringMatching(/^REFUSED failed to flush/)]),
    });

    await TAPE.delete(key!);
    await client.send(trades(11, 1));
    await expect
      .poll(
        async () => {
          await workers.request('/admin/flush/REFUSED', 'ADMIN_TOKEN', { method: 'POST' });
          return (await workers.read<Status>('/status/REFUSED')).pendingRecords;
        },
        { timeout: 60_000 },
      )
      .toBe(0);
    // The cut of the flush that failed stands: what came since is a segment of its own.
    expect(await workers.keys('raw_tns/REFUSED/')).toEqual([
      key,
      expect.stringMatching(/\/000000000011-000000000011-[0-9a-f]{16}\.jsonl$/),
    ]);
    expect(await seqsOf('REFUSED')).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
  });
});

describe('a flush', () => {
  test('forgets ids of the day before yesterday and all but the last 1,024 answers of each client', async () => {
    const client = await workers.connect('FORGETS');
    await client.send(trades(1, 3));
    const numbers = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)';
    for (const name of ['a', 'b']) {
      await workers.sql('FORGETS', `INSERT INTO acks ${numbers} SELECT ?, i * 10, '', 1, 0, 0 FROM n`, name);
    }
    await workers.sql('FORGETS', "INSERT INTO trade_ids VALUES ('old', 1)");
    await workers.flush('FORGETS');
    expect(
      await workers.sql('FORGETS', 'SELECT client, COUNT(*) AS n, MIN(seq) AS least FROM acks GROUP BY client'),
    ).toEqual([
      { client: 'a', n: 1024, least: 770 },
      { client: 'b', n: 1024, least: 770 },
      { client: 'default', n: 1, least: 1 },
    ]);
    expect(await workers.sql('FORGETS', 'SELECT id FROM trade_ids ORDER BY id')).toEqual([
      { id: '1' },
      { id: '2' },
      { id: '3' },
    ]);
  });
});
