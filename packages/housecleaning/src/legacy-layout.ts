/**
 * Archives of older systems, which have no manifest: `raw_tns_compressed/{SYMBOL}/{DATE}_part{n}.jsonl.gz`, and
 * `{DATE}.jsonl.gz` without this package's metadata. They are read, never written and never trusted for a deletion.
 */
import { HousecleaningError, isHousecleaningError } from './errors.ts';
import { archivePrefix, assertCell, parseLegacyPartKey, type Cell } from './keys.ts';
import { gunzipStrictly } from './codec.ts';
import { listPages } from './internal/listing.ts';
import { openObject } from './internal/object-pieces.ts';
import { splitLines } from './internal/split-lines.ts';
import type { ObjectInfo, ObjectStore } from './object-store.ts';

/** One part of a day. */
export interface LegacyPart {
  /** Its number; parts are read in this order, 2 before 10. */
  readonly part: number;
  readonly object: ObjectInfo;
}

/** Limits of reading files that say nothing about themselves. */
export interface LegacyReadOptions {
  /**
   * Most decompressed bytes of one file: what is beyond is refused as a bomb.
   * @defaultValue 4 GiB
   */
  readonly maxBytes?: number;
  /**
   * Most bytes of one line.
   * @defaultValue 64 MiB
   */
  readonly maxLineBytes?: number;
  readonly signal?: AbortSignal;
}

/** Values of options that are left out. */
export const legacyReadDefaults = { maxBytes: 4 * 1024 ** 3, maxLineBytes: 64 * 1024 ** 2 } as const;

/**
 * The parts of a day in the order of their numbers; empty if there are none.
 *
 * @throws HousecleaningError `bad-listing`
 */
export async function listLegacyParts(
  store: ObjectStore,
  cell: Cell,
  options: { readonly signal?: AbortSignal } = {},
): Promise<readonly LegacyPart[]> {
  assertCell(cell);
  const parts: LegacyPart[] = [];
  for await (const page of listPages(store, `${archivePrefix}${cell.symbol}/`, options.signal)) {
    for (const object of page) {
      const found = parseLegacyPartKey(object.key);
      if (found?.cell.date === cell.date) parts.push({ part: found.part, object });
    }
  }
  return parts.sort((a, b) => a.part - b.part);
}

/** Numbers between the first and the last part that are not there; older systems lost parts in this way. */
export function missingParts(parts: readonly LegacyPart[]): readonly number[] {
  const missing: number[] = [];
  for (const [i, { part }] of parts.entries()) {
    // Numbers begin at 1; a part 0 is one more in front.
    for (let n = i === 0 ? Math.min(1, part) : parts[i - 1]!.part + 1; n < part; n++) missing.push(n);
  }
  return missing;
}

/**
 * The lines of one file of an older system, decoded as they are read; the header may be of any tool (with a name, a time,
 * any operating system). It must be one gzip member: several, a tail, a truncated one, one that holds more than `maxBytes`
 * and any damage are errors. As there is no manifest, lines come before the checksum at the end was seen; only the end of
 * the iteration says that the file is whole. A line is handed out as it is: whether it is JSON is for its reader to say.
 *
 * @throws HousecleaningError `not-archived`, `bad-archive`, `too-large`, `unstable-read`
 */
export async function* readLegacyFile(
  store: ObjectStore,
  { key, etag }: Pick<ObjectInfo, 'key' | 'etag'>,
  options: LegacyReadOptions = {},
): AsyncGenerator<string, void, undefined> {
  const { maxBytes = legacyReadDefaults.maxBytes, maxLineBytes = legacyReadDefaults.maxLineBytes, signal } = options;
  const opened = await openObject(store, key, { ifMatch: etag, ...(signal ? { signal } : {}) });
  if (opened === undefined)
    throw new HousecleaningError('not-archived', `"${key}" is gone; look at the day again.`, key);
  try {
    const content = gunzipStrictly(opened.pieces, { gzBytes: opened.info.size, maxBytes, header: 'any' });
    yield* splitLines(content, maxLineBytes);
  } catch (error) {
    if (!isHousecleaningError(error, 'bad-archive') && !isHousecleaningError(error, 'too-large')) throw error;
    throw new HousecleaningError(error.code, `"${key}" is not read further: ${error.message}`, key, { cause: error });
  }
}
