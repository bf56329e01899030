/**
 * The S3 store under the conformance suite, against a real server that the test starts: local R2's S3 API, which checks
 * signatures and digests. With `S3_TEST_ENDPOINT` (and `_BUCKET`, `_KEY`, `_SECRET`, `_REGION`, `_CONDITIONAL_DELETE`,
 * `_CONDITIONAL_PARTS`) also against the bucket that it names, below a prefix of its own.
 */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { conformanceAssertions, describeObjectStore } from '@tapekit/housecleaning/testing';
import type { ObjectStore } from '@tapekit/housecleaning/object-store';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withPrefix } from '../src/stores/prefix.ts';
import { createS3Store, type S3StoreOptions } from '../src/stores/s3.ts';
import { startStoreServer, type StoreServer } from './store-server.ts';

const partBytes = 5 * 1024 ** 2;
const env = process.env;
let server: StoreServer;
let sent = 0;
const counting: typeof fetch = (input, init) => {
  sent += 1;
  return fetch(input, init);
};

beforeAll(async () => {
  server = await startStoreServer();
});
afterAll(() => server.stop());

async function emptied(store: ObjectStore): Promise<ObjectStore> {
  for (let page = await store.list(); page.objects.length > 0; page = await store.list()) {
    await store.delete(page.objects.map(({ key }) => ({ key })));
  }
  return store;
}

describe('createS3Store against the S3 API of local R2', () => {
  const before = conformanceAssertions();
  const make = (): Promise<ObjectStore> => emptied(createS3Store({ ...server.s3, partBytes, fetch: counting }));
  describeObjectStore(
    'conformance',
    make,
    { describe, test },
    { pagedKeys: 1_005, streamBytes: 6 * 1024 ** 2, requests: () => sent },
  );
  test('is held to at least 500 assertions', () => {
    expect(conformanceAssertions() - before).toBeGreaterThanOrEqual(500);
  });
});

describe.skipIf(env['S3_TEST_ENDPOINT'] === undefined)('createS3Store against S3_TEST_ENDPOINT', () => {
  const prefix = `tapekit-conformance-${randomUUID()}/`;
  const make = (): Promise<ObjectStore> => {
    const options: S3StoreOptions = {
      endpoint: env['S3_TEST_ENDPOINT'] ?? '',
      bucket: env['S3_TEST_BUCKET'] ?? 'tapekit-s3',
      credentials: { accessKeyId: env['S3_TEST_KEY'] ?? '', secretAccessKey: env['S3_TEST_SECRET'] ?? '' },
      region: env['S3_TEST_REGION'] ?? 'auto',
      conditionalDelete: env['S3_TEST_CONDITIONAL_DELETE'] === 'true',
      conditionalParts: env['S3_TEST_CONDITIONAL_PARTS'] === 'true',
      partBytes,
    };
    return emptied(withPrefix(createS3Store(options), prefix));
  };
  describeObjectStore('conformance', make, { describe, test }, { keyBytes: 1_024 - prefix.length });
});

describe('an S3 store', () => {
  /** 11 MiB as they are asked for, and how far ahead of the requests they were asked for. */
  function slowStream(): { body: ReadableStream<Uint8Array>; pulled: () => number } {
    let left = 11;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (left-- > 0) controller.enqueue(new Uint8Array(1024 ** 2).fill(left));
          else controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    return { body, pulled: () => (11 - Math.max(0, left)) * 1024 ** 2 };
  }

  test('holds at most two parts of a long stream, and aborts an upload that breaks off', async () => {
    const requests: string[] = [];
    let uploaded = 0;
    let most = 0;
    const { body, pulled } = slowStream();
    const store = createS3Store({
      ...server.s3,
      partBytes,
      async fetch(input, init) {
        const { search } = new URL(input);
        requests.push(`${init?.method} ${search.replace(/uploadId=[^&]*/, 'uploadId')}`);
        most = Math.max(most, pulled() - uploaded);
        const answer = await fetch(input, init);
        if (search.includes('partNumber')) uploaded += Number(new Headers(init?.headers).get('content-length'));
        return answer;
      },
    });
    const info = await store.put('long', body);
    expect([info.size, info.etag]).toEqual([11 * 1024 ** 2, expect.stringMatching(/-3$/)]);
    expect(most).toBeLessThanOrEqual(2 * partBytes);
    const begin = 'POST ?uploads=';
    const parts = [1, 2, 3].map((number) => `PUT ?partNumber=${number}&uploadId`);
    expect(requests.slice(0, 5)).toEqual([begin, ...parts, 'POST ?uploadId']);

    requests.length = 0;
    const wrong = store.put('other', slowStream().body, { sha256: '0'.repeat(64) });
    await expect(wrong).rejects.toMatchObject({ code: 'checksum-mismatch', effect: 'none' });
    // The second part is cut off only when there is more, and the last piece is held back until the digest is known.
    expect(requests).toEqual([begin, parts[0], 'DELETE ?uploadId']);
  });

  test('never takes a missing bucket for an empty one', async () => {
    const store = createS3Store({ ...server.s3, bucket: 'no-such-bucket' });
    const refused = { code: 'refused', effect: 'none' };
    await expect(store.get('k')).rejects.toMatchObject(refused);
    await expect(store.head('k')).rejects.toMatchObject(refused);
    await expect(store.list()).rejects.toMatchObject(refused);
    await expect(store.put('k', new Uint8Array(1), { ifMatch: 'x' })).rejects.toMatchObject(refused);
    await expect(store.delete([{ key: 'k' }])).rejects.toMatchObject(refused);
  });

  test('says what was refused, and never the credentials', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'not-the-secret', sessionToken: 'the-token' };
    const store = createS3Store({ ...server.s3, credentials: () => Promise.resolve(credentials) });
    const failures = await Promise.all(
      [
        store.put('k', new Uint8Array(1)),
        store.put('s', slowStream().body),
        store.get('k'),
        store.head('k'),
        store.list(),
        store.delete([{ key: 'k' }]),
        createS3Store({ ...server.s3, endpoint: 'http://127.0.0.1:1', credentials }).head('k'),
      ].map((work: Promise<unknown>) => work.catch((error: unknown) => error)),
    );
    expect(failures[0]).toMatchObject({
      code: 'refused',
      effect: 'none',
      message: expect.stringMatching(/^PUT "k" was answered 40\d/),
    });
    expect(failures.at(-1)).toMatchObject({ code: 'unavailable', effect: 'none' });
    const told = inspect([failures, store], { depth: 20, showHidden: true });
    for (const secret of Object.values(credentials)) expect(told).not.toContain(secret);
  });

  test('sends credentials in the signature only, never in an address', async () => {
    const addresses: string[] = [];
    const store = createS3Store({
      ...server.s3,
      fetch: (input, init) => {
        addresses.push(input as string);
        expect(new Headers(init?.headers).get('authorization')).toContain('Credential=test-key/');
        return fetch(input, init);
      },
    });
    await store.put('k', new Uint8Array(1));
    await store.list();
    expect(addresses.join(' ')).not.toMatch(/test-key|test-secret|X-Amz/i);
    expect(() => createS3Store({ ...server.s3, endpoint: 'https://me:word@s3.example.com' })).toThrow(
      'endpoint holds a name or password; pass them as credentials.',
    );
  });

  test('finds out that this service ignores the etag of a delete, and deletes nothing', async () => {
    const plain = await emptied(createS3Store(server.s3));
    await plain.put('k', new Uint8Array(1));
    const { etag } = await plain.put('k', new Uint8Array(2));
    const store = createS3Store({ ...server.s3, conditionalDelete: true });
    const refused = store.delete([{ key: 'k', etag }]);
    await expect(refused).rejects.toMatchObject({ code: 'refused', effect: 'none' });
    await expect(refused).rejects.toThrow('The service ignores If-Match on DeleteObject');
    expect((await plain.list()).objects.map(({ key }) => key)).toEqual(['k']);
    // Without an etag there is nothing to compare.
    expect(await store.delete([{ key: 'k' }])).toEqual([{ key: 'k', outcome: 'deleted' }]);
    expect(await store.delete([{ key: 'k' }])).toEqual([{ key: 'k', outcome: 'absent' }]);
  });

  test.each([
    [{ endpoint: 's3.example.com' }, 'endpoint "s3.example.com" is no http(s) address.'],
    [{ endpoint: 'https://s3.example.com?x=1' }, 'endpoint "https://s3.example.com?x=1" is no http(s) address.'],
    [{ bucket: '' }, 'bucket is missing'],
    [{ credentials: { accessKeyId: 'k', secretAccessKey: '' } }, 'secretAccessKey is missing'],
    [{ partBytes: 1024 }, 'partBytes "1024" is not a whole number from 5 MiB to 5 GiB.'],
  ])('refuses the option %j', (wrong, message) => {
    expect(() => createS3Store({ ...server.s3, ...wrong })).toThrow(message);
  });
});
