/**
 * The way back: records and raw objects out of an archive, byte for byte, each proven against its manifest first.
 */
import { decodeArchive } from './archive.ts';
import { HousecleaningError, isObjectStoreError } from './errors.ts';
import { archiveKey, parseRawKey, rawCellPrefix, type Cell } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { isDigestFault, readManifest, readProvenArchive, readStamp } from './internal/base.ts';
import { listAll } from './internal/listing.ts';
import { indexByKey } from './internal/plan.ts';
import { forEachLine } from './internal/multiset.ts';
import { readObject, sha256Metadata } from './internal/reading.ts';
import { sha256Hex } from './internal/sha256.ts';
import type { ArchiveManifest, ArchiveSource } from './internal/manifest.ts';
import { fromUtf8 } from './internal/utf8.ts';

/** Options of the readers. */
export interface ReadArchiveOptions {
  readonly signal?: AbortSignal;
}

/**
 * The records of a symbol and day, in the order of their raw keys (the order of sequence numbers): one string a
 * non-empty line, without its newline. A raw object's lines come only after its digest was proven; if the iteration ends
 * without an error, the whole archive was.
 *
 * @throws HousecleaningError `not-archived`, `bad-archive`, `bad-manifest`
 */
export async function* readArchive(
  store: ObjectStore,
  cell: Cell,
  options: ReadArchiveOptions = {},
): AsyncGenerator<string, void, undefined> {
  for await (const { bytes } of readArchiveSources(store, cell, options)) {
    const lines: string[] = [];
    forEachLine(bytes, (start, end) => lines.push(fromUtf8(bytes.subarray(start, end))));
    yield* lines;
  }
}

/**
 * The raw objects inside an archive, in the order of their keys, each proven.
 *
 * @throws HousecleaningError `not-archived`, `bad-archive`, `bad-manifest`
 */
export async function* readArchiveSources(
  store: ObjectStore,
  cell: Cell,
  options: ReadArchiveOptions = {},
): AsyncGenerator<{ readonly source: ArchiveSource; readonly bytes: Uint8Array }, void, undefined> {
  const read = await readObject(store, archiveKey(cell), options.signal ? { signal: options.signal } : {});
  if (read === undefined) throw notArchived(cell);
  const stamp = readStamp(read.info, cell);
  const manifest = await readManifest(store, cell, stamp.manifest, options.signal);
  yield* decodeArchive(read.bytes, manifest);
}

/** The manifest of the current archive of a cell; `undefined` if it has none. */
export async function readArchiveManifest(
  store: ObjectStore,
  cell: Cell,
  options: ReadArchiveOptions = {},
): Promise<ArchiveManifest | undefined> {
  const info = await store.head(archiveKey(cell), options.signal ? { signal: options.signal } : {});
  return info && readManifest(store, cell, readStamp(info, cell).manifest, options.signal);
}

/**
 * Raw keys that the current archive of a cell holds, with the SHA-256 of their bytes; empty without an archive. For
 * `createTapeWriter({ archivedKeys: (cell) => readArchivedKeys(store, cell) })`.
 */
export async function readArchivedKeys(store: ObjectStore, cell: Cell): Promise<ReadonlyMap<string, string>> {
  const manifest = await readArchiveManifest(store, cell);
  return new Map(manifest?.sources.map(({ key, sha256 }) => [key, sha256]));
}

/**
 * Keys of every segment of a cell, raw or archived, in ascending order. For
 * `createTapeWriter({ segmentKeys: (cell) => readSegmentKeys(store, cell) })`.
 */
export async function readSegmentKeys(store: ObjectStore, cell: Cell): Promise<readonly string[]> {
  const raw = await listAll(store, rawCellPrefix(cell), 1_000_000);
  const archived = await readArchivedKeys(store, cell);
  return [...new Set([...raw.map((object) => object.key), ...archived.keys()])].sort();
}

/**
 * Number of the last record of a cell that is durable, raw or archived; `undefined` if there is none. Counts only keys of
 * `createTapeWriter`, whose single writer stores segments in order. For `createTapeWriter({ startAfterSeq })`.
 */
export async function readDurableSeq(store: ObjectStore, cell: Cell): Promise<number | undefined> {
  let last: number | undefined;
  for (const key of await readSegmentKeys(store, cell)) {
    const segment = parseRawKey(key);
    if (segment && segment.lastSeq > (last ?? -1)) last = segment.lastSeq;
  }
  return last;
}

/** What {@link verifyArchive} found. */
export interface ArchiveVerification {
  readonly ok: boolean;
  /** The first fault; `null` if there is none. */
  readonly problem: string | null;
  /** What was proven; `null` unless `ok`. */
  readonly manifest: ArchiveManifest | null;
}

/**
 * Reads the archive of a cell back and proves every digest: compressed bytes, the one gzip member, content, every raw
 * object, line counts, the multiset of records. Damage and absence are results, not exceptions.
 */
export async function verifyArchive(
  store: ObjectStore,
  cell: Cell,
  options: ReadArchiveOptions = {},
): Promise<ArchiveVerification> {
  try {
    const proven = await readProvenArchive(store, cell, options);
    if (proven) return { ok: true, problem: null, manifest: proven.manifest };
    return { ok: false, problem: notArchived(cell).message, manifest: null };
  } catch (error) {
    if (!isDigestFault(error)) throw error;
    return { ok: false, problem: error instanceof Error ? error.message : String(error), manifest: null };
  }
}

/** How to restore. */
export interface RestoreOptions extends ReadArchiveOptions {
  /**
   * Compare only; nothing is written.
   * @defaultValue false
   */
  readonly check?: boolean;
  /** Told of every raw object. */
  readonly onSource?: (key: string, outcome: RestoreOutcome) => void;
}

/**
 * What became of one raw object: `restored` written (or, with `check`, missing), `present` already there with these
 * bytes, `differs` other bytes lie there and were left alone, `superseded` an older content of a key that was archived
 * twice; it is in the archive, but only the newest content can have the key.
 */
export type RestoreOutcome = 'restored' | 'present' | 'differs' | 'superseded';

/** How many raw objects had which outcome. */
export type RestoreResult = Readonly<Record<RestoreOutcome, number>>;

/**
 * Writes the raw objects of an archive back under their keys, byte for byte, and never over anything.
 *
 * @throws HousecleaningError `not-archived`, `bad-archive`, `bad-manifest`
 */
export async function restoreRaw(store: ObjectStore, cell: Cell, options: RestoreOptions = {}): Promise<RestoreResult> {
  const manifest = await readArchiveManifest(store, cell, options);
  if (manifest === undefined) throw notArchived(cell);
  const byKey = indexByKey(manifest.sources);
  const result = { restored: 0, present: 0, differs: 0, superseded: 0 };
  for await (const { source, bytes } of readArchiveSources(store, cell, options)) {
    const newest = byKey.get(source.key)?.at(-1);
    const superseded = newest !== undefined && newest.sha256 !== source.sha256;
    const outcome = superseded ? 'superseded' : await restoreOne(store, source, bytes, options.check === true);
    result[outcome] += 1;
    options.onSource?.(source.key, outcome);
  }
  return result;
}

async function restoreOne(
  store: ObjectStore,
  source: ArchiveSource,
  bytes: Uint8Array,
  check: boolean,
): Promise<RestoreOutcome> {
  if (!check) {
    try {
      await store.put(source.key, bytes, {
        ifAbsent: true,
        sha256: source.sha256,
        metadata: { [sha256Metadata]: source.sha256 },
      });
      return 'restored';
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed')) throw error;
    }
  }
  const there = await readObject(store, source.key);
  if (there === undefined) return 'restored';
  return (await sha256Hex(there.bytes)) === source.sha256 ? 'present' : 'differs';
}

function notArchived(cell: Cell): HousecleaningError {
  return new HousecleaningError(
    'not-archived',
    `There is no "${archiveKey(cell)}"; run housecleaning first, or read the raw objects.`,
    cell,
  );
}
