import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReport, type HousecleaningOptions, type SanityReport } from '@tapekit/housecleaning/housecleaning';
import { rawPrefix } from '@tapekit/housecleaning/keys';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { createTapeWriter } from '@tapekit/housecleaning/tape-writer';
import { PgBoss } from 'pg-boss';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../postgres/embedded.ts';
import { createMemoryStore } from '../stores/memory.ts';
import { registerHousecleaning, type BossDriverOptions, type BossLike } from './pg-boss.ts';

let folder = '';
let server: EmbeddedPostgres;
let schemas = 0;
const bosses: PgBoss[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'housecleaning-boss-'));
  server = await startEmbeddedPostgres({ dataDir: join(folder, 'database'), durable: false });
});
afterEach(async () => {
  await Promise.all(bosses.splice(0).map((boss) => boss.stop({ graceful: false })));
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
});

const symbols = ['ALPHA', 'BETA', 'GAMMA'];

async function storeOf(): Promise<ObjectStore> {
  const store = createMemoryStore();
  for (const symbol of symbols) {
    const tape = createTapeWriter({ store, symbol });
    await tape.append({ date: '2024-08-08', seq: 0, line: `{"symbol":"${symbol}"}` });
    await tape.flush();
  }
  return store;
}

const optionsOf = (store: ObjectStore) => (): HousecleaningOptions => ({
  ...{ store, nowMs: Date.now(), writers: 'write-once', minAgeMs: 0, allowImmediate: true, approve: 'first-run' },
  env: { env: 'test', bucketId: 'memory' },
});

async function bossOf(schema: string): Promise<PgBoss> {
  const boss = new PgBoss({ connectionString: server.url, schema, supervise: false, schedule: false });
  bosses.push(boss);
  boss.on('error', () => undefined);
  return boss.start();
}

/** Resolves with the report of the run. */
function whenFinished(
  use: (onMessage: NonNullable<BossDriverOptions['onMessage']>) => Promise<unknown>,
): Promise<SanityReport> {
  return new Promise((resolve, reject) => {
    use((outcome) => {
      if (outcome.type === 'finished') resolve(outcome.report);
    }).catch(reject);
  });
}

describe('registerHousecleaning', () => {
  test('works on a run from several processes at once, and reports it once', async () => {
    const store = await storeOf();
    await store.put(`${rawPrefix}ALPHA/notes.txt`, new Uint8Array(1));
    const schema = `boss${(schemas += 1)}`;
    const [one, two] = [await bossOf(schema), await bossOf(schema)];
    const report = await whenFinished(async (onMessage) => {
      const options = { options: optionsOf(store), pollSeconds: 1, onMessage };
      // Nobody works yet: the first waits while the second is asked for.
      const idle: BossLike = {
        createQueue: (...given) => one.createQueue(...given),
        insert: (...given) => one.insert(...given),
        send: (...given) => one.send(...given),
        schedule: (...given) => one.schedule(...given),
        work: () => Promise.resolve(undefined),
      };
      const driver = await registerHousecleaning(idle, options);
      const [first, second] = [await driver.start(), await driver.start()];
      expect([typeof first, second]).toEqual(['string', null]);
      await registerHousecleaning(two, options);
      await registerHousecleaning(one, options);
    });
    expect(report).toMatchObject({ run: { outcome: 'ok' }, totals: { cells: 3, deletedSources: 3 } });
    // What belongs to no cell is named and stays.
    expect((await store.list({ prefix: rawPrefix })).objects).toMatchObject([{ key: 'raw_tns/ALPHA/notes.txt' }]);
    const foreign = ['"raw_tns/ALPHA/notes.txt"'];
    expect(await readReport(store)).toMatchObject({ run: { id: report.run.id }, safety: { foreignKeys: 1, foreign } });
  });

  test('does a job again that failed, and in the next run a cell that did', async () => {
    const under = await storeOf();
    const fails = { job: true, store: true };
    const store: ObjectStore = {
      ...under,
      async get(key, options) {
        if (!key.startsWith(`${rawPrefix}BETA/`) || !fails.store) return under.get(key, options);
        fails.store = false;
        throw new Error('the network is down');
      },
    };
    const options = (): HousecleaningOptions => {
      if (!fails.job) return optionsOf(store)();
      fails.job = false;
      throw new Error('no credentials yet');
    };
    const boss = await bossOf(`boss${(schemas += 1)}`);
    const reports: SanityReport[] = [];
    let failed = 0;
    let tell: (() => void) | undefined;
    const driver = await registerHousecleaning(boss, {
      ...{ options, pollSeconds: 1, retrySeconds: 1, lanes: 2 },
      onMessage(outcome) {
        if (outcome.type === 'failed') failed += 1;
        if (outcome.type !== 'finished') return;
        reports.push(outcome.report);
        tell?.();
      },
    });
    for (const outcome of ['partial', 'ok']) {
      const finished = new Promise<void>((resolve) => (tell = resolve));
      await driver.start();
      await finished;
      expect(reports.at(-1)!.run.outcome).toBe(outcome);
    }
    expect(failed).toBe(1);
    expect((await under.list({ prefix: rawPrefix })).objects).toEqual([]);
  });

  test('schedules runs', async () => {
    const boss = await bossOf(`boss${(schemas += 1)}`);
    await registerHousecleaning(boss, { options: optionsOf(await storeOf()), cron: '7 * * * *', lanes: 0 });
    expect(await boss.getSchedules('housecleaning')).toMatchObject([
      { name: 'housecleaning', cron: '7 * * * *', timezone: 'UTC' },
    ]);
  });
});
