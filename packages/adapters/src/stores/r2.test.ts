// What R2 refuses and how that is told; everything else runs in workerd (tests/workerd-stores.test.ts).
import { describe, expect, test } from 'vitest';
import { createR2Store, type R2BucketLike } from './r2.ts';

const one = new Uint8Array([1]);

/** A bucket that answers every request with this error. */
function failing(message: string): R2BucketLike {
  const fail = async (): Promise<never> => {
    throw new Error(message);
  };
  return { head: fail, get: fail, put: fail, createMultipartUpload: fail, delete: fail, list: fail };
}

describe('createR2Store', () => {
  test.each([
    ['put: Reduce your request rate. (10058)', 'throttled', 'none'],
    ['put: We encountered an internal error. (10001)', 'unavailable', 'unknown'],
    ['put: Service is unavailable. (10043)', 'unavailable', 'unknown'],
    ['Network connection lost.', 'unavailable', 'unknown'],
    ['put: The body broke off. (10013)', 'unavailable', 'none'],
    ['put: Access denied. (10003)', 'refused', 'none'],
    ['put: The bucket is locked. (10069)', 'refused', 'none'],
    ['put: The SHA-256 checksum you specified did not match (10037)', 'checksum-mismatch', 'none'],
  ])('tells "%s" as %s with effect %s', async (message, code, effect) => {
    const store = createR2Store(failing(message));
    await expect(store.put('k', one)).rejects.toMatchObject({ code, effect, key: 'k' });
    // Reads change nothing, whatever becomes of them.
    await expect(store.get('k')).rejects.toMatchObject({ code, effect: 'none' });
    await expect(store.head('k')).rejects.toMatchObject({ code, effect: 'none' });
    await expect(store.list()).rejects.toMatchObject({ code, effect: 'none' });
    await expect(store.delete([{ key: 'k' }])).rejects.toMatchObject({ code, effect });
  });

  test('holds at most two parts of a stream of unknown length, and aborts an upload that fails', async () => {
    const partBytes = 5 * 1024 ** 2;
    const done: string[] = [];
    let [pulled, uploaded, most] = [0, 0, 0];
    const bucket: R2BucketLike = {
      ...failing('not asked'),
      createMultipartUpload: async () => ({
        async uploadPart(partNumber, value) {
          most = Math.max(most, pulled - uploaded);
          uploaded += value.length;
          done.push(`part ${partNumber}: ${value.length}`);
          if (partNumber === 3) throw new Error('uploadPart: We encountered an internal error. (10001)');
          return { partNumber, etag: 'e' };
        },
        complete: async () => {
          throw new Error('not asked');
        },
        abort: async () => void done.push('abort'),
      }),
    };
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1024 ** 2;
          controller.enqueue(new Uint8Array(1024 ** 2));
        },
      },
      { highWaterMark: 0 },
    );
    const put = createR2Store(bucket, { partBytes }).put('k', body);
    // Before completing, no failure has an effect on the object.
    await expect(put).rejects.toMatchObject({ code: 'unavailable', effect: 'none' });
    expect(done).toEqual([`part 1: ${partBytes}`, `part 2: ${partBytes}`, `part 3: ${partBytes}`, 'abort']);
    expect(most).toBeLessThanOrEqual(2 * partBytes);
  });

  test('refuses parts that R2 would refuse', () => {
    expect(() => createR2Store(failing(''), { partBytes: 1_024 })).toThrow(
      'partBytes "1024" is not a whole number from 5 MiB to 5 GiB.',
    );
  });
});
