import type { SourceOpener } from '../archive.ts';
import { defaultCodec, type Codec, type Decoder, type Sha256 } from '../codec.ts';
import { HousecleaningError } from '../errors.ts';
import { createChannel } from './channel.ts';
import type { ArchiveDigest } from './digester.ts';
import { concat, trailerBytes } from './gzip.ts';
import { compareSources, type ArchiveSource } from './manifest.ts';
import { gunzipPieces } from './member-reader.ts';
import { inSlices } from './slices.ts';

/** The compressed bytes, by digest and length. */
export interface GzipIdentity {
  readonly gzSha256: string;
  readonly gzBytes: number;
}

/** Content that fflate proves by default. */
const mostForFflate = 4 * 1_048_576;

/** How an archive is encoded. */
export interface EncodeOptions {
  /** @defaultValue `defaultCodec()` */
  readonly codec?: Codec;
  /**
   * Who decodes our own output while it is made; it must share no code with what encodes.
   * @defaultValue 'fflate'; 'strict' with the codec `portable`, whose encoder is fflate's, and for more than 4 MiB of
   *   content, where fflate's buffers would be the largest part of the memory
   */
  readonly selfVerify?: Decoder;
  /**
   * Called when everything is encoded and decoded again, before the last bytes are given: the place to put the manifest.
   * If it throws, the body fails, and a store keeps nothing of it.
   */
  readonly beforeEnd?: (identity: GzipIdentity) => Promise<void> | void;
}

/** An archive being encoded. */
export interface ArchiveEncoding {
  /** The compressed bytes, to be read once. It ends without an error only if everything was proven. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Settles when `body` ended, failed or was left; may be ignored. */
  readonly done: Promise<GzipIdentity>;
}

/**
 * Second pass: reads the same raw objects again, compresses them, and decodes its own output on the way; what comes out
 * of that must be what the first pass saw. Memory does not grow with the archive.
 *
 * `body` fails with HousecleaningError `unstable-read` if a source is not what the first pass read (start over), and with
 * `bad-archive` if the encoder or this machine made a mistake.
 */
export function encodeArchive(
  inputs: AsyncIterable<SourceOpener> | Iterable<SourceOpener>,
  digest: ArchiveDigest,
  options: EncodeOptions = {},
): ArchiveEncoding {
  const { codec = defaultCodec(), beforeEnd } = options;
  const isForStrict = codec.name === 'portable' || digest.bytes > mostForFflate;
  const { selfVerify = isForStrict ? 'strict' : 'fflate' } = options;
  const { promise: done, resolve, reject } = deferred<GzipIdentity>();
  done.catch(() => undefined);

  async function* encode(): AsyncGenerator<Uint8Array, void, undefined> {
    const gzHash = codec.createSha256();
    const channel = createChannel();
    let gzBytes = 0;
    let failure: { readonly error: unknown } | undefined;
    const decoded = proveContent(channel.pieces, digest, selfVerify, codec.createSha256()).catch((error: unknown) => {
      failure = { error };
      channel.close();
    });
    const failIfWrong = (): void => {
      if (failure) throw failure.error;
    };
    let error: unknown = new Error('The body of the archive was not read to its end.');
    try {
      // The last bytes wait for the proof and the manifest.
      let held: Uint8Array = new Uint8Array(0);
      for await (const piece of codec.deflate(contentOf(inputs, digest, codec))) {
        gzHash.update(piece);
        gzBytes += piece.length;
        await channel.write(piece);
        failIfWrong();
        const both = concat([held, piece]);
        const given = both.subarray(0, Math.max(0, both.length - trailerBytes));
        held = new Uint8Array(both.subarray(given.length));
        if (given.length > 0) yield given;
      }
      channel.end();
      await decoded;
      failIfWrong();
      const identity = { gzSha256: gzHash.hex(), gzBytes };
      await beforeEnd?.(identity);
      yield held;
      resolve(identity);
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      channel.end();
      await decoded;
      reject(error);
    }
  }
  return { body: encode(), done };
}

/** The content of the archive, each source compared with what the first pass read. */
async function* contentOf(
  inputs: AsyncIterable<SourceOpener> | Iterable<SourceOpener>,
  digest: ArchiveDigest,
  codec: Codec,
): AsyncGenerator<Uint8Array, void, undefined> {
  let index = 0;
  for await (const input of inputs) {
    const { source } = input;
    const expected: ArchiveSource | undefined = digest.sources[index++];
    if (!expected || compareSources(expected, source) !== 0) throw changed(source.key);
    const hash = codec.createSha256();
    let bytes = 0;
    for await (const piece of input.open()) {
      bytes += piece.length;
      if (bytes > expected.size) throw changed(source.key);
      for (const slice of inSlices(piece)) {
        hash.update(slice);
        yield slice;
      }
    }
    if (bytes !== expected.size || hash.hex() !== expected.sha256) throw changed(source.key);
    if (expected.addedNewline) yield Uint8Array.of(10);
  }
  const missing = digest.sources[index];
  if (missing) throw changed(missing.key);
}

async function proveContent(
  gz: AsyncIterable<Uint8Array>,
  digest: ArchiveDigest,
  decoder: Decoder,
  hash: Sha256,
): Promise<void> {
  let bytes = 0;
  for await (const piece of gunzipPieces(gz, { maxBytes: digest.bytes, decoder })) {
    hash.update(piece);
    bytes += piece.length;
  }
  if (bytes === digest.bytes && hash.hex() === digest.sha256) return;
  throw new HousecleaningError(
    'bad-archive',
    'The archive that was just encoded does not decode to its content; nothing was published. Run again; if it stays ' +
      'so, suspect this machine.',
  );
}

function changed(key: string): HousecleaningError {
  const why = `"${key}" is not what was read a moment ago; start over.`;
  return new HousecleaningError('unstable-read', why, key);
}

function deferred<Value>(): {
  promise: Promise<Value>;
  resolve: (value: Value) => void;
  reject: (error: unknown) => void;
} {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}
