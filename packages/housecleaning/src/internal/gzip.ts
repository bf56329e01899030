import { Gzip } from 'fflate';
import { HousecleaningError } from '../errors.ts';
import { crc32 } from './crc32.ts';
import { inflateExactly, InflateError } from './inflate.ts';

/** Level of every archive; part of the format, because the same content must give the same bytes. */
export const gzipLevel = 6;

/** No file name, no time, "Unix": the only header that we write or accept. */
const header = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3);
const trailerBytes = 8;
/** The encoder sees pieces of this size whatever the caller pushes: its output depends on where it is cut. */
const encoderPiece = 262_144;

/** An encoder whose output is a function of the content alone. */
export interface GzipEncoder {
  push(bytes: Uint8Array): void;
  /** Ends the stream; the whole archive. */
  finish(): Uint8Array;
}

/** Starts one gzip member, level 6, MTIME 0. */
export function createGzipEncoder(): GzipEncoder {
  const parts: Uint8Array[] = [];
  const gzip = new Gzip({ level: gzipLevel, mtime: 0 }, (part) => {
    if (part.length > 0) parts.push(part);
  });
  let piece = new Uint8Array(encoderPiece);
  let filled = 0;
  return {
    push(bytes) {
      for (let at = 0; at < bytes.length;) {
        const taken = Math.min(encoderPiece - filled, bytes.length - at);
        piece.set(bytes.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled === encoderPiece) {
          gzip.push(piece);
          piece = new Uint8Array(encoderPiece);
          filled = 0;
        }
      }
    },
    finish() {
      gzip.push(piece.subarray(0, filled), true);
      return concat(parts);
    },
  };
}

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

/**
 * Decodes exactly one gzip member of the form that we write: nothing before, between or after, CRC-32 and length
 * right, at most `maxBytes` out. Yields pieces as they come; only the end of the iteration says that all is well.
 *
 * @throws HousecleaningError `bad-archive` for anything else.
 */
export function* gunzipStrictly(gz: Uint8Array, maxBytes: number): Generator<Uint8Array, void, undefined> {
  if (gz.length < header.length + trailerBytes) throw refuse(`it has ${gz.length} bytes, fewer than any archive`);
  if (!header.every((byte, i) => gz[i] === byte)) throw refuse('its header is not the one that this package writes');
  let crc = 0;
  let length = 0;
  try {
    for (const piece of inflateExactly(gz.subarray(header.length, gz.length - trailerBytes), maxBytes)) {
      crc = crc32(piece, crc);
      length += piece.length;
      yield piece;
    }
  } catch (error) {
    if (error instanceof InflateError) throw refuse(error.message);
    throw error;
  }
  const trailer = new DataView(gz.buffer, gz.byteOffset + gz.length - trailerBytes, trailerBytes);
  if (trailer.getUint32(0, true) !== crc) throw refuse('its CRC-32 differs from its content');
  if (trailer.getUint32(4, true) !== length % 2 ** 32) throw refuse('its length field differs from its content');
}

function refuse(why: string): HousecleaningError {
  return new HousecleaningError(
    'bad-archive',
    `The gzip stream was refused: ${why}. Read it again; if it stays so, restore it.`,
  );
}
