/** The frame of an archive: what surrounds the raw deflate stream (RFC 1952). */

/** Level of every archive. */
export const gzipLevel = 6;

/** No file name, no time, "Unix": the only header that we write. The platforms' own headers differ. */
export const gzipHeader: Readonly<Uint8Array> = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
/** CRC-32 and length. */
export const trailerBytes = 8;

/** Joins pieces. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** One gzip member around what `deflateRaw` makes of the source. */
export async function* gzipMember(
  source: AsyncIterable<Uint8Array>,
  deflateRaw: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
  crc32: (bytes: Uint8Array, before: number) => number,
): AsyncGenerator<Uint8Array, void, undefined> {
  let crc = 0;
  let length = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of source) {
      crc = crc32(piece, crc);
      length += piece.length;
      yield piece;
    }
  }
  yield gzipHeader.slice();
  for await (const piece of deflateRaw(counted())) if (piece.length > 0) yield piece;
  const trailer = new Uint8Array(trailerBytes);
  const view = new DataView(trailer.buffer);
  view.setUint32(0, crc, true);
  view.setUint32(4, length % 2 ** 32, true);
  yield trailer;
}
