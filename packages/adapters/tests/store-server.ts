/** The worker of `store-worker`: R2 and the client of S3 inside workerd, and an S3 endpoint with real signatures for Node. */
import { fileURLToPath } from 'node:url';
import { createTestHarness } from 'wrangler';
import type { S3StoreOptions } from '../src/stores/s3.ts';
import { workersEnv } from './workers-env.ts';

/** A server that a test file starts and stops. */
export interface StoreServer {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly s3: S3StoreOptions;
  stop(): Promise<void>;
}

/** Starts it on a free port of this machine. */
export async function startStoreServer(): Promise<StoreServer> {
  // Scripts start it outside of a test, too.
  Object.assign(process.env, workersEnv);
  const harness = createTestHarness({
    root: fileURLToPath(new URL('..', import.meta.url)),
    workers: [{ configPath: 'tests/store-worker/wrangler.jsonc' }],
  });
  const { origin } = (await harness.listen()).url;
  return {
    fetch: (path, init) => fetch(`${origin}${path}`, init),
    s3: {
      endpoint: `${origin}/cdn-cgi/local/r2/s3`,
      bucket: 'tapekit-s3',
      credentials: { accessKeyId: 'test-key', secretAccessKey: 'test-secret' },
    },
    stop: () => harness.close(),
  };
}
