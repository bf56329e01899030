import { verifyArchiveStream } from '../archive.ts';
import { gunzipStrictly } from '../codec.ts';
import { HousecleaningError, isHousecleaningError } from '../errors.ts';
import { archiveKey, isSha256, isStageKey, manifestKey, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { parseManifest, type ArchiveManifest } from './manifest.ts';
import { infoOf, readObject } from './reading.ts';
import { sha256Hex } from './sha256.ts';
import { collect, piecesOfBody } from './streams.ts';

/** A published archive that was read back and proven against its manifest. */
export interface ProvenArchive {
  readonly info: ObjectInfo;
  readonly manifest: ArchiveManifest;
  readonly manifestSha256: string;
}

/** What the canonical object's metadata says of itself. */
export interface ArchiveStamp {
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  /** Where the same bytes were staged. */
  readonly stage: string;
}

/** Manifests longer than this are stored compressed. */
const plainManifestBytes = 1_048_576;
/** More than a million sources never make as much. */
const maxManifestBytes = 1_073_741_824;

/** Metadata of a canonical archive. */
export function stampMetadata(stamp: ArchiveStamp, manifest: ArchiveManifest): Record<string, string> {
  return {
    schema: 'hc-archive/1',
    manifest: stamp.manifest,
    stage: stamp.stage,
    generation: String(manifest.generation),
    sha256: manifest.archive.gzSha256,
  };
}

/**
 * Reads what metadata says.
 *
 * @throws HousecleaningError `bad-manifest`
 */
export function readStamp(info: ObjectInfo, cell: Cell): ArchiveStamp {
  const { schema, manifest, stage } = info.metadata;
  if (schema !== 'hc-archive/1' || !isSha256(manifest) || stage === undefined || !isStageKey(cell, stage)) {
    throw new HousecleaningError(
      'bad-manifest',
      `"${info.key}" does not name its manifest and stage: it was not published by this package, or changed or copied without its metadata.`,
      info.metadata,
    );
  }
  return { manifest, stage };
}

/** The bytes under which a manifest is stored: as they are, or, where they are long, one gzip member. */
export async function storedManifest(
  bytes: Uint8Array,
  deflate: (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>,
): Promise<Uint8Array> {
  return bytes.length <= plainManifestBytes ? bytes : collect(deflate(once(bytes)));
}

/**
 * Reads a manifest and proves it by its name, the SHA-256 of the document.
 *
 * @throws HousecleaningError `bad-manifest`
 */
export async function readManifest(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  sha256: string,
  signal?: AbortSignal,
): Promise<ArchiveManifest> {
  const key = manifestKey(cell, sha256);
  const read = await readObject(store, key, signal ? { signal } : {});
  if (read === undefined) throw new HousecleaningError('bad-manifest', `The manifest "${key}" is missing.`, key);
  let { bytes } = read;
  // No JSON begins with the magic number of gzip.
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    try {
      bytes = await collect(gunzipStrictly(once(bytes), { gzBytes: bytes.length, maxBytes: maxManifestBytes }));
    } catch (error) {
      if (!isHousecleaningError(error, 'bad-archive')) throw error;
      throw new HousecleaningError('bad-manifest', `The manifest "${key}" does not decode.`, key, { cause: error });
    }
  }
  const actual = await sha256Hex(bytes);
  if (actual !== sha256)
    throw new HousecleaningError('bad-manifest', `The manifest "${key}" has the SHA-256 ${actual}.`, key);
  return parseManifest(bytes, cell);
}

/**
 * Reads the canonical archive of a cell and everything it depends on, and proves it as it arrives.
 *
 * @returns `undefined` if there is none
 * @throws HousecleaningError `bad-archive`, `bad-manifest`, `unstable-read` if it is not what it declares
 */
export async function readProvenArchive(
  store: Pick<ObjectStore, 'get'>,
  cell: Cell,
  options: { readonly ifMatch?: string; readonly signal?: AbortSignal } = {},
): Promise<ProvenArchive | undefined> {
  const object = await store.get(archiveKey(cell), options);
  if (object === undefined) return undefined;
  const body = object.body;
  try {
    const info = infoOf(object);
    const stamp = readStamp(info, cell);
    const manifest = await readManifest(store, cell, stamp.manifest, options.signal);
    await verifyArchiveStream(piecesOfBody(body), manifest);
    return { info, manifest, manifestSha256: stamp.manifest };
  } catch (error) {
    // Whoever has read it to its end, or is reading it, has it; else nobody will.
    if (!body.locked) await body.cancel().catch(() => undefined);
    throw error;
  }
}

/** True for errors that say "these bytes are wrong", as opposed to "they could not be read". */
export function isDigestFault(error: unknown): boolean {
  return (
    isHousecleaningError(error, 'bad-archive') ||
    isHousecleaningError(error, 'bad-manifest') ||
    isHousecleaningError(error, 'unstable-read')
  );
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}
