/** Signed requests to one bucket, and what its refusals mean. */
import { AwsV4Signer } from 'aws4fetch';
import { ObjectStoreError, type ObjectStoreErrorCode, type RequestEffect } from '@tapekit/housecleaning/errors';
import { AdaptersError } from '../errors.ts';
import { feedFixed, fixedLengthStream, sendsStreams, type WatchedPieces } from './fixed-length.ts';
import { sha256Of } from './sha256.ts';
import { streamFrom } from './store-body.ts';
import { textOf } from './s3-xml.ts';

/** What requests are signed with. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** What {@link createS3Client} is made with. */
export interface S3ClientOptions {
  /** Address of the service, for example `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly credentials: S3Credentials | (() => S3Credentials | Promise<S3Credentials>);
  readonly fetch?: typeof fetch;
}

/** One request below the bucket. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Absent for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string | { readonly source: WatchedPieces; readonly size: number };
  /** SHA-256 of the body, hex, where it is known already. */
  readonly sha256?: string;
  /** Statuses beside 2xx that the caller wants to see. */
  readonly expects?: readonly number[];
  readonly signal?: AbortSignal;
}

/** Sends a request and gives the answer when its status is one that the caller expects. */
export type S3Client = (request: S3Request) => Promise<Response>;

const emptySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
/** Refusals of AWS and its kin that mean "later", and that nothing was done. */
const throttles = /^(SlowDown|TooManyRequests|TooManyRequestsException|Throttl.*|RequestLimitExceeded)$/;
/** Failures to connect: the request never left. */
const neverLeft = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * A client of one bucket, addressed by path. It tries each request once, and follows no redirect: a signature is for
 * one host. The payload is signed where its digest is known, so damage on the way is refused by the service.
 * @throws AdaptersError `bad-option` for an endpoint that is no http(s) address, or an empty name or key.
 */
export function createS3Client(options: S3ClientOptions): S3Client {
  const base = `${endpointOf(options.endpoint)}/${encodeURIComponent(required('bucket', options.bucket))}`;
  const { credentials, region } = options;
  if (typeof credentials !== 'function') assertCredentials(credentials);
  // The platform's fetch wants no other `this`.
  const doFetch: typeof fetch = options.fetch ?? ((input, init) => fetch(input, init));

  return async (request) => {
    const { method, key, query = {}, body, expects = [], signal } = request;
    signal?.throwIfAborted();
    const url = new URL(key === undefined ? base : `${base}/${pathOf(key)}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const headers = { ...request.headers, 'x-amz-content-sha256': await payloadOf(request) };
    const signedBy = typeof credentials === 'function' ? assertCredentials(await credentials()) : credentials;
    const signer = new AwsV4Signer({ url: url.href, method, headers, region, service: 's3', ...signedBy });
    const signed = await signer.sign();
    const [sent, stop] = bodyOf(body, signed.headers);

    let answer: Response;
    try {
      // What is stored is what is wanted, not what a proxy makes of it; set after signing, as runtimes rewrite it.
      signed.headers.set('accept-encoding', 'identity');
      const init = { method, headers: signed.headers, redirect: 'manual' as const, ...(signal ? { signal } : {}) };
      answer = await doFetch(url.href, { ...init, ...sent });
      if (stop) answer = await readWhole(answer);
    } catch (cause) {
      const source = typeof body === 'object' && 'source' in body ? body.source : undefined;
      if (source?.failure) throw source.failure.error;
      signal?.throwIfAborted();
      if (isRedirect(cause))
        throw await refusal(new Response(null, { status: 307 }), method, key, '<Code>Redirect</Code>');
      const mayHave = isMutation(method) && source?.isHandedOver !== false && !neverLeft.has(causeCode(cause));
      const message = `${method} ${what(key)} got no answer from ${url.host}.${mayHave ? look : ''}`;
      throw new ObjectStoreError('unavailable', key ?? '', message, { cause, effect: mayHave ? 'unknown' : 'none' });
    } finally {
      stop?.();
    }
    if (answer.ok || expects.includes(answer.status)) return answer;
    throw await refusal(answer, method, key);
  };
}

/** Bytes at a time of a longer body. */
const slice = 262_144;
const look = ' It may have taken effect: look before trying again.';

/** The error for an answer that nobody expected; `text` where its body was read already. */
export async function refusal(
  answer: Response,
  method: S3Request['method'],
  key: string | undefined,
  text?: string,
): Promise<ObjectStoreError> {
  const { status, headers } = answer;
  const xml = text ?? (await answer.text().catch(() => ''));
  const reason = textOf(xml, 'Code');
  const [code, effect] = meaning(status, reason, method);
  const said = [reason, textOf(xml, 'Message')].filter(Boolean).join(': ') || 'no reason';
  const retryAfterMs = retryAfter(headers);
  return new ObjectStoreError(
    code,
    key ?? '',
    `${method} ${what(key)} was answered ${status} (${said}).${effect === 'unknown' ? look : advice(status)}`,
    { effect, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  );
}

function meaning(
  status: number,
  reason: string | undefined,
  method: S3Request['method'],
): readonly [ObjectStoreErrorCode, RequestEffect] {
  if (status === 429 || (reason !== undefined && throttles.test(reason))) return ['throttled', 'none'];
  if (reason === 'BadDigest' || reason === 'XAmzContentSHA256Mismatch') return ['checksum-mismatch', 'none'];
  // Another write of the key or the bucket was under way, or the body came too slowly.
  if (status === 409 || status === 408 || reason === 'RequestTimeout') return ['unavailable', 'none'];
  if (status === 501) return ['refused', 'none'];
  if (status >= 500) return ['unavailable', isMutation(method) ? 'unknown' : 'none'];
  return ['refused', 'none'];
}

function retryAfter(headers: Headers): number | undefined {
  const asked = headers.get('retry-after');
  if (asked === null) return undefined;
  if (/^\d+$/.test(asked)) return Number(asked) * 1_000;
  const fromMs = Date.parse(headers.get('date') ?? '') || Date.now();
  const ms = Date.parse(asked) - fromMs;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

async function payloadOf({ body, sha256 }: S3Request): Promise<string> {
  if (sha256 !== undefined) return sha256;
  if (body === undefined) return emptySha256;
  if (typeof body === 'string') return sha256Of(new TextEncoder().encode(body));
  return body instanceof Uint8Array ? sha256Of(body) : 'UNSIGNED-PAYLOAD';
}

/** The body as `fetch` takes it, and what ends the feeding of a stream. */
function bodyOf(body: S3Request['body'], headers: Headers): readonly [RequestInit, (() => void)?] {
  if (body === undefined) return [{}];
  if (typeof body === 'string') return [{ body }];
  const FixedLength = fixedLengthStream();
  if (body instanceof Uint8Array) {
    if (body.length <= slice || FixedLength !== undefined || !sendsStreams()) return [{ body }];
    return [streamed(streamFrom(slicesOf(body)), body.length, headers), () => undefined];
  }
  const { source, size } = body;
  if (FixedLength === undefined) return [streamed(streamFrom(source.pieces), size, headers), () => undefined];
  const fed = feedFixed(FixedLength, size, source.pieces);
  return [{ body: fed.readable }, () => fed.stop()];
}

/** Node copies the bytes of a body, and keeps what it has sent of a stream for a redirect, unless it cannot come. */
function streamed(body: ReadableStream<Uint8Array>, size: number, headers: Headers): RequestInit {
  headers.set('content-length', String(size));
  return { body, duplex: 'half', redirect: 'error', window: null };
}

async function* slicesOf(bytes: Uint8Array): AsyncGenerator<Uint8Array, undefined> {
  for (let at = 0; at < bytes.length; at += slice) yield bytes.subarray(at, at + slice);
}

/** A service may answer before it has read the body, which is ended when the answer is read. */
async function readWhole(answer: Response): Promise<Response> {
  const { status, headers } = answer;
  const text = await answer.text();
  return new Response([204, 205, 304].includes(status) ? null : text, { status, headers });
}

function isMutation(method: S3Request['method']): boolean {
  return method !== 'GET' && method !== 'HEAD';
}

/** Node tells a redirect that it may not follow as a failure. */
function isRedirect(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && /redirect/i.test(error.cause.message);
}

function causeCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : '';
}

function advice(status: number): string {
  if (status === 403) return ' Check the access key, its secret, its rights on the bucket, and the clock.';
  if (status === 404) return ' Check the endpoint and the bucket.';
  if (status >= 300 && status < 400) return ' Check the endpoint and the region.';
  return '';
}

function what(key: string | undefined): string {
  return key === undefined ? 'the bucket' : `"${key}"`;
}

/** Every byte but the unreserved ones is escaped, as the signature has it; slashes part the segments. */
function pathOf(key: string): string {
  return key
    .split('/')
    .map((segment) =>
      encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`),
    )
    .join('/');
}

function endpointOf(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  // Addresses end up in logs.
  if (url && (url.username || url.password))
    throw new AdaptersError('bad-option', 'endpoint holds a name or password; pass them as credentials.');
  if (url && isHttp && !url.search && !url.hash) return url.href.replace(/\/+$/, '');
  throw new AdaptersError('bad-option', `endpoint "${endpoint}" is no http(s) address.`, { value: endpoint });
}

function assertCredentials(credentials: S3Credentials): S3Credentials {
  required('accessKeyId', credentials.accessKeyId);
  required('secretAccessKey', credentials.secretAccessKey);
  return credentials;
}

function required(name: 'bucket' | 'accessKeyId' | 'secretAccessKey', value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new AdaptersError('bad-option', `${name} is missing. Pass it from the environment.`);
}
