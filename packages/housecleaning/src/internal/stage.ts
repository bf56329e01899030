import { encodeArchive, verifyArchiveStream } from '../archive.ts';
import type { Decoder } from '../codec.ts';
import { HousecleaningError, isHousecleaningError, isObjectStoreError } from '../errors.ts';
import { manifestKey, rawPrefix, stageKey, stagePrefix } from '../keys.ts';
import type { ObjectInfo, StoredObject } from '../object-store.ts';
import { isDigestFault, storedManifest } from './base.ts';
import type { Draft, DraftManifest } from './build.ts';
import type { GzipIdentity } from './encode-archive.ts';
import { listAll } from './listing.ts';
import type { PackedBytes } from './pack-archive.ts';
import { infoOf } from './reading.ts';
import { noteStoreTime, restart, RestartCell, type RunContext, type TellStep } from './run-context.ts';
import { createSha256, sha256Hex } from './sha256.ts';
import { stageKeysOf } from './stage-keys.ts';
import { piecesOfBody, streamOf } from './streams.ts';

/** A staged archive that was read back and proven. */
export interface Staged extends DraftManifest {
  readonly info: ObjectInfo;
  /** Its bytes, where they are in memory. */
  readonly bytes?: Uint8Array;
}

/**
 * P4 to P7: encodes a draft that is not encoded yet, proves the encoder's output, puts the manifest and the staged copy, and
 * proves that by reading it back. A staged copy of the same content that is there already is taken as it is, also with
 * other gzip bytes (of another platform): then the manifest names those.
 */
export async function stageDraft(context: RunContext, draft: Draft, step: TellStep): Promise<Staged> {
  const { packed } = draft;
  const staged = packed ? await stageBytes(context, draft, packed, step) : await stageStream(context, draft, step);
  if (staged) return staged;
  throw new HousecleaningError(
    'unstable-read',
    `No staged copy of ${draft.cell.symbol} ${draft.cell.date} could be read back intact; look at "${stagePrefix}".`,
    draft.cell,
  );
}

async function stageBytes(
  context: RunContext,
  draft: Draft,
  { gz, ...identity }: PackedBytes,
  step: TellStep,
): Promise<Staged | undefined> {
  const { cell, digest } = draft;
  const described = await draft.describe(identity);
  step('manifest', 0, 1);
  await putManifest(context, draft, described);
  step('stage', 0, 1);
  for (const key of stageKeysOf(cell, digest.sha256)) {
    let isOurs = true;
    try {
      const { gzSha256 } = described.manifest.archive;
      const asked = { ifAbsent: true, sha256: gzSha256, ...signalOf(context) };
      noteStoreTime(context, await context.store.put(key, gz, asked));
    } catch (error) {
      if (!isObjectStoreError(error, 'precondition-failed')) throw error;
      isOurs = false;
    }
    const info = await proveStage(context, key, described);
    if (info) return { ...described, info, bytes: gz };
    const adopted = isOurs ? undefined : await adopt(context, draft, key);
    if (adopted) return adopted;
  }
  return undefined;
}

async function stageStream(context: RunContext, draft: Draft, step: TellStep): Promise<Staged | undefined> {
  const { cell, digest } = draft;
  const { store, options } = context;
  // Looked for first: encoding is what costs.
  const folder = stageKey(cell, digest.sha256).slice(0, -`${digest.sha256}.jsonl.gz`.length);
  const there = new Set((await listAll(store, folder, options.maxSources, options.signal)).map(({ key }) => key));
  for (const key of stageKeysOf(cell, digest.sha256)) {
    if (there.has(key)) {
      const adopted = await adopt(context, draft, key);
      if (adopted) return adopted;
      continue;
    }
    step('stage', 0, 1);
    let described: DraftManifest | undefined;
    let failure: { readonly error: unknown } | undefined;
    const encoding = encodeArchive(draft.inputs(), digest, {
      codec: draft.codec,
      async beforeEnd(identity) {
        described = await draft.describe(identity);
        await putManifest(context, draft, described);
      },
    });
    const body = (async function* () {
      try {
        yield* encoding.body;
      } catch (error) {
        failure = { error };
        throw error;
      }
    })();
    try {
      // Without a condition, which a store cannot keep for a body in parts: the key was free a moment ago, and whoever
      // else takes it puts the same content there.
      noteStoreTime(context, await store.put(key, streamOf(body), signalOf(context)));
    } catch (error) {
      // What the encoder says counts, whatever the store made of it.
      if (failure) throw asRestart(failure.error);
      throw error;
    }
    const info = await proveStage(context, key, described!);
    if (info) return { ...described!, info };
    const adopted = await adopt(context, draft, key);
    if (adopted) return adopted;
  }
  return undefined;
}

/** P5. */
async function putManifest(context: RunContext, draft: Draft, described: DraftManifest): Promise<void> {
  const bytes = await storedManifest(described.manifestBytes, (source) => draft.codec.deflate(source));
  const sha256 = await sha256Hex(bytes);
  try {
    const key = manifestKey(draft.cell, described.manifestSha256);
    noteStoreTime(context, await context.store.put(key, bytes, { ifAbsent: true, sha256, ...signalOf(context) }));
  } catch (error) {
    if (!isObjectStoreError(error, 'precondition-failed')) throw error;
  }
}

/** P7: reads a staged copy back and proves it; `undefined` if it is not what the manifest declares. */
async function proveStage(
  context: RunContext,
  key: string,
  { manifest }: DraftManifest,
  decoder: Decoder = 'native',
): Promise<ObjectInfo | undefined> {
  // Two reads: a flipped bit on the way is no damage in the store.
  for (let attempt = 1; attempt <= 2; attempt++) {
    const object = await open(context, key);
    if (object === undefined) return undefined;
    try {
      // The digests imply the multiset, which P9 proves once more.
      await verifyArchiveStream(piecesOfBody(object.body), manifest, { decoder, multiset: false });
      return infoOf(object);
    } catch (error) {
      if (!isDigestFault(error)) throw error;
    }
  }
  return undefined;
}

/** Takes a staged copy with other gzip bytes, if its content is that of the draft. */
async function adopt(context: RunContext, draft: Draft, key: string): Promise<Staged | undefined> {
  const object = await open(context, key);
  if (object === undefined) return undefined;
  const described = await draft.describe(await identify(object));
  await putManifest(context, draft, described);
  // Nobody here encoded it, so nobody has seen what another decoder than the platform's makes of it.
  const info = await proveStage(context, key, described, 'strict');
  return info && { ...described, info };
}

async function identify(object: StoredObject): Promise<GzipIdentity> {
  const hash = createSha256();
  let gzBytes = 0;
  for await (const piece of piecesOfBody(object.body)) {
    hash.update(piece);
    gzBytes += piece.length;
  }
  return { gzSha256: hash.hex(), gzBytes };
}

function open(context: RunContext, key: string): Promise<StoredObject | undefined> {
  return context.store.get(key, signalOf(context));
}

function signalOf({ options: { signal } }: RunContext): { readonly signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** A raw object that changed between two reads starts the cell over. */
function asRestart(error: unknown): unknown {
  if (error instanceof RestartCell || !isHousecleaningError(error, 'unstable-read')) return error;
  return typeof error.subject === 'string' && error.subject.startsWith(rawPrefix)
    ? new RestartCell(error.message, { cause: error })
    : error;
}

/** The staged bytes, opened pinned; starts over if they are no longer the ones that were proven. */
export async function openStaged(
  context: RunContext,
  staged: Staged,
): Promise<Uint8Array | ReadableStream<Uint8Array>> {
  if (staged.bytes) return staged.bytes;
  const { signal } = context.options;
  const { key, etag } = staged.info;
  try {
    const object = await context.store.get(key, { ifMatch: etag, ...(signal ? { signal } : {}) });
    return object?.body ?? restart('the staged copy is gone');
  } catch (error) {
    if (isObjectStoreError(error, 'precondition-failed')) return restart('the staged copy was replaced');
    throw error;
  }
}
