/**
 * The records of a symbol and day, wherever they lie: in the archive, in the files of an older system, or still raw.
 */
import { HousecleaningError, isHousecleaningError } from './errors.ts';
import { archiveKey, assertCell, isSha256, manifestPrefix, rawCellPrefix, stagePrefix, type Cell } from './keys.ts';
import { tellLaterGeneration } from './internal/later-generation.ts';
import { listAll } from './internal/listing.ts';
import { readSource } from './internal/reading.ts';
import { linesOf } from './internal/split-lines.ts';
import {
  listLegacyParts,
  missingParts,
  readLegacyFile,
  type LegacyPart,
  type LegacyReadOptions,
} from './legacy-layout.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';
import { readArchive, readArchiveSources } from './restore.ts';

/**
 * Where a day lies: `archive` of this package, proven by its manifest; `parts` or one `file` of an older system; `raw`
 * objects; `none`.
 */
export type DayLayout = 'archive' | 'parts' | 'file' | 'raw' | 'none';

/** What was found of a day. */
export interface FoundDay {
  readonly layout: DayLayout;
  /** What is read, in this order. */
  readonly objects: readonly ObjectInfo[];
  /** Numbers of parts that are not there, though later ones are: records are missing. */
  readonly missingParts: readonly number[];
  /**
   * Layouts that lie there too and are not read: `parts` beside an archive or `raw` beside what an older system left hold
   * other records, where housecleaning took over a day that the older system had begun. Unknown with the option `layout`.
   */
  readonly beside: readonly DayLayout[];
  /**
   * What makes it doubtful that this is all of the day, in words: a manifest tells of a later generation than the archive, or of
   * one where there is none. Nothing fails for it; `verifyCell` says whether a run is at work or an archive was rolled back or is
   * gone. Costs one listing.
   */
  readonly warnings: readonly string[];
}

/** How to read a day. */
export interface ReadDayOptions extends LegacyReadOptions {
  /**
   * Which layout to read, where a day has several.
   * @defaultValue the archive, else parts, else the file, else raw
   */
  readonly layout?: Exclude<DayLayout, 'none'>;
  /** Told once, before the first record. Without it nobody looks for what would be a warning. */
  readonly onFound?: (day: FoundDay) => void;
  /**
   * Most raw objects of a day that is still raw.
   * @defaultValue 1 000 000
   */
  readonly maxSources?: number;
}

/** Values of options that are left out. */
export const readDayDefaults = { maxSources: 1_000_000 } as const;

const layouts: readonly unknown[] = ['archive', 'parts', 'file', 'raw'];

/** For callers without types: nothing is guessed. */
function assertLayout(layout: unknown): void {
  if (layout === undefined || layouts.includes(layout)) return;
  const message = `The option layout is ${JSON.stringify(layout)}; expected one of ${layouts.join(', ')}.`;
  throw new HousecleaningError('bad-option', message, layout);
}

/**
 * Finds where a day lies.
 *
 * @throws HousecleaningError `bad-manifest` for an archive of this package that lost its metadata, `key-conflict` for a
 * day that an older system left both as parts and as one file, unless `layout` says which
 */
export async function findDay(store: ObjectStore, cell: Cell, options: ReadDayOptions = {}): Promise<FoundDay> {
  const day = await locate(store, cell, options);
  if (day.layout === 'none') return day;
  const archive = day.layout === 'archive' ? day.objects[0] : undefined;
  // With the option `layout` somebody wants these, whatever is archived.
  if (archive === undefined && options.layout !== undefined) return day;
  const warning = await tellLaterGeneration(store, cell, archive, options.signal);
  return warning === undefined ? day : { ...day, warnings: [warning] };
}

async function locate(store: ObjectStore, cell: Cell, options: ReadDayOptions): Promise<FoundDay> {
  assertCell(cell);
  assertLayout(options.layout);
  const { layout, signal, maxSources = readDayDefaults.maxSources } = options;
  const listing = signal ? { signal } : {};
  const archive = layout === 'parts' || layout === 'raw' ? undefined : await store.head(archiveKey(cell), listing);
  const ours = archive !== undefined && (await isOurs(store, cell, archive, signal));
  const parts = layout === undefined || layout === 'parts' ? await listLegacyParts(store, cell, listing) : [];
  const hasParts = parts.length > 0;
  const found = (name: DayLayout, objects: readonly ObjectInfo[], beside: readonly DayLayout[] = []): FoundDay => ({
    layout: objects.length === 0 ? 'none' : name,
    objects,
    missingParts: name === 'parts' ? missingParts(parts) : [],
    ...{ beside, warnings: [] },
  });
  if (archive && ours && layout !== 'file') return found('archive', [archive], hasParts ? ['parts'] : []);
  if (layout === 'archive') return found('archive', []);
  if (layout === 'file') return found('file', archive && !ours ? [archive] : []);
  if (layout === undefined && archive && hasParts) {
    throw new HousecleaningError(
      'key-conflict',
      `${cell.symbol} ${cell.date} lies both in "${archive.key}" and in ${parts.length} part(s); say with the option layout which of them is right.`,
      cell,
    );
  }
  if (layout === 'parts') return found('parts', objectsOf(parts));
  if (archive || hasParts) {
    const raw = await store.list({ prefix: rawCellPrefix(cell), limit: 1, ...listing });
    const beside = raw.objects.length > 0 ? (['raw'] as const) : [];
    return archive ? found('file', [archive], beside) : found('parts', objectsOf(parts), beside);
  }
  return found('raw', await listAll(store, rawCellPrefix(cell), maxSources, signal));
}

function objectsOf(parts: readonly LegacyPart[]): readonly ObjectInfo[] {
  return parts.map(({ object }) => object);
}

/**
 * The records of a day as a stream: one string a non-empty line, without its newline, as it was written. Of an archive
 * and of raw objects a line comes only after the digest of its raw object was proven, where there is one; of an older
 * system's file before its checksum was seen. The end of the iteration without an error says that all is well. Memory holds
 * one raw object, or a piece of an older system's file.
 *
 * What was written after the archive was made is not part of it until the next run of housecleaning. Housecleaning may run
 * at the same time: a raw object that it deletes meanwhile is read from the archive.
 *
 * @throws HousecleaningError `not-archived` for a day that lies nowhere; `bad-archive`, `bad-manifest`, `too-large`,
 * `unstable-read`, and as `findDay` does
 */
export async function* readDay(
  store: ObjectStore,
  cell: Cell,
  options: ReadDayOptions = {},
): AsyncGenerator<string, void, undefined> {
  const day = await (options.onFound ? findDay : locate)(store, cell, options);
  options.onFound?.(day);
  const signal = options.signal ? { signal: options.signal } : {};
  switch (day.layout) {
    case 'archive':
      yield* readArchive(store, cell, signal);
      break;
    case 'file':
    case 'parts':
      for (const object of day.objects) yield* readLegacyFile(store, object, options);
      break;
    case 'raw':
      yield* readRaw(store, cell, day.objects, options.signal);
      break;
    case 'none':
      throw new HousecleaningError(
        'not-archived',
        `There is nothing of ${cell.symbol} ${cell.date}${options.layout ? ` as ${options.layout}` : ': no archive, no parts, no raw object'}. ` +
          'If there was an archive, its manifests know it: verifyCell says so (on the command line: verify).',
        cell,
      );
  }
}

/** Raw objects in the order of their keys; those that are archived and deleted meanwhile come from the archive. */
async function* readRaw(
  store: ObjectStore,
  cell: Cell,
  listed: readonly ObjectInfo[],
  signal: AbortSignal | undefined,
): AsyncGenerator<string, void, undefined> {
  for (const [i, object] of listed.entries()) {
    signal?.throwIfAborted();
    const read = await readSource(store, object, signal);
    if (read) {
      yield* linesOf(read.bytes);
      continue;
    }
    const left = new Map(listed.slice(i).map((o) => [o.key, o]));
    try {
      for await (const { source, bytes } of readArchiveSources(store, cell, signal ? { signal } : {})) {
        const same = left.get(source.key);
        if (same?.etag !== source.etag || same.size !== source.size) continue;
        left.delete(source.key);
        yield* linesOf(bytes);
      }
    } catch (error) {
      if (!isHousecleaningError(error, 'not-archived')) throw error;
    }
    const [lost] = left.keys();
    if (lost === undefined) return;
    throw new HousecleaningError(
      'unstable-read',
      `"${lost}" was replaced or deleted while the day was read; read it again.`,
      lost,
    );
  }
}

/** True for an archive of this package; false for one that knows nothing of it. */
async function isOurs(
  store: ObjectStore,
  cell: Cell,
  archive: ObjectInfo,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const { schema, manifest, stage } = archive.metadata;
  if (schema?.startsWith('hc-') || isSha256(manifest) || stage?.startsWith(stagePrefix)) return true;
  // Copied by a tool that drops metadata, it would be read without any proof.
  const { objects } = await store.list({
    prefix: `${manifestPrefix}${cell.symbol}/${cell.date}/`,
    limit: 1,
    ...(signal ? { signal } : {}),
  });
  return objects.length > 0;
}
