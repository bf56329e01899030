/** Deletes on S3: many keys in one request, or one request a key where the service compares etags. */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import { leasePrefix } from '@tapekit/housecleaning/keys';
import type { DeleteResult, DeleteTarget } from '@tapekit/housecleaning/object-store';
import { base64OfHex, sha256Of } from './sha256.ts';
import { refusal, type S3Client } from './s3-client.ts';
import { objectInfo } from './s3-objects.ts';
import { elementsOf, escaped, textOf } from './s3-xml.ts';

import { withEffect } from './store-errors.ts';

/** Requests at a time; Workers have six connections. */
const atOnce = 6;

/** Deletes keys whatever they hold; the service does not say which were there. */
export async function deleteTogether(
  send: S3Client,
  targets: readonly DeleteTarget[],
  signal: AbortSignal | undefined,
): Promise<DeleteResult[]> {
  const abortable = signal === undefined ? {} : { signal };
  // Some services trim the text of elements, and would answer "deleted" for a key that nobody has.
  const [alone, together] = [targets.filter(hasEdgeSpace), targets.filter((target) => !hasEdgeSpace(target))];
  if (together.length > 0) await deleteBatch(send, together, abortable);
  for (const { key } of alone) {
    const answer = await send({ method: 'DELETE', key, ...abortable }).catch((error: unknown) => {
      throw targets.length === 1 ? error : withEffect(error, 'unknown');
    });
    await answer.body?.cancel();
  }
  return targets.map(({ key }) => ({ key, outcome: 'deleted' }));
}

async function deleteBatch(
  send: S3Client,
  targets: readonly DeleteTarget[],
  abortable: { readonly signal?: AbortSignal },
): Promise<void> {
  const objects = targets.map(({ key }) => `<Object><Key>${escaped(key)}</Key></Object>`).join('');
  const body = `<Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet>${objects}</Delete>`;
  const sha256 = await sha256Of(new TextEncoder().encode(body));
  const answer = await send({
    method: 'POST',
    query: { delete: '' },
    body,
    sha256,
    headers: { 'content-type': 'application/xml', 'x-amz-checksum-sha256': base64OfHex(sha256) },
    ...abortable,
  });
  // Answered 200 even where keys were refused.
  const [refused] = elementsOf(await answer.text(), 'Error');
  if (refused === undefined) return;
  const status = textOf(refused, 'Code') === 'AccessDenied' ? 403 : 500;
  const error = await refusal(new Response(null, { status }), 'DELETE', textOf(refused, 'Key') ?? '', refused);
  throw withEffect(error, 'unknown'); // The others are gone.
}

function hasEdgeSpace({ key }: DeleteTarget): boolean {
  return key.trim() !== key;
}

/** Deletes keys that still have their etags. */
export async function deleteMatching(
  send: S3Client,
  targets: readonly DeleteTarget[],
  signal: AbortSignal | undefined,
): Promise<DeleteResult[]> {
  const results: DeleteResult[] = [];
  for (let at = 0; at < targets.length; at += atOnce) {
    const some = targets.slice(at, at + atOnce).map((target) => deleteOne(send, target, signal));
    for (const settled of await Promise.allSettled(some)) {
      if (settled.status === 'fulfilled') results.push(settled.value);
      else throw targets.length === 1 ? settled.reason : withEffect(settled.reason, 'unknown');
    }
  }
  return results;
}

async function deleteOne(
  send: S3Client,
  { key, etag }: DeleteTarget,
  signal: AbortSignal | undefined,
): Promise<DeleteResult> {
  // The service answers a delete of nothing like any other.
  const before = etag === undefined ? await send({ method: 'HEAD', key, expects: [404] }) : undefined;
  if (before?.status === 404) return { key, outcome: 'absent' };
  const answer = await send({
    method: 'DELETE',
    key,
    headers: etag === undefined ? {} : { 'if-match': `"${etag}"` },
    expects: [404, 409, 412],
    ...(signal === undefined ? {} : { signal }),
  });
  const text = await answer.text();
  if (answer.status === 404 && textOf(text, 'Code') === 'NoSuchBucket')
    throw await refusal(answer, 'DELETE', key, text);
  if (answer.status === 404) return { key, outcome: 'absent' };
  if (answer.ok) return { key, outcome: 'deleted' };
  const now = await send({ method: 'HEAD', key, expects: [404] });
  if (now.status === 404) return { key, outcome: 'absent' };
  if (answer.status === 412 || objectInfo(key, now.headers).etag !== etag) return { key, outcome: 'changed' };
  throw await refusal(answer, 'DELETE', key, text);
}

/**
 * Proves on an object of our own that the service compares: a delete with a wrong etag has to be refused.
 * @throws ObjectStoreError `refused` where it is not; nothing else was deleted.
 */
export async function proveConditionalDelete(send: S3Client): Promise<void> {
  const key = `${leasePrefix}delete-probe-${crypto.randomUUID()}.json`;
  await (await send({ method: 'PUT', key, body: '{}' })).body?.cancel();
  const wrong = { 'if-match': `"${'0'.repeat(32)}"` };
  const answer = await send({ method: 'DELETE', key, headers: wrong, expects: [412] });
  await answer.body?.cancel();
  if (answer.status !== 412) {
    const message =
      'The service ignores If-Match on DeleteObject, so a delete could take an object that has changed; ' +
      'nothing was deleted. Make the store with conditionalDelete: false.';
    throw new ObjectStoreError('refused', key, message);
  }
  await (await send({ method: 'DELETE', key })).body?.cancel();
}
