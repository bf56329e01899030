import { Gunzip } from 'fflate';
import { concat, gzipHeader, trailerBytes } from './gzip.ts';
import { InflateError, type Inflater } from './inflater.ts';
import { release } from './release.ts';

/** Most input at a time: fflate decodes all of it before it answers, up to 1,032 times as much. */
const stepBytes = 16_384;
/** An empty gzip member. */
const sentinel = concat([gzipHeader, Uint8Array.of(3, 0), new Uint8Array(trailerBytes)]);

/**
 * fflate's streaming decoder, taught to say where the stream ended. It ignores what follows; so a second member of ours is
 * put right behind, and the place where fflate finds it is the place where the first one ended.
 */
export function createFflateInflater(maxBytes: number): Inflater {
  let parts: Uint8Array[] = [];
  let total = 0;
  let pushed = gzipHeader.length;
  let memberAt = -1;
  const gunzip = new Gunzip((part) => {
    if (part.length > 0) parts.push(part);
  });
  gunzip.onmember = (at) => {
    if (memberAt < 0) memberAt = at;
  };
  const push = (bytes: Uint8Array): void => {
    pushed += bytes.length;
    try {
      gunzip.push(bytes);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      // What follows the end is read as the header of a second member.
      if (why === 'invalid gzip data') throw follows();
      throw new InflateError('damaged', why, { cause });
    }
  };
  gunzip.push(gzipHeader.slice());
  return {
    *push(bytes) {
      for (let at = 0; at < bytes.length; at += stepBytes) {
        push(bytes.subarray(at, at + stepBytes));
        if (memberAt >= 0) throw follows();
        for (const part of parts) {
          total += part.length;
          if (total > maxBytes) throw new InflateError('too-long', 'it holds more than was declared');
          yield part;
          release(part);
        }
        parts = [];
      }
    },
    end() {
      const expected = pushed + trailerBytes;
      push(concat([new Uint8Array(trailerBytes), sentinel]));
      if (memberAt < 0 || memberAt > expected || parts.length > 0)
        throw new InflateError('truncated', 'it ends in the middle of a block');
      if (memberAt < expected) throw follows();
      return [];
    },
  };
}

const follows = (): InflateError => new InflateError('tail', 'bytes follow its end');
