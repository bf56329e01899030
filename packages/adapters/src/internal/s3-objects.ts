/** Objects of S3 as headers tell of them. */
import type { ObjectInfo, StoredObject } from '@tapekit/housecleaning/object-store';
import { AdaptersError } from '../errors.ts';
import type { S3Client } from './s3-client.ts';

const metadataPrefix = 'x-amz-meta-';

/** Metadata as headers. Headers are ASCII, so what is not, and the percent sign itself, is percent-encoded. */
export function metadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [
      metadataPrefix + name,
      value.replace(/[^\x20-\x7e]+|%|^ | $/gu, (part) => encodeURIComponent(part)),
    ]),
  );
}

/** @throws AdaptersError `bad-response` for an answer without an etag, a size or a time. */
export function objectInfo(key: string, headers: Headers): ObjectInfo {
  const range = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  const size = Number(range ?? headers.get('content-length') ?? 0);
  const etag = headers.get('etag')?.replace(/^W\//, '').replaceAll('"', '');
  const uploadedMs = Date.parse(headers.get('last-modified') ?? headers.get('date') ?? '');
  if (etag === undefined || !Number.isSafeInteger(size) || Number.isNaN(uploadedMs)) {
    const message = `The answer for "${key}" has no etag, size or time, expected those of an S3 object.`;
    throw new AdaptersError('bad-response', message, { value: key });
  }
  const version = headers.get('x-amz-version-id');
  const metadata: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = decoded(value);
  }
  return { key, size, etag, ...(version === null ? {} : { version }), uploadedMs, metadata };
}

/** What is known of an object that was just put. Services that do not date their answer are asked for its time. */
export async function putInfo(
  send: S3Client,
  key: string,
  etag: string | null,
  answer: Response,
  size: number,
  metadata: Readonly<Record<string, string>>,
): Promise<ObjectInfo> {
  const dated = answer.headers.has('date') ? answer : await send({ method: 'HEAD', key });
  const headers = new Headers(dated.headers);
  if (etag !== null) headers.set('etag', etag);
  return { ...objectInfo(key, headers), size, metadata: { ...metadata } };
}

export function openObject(key: string, response: Response): StoredObject {
  const empty = new ReadableStream<Uint8Array>({
    start: (controller) => {
      controller.close();
    },
  });
  return {
    ...objectInfo(key, response.headers),
    get body() {
      return response.body ?? empty;
    },
    bytes: async () => new Uint8Array(await response.arrayBuffer()),
  };
}

/** Other writers may have put a percent sign as it is. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
