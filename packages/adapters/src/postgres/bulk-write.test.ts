import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useTestDatabases } from './internal/test-database.ts';
import { firstQuoteMs, testQuotes } from './internal/test-quotes.ts';
import { createRepositories } from './repositories.ts';

const databases = useTestDatabases();

test('a writer that is killed in the middle leaves nothing, and writing again doubles nothing', async () => {
  const { sql, url } = await databases.create();
  const { l1 } = createRepositories(sql);
  const count = 30_000;
  const script = fileURLToPath(new URL('./internal/test-writer.ts', import.meta.url));
  let written = 0;
  await sql
    .begin(async (tx) => {
      // A quote that is not committed yet stops the writer when it comes to the same one, in its fifth statement of six.
      await tx`insert into orderbook_l1 (time, symbol, source)
        values (timestamptz 'epoch' + ${firstQuoteMs + 210_000}::float8 * interval '1 millisecond', 'ETHUSDT', 'replay')`;
      const writer = spawn(process.execPath, ['--conditions=source', script, url, String(count)], { stdio: 'ignore' });
      const ended = once(writer, 'exit');
      for (let waits = 0; waits === 0;) {
        const rows = await sql`
          select from pg_stat_activity where application_name = 'writer' and wait_event_type = 'Lock'`;
        waits = rows.length;
        if (writer.exitCode !== null) throw new Error(`the writer ended with ${writer.exitCode}`);
      }
      const [size] = await sql<{ bytes: number }[]>`select pg_relation_size('orderbook_l1_rest')::float8 as bytes`;
      written = size!.bytes;
      writer.kill('SIGKILL');
      expect(await ended).toEqual([null, 'SIGKILL']);
      throw new Error('rolled back');
    })
    .catch((error: unknown) => expect(String(error)).toBe('Error: rolled back'));
  for (let writers = 1; writers > 0;) {
    writers = (await sql`select from pg_stat_activity where application_name = 'writer'`).length;
  }
  // 20,000 quotes were on their way: none is there.
  expect(written).toBeGreaterThan(1_000_000);
  expect(await l1.latest('ETHUSDT')).toBeUndefined();
  expect(await l1.insertMany(testQuotes(count))).toEqual({ written: count, kept: 0 });
  expect(await l1.insertMany(testQuotes(count))).toEqual({ written: 0, kept: count });
  expect(await sql`select count(*)::int as n from orderbook_l1`).toEqual([{ n: count }]);
});

test('a bad record among thousands keeps all of them out', async () => {
  const { sql } = await databases.create();
  const { l1 } = createRepositories(sql);
  const quotes = testQuotes(12_000);
  const negative = [...quotes, { ...quotes[0]!, source: 'zz', bidSize: '-1' }];
  await expect(l1.insertMany(negative)).rejects.toMatchObject({ code: 'database-refused' });
  const noNumber = [...quotes, { ...quotes[0]!, bidSize: '1e3' }];
  await expect(l1.insertMany(noNumber)).rejects.toMatchObject({
    code: 'bad-record',
    message: `bidSize of orderbook_l1 ETHUSDT ${firstQuoteMs} replay "1e3" is not a decimal string such as '2680.77'. Nothing was written.`,
  });
  expect(await sql`select count(*)::int as n from orderbook_l1`).toEqual([{ n: 0 }]);
});
