/**
 * The way back: records and raw objects out of an archive, byte for byte, each proven against its manifest first.
 */
import { openArchivedSources, verifyArchiveStream } from './archive.ts';
import { HousecleaningError, isHousecleaningError } from './errors.ts';
import { archiveKey, parseRawKey, rawCellPrefix, type Cell } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { isDigestFault, readManifest, readStamp } from './internal/base.ts';
import { listAll } from './internal/listing.ts';
import type { ArchiveManifest, ArchiveSource } from './internal/manifest.ts';
import { asPieces, openArchive, readManifestFile, type OpenArchive } from './internal/open-archive.ts';
import { restoreObjects, type RestoreOptions, type RestoreResult } from './internal/restore-objects.ts';
import { linesOf } from './internal/split-lines.ts';
import { collect } from './internal/streams.ts';

export { restoreDefaults } from './internal/restore-objects.ts';
export type { RestoreOptions, RestoreOutcome, RestoreResult } from './internal/restore-objects.ts';
export { listArchivedCells, verifyCell } from './internal/verify-cell.ts';
export type { CellVerification, VerifyCellOptions } from './internal/verify-cell.ts';

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
  for await (const { bytes } of readArchiveSources(store, cell, options)) yield* linesOf(bytes);
}

/**
 * The raw objects inside an archive, in the order of their keys, each proven. The archive is decoded as it is read: memory
 * holds one raw object.
 *
 * @throws HousecleaningError `not-archived`, `bad-archive`, `bad-manifest`
 */
export async function* readArchiveSources(
  store: ObjectStore,
  cell: Cell,
  options: ReadArchiveOptions = {},
): AsyncGenerator<{ readonly source: ArchiveSource; readonly bytes: Uint8Array }, void, undefined> {
  const { gz, manifest } = (await openArchive(store, cell, options)) ?? raise(notArchived(cell));
  for await (const archived of openArchivedSources(gz, manifest)) {
    options.signal?.throwIfAborted();
    const { source } = archived;
    yield { source, bytes: await collect(archived.open()) };
  }
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
 * object, line counts, the multiset of records. Damage and absence are results, not exceptions. Memory does not grow with
 * the archive. Whether there was a later one, {@link verifyCell} tells.
 */
export async function verifyArchive(
  store: ObjectStore,
  cell: Cell,
  options: ReadArchiveOptions = {},
): Promise<ArchiveVerification> {
  return verify(async () => (await openArchive(store, cell, options)) ?? raise(notArchived(cell)), options.signal);
}

/** Options of the readers of two files. */
export interface ArchiveFileOptions extends ReadArchiveOptions {
  /**
   * SHA-256 that the manifest must have: its name in `housecleaning/v1/manifest/`, or the archive's metadata `manifest`.
   * Without it the two files are only shown to belong together.
   * @defaultValue unchecked
   */
  readonly manifestSha256?: string;
}

/**
 * {@link verifyArchive} without a store, for two files at hand: the archive, as bytes or as a stream, and the manifest from
 * `housecleaning/v1/manifest/`.
 */
export async function verifyArchiveFiles(
  gz: AsyncIterable<Uint8Array> | Uint8Array,
  manifestBytes: Uint8Array,
  options: ArchiveFileOptions = {},
): Promise<ArchiveVerification> {
  return verify(async () => openFiles(gz, manifestBytes, options), options.signal);
}

/**
 * Writes the raw objects of an archive back under their keys or below another prefix, byte for byte, and never over
 * anything.
 *
 * @throws HousecleaningError `not-archived`, `bad-archive`, `bad-manifest`, `bad-option`
 */
export async function restoreRaw(store: ObjectStore, cell: Cell, options: RestoreOptions = {}): Promise<RestoreResult> {
  const { gz, manifest } =
    (await openArchive(store, cell, options.signal ? { signal: options.signal } : {})) ?? raise(notArchived(cell));
  return restoreObjects(gz, manifest, options.into ?? store, options);
}

/**
 * {@link restoreRaw} from two files at hand.
 *
 * @throws HousecleaningError `bad-archive`, `bad-manifest`, `bad-option`
 */
export async function restoreFiles(
  gz: AsyncIterable<Uint8Array> | Uint8Array,
  manifestBytes: Uint8Array,
  into: ObjectStore,
  options: Omit<RestoreOptions, 'into'> & ArchiveFileOptions = {},
): Promise<RestoreResult> {
  const opened = await openFiles(gz, manifestBytes, options);
  return restoreObjects(opened.gz, opened.manifest, into, options);
}

async function openFiles(
  gz: AsyncIterable<Uint8Array> | Uint8Array,
  manifestBytes: Uint8Array,
  { manifestSha256 }: ArchiveFileOptions,
): Promise<Pick<OpenArchive, 'gz' | 'manifest'>> {
  const manifest = await readManifestFile(manifestBytes, manifestSha256);
  return { gz: gz instanceof Uint8Array ? asPieces(gz) : gz, manifest };
}

async function verify(
  open: () => Promise<Pick<OpenArchive, 'gz' | 'manifest'>>,
  signal: AbortSignal | undefined,
): Promise<ArchiveVerification> {
  try {
    const { gz, manifest } = await open();
    await verifyArchiveStream(gz, manifest, { onSource: () => signal?.throwIfAborted() });
    return { ok: true, problem: null, manifest };
  } catch (error) {
    const isResult = isDigestFault(error) || isHousecleaningError(error, 'not-archived');
    if (!isResult) throw error;
    return { ok: false, problem: (error as Error).message, manifest: null };
  }
}

function raise(error: HousecleaningError): never {
  throw error;
}

function notArchived(cell: Cell): HousecleaningError {
  return new HousecleaningError(
    'not-archived',
    `There is no "${archiveKey(cell)}"; run housecleaning first, or read the raw objects. If there was one, its manifests ` +
      'know it: verifyCell says so (on the command line: verify).',
    cell,
  );
}
