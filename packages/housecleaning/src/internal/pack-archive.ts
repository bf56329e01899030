import type { BuildArchiveOptions, SourceOpener } from '../archive.ts';
import { defaultCodec, type Codec, type Decoder } from '../codec.ts';
import { createChannel } from './channel.ts';
import { createDigester, type ArchiveDigest, type Digester } from './digester.ts';
import { wronglyEncoded, type GzipIdentity } from './encode-archive.ts';
import { gunzipPieces } from './member-reader.ts';
import { release } from './release.ts';
import { createPacer, inSlices } from './slices.ts';

/** How raw objects are packed. */
export interface PackOptions extends BuildArchiveOptions {
  /**
   * Most compressed bytes that are held; beyond, they are given up and the rest is only digested.
   * @defaultValue all of them
   */
  readonly maxGzBytes?: number;
}

/** The compressed bytes, with their name. */
export interface PackedBytes extends GzipIdentity {
  readonly gz: Uint8Array;
}

/** What one pass made. */
export interface PackedArchive {
  readonly digest: ArchiveDigest;
  /** `undefined` where it grew beyond `maxGzBytes`: encode it in a second pass. */
  readonly packed: PackedBytes | undefined;
}

/**
 * One pass for what may be compressed in memory: reads raw objects, given in ascending order of (key, generation, etag),
 * digests and compresses them, and with `selfVerify` decodes its own output on the way; what comes out of that must be what
 * was digested.
 *
 * @throws HousecleaningError `too-large`, `bad-archive`, `unstable-read`; whatever reading a source throws
 */
export async function packArchive(
  inputs: AsyncIterable<SourceOpener> | Iterable<SourceOpener>,
  options: PackOptions,
): Promise<PackedArchive> {
  const { codec = defaultCodec(), selfVerify, maxGzBytes = Infinity } = options;
  const digester = createDigester({ ...options, codec });
  const pieces = digested(inputs, digester);
  const proof = selfVerify && startProof(codec, selfVerify, options.maxBytes);
  const gzHash = codec.createSha256();
  let held: Held | undefined = createHeld(maxGzBytes);
  let failure: { readonly error: unknown } | undefined;

  /** Ends early where the compressed bytes were given up. */
  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      while (held) {
        const next = await pieces.next();
        if (next.done) return;
        yield next.value;
      }
    } catch (error) {
      failure = { error };
      throw error;
    }
  }

  try {
    for await (const part of codec.deflate(content())) {
      if (!held) continue;
      if (!held.add(part)) {
        held = undefined;
        continue;
      }
      gzHash.update(part);
      await proof?.push(part);
    }
    // Whatever an encoder says of an input that failed, or leaves of one that did not.
    if (failure) throw failure.error;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) continue;
    const digest = digester.finish();
    if (!held) return { digest, packed: undefined };
    await proof?.finish(digest);
    const gz = held.bytes();
    return { digest, packed: { gz, gzBytes: gz.length, gzSha256: gzHash.hex() } };
  } catch (error) {
    throw failure ? failure.error : error;
  } finally {
    await proof?.leave();
    await pieces.return();
  }
}

/** The content of the archive, digested on the way. */
export async function* digested(
  inputs: AsyncIterable<SourceOpener> | Iterable<SourceOpener>,
  digester: Digester,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pacer = createPacer();
  for await (const input of inputs) {
    digester.begin(input.source);
    for await (const piece of input.open()) {
      for (const slice of inSlices(piece)) {
        digester.push(slice);
        yield slice;
        await pacer.took(slice.length);
      }
    }
    if (digester.endSource()) yield newline;
  }
}

interface Proof {
  /** @throws what the decoder says */
  push(piece: Uint8Array): Promise<void>;
  /** @throws HousecleaningError `bad-archive` unless what was decoded is what was digested. */
  finish(digest: ArchiveDigest): Promise<void>;
  /** Ends the decoder, wherever it is. */
  leave(): Promise<void>;
}

/** Decodes what is encoded while it is made. */
function startProof(codec: Codec, decoder: Decoder, most: number): Proof {
  const channel = createChannel();
  const hash = codec.createSha256();
  const maxBytes = Math.min(Math.floor(most), Number.MAX_SAFE_INTEGER);
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;
  const decoded = (async () => {
    for await (const piece of gunzipPieces(channel.pieces, { maxBytes, decoder })) {
      hash.update(piece);
      bytes += piece.length;
    }
  })().catch((error: unknown) => {
    failure = { error };
    channel.close();
  });
  const leave = async (): Promise<void> => {
    channel.end();
    await decoded;
  };
  const failIfWrong = (): void => {
    if (failure) throw failure.error;
  };
  return {
    async push(piece) {
      await channel.write(piece);
      failIfWrong();
    },
    async finish(digest) {
      await leave();
      failIfWrong();
      if (bytes !== digest.bytes || hash.hex() !== digest.sha256) throw wronglyEncoded();
    },
    leave,
  };
}

/** Bytes that are held as they come. */
interface Held {
  /** False, and nothing is held any more, if they are too many. */
  add(part: Uint8Array): boolean;
  bytes(): Uint8Array;
}

/** Room for a small archive, of which the unused rest is given back. */
const smallBytes = 65_536;

/** In one buffer, whose unused end costs nothing: no platform brings memory that nobody has touched. */
function createHeld(most: number): Held {
  let buffer = new Uint8Array(smallBytes);
  let length = 0;
  return {
    add(part) {
      const next = length + part.length;
      if (next > most) {
        release(buffer);
        return false;
      }
      if (next > buffer.length) {
        const larger = new Uint8Array(Math.min(Math.max(2 * buffer.length, next), most));
        larger.set(buffer.subarray(0, length));
        release(buffer);
        buffer = larger;
      }
      buffer.set(part, length);
      length = next;
      return true;
    },
    bytes: () => (length <= smallBytes ? buffer.slice(0, length) : buffer.subarray(0, length)),
  };
}

const newline = Uint8Array.of(10);
