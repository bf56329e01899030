import { AdaptersError } from '../errors.ts';

/** One part of a long body. */
export interface Part {
  /** Valid until the next part is asked for: all parts share one buffer. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly isLast: boolean;
}

/** A stream of this length is not worth a streamed request; and of an empty one there is no last piece to hold back. */
export const shortBytes = 65_536;
/** Most parts of one upload, on S3 and on R2. */
export const maxParts = 10_000;
/** Smallest part but the last, and the largest, on S3 and on R2; also the longest body of one request. */
export const partLimits = { smallest: 5 * 1024 ** 2, largest: 5 * 1024 ** 3 } as const;

/** @throws AdaptersError `bad-option` */
export function assertPartBytes(partBytes: number): number {
  if (Number.isSafeInteger(partBytes) && partBytes >= partLimits.smallest && partBytes <= partLimits.largest)
    return partBytes;
  const message = `partBytes "${partBytes}" is not a whole number from 5 MiB to 5 GiB.`;
  throw new AdaptersError('bad-option', message, { value: partBytes });
}

/** Cuts pieces into parts of the same length, the last one shorter; an empty body is one empty part. */
export async function* partsOf(pieces: AsyncIterable<Uint8Array>, partBytes: number): AsyncGenerator<Part, undefined> {
  // A short body must not cost a whole part of memory.
  let buffer = new Uint8Array(Math.min(partBytes, 65_536));
  let used = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      if (used === partBytes) {
        yield { bytes: buffer, isLast: false };
        used = 0;
      }
      const taken = Math.min(partBytes - used, piece.length - at);
      if (used + taken > buffer.length) {
        const larger = new Uint8Array(Math.min(partBytes, Math.max(2 * buffer.length, used + taken)));
        larger.set(buffer.subarray(0, used));
        buffer = larger;
      }
      buffer.set(piece.subarray(at, at + taken), used);
      at += taken;
      used += taken;
    }
  }
  yield { bytes: buffer.subarray(0, used), isLast: true };
}
