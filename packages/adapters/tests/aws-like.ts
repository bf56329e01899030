/**
 * A `fetch` that answers as AWS S3 documents it, over a store in memory: with what no server on this machine does (If-Match on
 * DeleteObject, conditions on CompleteMultipartUpload, dated answers). A test may answer any request itself first.
 */
import type { ObjectInfo, ObjectStore } from '@tapekit/housecleaning/object-store';
import { isObjectStoreError } from '@tapekit/housecleaning/errors';
import { createMemoryStore } from '../src/stores/memory.ts';
import { elementsOf, escaped, textOf } from '../src/internal/s3-xml.ts';

/** One request as the service sees it. */
export interface SeenRequest {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Answers a request instead of the service, or lets it go by. */
export type Script = (request: SeenRequest) => Response | undefined | Promise<Response | undefined>;

/** The service: one bucket, in memory. */
export function createAwsLike(script: Script = () => undefined): typeof fetch {
  const store = createMemoryStore();
  const uploads = new Map<
    string,
    { readonly parts: Map<number, Uint8Array>; readonly metadata: Record<string, string> }
  >();
  return async (input, init) => {
    const url = new URL(input);
    const body = new Uint8Array(await new Response(init?.body).arrayBuffer());
    const headers = new Headers(init?.headers);
    const key = decodeURIComponent(url.pathname.split('/').slice(2).join('/'));
    const request: SeenRequest = { method: init?.method ?? 'GET', key, query: url.searchParams, headers, body };
    init?.signal?.throwIfAborted();
    const stated = headers.get('content-length');
    if (stated !== null && Number(stated) !== body.length) throw new TypeError('fetch failed: another length');
    return (await script(request)) ?? answer(request);
  };

  async function answer({ method, key, query, headers, body }: SeenRequest): Promise<Response> {
    const metadata = Object.fromEntries(
      [...headers].flatMap(([name, value]) => (name.startsWith('x-amz-meta-') ? [[name.slice(11), value]] : [])),
    );
    if (key === '') {
      return method === 'POST' ? deleteMany(store, new TextDecoder().decode(body)) : list(store, query);
    }
    if (query.has('uploads')) {
      const id = crypto.randomUUID();
      uploads.set(id, { parts: new Map(), metadata });
      return xml(`<UploadId>${id}</UploadId>`);
    }
    const id = query.get('uploadId');
    if (id !== null) {
      const upload = uploads.get(id);
      if (!upload) return refuse(404, 'NoSuchUpload');
      if (method === 'PUT') {
        upload.parts.set(Number(query.get('partNumber')), body);
        return new Response(null, { headers: { etag: '"part"' } });
      }
      if (method === 'DELETE') {
        uploads.delete(id);
        return new Response(null, { status: 204 });
      }
      const whole = new Blob(
        [...upload.parts].sort(([a], [b]) => a - b).map(([, part]) => part as Uint8Array<ArrayBuffer>),
      );
      const done = await put(store, key, new Uint8Array(await whole.arrayBuffer()), headers, upload.metadata);
      const etag = done.headers.get('etag');
      if (etag === null) return done;
      uploads.delete(id);
      return xml(`<ETag>${escaped(etag)}</ETag>`, { date: done.headers.get('date') ?? '' });
    }
    switch (method) {
      case 'PUT':
        return put(store, key, body, headers, metadata);
      case 'DELETE':
        return remove(store, key, headers.get('if-match'));
      default:
        return read(store, key, headers, method === 'HEAD');
    }
  }
}

/** An error as the service words it. */
export function refuse(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(`<Error><Code>${code}</Code><Message>${code} it is</Message></Error>`, { status, headers });
}

function xml(inside: string, headers: Record<string, string> = {}): Response {
  return new Response(`<Answer>${inside}</Answer>`, { headers: { 'content-type': 'application/xml', ...headers } });
}

async function put(
  store: ObjectStore,
  key: string,
  body: Uint8Array,
  headers: Headers,
  metadata: Record<string, string>,
): Promise<Response> {
  const ifMatch = bare(headers.get('if-match'));
  const ifAbsent = headers.get('if-none-match') === '*';
  const digest = headers.get('x-amz-content-sha256');
  if (ifMatch !== undefined && (await store.head(key)) === undefined) return refuse(404, 'NoSuchKey');
  try {
    const info = await store.put(key, body, {
      ifAbsent,
      metadata,
      ...(ifMatch === undefined ? {} : { ifMatch }),
      ...(digest === null || digest === 'UNSIGNED-PAYLOAD' || headers.has('content-type') ? {} : { sha256: digest }),
    });
    return new Response(null, { headers: described(info) });
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return refuse(412, 'PreconditionFailed');
    if (isObjectStoreError(error, 'checksum-mismatch')) return refuse(400, 'XAmzContentSHA256Mismatch');
    if (isObjectStoreError(error, 'bad-metadata')) return refuse(400, 'MetadataTooLarge');
    throw error;
  }
}

async function remove(store: ObjectStore, key: string, ifMatch: string | null): Promise<Response> {
  const etag = bare(ifMatch);
  const [result] = await store.delete([{ key, ...(etag === undefined ? {} : { etag }) }]);
  if (result?.outcome === 'changed') return refuse(412, 'PreconditionFailed');
  return result?.outcome === 'absent' && etag !== undefined
    ? refuse(404, 'NoSuchKey')
    : new Response(null, { status: 204 });
}

async function read(store: ObjectStore, key: string, headers: Headers, isHead: boolean): Promise<Response> {
  const object = await store.get(key);
  if (object === undefined) return isHead ? new Response(null, { status: 404 }) : refuse(404, 'NoSuchKey');
  const ifMatch = bare(headers.get('if-match'));
  if (ifMatch !== undefined && ifMatch !== object.etag) return refuse(412, 'PreconditionFailed');
  const bytes = new Uint8Array(await object.bytes());
  const facts: Record<string, string> = { ...described(object), 'content-length': String(bytes.length) };
  if (isHead) return new Response(null, { headers: facts });
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.get('range') ?? '');
  if (!range) return new Response(bytes, { headers: facts });
  const [from, to] = [Number(range[1]), Math.min(bytes.length - 1, range[2] === '' ? Infinity : Number(range[2]))];
  if (from >= bytes.length) return refuse(416, 'InvalidRange');
  const some = bytes.slice(from, to + 1);
  const place = { 'content-range': `bytes ${from}-${to}/${bytes.length}`, 'content-length': String(some.length) };
  return new Response(some, { status: 206, headers: { ...facts, ...place } });
}

async function deleteMany(store: ObjectStore, request: string): Promise<Response> {
  await store.delete(elementsOf(request, 'Object').map((entry) => ({ key: textOf(entry, 'Key')! })));
  return xml('');
}

async function list(store: ObjectStore, query: URLSearchParams): Promise<Response> {
  const cursor = query.get('continuation-token');
  const page = await store
    .list({
      prefix: query.get('prefix') ?? '',
      limit: Number(query.get('max-keys')),
      ...(cursor === null ? {} : { cursor }),
    })
    .catch(() => undefined);
  if (page === undefined) return refuse(400, 'InvalidArgument');
  const contents = page.objects.map(
    ({ key, size, etag, uploadedMs }) =>
      `<Contents><Key>${encodeURIComponent(key)}</Key><Size>${size}</Size><ETag>&quot;${etag}&quot;</ETag>` +
      `<LastModified>${new Date(uploadedMs).toISOString()}</LastModified></Contents>`,
  );
  const next =
    page.cursor === undefined ? '' : `<NextContinuationToken>${escaped(page.cursor)}</NextContinuationToken>`;
  return xml(`${contents.join('')}<IsTruncated>${page.cursor !== undefined}</IsTruncated>${next}`);
}

function described({ etag, uploadedMs, metadata }: ObjectInfo): Record<string, string> {
  // Times of HTTP have seconds.
  const time = new Date(uploadedMs).toUTCString();
  const facts = Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value]);
  return { etag: `"${etag}"`, 'last-modified': time, date: time, ...(Object.fromEntries(facts) as object) };
}

function bare(etag: string | null): string | undefined {
  return etag?.replaceAll('"', '') || undefined;
}
