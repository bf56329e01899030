/** Both workers on workerd, as `wrangler.jsonc` wires them, with settings that let a test drive time itself. */
import { fileURLToPath } from 'node:url';
import type { FootprintJson } from '@tapekit/footprint/footprint-json';
import { afterAll, beforeAll } from 'vitest';
import { createTestHarness, type WorkerHandle } from 'wrangler';
import { connectTape, type TapeClient, type TapeClientOptions } from '../scripts/tape-client.ts';

export const tokens = {
  INGEST_TOKEN: 'test-ingest-token-0123456789',
  READ_TOKEN: 'test-read-token-0123456789',
  ADMIN_TOKEN: 'test-admin-token-0123456789',
  SERVICE_TOKEN: 'test-service-token-0123456789',
} as const;

export const instrument = { tickSize: '0.01', lotSize: '0.001', rowTicks: 5, barMs: 60_000 } as const;
/** Messages that one connection may send in all: the bucket never refills here. */
export const messageBurst = 100;
const dayMs = 86_400_000;
/** Records are dated at noon of the day before yesterday: their day is over, and no other one begins while tests run. */
export const receiveShiftMs = -1.5 * dayMs - (Date.now() % dayMs);

/** A page of `/footprints`. */
export interface FootprintPage {
  readonly symbol: string;
  readonly items: readonly FootprintJson[];
  readonly open: FootprintJson | null;
  readonly nextFrom: number | null;
}

/** The part of `/status` that tests look at. */
export interface Status {
  readonly records: number;
  readonly messages: number;
  readonly duplicates: number;
  readonly quarantined: number;
  readonly pendingRecords: number;
  readonly flushFailures: number;
  readonly lastReceivedMs: number;
  readonly lateTrades: number;
  readonly lateRejected: number;
  readonly connections: number;
}

/** The two workers and ways to talk to them. */
export interface Workers {
  /** The ingest worker's handle: eviction, storage of objects, bindings. */
  readonly ingest: WorkerHandle;
  readonly housecleaning: WorkerHandle;
  readonly url: () => string;
  /** A request to the ingest worker. */
  request(
    path: string,
    token?: keyof typeof tokens,
    init?: RequestInit,
  ): Promise<{ status: number; body: unknown; headers: Headers }>;
  /** The JSON of a GET that must succeed. */
  read<T>(path: string): Promise<T>;
  connect(symbol: string, options?: Partial<TapeClientOptions>): Promise<TapeClient>;
  /** Lets the alarm ring now and waits until every record is in R2. */
  flush(symbol: string): Promise<void>;
  /** Keys below a prefix. */
  keys(prefix?: string): Promise<readonly string[]>;
  evict(symbol: string, webSockets: 'close' | 'hibernate'): Promise<void>;
  /** Runs SQL inside the object of a symbol; gives the rows. */
  sql(symbol: string, statement: string, ...bindings: unknown[]): Promise<readonly unknown[]>;
}

/** Starts the workers for the tests of a file; every test uses a symbol of its own. */
export function useWorkers(symbols: readonly string[]): Workers {
  const harness = createTestHarness({
    root: fileURLToPath(new URL('..', import.meta.url)),
    workers: [
      {
        configPath: 'workers/ingest/wrangler.jsonc',
        vars: {
          ENVIRONMENT: 'local',
          INSTRUMENTS: Object.fromEntries(symbols.map((symbol) => [symbol, instrument])),
          FLUSH_AFTER_MS: 86_400_000,
          STALE_AFTER_MS: 86_400_000,
          RECEIVE_SHIFT_MS: receiveShiftMs,
          MESSAGE_BURST: messageBurst,
          MESSAGES_PER_SECOND: 0,
        },
        secrets: tokens,
      },
      {
        configPath: 'workers/housecleaning/wrangler.jsonc',
        vars: { ENVIRONMENT: 'local', BUCKET_ID: 'test', HC_GRACE_MS: 0, HC_MIN_AGE_MS: 0 },
        secrets: tokens,
      },
    ],
  });
  let url = '';
  const clients: TapeClient[] = [];
  beforeAll(async () => {
    url = (await harness.listen()).url.origin;
  });
  afterAll(async () => {
    for (const client of clients) client.close();
    await harness.close();
  });

  const ingest = harness.getWorker('tapekit-ingest');
  const workers: Workers = {
    ingest,
    housecleaning: harness.getWorker('tapekit-housecleaning'),
    url: () => url,
    async request(path, token, init = {}) {
      const headers = new Headers(token === undefined ? {} : { authorization: `Bearer ${tokens[token]}` });
      const reply = await fetch(`${url}${path}`, { ...init, headers });
      const text = await reply.text();
      return { status: reply.status, body: text === '' ? null : JSON.parse(text), headers: reply.headers };
    },
    async read<T>(path: string) {
      const { status, body } = await workers.request(path, 'READ_TOKEN');
      if (status !== 200) throw new Error(`GET ${path} gave ${status}: ${JSON.stringify(body)}`);
      return body as T;
    },
    async connect(symbol, options) {
      const client = await connectTape({ url, symbol, token: tokens.INGEST_TOKEN, retryMs: 1, ...options });
      clients.push(client);
      return client;
    },
    async flush(symbol) {
      await workers.request(`/admin/flush/${symbol}`, 'ADMIN_TOKEN', { method: 'POST' });
      for (let left = Infinity; left > 0;) {
        const { pendingRecords, flushFailures } = await workers.read<Status>(`/status/${symbol}`);
        if (flushFailures > 0) throw new Error(`The flush of ${symbol} failed.`);
        left = pendingRecords;
      }
    },
    async keys(prefix = '') {
      const { TAPE } = (await ingest.getEnv()) as { TAPE: R2BucketHandle };
      const found: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await TAPE.list(cursor === undefined ? { prefix } : { prefix, cursor });
        found.push(...page.objects.map(({ key }) => key));
        cursor = page.truncated ? page.cursor : undefined;
      } while (cursor !== undefined);
      return found;
    },
    async evict(symbol, webSockets) {
      for (;;) {
        try {
          await ingest.evictDurableObject('TapeObject', { name: symbol, webSockets });
          return;
        } catch (error) {
          if (!String(error).includes('it is not currently running')) throw error;
          // Evicted a moment ago, and its clients are not back yet: wake it up.
          await workers.request(`/status/${symbol}`, 'READ_TOKEN');
        }
      }
    },
    async sql(symbol, statement, ...bindings) {
      const storage = await ingest.getDurableObjectStorage('TapeObject', { name: symbol });
      return storage.exec(statement, ...bindings);
    },
  };
  return workers;
}

interface R2BucketHandle {
  list(options: { prefix: string; cursor?: string }): Promise<{
    objects: { key: string }[];
    truncated: boolean;
    cursor?: string;
  }>;
}
