/**
 * The archive format: one strict gzip member of NDJSON per symbol and day, and the manifest that describes every raw
 * object inside it. Bytes are carried, never parsed: what comes out of an archive is what went in.
 */
import { HousecleaningError } from './errors.ts';
import { archiveKey, type Cell } from './keys.ts';
import { createGzipEncoder, gunzipStrictly, gzipLevel } from './internal/gzip.ts';
import {
  compareSources,
  dayOf,
  encodeManifest,
  type ArchiveManifest,
  type ArchiveSource,
} from './internal/manifest.ts';
import { createMultiset } from './internal/multiset.ts';
import { createSha256, sha256Hex } from './internal/sha256.ts';
import { createPacer, inSlices } from './internal/slices.ts';

export { encodeManifest, parseManifest } from './internal/manifest.ts';
export type { ArchiveManifest, ArchiveSource } from './internal/manifest.ts';

/** A raw object on its way into an archive. */
export interface ArchiveInput {
  /** Identity as the store gave it, and the generation that brings it in. */
  readonly source: Pick<ArchiveSource, 'key' | 'etag' | 'version' | 'size' | 'uploadedMs' | 'generation'>;
  readonly bytes: Uint8Array;
}

/** What the archive is of. */
export interface BuildArchiveOptions {
  readonly cell: Cell;
  readonly generation: number;
  /** SHA-256 of the manifest of the generation before; `null` for the first. */
  readonly supersedes: string | null;
  readonly env: { readonly env: string; readonly bucketId: string };
  /** Most decompressed bytes. */
  readonly maxBytes: number;
}

/** An archive in memory, not stored yet. */
export interface BuiltArchive {
  readonly manifest: ArchiveManifest;
  /** The manifest as it is stored. */
  readonly manifestBytes: Uint8Array;
  /** SHA-256 of `manifestBytes`: the manifest's name. */
  readonly manifestSha256: string;
  /** The compressed archive. */
  readonly gz: Uint8Array;
}

const newline = Uint8Array.of(10);

/**
 * Compresses raw objects, given in ascending order of (key, generation, etag), into one archive with its manifest.
 * Holds one raw object and the compressed bytes at a time, and lets the event loop run every 256 KiB. Equal inputs give
 * equal bytes on every platform.
 *
 * @throws HousecleaningError `too-large` beyond `maxBytes`, `bad-archive` for inputs out of order
 */
export async function buildArchive(
  inputs: AsyncIterable<ArchiveInput> | Iterable<ArchiveInput>,
  options: BuildArchiveOptions,
): Promise<BuiltArchive> {
  const { cell, generation, supersedes, env, maxBytes } = options;
  const gzip = createGzipEncoder();
  const content = createSha256();
  const records = createMultiset();
  const sources: ArchiveSource[] = [];
  let offset = 0;
  let lines = 0;
  for await (const { source, bytes } of inputs) {
    const { key, etag, version, size, uploadedMs } = source;
    const before = sources.at(-1);
    if (before && compareSources(before, source) >= 0) {
      throw new HousecleaningError('bad-archive', `The source "${key}" comes out of order; sort by key first.`, key);
    }
    const addedNewline = bytes.length > 0 && bytes[bytes.length - 1] !== 10;
    const length = bytes.length + Number(addedNewline);
    if (offset + length > maxBytes) {
      throw new HousecleaningError(
        'too-large',
        `${cell.symbol} ${cell.date} holds more than ${maxBytes} bytes; raise maxCellBytes where the memory allows it.`,
        cell,
      );
    }
    const added = await addLines(records, bytes);
    for await (const piece of inSlices(bytes)) {
      gzip.push(piece);
      content.update(piece);
    }
    if (addedNewline) {
      gzip.push(newline);
      content.update(newline);
    }
    sources.push({
      key,
      etag,
      ...(version === undefined ? {} : { version }),
      size,
      uploadedMs,
      sha256: await sha256Hex(bytes),
      lines: added,
      offset,
      length,
      addedNewline,
      generation: source.generation,
    });
    offset += length;
    lines += added;
  }
  const gz = gzip.finish();
  const manifest: ArchiveManifest = {
    schema: 'hc-manifest/1',
    cell: { symbol: cell.symbol, date: cell.date },
    generation,
    supersedes,
    day: dayOf(cell.date),
    archive: {
      key: archiveKey(cell),
      gzSha256: await sha256Hex(gz),
      gzBytes: gz.length,
      sha256: content.hex(),
      bytes: offset,
      lines,
      members: 1,
      level: gzipLevel,
    },
    multiset: { alg: 'sum-sha256-mod-2^256', value: records.hex(), count: lines },
    sources,
    by: { tool: '@tapekit/housecleaning', env: env.env, bucketId: env.bucketId },
  };
  const manifestBytes = encodeManifest(manifest);
  return { manifest, manifestBytes, manifestSha256: await sha256Hex(manifestBytes), gz };
}

/** A raw object out of an archive. */
export interface ArchivedSource {
  readonly source: ArchiveSource;
  /** The raw bytes, without an added newline. */
  readonly bytes: Uint8Array;
}

/**
 * Decodes an archive source by source, each checked against its own digest before it is handed out. Only when the
 * iteration ends without an error is the whole proven: transport digest, one strict gzip member, content digest,
 * every source, every line count.
 *
 * @throws HousecleaningError `bad-archive`
 */
export async function* decodeArchive(
  gz: Uint8Array,
  manifest: ArchiveManifest,
): AsyncGenerator<ArchivedSource, void, undefined> {
  const { archive } = manifest;
  if (gz.length !== archive.gzBytes) throw differs(manifest, `its size is ${gz.length}, not ${archive.gzBytes} bytes`);
  if ((await sha256Hex(gz)) !== archive.gzSha256) throw differs(manifest, 'its bytes have another SHA-256');
  const content = createSha256();
  const records = createMultiset();
  const queue = manifest.sources.values();
  let current = queue.next();
  let buffer = new Uint8Array(current.value?.length ?? 0);
  let filled = 0;
  const pacer = createPacer();
  for (const piece of gunzipStrictly(gz, archive.bytes)) {
    await pacer.took(piece.length);
    content.update(piece);
    for (let at = 0; at < piece.length;) {
      while (!current.done && filled === buffer.length) {
        yield await checked(current.value, buffer, records, manifest);
        current = queue.next();
        buffer = new Uint8Array(current.value?.length ?? 0);
        filled = 0;
      }
      if (current.done) throw differs(manifest, 'it holds more than its sources');
      const taken = Math.min(buffer.length - filled, piece.length - at);
      buffer.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
    }
  }
  while (!current.done && filled === buffer.length) {
    yield await checked(current.value, buffer, records, manifest);
    current = queue.next();
    buffer = new Uint8Array(current.value?.length ?? 0);
    filled = 0;
  }
  if (!current.done) throw differs(manifest, 'it ends before its last source');
  if (content.hex() !== archive.sha256) throw differs(manifest, 'its content has another SHA-256');
  if (records.hex() !== manifest.multiset.value)
    throw differs(manifest, 'its records are not the ones that were archived');
}

/**
 * Decodes everything and compares every digest.
 *
 * @throws HousecleaningError `bad-archive`
 */
export async function verifyArchiveBytes(gz: Uint8Array, manifest: ArchiveManifest): Promise<void> {
  const sources = decodeArchive(gz, manifest);
  while (!(await sources.next()).done) continue;
}

async function checked(
  source: ArchiveSource,
  buffer: Uint8Array,
  records: ReturnType<typeof createMultiset>,
  manifest: ArchiveManifest,
): Promise<ArchivedSource> {
  if (source.addedNewline && buffer[source.size] !== 10) throw differs(manifest, `"${source.key}" lost its newline`);
  const bytes = source.addedNewline ? buffer.subarray(0, source.size) : buffer;
  if ((await sha256Hex(bytes)) !== source.sha256)
    throw differs(manifest, `the bytes of "${source.key}" have another SHA-256`);
  if ((await addLines(records, bytes)) !== source.lines)
    throw differs(manifest, `"${source.key}" has another number of lines`);
  return { source, bytes };
}

async function addLines(records: ReturnType<typeof createMultiset>, bytes: Uint8Array): Promise<number> {
  let added = 0;
  for await (const slice of inSlices(bytes, { lines: true })) added += records.addLines(slice);
  return added;
}

function differs(manifest: ArchiveManifest, why: string): HousecleaningError {
  return new HousecleaningError(
    'bad-archive',
    `The archive "${manifest.archive.key}" is not what manifest generation ${manifest.generation} declares: ${why}.`,
    manifest.archive.key,
  );
}
