import { HousecleaningError } from '../errors.ts';
import { crc32 } from './crc32.ts';
import { gzipHeader, trailerBytes } from './gzip.ts';
import { createFflateInflater } from './inflate-fflate.ts';
import { nativeInflate } from './inflate-native.ts';
import { createStrictInflater } from './inflate.ts';
import { InflateError, type Inflater } from './inflater.ts';
import { inSlices } from './slices.ts';

/**
 * Who decodes: the platform (`native`: zlib, or `DecompressionStream` where it refuses tails, else `strict`), fflate's
 * streaming decoder, or this package's own (`strict`). The three share no code, and are not equally strict where CRC-32 and
 * length fit: `strict` takes what RFC 1951 allows and nothing else; `native` also takes padding bits that are set; `fflate`
 * takes those, and a stored block whose length has a wrong complement, an incomplete code, more codes than there are, and a
 * distance to before the start. The digests of an archive settle what such a stream holds.
 */
export type Decoder = 'native' | 'fflate' | 'strict';

/** What is known of a gzip stream before it is read. */
export interface GunzipOptions {
  /**
   * Exact bytes of the gzip stream; more or fewer are refused.
   * @defaultValue unknown
   */
  readonly gzBytes?: number;
  /** Most bytes that may come out: a whole number from 0, within `Number.MAX_SAFE_INTEGER`. */
  readonly maxBytes: number;
  /** @defaultValue 'native' */
  readonly decoder?: Decoder;
  /**
   * `own`: only the header that this package writes; `any`: also other tools' headers, with a time, a name, a comment, extra
   * fields and a header checksum, which is checked.
   * @defaultValue 'own'
   */
  readonly header?: 'own' | 'any';
}

/**
 * Decodes exactly one gzip member: nothing before, between or after, CRC-32 and length right, at most `maxBytes` out.
 * Yields pieces of at most 256 KiB as they come, each the caller's to keep; only the end of the iteration says that all
 * is well.
 *
 * @throws HousecleaningError `bad-archive` for anything else: cut short, several members, padding, a tail, more than
 *   `maxBytes`, damage; `bad-option` for a `maxBytes` that is none
 */
export async function* gunzipStrictly(
  gz: AsyncIterable<Uint8Array>,
  options: GunzipOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of gunzipPieces(gz, options)) yield copyOf(piece);
}

/** {@link gunzipStrictly} without copies: a piece is there until the next one is asked for. */
export async function* gunzipPieces(
  gz: AsyncIterable<Uint8Array>,
  options: GunzipOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { gzBytes, maxBytes, decoder = 'native', header = 'own' } = options;
  // A distance is compared with what came out, which is counted down from here.
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    const message = `The option maxBytes is ${String(maxBytes)}; expected a whole number of bytes from 0, below 2 ** 53.`;
    throw new HousecleaningError('bad-option', message, maxBytes);
  }
  /** The last eight bytes so far: the trailer, once the stream is over. */
  let trailer: Uint8Array = new Uint8Array(0);

  async function* rawDeflate(): AsyncGenerator<Uint8Array, void, undefined> {
    let got = 0;
    let start: Uint8Array | undefined = new Uint8Array(0);
    for await (const piece of gz) {
      got += piece.length;
      if (gzBytes !== undefined && got > gzBytes) throw refuse(`it has more than the ${gzBytes} bytes declared`);
      let body: Uint8Array = piece;
      if (start) {
        start = join(start, piece);
        const length = headerLength(start, header);
        if (length === undefined && start.length > mostHeaderBytes) throw refuse('its header has no end');
        if (length === undefined) continue;
        body = start.subarray(length);
        start = undefined;
      }
      // What is left of the eight bytes held back before is no trailer: more came after it.
      const freed = Math.min(trailer.length, Math.max(0, trailer.length + body.length - trailerBytes));
      const kept = Math.max(0, body.length - trailerBytes);
      const [before, after] = [trailer.subarray(0, freed), body.subarray(0, kept)];
      trailer = join(trailer.subarray(freed), body.subarray(kept));
      if (before.length > 0) yield before;
      if (after.length > 0) yield after;
    }
    if (start || trailer.length < trailerBytes)
      throw refuse(`it is cut short: ${got} bytes are fewer than any archive`);
    if (gzBytes !== undefined && got !== gzBytes) throw refuse(`it is cut short: ${got} of ${gzBytes} bytes arrived`);
  }

  let crc = 0;
  let length = 0;
  try {
    const native = decoder === 'native' ? await nativeInflate() : undefined;
    for await (const piece of native ? native(rawDeflate()) : inflateHere(rawDeflate(), decoder, maxBytes)) {
      length += piece.length;
      if (length > maxBytes) throw new InflateError('too-long', 'it holds more than was declared');
      crc = crc32(piece, crc);
      for (const slice of inSlices(piece)) yield slice;
    }
  } catch (error) {
    if (error instanceof InflateError) throw refuse(reason(error, maxBytes), error);
    throw error;
  }
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailerBytes);
  if (view.getUint32(0, true) !== crc) throw refuse('its CRC-32 differs from its content');
  if (view.getUint32(4, true) !== length % 2 ** 32) throw refuse('its length field differs from its content');
}

async function* inflateHere(
  raw: AsyncIterable<Uint8Array>,
  decoder: Decoder,
  maxBytes: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater: Inflater = decoder === 'fflate' ? createFflateInflater(maxBytes) : createStrictInflater(maxBytes);
  // Not `yield*`, which makes four promises of every piece of what is no async iterable.
  for await (const piece of raw) for (const part of inflater.push(piece)) yield part;
  for (const part of inflater.end()) yield part;
}

/** Bytes of the gzip header; `undefined` while it is not all there. */
function headerLength(bytes: Uint8Array, kind: 'own' | 'any'): number | undefined {
  if (kind === 'own') {
    const seen = Math.min(bytes.length, gzipHeader.length);
    for (let i = 0; i < seen; i++) {
      if (bytes[i] !== gzipHeader[i]) throw refuse('its header is not the one that this package writes');
    }
    return seen === gzipHeader.length ? seen : undefined;
  }
  if (bytes.length < 10) return undefined;
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) throw refuse('it is no gzip stream');
  const flags = bytes[3]!;
  if (bytes[2] !== 8 || (flags & 0xe0) !== 0) throw refuse('its header has a method or flags that nobody defined');
  let at = 10;
  if ((flags & 4) !== 0) {
    if (bytes.length < at + 2) return undefined;
    at += 2 + bytes[at]! + (bytes[at + 1]! << 8);
  }
  for (const flag of [8, 16]) {
    if ((flags & flag) === 0) continue;
    const end = at < bytes.length ? bytes.indexOf(0, at) : -1;
    if (end < 0) return undefined;
    at = end + 1;
  }
  if ((flags & 2) !== 0) {
    if (bytes.length < at + 2) return undefined;
    const sum = crc32(bytes.subarray(0, at), 0) & 0xffff;
    if ((bytes[at]! | (bytes[at + 1]! << 8)) !== sum) throw refuse('the checksum of its header is wrong');
    at += 2;
  }
  return at <= bytes.length ? at : undefined;
}

/** Not `slice`, which on a Node Buffer is a view. */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

/** An extra field of 64 KiB, a name and a comment; no honest header is longer. */
const mostHeaderBytes = 1_048_576;

/** Always new bytes: whoever gave us a piece may use it again. */
function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

function reason(error: InflateError, maxBytes: number): string {
  if (error.fault === 'truncated') return `it is cut short: ${error.message}`;
  if (error.fault === 'tail') return 'bytes follow its end: a second member, padding or a tail';
  if (error.fault === 'too-long') return `it holds more than was declared, ${maxBytes} bytes`;
  return error.message;
}

function refuse(why: string, cause?: unknown): HousecleaningError {
  return new HousecleaningError(
    'bad-archive',
    `The gzip stream was refused: ${why}. Read it again; if it stays so, restore it.`,
    undefined,
    { cause },
  );
}
