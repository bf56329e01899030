// What AWS S3 does and no server on this machine: the suite with every capability, and what each refusal means.
import { describe, expect, test } from 'vitest';
import { describeObjectStore } from '@tapekit/housecleaning/testing';
import { createAwsLike, refuse, type Script } from '../../tests/aws-like.ts';
import { createS3Store, type S3StoreOptions } from './s3.ts';

const one = new Uint8Array([1]);

function storeOf(script?: Script, options: Partial<S3StoreOptions> = {}) {
  return createS3Store({
    endpoint: 'https://s3.example.com',
    bucket: 'tape',
    credentials: { accessKeyId: 'key', secretAccessKey: 'secret' },
    partBytes: 5 * 1024 ** 2,
    fetch: createAwsLike(script),
    ...options,
  });
}

describeObjectStore(
  'S3 store with conditional deletes and parts',
  () => storeOf(undefined, { conditionalDelete: true, conditionalParts: true }),
  { describe, test },
);

describe('a refused put', () => {
  const busy: Script = ({ method, query }) =>
    method === 'PUT' && !query.has('uploadId') ? refuse(409, 'ConditionalRequestConflict') : undefined;

  /** Counts puts and answers the first with 409; `between` runs just before that answer. */
  function conflict(between: (store: () => ReturnType<typeof storeOf>) => Promise<unknown> = async () => undefined) {
    let puts = 0;
    let isOn = false;
    const store = storeOf(async (request) => {
      if (!isOn || request.method !== 'PUT') return undefined;
      puts += 1;
      isOn = false;
      await between(() => store);
      return refuse(409, 'ConditionalRequestConflict');
    });
    return { store, puts: () => puts, next: () => (isOn = true) };
  }

  test('with 409 and another object there is a failed condition: somebody won', async () => {
    const { store, next, puts } = conflict((it) => it().put('k', new Uint8Array([2])));
    next();
    await expect(store.put('k', one, { ifAbsent: true })).rejects.toMatchObject({ code: 'precondition-failed' });
    expect(puts()).toBe(1);
    const { etag } = (await store.head('k'))!;
    next();
    await expect(store.put('k', one, { ifMatch: etag.replace(/^./, 'x') })).rejects.toMatchObject({
      code: 'precondition-failed',
    });
  });

  test('with 409 and nothing changed is busy, had no effect, and was sent once', async () => {
    const { store, next, puts } = conflict();
    next();
    const refused = { code: 'unavailable', effect: 'none' };
    await expect(store.put('k', one, { ifAbsent: true })).rejects.toMatchObject(refused);
    expect(puts()).toBe(1);
    const { etag } = await store.put('k', one);
    next();
    await expect(store.put('k', one, { ifMatch: etag })).rejects.toMatchObject(refused);
    await expect(storeOf(busy).put('k', one)).rejects.toMatchObject(refused);
  });

  test.each([
    [404, 'NoSuchKey', { ifMatch: 'x' }, 'precondition-failed', 'none'],
    [404, 'NoSuchBucket', { ifMatch: 'x' }, 'refused', 'none'],
    [404, 'NoSuchKey', {}, 'refused', 'none'],
    [412, 'PreconditionFailed', { ifAbsent: true }, 'precondition-failed', 'none'],
    [429, 'TooManyRequests', {}, 'throttled', 'none'],
    [503, 'SlowDown', {}, 'throttled', 'none'],
    [503, 'ServiceUnavailable', {}, 'unavailable', 'unknown'],
    [500, 'InternalError', {}, 'unavailable', 'unknown'],
    [502, '', {}, 'unavailable', 'unknown'],
    [501, 'NotImplemented', {}, 'refused', 'none'],
    [400, 'RequestTimeout', {}, 'unavailable', 'none'],
    [400, 'BadDigest', {}, 'checksum-mismatch', 'none'],
    [403, 'AccessDenied', {}, 'refused', 'none'],
    [301, 'PermanentRedirect', {}, 'refused', 'none'],
  ])('with %d %s %j is %s with effect %s', async (status, code, options, expected, effect) => {
    const store = storeOf(({ method }) => (method === 'PUT' ? refuse(status, code) : undefined));
    await expect(store.put('k', one, options)).rejects.toMatchObject({ code: expected, effect, key: 'k' });
  });

  test('tells how long the service wants to be left alone, in seconds or as a date', async () => {
    const after =
      (value: string, date = ''): Script =>
      () =>
        refuse(503, 'SlowDown', { 'retry-after': value, date });
    const wait = (script: Script): Promise<unknown> =>
      storeOf(script)
        .head('k')
        .catch((error: unknown) => (error as { retryAfterMs?: number }).retryAfterMs);
    expect(await wait(after('7'))).toBe(7_000);
    expect(await wait(after('Fri, 02 Jan 2026 00:00:30 GMT', 'Fri, 02 Jan 2026 00:00:00 GMT'))).toBe(30_000);
    expect(await wait(after('soon'))).toBeUndefined();
  });

  test('whose answer is lost has an unknown effect, and none if it never left or its last piece was held back', async () => {
    const lost =
      (code?: string): Script =>
      () => {
        throw new TypeError('fetch failed', { cause: Object.assign(new Error('lost'), { code }) });
      };
    await expect(storeOf(lost('ECONNRESET')).put('k', one)).rejects.toMatchObject({ effect: 'unknown' });
    await expect(storeOf(lost('ECONNREFUSED')).put('k', one)).rejects.toMatchObject({ effect: 'none' });
    await expect(storeOf(lost('ECONNRESET')).get('k')).rejects.toMatchObject({ effect: 'none' });
    const early: typeof fetch = async () => {
      throw new TypeError('fetch failed');
    };
    const body = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(100)) });
    const put = storeOf(undefined, { fetch: early }).put('k', body, { size: 1_000_000 });
    await expect(put).rejects.toMatchObject({ code: 'unavailable', effect: 'none' });
  });

  test('never hands on the last bytes of a stream that is not what was promised', async () => {
    const size = 300_000;
    const source = (breaks: boolean): ReadableStream<Uint8Array> => {
      let left = 3;
      return new ReadableStream({
        pull(controller) {
          if (left-- > 0) controller.enqueue(new Uint8Array(size / 3));
          else if (breaks) controller.error(new Error('the source broke'));
          else controller.close();
        },
      });
    };
    let received = 0;
    const store = storeOf(undefined, {
      // A service that stores what it has as soon as the stated length is there.
      async fetch(_, init) {
        for await (const piece of init?.body as ReadableStream<Uint8Array>) received += piece.length;
        return new Response(null, { headers: { etag: '"e"', date: new Date(0).toUTCString() } });
      },
    });
    for (const [asked, breaks, why] of [
      [{ size }, true, 'the source broke'],
      [{ size, sha256: '0'.repeat(64) }, false, 'has the SHA-256'],
      [{ size: size + 1 }, false, 'has 300000 bytes, expected 300001'],
    ] as const) {
      received = 0;
      await expect(store.put('k', source(breaks), asked)).rejects.toThrow(why);
      expect(received).toBeLessThan(size);
    }
    received = 0;
    expect((await store.put('k', source(false), { size })).size).toBe(size);
    expect(received).toBe(size);
  });

  test('in the parts of a body has no effect on the object; completing may have', async () => {
    const long = (): ReadableStream<Uint8Array> => new Blob([new Uint8Array(6 * 1024 ** 2)]).stream();
    const failing =
      (method: string): Script =>
      (request) =>
        request.method === method && request.query.has('uploadId') ? refuse(500, 'InternalError') : undefined;
    await expect(storeOf(failing('PUT')).put('k', long())).rejects.toMatchObject({
      code: 'unavailable',
      effect: 'none',
    });
    await expect(storeOf(failing('POST')).put('k', long())).rejects.toMatchObject({
      code: 'unavailable',
      effect: 'unknown',
    });
    // A failure may come with status 200.
    const late: Script = ({ method, query }) =>
      method === 'POST' && query.has('uploadId')
        ? new Response('<Error><Code>InternalError</Code></Error>', { status: 200 })
        : undefined;
    await expect(storeOf(late).put('k', long())).rejects.toMatchObject({ code: 'unavailable', effect: 'unknown' });
  });
});

describe('a delete', () => {
  const etag = 'e'.repeat(32);

  test('by etag comes after a proof that the service compares', async () => {
    const seen: string[] = [];
    const store = storeOf(
      ({ method, key, headers }) => {
        seen.push(`${method} ${key.replace(/probe-.*/, 'probe')}${headers.has('if-match') ? ' if-match' : ''}`);
        return undefined;
      },
      { conditionalDelete: true },
    );
    const info = await store.put('k', one);
    seen.length = 0;
    expect(await store.delete([{ key: 'k', etag }])).toEqual([{ key: 'k', outcome: 'changed' }]);
    expect(await store.delete([{ key: 'k', etag: info.etag }])).toEqual([{ key: 'k', outcome: 'deleted' }]);
    const probe = 'housecleaning/v1/lease/delete-probe';
    expect(seen).toEqual([
      `PUT ${probe}`,
      `DELETE ${probe} if-match`,
      `DELETE ${probe}`,
      'DELETE k if-match',
      'HEAD k',
      'DELETE k if-match',
    ]);
    expect((await store.list()).objects).toEqual([]);
  });

  test('is refused as long as the proof fails, and proven again by the next one', async () => {
    let ignores = true;
    const store = storeOf(
      ({ method, headers }) => {
        if (method !== 'DELETE' || !ignores) return undefined;
        if (headers.has('if-match')) return new Response(null, { status: 204 });
        return undefined;
      },
      { conditionalDelete: true },
    );
    const info = await store.put('k', one);
    await expect(store.delete([{ key: 'k', etag: info.etag }])).rejects.toMatchObject({
      code: 'refused',
      effect: 'none',
    });
    expect(await store.head('k')).toBeDefined();
    ignores = false;
    expect(await store.delete([{ key: 'k', etag: info.etag }])).toEqual([{ key: 'k', outcome: 'deleted' }]);
  });

  test('of many whose one part is refused has an unknown effect', async () => {
    const store = storeOf(({ method, query }) =>
      method === 'POST' && query.has('delete')
        ? new Response('<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code></Error></DeleteResult>')
        : undefined,
    );
    const refused = store.delete([{ key: 'a' }, { key: 'b' }]);
    await expect(refused).rejects.toMatchObject({ code: 'refused', effect: 'unknown', key: 'b' });
  });
});

describe('a read', () => {
  const body =
    (headers: Record<string, string>, bytes = 'abc'): Script =>
    () =>
      new Response(bytes, { headers: { etag: '"e"', 'last-modified': 'Fri, 02 Jan 2026 00:00:00 GMT', ...headers } });

  test('that ends early is an error, never a short object', async () => {
    const object = await storeOf(body({ 'content-length': '5' })).get('k');
    await expect(object!.bytes()).rejects.toMatchObject({ code: 'unavailable', effect: 'none' });
  });

  test('of an object with a Content-Encoding is refused: its bytes would be others', async () => {
    const read = storeOf(body({ 'content-length': '3', 'content-encoding': 'gzip' })).get('k');
    await expect(read).rejects.toMatchObject({ code: 'refused' });
  });

  test('takes no answer without a size for an empty object', async () => {
    await expect(storeOf(body({})).head('k')).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('of a range is refused where the service ignores ranges', async () => {
    const read = storeOf(body({ 'content-length': '3' })).get('k', { range: { offset: 1 } });
    await expect(read).rejects.toMatchObject({ code: 'refused' });
  });

  test('follows no redirect: a signature is for one host', async () => {
    let asked: string | undefined;
    const store = storeOf(undefined, {
      fetch: async (_, init) => {
        asked = init?.redirect;
        return refuse(307, 'TemporaryRedirect');
      },
    });
    await expect(store.get('k')).rejects.toMatchObject({ code: 'refused' });
    expect(asked).toBe('manual');
  });

  test.each([
    ['<IsTruncated>true</IsTruncated>', 'was cut off without a cursor'],
    ['<Contents><Key>a</Key></Contents>', 'does not say whether it is cut off'],
    ['<Contents><Key>a</Key></Contents><IsTruncated>false</IsTruncated>', 'has an object without Size'],
  ])('of the listing %s is an error', async (xml, why) => {
    await expect(storeOf(() => new Response(xml)).list()).rejects.toThrow(why);
  });
});
