/** Whether bytes that nobody can read are nothing but an archive of ours that something happened to. */
import { trailerBytes } from './gzip.ts';
import { createSha256 } from './sha256.ts';

/** Bytes that bit rot may have changed; a record is longer. */
const mostFlipped = 4;

type Pieces = AsyncGenerator<Uint8Array, void, undefined>;

/**
 * Compares damaged bytes with the right ones, byte for byte. Decoding says little here: after one flipped bit a deflate stream
 * gives other lines, and of a foreign file that is damaged at its beginning none, though all of them can be won back.
 * - Where nothing but bytes of the right file and zeros is left, whatever its length, it was cut short, or a part was never
 *   written: it holds nothing else.
 * - In a file of the full length up to four bytes may differ, either in its stream or in its trailer: the stream alone is all of
 *   the content, and the trailer has the CRC-32 and the length of what the file was made of.
 *
 * Reads both to their ends, unless more differs, and lets go of them. Memory holds a piece of each.
 *
 * @returns `unknown` if what arrived on either side is not what its digest names
 */
export async function judgeDamage(
  damaged: { readonly pieces: Pieces; readonly sha256: string; readonly size: number },
  right: { readonly pieces: Pieces; readonly gzSha256: string; readonly gzBytes: number },
): Promise<'own' | 'other' | 'unknown'> {
  const damagedHash = createSha256();
  const rightHash = createSha256();
  const trailerAt = right.gzBytes - trailerBytes;
  let inStream = 0;
  let inTrailer = 0;
  /** Of those, bytes that are not zero. */
  let others = 0;
  let at = 0;
  let theirs: Uint8Array = new Uint8Array();
  let next = 0;
  try {
    for await (const piece of damaged.pieces) {
      damagedHash.update(piece);
      for (let i = 0; i < piece.length;) {
        if (next === theirs.length) {
          const read = await right.pieces.next();
          if (read.done === true) return right.gzBytes < damaged.size ? 'other' : 'unknown';
          theirs = read.value;
          next = 0;
          rightHash.update(theirs);
        }
        const end = Math.min(piece.length, i + theirs.length - next);
        for (; i < end; i++, next++, at++) {
          if (piece[i] === theirs[next]) continue;
          if (piece[i] !== 0) others += 1;
          if (at < trailerAt) inStream += 1;
          else inTrailer += 1;
        }
        if (others > mostFlipped) return 'other';
      }
    }
    for await (const rest of right.pieces) rightHash.update(rest);
  } finally {
    // A stream that was never begun is let go of by being begun and left.
    await right.pieces.next().catch(() => undefined);
    await right.pieces.return().catch(() => undefined);
  }
  if (damagedHash.hex() !== damaged.sha256 || rightHash.hex() !== right.gzSha256) return 'unknown';
  if (others === 0) return 'own';
  const isFull = damaged.size === right.gzBytes && at === right.gzBytes;
  const isFlipped = inStream + inTrailer <= mostFlipped && (inStream === 0 || inTrailer === 0);
  return isFull && isFlipped ? 'own' : 'other';
}
