/**
 * Runs the conformance suite inside workerd, one case a request: over the R2 binding, and over the S3 API that local R2 serves
 * beside this worker. The tests in Node talk to that API too.
 */
import { conformanceAssertions, objectStoreCases, type StoreCase } from '@tapekit/housecleaning/testing';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { createR2Store, type R2BucketLike } from '../../src/stores/r2.ts';
import { createS3Store } from '../../src/stores/s3.ts';
import { divergences } from './divergences.ts';
import { suites } from './suites.ts';

interface StoreEnv {
  readonly BUCKET: R2BucketLike;
  readonly S3_BUCKET: R2BucketLike;
}

const partBytes = 5 * 1024 ** 2;
let sent = 0;
const requests = (): number => sent;
const cases = {
  r2: objectStoreCases({ ...suites.r2, requests }),
  s3: objectStoreCases({ ...suites.s3, requests }),
} as const satisfies Record<string, readonly StoreCase[]>;

export default {
  /** `GET /` lists the facts; `POST /{r2|s3|divergences}/{index}` proves one on an empty bucket: `problem` is null if it holds. */
  async fetch(request: Request, env: StoreEnv): Promise<Response> {
    const url = new URL(request.url);
    if (request.method === 'GET') {
      const facts = Object.entries({ ...cases, divergences: divergences() }).map(([kind, all]) => [
        kind,
        all.map(({ fact }) => fact),
      ]);
      return Response.json(Object.fromEntries(facts));
    }
    const [, kind, index] = url.pathname.split('/');
    const before = conformanceAssertions();
    const problem = await prove(kind!, Number(index), url.origin, env).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    return Response.json({ problem, assertions: conformanceAssertions() - before });
  },
};

async function prove(kind: string, index: number, origin: string, env: StoreEnv): Promise<void> {
  const bucket = kind === 's3' ? env.S3_BUCKET : env.BUCKET;
  await clear(bucket);
  if (kind === 'divergences') return divergences()[index]!.prove(env.BUCKET);
  if (kind === 's3') return cases.s3[index]!.prove(s3Store(origin));
  await cases.r2[index]!.prove(createR2Store(counted(bucket), { partBytes }));
}

function s3Store(origin: string): ObjectStore {
  return createS3Store({
    endpoint: `${origin}/cdn-cgi/local/r2/s3`,
    bucket: 'tapekit-s3',
    credentials: { accessKeyId: 'test-key', secretAccessKey: 'test-secret' },
    partBytes,
    fetch: (input, init) => {
      sent += 1;
      return fetch(input, init);
    },
  });
}

/** The bucket, with its requests counted. */
function counted(bucket: R2BucketLike): R2BucketLike {
  return {
    head: (key) => (sent++, bucket.head(key)),
    get: (key, options) => (sent++, bucket.get(key, options)),
    put: (key, value, options) => (sent++, bucket.put(key, value, options)),
    delete: (keys) => (sent++, bucket.delete(keys)),
    list: (options) => (sent++, bucket.list(options)),
    async createMultipartUpload(key, options) {
      sent += 1;
      const upload = await bucket.createMultipartUpload(key, options);
      return {
        uploadPart: (number, value) => (sent++, upload.uploadPart(number, value)),
        complete: (parts) => (sent++, upload.complete(parts)),
        abort: () => (sent++, upload.abort()),
      };
    },
  };
}

async function clear(bucket: R2BucketLike): Promise<void> {
  for (let page = await bucket.list({}); page.objects.length > 0; page = await bucket.list({})) {
    await bucket.delete(page.objects.map(({ key }) => key));
  }
}
