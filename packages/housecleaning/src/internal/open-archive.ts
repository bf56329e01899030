import { gunzipStrictly } from '../codec.ts';
import { HousecleaningError, isHousecleaningError } from '../errors.ts';
import { archiveKey, isDate, isSymbol, type Cell } from '../keys.ts';
import type { ObjectInfo, ObjectStore } from '../object-store.ts';
import { readManifest, readStamp } from './base.ts';
import { parseManifest, type ArchiveManifest } from './manifest.ts';
import { openObject } from './object-pieces.ts';
import { sha256Hex } from './sha256.ts';
import { inSlices } from './slices.ts';
import { collect } from './streams.ts';
import { fromUtf8 } from './utf8.ts';

/** An archive with the manifest that it names, not proven yet. */
export interface OpenArchive {
  readonly info: ObjectInfo;
  readonly manifest: ArchiveManifest;
  /** The compressed bytes; read them once. */
  readonly gz: AsyncIterable<Uint8Array>;
}

/**
 * Opens the current archive of a cell: compressed bytes and manifest are of the same generation, whatever is published
 * meanwhile.
 *
 * @returns `undefined` if there is none
 * @throws HousecleaningError `bad-manifest`
 */
export async function openArchive(
  store: ObjectStore,
  cell: Cell,
  options: { readonly signal?: AbortSignal },
): Promise<OpenArchive | undefined> {
  const opened = await openObject(store, archiveKey(cell), options.signal ? { signal: options.signal } : {});
  if (opened === undefined) return undefined;
  try {
    const stamp = readStamp(opened.info, cell);
    const manifest = await readManifest(store, cell, stamp.manifest, options.signal);
    return { info: opened.info, manifest, gz: opened.pieces };
  } catch (error) {
    // Nobody will read the body; a stream that was never begun is let go of by being begun and left.
    await opened.pieces.next().catch(() => undefined);
    await opened.pieces.return().catch(() => undefined);
    throw error;
  }
}

/** More than a million sources never make as much. */
const maxManifestBytes = 1_073_741_824;

/**
 * Reads a manifest as it is stored, plain or compressed, of an archive that is known by nothing else.
 *
 * @param sha256 - what the document must hash to; `undefined` for anything
 * @throws HousecleaningError `bad-manifest`
 */
export async function readManifestFile(stored: Uint8Array, sha256: string | undefined): Promise<ArchiveManifest> {
  const bytes = await documentOf(stored);
  const actual = sha256 === undefined ? undefined : await sha256Hex(bytes);
  if (actual !== sha256) throw bad(`it has the SHA-256 ${actual}, expected ${sha256}`, actual);
  let cell: Partial<Cell> | undefined;
  try {
    cell = (JSON.parse(fromUtf8(bytes)) as { readonly cell?: Partial<Cell> } | null)?.cell;
  } catch (error) {
    throw bad('it is not JSON', undefined, error);
  }
  const { symbol, date } = cell ?? {};
  if (typeof symbol !== 'string' || typeof date !== 'string' || !isSymbol(symbol) || !isDate(date)) {
    throw bad('it names no symbol and day', cell);
  }
  return parseManifest(bytes, { symbol, date });
}

async function documentOf(stored: Uint8Array): Promise<Uint8Array> {
  // No JSON begins with the magic number of gzip.
  if (stored[0] !== 0x1f || stored[1] !== 0x8b) return stored;
  try {
    return await collect(gunzipStrictly(asPieces(stored), { gzBytes: stored.length, maxBytes: maxManifestBytes }));
  } catch (error) {
    if (!isHousecleaningError(error, 'bad-archive')) throw error;
    throw bad('it does not decode', undefined, error);
  }
}

/** Bytes at hand as a stream of pieces. */
export async function* asPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield* inSlices(bytes);
}

function bad(why: string, subject: unknown, cause?: unknown): HousecleaningError {
  return new HousecleaningError('bad-manifest', `The manifest was refused: ${why}.`, subject, { cause });
}
