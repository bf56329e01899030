/** Objects of S3 as headers tell of them. */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import type { ObjectInfo, StoredObject } from '@tapekit/housecleaning/object-store';
import { joined, mapStream, piecesOf, streamOfBytes } from './store-body.ts';

const metadataPrefix = 'x-amz-meta-';

/** Metadata as headers. Headers are ASCII, so what is not, and the percent sign itself, is percent-encoded. */
export function metadataHeaders(metadata: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(metadata ?? {}).map(([name, value]) => [metadataPrefix + name, headerValue(value)]),
  );
}

/** A value as it goes into a header: what counts for the limit of the service. */
export function headerValue(value: string): string {
  return value.replace(/[^\x20-\x7e]+|%|^ | $| (?= )/gu, (part) => encodeURIComponent(part));
}

/** @throws ObjectStoreError `unavailable` for an answer without an etag, a size or a time. */
export function objectInfo(key: string, headers: Headers): ObjectInfo {
  const range = /\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  const length = range ?? headers.get('content-length');
  const size = length === null ? NaN : Number(length);
  const etag = bareEtag(headers.get('etag'));
  const uploadedMs = Date.parse(headers.get('last-modified') ?? '');
  if (etag === undefined || !Number.isSafeInteger(size) || Number.isNaN(uploadedMs)) {
    const message = `The answer for "${key}" has no etag, size or time, expected those of an S3 object. Check the endpoint.`;
    throw new ObjectStoreError('unavailable', key, message);
  }
  const version = headers.get('x-amz-version-id');
  const metadata: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith(metadataPrefix)) metadata[name.slice(metadataPrefix.length)] = decoded(value);
  }
  return { key, size, etag, ...(version === null ? {} : { version }), uploadedMs, metadata };
}

/** An etag without its quotes; empty is none. */
export function bareEtag(etag: string | null | undefined): string | undefined {
  return etag?.replace(/^W\//, '').replaceAll('"', '') || undefined;
}

/** An answer to a GET, opened; a body that breaks off or ends early is an error, never a short object. */
export function openObject(key: string, answer: Response, signal?: AbortSignal): StoredObject {
  const encoding = answer.headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') {
    // HTTP clients undo the encoding, so neither size nor digest would be those of the object.
    const message = `"${key}" comes with Content-Encoding "${encoding}", expected the stored bytes; store it again without one.`;
    throw new ObjectStoreError('refused', key, message);
  }
  const expected = Number(answer.headers.get('content-length'));
  let seen = 0;
  const watched = mapStream(answer.body ?? streamOfBytes(), {
    piece(bytes) {
      seen += bytes.length;
      return bytes;
    },
    end() {
      if (seen === expected) return;
      throw new ObjectStoreError('unavailable', key, `"${key}" ended after ${seen} bytes, expected ${expected}.`);
    },
    failed(cause) {
      if (signal?.aborted) return signal.reason as unknown;
      return new ObjectStoreError('unavailable', key, `"${key}" broke off after ${seen} bytes.`, { cause });
    },
  });
  return {
    ...objectInfo(key, answer.headers),
    body: watched,
    async bytes() {
      const pieces: Uint8Array[] = [];
      for await (const piece of piecesOf(watched)) pieces.push(new Uint8Array(piece));
      return joined(pieces);
    },
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
