/**
 * What R2's binding does otherwise than S3: the reasons for what `createR2Store` does. When one of these stops holding, the
 * store can do better.
 */
import type { R2BucketLike } from '../../src/stores/r2.ts';

/** One fact about the binding. */
export interface Divergence {
  readonly fact: string;
  readonly prove: (bucket: R2BucketLike) => Promise<void>;
}

/** Every fact, to be proven on an empty bucket. */
export function divergences(): readonly Divergence[] {
  return [
    {
      fact: 'a delete has no condition: it takes whatever is there',
      async prove(bucket) {
        await bucket.put('k', bytes('one'), {});
        await bucket.put('k', bytes('two'), {});
        // The platform's signature has keys only; options that a later one may have are given in vain.
        const willing = bucket as unknown as { delete(keys: string[], options: object): Promise<void> };
        await willing.delete(['k'], { onlyIf: { etagMatches: 'f'.repeat(32) } });
        expect((await bucket.head('k')) === null, 'the object is gone');
      },
    },
    {
      fact: 'completing parts has no condition: it replaces whatever is there',
      async prove(bucket) {
        const asked: object = { onlyIf: { etagDoesNotMatch: '*' } };
        await bucket.put('k', bytes('one'), {});
        const upload = await bucket.createMultipartUpload('k', asked);
        const part = await upload.uploadPart(1, bytes('two'));
        const willing = upload as unknown as { complete(parts: object[], options: object): Promise<unknown> };
        await willing.complete([part], asked);
        expect((await bucket.head('k'))?.etag.endsWith('-1') === true, 'the object was replaced by one of parts');
      },
    },
    {
      fact: 'the same bytes have the same etag and every write another version',
      async prove(bucket) {
        const one = await bucket.put('k', bytes('same'), {});
        const two = await bucket.put('k', bytes('same'), {});
        expect(one?.etag === two?.etag, 'etags are equal');
        expect(one?.version !== two?.version, 'versions differ');
      },
    },
    {
      fact: 'a put whose condition fails is answered with null, and one of a missing key too',
      async prove(bucket) {
        await bucket.put('k', bytes('x'), {});
        expect((await bucket.put('k', bytes('y'), { onlyIf: { etagDoesNotMatch: '*' } })) === null, 'over an object');
        expect((await bucket.put('none', bytes('y'), { onlyIf: { etagMatches: 'f' } })) === null, 'over nothing');
      },
    },
    {
      fact: 'a stream of unknown length is refused',
      async prove(bucket) {
        const stream = new ReadableStream({ start: (controller) => controller.close() });
        await fails(bucket.put('k', stream, {}), /known length/);
      },
    },
    {
      fact: 'metadata has 8,192 bytes, a key 1,024',
      async prove(bucket) {
        await bucket.put('k', bytes('x'), { customMetadata: { a: 'v'.repeat(8_191) } });
        await fails(bucket.put('k', bytes('x'), { customMetadata: { a: 'v'.repeat(8_192) } }), /\(10012\)/);
        await bucket.put('k'.repeat(1_024), bytes('x'), {});
        await fails(bucket.put('k'.repeat(1_025), bytes('x'), {}), /\(10020\)/);
      },
    },
    {
      fact: 'a key that leads out of its folder is taken as it is written',
      async prove(bucket) {
        await bucket.put('raw_tns/../x', bytes('x'), {});
        expect((await bucket.list({})).objects[0]?.key === 'raw_tns/../x', 'the key is kept');
      },
    },
    {
      fact: 'a range from the end on is an error',
      async prove(bucket) {
        await bucket.put('k', bytes('0123'), {});
        await fails(bucket.get('k', { range: { offset: 4 } }), /\(10039\)/);
      },
    },
    {
      fact: 'a wrong SHA-256 is refused by the server',
      async prove(bucket) {
        await fails(bucket.put('k', bytes('x'), { sha256: '0'.repeat(64) }), /\(10037\)/);
        expect((await bucket.head('k')) === null, 'nothing was stored');
      },
    },
    {
      fact: 'a cursor of somebody else is taken for the end of the listing',
      async prove(bucket) {
        await bucket.put('k', bytes('x'), {});
        const page = await bucket.list({ cursor: 'no cursor' });
        expect(page.objects.length === 0 && !page.truncated, 'an empty last page');
      },
    },
  ];
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function expect(condition: boolean, what: string): void {
  if (!condition) throw new Error(`Not true any more: ${what}.`);
}

async function fails(work: Promise<unknown>, message: RegExp): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error instanceof Error && message.test(error.message), `an error like ${message}, got ${String(error)}`);
}
