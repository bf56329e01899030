/** Signed requests to one bucket, and what its refusals mean. */
import { AwsClient } from 'aws4fetch';
import { AdaptersError } from '../errors.ts';
import { textOf } from './s3-xml.ts';

/** What {@link createS3Client} is made with. */
export interface S3ClientOptions {
  /** Address of the service, for example `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly fetch: typeof fetch;
}

/** One request below the bucket. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Absent for the bucket itself. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
  /** Statuses beside 2xx that the caller wants to see. */
  readonly expects?: readonly number[];
  readonly signal?: AbortSignal;
}

/** Sends a request and gives the answer when its status is one that the caller expects. */
export type S3Client = (request: S3Request) => Promise<Response>;

/**
 * A client of one bucket, addressed by path. It tries each request once: `createRetryingStore` tries again.
 * @throws AdaptersError `bad-option` for an endpoint that is no http(s) address, or an empty name or key.
 */
export function createS3Client(options: S3ClientOptions): S3Client {
  const { region, accessKeyId, secretAccessKey, sessionToken } = options;
  const base = `${endpointOf(options.endpoint)}/${encodeURIComponent(required('bucket', options.bucket))}`;
  const signer = new AwsClient({
    accessKeyId: required('accessKeyId', accessKeyId),
    secretAccessKey: required('secretAccessKey', secretAccessKey),
    ...(sessionToken === undefined ? {} : { sessionToken }),
    region,
    service: 's3',
  });
  return async ({ method, key, query = {}, headers = {}, body, expects = [], signal }) => {
    signal?.throwIfAborted();
    const url = new URL(key === undefined ? base : `${base}/${pathOf(key)}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const request = await signer.sign(url, { method, headers, ...(body === undefined ? {} : { body }) });
    let response: Response;
    try {
      response = await options.fetch(request, signal === undefined ? {} : { signal });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new AdaptersError('unreachable', `${method} ${what(key)} got no answer from ${url.host}.`, { cause });
    }
    if (response.ok || expects.includes(response.status)) return response;
    throw await refusal(response, method, key);
  };
}

async function refusal(response: Response, method: string, key: string | undefined): Promise<AdaptersError> {
  const { status, headers } = response;
  const xml = await response.text().catch(() => '');
  const said = [textOf(xml, 'Code'), textOf(xml, 'Message')].filter(Boolean).join(': ') || 'no reason';
  const seconds = Number(headers.get('retry-after') ?? NaN);
  return new AdaptersError(
    status === 429 || status === 503 ? 'rate-limited' : 'bad-response',
    `${method} ${what(key)} was answered ${status} (${said}).${advice(status)}`,
    { status, value: key, ...(Number.isFinite(seconds) ? { retryAfterMs: seconds * 1000 } : {}) },
  );
}

function advice(status: number): string {
  if (status === 403) return ' Check the access key, its secret, its rights on the bucket, and the clock.';
  if (status === 404) return ' Check the endpoint and the bucket.';
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
  let url: URL | undefined;
  try {
    url = new URL(endpoint);
  } catch {
    url = undefined;
  }
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url.href.replace(/\/+$/, '');
  throw new AdaptersError('bad-option', `endpoint "${endpoint}" is no http(s) address.`, { value: endpoint });
}

function required(name: 'bucket' | 'accessKeyId' | 'secretAccessKey', value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw new AdaptersError('bad-option', `${name} is missing. Pass it from the environment.`);
}
