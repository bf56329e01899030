/** A page of ListObjectsV2 as the port has it. */
import { ObjectStoreError } from '@tapekit/housecleaning/errors';
import type { ListPage, ObjectInfo } from '@tapekit/housecleaning/object-store';
import type { Cursors } from './cursors.ts';
import { elementsOf, textOf } from './s3-xml.ts';

/** @throws ObjectStoreError `bad-cursor` for an answer from which nothing can be concluded. */
export function listingOf(xml: string, prefix: string | undefined, cursors: Cursors): ListPage {
  const refuse = (why: string): never => {
    throw new ObjectStoreError('bad-cursor', prefix ?? '', `A listing ${why}; list again.`);
  };
  const truncated = textOf(xml, 'IsTruncated');
  if (truncated !== 'true' && truncated !== 'false') refuse('does not say whether it is cut off');
  const objects = elementsOf(xml, 'Contents').map((entry): ObjectInfo => {
    const text = (name: string): string => textOf(entry, name) ?? refuse(`has an object without ${name}`);
    const [size, uploadedMs] = [Number(text('Size')), Date.parse(text('LastModified'))];
    if (!Number.isSafeInteger(size) || Number.isNaN(uploadedMs)) refuse('has an object without a size or a time');
    const key = decodeURIComponent(text('Key').replaceAll('+', ' '));
    return { key, size, etag: text('ETag').replaceAll('"', ''), uploadedMs, metadata: {} };
  });
  if (truncated === 'false') return { objects };
  const next = textOf(xml, 'NextContinuationToken') || refuse('was cut off without a cursor');
  return { objects, cursor: cursors.make(next) };
}
