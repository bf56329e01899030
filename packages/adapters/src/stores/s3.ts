/**
 * An object store over any S3-compatible endpoint: AWS S3, R2's S3 API, MinIO, Ceph. Requests are signed by aws4fetch, so it
 * runs in Node, workerd and browsers alike; credentials are in the signature only, never in an address, a log or an error.
 *
 * - **Compare-and-swap** is the service's: `If-None-Match: *` and `If-Match` on PutObject and CompleteMultipartUpload. A 409
 *   (another write at the same time) is looked into, never repeated.
 * - **Deletes** are conditional (`If-Match` on DeleteObject, one request a key) only with `conditionalDelete: true`: AWS S3 has
 *   that since September 2025, R2's S3 API has not. The first such delete proves it on an object of our own. Without it,
 *   etags of deletes are ignored and up to 1,000 keys go in one request.
 * - **Streams** of stated length (`size`) go up in one request, others in parts, at most two parts in memory; what breaks off
 *   is aborted and leaves nothing.
 * - A listing of S3 has no metadata: it is empty there, and in `get` and `head` it is what was put.
 */
import {
  assertDeleteTargets,
  assertMetadata,
  assertObjectKey,
  assertRange,
  type ObjectBody,
  type ObjectInfo,
  type ObjectStore,
  type PutOptions,
} from '@tapekit/housecleaning/object-store';
import { createCursors } from '../internal/cursors.ts';
import { assertPartBytes } from '../internal/parts.ts';
import { createS3Client, refusal, type S3Credentials } from '../internal/s3-client.ts';
import { deleteMatching, deleteTogether, proveConditionalDelete } from '../internal/s3-deletes.ts';
import { listingOf } from '../internal/s3-listing.ts';
import { headerValue, objectInfo, openObject } from '../internal/s3-objects.ts';
import { putToS3 } from '../internal/s3-puts.ts';
import { textOf } from '../internal/s3-xml.ts';
import { storedObject, withBody } from '../internal/store-body.ts';
import { badCursor, preconditionFailed } from '../internal/store-errors.ts';

export type { S3Credentials } from '../internal/s3-client.ts';

/** What {@link createS3Store} is made with. */
export interface S3StoreOptions {
  /** Address of the service, for example `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  /** The bucket; it must exist. */
  readonly bucket: string;
  /** What requests are signed with, or a function that gives it for each request, for credentials that expire. */
  readonly credentials: S3Credentials | (() => S3Credentials | Promise<S3Credentials>);
  /**
   * Region of the bucket; services without regions take `auto`.
   * @defaultValue 'auto'
   */
  readonly region?: string;
  /**
   * Whether the service honours `If-Match` on DeleteObject, as AWS S3 does. It is put to the proof by the first delete
   * that names an etag; where it fails, such deletes are `refused`.
   * @defaultValue false
   */
  readonly conditionalDelete?: boolean;
  /**
   * Whether the service honours conditions on CompleteMultipartUpload (AWS S3 and R2's S3 API do; emulators ignore them).
   * Without it, a stream that is put with `ifAbsent` or `ifMatch` needs a `size`.
   * @defaultValue false
   */
  readonly conditionalParts?: boolean;
  /**
   * Bytes of a part of a long body, from 5 MiB to 5 GiB; an upload has at most 10,000 parts.
   * @defaultValue 8,388,608
   */
  readonly partBytes?: number;
  /** The `fetch` to use, for proxies and tests. @defaultValue the platform's */
  readonly fetch?: typeof fetch;
}

/** The defaults of {@link S3StoreOptions}. */
export const s3StoreDefaults = {
  region: 'auto',
  conditionalDelete: false,
  conditionalParts: false,
  partBytes: 8 * 1024 ** 2,
} as const satisfies Partial<S3StoreOptions>;

const maxListed = 1_000;
/** User metadata of AWS S3; other services take more. */
const metadataBytes = 2_048;
const cursors = createCursors('s3');

/**
 * A store over one bucket. Each operation is tried once: wrap it in `withRetry` for a network.
 * @throws AdaptersError `bad-option`
 */
export function createS3Store(options: S3StoreOptions): ObjectStore {
  const { conditionalDelete, conditionalParts, region } = { ...s3StoreDefaults, ...options };
  const partBytes = assertPartBytes(options.partBytes ?? s3StoreDefaults.partBytes);
  const send = createS3Client({ ...options, region });
  /** HEAD answers 404 for a missing bucket too, so the bucket is looked for once. */
  let seen: Promise<void> | undefined;
  let proven: Promise<void> | undefined;

  async function page(query: Record<string, string>, signal?: AbortSignal): Promise<Response> {
    return send({
      method: 'GET',
      query: { 'list-type': '2', ...query },
      expects: [400],
      ...(signal ? { signal } : {}),
    });
  }

  async function lookForBucket(): Promise<void> {
    const answer = await page({ 'max-keys': '1' });
    const text = await answer.text();
    if (!answer.ok) throw await refusal(answer, 'GET', undefined, text);
  }

  async function put(key: string, body: ObjectBody, putOptions: PutOptions): Promise<ObjectInfo> {
    putOptions.signal?.throwIfAborted();
    assertObjectKey(key);
    assertMetadata(key, putOptions.metadata, metadataBytes);
    // What is not plain ASCII is longer in a header.
    const sent = Object.entries(putOptions.metadata ?? {}).map(([name, value]) => [name, headerValue(value)]);
    assertMetadata(key, Object.fromEntries(sent) as Record<string, string>, metadataBytes);
    if (putOptions.ifAbsent === true && putOptions.ifMatch !== undefined) throw preconditionFailed(key);
    return putToS3(send, key, body, putOptions, { partBytes, conditionalParts });
  }

  return {
    capabilities: {
      conditionalDelete,
      maxDeleteBatch: maxListed,
      listsMetadata: false,
      serverChecksum: true,
      metadataBytes,
      conditionalStream: conditionalParts,
    },
    async get(key, { ifMatch, range, signal } = {}) {
      assertObjectKey(key);
      assertRange(key, range);
      const condition = ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` };
      const abortable = signal === undefined ? {} : { signal };
      const answer = await send({
        method: 'GET',
        key,
        headers: { ...condition, ...(range === undefined ? {} : { range: rangeHeader(range) }) },
        expects: [404, 412, 416],
        ...abortable,
      });
      if (answer.status === 200 && range !== undefined) {
        await answer.body?.cancel();
        throw await refusal(new Response(null, { status: 501 }), 'GET', key, '<Code>RangeIgnored</Code>');
      }
      if (answer.ok) return openObject(key, answer, signal);
      const text = await answer.text();
      if (answer.status === 412) throw preconditionFailed(key);
      if (answer.status === 404) {
        // A missing key only where the service says so: a missing bucket is an error, not an empty store.
        const reason = textOf(text, 'Code');
        if (reason === undefined || reason === 'NoSuchKey') return undefined;
        throw await refusal(answer, 'GET', key, text);
      }
      const now = await send({ method: 'HEAD', key, headers: condition, expects: [404, 412], ...abortable });
      if (now.status === 404) return undefined;
      if (now.status === 412) throw preconditionFailed(key);
      const info = objectInfo(key, now.headers);
      if (range && range.offset >= info.size) return storedObject(info, new Uint8Array());
      throw await refusal(answer, 'GET', key, text);
    },
    async head(key, { signal } = {}) {
      assertObjectKey(key);
      const answer = await send({ method: 'HEAD', key, expects: [404], ...(signal === undefined ? {} : { signal }) });
      if (answer.ok) return objectInfo(key, answer.headers);
      seen ??= lookForBucket().catch((error: unknown) => {
        seen = undefined;
        throw error;
      });
      await seen;
      return undefined;
    },
    put: (key, body, putOptions = {}) => withBody(body, put(key, body, putOptions)),
    async delete(targets, { signal } = {}) {
      signal?.throwIfAborted();
      assertDeleteTargets(targets, maxListed);
      if (targets.length === 0) return [];
      if (!conditionalDelete) return deleteTogether(send, targets, signal);
      if (targets.some(({ etag }) => etag !== undefined)) {
        proven ??= proveConditionalDelete(send).catch((error: unknown) => {
          proven = undefined;
          throw error;
        });
        await proven;
      }
      return deleteMatching(send, targets, signal);
    },
    async list({ prefix, cursor, limit = maxListed, signal } = {}) {
      const query = {
        'encoding-type': 'url',
        'max-keys': String(Math.max(1, Math.min(limit, maxListed))),
        ...(prefix === undefined || prefix === '' ? {} : { prefix }),
        ...(cursor === undefined ? {} : { 'continuation-token': cursors.read(cursor) }),
      };
      const answer = await page(query, signal);
      const text = await answer.text();
      if (answer.ok) return listingOf(text, prefix, cursors);
      if (cursor !== undefined && textOf(text, 'Code') === 'InvalidArgument') throw badCursor(cursor);
      throw await refusal(answer, 'GET', undefined, text);
    },
  };
}

function rangeHeader({ offset, length }: { readonly offset: number; readonly length?: number }): string {
  return `bytes=${offset}-${length === undefined ? '' : offset + length - 1}`;
}
