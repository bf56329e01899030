import { describeArchive, digestSources, openArchivedSources, type SourceOpener } from '../archive.ts';
import { defaultCodec, type Codec } from '../codec.ts';
import { HousecleaningError, isObjectStoreError } from '../errors.ts';
import { archiveKey, type Cell } from '../keys.ts';
import type { ObjectInfo } from '../object-store.ts';
import type { ProvenArchive } from './base.ts';
import type { ArchiveDigest } from './digester.ts';
import type { GzipIdentity } from './encode-archive.ts';
import {
  compareSources,
  completeManifest,
  encodeManifest,
  manifestDay,
  type ArchiveManifest,
  type OrderedSource,
} from './manifest.ts';
import { findLostSource } from './plan.ts';
import { packArchive, type PackedBytes } from './pack-archive.ts';
import { openSource, provesItself } from './reading.ts';
import { createRecordReader, type RecordSummary } from './records.ts';
import { restart, type RunContext } from './run-context.ts';
import { sha256Hex } from './sha256.ts';
import { piecesOfBody } from './streams.ts';

/** The next generation of a cell, digested; encoded where that took no second pass. */
export interface Draft {
  readonly cell: Cell;
  readonly codec: Codec;
  readonly digest: ArchiveDigest;
  /** Its compressed bytes, decoded again and compared with what was digested, where they are few enough to be held. */
  readonly packed: PackedBytes | undefined;
  /** The raw objects in the order of the archive, once more. */
  inputs(): AsyncIterable<SourceOpener>;
  /** The manifest of these sources under certain gzip bytes. */
  describe(identity: GzipIdentity): Promise<DraftManifest>;
}

/** A manifest, how it is stored, and its name. */
export interface DraftManifest {
  readonly manifest: ArchiveManifest;
  readonly manifestBytes: Uint8Array;
  readonly manifestSha256: string;
}

/**
 * P3: reads the base and the new raw objects and digests what the next generation will hold. What is small enough
 * when it is compressed is compressed on the way; of a larger cell nothing stays in memory, and {@link Draft.inputs} reads
 * the store again.
 *
 * @throws HousecleaningError `too-large`, `unstable-read`, `bad-archive` if the generation would lose something
 */
export async function draftGeneration(
  context: RunContext,
  cell: Cell,
  base: ProvenArchive | undefined,
  additions: readonly ObjectInfo[],
  onRead: (done: number) => void,
): Promise<Draft> {
  const { options } = context;
  const codec = options.codec ?? defaultCodec();
  const generation = (base?.manifest.generation ?? 0) + 1;
  const build = {
    cell,
    generation,
    supersedes: base?.manifestSha256 ?? null,
    env: options.env,
    maxBytes: options.maxCellBytes,
    codec,
  };
  const bytes = additions.reduce((sum, { size }) => sum + size, base?.manifest.archive.bytes ?? 0);
  const isOnePass = mayBeOnePass(bytes, additions, options.bufferBytes);
  const records = new Map<string, RecordSummary>();
  for (const source of base?.manifest.sources ?? []) if (source.records) records.set(nameOf(source), source.records);

  const reading = { context, cell, base, additions, generation, records, isOnePass };
  const first = mergedInputs(reading, false, onRead);
  const { digest, packed } = isOnePass
    ? await packArchive(first, { ...build, selfVerify: 'strict', maxGzBytes: options.bufferBytes })
    : { digest: await digestSources(first, build), packed: undefined };
  assertNothingLost(base?.manifest, digest);
  return {
    cell,
    codec,
    digest,
    packed,
    inputs: () => mergedInputs(reading, true, onRead),
    async describe(identity) {
      const described = await describeArchive(digest, identity, build);
      const manifest = completeManifest(described.manifest, options.day, (source) => records.get(nameOf(source)));
      const manifestBytes = encodeManifest(manifest);
      return { manifest, manifestBytes, manifestSha256: await sha256Hex(manifestBytes) };
    },
  };
}

/** How many times smaller a tape gets, roughly: what is larger by more would be compressed in vain. */
const usualRatio = 8;

/** Whether a cell is likely to fit when it is compressed, and each raw object proves itself without a second pass. */
function mayBeOnePass(bytes: number, additions: readonly ObjectInfo[], bufferBytes: number): boolean {
  return bytes <= usualRatio * bufferBytes && additions.every(provesItself);
}

/** I3: a generation holds every source and every record of the one before. */
export function assertNothingLost(base: ArchiveManifest | undefined, digest: ArchiveDigest): void {
  if (base === undefined) return;
  const lost = findLostSource(base, digest);
  const { value, count } = base.multiset;
  if (!lost && digest.kept.multiset === value && digest.kept.lines === count) return;
  throw new HousecleaningError(
    'bad-archive',
    `The next generation would lose ${lost ? `"${lost.key}"` : 'records of the one before'}; this is a defect. Nothing was published.`,
    lost,
  );
}

interface Reading {
  readonly context: RunContext;
  readonly cell: Cell;
  readonly base: ProvenArchive | undefined;
  readonly additions: readonly ObjectInfo[];
  readonly generation: number;
  readonly records: Map<string, RecordSummary>;
  readonly isOnePass: boolean;
}

/** The sources of the base and the new objects in the order of the archive. */
async function* mergedInputs(
  reading: Reading,
  isSecondPass: boolean,
  onRead: (done: number) => void,
): AsyncGenerator<SourceOpener, void, undefined> {
  const { context, base, additions, generation } = reading;
  const { signal } = context.options;
  const fresh = additions.map((object) => ({ ...object, generation })).sort(compareSources);
  let next = 0;
  async function* until(limit: OrderedSource | undefined): AsyncGenerator<SourceOpener, void, undefined> {
    for (let source = fresh[next]; source !== undefined; source = fresh[next]) {
      if (limit && compareSources(source, limit) > 0) return;
      next += 1;
      onRead(next);
      const listed = source;
      const how = { signal, isSecondPass, comparedLater: !reading.isOnePass };
      const open = (): AsyncIterable<Uint8Array> =>
        openSource(context.store, listed, how, () => restart(`"${listed.key}" is gone`));
      yield { source, open: isSecondPass ? open : () => described(reading, listed, open()) };
    }
  }
  if (base) {
    const object = await context.store
      .get(archiveKey(reading.cell), { ifMatch: base.info.etag, ...(signal ? { signal } : {}) })
      .catch((error: unknown): undefined => {
        if (!isObjectStoreError(error, 'precondition-failed')) throw error;
      });
    if (object === undefined) return restart('the archive moved on');
    for await (const opener of openArchivedSources(piecesOfBody(object.body), base.manifest)) {
      yield* until(opener.source);
      yield opener;
    }
  }
  yield* until(undefined);
}

/** The bytes of a new raw object, with their records read on the way where somebody can read them. */
async function* described(
  { context, cell, records, generation }: Reading,
  listed: ObjectInfo,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { describeRecord, day } = context.options;
  if (describeRecord === undefined) {
    yield* pieces;
    return;
  }
  const reader = createRecordReader(describeRecord, manifestDay(cell.date, day));
  for await (const piece of pieces) {
    reader.push(piece);
    yield piece;
  }
  records.set(nameOf({ ...listed, generation }), reader.finish());
}

function nameOf({ key, generation, etag }: OrderedSource): string {
  return `${generation} ${etag} ${key}`;
}
