import { HousecleaningError } from '../errors.ts';
import { assertMarketDay, dayBounds, utcDay, type MarketDay } from '../days.ts';
import { archiveKey, isDate, isSha256, isSymbol, parseRawCell, type Cell } from '../keys.ts';
import { compareUtf8, fromUtf8, toUtf8 } from './utf8.ts';
import { gzipLevel } from './gzip.ts';
import { addVolumes, type RecordSummary, type Volume } from './records.ts';

/** One raw object inside an archive: which it was, and where its bytes are. */
export interface ArchiveSource {
  readonly key: string;
  /** The store's identity of the object that was read; only this one may be deleted. */
  readonly etag: string;
  /** Present on stores that number their writes. */
  readonly version?: string;
  /** Bytes of the raw object. */
  readonly size: number;
  /** When the store accepted the object, epoch ms UTC. */
  readonly uploadedMs: number;
  /** SHA-256 of the raw bytes, hex. */
  readonly sha256: string;
  /** Records: non-empty lines. */
  readonly lines: number;
  /** First byte in the decompressed archive. */
  readonly offset: number;
  /** Bytes in the decompressed archive: `size`, plus 1 if a newline was added. */
  readonly length: number;
  /** The raw object did not end in a newline; the archive has one after it. */
  readonly addedNewline: boolean;
  /** The generation that brought it in. */
  readonly generation: number;
  /** What its records say; only where the run that brought it in could read them. */
  readonly records?: RecordSummary;
}

/** What a date means, and the time that it covers: start inclusive, end exclusive. */
export interface ManifestDay {
  readonly tz: string;
  /** `00:00` where it is left out. */
  readonly dayStart?: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * Everything that an archive promises, in one immutable document whose name is its digest. It holds no run id, no version
 * of a tool and no time of its own: the same sources make the same bytes, so a repeated run makes the same manifest. Which
 * run it was, and under which configuration, stands in the journal. `hc-manifest/1` is read for ever; `hc-manifest/2`
 * adds days other than those of UTC, `records` and `volume`.
 */
export interface ArchiveManifest {
  readonly schema: 'hc-manifest/1' | 'hc-manifest/2';
  readonly cell: Cell;
  /** 1 for the first archive of the cell; every generation holds all sources of the one before. */
  readonly generation: number;
  /** SHA-256 of the manifest of the generation before. */
  readonly supersedes: string | null;
  readonly day: ManifestDay;
  readonly archive: {
    readonly key: string;
    /** Of the compressed bytes. */
    readonly gzSha256: string;
    readonly gzBytes: number;
    /** Of the decompressed bytes. */
    readonly sha256: string;
    readonly bytes: number;
    readonly lines: number;
    readonly members: 1;
    readonly level: typeof gzipLevel;
  };
  /** Digest of the records that does not depend on their order. */
  readonly multiset: {
    readonly alg: 'sum-sha256-mod-2^256';
    readonly value: string;
    readonly count: number;
    /** Traded size of all records, where every raw object has its `records`. */
    readonly volume?: Volume;
  };
  /** In ascending order of (key, generation, etag). */
  readonly sources: readonly ArchiveSource[];
  readonly by: { readonly tool: '@tapekit/housecleaning'; readonly env: string; readonly bucketId: string };
}

/** Start and end of a UTC day, epoch ms, as in `hc-manifest/1`. */
export function dayOf(date: string): ManifestDay {
  return { tz: 'UTC', ...dayBounds(date, utcDay) };
}

/** Start and end of a market's day, epoch ms, as in `hc-manifest/2`. */
export function manifestDay(date: string, { tz, dayStart }: MarketDay): ManifestDay {
  return { tz, dayStart, ...dayBounds(date, { tz, dayStart }) };
}

/** True if a manifest means the same by its date as a configuration. */
export function meansDay({ day }: ArchiveManifest, { tz, dayStart }: MarketDay): boolean {
  return day.tz === tz && (day.dayStart ?? utcDay.dayStart) === dayStart;
}

/**
 * A manifest of what the archive format knows, completed by what only the run knows: the market's day and the summaries of
 * records, by `key` and `generation`.
 */
export function completeManifest(
  manifest: ArchiveManifest,
  day: MarketDay,
  records: (source: ArchiveSource) => RecordSummary | undefined,
): ArchiveManifest {
  const sources = manifest.sources.map((source) => {
    const summary = records(source);
    return summary ? { ...source, records: summary } : source;
  });
  const volumes = sources.map(({ records: summary }) => summary?.volume).filter((volume) => volume !== undefined);
  const { alg, value, count } = manifest.multiset;
  return {
    ...manifest,
    schema: 'hc-manifest/2',
    day: manifestDay(manifest.cell.date, day),
    multiset: {
      ...{ alg, value, count },
      ...(volumes.length > 0 && volumes.length === sources.length ? { volume: addVolumes(volumes) } : {}),
    },
    sources,
  };
}

/** Order of sources in an archive. */
export function compareSources(a: OrderedSource, b: OrderedSource): number {
  return compareUtf8(a.key, b.key) || a.generation - b.generation || compareUtf8(a.etag, b.etag);
}

export type OrderedSource = Pick<ArchiveSource, 'key' | 'generation' | 'etag'>;

/** The bytes of a manifest; equal manifests have equal bytes. */
export function encodeManifest(manifest: ArchiveManifest): Uint8Array {
  return toUtf8(`${JSON.stringify(manifest)}\n`);
}

/**
 * Reads a manifest and checks that it agrees with itself.
 *
 * @throws HousecleaningError `bad-manifest`
 */
export function parseManifest(bytes: Uint8Array, cell: Cell): ArchiveManifest {
  let raw: unknown;
  try {
    raw = JSON.parse(fromUtf8(bytes));
  } catch (error) {
    throw bad('it is not JSON', undefined, error);
  }
  const fault = findFault(raw as ArchiveManifest, cell);
  if (fault !== undefined) throw bad(fault, raw);
  return raw as ArchiveManifest;
}

function findFault(m: ArchiveManifest, cell: Cell): string | undefined {
  try {
    const schema: string = m.schema;
    if (schema !== 'hc-manifest/1' && schema !== 'hc-manifest/2')
      return `its schema is ${JSON.stringify(m.schema)}, not "hc-manifest/1" or "hc-manifest/2"`;
    if (!isSymbol(m.cell.symbol) || !isDate(m.cell.date)) return 'its cell is malformed';
    if (m.cell.symbol !== cell.symbol || m.cell.date !== cell.date) return 'it describes another cell';
    if (!isCount(m.generation) || m.generation < 1) return 'its generation is not 1 or more';
    if (m.generation === 1 ? m.supersedes !== null : !isSha256(m.supersedes))
      return 'it does not name what it supersedes';
    if (JSON.stringify(m.day) !== JSON.stringify(expectedDay(m))) return 'its day is not the one of its date';
    const { archive, multiset, sources } = m;
    if (archive.key !== archiveKey(cell)) return 'it names another archive';
    if (!isSha256(archive.gzSha256) || !isSha256(archive.sha256) || !isSha256(multiset.value))
      return 'a digest is malformed';
    if ((archive.members as number) !== 1 || (archive.level as number) !== gzipLevel)
      return 'its archive has another format';
    if (!isCount(archive.gzBytes)) return 'the size of its archive is no count';
    if ((multiset.alg as string) !== 'sum-sha256-mod-2^256') return 'its multiset is of another kind';
    if (typeof m.by.env !== 'string' || typeof m.by.bucketId !== 'string') return 'it does not say where it was made';
    let offset = 0;
    let lines = 0;
    for (const [i, s] of sources.entries()) {
      const where = parseRawCell(s.key);
      if (where?.symbol !== cell.symbol || where.date !== cell.date) return `source ${i} is no raw key of the cell`;
      if (!isSha256(s.sha256) || typeof s.etag !== 'string' || s.etag === '') return `source ${i} has no identity`;
      if (s.version !== undefined && typeof s.version !== 'string') return `source ${i} has a malformed version`;
      if (![s.size, s.lines, s.offset, s.length, s.generation].every(isCount))
        return `source ${i} has a malformed number`;
      if (typeof s.uploadedMs !== 'number' || typeof s.addedNewline !== 'boolean') return `source ${i} is incomplete`;
      if (s.records !== undefined && !isSummary(s.records)) return `source ${i} has malformed records`;
      if (s.generation < 1 || s.generation > m.generation) return `source ${i} is of a later generation`;
      if (s.offset !== offset || s.length !== s.size + Number(s.addedNewline))
        return `source ${i} is not where it should be`;
      if (i > 0 && compareSources(sources[i - 1]!, s) >= 0) return `source ${i} is out of order`;
      offset += s.length;
      lines += s.lines;
    }
    if (offset !== archive.bytes) return 'its sources do not add up to its bytes';
    if (lines !== archive.lines || lines !== multiset.count) return 'its sources do not add up to its lines';
    return undefined;
  } catch {
    return 'a part of it is missing';
  }
}

/** The day that a manifest of its schema must have. */
function expectedDay({ schema, cell, day: { tz, dayStart } }: ArchiveManifest): ManifestDay {
  if (schema === 'hc-manifest/1') return dayOf(cell.date);
  const day = { tz, dayStart: dayStart! };
  assertMarketDay(day);
  return manifestDay(cell.date, day);
}

function isSummary(summary: RecordSummary): boolean {
  const { minTimeMs, maxTimeMs, firstId, lastId, volume, undescribed, misdated } = summary;
  const isDecimal = (text: unknown): boolean => typeof text === 'string' && /^\d+(\.\d+)?$/.test(text);
  return (
    [minTimeMs, maxTimeMs].every((time) => time === null || Number.isFinite(time)) &&
    [firstId, lastId].every((id) => id === null || typeof id === 'string') &&
    [volume.buy, volume.sell, volume.unknown].every(isDecimal) &&
    isCount(undescribed) &&
    isCount(misdated)
  );
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function bad(why: string, subject: unknown, cause?: unknown): HousecleaningError {
  return new HousecleaningError('bad-manifest', `The manifest was refused: ${why}.`, subject, { cause });
}
