import type { SourceOpener } from '../archive.ts';
import { defaultCodec, type Codec, type Decoder } from '../codec.ts';
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

/** How an archive is encoded. */
export interface EncodeOptions {
  /** @defaultValue `defaultCodec()` */
  readonly codec?: Codec;
  /**
   * Who decodes our own output while it is made; it must share no code with what encodes.
   * @defaultValue 'strict', which shares none with any codec; `portable` encodes by fflate
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
  const { codec = defaultCodec(), selfVerify = 'strict', beforeEnd } = options;
  const { promise: done, resolve, reject } = deferred<GzipIdentity>();
  done.catch(() => undefined);

  async function* encode(): AsyncGenerator<Uint8Array, void, undefined> {
    const gzHash = codec.createSha256();
    const channel = createChannel();
    const content = { crc: 0 };
    let gzBytes = 0;
    let changedKey: string | undefined;
    let failure: { readonly error: unknown } | undefined;
    const decoded = findChanged(channel.pieces, digest, selfVerify, codec).then(
      (key) => void (changedKey = key),
      (error: unknown) => {
        failure = { error };
        channel.close();
      },
    );
    const failIfWrong = (): void => {
      if (failure) throw failure.error;
    };
    let error: unknown = new Error('The body of the archive was not read to its end.');
    try {
      // The last bytes wait for the proof and the manifest.
      let held: Uint8Array = new Uint8Array(0);
      for await (const piece of codec.deflate(contentOf(inputs, digest, codec, content))) {
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
      if (changedKey !== undefined) {
        // Whose fault: did the encoder write what it was given? Of what was decoded the trailer's CRC-32 is right.
        const crc = new DataView(held.buffer, held.byteOffset).getUint32(0, true);
        throw crc === content.crc ? changed(changedKey) : wronglyEncoded();
      }
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

/** The content of the archive, as long as each source is as long as it was. */
async function* contentOf(
  inputs: AsyncIterable<SourceOpener> | Iterable<SourceOpener>,
  digest: ArchiveDigest,
  codec: Codec,
  content: { crc: number },
): AsyncGenerator<Uint8Array, void, undefined> {
  let index = 0;
  for await (const input of inputs) {
    const { source } = input;
    const expected: ArchiveSource | undefined = digest.sources[index++];
    if (!expected || compareSources(expected, source) !== 0) throw changed(source.key);
    let bytes = 0;
    for await (const piece of input.open()) {
      bytes += piece.length;
      if (bytes > expected.size) throw changed(source.key);
      for (const slice of inSlices(piece)) {
        content.crc = codec.crc32(slice, content.crc);
        yield slice;
      }
    }
    if (bytes !== expected.size) throw changed(source.key);
    if (!expected.addedNewline) continue;
    content.crc = codec.crc32(newline, content.crc);
    yield newline;
  }
  const missing = digest.sources[index];
  if (missing) throw changed(missing.key);
}

/**
 * Decodes what was encoded and compares it, source by source, with what the first pass read: all of them together are the
 * content. Returns the key of the first that differs.
 */
async function findChanged(
  gz: AsyncIterable<Uint8Array>,
  digest: ArchiveDigest,
  decoder: Decoder,
  codec: Codec,
): Promise<string | undefined> {
  const { sources, bytes } = digest;
  let changedKey: string | undefined;
  let index = 0;
  let hash = codec.createSha256();
  let taken = 0;
  let total = 0;
  for await (const piece of gunzipPieces(gz, { maxBytes: bytes, decoder })) {
    total += piece.length;
    for (let at = 0; at < piece.length;) {
      const source = sources[index];
      if (source === undefined) throw wronglyEncoded();
      const part = piece.subarray(at, at + source.length - taken);
      at += part.length;
      taken += part.length;
      const isThrough = taken === source.length;
      const raw = isThrough && source.addedNewline ? part.subarray(0, -1) : part;
      hash.update(raw);
      if (!isThrough) continue;
      if (hash.hex() !== source.sha256 || (raw !== part && part.at(-1) !== 10)) changedKey ??= source.key;
      index += 1;
      hash = codec.createSha256();
      taken = 0;
    }
  }
  if (total !== bytes) throw wronglyEncoded();
  return changedKey;
}

const newline = Uint8Array.of(10);

/** Of an encoder, or a machine, that made a mistake. */
export function wronglyEncoded(): HousecleaningError {
  return new HousecleaningError(
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
