import { verifyArchiveBytes } from '../archive.ts';
import { HousecleaningError, isHousecleaningError } from '../errors.ts';
import { archiveKey, isSha256, isStageKey, manifestKey, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { parseManifest, type ArchiveManifest } from './manifest.ts';
import { readObject } from './reading.ts';
import { sha256Hex } from './sha256.ts';

/** A published archive that was read back and proven against its manifest. */
export interface ProvenArchive {
  readonly info: ObjectInfo;
  readonly manifest: ArchiveManifest;
  readonly manifestSha256: string;
  readonly gz: Uint8Array;
}

/** What the canonical object's metadata says of itself. */
export interface ArchiveStamp {
  /** SHA-256 of the manifest. */
  readonly manifest: string;
  /** Where the same bytes were staged. */
  readonly stage: string;
}

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
      `"${info.key}" does not name its manifest and stage: it was not published by this package or lost its metadata.`,
      info.metadata,
    );
  }
  return { manifest, stage };
}

/**
 * Reads a manifest and proves it by its name.
 *
 * @throws HousecleaningError `bad-manifest`
 */
export async function readManifest(
  store: ObjectStore,
  cell: Cell,
  sha256: string,
  signal?: AbortSignal,
): Promise<ArchiveManifest> {
  const key = manifestKey(cell, sha256);
  const read = await readObject(store, key, signal ? { signal } : {});
  if (read === undefined) throw new HousecleaningError('bad-manifest', `The manifest "${key}" is missing.`, key);
  const actual = await sha256Hex(read.bytes);
  if (actual !== sha256)
    throw new HousecleaningError('bad-manifest', `The manifest "${key}" has the SHA-256 ${actual}.`, key);
  return parseManifest(read.bytes, cell);
}

/**
 * Reads the canonical archive of a cell and everything it depends on, and proves it.
 *
 * @returns `undefined` if there is none
 * @throws HousecleaningError `bad-archive`, `bad-manifest`, `unstable-read` if it is not what it declares
 */
export async function readProvenArchive(
  store: ObjectStore,
  cell: Cell,
  options: { readonly ifMatch?: string; readonly signal?: AbortSignal } = {},
): Promise<ProvenArchive | undefined> {
  const read = await readObject(store, archiveKey(cell), options);
  if (read === undefined) return undefined;
  const stamp = readStamp(read.info, cell);
  const manifest = await readManifest(store, cell, stamp.manifest, options.signal);
  await verifyArchiveBytes(read.bytes, manifest);
  return { info: read.info, manifest, manifestSha256: stamp.manifest, gz: read.bytes };
}

/** True for errors that say "these bytes are wrong", as opposed to "they could not be read". */
export function isDigestFault(error: unknown): boolean {
  return (
    isHousecleaningError(error, 'bad-archive') ||
    isHousecleaningError(error, 'bad-manifest') ||
    isHousecleaningError(error, 'unstable-read')
  );
}
