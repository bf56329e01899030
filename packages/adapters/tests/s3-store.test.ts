/** The conformance suite against a real S3 server: local R2's S3 API, or the one that `S3_TEST_ENDPOINT` names. */
import { fileURLToPath } from 'node:url';
import { describeObjectStore } from '@tapekit/housecleaning/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestHarness } from 'wrangler';
import { createS3Store, type S3StoreOptions } from '../src/stores/s3.ts';

const named = process.env['S3_TEST_ENDPOINT'];
const harness = createTestHarness({
  root: fileURLToPath(new URL('..', import.meta.url)),
  workers: [{ configPath: 'tests/s3-server/wrangler.jsonc' }],
});
let options: S3StoreOptions;

beforeAll(async () => {
  const endpoint = named ?? `${(await harness.listen()).url.origin}/cdn-cgi/local/r2/s3`;
  options = {
    endpoint,
    bucket: process.env['S3_TEST_BUCKET'] ?? 'tapekit-s3',
    accessKeyId: process.env['S3_TEST_KEY'] ?? 'test-key',
    secretAccessKey: process.env['S3_TEST_SECRET'] ?? 'test-secret',
  };
});
afterAll(async () => {
  if (named === undefined) await harness.close();
});

async function emptied() {
  const store = createS3Store(options);
  for (let page = await store.list(); page.objects.length > 0; page = await store.list()) {
    await store.delete(page.objects.map(({ key }) => ({ key })));
  }
  return store;
}

describeObjectStore('S3 store', emptied, { describe, test });

describe('an S3 store', () => {
  const mebibyte = 1024 * 1024;
  /** 11 MiB in pieces that fit no part: three parts of 5, 5 and 1 MiB. */
  const pieces = Array.from({ length: 11 }, (_, i) => new Uint8Array(mebibyte).fill(i + 1));
  const stream = (fail = false): ReadableStream<Uint8Array> => {
    const left = [...pieces];
    return new ReadableStream({
      pull(controller) {
        const next = left.shift();
        if (next) controller.enqueue(next);
        else if (fail) controller.error(new Error('the feed broke off'));
        else controller.close();
      },
    });
  };
  const inParts = () => createS3Store({ ...options, partBytes: 5 * mebibyte });

  test('puts a long body in parts, whole or not at all', async () => {
    await emptied();
    const store = inParts();
    const info = await store.put('long', stream(), { metadata: { part: '100 %' } });
    expect(info.etag).toMatch(/-3$/);
    const object = (await store.get('long'))!;
    expect([object.size, object.etag, object.metadata]).toEqual([11 * mebibyte, info.etag, { part: '100 %' }]);
    const bytes = await object.bytes();
    expect(
      pieces.every((piece, i) => bytes[i * mebibyte] === piece[0] && bytes[(i + 1) * mebibyte - 1] === piece[0]),
    ).toBe(true);

    const again = store.put('long', stream(), { ifAbsent: true });
    await expect(again).rejects.toMatchObject({ code: 'precondition-failed' });
    const stale = store.put('long', stream(), { ifMatch: 'f'.repeat(32) });
    await expect(stale).rejects.toMatchObject({ code: 'precondition-failed' });
    const wrong = store.put('other', stream(), { sha256: '0'.repeat(64) });
    await expect(wrong).rejects.toMatchObject({ code: 'checksum-mismatch' });
    await expect(store.put('other', stream(true))).rejects.toThrow('the feed broke off');
    expect((await store.list()).objects.map(({ key, etag }) => [key, etag])).toEqual([['long', info.etag]]);
  });

  test('never takes a missing bucket for an empty one', async () => {
    const store = createS3Store({ ...options, bucket: 'no-such-bucket' });
    await expect(store.get('k')).rejects.toMatchObject({ code: 'bad-response', status: 404 });
    await expect(store.list()).rejects.toMatchObject({ code: 'bad-response' });
    await expect(store.put('k', new Uint8Array(1), { ifMatch: 'x' })).rejects.toMatchObject({ code: 'bad-response' });
  });

  test('says what was refused, without the secret', async () => {
    const store = createS3Store({ ...options, secretAccessKey: 'not-the-secret' });
    const refused = await store.put('k', new Uint8Array(1)).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'bad-response', status: 403 });
    expect(JSON.stringify([(refused as Error).message, refused])).not.toContain('not-the-secret');
    const nobody = createS3Store({ ...options, endpoint: 'http://127.0.0.1:1' });
    await expect(nobody.head('k')).rejects.toMatchObject({ code: 'unreachable' });
  });

  test.each([
    [{ endpoint: 's3.example.com' }, 'endpoint "s3.example.com" is no http(s) address.'],
    [{ bucket: '' }, 'bucket is missing'],
    [{ secretAccessKey: undefined as never }, 'secretAccessKey is missing'],
    [{ partBytes: 1024 }, 'partBytes "1024" is not a whole number from 5 MiB to 5 GiB.'],
  ])('refuses the option %j', (wrong, message) => {
    expect(() => createS3Store({ ...options, ...wrong })).toThrow(message);
  });
});
